"""Splitting amounts over keys so that the parts always add up to the whole. METHOD section 6."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Generic, Literal, TypeVar

from governance_app.domain.errors import Sentence

Key = TypeVar("Key", bound=Hashable)

#: The ledger keeps 18 decimals, so the smallest unit of any currency is 10^-18.
PLACES = 18
EXACT = Context(prec=100)

ZeroDriver = Literal["even", "unallocated"]


class NothingToAllocateOver(Sentence):
    """No key has a positive weight, so there is nothing to split by."""


class BadShares(Sentence):
    """Fixed shares that do not sum to exactly 1, or a share below 0."""


class TooFine(ValueError):
    """An amount has digits below 10^-18, which the ledger cannot hold."""


def to_units(amount: Decimal) -> int:
    """
    Count an amount in whole units of 10^-18.

    Raises:
        TooFine: the amount has more than 18 decimals, so a digit would be lost.

    >>> to_units(Decimal("1.5"))
    1500000000000000000
    """
    units = amount.scaleb(PLACES, EXACT)
    whole = int(units)
    if whole != units:
        raise TooFine(f"{amount} has more than {PLACES} decimals.")
    return whole


def from_units(units: int) -> Decimal:
    """
    Turn whole units of 10^-18 back into an amount, exactly.

    >>> from_units(1_500_000_000_000_000_000)
    Decimal('1.500000000000000000')
    """
    return Decimal(units).scaleb(-PLACES, EXACT)


def split_exact(amount: int, weights: Mapping[Key, int]) -> dict[Key, int]:
    """
    Split a whole amount over keys in proportion to their weights, losing nothing.

    Args:
        amount: whole smallest units (10^-18 of a currency); a credit is negative.
        weights: key -> weight in any one unit (GPU-seconds, seats), each >= 0.

    Returns:
        key -> share, same unit as ``amount``, in the order of ``weights``. Equal remainders
        are served in that order, so the same input always gives the same split.

    Raises:
        NothingToAllocateOver: no key has a positive weight.
        ValueError: a weight is negative.

    Source: largest-remainder (Hamilton) apportionment.

    >>> split_exact(100, {"AI-7": 1, "AI-8": 1, "AI-9": 1})
    {'AI-7': 34, 'AI-8': 33, 'AI-9': 33}
    >>> split_exact(-100, {"AI-7": 2, "AI-8": 1})
    {'AI-7': -67, 'AI-8': -33}
    """
    total = sum(weights.values())
    if any(weight < 0 for weight in weights.values()):
        raise ValueError("A weight is negative.")
    if total == 0:
        raise NothingToAllocateOver("There is nothing to split by: every weight is zero.")
    sign, size = (-1, -amount) if amount < 0 else (1, amount)
    shares: dict[Key, int] = {}
    remainders: dict[Key, int] = {}
    for key, weight in weights.items():
        shares[key], remainders[key] = divmod(size * weight, total)
    missing = size - sum(shares.values())
    for key in sorted(remainders, key=lambda key: remainders[key], reverse=True)[:missing]:
        shares[key] += 1
    return {key: sign * share for key, share in shares.items()}


def whole_weights(weights: Mapping[Key, Decimal]) -> dict[Key, int]:
    """
    Scale decimal weights to whole numbers in the same proportion.

    >>> whole_weights({"a": Decimal("0.25"), "b": Decimal("0.5")})
    {'a': 25, 'b': 50}
    """
    places = max((-int(weight.as_tuple().exponent) for weight in weights.values()), default=0)
    scale = max(places, 0)
    return {key: int(weight.scaleb(scale, EXACT)) for key, weight in weights.items()}


def check_shares(shares: Mapping[Key, Decimal]) -> None:
    """
    Refuse fixed shares that do not sum to exactly 1.

    Raises:
        BadShares: the sum is not 1, or a share is not above 0.

    >>> check_shares({"AI-7": Decimal("0.6"), "AI-8": Decimal("0.4")})
    """
    for key, share in shares.items():
        if share <= 0:
            raise BadShares(f"The share of {key} is {share}: every share must be above 0.")
    total = sum(shares.values(), Decimal(0))
    if total != 1:
        raise BadShares(f"The shares sum to {total}: they must sum to exactly 1.")


def allocate(amount: Decimal, shares: Mapping[Key, Decimal]) -> dict[Key, Decimal]:
    """
    Split an amount by fixed shares; the parts sum to it exactly.

    Args:
        amount: money with at most 18 decimals; a credit is negative.
        shares: key -> share; they sum to exactly 1.

    Returns:
        key -> part with 18 decimals, in the order of ``shares``.

    Raises:
        BadShares: the shares do not sum to 1.
        TooFine: the amount has more than 18 decimals.

    >>> parts = allocate(Decimal("0.10"), {"AI-7": Decimal("0.6"), "AI-8": Decimal("0.4")})
    >>> {key: f"{part.normalize()}" for key, part in parts.items()}
    {'AI-7': '0.06', 'AI-8': '0.04'}
    """
    check_shares(shares)
    parts = split_exact(to_units(amount), whole_weights(shares))
    return {key: from_units(part) for key, part in parts.items()}


@dataclass(frozen=True, slots=True)
class Driven(Generic[Key]):
    """The parts that reached a key, and what stayed without one; together the whole amount."""

    parts: dict[Key, Decimal]
    unallocated: Decimal


def allocate_by_driver(
    amount: Decimal, driver: Mapping[Key, Decimal], *, when_zero: ZeroDriver
) -> Driven[Key]:
    """
    Split an amount in proportion to a driver such as tokens, requests or seats.

    Args:
        amount: money with at most 18 decimals; a credit is negative.
        driver: key -> quantity of the driver in the period, each >= 0.
        when_zero: what the rule says when nobody used anything: ``even`` or ``unallocated``.

    Returns:
        The parts, and the rest that stays unallocated (the whole amount or nothing).

    >>> idle = allocate_by_driver(Decimal("9"), {"AI-7": Decimal(0)}, when_zero="unallocated")
    >>> idle.parts, idle.unallocated
    ({}, Decimal('9'))
    """
    weights = whole_weights(driver)
    if not any(weights.values()):
        if when_zero == "unallocated" or not weights:
            return Driven({}, amount)
        weights = dict.fromkeys(weights, 1)
    parts = split_exact(to_units(amount), weights)
    return Driven({key: from_units(part) for key, part in parts.items()}, Decimal(0))
