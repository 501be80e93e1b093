"""Amounts into the reporting currency, with the rate that was used or the reason for none."""

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from governance_app.books import selectors as books
from governance_app.books.selectors import MissingRate, UsedRate
from governance_app.domain.allocation import from_units
from governance_app.domain.money import EXACT, convert

SMALLEST = from_units(1)

#: Kind of rate by what is converted: METHOD section 1.
ACTUAL, PLAN = "average", "budget"


@dataclass(frozen=True, slots=True)
class Converted:
    """An amount in the reporting currency, or None with the sentence about the missing rate."""

    amount: Decimal | None
    rate_id: uuid.UUID | None = None
    rate: Decimal | None = None
    reason: str = ""


class Converter:
    """Turns amounts into one currency by the rates entered; never guesses one."""

    def __init__(self, currency: str) -> None:
        self.currency = currency

    @cached_property
    def _known(self) -> dict[tuple[str, dt.date, str], UsedRate]:
        """Every rate into the currency, read when the first amount is in another one."""
        return books.rates_into(quote=self.currency)

    def convert(self, amount: Decimal, currency: str, month: dt.date, kind: str) -> Converted:
        """Convert an amount of a month, rounded half up to the ledger's 18 decimals."""
        if currency == self.currency:
            return Converted(round_to_ledger(amount))
        used = self._known.get((currency, month, kind))
        if used is None:
            missing = MissingRate(currency, self.currency, month, kind)
            return Converted(None, reason=str(missing))
        return Converted(round_to_ledger(convert(amount, used.value)), used.rate_id, used.value)


def round_to_ledger(amount: Decimal) -> Decimal:
    """Round half up to 10^-18, the smallest unit the ledger holds."""
    return amount.quantize(SMALLEST, rounding="ROUND_HALF_UP", context=EXACT)
