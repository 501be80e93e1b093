"""Taking in an inventory: upload, mapping, dry run, application. The file is kept throughout."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.db import connection
from django.utils import timezone

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.files import services as files
from governance_app.initiatives.importing import diff, proposal
from governance_app.initiatives.importing import mapping as mappings
from governance_app.initiatives.importing.diff import Difference, Verdict
from governance_app.initiatives.importing.evidence import survey
from governance_app.initiatives.importing.mapping import InventoryMapping
from governance_app.initiatives.models import ImportedRow, ImportMapping, InventoryImport
from governance_app.initiatives.selectors import imports as judged
from governance_app.initiatives.selectors.imports import Report
from governance_app.initiatives.services import rows as apply_rows
from governance_app.initiatives.services.register import add_many
from governance_app.initiatives.services.units import UnitFinder
from governance_app.jobs import services as jobs
from governance_app.jobs.models import Job
from governance_app.people import access
from governance_app.people.models import ScopeNode, User

APPLY_KIND = "governance_app.initiatives.tasks.apply_import"
_IMPORT_LOCK = 0x41492D33  # one application at a time: two could make the same unit twice
_BATCH = 500


class Progress(Protocol):
    """How an application says how far it is; a job's run fits."""

    def stage(self, name: str, total: int | None = None) -> None: ...

    def advance(self, rows: int, total: int | None = None) -> None: ...

    def log(self, sentence: str) -> None: ...


class _Silent:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int | None = None) -> None:
        """Say nothing."""

    def advance(self, rows: int, total: int | None = None) -> None:
        """Say nothing."""

    def log(self, sentence: str) -> None:
        """Say nothing."""


@recorded
def upload(
    *, content: BinaryIO | bytes | Path, name: str, under: ScopeNode, by: User
) -> InventoryImport:
    """
    Keep an inventory file and open an import for it; nothing is read yet.

    Args:
        under: the node below which the file's units are found or made.
    """
    access.require(by, "inventory.import", under)
    if under.kind == ScopeNode.Kind.INITIATIVE:
        raise Sentence(f"{under} is an initiative; inventories are imported into units.")
    kept = files.store(content=content, name=name, by=by)
    return InventoryImport.objects.create(
        file=kept, file_name=Path(name.replace("\\", "/")).name[:255], under=under, started_by=by
    )


@recorded
def propose(
    *,
    inventory: InventoryImport,
    by: User,
    known: ImportMapping | None = None,
    fiscal_start_month: int = 1,
) -> proposal.Proposal:
    """
    Read the file and propose a mapping, kept on the import.

    Args:
        known: the saved mapping to start from; when left out, the one last saved for a file of
            the same columns, if any.
        fiscal_start_month: reads texts such as FY2025.

    Raises:
        Sentence: the file cannot be read; the reason names row and column.
    """
    row = _open(inventory, by)
    standing = known or None
    asked = mappings.from_json(standing.data).reading if standing is not None else None
    table = judged.read_file(row, asked)
    if standing is None:
        shape = mappings.signature(column.label for column in table.columns)
        standing = ImportMapping.objects.filter(signature=shape).order_by("-created_at").first()
    start = mappings.from_json(standing.data) if standing is not None else None
    found = proposal.propose(
        table,
        name=Path(row.file_name).stem,
        fiscal_start_month=fiscal_start_month,
        known=start,
    )
    save_changes(
        row,
        mapping=mappings.to_json(found.mapping),
        saved_mapping=standing,
        survey={label: survey(each) for label, each in found.evidence.items()},
        report={},
    )
    _mirror(inventory, row)
    return found


@recorded
def use_mapping(
    *, inventory: InventoryImport, mapping: InventoryMapping, by: User
) -> InventoryImport:
    """Keep a corrected mapping on an open import; what an earlier dry run found is forgotten."""
    row = _open(inventory, by)
    save_changes(row, mapping=mappings.to_json(mapping), report={})
    _mirror(inventory, row)
    return row


