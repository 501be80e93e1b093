"""How alike two wordings are: tokens, and a score between a header or value and a phrase."""

import re
import unicodedata
from functools import lru_cache

from .vocabulary import WEAK_WORDS

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SPLIT = re.compile(r"[^a-z0-9]+")
_KEEP_S = frozenset(
    {
        "status", "bias", "gas", "sas", "aws", "bus", "plus", "focus", "analysis", "basis",
        "business", "process", "access", "premises", "series", "news", "address", "yes",
        "is", "class", "progress", "this", "does", "has", "was",
    }
)  # fmt: skip


@lru_cache(maxsize=20_000)
def tokens(text: str) -> tuple[str, ...]:
    """
    Break a wording into comparable words: no accents, no plural, camel case apart.

    >>> tokens("16_dev_stage"), tokens("useCaseTitles")
    (('dev', 'stage'), ('use', 'case', 'title'))
    """
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", text))
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    words = [word for word in _SPLIT.split(plain.replace("'s", "")) if word]
    while len(words) > 1 and words[0].isdigit():
        words = words[1:]
    return tuple(_singular(word) for word in words)


def _singular(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and word not in _KEEP_S and not word.endswith("ss"):
        return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
    return word


def weight(word: str) -> float:
    """Say how much a word tells: weak words a fifth."""
    return 0.2 if word in WEAK_WORDS else 1.0


@lru_cache(maxsize=200_000)
def likeness(text: str, phrase: str, *, is_whole: bool = False) -> float:
    """
    Score a wording against a phrase, 0 to 1: weighted overlap, kinder to long questions
    that hold the whole phrase unless ``is_whole``.

    >>> likeness("Use Case Name", "use case name"), round(likeness("System Name", "name"), 2)
    (1.0, 0.83)
    """
    said, wanted = set(tokens(text)), set(tokens(phrase))
    if not said or not wanted:
        return 0.0
    common = sum(weight(word) for word in said & wanted)
    union = sum(weight(word) for word in said | wanted)
    overlap = common / union
    inside = 0.0
    strong = [word for word in wanted if weight(word) == 1.0]
    if wanted <= said and strong and not is_whole:
        extra = union - common
        most = 0.9 if len(strong) > 1 else 0.75
        inside = most - (0.02 if len(strong) > 1 else 0.09) * extra
    return round(max(overlap, inside, 0.0), 4)


def best(text: str, phrases: tuple[str, ...], *, is_whole: bool = False) -> float:
    """Give the likeness to the phrase that fits best."""
    return max((likeness(text, phrase, is_whole=is_whole) for phrase in phrases), default=0.0)
