from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import ClassVar

import polars as pl

from governance_app.domain.money import EXACT
from governance_app.exports.columns import BASES, Column
from governance_app.people.models import User
from governance_app.spend import selectors as spend
from governance_app.spend.selectors import SpendFilter

Controls = Mapping[str, Mapping[str, Decimal]]

#: What the books call a line, by the dated coding rules.
CODING = (
    Column("entity", "Legal entity", width=12),
    Column("payer", "Paying entity", width=12),
    Column("cost_centre", "Cost centre", width=14),
    Column("gl_account", "GL account", width=12),
    Column("project", "Project (WBS)", width=14),
    Column("vendor", "Vendor number", width=12),
    Column("tax_code", "Tax code", width=9),
)


class Sheet(ABC):
    """
    One kind of report. Its frames have exactly ``columns``.

    ``amounts``: column -> name of its control total. ``currency``: the column that holds the
    currency of a row's amounts; totals are kept for each.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    columns: tuple[Column, ...]
    amounts: ClassVar[Mapping[str, str]] = {basis: basis for basis in BASES}
    currency: ClassVar[str] = "currency"

    @classmethod
    def about(cls) -> str:
        """Say what it holds: the first words of its kind, for lists of reports."""
        return " ".join((cls.__doc__ or "").split()).rstrip(".")

    @abstractmethod
    def frames(self, *, viewer: User, chosen: SpendFilter) -> Iterator[pl.DataFrame]:
        """Yield the rows, some at a time, in their order."""

    def controls(self, *, viewer: User, chosen: SpendFilter) -> Controls:
        """Give what the rows must sum to: the totals the page shows, summed on their own."""
        sums: dict[str, dict[str, Decimal]] = {}
        for cell in spend.totals(viewer=viewer, chosen=chosen):
            of_currency = sums.setdefault(cell.currency, dict.fromkeys(BASES, Decimal(0)))
            for basis in BASES:
                amount = cell.amount(basis)
                if amount is not None:
                    of_currency[basis] = EXACT.add(of_currency[basis], amount)
        return sums

    def notes(self, *, viewer: User, chosen: SpendFilter) -> list[str]:
        """Give what a reader of the control sheet must know besides."""
        return []
