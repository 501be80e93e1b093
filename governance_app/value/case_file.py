"""Reading the lines of a business case from a file or a pasted table, with every problem named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from governance_app.domain.errors import Sentence
from governance_app.domain.periods import month_of
from governance_app.domain.records import AssumptionRecord, CaseLineRecord
from governance_app.initiatives.importing.apart import read_table
from governance_app.initiatives.importing.dates import DateHabits, NotADate, habits_of, parse_date
from governance_app.initiatives.importing.table import Limits, Row, Table, squeeze
from governance_app.initiatives.importing.values import parse_amount
from governance_app.value import choices

#: Columns that a case is read from -> other words for them, all in small letters.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "month": ("month", "date", "period"),
    "side": ("side", "kind", "cost or benefit", "type of line"),
    "category": ("category", "type", "cost category", "benefit type"),
    "amount": ("amount", "value", "sum"),
    "recurring": ("recurring", "is recurring"),
    "treatment": ("treatment", "capex or opex", "opex or capex"),
    "low": ("low", "low amount"),
    "high": ("high", "high amount"),
}
NEEDED = ("month", "side", "category", "amount")
LIMITS = Limits(file_bytes=8 * 1024**2, decoded_bytes=32 * 1024**2, rows=20_000, columns=200)

_SIDES = {"cost": "cost", "costs": "cost", "benefit": "benefit", "benefits": "benefit"}
_YES = {"yes", "y", "true", "1", "recurring"}
_NO = {"no", "n", "false", "0", "one-off", "once"}


@dataclass(frozen=True, slots=True)
class Problem:
    """
    A cell that cannot be read: the row as a spreadsheet counts, and what to do about it.

    ``sheet`` names where in a workbook; blank where a file has one table.
    """

    row: int
    column: str
    value: str
    sentence: str
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """
    What a file says: the lines that can be read and the problems of all others.

    A workbook also brings ``assumptions`` (None: it says nothing about them) and ``facts``:
    currency, rate, month of t = 0 and of going live, as its form has them.
    """

    name: str
    lines: tuple[CaseLineRecord, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()
    assumptions: tuple[AssumptionRecord, ...] | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    def as_text(self) -> str:
        """Write the lines as a table that :func:`read_case` reads again, one line each."""
        return lines_text(self.lines)


def lines_text(lines: Iterable[CaseLineRecord]) -> str:
    """Write lines as a table with its header, with their ranges where one of them has one."""
    written = list(lines)
    header = "month,side,category,amount,recurring,treatment"
    if all(line.low is None and line.high is None for line in written):
        return "\n".join([header, *map(line_text, written)])
    ranges = [",".join(map(_end_text, (line.low, line.high))) for line in written]
    rows = [f"{line_text(line)},{ends}" for line, ends in zip(written, ranges, strict=True)]
    return "\n".join([f"{header},low,high", *rows])


def _end_text(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount.normalize():f}"


def line_text(line: CaseLineRecord) -> str:
    """
    Write one line as text, the amount in full.

    >>> from datetime import date
    >>> from decimal import Decimal
    >>> line_text(CaseLineRecord("cost", "run", date(2026, 1, 1), Decimal("100.50")))
    '2026-01,cost,run,100.5,yes,'
    """
    amount = f"{line.amount.normalize():f}"
    recurring = "yes" if line.is_recurring else "no"
    return f"{line.month:%Y-%m},{line.side},{line.category},{amount},{recurring},{line.treatment}"


def read_case(content: bytes, *, name: str, currency: str) -> CaseFile:
    """
    Read month, side, category and amount from CSV, TSV or XLSX bytes; nothing is written.

    Args:
        content: the file as received, or a pasted table as UTF-8.
        name: its name, used in every sentence.
        currency: of the case; an amount that names another one is a problem.

    Returns:
        every row as a line or as problems, in the order of the file.

    Raises:
        Sentence: it is no table, or a needed column is missing.
    """
    return read_lines(read_table(content, name=name, limits=LIMITS), name, currency)


def read_lines(table: Table, name: str, currency: str, *, sheet: str = "") -> CaseFile:
    """Read the lines of a table that was opened already; ``sheet`` is named in its problems."""
    labels = _columns(table)
    habits = habits_of(table.values(labels["month"]))
    lines: list[CaseLineRecord] = []
    problems = [Problem(each.number, "", "", each.reason) for each in table.misfits]
    for row in table.rows:
        line, wrong = _line(table, row, labels, habits, currency)
        problems += wrong
        if line is not None:
            lines.append(line)
    problems = [replace(each, sheet=sheet) for each in problems]
    problems.sort(key=lambda each: each.row)
    return CaseFile(name, tuple(lines), tuple(problems), table.notes)


def _columns(table: Table) -> dict[str, str]:
    """Find which column holds what by its header."""
    found: dict[str, str] = {}
    for column in table.columns:
        said = squeeze(column.header).casefold().replace("_", " ")
        for key, words in COLUMNS.items():
            if said in words and key not in found:
                found[key] = column.label
    missing = [key for key in NEEDED if key not in found]
    if missing:
        there = ", ".join(column.label for column in table.columns[:8])
        raise Sentence(
            f"A business case needs the columns {', '.join(NEEDED)}; "
            f"{', '.join(missing)} is not among {there}.",
            file=table.file,
        )
    return found


def _line(
    table: Table, row: Row, labels: Mapping[str, str], habits: DateHabits, currency: str
) -> tuple[CaseLineRecord | None, list[Problem]]:
    said = {field: squeeze(table.cell(row, label)) for field, label in labels.items()}
    problems: list[Problem] = []

    def wrong(field: str, sentence: str) -> None:
        problems.append(Problem(row.number, labels[field], said[field], sentence))

    month = None
    try:
        month = month_of(parse_date(said["month"], habits).on)
    except NotADate as error:
        wrong("month", f"This {error}. Write a month such as 2026-04.")
    side = _SIDES.get(said["side"].casefold(), "")
    if not side:
        wrong("side", "The side is cost or benefit.")
    known = choices.COST_CATEGORIES if side == "cost" else choices.BENEFIT_TYPES
    category = said["category"].casefold().split(":")[0].strip()
    if side and category not in known:
        wrong("category", f"A {side} is one of {', '.join(known)}.")
    amounts: dict[str, Decimal] = {}
    for column in ("amount", "low", "high"):
        if not said.get(column) and column != "amount":
            continue
        try:
            written = parse_amount(said[column])
        except ValueError as error:
            wrong(column, f"This {error}. Write figures, such as 12500.")
            continue
        if written.currency and written.currency != currency:
            wrong(column, f"This is in {written.currency}; the case is in {currency}.")
        elif written.value < 0:
            wrong(column, "An amount is never below 0; the side says which way it counts.")
        amounts[column] = written.value
    amount, low, high = (amounts.get(column) for column in ("amount", "low", "high"))
    if amount is not None and low is not None and low > amount:
        wrong("low", "The low is not above the likely amount.")
    if amount is not None and high is not None and high < amount:
        wrong("high", "The high is not below the likely amount.")
    treatment = said.get("treatment", "").casefold()
    if treatment and (side != "cost" or treatment not in choices.TREATMENTS):
        wrong("treatment", "Only a cost is opex or capex.")
    recurring = said.get("recurring", "").casefold()
    if recurring and recurring not in _YES | _NO:
        wrong("recurring", "Write yes or no.")
    if problems or month is None or amount is None:
        return None, problems
    return (
        CaseLineRecord(side, category, month, amount, recurring not in _NO, treatment, low, high),
        problems,
    )
