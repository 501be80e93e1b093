"""A workbook that came back: which cells were changed in it, here meanwhile, or in both."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance_app.domain.errors import Sentence
from governance_app.initiatives import cells
from governance_app.initiatives.importing.table import Table
from governance_app.initiatives.models import Initiative, WorkbookReturn
from governance_app.people import access
from governance_app.people.models import User

KEY, VERSION, UNIT, BASE = "Key", "Version", "Unit", "As it left"
#: The cells of a workbook; units are moved on their page.
SHEET = tuple(name for name in cells.CELLS if name != "unit")
MOST_ROWS = 10_000
#: A workbook that changes more rows than this is applied by a job.
AT_ONCE = 500


@dataclass(frozen=True)
class Returned:
    """
    One cell that differs from how it left the house.

    ``state``: change (only here in the workbook), clash (also changed in the product
    meanwhile), or refused with its ``reason``.
    """

    number: int
    key: str
    title: str
    field: str
    label: str
    base: str
    mine: str
    theirs: str
    state: str
    reason: str = ""


def heads() -> list[str]:
    """Give the column titles of a workbook."""
    return [KEY, VERSION, UNIT, *(cells.CELLS[name].label for name in SHEET), BASE]


def line_of(row: Initiative) -> list[str]:
    """Give one row of a workbook; the last cell holds every cell as it left."""
    texts = {name: cells.text_of(row, name) for name in SHEET}
    shown = [cells.words_of(texts[name], name) for name in SHEET]
    return [row.key, str(row.version), row.unit.name, *shown, json.dumps(texts)]


def rows_of(table: Table) -> list[dict[str, Any]]:
    """
    Read a workbook's table into what is kept of it.

    Raises:
        Sentence: it is no workbook of ours, or holds too many rows.
    """
    places = {column.label: column.position for column in table.columns}
    missing = [label for label in (KEY, VERSION, BASE) if label not in places]
    if missing:
        raise Sentence(
            f"This is no workbook that was downloaded here: the column “{missing[0]}” is missing."
            " Download a fresh one, or use Import for a list of your own.",
            file=table.file,
        )
    if len(table) > MOST_ROWS:
        raise Sentence(
            f"{len(table):,} rows are too many; the most is {MOST_ROWS:,}.", file=table.file
        )
    labels = {name: cells.CELLS[name].label for name in SHEET}
    found = []
    for record in table.rows:

        def at(label: str, record: Any = record) -> str:
            place = places.get(label)
            return record.cells[place].strip() if place is not None else ""

        if not any(cell.strip() for cell in record.cells):
            continue
        found.append(
            {
                "number": record.number,
                "key": at(KEY).upper(),
                "base": _base(at(BASE)),
                "mine": {name: at(label) for name, label in labels.items() if label in places},
            }
        )
    for misfit in table.misfits:
        found.append({"number": misfit.number, "key": "", "base": None, "mine": {},
                      "reason": misfit.reason})  # fmt: skip
    return found


def compare(*, kept: WorkbookReturn, viewer: User) -> list[Returned]:
    """Lay base, mine and theirs beside each other for every cell that was changed."""
    keys = [row["key"] for row in kept.rows]
    seen = Initiative.objects.visible_to(viewer).filter(key__in=keys).for_reading()
    known = {row.key: row for row in seen}
    found: list[Returned] = []
    done: set[str] = set()
    for record in kept.rows:
        row = known.get(record["key"])
        reason = _refusal(record, row, viewer, done)
        done.add(record["key"])
        if reason or row is None:
            found.append(_whole(record, row, reason))
            continue
        for name, text in record["mine"].items():
            cell = _cell(record, row, name, text)
            if cell is not None:
                found.append(cell)
    return found


def _base(text: str) -> dict[str, str] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) and set(found) <= set(SHEET) else None


def _refusal(
    record: Mapping[str, Any], row: Initiative | None, viewer: User, done: set[str]
) -> str:
    if record.get("reason"):
        return str(record["reason"])
    if not record["key"]:
        return "It has no key; new initiatives come by Import."
    if row is None:
        return f"There is no {record['key']} that you may see."
    if record["key"] in done:
        return f"{record['key']} stands in an earlier row already."
    if record["base"] is None:
        return f"The cell “{BASE}” was changed; download a fresh workbook for this row."
    may = access.can(viewer, "initiative.edit", row)
    return "" if may else may.reason


def _whole(record: Mapping[str, Any], row: Initiative | None, reason: str) -> Returned:
    title = row.name if row is not None else ""
    return Returned(
        record["number"], record["key"], title, "", "the row", "", "", "", "refused", reason
    )


def _cell(record: Mapping[str, Any], row: Initiative, name: str, text: str) -> Returned | None:
    base = record["base"].get(name, "")
    if text in (base, cells.words_of(base, name)):
        return None
    theirs = cells.text_of(row, name)
    parts = (record["number"], row.key, row.name, name, cells.CELLS[name].label)
    shown = [cells.words_of(each, name) for each in (base, text, theirs)]
    try:
        mine = cells.canonical(name, text)
    except Sentence as refusal:
        return Returned(*parts, shown[0], shown[1], shown[2], "refused", str(refusal))
    if mine in (base, theirs):
        return None
    state = "clash" if theirs != base else "change"
    return Returned(*parts, shown[0], cells.words_of(mine, name), shown[2], state)


def wanted(*, found: Sequence[Returned], mine: Sequence[str]) -> dict[str, dict[str, str]]:
    """
    Give what shall be written: every change, and of the clashes those decided for the workbook.

    Args:
        mine: ``AI-142:vendor`` for each clash in which the workbook wins.

    Returns:
        key -> cell -> text.
    """
    texts: dict[str, dict[str, str]] = {}
    for each in found:
        wins = each.state == "change" or (
            each.state == "clash" and f"{each.key}:{each.field}" in mine
        )
        if wins:
            texts.setdefault(each.key, {})[each.field] = each.mine
    return texts
