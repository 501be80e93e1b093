"""Which initiative something from outside belongs to: by rule, and by guess."""

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

ACCOUNT, EXPERIMENT = "account", "experiment"
LOOKS = ("name", "tag", EXPERIMENT, ACCOUNT)
MOST_GUESSES = 3
SHORTEST_WORD = 4
#: Share of an initiative's words that a thing must say before it is a guess.
ENOUGH = 0.5

_WORDS = re.compile(r"[^\W\d_]+")
_KEY = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,10}-\d{1,6}(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Thing:
    """What is known about something from outside: its name and labels such as tags."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)

    def said(self, looks_at: str, tag: str = "") -> str:
        """Give the text that a rule looks at; empty when it is not known."""
        if looks_at == "name":
            return self.name
        return self.labels.get(tag if looks_at == "tag" else looks_at, "")


@dataclass(frozen=True)
class Rule(Generic[T]):
    """What matches belongs to ``owner``; the pattern is a whole value with * and ?."""

    looks_at: str
    pattern: str
    owner: T
    tag: str = ""

    def matches(self, thing: Thing) -> bool:
        """Tell whether a thing is one of those meant, in whatever case it is written."""
        said = thing.said(self.looks_at, self.tag)
        return bool(said) and _like(said, self.pattern)


@dataclass(frozen=True)
class Guess:
    """An initiative that a thing may belong to, why, and how sure that is (0..1)."""

    key: str
    why: str
    score: float


def owner_of(thing: Thing, rules: Iterable[Rule[T]]) -> T | None:
    """
    Give the owner that the first matching rule names.

    >>> rules = [Rule("name", "claims-*", "AI-7"), Rule("tag", "cards", "AI-8", tag="team")]
    >>> owner_of(Thing("Claims-Triage"), rules)
    'AI-7'
    >>> owner_of(Thing("churn", {"team": "cards"}), rules)
    'AI-8'
    >>> owner_of(Thing("churn"), rules) is None
    True
    """
    return next((rule.owner for rule in rules if rule.matches(thing)), None)


def guesses(
    thing: Thing, initiatives: Sequence[tuple[str, str]], siblings: Sequence[tuple[Thing, str]] = ()
) -> list[Guess]:
    """
    Guess where a thing belongs, the surest first, three at most.

    Args:
        initiatives: key and name of each.
        siblings: things of the same source with the key of the initiative they belong to.

    >>> guesses(Thing("claims-triage-v2"), [("AI-7", "Claims triage"), ("AI-8", "Churn")])
    [Guess(key='AI-7', why='its name says Claims triage', score=0.9)]
    """
    found: dict[str, Guess] = {}

    def add(guess: Guess) -> None:
        if guess.key not in found or found[guess.key].score < guess.score:
            found[guess.key] = guess

    names = dict(initiatives)
    for place, text in (("name", thing.name), *thing.labels.items()):
        for key in _KEY.findall(text):
            if key.upper() in names:
                add(Guess(key.upper(), f"its {place} says {key.upper()}", 1.0))
    words = _words(" ".join((thing.name, *thing.labels.values())))
    for key, name in initiatives:
        wanted = _words(name)
        share = len(wanted & words) / len(wanted) if wanted else 0.0
        if share >= ENOUGH:
            add(Guess(key, f"its name says {name}", round(0.9 * share, 3)))
    for sibling, key in siblings:
        for label in (EXPERIMENT, ACCOUNT):
            said = thing.labels.get(label)
            if said and said == sibling.labels.get(label):
                add(Guess(key, f"{sibling.name} has the same {label}", 0.8))
        if _stem(thing.name) and _stem(thing.name) == _stem(sibling.name):
            add(Guess(key, f"{sibling.name} goes there", 0.7))
    ordered = sorted(found.values(), key=lambda guess: (-guess.score, guess.key))
    return ordered[:MOST_GUESSES]


def _like(text: str, pattern: str) -> bool:
    """Match a whole text; only * and ? have a meaning in the pattern."""
    literal = pattern.casefold().replace("[", "[[]")
    return fnmatch.fnmatchcase(text.casefold(), literal)


def _words(text: str) -> set[str]:
    found = (word.casefold() for word in _WORDS.findall(text))
    return {word for word in found if len(word) >= SHORTEST_WORD}


def _stem(name: str) -> str:
    """Give the first word of a name that has several, which families of names share."""
    parts = re.split(r"[-_./ ]+", name.casefold().strip())
    return parts[0] if len(parts) > 1 and len(parts[0]) >= SHORTEST_WORD else ""