@recorded
def choose_columns(
    *,
    inventory: InventoryImport,
    fields: Mapping[str, str],
    keys: Sequence[str],
    by: User,
    is_strict: bool = False,
) -> InventoryImport:
    """
    Say which column fills which field, and which columns are keys.

    A column that keeps its field keeps its values and date habits; for the others they are
    proposed from its cells.

    Args:
        fields: column label -> field key, empty for none.

    Raises:
        MappingWrong: the choice cannot work; nothing is changed.
    """
    row = _open(inventory, by)
    before = mappings.from_json(row.mapping)
    table = judged.read_file(row, before.reading)
    rules = []
    for column in table.columns:
        field_key = fields.get(column.label, "")
        if not field_key:
            continue
        standing = before.rule_of(column.label)
        if standing is not None and standing.field == field_key:
            rules.append(standing)
        else:
            rules.append(proposal.guess_rule(table, column.label, field_key))
    chosen = replace(before, rules=tuple(rules), keys=tuple(keys), is_strict=is_strict)
    mappings.check(chosen, table)
    save_changes(row, mapping=mappings.to_json(chosen), report={})
    _mirror(inventory, row)
    return row


@recorded
def save_mapping(
    *, name: str, mapping: InventoryMapping, by: User, inventory: InventoryImport | None = None
) -> ImportMapping:
    """
    Save a mapping under a name, for the next file of the same shape; replaces one of that name.

    Raises:
        Sentence: the name is blank or the mapping cannot work.
    """
    access.require(by, "inventory.import", inventory.under if inventory else None)
    name = " ".join(name.split())[:200]
    if not name:
        raise Sentence("A saved mapping needs a name.")
    mappings.check(mapping)
    saved = _keep_mapping(name, mapping, by)
    data = saved.data
    if inventory is not None:
        row = InventoryImport.objects.select_for_update().get(pk=inventory.pk)
        save_changes(row, mapping=data, saved_mapping=saved)
        _mirror(inventory, row)
    return saved


@recorded
def dry_run(*, inventory: InventoryImport, by: User, currency: str = "") -> Report:
    """
    Say what applying the import would do, and keep the report; the register stays as it is.

    Args:
        currency: meant where neither a cell nor the mapping names one.

    Raises:
        Sentence: the file cannot be read or does not fit the mapping.
    """
    row = _open(inventory, by)
    found = judged.judge(row, currency=currency)
    save_changes(row, report=found.report.as_json())
    _mirror(inventory, row)
    return found.report


@recorded
def request_apply(*, inventory: InventoryImport, by: User, currency: str = "") -> Job:
    """Queue the application of an import as a job; asking twice gives the same job."""
    row = _open(inventory, by)
    mappings.check(mappings.from_json(row.mapping))
    job = jobs.receive(
        kind=APPLY_KIND,
        title=f"Import {row.file_name}",
        payload={"inventory_id": str(row.pk), "currency": currency},
        by=by,
        key=f"inventory-import:{row.pk}",
        node=row.under,
    )
    save_changes(row, job=job)
    _mirror(inventory, row)
    return job


@recorded
def apply(
    *,
    inventory: InventoryImport,
    by: User,
    currency: str = "",
    progress: Progress | None = None,
) -> Report:
    """
    Apply an import in one transaction: units, initiatives, their stages and raw rows, or nothing.

    Applying twice changes nothing the second time: an applied import gives its report back.

    Returns:
        what was done, in the words of the dry run.

    Raises:
        Sentence: the file cannot be read or does not fit the mapping; nothing was changed.
    """
    access.require(by, "inventory.import", inventory.under)
    told = progress or _Silent()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_IMPORT_LOCK])
    row = InventoryImport.objects.select_for_update(of=("self",)).get(pk=inventory.pk)
    if row.state == InventoryImport.State.APPLIED:
        return Report.from_json(row.report)
    if row.state != InventoryImport.State.OPEN:
        raise Sentence(f"This import of {row.file_name} was given up; upload the file again.")
    told.stage("Reading")
    found = judged.judge(row, currency=currency)
    report = found.report
    _write(row, found.difference, found.mapping, by, told)
    name = _free_name(found.mapping.name or Path(row.file_name).stem, found.mapping)
    saved = _keep_mapping(name, found.mapping, by)
    save_changes(
        row,
        state=InventoryImport.State.APPLIED,
        applied_at=timezone.now(),
        report=report.as_json(),
        saved_mapping=saved,
    )
    audit.note(
        by=by,
        action="import",
        subject=row,
        sentence=(
            f"Imported {row.file_name}: {report.new:,} new, {report.changed:,} changed,"
            f" {report.unchanged:,} unchanged, {report.refused:,} refused of {report.rows:,} rows."
        ),
        data=report.figures(),
    )
    told.log(
        f"{report.new:,} new, {report.changed:,} changed, {report.unchanged:,} unchanged,"
        f" {report.refused:,} refused."
    )
    _mirror(inventory, row)
    return report


