"""Changes of many initiatives, handed to a job: what is asked for is judged again when it runs."""

from collections.abc import Mapping, Sequence

from governance_app.audit.acting import recorded
from governance_app.domain import spelling
from governance_app.domain.errors import Sentence
from governance_app.initiatives import cells
from governance_app.initiatives.models import TableChange, WorkbookReturn
from governance_app.jobs import services as jobs
from governance_app.jobs.models import Job
from governance_app.people import access
from governance_app.people.models import User

_TASKS = "governance_app.initiatives.tasks"


@recorded
def ask_change(*, versions: Mapping[str, int], texts: Mapping[str, str], by: User) -> Job:
    """
    Have cells of many initiatives changed by a job: all of them, or none.

    Args:
        versions: key -> the version that the asker saw.
        texts: cell -> text, the same for each.

    Raises:
        Sentence: too many, or a cell cannot hold its text.
        Refused: the asker may edit nothing.
    """
    _may_edit(by)
    if not 0 < len(versions) <= cells.MOST_ROWS:
        raise Sentence(f"Choose 1 to {cells.MOST_ROWS:,} initiatives.")
    for name, text in texts.items():
        cells.read(name, text)
    labels = ", ".join(cells.cell(name).label.lower() for name in texts)
    return jobs.receive(
        kind=f"{_TASKS}.change_many",
        title=f"Change {labels} of {spelling.plural(len(versions), 'initiative')}",
        payload={"versions": dict(versions), "texts": dict(texts)},
        by=by,
    )


@recorded
def ask_undo(*, change: TableChange, by: User) -> Job:
    """Have a change of many initiatives taken back by a job: all of it, or none."""
    _may_edit(by)
    return jobs.receive(
        kind=f"{_TASKS}.undo_many",
        title=f"Take back: {change.sentence}"[:300],
        payload={"change": str(change.pk)},
        key=f"{_TASKS}.undo_many:{change.pk}",
        by=by,
    )


@recorded
def ask_workbook(*, workbook: WorkbookReturn, mine: Sequence[str], by: User) -> Job:
    """Have a workbook applied by a job: every cell of it, or none."""
    _may_edit(by)
    return jobs.receive(
        kind=f"{_TASKS}.apply_workbook",
        title=f"Apply the workbook {workbook.file_name}"[:300],
        payload={"workbook": str(workbook.pk), "mine": list(mine)},
        key=f"{_TASKS}.apply_workbook:{workbook.pk}",
        by=by,
    )


def _may_edit(by: User) -> None:
    if not access.can_anywhere(by, "initiative.edit"):
        access.require(by, "initiative.edit")
