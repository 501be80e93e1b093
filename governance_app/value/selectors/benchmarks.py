"""What the field aims at: the newest that somebody set, else what ships with the product."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from governance_app.domain.phrases import phrase
from governance_app.people.models import User
from governance_app.value import choices
from governance_app.value.models import Benchmark


@dataclass(frozen=True, slots=True)
class FieldAim:
    """One aim of the field: at least ``low``, up to ``high`` where it is a band."""

    key: str
    words: str
    low: Decimal
    high: Decimal | None
    source: str
    read_on: dt.date | None
    is_own: bool


#: METHOD section 9; where nobody set another.
SHIPPED = {
    "efficiency_gain": Decimal("0.25"),
    "ai_share": Decimal("0.40"),
    "adoption": Decimal("0.65"),
}
_SHIPPED_SOURCE = phrase("Ships with the product as an example: name your own source.")


def field_aims(*, viewer: User, on: dt.date) -> dict[str, FieldAim]:
    """Give each aim in force on a day."""
    rows = Benchmark.objects.visible_to(viewer).filter(from_on__lte=on).order_by("from_on", "pk")
    own = {row.key: row for row in rows}
    found = {}
    for key, words in choices.BENCHMARKS.items():
        row = own.get(key)
        if row is None:
            found[key] = FieldAim(key, words, SHIPPED[key], None, _SHIPPED_SOURCE, None, False)
        else:
            found[key] = FieldAim(key, words, row.low, row.high, row.source, row.read_on, True)
    return found
