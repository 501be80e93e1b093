"""How alike two names are, so that a proposal can be told from what is there already."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: From here on two initiatives look like one; below, they share words and no more.
ALIKE = 0.5
_WORD = re.compile(r"[^\W_]+")
#: Words that half of all names hold; they tell nothing.
_COMMON = frozenset(
    {
        "a", "an", "and", "ai", "assistant", "automated", "automation", "based", "for", "from",
        "in", "model", "models", "of", "on", "platform", "project", "solution", "system", "the",
        "to", "tool", "use", "using", "with",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something known: its key, its name and what it is for."""

    key: str
    name: str
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    """A candidate that looks like what was asked about, from ``ALIKE`` to 1."""

    candidate: Candidate
    likeness: float


def likeness(one: str, other: str) -> float:
    """
    Say how alike two texts are by the runs of three letters they share, word by word.

    Returns:
        0 (nothing in common) to 1 (the same words, whatever their order and case).

    >>> likeness("Invoice matching", "matching invoices") > 0.7
    True
    >>> likeness("Invoice matching", "Storm surge forecast")
    0.0
    """
    return _shared(_grams(one), _grams(other))


def alike(
    *, name: str, purpose: str = "", candidates: Iterable[Candidate], most: int = 5
) -> Sequence[Alike]:
    """
    Find what looks like a proposal, the most alike first.

    The name counts; where both have a purpose, purposes that say the same add to it.
    """
    wanted, reason = _grams(name), _grams(purpose)
    found = []
    for candidate in candidates:
        by_name = _shared(wanted, _grams(candidate.name))
        if by_name < ALIKE / 2:
            continue
        by_purpose = _shared(reason, _grams(candidate.purpose)) if reason else 0.0
        score = max(by_name, 0.6 * by_name + 0.6 * by_purpose)
        if score >= ALIKE:
            found.append(Alike(candidate, min(score, 1.0)))
    found.sort(key=lambda each: (-each.likeness, each.candidate.key))
    return found[:most]


def _grams(text: str) -> frozenset[str]:
    words = set(_WORD.findall(text.casefold()))
    telling = words - _COMMON or words
    return frozenset(
        padded[at : at + 3]
        for word in telling
        for padded in [f"  {word} "]
        for at in range(len(padded) - 2)
    )


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))