@recorded
def abandon(*, inventory: InventoryImport, by: User, sentence: str = "") -> InventoryImport:
    """Give an open import up; its file stays, with the sentence that says why."""
    row = _open(inventory, by)
    save_changes(
        row,
        state=InventoryImport.State.ABANDONED,
        report={**row.report, "abandoned": sentence},
    )
    audit.note(
        by=by,
        action="refused" if sentence else "abandon",
        subject=row,
        sentence=f"Gave up the import of {row.file_name}. {sentence}".strip(),
    )
    _mirror(inventory, row)
    return row


def _open(inventory: InventoryImport, by: User) -> InventoryImport:
    """Lock an import that can still be changed."""
    access.require(by, "inventory.import", inventory.under)
    row = (
        InventoryImport.objects.select_for_update(of=("self",))
        .select_related("under", "file")
        .get(pk=inventory.pk)
    )
    if row.state != InventoryImport.State.OPEN:
        raise Sentence(f"The import of {row.file_name} is {row.state}; upload the file again.")
    return row


def _keep_mapping(name: str, mapping: InventoryMapping, by: User) -> ImportMapping:
    data = mappings.to_json(mapping.named(name))
    shape = mappings.signature(mapping.columns)
    saved, made = ImportMapping.objects.select_for_update().get_or_create(
        name=name, defaults={"data": data, "signature": shape, "made_by": by}
    )
    if not made:
        save_changes(saved, data=data, signature=shape)
    return saved


def _free_name(name: str, mapping: InventoryMapping) -> str:
    """Number a name that a mapping of another shape has already."""
    shape = mappings.signature(mapping.columns)
    number, free = 1, name[:190]
    while ImportMapping.objects.filter(name=free).exclude(signature=shape).exists():
        number += 1
        free = f"{name[:190]} ({number})"
    return free


def _mirror(seen: InventoryImport, row: InventoryImport) -> None:
    """Show the caller's object what was saved on the locked one."""
    if seen is not row:
        shown = ("mapping", "survey", "saved_mapping", "state", "report", "job", "applied_at")
        for name in (*shown, "version"):
            setattr(seen, name, getattr(row, name))


def _write(
    row: InventoryImport,
    difference: Difference,
    mapping: InventoryMapping,
    by: User,
    told: Progress,
) -> None:
    """Write new and changed rows; unchanged ones are only touched by nothing at all."""
    new = [verdict for verdict in difference.verdicts if verdict.state == diff.NEW]
    changed = [verdict for verdict in difference.verdicts if verdict.state == diff.CHANGED]
    told.stage("Units")
    finder = UnitFinder(row.under)
    paths = [verdict.record.units for verdict in (*new, *changed)]
    finder.make(paths)
    people = judged.people_by_name()
    today = timezone.localdate()
    told.stage("New initiatives", total=len(new))
    done = 0
    for part in _parts(new, _BATCH):
        drafts = [
            apply_rows.draft_of(
                verdict.record, finder.unit(verdict.record.units), people, row.file_name, today
            )
            for verdict in part
        ]
        made = add_many(drafts=drafts, by=by, permission="inventory.import")
        ImportedRow.objects.bulk_create(
            [
                ImportedRow(initiative=initiative, **_kept(verdict, mapping, row))
                for initiative, verdict in zip(made, part, strict=True)
            ]
        )
        done += len(part)
        told.advance(done)
    told.stage("Changed initiatives", total=len(changed))
    for index, verdict in enumerate(changed, start=1):
        known = ImportedRow.objects.select_related("initiative__node").get(
            key_digest=verdict.digest, occurrence=verdict.occurrence
        )
        apply_rows.change(
            known.initiative, verdict, finder.unit(verdict.record.units), people, by,
            row.file_name, today,
        )  # fmt: skip
        for name, value in _kept(verdict, mapping, row).items():
            setattr(known, name, value)
        known.save()
        told.advance(index)


def _kept(verdict: Verdict, mapping: InventoryMapping, row: InventoryImport) -> dict[str, Any]:
    record = verdict.record
    return {
        "key_digest": verdict.digest,
        "occurrence": verdict.occurrence,
        "key_values": dict(zip(mapping.keys, record.key, strict=True)),
        "row_hash": record.hash,
        "raw": list(record.raw.values()),
        "values": diff.stored_values(record),
        "row_number": record.number,
        "last_import": row,
    }


def _parts(items: Sequence[Verdict], size: int) -> Iterable[Sequence[Verdict]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
