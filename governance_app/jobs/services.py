"""Asking for work, planning it, stopping it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.jobs.clock import database_now
from governance_app.jobs.dispatch import send_after_commit
from governance_app.jobs.models import Answer, Job, OutboxMessage, Progress, Schedule, Slot
from governance_app.people import access
from governance_app.people.models import ScopeNode, User

#: How long an answer is kept for a request that is sent again.
ANSWERS_KEPT = dt.timedelta(hours=24)


@recorded
def receive(
    *,
    kind: str,
    title: str,
    payload: dict[str, Any],
    by: User,
    key: str | None = None,
    node: ScopeNode | None = None,
    max_attempts: int = 5,
) -> Job:
    """
    Put work into the queue; whoever offers the door has checked the permission.

    Args:
        kind: dotted path of the function that does the work.
        title: what people read in the list of jobs.
        payload: keyword arguments for the function, as JSON; ids, never contents or secrets.
        key: while a job with this key is unfinished, that job is given back instead.
        node: where in the tree the work belongs; decides who sees it.
    """
    if key is not None:
        standing = Job.objects.filter(key=key, state__in=Job.UNFINISHED).first()
        if standing is not None:
            return standing
    now = database_now()
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind,
                title=title,
                payload=payload,
                key=key,
                by=by,
                node=node,
                max_attempts=max_attempts,
                not_before=now,
                queued_at=now,
            )
    except IntegrityError:
        return Job.objects.get(key=key, state__in=Job.UNFINISHED)
    Progress.objects.create(job=job)
    send_after_commit(job.pk)
    return job


@recorded
def cancel(*, job: Job, by: User) -> Job:
    """
    Ask a job to stop. A queued one stops now; a running one at its next check.

    Raises:
        Sentence: it has finished already.
    """
    _may_manage(by, job)
    job = Job.objects.select_for_update().get(pk=job.pk)
    if job.is_finished:
        raise Sentence(f"{job.title} has already ended ({job.state}).")
    if job.state == Job.State.QUEUED:
        save_changes(job, state=Job.State.CANCELLED, finished_at=database_now())
    Progress.objects.filter(job=job).update(is_cancel_requested=True)
    audit.note(by=by, action="cancel", subject=job, sentence=f"Asked {job.title} to stop.")
    return job


@recorded
def retry(*, job: Job, by: User) -> Job:
    """
    Put a failed, cancelled or quarantined job back into the queue with fresh attempts.

    Raises:
        Sentence: it is still running or has succeeded, or an equal job is under way.
    """
    _may_manage(by, job)
    job = Job.objects.select_for_update().get(pk=job.pk)
    if not job.is_finished or job.state == Job.State.DONE:
        raise Sentence(f"{job.title} is {job.state}; only a job that failed can be tried again.")
    if job.key and Job.objects.filter(key=job.key, state__in=Job.UNFINISHED).exists():
        raise Sentence(f"{job.title} is already under way in another job.")
    now = database_now()
    save_changes(
        job,
        state=Job.State.QUEUED,
        attempts=0,
        not_before=now,
        queued_at=now,
        finished_at=None,
        error="",
        reference="",
    )
    Progress.objects.filter(job=job).update(
        is_cancel_requested=False, stage="", stage_at=None, rows=0, total=None, lease_until=None
    )
    send_after_commit(job.pk)
    return job


@recorded
def schedule(
    *,
    name: str,
    title: str,
    kind: str,
    payload: dict[str, Any],
    every_seconds: int,
    by: User,
    node: ScopeNode | None = None,
    is_active: bool = True,
    is_under_way: bool = False,
) -> Schedule:
    """
    Plan work that comes round, or change the plan of that name.

    The first turn is due at once, or a period from now when the work is under way already. A turn
    that was missed while the system was down runs once when it is back, not once for each turn.
    """
    if every_seconds < 10:
        raise Sentence("A schedule comes round every 10 seconds at most.")
    wanted = {
        "title": title,
        "kind": kind,
        "payload": payload,
        "every_seconds": every_seconds,
        "is_active": is_active,
    }
    standing = Schedule.objects.select_for_update().filter(name=name).first()
    if standing is not None:
        save_changes(standing, **wanted)
        return standing
    wait = dt.timedelta(seconds=every_seconds if is_under_way else 0)
    return Schedule.objects.create(
        name=name, by=by, node=node, anchor_at=database_now() + wait, **wanted
    )


@recorded
def run_due_schedules(*, by: User) -> list[Job]:
    """Make a job for every active schedule whose present turn was not taken yet."""
    now = database_now()
    made: list[Job] = []
    for each in Schedule.objects.filter(is_active=True).select_related("by", "node"):
        turn = (now - each.anchor_at) // dt.timedelta(seconds=each.every_seconds)
        if turn < 0:
            continue
        at = each.anchor_at + turn * dt.timedelta(seconds=each.every_seconds)
        if Slot.objects.filter(schedule=each, at=at).exists():
            continue
        try:
            with transaction.atomic():
                job = receive(
                    kind=each.kind,
                    title=each.title,
                    payload=each.payload,
                    by=each.by,
                    key=f"schedule:{each.pk}",
                    node=each.node,
                )
                Slot.objects.create(schedule=each, at=at, job=job)
        except IntegrityError:
            continue  # another beat took this turn
        made.append(job)
    return made


@recorded
def put_in_outbox(*, channel: str, dedupe: str, payload: dict[str, Any], by: User) -> OutboxMessage:
    """Send something once this transaction commits; the same ``dedupe`` is sent once."""
    message, _ = OutboxMessage.objects.get_or_create(
        dedupe=dedupe,
        defaults={"channel": channel, "payload": payload, "not_before": database_now()},
    )
    return message


class KeyUsed(Sentence):
    """A key for sending something again came with another request."""


@recorded
def answer_once(
    *,
    key: str,
    route: str,
    digest: str,
    answer: Callable[[], tuple[int, Any]],
    by: User,
) -> tuple[int, Any, bool]:
    """
    Answer a request that names a key: the first time by doing it, later by what was answered.

    A request that fails leaves nothing behind and may be sent again. Two at the same time
    wait for each other.

    Args:
        key: chosen by the sender, one for each thing to be done.
        route, digest: what was asked; the same key cannot ask something else.
        answer: does the work and gives status and JSON body.

    Returns:
        Status, body, and whether it was answered before.

    Raises:
        KeyUsed: the key came with another request.
    """
    fresh = Answer(by=by, key=key, route=route, digest=digest, at=database_now())
    Answer.objects.bulk_create([fresh], ignore_conflicts=True)
    row = Answer.objects.select_for_update(of=("self",)).get(by=by, key=key)
    if (row.route, row.digest) != (route, digest):
        raise KeyUsed(f"The key {key!r} was used for another request; choose a new one.")
    if row.status is not None:
        return row.status, row.body, True
    row.status, row.body = answer()
    row.save(update_fields=["status", "body"])
    return row.status, row.body, False


@recorded
def forget_answers(*, by: User) -> int:
    """
    Forget answers whose time is over: their keys may name something new then.

    Returns:
        How many were forgotten.
    """
    old = Answer.objects.filter(at__lt=database_now() - ANSWERS_KEPT)
    return old._raw_delete(old.db)


def _may_manage(by: User, job: Job) -> None:
    if job.by_id != by.pk:
        access.require(by, "job.manage", job.node)
