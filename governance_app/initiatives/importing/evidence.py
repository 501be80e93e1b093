"""What the cells of a column say about it, whatever its header claims."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import dates, values
from .blanks import is_blank
from .table import squeeze

_SAMPLE = 2_000
#: How many distinct texts of a column get a guess and are shown.
MOST_VALUES = 60


@dataclass(frozen=True)
class Evidence:
    """
    A column in figures. Shares are of the cells that say something, 0 to 1.

    ``counts`` holds each distinct text (trimmed) and how often it comes, most frequent first.
    """

    filled: int
    rows: int
    distinct: int
    mean_length: float
    date_share: float
    money_share: float
    flag_share: float
    id_share: float
    counts: tuple[tuple[str, int], ...]

    @property
    def distinct_share(self) -> float:
        return self.distinct / self.filled if self.filled else 0.0

    @property
    def is_listlike(self) -> bool:
        """Few distinct, short texts that repeat: an enumeration."""
        return 0 < self.distinct <= max(40, self.filled // 20) and self.mean_length < 120


def look(cells: Sequence[str]) -> Evidence:
    """Measure one column."""
    counts = Counter(squeeze(cell) for cell in cells if not is_blank(cell))
    filled = sum(counts.values())
    sample = counts.most_common(_SAMPLE)
    weight = sum(times for _text, times in sample) or 1
    dated = flagged = money = ids = 0
    for text, times in sample:
        dated += times * _reads_as_date(text)
        flagged += times * _reads(values.parse_flag, text)
        money += times * (any(map(str.isdigit, text)) and _reads(values.parse_amount, text))
        ids += times * (any(map(str.isdigit, text)) and len(text) <= 40 and " " not in text)
    return Evidence(
        filled=filled,
        rows=len(cells),
        distinct=len(counts),
        mean_length=sum(len(text) * times for text, times in sample) / weight,
        date_share=dated / weight,
        money_share=money / weight,
        flag_share=flagged / weight,
        id_share=ids / weight,
        counts=tuple(sample),
    )


def survey(evidence: Evidence) -> dict[str, Any]:
    """Write down what a page shows of a column, as plain data: samples, and texts that repeat."""
    listed = [[text, times] for text, times in evidence.counts[:MOST_VALUES]]
    return {
        "filled": evidence.filled,
        "rows": evidence.rows,
        "distinct": evidence.distinct,
        "samples": [text[:200] for text, _times in evidence.counts[:3]],
        "counts": listed if evidence.is_listlike else [],
        "years_as_dates": sum(t for text, t in evidence.counts if dates.is_year_as_date(text)),
    }


def _reads_as_date(text: str) -> bool:
    try:
        dates.parse_date(text, dates.DateHabits(short="year", years_as_dates=True))
    except dates.NotADate as error:
        return "may be day first" in str(error)
    return True


def _reads(parse: object, text: str) -> bool:
    try:
        parse(text)  # type: ignore[operator]
    except ValueError:
        return False
    return True
