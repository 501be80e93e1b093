"""Kinds of work of the spend ledger; each calls one service."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from governance_app.books.models import AccountingMonth
from governance_app.domain.errors import Sentence
from governance_app.files.models import StoredFile
from governance_app.jobs.clock import database_now
from governance_app.jobs.errors import Permanent
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User
from governance_app.spend import selectors, services
from governance_app.spend.budget_sheet import BudgetRefused
from governance_app.spend.models import Delivery, MonthClose, Source


def import_file(
    *,
    job: JobRun,
    by: User,
    source: str,
    files: list[str],
    names: list[str] | None = None,
    dry_run: bool = False,
    **_later: Any,
) -> dict[str, Any]:
    """Load kept files as one bill; the log lists what is wrong with a refused one."""
    kept = StoredFile.objects.in_bulk([uuid.UUID(one) for one in files])
    return _loading(
        job,
        lambda: services.import_file(
            source=Source.objects.get(pk=source),
            files=[kept[uuid.UUID(one)] for one in files],
            names=names or (),
            by=by,
            now=database_now(),
            dry_run=dry_run,
            progress=job.advance,
        ),
        dry_run=dry_run,
    )


def replay(
    *, job: JobRun, by: User, delivery: str, dry_run: bool = False, **_later: Any
) -> dict[str, Any]:
    """Load the kept files of a bill again."""
    return _loading(
        job,
        lambda: services.replay(
            delivery=Delivery.objects.select_related("source").get(pk=delivery),
            by=by,
            now=database_now(),
            dry_run=dry_run,
            progress=job.advance,
        ),
        dry_run=dry_run,
    )


def _loading(
    job: JobRun, load: Callable[[], services.Imported], *, dry_run: bool
) -> dict[str, Any]:
    """Load something and say what became of it; the log lists what is wrong with a refused bill."""
    job.stage("Reading lines")
    try:
        imported = load()
    except services.BillRefused as refused:
        for problem in refused.report.problems:
            if problem.is_refused:
                job.log(problem.sentence)
        raise Permanent(str(refused)) from refused
    for remark in imported.report.remarks:
        job.log(remark)
    return {
        **imported.as_json(),
        "loads": [
            {"scope": one.scope, "period": one.period.isoformat(), "outcome": one.outcome,
             "version": one.number, "rows": one.rows}
            for one in imported.loads
        ],
        "delivery": str(imported.delivery_id) if imported.delivery_id else None,
        "dry_run": dry_run,
    }  # fmt: skip


def archive(*, job: JobRun, by: User, delivery: str, **_later: Any) -> dict[str, Any]:
    """Write the lines of a delivery to the file store."""
    job.stage("Writing lines")
    made = services.archive(delivery_id=delivery, by=by, progress=job.advance)
    return {"archives": len(made), "rows": sum(one.rows for one in made)}


def reallocate(
    *,
    job: JobRun,
    by: User,
    month: str | None = None,
    only_if_needed: bool = False,
    is_full: bool = False,
    **_later: Any,
) -> dict[str, Any]:
    """Share the keys that changes of the rules may touch; every key when ``is_full``."""
    job.stage("Sharing keys")
    months = [dt.date.fromisoformat(month)] if month else None
    run = services.allocate(by=by, months=months, only_if_needed=only_if_needed, is_full=is_full)
    if run is None:
        return {"added": 0, "removed": 0}
    return {
        "added": run.shares_added,
        "removed": run.shares_removed,
        "keys": run.keys_touched,
        "run": str(run.pk),
    }


def watch(*, job: JobRun, by: User, **_later: Any) -> dict[str, Any]:
    """Keep the days of bills that came since, and look for what is unusual in them."""
    job.stage("Reading days")
    days = services.keep_days(by=by, progress=job.advance)
    job.stage("Comparing with what is usual")
    found = services.watch(by=by, on=database_now().date())
    return {"loads": days, "new": found.new, "changed": found.changed, "gone": found.gone}


def watch_budgets(*, job: JobRun, by: User, **_later: Any) -> dict[str, Any]:
    """Compare budgets with what was spent and what is forecast."""
    job.stage("Comparing budgets")
    found = services.watch_budgets(by=by, on=database_now().date())
    for sentence in found.left_out:
        job.log(sentence)
    return {"alerts": len(found.alerts), "left_out": len(found.left_out)}


def import_budget(
    *,
    job: JobRun,
    by: User,
    file: str,
    file_name: str,
    name: str,
    fiscal_year: int,
    dry_run: bool = False,
    **_later: Any,
) -> dict[str, Any]:
    """Load a sheet of budget lines; the log lists the cells of a refused one."""
    job.stage("Reading lines")
    try:
        made = services.import_budget(
            file=StoredFile.objects.get(pk=file),
            file_name=file_name,
            name=name,
            fiscal_year=fiscal_year,
            dry_run=dry_run,
            on=database_now().date(),
            by=by,
        )
    except BudgetRefused as refused:
        for problem in refused.problems:
            job.log(problem.sentence)
        raise Permanent(str(refused)) from refused
    return made.as_json()


def import_invoice_details(
    *, job: JobRun, by: User, file: str, file_name: str, **_later: Any
) -> dict[str, Any]:
    """Read a FOCUS InvoiceDetail file, whole or not at all."""
    job.stage("Reading rows")
    try:
        made = services.close.import_invoice_details(
            file=StoredFile.objects.get(pk=file), name=file_name, by=by, progress=job.advance
        )
    except Sentence as refused:
        raise Permanent(str(refused)) from refused
    return {
        "invoices": made.invoices,
        "new": made.new,
        "changed": made.changed,
        "unchanged": made.unchanged,
    }


def import_trial_balance(
    *, job: JobRun, by: User, file: str, file_name: str, month: str, **_later: Any
) -> dict[str, Any]:
    """Read the trial balance of a month, whole or not at all."""
    job.stage("Reading rows")
    try:
        made = services.close.import_trial_balance(
            file=StoredFile.objects.get(pk=file), name=file_name,
            month=dt.date.fromisoformat(month), by=by,
        )  # fmt: skip
    except Sentence as refused:
        raise Permanent(str(refused)) from refused
    job.advance(made.rows)
    return {"rows": made.rows, "number": made.number}


def approve_month(*, job: JobRun, by: User, month: str, **_later: Any) -> dict[str, Any]:
    """Approve a soft closed month; what keeps it open is the reason of the failure."""
    asked = dt.date.fromisoformat(month)
    done = _passed(by, asked, AccountingMonth.State.APPROVED)
    if done is not None and done.approved_by == by:
        return {"month": month, "close": done.number, "digest": done.approved_digest}
    try:
        close = services.close.approve_month(month=asked, by=by, now=database_now(), say=job.stage)
    except services.close.NotReady as held:
        for one in held.checks:
            if one.state == "blocks":
                job.log(f"{one.title}: {one.sentence}")
        raise Permanent(str(held)) from held
    except Sentence as refused:
        raise Permanent(str(refused)) from refused
    return {"month": month, "close": close.number, "digest": close.approved_digest}


def close_month(*, job: JobRun, by: User, month: str, **_later: Any) -> dict[str, Any]:
    """Close an approved month for good; what keeps it open is the reason of the failure."""
    asked = dt.date.fromisoformat(month)
    close = _passed(by, asked, AccountingMonth.State.CLOSED)
    if close is None or close.closed_by != by:
        try:
            close = services.close.close_month(
                month=asked, by=by, now=database_now(), say=job.stage
            )
        except Sentence as refused:
            raise Permanent(str(refused)) from refused
    return {
        "month": month,
        "close": close.number,
        "row_hash": close.row_hash,
        "pack": close.pack.sha256 if close.pack else "",
    }


def _passed(by: User, month: dt.date, state: str) -> MonthClose | None:
    """Give the passage of a month that stands there already: a worker killed after it committed."""
    if selectors.close.month_state(month=month) != state:
        return None
    return selectors.close.closes(viewer=by, month=month).first()
