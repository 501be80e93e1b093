"""The ledger in one currency: each month at its own average rate, never one rate for all."""

from collections.abc import Sequence
from dataclasses import replace
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
    sums: dict[tuple[tuple[str, ...], bool], Cell] = {}
    width = len(by)
    for cell in cells:
        rate = rates[cell.currency, currency, months[cell.codes[at]]]
        here = replace(
            cell,
            codes=cell.codes[:width],
            labels=cell.labels[:width],
            currency=currency,
            billed=EXACT.multiply(cell.billed, rate),
            effective=EXACT.multiply(cell.effective, rate),
            contracted=_times(cell.contracted, rate),
            list=_times(cell.list, rate),
        )
        key = (here.codes, here.is_allocated)
        sums[key] = _plus(sums[key], here) if key in sums else here
    return list(sums.values())


def _times(amount: Decimal | None, rate: Decimal) -> Decimal | None:
    return None if amount is None else EXACT.multiply(amount, rate)


def _add(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else EXACT.add(one, other)


def _plus(one: Cell, other: Cell) -> Cell:
    return replace(
        one,
        billed=EXACT.add(one.billed, other.billed),
        effective=EXACT.add(one.effective, other.effective),
        contracted=_add(one.contracted, other.contracted),
        list=_add(one.list, other.list),
        lines=one.lines + other.lines,
    )
