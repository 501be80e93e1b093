"""The ledger in one currency: each month at its own average rate, never one rate for all."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from governance_app.books import selectors as books
from governance_app.domain.money import EXACT
from governance_app.people.models import User
from governance_app.spend.selectors.explore import Amount, SpendFilter, amounts


def amounts_in(
    *, viewer: User, by: Sequence[str], chosen: SpendFilter, basis: str, currency: str
) -> list[Amount]:
    """
    Sum one cost of the ledger by some dimensions in one currency, at each month's average rate.

    Returns:
        one amount per group, allocated and not apart, in the order of ``amounts``. A cost that a
        part of a group does not state is None.

    Raises:
        MissingRate: names the pair and the month for which no rate was entered.
    """
    asked = tuple(by) if "month" in by else (*by, "month")
    found = amounts(viewer=viewer, by=asked, chosen=chosen, basis=basis)
    at, width = asked.index("month"), len(by)
    months = {one.codes[at]: date.fromisoformat(f"{one.codes[at]}-01") for one in found}
    pairs = {(one.currency, currency, months[one.codes[at]]) for one in found}
    rates = books.rates_of(pairs=pairs, kind="average") if pairs else {}
    sums: dict[tuple[tuple[str, ...], bool], Amount] = {}
    for one in found:
        rate = rates[one.currency, currency, months[one.codes[at]]]
        key = (one.codes[:width], one.is_allocated)
        known = sums.get(key)
        sums[key] = Amount(
            one.codes[:width],
            one.labels[:width],
            currency,
            _add(known.amount if known else Decimal(0), one.amount, rate),
            int(one.lines) + (known.lines if known else 0),
            one.is_allocated,
        )
    return list(sums.values())


def _add(known: Decimal | None, amount: Decimal | None, rate: Decimal) -> Decimal | None:
    """Add an amount at a rate; unknown once a part of it is."""
    if known is None or amount is None:
        return None
    return EXACT.add(known, EXACT.multiply(amount, rate))
