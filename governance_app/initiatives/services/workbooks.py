"""Taking back a workbook: kept first, compared, then applied in one transaction."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.files import services as files
from governance_app.files.models import StoredFile
from governance_app.initiatives import returning
from governance_app.initiatives.importing import apart
from governance_app.initiatives.models import Initiative, TableChange, WorkbookReturn
from governance_app.initiatives.services.cells import Progress, RowChange, change_cells
from governance_app.people import access
from governance_app.people.models import User


@recorded
def take_workbook(*, content: bytes, name: str, by: User) -> WorkbookReturn:
    """
    Keep the file of a workbook that came back and read it, apart from everything else.

    Raises:
        Sentence: it is no workbook of ours, or holds no row.
    """
    _may_edit(by)
    table = apart.read_table(content, name=name, header_row=1)
    return receive_workbook(
        file=files.store(content=content, name=name, by=by),
        file_name=name,
        rows=returning.rows_of(table),
        by=by,
    )


@recorded
def receive_workbook(
    *, file: StoredFile, file_name: str, rows: Sequence[Any], by: User
) -> WorkbookReturn:
    """Keep a workbook that came back, with its rows as ``returning.rows_of`` read them."""
    _may_edit(by)
    if not rows:
        raise Sentence("The workbook holds no row.")
    return WorkbookReturn.objects.create(
        file=file, file_name=file_name[:255], rows=list(rows), sent_by=by
    )


@recorded
def apply_workbook(
    *, workbook: WorkbookReturn, mine: Sequence[str], by: User, progress: Progress | None = None
) -> TableChange:
    """
    Write what a workbook changed: every cell of it, or none.

    Refused rows and cells stay as they are; where somebody changed the same cell meanwhile,
    theirs stays unless ``mine`` names it as ``AI-142:vendor``.

    Raises:
        Sentence: it is not ``by``'s, was applied already, or there is nothing to write.
        StaleWrite: somebody changed a row in this very moment.
    """
    row = WorkbookReturn.objects.select_for_update().get(pk=workbook.pk)
    if row.sent_by_id != by.pk:
        raise Sentence("Only the person who sent a workbook can apply it.")
    if row.applied_at is not None:
        raise Sentence("This workbook was applied already.")
    texts = returning.wanted(found=returning.compare(kept=row, viewer=by), mine=mine)
    if not texts:
        raise Sentence("There is nothing to write: nothing was changed, or all of it is refused.")
    known = Initiative.objects.visible_to(by).filter(key__in=texts).select_related("node")
    changes = [RowChange(each, each.version, texts[each.key]) for each in known]
    change = change_cells(
        changes=changes,
        by=by,
        sentence=f"Workbook {row.file_name}: {len(changes)} initiatives",
        progress=progress,
    )
    save_changes(row, applied_at=timezone.now(), change=change)
    return change


def _may_edit(by: User) -> None:
    if not access.can_anywhere(by, "initiative.edit"):
        access.require(by, "initiative.edit")
