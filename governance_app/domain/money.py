"""Exact money: never two currencies in one sum, never a rounded sum. METHOD section 1."""

import math
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

#: numeric(38,18) holds 38 digits; the default context of 28 would round a sum of them.
EXACT = Context(prec=100)

#: Currencies by the number of decimals of their documents, where it is not two (ISO 4217).
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"


class MixedCurrencies(ValueError):
    """Amounts of two currencies met in one sum; convert them with a dated rate first."""


@dataclass(frozen=True, slots=True)
class Money:
    """
    An exact amount with its currency.

    >>> Money(Decimal("1.5"), "EUR") + Money(Decimal("2"), "EUR")
    Money(amount=Decimal('3.5'), currency='EUR')
    """

    amount: Decimal
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._check(other)
        return Money(EXACT.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._check(other)
        return Money(EXACT.subtract(self.amount, other.amount), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def _check(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise MixedCurrencies(
                f"{self.currency} and {other.currency} cannot be added: convert one with a rate."
            )


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """
    Add amounts without losing a digit, whatever the surrounding decimal context.

    >>> exact_sum([Decimal("12345678901234567890.000000000000000001"), Decimal("-0.5")])
    Decimal('12345678901234567889.500000000000000001')
    """
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


def round_half_up(amount: Decimal, places: int = 2) -> Decimal:
    """
    Round for display: half away from zero. Never feed the result into another sum.

    >>> round_half_up(Decimal("2.675")), round_half_up(Decimal("-0.5"), 0)
    (Decimal('2.68'), Decimal('-1'))
    """
    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=EXACT)


def minor_places(currency: str) -> int:
    """
    Give the number of decimals that documents in a currency carry.

    >>> minor_places("USD"), minor_places("JPY"), minor_places("KWD")
    (2, 0, 3)
    """
    for places, currencies in ((0, _NO_DECIMALS), (3, _THREE_DECIMALS), (4, _FOUR_DECIMALS)):
        if currency in currencies.split():
            return places
    return 2


def to_minor_units(amounts: Mapping[Key, Decimal], *, currency: str) -> dict[Key, Decimal]:
    """
    Round the parts of a document to minor units so that they add up to the rounded whole.

    Args:
        amounts: key -> exact amount of one currency, of either sign.
        currency: ISO 4217 code, which gives the number of decimals.

    Returns:
        key -> amount with that many decimals, in the order of ``amounts``; their sum is the
        exact sum rounded half up. Each part differs from its exact amount by less than one unit.

    Source: largest remainder; METHOD section 1.

    >>> to_minor_units({"a": Decimal("0.333"), "b": Decimal("0.333"), "c": Decimal("0.334")},
    ...                currency="USD")
    {'a': Decimal('0.33'), 'b': Decimal('0.33'), 'c': Decimal('0.34')}
    """
    places = minor_places(currency)
    whole = int(round_half_up(exact_sum(amounts.values()), places).scaleb(places, EXACT))
    scaled = {key: amount.scaleb(places, EXACT) for key, amount in amounts.items()}
    floors = {key: math.floor(value) for key, value in scaled.items()}
    rests = {key: EXACT.subtract(scaled[key], Decimal(floors[key])) for key in scaled}
    missing = whole - sum(floors.values())
    by_rest = sorted(rests, key=lambda key: rests[key], reverse=True)
    for key in by_rest[:missing]:
        floors[key] += 1
    return {key: Decimal(floor).scaleb(-places, EXACT) for key, floor in floors.items()}


def convert(amount: Decimal, rate: Decimal) -> Decimal:
    """
    Turn an amount into another currency at ``rate`` units of it per unit, exactly.

    >>> convert(Decimal("10.10"), Decimal("1.0837"))
    Decimal('10.945370')
    """
    return EXACT.multiply(amount, rate)
