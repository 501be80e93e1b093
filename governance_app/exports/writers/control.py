from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass
class Control:
    """
    What stands beside an export so that a reader can trust it.

    ``totals``: currency -> cost basis -> the exact sum the rows must have.
    """

    words: str
    asked_by: str
    made_at: datetime
    totals: Mapping[str, Mapping[str, Decimal]]
    notes: list[str] = field(default_factory=list)
