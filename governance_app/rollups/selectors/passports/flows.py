"""The months that a discounted return is worked out from, as inputs that reproduce it."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from governance_app.domain import roi, spelling
from governance_app.domain.money import EXACT
from governance_app.domain.periods import add_months
from governance_app.rollups.selectors.passports.papers import Line


def months(told: roi.Returns, currency: str, out: str) -> Iterator[Line]:
    """Give the months that were discounted and paid back, those without a flow left out."""
    for at, (benefit, payment) in enumerate(zip(told.benefits, told.payments, strict=True)):
        if told.valuation_month is not None and (benefit or payment):
            yield flow(add_months(told.valuation_month, at), at, benefit, payment, currency, out)


def flow(
    month: dt.date, at: int, benefit: Decimal, payment: Decimal, currency: str, out: str
) -> Line:
    """Give one month: what came less what went, and both of them."""
    sides = [spelling.money_exact(amount, currency) for amount in (benefit, payment)]
    return Line(
        f"{month:%B %Y}", EXACT.subtract(benefit, payment), currency=currency, is_part=False,
        where=f"t = {at}: benefit {sides[0]}, {out} {sides[1]}",
    )  # fmt: skip


def rate(annual: Decimal) -> Line:
    """Give the discount rate to its last digit."""
    digits = max(2, -int(annual.normalize().as_tuple().exponent) - 2)
    return Line("Discount rate a year", f"{annual:.{digits}%}", kind="text", is_part=False)


def starts(month: dt.date) -> Line:
    """Give the month of t = 0."""
    return Line("t = 0", f"{month:%B %Y}", kind="text", is_part=False)


def lives(month: dt.date) -> Line:
    """Give the month of going live."""
    return Line("Goes live", f"{month:%B %Y}", kind="text", is_part=False)
