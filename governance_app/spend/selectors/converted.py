"""The ledger in one currency: each month at its own average rate, never one rate for all."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from governance_app.books import selectors as books
from governance_app.domain.money import EXACT
from governance_app.people.models import User
from governance_app.spend.selectors.explore import Cell, SpendFilter, breakdown


def breakdown_in(
    *, viewer: User, by: Sequence[str], chosen: SpendFilter, currency: str
) -> list[Cell]:
    """
    Sum the ledger by some dimensions in one currency, at the average rate of each month.

    Returns:
        one cell per group, allocated and not apart, in the order of ``breakdown``. A cost that
        a part of a group does not state is None.

    Raises:
        MissingRate: names the pair and the month for which no rate was entered.
    """
    asked = tuple(by) if "month" in by else (*by, "month")
    cells = breakdown(viewer=viewer, by=asked, chosen=chosen)
    at = asked.index("month")
    months = {cell.codes[at]: date.fromisoformat(f"{cell.codes[at]}-01") for cell in cells}
    pairs = {(cell.currency, currency, months[cell.codes[at]]) for cell in cells}
    rates = books.rates_of(pairs=pairs, kind="average") if pairs else {}
    sums: dict[tuple[tuple[str, ...], bool], _Sums] = {}
    width = len(by)
    for cell in cells:
        rate = rates[cell.currency, currency, months[cell.codes[at]]]
        key = (cell.codes[:width], cell.is_allocated)
        if key not in sums:
            sums[key] = _Sums(cell.labels[:width])
        sums[key].add(cell, rate)
    return [
        Cell(
            codes, found.labels, currency, found.billed, found.effective, found.contracted,
            found.list, found.lines, is_allocated,
        )
        for (codes, is_allocated), found in sums.items()
    ]  # fmt: skip


class _Sums:
    """What the cells of one group add up to; unknown once a part of it is."""

    __slots__ = ("billed", "contracted", "effective", "labels", "lines", "list")

    def __init__(self, labels: tuple[str, ...]) -> None:
        self.labels = labels
        self.billed = self.effective = Decimal(0)
        self.contracted: Decimal | None = Decimal(0)
        self.list: Decimal | None = Decimal(0)
        self.lines = 0

    def add(self, cell: Cell, rate: Decimal) -> None:
        """Add a cell at a rate."""
        self.billed = EXACT.add(self.billed, EXACT.multiply(cell.billed, rate))
        self.effective = EXACT.add(self.effective, EXACT.multiply(cell.effective, rate))
        self.contracted = _add(self.contracted, cell.contracted, rate)
        self.list = _add(self.list, cell.list, rate)
        self.lines += cell.lines


def _add(known: Decimal | None, amount: Decimal | None, rate: Decimal) -> Decimal | None:
    if known is None or amount is None:
        return None
    return EXACT.add(known, EXACT.multiply(amount, rate))
