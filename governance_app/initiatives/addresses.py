"""What the address of the explorer narrows the register to; anything else in it is left out."""

import datetime as dt
import uuid

from django.http import QueryDict

from governance_app.initiatives.selectors.register import RegisterFilters

#: Filters that hold alternatives, as they are called in the address.
FACETS = (
    "stage", "status", "ai_type", "deployment_target", "sourcing", "risk_flag", "data_class",
    "kind", "vendor", "tag",
)  # fmt: skip


def filters_in(get: QueryDict, *, on: dt.date) -> RegisterFilters:
    """Give the filters of an address; ``on`` is the day that time boxes are held against."""
    several = {name: tuple(value for value in get.getlist(name) if value) for name in FACETS}
    return RegisterFilters(
        **several,
        unit=identity(get.get("unit", "")),
        owner=identity(get.get("owner", "")),
        past_time_box_on=on if get.get("late") else None,
    )


def identity(text: str | None) -> str:
    """Give a text that is an id, or nothing."""
    try:
        return str(uuid.UUID(text or ""))
    except ValueError:
        return ""
