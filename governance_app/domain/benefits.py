"""
Guards on benefits: where freed time went, who claims it twice, how long a validation holds.

METHOD section 3. The hours guard looks over all initiatives and KPIs: a population has only so
many paid hours in a month, and only a set share of them can be freed by AI.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from governance_app.domain.money import EXACT, exact_sum
from governance_app.domain.periods import add_months, month_of

#: Where freed time may have gone -> the type of benefit it is. METHOD section 3.
DISPOSITIONS: Mapping[str, str] = {
    "headcount": "hard",
    "hiring_avoided": "avoided",
    "overtime_avoided": "avoided",
    "volume_absorbed": "avoided",
    "quality": "soft",
    "not_captured": "soft",
}

#: A benefit that rebased a budget counts as new for so many months, then it is baseline.
NEW_FOR_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Freed:
    """Hours that one benefit frees in one population and month."""

    initiative: str
    benefit: str
    population: str
    month: date
    hours: Decimal


@dataclass(frozen=True, slots=True)
class TooManyHours:
    """A population and month of which more hours are freed than may be."""

    population: str
    month: date
    freed: Decimal
    paid: Decimal
    share: Decimal
    by: tuple[Freed, ...]

    def in_words(self) -> str:
        """
        Say the conflict to every owner.

        >>> month = date(2026, 1, 1)
        >>> claim = Freed("AI-1", "Drafting", "Clerks", month, Decimal(900))
        >>> TooManyHours("Clerks", month, Decimal(900), Decimal(1600), Decimal("0.5"),
        ...              (claim,)).in_words()
        'January 2026: AI-1 frees 900 h of Clerks, more than 50 % of the 1,600 h paid for.'
        """
        keys = sorted({each.initiative for each in self.by})
        who = ", ".join(keys)
        verb = "free" if len(keys) > 1 else "frees"
        return (
            f"{self.month:%B %Y}: {who} {verb} {self.freed:,.0f} h of {self.population}, more "
            f"than {self.share:.0%} of the {self.paid:,.0f} h paid for.".replace("%", " %")
        )


def too_many_hours(
    claims: Sequence[Freed],
    *,
    paid: Mapping[tuple[str, date], Decimal],
    share: Decimal,
) -> list[TooManyHours]:
    """
    Find where more hours are freed than a share of a population's paid hours.

    Args:
        claims: hours freed by every benefit of every initiative.
        paid: (population, month) -> hours paid for; a population without them is not judged.
        share: of the paid hours that may be freed, above 0 and at most 1.

    Returns:
        The conflicts by month and population.

    >>> month = date(2026, 1, 1)
    >>> claims = [Freed("AI-1", "Drafts", "Clerks", month, Decimal(60)),
    ...           Freed("AI-2", "Search", "Clerks", month, Decimal(50))]
    >>> found = too_many_hours(claims, paid={("Clerks", month): Decimal(200)},
    ...                        share=Decimal("0.5"))
    >>> [(each.population, each.freed) for each in found]
    [('Clerks', Decimal('110'))]
    """
    if not 0 < share <= 1:
        raise ValueError(f"The share of paid hours lies above 0 and is at most 1, not at {share}.")
    together: dict[tuple[str, date], list[Freed]] = {}
    for claim in claims:
        together.setdefault((claim.population, claim.month), []).append(claim)
    found = []
    for place in sorted(together, key=lambda key: (key[1], key[0])):
        hours = paid.get(place)
        freed = exact_sum(claim.hours for claim in together[place])
        if hours is not None and freed > EXACT.multiply(hours, share):
            found.append(TooManyHours(place[0], place[1], freed, hours, share, (*together[place],)))
    return found


def split_by_disposition(hours_value: Decimal, shares: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """
    Split the value of freed time over the types of benefit by where the time went.

    Args:
        hours_value: freed hours x loaded rate, before capture.
        shares: disposition -> share; what they leave out is not captured and soft.

    Returns:
        hard, avoided and soft, which sum exactly to ``hours_value``.

    >>> split = split_by_disposition(Decimal(1000), {"headcount": Decimal("0.3"),
    ...                                              "volume_absorbed": Decimal("0.2")})
    >>> [(kind, f"{worth:.0f}") for kind, worth in split.items()]
    [('hard', '300'), ('avoided', '200'), ('soft', '500')]
    """
    unknown = sorted(set(shares) - set(DISPOSITIONS))
    if unknown:
        known = ", ".join(DISPOSITIONS)
        raise ValueError(f"Freed time goes to one of {known}, not {', '.join(unknown)}.")
    if any(share < 0 for share in shares.values()) or exact_sum(shares.values()) > 1:
        raise ValueError("Shares of freed time are not below 0 and sum to at most 1.")
    split = {"hard": Decimal(0), "avoided": Decimal(0), "soft": hours_value}
    for disposition, share in shares.items():
        kind = DISPOSITIONS[disposition]
        if kind == "soft":
            continue
        part = EXACT.multiply(hours_value, share)
        split[kind] = EXACT.add(split[kind], part)
        split["soft"] = EXACT.subtract(split["soft"], part)
    return split


def capture_of(shares: Mapping[str, Decimal]) -> Decimal:
    """
    Give the share of freed time that became something: hard or avoided.

    >>> capture_of({"headcount": Decimal("0.3"), "quality": Decimal("0.5")})
    Decimal('0.3')
    """
    return exact_sum(
        share for name, share in shares.items() if DISPOSITIONS.get(name, "soft") != "soft"
    )


def counts_until(ends_month: date, rebased_month: date | None) -> date:
    """
    Give the last month in which a benefit counts as new.

    Once a budget has been rebased by it, it is new for 12 months and then baseline.

    >>> counts_until(date(2029, 12, 1), date(2026, 4, 1))
    datetime.date(2027, 3, 1)
    """
    if rebased_month is None:
        return month_of(ends_month)
    return min(month_of(ends_month), add_months(month_of(rebased_month), NEW_FOR_MONTHS - 1))


def valid_until(reviewed_on: date, *, months: int) -> date:
    """
    Give the day until which a validation holds: the same day, so many months later.

    >>> valid_until(date(2026, 8, 31), months=6)
    datetime.date(2027, 2, 28)
    """
    month = add_months(month_of(reviewed_on), months)
    following = add_months(month, 1)
    days = (following - month).days
    return month.replace(day=min(reviewed_on.day, days))
