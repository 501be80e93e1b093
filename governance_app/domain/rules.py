"""
Which allocation rule a combination of values meets. METHOD section 6.

Rules are asked in order and the first that matches wins, for each charge month by itself: rules
and synonyms begin and end with months. Every text here is compared as it stands; the caller has
trimmed it and made it small.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

ALWAYS = date(2000, 1, 1)
FOREVER = date(9999, 1, 1)

#: ``is`` is any one of the values; ``key``: the value names the initiative that bears the cost.
Match = Literal["is", "starts with", "contains", "key"]
MATCHES: tuple[Match, ...] = ("is", "starts with", "contains", "key")

#: A dimension, and the name of the tag when it is "tag".
Place = tuple[str, str]
Stretch = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold: a dimension or a tag is, starts with or contains a value."""

    place: Place
    match: Match
    values: tuple[str, ...] = ()

    def meets(self, value: str) -> bool:
        """Tell whether a value satisfies it, by whatever initiative has that key."""
        if self.match == "is":
            return value in self.values
        if self.match == "starts with":
            return value.startswith(self.values)
        if self.match == "contains":
            return any(part in value for part in self.values)
        return value != ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule version to ask: ``leaves_unused`` passes over commitments nobody used."""

    name: str
    from_month: date
    until_month: date
    conditions: tuple[Condition, ...]
    leaves_unused: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A value a combination has in some charge months."""

    value: str
    from_month: date = ALWAYS
    until_month: date = FOREVER


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another spelling: of the name of a tag (``tag`` is empty) or of a value of ``tag``."""

    tag: str
    written: str
    means: str
    from_month: date = ALWAYS
    until_month: date = FOREVER


@dataclass(frozen=True, slots=True)
class Won:
    """The rule that allocates some charge months; ``target`` only where the value names one."""

    from_month: date
    until_month: date
    rule: str
    target: str = ""


@dataclass
class Rules:
    """
    Rules in the order they are asked.

    ``targets``: initiative keys as they are written in bills -> what to call the initiative.
    """

    asked: Sequence[Asked]
    targets: Mapping[str, str] = field(default_factory=dict)
    synonyms: Sequence[Synonym] = ()

    def __post_init__(self) -> None:
        self._by_value: dict[Place, dict[str, list[int]]] = {}
        self._others: list[int] = []
        for number, rule in enumerate(self.asked):
            exact = next((one for one in rule.conditions if one.match == "is"), None)
            if exact is None:
                self._others.append(number)
                continue
            at = self._by_value.setdefault(exact.place, {})
            for value in exact.values:
                at.setdefault(value, []).append(number)
        self._names = [one for one in self.synonyms if not one.tag]
        self._values: dict[tuple[str, str], list[Synonym]] = {}
        for one in self.synonyms:
            if one.tag:
                self._values.setdefault((one.tag, one.written), []).append(one)

    def tags_read(self) -> set[str]:
        """Give the names of the tags any rule looks at, and their other spellings."""
        asked = {one.place[1] for rule in self.asked for one in rule.conditions if one.place[1]}
        return asked | {one.written for one in self._names if one.means in asked}

    def values_read(self, dimension: str) -> set[str] | None:
        """Give the only values of a dimension that can matter; None when any may."""
        found: set[str] = set()
        for rule in self.asked:
            for one in rule.conditions:
                if one.place[0] != dimension:
                    continue
                if one.match not in ("is", "key"):
                    return None
                found.update(self.targets if one.match == "key" else one.values)
        return found | {one.written for one in self.synonyms if one.tag and one.means in found}

    def readings_of_tags(self, pairs: Iterable[tuple[str, str]]) -> dict[Place, list[Reading]]:
        """
        Read tags with their synonyms; what is written stands beside what it means.

        >>> rules = Rules([], synonyms=[Synonym("", "squad", "team"), Synonym("team", "ml", "ai")])
        >>> [one.value for one in rules.readings_of_tags([("squad", "ml")])["tag", "team"]]
        ['ml', 'ai']
        """
        found: dict[Place, list[Reading]] = {}
        for name, value in pairs:
            names = [(name, ALWAYS, FOREVER)]
            names += [
                (one.means, one.from_month, one.until_month)
                for one in self._names
                if one.written == name
            ]
            for tag, since, until in names:
                at = found.setdefault(("tag", tag), [])
                at.append(Reading(value, since, until))
                for other in self._values.get((tag, value), ()):
                    start, end = max(since, other.from_month), min(until, other.until_month)
                    if start < end:
                        at.append(Reading(other.means, start, end))
        return found

    def won(
        self, facts: Mapping[Place, Sequence[Reading]], *, is_unused: bool = False
    ) -> list[Won]:
        """
        Give who allocates a combination of values in which charge months, in order of months.

        Months that no rule matches are in no stretch: they stay unallocated.
        """
        numbers = set(self._others)
        for place, by_value in self._by_value.items():
            for reading in facts.get(place, ()):
                numbers.update(by_value.get(reading.value, ()))
        free: list[Stretch] = [(ALWAYS, FOREVER)]
        found: list[Won] = []
        for number in sorted(numbers):
            rule = self.asked[number]
            if is_unused and rule.leaves_unused:
                continue
            for since, until, target in self._matches(rule, facts):
                taken, free = _take(free, (since, until))
                found += [Won(a, b, rule.name, target) for a, b in taken]
            if not free:
                break
        return _joined(found)

    def _matches(
        self, rule: Asked, facts: Mapping[Place, Sequence[Reading]]
    ) -> list[tuple[date, date, str]]:
        """Give the stretches in which every condition of a rule holds."""
        so_far = [(rule.from_month, rule.until_month, "")]
        for condition in rule.conditions:
            narrowed: list[tuple[date, date, str]] = []
            for reading in facts.get(condition.place, ()):
                if condition.match == "key":
                    target = self.targets.get(reading.value, "")
                    if not target:
                        continue
                elif condition.meets(reading.value):
                    target = ""
                else:
                    continue
                for since, until, known in so_far:
                    start = max(since, reading.from_month)
                    end = min(until, reading.until_month)
                    if start < end:
                        narrowed.append((start, end, target or known))
            so_far = narrowed
            if not so_far:
                break
        return sorted(set(so_far))


def _take(free: Sequence[Stretch], wanted: Stretch) -> tuple[list[Stretch], list[Stretch]]:
    """Take what is still free of a stretch; gives what was taken and what stays free."""
    taken: list[Stretch] = []
    left: list[Stretch] = []
    for since, until in free:
        start, end = max(since, wanted[0]), min(until, wanted[1])
        if start >= end:
            left.append((since, until))
            continue
        taken.append((start, end))
        if since < start:
            left.append((since, start))
        if end < until:
            left.append((end, until))
    return taken, left


def _joined(found: Sequence[Won]) -> list[Won]:
    """Put stretches in order and join neighbours that say the same."""
    joined: list[Won] = []
    for one in sorted(found, key=lambda won: won.from_month):
        last = joined[-1] if joined else None
        if last and (last.until_month, last.rule, last.target) == (
            one.from_month,
            one.rule,
            one.target,
        ):
            joined[-1] = Won(last.from_month, one.until_month, one.rule, one.target)
        else:
            joined.append(one)
    return joined
