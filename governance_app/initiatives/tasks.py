"""Work of the register that runs as jobs."""

from collections.abc import Mapping, Sequence
from typing import Any

from governance_app.initiatives import selectors
from governance_app.initiatives.models import InventoryImport, TableChange, WorkbookReturn
from governance_app.initiatives.services import cells, imports, workbooks
from governance_app.jobs.errors import Permanent
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User


def apply_import(
    *, job: JobRun, by: User, inventory_id: str, currency: str = "", **_later: Any
) -> dict[str, Any]:
    """Apply an uploaded inventory; a second run finds it applied and changes nothing."""
    inventory = InventoryImport.objects.select_related("under", "file").get(pk=inventory_id)
    report = imports.apply(inventory=inventory, by=by, currency=currency, progress=job)
    return report.figures()


def change_many(
    *, job: JobRun, by: User, versions: Mapping[str, int], texts: Mapping[str, str], **_later: Any
) -> dict[str, Any]:
    """Change cells of many initiatives; a second run finds other versions and changes nothing."""
    job.stage("Changing initiatives", total=len(versions))
    rows = selectors.chosen(viewer=by, keys=list(versions))
    missing = sorted(set(versions) - {row.key for row in rows})
    if missing:
        raise Permanent(f"There is no {missing[0]} that you may see; nothing was changed.")
    changes = [cells.RowChange(row, versions[row.key], texts) for row in rows]
    change = cells.change_cells(changes=changes, by=by, progress=job.advance)
    return {"change": str(change.pk), "initiatives": len(change.cells)}


def undo_many(*, job: JobRun, by: User, change: str, **_later: Any) -> dict[str, Any]:
    """Take a change back; a second run is told that it was taken back already."""
    row = TableChange.objects.get(pk=change)
    job.stage("Taking back", total=len(row.cells))
    undone = cells.undo_change(change=row, by=by, progress=job.advance)
    return {"change": str(undone.pk), "initiatives": len(undone.cells)}


def apply_workbook(
    *, job: JobRun, by: User, workbook: str, mine: Sequence[str], **_later: Any
) -> dict[str, Any]:
    """Apply a workbook; a second run is told that it was applied already."""
    row = WorkbookReturn.objects.get(pk=workbook)
    job.stage("Changing initiatives", total=len(row.rows))
    change = workbooks.apply_workbook(workbook=row, mine=mine, by=by, progress=job.advance)
    return {"change": str(change.pk), "initiatives": len(change.cells)}
