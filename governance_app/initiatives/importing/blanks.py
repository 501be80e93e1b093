"""Ways people write that there is nothing to write."""

import re

from .table import squeeze

_WORDS = frozenset(
    {
        "n/a", "na", "n.a.", "n.a", "n/d", "nd", "none", "null", "nil", "nan", "tbd", "tba",
        "tbc", "todo", "unknown", "unspecified", "undefined", "blank", "-", "--", "---",
        "–", "—", ".", "?", "??", "x/x", "#n/a", "#value!", "#ref!", "(blank)", "(none)",
        "[blank]", "pending", "k.a.",
        "not applicable",
        "not available",
        "not known",
        "not provided",
        "not reported",
        "not specified",
        "blank/not provided",
        "no data",
        "to be determined",
        "to be decided",
        "to be confirmed",
        "non applicable",
        "nicht zutreffend",
        "keine angabe",
        "sans objet",
    }
)  # fmt: skip
_NOT_APPLICABLE_BECAUSE = re.compile(r"^(n/a|not applicable|tbd)\s*[-–—:;(,.]", re.IGNORECASE)


def is_blank(text: str) -> bool:
    """
    Whether a cell says nothing: empty, N/A and its kin, or N/A followed by an explanation.

    >>> is_blank(" N/A "), is_blank("N/A - consolidated"), is_blank("None of the above")
    (True, True, False)
    """
    said = squeeze(text).casefold()
    return not said or said in _WORDS or _NOT_APPLICABLE_BECAUSE.match(said) is not None
