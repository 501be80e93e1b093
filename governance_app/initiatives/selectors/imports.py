"""Reading imports: what a file holds under its mapping, and what applying it would do."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import QuerySet

from governance_app.domain.errors import Sentence
from governance_app.files import selectors as files
from governance_app.initiatives.importing import diff, records
from governance_app.initiatives.importing import mapping as mappings
from governance_app.initiatives.importing.apart import read_table
from governance_app.initiatives.importing.diff import Difference, Known
from governance_app.initiatives.importing.fields import FIELDS
from governance_app.initiatives.importing.mapping import InventoryMapping, Reading
from governance_app.initiatives.importing.records import Record, Refusal
from governance_app.initiatives.importing.table import Table
from governance_app.initiatives.models import (
    ImportedRow,
    ImportMapping,
    Initiative,
    InventoryImport,
)
from governance_app.people.models import ScopeNode, User

#: A report keeps this many refusals and changes; the rest is counted and can be downloaded.
SHOWN = 100
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Report:
    """
    What an import does or did.

    ``rows`` = new + changed + unchanged + refused. ``set_aside`` counts single values that could
    not be read in rows that came in; ``refusals`` are the first of both kinds. ``missing`` counts
    initiatives of earlier imports with the same key columns that the file no longer holds;
    nothing happens to them.
    """

    rows: int
    new: int
    changed: int
    unchanged: int
    refused: int
    set_aside: int = 0
    missing: int = 0
    unmapped_columns: Sequence[str] = ()
    units: int = 0
    stages: Mapping[str, int] = field(default_factory=dict)
    reasons: Sequence[Mapping[str, Any]] = ()
    refusals: Sequence[Mapping[str, Any]] = ()
    changes: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[str] = ()

    def figures(self) -> dict[str, Any]:
        """Give the shape that programs read (DESIGN section 9)."""
        return {
            "rows": self.rows,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "unmapped_columns": list(self.unmapped_columns),
        }

    def as_json(self) -> dict[str, Any]:
        """Write the report as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Report":
        """Read back what ``as_json`` wrote."""
        return cls(**data)


@dataclass(frozen=True)
class Judgement:
    """A file under its mapping against what was imported before."""

    table: Table
    mapping: InventoryMapping
    difference: Difference
    report: Report


def imports(*, viewer: User) -> QuerySet[InventoryImport]:
    """Give the imports a viewer may see, newest first."""
    return (
        InventoryImport.objects.visible_to(viewer, "inventory.import")
        .select_related("file", "under", "started_by", "job", "saved_mapping")
        .order_by("-created_at", "-pk")
    )


def one(*, viewer: User, import_id: Any) -> InventoryImport | None:
    """Give an import if the viewer may see it."""
    return imports(viewer=viewer).filter(pk=import_id).first()


def made_by(*, viewer: User, inventory: InventoryImport, limit: int = 10) -> list[Initiative]:
    """Give initiatives that an applied import brought or changed, in file order."""
    return list(
        Initiative.objects.visible_to(viewer)
        .filter(imported_row__last_import=inventory)
        .select_related("stage", "unit")
        .order_by("imported_row__row_number")[:limit]
    )


def places(*, viewer: User) -> list[ScopeNode]:
    """Give the nodes a viewer may import into: the organisation first, then units by path."""
    nodes = ScopeNode.objects.visible_to(viewer, "inventory.import")
    return list(nodes.exclude(kind=ScopeNode.Kind.INITIATIVE).order_by("path"))


def saved_mappings(*, viewer: User) -> QuerySet[ImportMapping]:
    """Give the saved mappings by name."""
    return ImportMapping.objects.visible_to(viewer).select_related("made_by").order_by("name")


def read_file(inventory: InventoryImport, asked: Reading | None = None) -> Table:
    """
    Read the kept file of an import.

    Raises:
        Sentence: it cannot be read.
    """
    with files.open_file(file=inventory.file) as stream:
        content = stream.read()
    wanted = asked or Reading()
    return read_table(
        content,
        name=inventory.file_name,
        encoding=wanted.encoding,
        delimiter=wanted.delimiter,
        sheet=wanted.sheet,
        header_row=wanted.header_row,
    )


def judge(inventory: InventoryImport, *, currency: str = "") -> Judgement:
    """
    Read an import's file under its mapping and compare it with what was imported before.

    Raises:
        Sentence: the file cannot be read or the mapping does not fit it.
    """
    mapping = mappings.from_json(inventory.mapping)
    table = read_file(inventory, mapping.reading)
    mappings.check(mapping, table)
    people = people_by_name()
    found = [
        _with_people(record, mapping, people)
        for record in records.read_records(table, mapping, currency=currency)
    ]
    known = _known([diff.key_digest(r, mapping) for r in found if not r.is_refused])
    difference = diff.compare(found, mapping, known)
    return Judgement(table, mapping, difference, _report(table, mapping, difference))


