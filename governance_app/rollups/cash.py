"""
What was paid in a month: cash feeds NPV, IRR, payback, BCR and PI (METHOD sections 1, 2 and 4).

Bills count as they charge, not as commitments are amortised, and accruals of bills that have not
come do not count. Where nobody records the day of a payment, it stands in the month it is charged
for and, by METHOD's convention, at that month's end.
"""

from collections.abc import Mapping
from decimal import Decimal

from governance_app.domain.money import exact_sum
from governance_app.domain.phrases import phrase

#: The columns of a month that cash is the sum of.
PARTS = ("billed", "manual", "people", "tax_back")
WORDS = phrase(
    "bills as they charge + costs typed in + people − tax that comes back, in the month they are "
    "for; open accruals wait for their bill"
)


def paid(amounts: Mapping[str, Decimal | None]) -> Decimal | None:
    """
    Add up what was paid in a month; None when nothing was.

    >>> paid({"billed": Decimal(90), "people": Decimal(10), "cost": Decimal(70)})
    Decimal('100')
    >>> paid({"cost": Decimal(70)}) is None
    True
    """
    known = [amount for part in PARTS if (amount := amounts.get(part)) is not None]
    return exact_sum(known) if known else None


def reason_of(reasons: Mapping[str, str]) -> str:
    """Give why what was paid cannot be told; empty when it can."""
    return next((reasons[part] for part in PARTS if part in reasons), "")
