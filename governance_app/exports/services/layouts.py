"""Named layouts of sheets: what an ERP wants to read."""

from collections.abc import Mapping, Sequence
from typing import Any

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.errors import Sentence
from governance_app.exports.models import ColumnSet
from governance_app.exports.sheets import sheet_of
from governance_app.people import access
from governance_app.people.models import User

DATE_FORMATS = {
    "%Y-%m-%d": "2026-10-31",
    "%d.%m.%Y": "31.10.2026",
    "%d/%m/%Y": "31/10/2026",
    "%m/%d/%Y": "10/31/2026",
    "%Y%m%d": "20261031",
}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
DECIMAL_MARKS = {".": "point", ",": "comma"}


class BadLayout(Sentence):
    """A layout names a column that its sheet does not have, or a spelling nobody writes."""


@recorded
def add_layout(
    *, name: str, sheet: str, columns: Sequence[Mapping[str, Any]], by: User, **spelling: Any
) -> ColumnSet:
    """
    Add a named layout of a sheet.

    Args:
        columns: {"name": column of the sheet, "heading"} or {"value": fixed text, "heading"}.
        spelling: ``delimiter``, ``decimal_mark``, ``decimal_places``, ``date_format``, ``has_bom``.

    Raises:
        BadLayout: names the column or the spelling that cannot be.
    """
    access.require(by, "export.edit")
    wanted = _judged(name=name, sheet=sheet, columns=columns, spelling=spelling)
    if ColumnSet.objects.filter(name__iexact=wanted["name"]).exists():
        raise BadLayout(f"There is a layout {wanted['name']} already; change that one.")
    return ColumnSet.objects.create(sheet=sheet, **wanted)


@recorded
def change_layout(
    *,
    layout: ColumnSet,
    by: User,
    version: int | None = None,
    columns: Sequence[Mapping[str, Any]] | None = None,
    is_active: bool | None = None,
    **spelling: Any,
) -> ColumnSet:
    """Change what a layout holds, or put it away; files made with it stay as they are."""
    access.require(by, "export.edit")
    layout = ColumnSet.objects.select_for_update().get(pk=layout.pk)
    check_version(layout, version)
    standing = {
        name: getattr(layout, name)
        for name in ("delimiter", "decimal_mark", "decimal_places", "date_format", "has_bom")
    }
    wanted = _judged(
        name=layout.name,
        sheet=layout.sheet,
        columns=layout.columns if columns is None else columns,
        spelling={**standing, **spelling},
    )
    if is_active is not None:
        wanted["is_active"] = is_active
    save_changes(layout, **wanted)
    return layout


def _judged(
    *, name: str, sheet: str, columns: Sequence[Mapping[str, Any]], spelling: Mapping[str, Any]
) -> dict[str, Any]:
    name = " ".join(name.split())
    if not name:
        raise BadLayout("Give the layout a name, such as “SAP journal upload”.")
    known = {column.name for column in sheet_of(sheet).columns}
    kept = []
    for at, entry in enumerate(columns, start=1):
        heading = str(entry.get("heading", "")).strip()
        if "value" in entry:
            if not heading:
                raise BadLayout(f"Column {at} is a fixed value and needs a heading.")
            kept.append({"value": str(entry["value"])[:500], "heading": heading[:200]})
            continue
        column = str(entry.get("name", ""))
        if column not in known:
            raise BadLayout(
                f"Column {at}: the sheet has no {column!r}; it has {', '.join(sorted(known))}."
            )
        kept.append({"name": column, "heading": (heading or column)[:200]})
    if not kept:
        raise BadLayout("A layout has at least one column.")
    found = {
        "delimiter": spelling.get("delimiter", ","),
        "decimal_mark": spelling.get("decimal_mark", "."),
        "decimal_places": spelling.get("decimal_places"),
        "date_format": spelling.get("date_format", "%Y-%m-%d"),
        "has_bom": bool(spelling.get("has_bom", False)),
    }
    for key, choices in (
        ("delimiter", DELIMITERS), ("decimal_mark", DECIMAL_MARKS), ("date_format", DATE_FORMATS)
    ):  # fmt: skip
        if found[key] not in choices:
            words = ", ".join(choices.values())
            raise BadLayout(f"{key.replace('_', ' ').capitalize()}: choose one of {words}.")
    if found["delimiter"] == found["decimal_mark"]:
        raise BadLayout("A comma cannot be both between columns and inside numbers.")
    places = found["decimal_places"]
    if places is not None and not 0 <= places <= 18:
        raise BadLayout("Amounts have 0 to 18 decimals.")
    unknown = set(spelling) - set(found)
    if unknown:
        raise BadLayout(f"A layout has no {', '.join(sorted(unknown))}.")
    return {"name": name[:100], "columns": kept, **found}
