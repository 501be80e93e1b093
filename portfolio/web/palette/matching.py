"""How well a few typed letters fit the words of an entry; pure."""

from difflib import SequenceMatcher

#: From this likeness on a misspelled word counts as meant.
_NEAR = 0.74


def fit(asked: str, label: str, also: str = "") -> float:
    """
    Say how well what was typed fits an entry: 0 does not, 4 could not be better.

    Every typed word has to be found. One that begins a word of the label is worth more than one
    inside a word, that more than a synonym, and that more than a misspelling.

    Args:
        asked: what was typed.
        label: the name of the entry.
        also: further words people may look for.

    >>> fit("bud", "Budgets"), fit("budgte", "Budgets") > 0, fit("gate", "Budgets")
    (4.0, True, 0.0)
    """
    words = asked.casefold().split()
    if not words:
        return 0.0
    own, other = label.casefold().split(), also.casefold().split()
    found = [_of_one(word, own, other) for word in words]
    return min(found) and sum(found) / len(found)


def _of_one(word: str, own: list[str], other: list[str]) -> float:
    if any(each.startswith(word) for each in own):
        return 4.0
    if any(each.startswith(word) for each in other):
        return 2.5
    if any(word in each for each in own):
        return 2.0
    if len(word) > 3 and any(_is_near(word, each) for each in (*own, *other)):
        return 1.0
    return 0.0


def _is_near(word: str, known: str) -> bool:
    return SequenceMatcher(None, word, known[: len(word) + 1]).ratio() >= _NEAR
