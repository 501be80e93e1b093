"""Bringing a delivery of bills home: its bytes into the file store, its lines into the ledger."""

from collections.abc import Mapping
from typing import Any

from governance_app.connectors import services
from governance_app.connectors.base import Delivery, SourceError
from governance_app.connectors.models import SyncRun
from governance_app.domain.errors import Sentence
from governance_app.files import services as files
from governance_app.files.models import StoredFile
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User
from governance_app.spend.services import BillRefused


def take(
    *, delivery: Delivery, marks: Mapping[str, Any], run: SyncRun, job: JobRun, by: User
) -> SyncRun:
    """
    Keep the files of a delivery and load them; one that is refused does not stop the run.

    Its bytes are kept in either case. A refused one is counted with its sentence, and its
    marks stay as they were, so the next run tries again what the source offers then.
    """
    try:
        kept = _keep(delivery, job, by)
        job.stage(f"Reading {delivery.scope}", total=delivery.declared_rows)
        run, imported = services.store_delivery(
            run=run, delivery=delivery, files=kept, marks=marks, by=by, progress=job.advance
        )
    except SourceError as error:
        return _refused(delivery, error, run, job, by)
    except BillRefused as error:
        for problem in error.report.problems:
            if problem.is_refused:
                job.log(problem.sentence)
        return _refused(delivery, error, run, job, by)
    except Sentence as error:
        return _refused(delivery, error, run, job, by)
    for remark in imported.report.remarks:
        job.log(remark)
    for load in imported.loads:
        job.log(f"{load.scope}, {load.period:%b %Y}: {load.rows:,} lines, {load.outcome}.")
    return run


def _keep(delivery: Delivery, job: JobRun, by: User) -> list[StoredFile]:
    """Fetch every part into the file store before any of it counts."""
    job.stage(f"Fetching {delivery.scope}", total=len(delivery.parts))
    kept: list[StoredFile] = []
    for part in delivery.parts:
        with part.open() as stream:
            kept.append(files.store(content=stream, name=part.name, by=by))
        job.advance(len(kept))
    if delivery.still is not None:
        delivery.still()
    return kept


def _refused(delivery: Delivery, error: Sentence, run: SyncRun, job: JobRun, by: User) -> SyncRun:
    sentence = str(error)
    if error.where and error.file not in sentence:
        sentence = f"{error.where}: {sentence}"
    job.log(f"{delivery.scope} was refused. {sentence}")
    return services.refuse_delivery(run=run, what=delivery.scope, sentence=sentence, by=by)
