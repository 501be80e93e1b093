"""What was found wrong in a file: the first hundred places, and counts of all."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

SHOWN = 100
VALUE_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One value that is not what its column holds.

    ``row`` counts as a spreadsheet does: the header of a CSV is row 1 (Parquet has none, its
    first line is row 1). ``is_refused``: the line cannot be counted; otherwise it is only noted.
    """

    row: int
    column: str
    value: str
    reason: str
    is_refused: bool = True

    @property
    def sentence(self) -> str:
        """The problem in words: ``Row 7, BilledCost "abc": is not a number.``"""
        value = f' "{self.value}"' if self.value else ""
        return f"Row {self.row}, {self.column}{value} {self.reason}."

    def as_json(self) -> dict[str, Any]:
        return {
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "reason": self.reason,
            "refused": self.is_refused,
        }


@dataclass
class Report:
    """
    The judgement on a whole file.

    ``counts``: (column, reason, is_refused) -> how many. ``remarks``: sentences about the file
    as a whole (columns it lacks, values that were rounded).
    """

    file: str = ""
    version: str = ""
    #: What the files are: "FOCUS 1.2", or a vendor's own kind of bill.
    form: str = ""
    rows: int = 0
    refused_rows: int = 0
    problems: list[Problem] = field(default_factory=list)
    counts: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)

    def add(
        self, problems: Iterable[Problem], *, of: int, column: str, reason: str, is_refused: bool
    ) -> None:
        """Count ``of`` cases of one reason and keep the first places of it."""
        self.counts[(column, reason, is_refused)] += of
        for problem in problems:
            kept = sum(one.is_refused == is_refused for one in self.problems)
            if kept >= SHOWN:
                return
            self.problems.append(problem)

    def remark(self, sentence: str) -> None:
        if sentence not in self.remarks:
            self.remarks.append(sentence)

    @property
    def first_refused(self) -> Problem | None:
        refused = [problem for problem in self.problems if problem.is_refused]
        return min(refused, key=lambda problem: problem.row) if refused else None

    def as_json(self) -> dict[str, Any]:
        """Give the report as the page and the job show it."""
        problems = sorted(self.problems, key=lambda problem: (not problem.is_refused, problem.row))
        return {
            "file": self.file,
            "version": self.version,
            "form": self.form,
            "rows": self.rows,
            "refused": self.refused_rows,
            "problems": [problem.as_json() for problem in problems],
            "counts": [
                {"column": column, "reason": reason, "refused": is_refused, "count": count}
                for (column, reason, is_refused), count in self.counts.most_common()
            ],
            "remarks": list(self.remarks),
            "unknown_columns": list(self.unknown_columns),
        }


def shown(value: object) -> str:
    """Give a received value as a report shows it, cut to a readable length."""
    text = "" if value is None else str(value)
    return text if len(text) <= VALUE_SHOWN else text[: VALUE_SHOWN - 1] + "…"
