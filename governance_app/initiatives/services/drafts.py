"""An initiative before it has a number: what many-at-once services take."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from governance_app.domain.errors import Sentence
from governance_app.initiatives import choices
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode

#: What ``add`` and ``edit`` may set besides name, unit and stage; all else has its own service.
EDITABLE = frozenset(
    {
        "kind", "parent", "reference", "purpose", "planned_start_on", "planned_end_on",
        "started_on", "ended_on", "time_box_on", "sponsor", "business_owner", "technical_owner",
        "risk_owner", "program_manager", "ai_type", "modality", "deployment_target", "autonomy",
        "data_classes", "risk_flags", "vendor", "sourcing", "expected_value",
        "expected_value_currency", "tags", "extra", "status", "status_sentence", "status_on",
    }
)  # fmt: skip
_CHOICES: dict[str, Mapping[str, str]] = {
    "kind": choices.KINDS,
    "status": choices.STATUSES,
    "ai_type": choices.AI_TYPES,
    "modality": choices.MODALITIES,
    "deployment_target": choices.DEPLOYMENT_TARGETS,
    "autonomy": choices.AUTONOMIES,
    "sourcing": choices.SOURCINGS,
}
_LISTS: dict[str, Mapping[str, str]] = {
    "data_classes": choices.DATA_CLASSES,
    "risk_flags": choices.RISK_FLAGS,
}


@dataclass(frozen=True)
class StagePlan:
    """When a stage was meant to be entered, and when it was, with the reason if one is known."""

    stage: str
    planned_on: dt.date | None = None
    actual_on: dt.date | None = None
    planned_precision: str = "day"
    actual_precision: str = "day"
    reason: str = ""


@dataclass(frozen=True)
class Draft:
    """
    What is known of an initiative that shall be added.

    ``stage`` is a slug, empty when unknown. ``details`` are fields of ``EDITABLE``. ``stages``
    tells its life so far and its plan; moves are made from the actual dates up to ``stage``.
    """

    name: str
    unit: ScopeNode
    stage: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    stages: Sequence[StagePlan] = ()
    reason: str = ""


def check_details(details: Mapping[str, Any]) -> None:
    """
    Refuse fields and values an initiative cannot have.

    Raises:
        Sentence: names the field; lists the choices where there are any.
    """
    unknown = sorted(set(details) - EDITABLE)
    if unknown:
        raise Sentence(f"An initiative has no field {unknown[0]} that can be edited.")
    for name, known in _CHOICES.items():
        value = details.get(name, "")
        if value and value not in known:
            raise Sentence(
                f"{_words(name)} cannot be “{value}”. Choose one of: {', '.join(known.values())}."
            )
    for name, known in _LISTS.items():
        wrong = [value for value in details.get(name) or () if value not in known]
        if wrong:
            raise Sentence(
                f"{_words(name)} cannot hold “{wrong[0]}”. Choose from:"
                f" {', '.join(known.values())}."
            )
    value = details.get("expected_value")
    if value is not None and value < 0:
        raise Sentence("The expected value cannot be negative.")
    if value is not None and not details.get("expected_value_currency"):
        raise Sentence("The expected value needs a currency.")


def check_name(name: str) -> str:
    """Give a name trimmed, or refuse it."""
    name = " ".join(name.split())
    if not name:
        raise Sentence("An initiative needs a name.")
    limit = Initiative._meta.get_field("name").max_length
    if limit is not None and len(name) > limit:
        raise Sentence(f"The name holds {len(name)} characters; the most is {limit}.")
    return name


def check_tree(*, initiative: Initiative | None, parent: Initiative | None, kind: str) -> None:
    """
    Refuse a parent that would make the tree portfolio > programme > initiative wrong or round.

    Raises:
        Sentence: says which.
    """
    if parent is None:
        return
    order = list(choices.KINDS)
    if order.index(parent.kind) >= order.index(kind):
        raise Sentence(
            f"A {choices.KINDS[kind].lower()} cannot stand under {parent}, which is a"
            f" {choices.KINDS[parent.kind].lower()}."
        )
    step: Initiative | None = parent
    while step is not None:
        if initiative is not None and step.pk == initiative.pk:
            raise Sentence(f"{initiative} cannot stand under itself.")
        step = step.parent


def moves_of(
    stages: Iterable[StagePlan], *, upto: str, order: Sequence[str], today: dt.date
) -> list[StagePlan]:
    """
    Pick the entries into stages that happened, in the order they did.

    Entries after ``today`` or beyond the stage it is in now did not happen, whatever was
    written; with an unknown present stage every past entry counts.

    >>> day = dt.date
    >>> told = [StagePlan("pilot", None, day(2024, 3, 1)), StagePlan("idea", None, day(2024, 1, 1))]
    >>> order = ["idea", "pilot"]
    >>> [each.stage for each in moves_of(told, upto="pilot", order=order, today=day(2025, 1, 1))]
    ['idea', 'pilot']
    """
    last = order.index(upto) if upto in order else len(order)
    past = [
        each
        for each in stages
        if each.actual_on is not None
        and each.actual_on <= today
        and each.stage in order
        and order.index(each.stage) <= last
    ]
    return sorted(past, key=lambda each: (each.actual_on or today, order.index(each.stage)))


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
