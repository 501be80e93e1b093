"""The groups of a bias audit as people bring them: a small table, judged row by row."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance_app.domain.errors import Sentence
from governance_app.domain.fairness import CATEGORIES, Group
from governance_app.initiatives.importing.apart import read_table
from governance_app.initiatives.importing.table import Limits, squeeze

COLUMNS = ("category", "group", "selected", "assessed")
#: An audit has dozens of groups; more is another file.
LIMITS = Limits(file_bytes=1024**2, decoded_bytes=4 * 1024**2, rows=500, columns=50)
#: How many refused rows are told; the rest are counted.
TOLD = 20
#: The largest count of people, and the longest name of a group, that are kept.
MOST, LONGEST = 2_000_000_000, 200
_OTHER_NAMES: Mapping[str, str] = {
    "gender": "sex", "race": "race_ethnicity", "ethnicity": "race_ethnicity",
    "race_or_ethnicity": "race_ethnicity", "intersectional": "intersection",
}  # fmt: skip


class BadGroups(Sentence):
    """Rows that are no groups; says each row with its reason."""


@dataclass(frozen=True, slots=True)
class Line:
    """One group as written; ``row`` is where it stands."""

    row: int
    category: str
    group: str
    selected: str
    assessed: str


def lines_of(content: bytes, *, name: str) -> list[Line]:
    """
    Read a table of groups: CSV, TSV or XLSX with a header, one row per group.

    Raises:
        BadGroups: a column is missing, or there is no group.
        Sentence: the file cannot be read, or holds more than an audit would.
    """
    table = read_table(content, name=name, header_row=1, limits=LIMITS)
    labels = {column.label.casefold(): column.label for column in table.columns}
    missing = [column for column in COLUMNS if column not in labels]
    if missing:
        raise BadGroups(
            f"{name} has no column {' and no column '.join(missing)}. Its first row names the "
            f"columns {', '.join(COLUMNS)}.",
            file=name, row=1,
        )  # fmt: skip
    if table.misfits:
        misfit = table.misfits[0]
        raise BadGroups(f"{name}, row {misfit.number}: {misfit.reason}", file=name,
                        row=misfit.number)  # fmt: skip
    return [
        Line(row.number, *(table.cell(row, labels[column]) for column in COLUMNS))
        for row in table.rows
    ]


def groups_of(lines: Sequence[Line]) -> list[Group]:
    """
    Judge every row; one that is no group refuses them all, each with its reason.

    Raises:
        BadGroups: names the rows; or there is none.
    """
    if not lines:
        raise BadGroups("There is no group: write one row for each, with the header above.")
    found: list[Group] = []
    wrong: list[BadGroups] = []
    seen: dict[tuple[str, str], int] = {}
    for line in lines:
        try:
            group = _group(line)
            before = seen.setdefault((group.category, group.name.casefold()), line.row)
            if before != line.row:
                raise _bad(line, "group", f"“{group.name}” stands in row {before} already")
            found.append(group)
        except BadGroups as bad:
            wrong.append(bad)
    if not wrong:
        return found
    first, more = wrong[0], len(wrong) - TOLD
    told = "; ".join(str(each) for each in wrong[:TOLD])
    raise BadGroups(
        f"{len(wrong)} of {len(lines)} rows cannot be taken, so none was. {told}"
        f"{f'; and {more} more' if more > 0 else ''}.",
        row=first.row, column=first.column, value=first.value,
    )  # fmt: skip


def _group(line: Line) -> Group:
    name = squeeze(line.group)
    if not name:
        raise _bad(line, "group", "the group has no name")
    if len(name) > LONGEST:
        raise _bad(line, "group", f"the name has more than {LONGEST} characters")
    word = re.sub(r"[^a-z]+", "_", line.category.casefold()).strip("_")
    category = _OTHER_NAMES.get(word, word)
    if category not in CATEGORIES:
        raise _bad(line, "category", f"“{line.category[:40]}” is none of {', '.join(CATEGORIES)}")
    selected, assessed = _count(line, "selected"), _count(line, "assessed")
    if selected > assessed:
        raise _bad(line, "selected", f"{selected} selected of {assessed} assessed cannot be")
    return Group(category, name, selected, assessed)


def _count(line: Line, column: str) -> int:
    said = str(getattr(line, column)).strip()
    plain = re.sub(r"(?<=\d)[\s,'\u2019](?=\d{3}\b)", "", said)
    if not re.fullmatch(r"\d{1,10}", plain, re.ASCII) or int(plain) > MOST:
        raise _bad(line, column, f"“{said[:40]}” is no number of people")
    return int(plain)


def _bad(line: Line, column: str, reason: str) -> BadGroups:
    return BadGroups(
        f"Row {line.row}, {column}: {reason}",
        row=line.row, column=column, value=str(getattr(line, column))[:100],
    )  # fmt: skip
