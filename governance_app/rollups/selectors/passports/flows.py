"""The months that a discounted return is worked out from, as inputs that reproduce it."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from governance_app.domain import roi, spelling
from governance_app.domain.money import EXACT
from governance_app.domain.periods import add_months
from governance_app.domain.phrases import Phrase, phrase
from governance_app.domain.phrases import month as month_words
from governance_app.rollups.selectors.passports.papers import Line

COST, PAID = phrase("cost"), phrase("paid")
#: A formula of a promise -> the same where what was paid stands for the cost.
_PAID_FOR = {
    "Σ (benefit − cost) ÷ (1 + monthly rate)^months": phrase(
        "Σ (benefit − paid) ÷ (1 + monthly rate)^months"
    ),
    "Months until the sum of the flows is no longer negative": phrase(
        "Months until the sum of benefit − paid is no longer negative"
    ),
    "PV(benefit) ÷ PV(cost)": phrase("PV(benefit) ÷ PV(paid)"),
}


def as_paid(formula: Phrase) -> Phrase:
    """
    Give a formula as it reads where what was paid stands for the cost.

    >>> as_paid(phrase("PV(benefit) ÷ PV(cost)")), as_paid(phrase("Σ benefit − Σ cost"))
    ('PV(benefit) ÷ PV(paid)', 'Σ benefit − Σ cost')
    """
    return _PAID_FOR.get(formula, formula)


def months(told: roi.Returns, currency: str, out: Phrase) -> Iterator[Line]:
    """Give the months that were discounted and paid back, those without a flow left out."""
    for at, (benefit, payment) in enumerate(zip(told.benefits, told.payments, strict=True)):
        if told.valuation_month is not None and (benefit or payment):
            yield flow(add_months(told.valuation_month, at), at, benefit, payment, currency, out)


def flow(
    month: dt.date, at: int, benefit: Decimal, payment: Decimal, currency: str, out: Phrase
) -> Line:
    """Give one month: what came less what went, and both of them."""
    sides = [spelling.money_exact(amount, currency) for amount in (benefit, payment)]
    return Line(
        month_words(month), EXACT.subtract(benefit, payment), currency=currency, is_part=False,
        where=phrase(
            "t = {at}: benefit {benefit}, {out} {payment}",
            at=str(at), benefit=sides[0], out=out, payment=sides[1],
        ),
    )  # fmt: skip


def rate(annual: Decimal) -> Line:
    """Give the discount rate to its last digit."""
    digits = max(2, -int(annual.normalize().as_tuple().exponent) - 2)
    return Line(phrase("Discount rate a year"), f"{annual:.{digits}%}", kind="text", is_part=False)


def starts(month: dt.date) -> Line:
    """Give the month of t = 0."""
    return Line("t = 0", month_words(month), kind="text", is_part=False)


def lives(month: dt.date) -> Line:
    """Give the month of going live."""
    return Line(phrase("Goes live"), month_words(month), kind="text", is_part=False)