def refusals_csv(*, viewer: User, inventory: InventoryImport, currency: str = "") -> str:
    """
    Write every refused row and value of an import as CSV: row, column, value, reason.

    A value that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    if not imports(viewer=viewer).filter(pk=inventory.pk).exists():
        raise Sentence("There is no such import.")
    judgement = judge(inventory, currency=currency)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["row", "column", "value", "reason", "whole row refused"])
    for refusal in judgement.difference.refusals():
        writer.writerow(
            [
                refusal.row,
                _harmless(refusal.column),
                _harmless(refusal.value),
                _harmless(refusal.reason),
                "yes" if refusal.whole_row else "no",
            ]
        )
    return out.getvalue()


def cells_of(*, viewer: User, initiative: Initiative) -> list[tuple[str, str]]:
    """Give every cell of the row an initiative came from: column label and text, in file order."""
    found = (
        ImportedRow.objects.visible_to(viewer)
        .filter(initiative=initiative)
        .select_related("last_import")
        .first()
    )
    if found is None:
        return []
    columns = found.last_import.mapping.get("columns", [])
    return list(zip(columns, found.raw, strict=False))


def people_by_name() -> dict[str, User]:
    """Give active people by e-mail and by name, lower case; a name two people share is left out."""
    found: dict[str, User] = {}
    names: dict[str, list[User]] = defaultdict(list)
    for user in User.objects.filter(kind=User.Kind.PERSON, is_active=True).order_by("pk"):
        found[user.email.casefold()] = user
        names[" ".join(user.name.split()).casefold()].append(user)
    for name, holders in names.items():
        if len(holders) == 1:
            found.setdefault(name, holders[0])
    return found


def _with_people(record: Record, mapping: InventoryMapping, people: Mapping[str, User]) -> Record:
    """Set names aside that belong to nobody here; the raw row keeps them."""
    for key, target in FIELDS.items():
        if target.kind != "person" or key not in record.values:
            continue
        said = str(record.values[key])
        if said.casefold() in people:
            continue
        record.refusals.append(
            Refusal(
                record.number,
                mapping.rules_for(key)[0].column,
                said[:300],
                "Nobody here has this name or address, or several have.",
                whole_row=mapping.is_strict,
            )
        )
        del record.values[key]
    return record


def _known(digests: Sequence[str]) -> dict[str, list[Known]]:
    found: dict[str, list[Known]] = defaultdict(list)
    wanted = sorted(set(digests))
    for start in range(0, len(wanted), 5000):
        rows = ImportedRow.objects.filter(key_digest__in=wanted[start : start + 5000])
        for pk, digest, occurrence, row_hash, values in rows.order_by(
            "key_digest", "occurrence"
        ).values_list("pk", "key_digest", "occurrence", "row_hash", "values"):
            found[digest].append(Known(digest, occurrence, row_hash, values, ref=pk))
    return found


def _report(table: Table, mapping: InventoryMapping, difference: Difference) -> Report:
    refusals = difference.refusals()
    reasons: Counter[tuple[str, str, bool]] = Counter(
        (each.column, _without_value(each), each.whole_row) for each in refusals
    )
    kept = [v for v in difference.verdicts if v.state != diff.REFUSED]
    matched = {v.known.ref for v in kept if v.known is not None}
    labels = {rule.column for rule in mapping.rules}
    missing = 0
    if matched:
        earlier = ImportedRow.objects.filter(pk__in=matched).values("last_import")
        missing = (
            ImportedRow.objects.filter(last_import__in=earlier).exclude(pk__in=matched).count()
        )
    return Report(
        rows=len(difference.verdicts),
        new=difference.counts[diff.NEW],
        changed=difference.counts[diff.CHANGED],
        unchanged=difference.counts[diff.UNCHANGED],
        refused=difference.counts[diff.REFUSED],
        set_aside=sum(1 for each in refusals if not each.whole_row),
        missing=missing,
        unmapped_columns=[c.label for c in table.columns if c.label not in labels],
        units=len(
            {v.record.units[:depth] for v in kept for depth in range(1, len(v.record.units) + 1)}
        ),
        stages=dict(Counter(str(v.record.values.get("stage", "")) for v in kept)),
        reasons=[
            {"column": column, "reason": reason, "whole_row": whole, "times": times}
            for (column, reason, whole), times in reasons.most_common(SHOWN)
        ],
        refusals=[asdict(each) for each in refusals[:SHOWN]],
        changes=[_change(v) for v in kept if v.state == diff.CHANGED][:SHOWN],
        notes=list(table.notes),
    )


def _without_value(refusal: Refusal) -> str:
    """Group refusals of one kind: the year in the reason is left out."""
    words = ["…" if word.isdigit() else word for word in refusal.reason.split(" ")]
    return " ".join(words)


def _change(verdict: diff.Verdict) -> dict[str, Any]:
    before: Mapping[str, Any] = verdict.known.values.get("fields", {}) if verdict.known else {}
    changed = []
    for key in verdict.fields:
        label = FIELDS[key].label if key in FIELDS else key.replace(".", " ")
        changed.append(
            {
                "field": label,
                "before": _shown(before.get(key)),
                "after": _shown(verdict.record.values.get(key)),
            }
        )
    return {
        "row": verdict.record.number,
        "name": verdict.record.values.get("name", ""),
        "fields": changed,
    }


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return str(value)[:300]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
