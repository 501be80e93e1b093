"""Reading a business case back from its workbook, with every problem named by sheet and row."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from governance_app.domain.errors import Sentence
from governance_app.domain.records import AssumptionRecord
from governance_app.initiatives.importing.apart import read_table
from governance_app.initiatives.importing.table import Row, Table, squeeze
from governance_app.initiatives.importing.values import parse_amount
from governance_app.value import choices
from governance_app.value.case_book import ASSUMPTION_COLUMNS, ASSUMPTIONS, CASE, FACTS, LINES
from governance_app.value.case_file import LIMITS, CaseFile, Problem, read_case, read_lines


def read_any(content: bytes, *, name: str, currency: str) -> CaseFile:
    """
    Read a case from CSV, from any workbook with a table, or from an exported workbook.

    Args:
        currency: of the case; where the workbook names its own, that one holds.
    """
    if not name.lower().endswith((".xlsx", ".xlsm")):
        return read_case(content, name=name, currency=currency)
    lines = _sheet(content, name, LINES)
    if lines is None:
        return read_case(content, name=name, currency=currency)
    facts = _facts(_sheet(content, name, CASE))
    found = read_lines(lines, name, facts.get("currency", currency), sheet=LINES)
    asked = _sheet(content, name, ASSUMPTIONS)
    assumptions, problems = _assumptions(asked) if asked is not None else (None, [])
    return replace(
        found,
        problems=(*found.problems, *problems),
        assumptions=assumptions,
        facts=facts,
        notes=(),
    )


def _sheet(content: bytes, name: str, sheet: str) -> Table | None:
    """Give a sheet by its name; None where the workbook has none that can be read."""
    try:
        return read_table(content, name=name, sheet=sheet, header_row=1, limits=LIMITS)
    except Sentence:
        return None  # read_case opens the file again and says what is wrong with it


def _facts(table: Table | None) -> dict[str, str]:
    """Give what the first sheet says, field of the form -> as the form writes it."""
    if table is None or len(table.columns) < 2:
        return {}
    field, value = (column.label for column in table.columns[:2])
    said = {squeeze(table.cell(row, field)): squeeze(table.cell(row, value)) for row in table.rows}
    found = {key: said[words] for key, words in FACTS.items() if words in said}
    for key in ("valuation_month", "go_live_month"):
        if found.get(key):
            found[key] = _month(found[key])
    if found.get("annual_rate"):
        found["annual_rate"] = _percent(found["annual_rate"])
    return found


def _month(text: str) -> str:
    try:
        return f"{dt.date.fromisoformat(text[:10]):%Y-%m}"
    except ValueError:
        return text  # the form refuses it in words


def _percent(text: str) -> str:
    try:
        share = parse_amount(text.rstrip("% ")).value
    except ValueError:
        return text
    return f"{(share if '%' in text else share * 100).normalize():f}"


def _assumptions(
    table: Table,
) -> tuple[tuple[AssumptionRecord, ...], list[Problem]]:
    labels = {column.header.casefold(): column.label for column in table.columns}
    missing = [name for name in ASSUMPTION_COLUMNS[:4] if name.casefold() not in labels]
    if missing and table.rows:
        sentence = f"The sheet needs the columns {', '.join(ASSUMPTION_COLUMNS[:4])}."
        return (), [Problem(1, ", ".join(missing), "", sentence, ASSUMPTIONS)]
    problems = [Problem(each.number, "", "", each.reason, ASSUMPTIONS) for each in table.misfits]
    found = []
    for row in table.rows:
        record, wrong = _assumption(table, row, labels)
        problems += wrong
        if record is not None:
            found.append(record)
    return tuple(found), problems


def _assumption(
    table: Table, row: Row, labels: Mapping[str, str]
) -> tuple[AssumptionRecord | None, list[Problem]]:
    said = {
        name: squeeze(table.cell(row, labels.get(name.casefold(), "")))
        for name in ASSUMPTION_COLUMNS
    }
    problems: list[Problem] = []

    def wrong(column: str, sentence: str) -> None:
        problems.append(Problem(row.number, column, said[column], sentence, ASSUMPTIONS))

    if not said["Name"]:
        wrong("Name", "An assumption needs a name.")
    ends: list[Decimal] = []
    for column in ("Low", "Likely", "High"):
        try:
            ends.append(parse_amount(said[column]).value)
        except ValueError as error:
            wrong(column, f"This {error}. Write figures, such as 0.65.")
    if len(ends) == 3 and not ends[0] <= ends[1] <= ends[2]:
        wrong("Likely", "Low, likely and high rise.")
    for column, known in (("Factor", choices.FACTORS), ("Moves", choices.SIDES)):
        said[column] = said[column].casefold()
        if said[column] and said[column] not in known:
            options = ", ".join(option for option in known if option)
            wrong(column, f"This is one of {options}.")
    if problems:
        return None, problems
    record = AssumptionRecord(
        said["Name"], ends[0], ends[1], ends[2], said["Unit"], said["Factor"],
        said["Moves"] or "benefit", said["Driver"], said["Owner"], said["Evidence"],
    )  # fmt: skip
    return record, []


def read_assumptions(
    text: str,
) -> tuple[tuple[AssumptionRecord, ...], tuple[Problem, ...]]:
    """Read assumptions pasted as a table, with the headers of the sheet; blank gives none."""
    if not text.strip():
        return (), ()
    table = read_table(text.strip().encode(), name="The assumptions", limits=LIMITS)
    found, problems = _assumptions(table)
    return found, tuple(problems)


def assumptions_text(records: Iterable[AssumptionRecord]) -> str:
    """Write assumptions as a table that is read again; blank where there are none."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    rows = [
        (
            each.name, *(f"{end.normalize():f}" for end in (each.low, each.likely, each.high)),
            each.unit, each.factor, each.moves, each.driver, each.owner, each.evidence,
        )
        for each in records
    ]  # fmt: skip
    if not rows:
        return ""
    writer.writerow([name.lower() for name in ASSUMPTION_COLUMNS])
    writer.writerows(rows)
    return stream.getvalue().rstrip("\n")
