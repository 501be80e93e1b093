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
    """Change cells of many initiatives; a second run finds its change and tells of it again."""
    if (made := selectors.change_of_job(viewer=by, job_id=job.job.pk)) is not None:
        return _told(made, job)
    job.stage("Changing initiatives", total=len(versions))
    rows = selectors.chosen(viewer=by, keys=list(versions))
    missing = sorted(set(versions) - {row.key for row in rows})
    if missing:
        raise Permanent(f"There is no {missing[0]} that you may see; nothing was changed.")
    changes = [cells.RowChange(row, versions[row.key], texts) for row in rows]
    change = cells.change_cells(changes=changes, by=by, progress=job.advance)
    return _figures(change)


def undo_many(*, job: JobRun, by: User, change: str, **_later: Any) -> dict[str, Any]:
    """Take a change back; a second run finds that it was this job and tells of it again."""
    row = TableChange.objects.get(pk=change)
    if row.undone_at and selectors.was_written_by_job(row=row, job_id=job.job.pk):
        return _told(row, job)
    job.stage("Taking back", total=len(row.cells))
    undone = cells.undo_change(change=row, by=by, progress=job.advance)
    return _figures(undone)


def apply_workbook(
    *, job: JobRun, by: User, workbook: str, mine: Sequence[str], **_later: Any
) -> dict[str, Any]:
    """Apply a workbook; a second run finds that it was this job and tells of it again."""
    row = WorkbookReturn.objects.select_related("change").get(pk=workbook)
    if row.change and selectors.was_written_by_job(row=row, job_id=job.job.pk):
        return _told(row.change, job)
    job.stage("Changing initiatives", total=len(row.rows))
    change = workbooks.apply_workbook(workbook=row, mine=mine, by=by, progress=job.advance)
    return _figures(change)


def _told(change: TableChange, job: JobRun) -> dict[str, Any]:
    """Tell again what this job did before its worker was lost."""
    job.log("It was done already when the worker was lost; nothing was done twice.")
    return _figures(change)


def _figures(change: TableChange) -> dict[str, Any]:
    return {"change": str(change.pk), "initiatives": len(change.cells)}
