"""What a passport is about, and which months its windows hold."""

import datetime as dt
from dataclasses import dataclass, replace

from governance_app.domain.errors import Sentence
from governance_app.domain.periods import add_months
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.passports import catalogue

FOREVER = dt.date(9999, 12, 1)


class NoPassport(Sentence):
    """There is no such figure, or nothing of that name that the viewer may see."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a figure is about: an initiative, or a part of the tree; and one month of it."""

    text: str
    name: str
    initiative: Initiative | None = None
    node: ScopeNode | None = None
    month: dt.date | None = None

    def at_month(self, month: dt.date) -> str:
        """Write the subject of one of its months."""
        return f"{self.text.partition('@')[0]}@{month:%Y-%m}"


def window(name: str, through: dt.date, at: Moment) -> tuple[dt.date | None, dt.date]:
    """Give the first and last month of a window that ends with ``through``."""
    year = replace(at, on=add_months(through, 1)).window
    return {
        "to_date": (None, through),
        "year": (year.year_first, through),
        "full_year": (year.year_first, year.year_last),
        "month": (through, through),
        "ahead": (add_months(through, 1), FOREVER),
    }[name]


def name_of(column: str) -> str:
    """Give the figure that shows a column."""
    return next(name for name, (each, *_) in catalogue.COLUMNS.items() if each == column)
