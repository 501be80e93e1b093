import datetime as dt
import threading

import pytest
from django.db import connection

from governance_app.domain.errors import Sentence
from governance_app.jobs import runner, selectors, services
from governance_app.jobs.clock import database_now
from governance_app.jobs.models import Job, Progress, Slot
from governance_app.people.models import ScopeNode

pytestmark = pytest.mark.django_db(transaction=True)


def ask(admin, kind="add_unit", key=None, **payload):
    return services.receive(
        kind=f"tests.jobs.kinds.{kind}", title=kind, payload=payload, by=admin, key=key
    )


def test_a_job_is_done_and_tells_how(admin, organisation):
    job = ask(admin, name="Retail", parent=str(organisation.pk))
    done = runner.run(job_id=job.pk)
    assert (done.state, done.attempts) == (Job.State.DONE, 1)
    assert done.result == {"unit": str(ScopeNode.objects.get(name="Retail").pk)}
    standing = selectors.standing(job=done, now=done.finished_at)
    assert (standing.stage, standing.rows, standing.total) == ("Adding", 1, 1)
    assert [line["text"] for line in standing.log] == ["Added Retail."]


def test_the_work_is_recorded_under_its_job(admin, organisation):
    from governance_app.audit.selectors import events

    job = ask(admin, name="Retail", parent=str(organisation.pk))
    runner.run(job_id=job.pk)
    event = events(row=ScopeNode.objects.get(name="Retail").pk).get()
    assert (event.job, event.via, event.actor) == (str(job.pk), "job", admin.pk)


def test_a_job_runs_once_however_often_its_id_arrives(admin, organisation):
    job = ask(admin, name="Retail", parent=str(organisation.pk))
    assert runner.run(job_id=job.pk).state == Job.State.DONE
    assert runner.run(job_id=job.pk) is None
    assert ScopeNode.objects.filter(name="Retail").count() == 1


def test_an_equal_job_under_way_is_given_back(admin, organisation):
    first = ask(admin, key="sync:1", kind="slow", seconds=1)
    assert ask(admin, key="sync:1", kind="slow", seconds=1) == first
    runner.run(job_id=first.pk)
    assert ask(admin, key="sync:1", kind="slow", seconds=1) != first


@pytest.mark.parametrize(
    ("kind", "state", "error"),
    [
        ("refuse", Job.State.FAILED, "The file is not a bill."),
        ("busy", Job.State.QUEUED, "The server is busy."),
        ("crash", Job.State.FAILED, "Something went wrong on our side; the log has it under "),
    ],
)
def test_how_a_job_ends_badly(admin, kind, state, error):
    job = runner.run(job_id=ask(admin, kind=kind).pk)
    assert job.state == state
    assert job.error.startswith(error)
    assert "secret detail" not in job.error


def test_a_sentence_of_a_service_is_the_jobs_error_and_nothing_changed(admin, unit):
    job = ask(admin, name=unit.name, parent=str(unit.parent_id))
    failed = runner.run(job_id=job.pk)
    assert failed.error == "Meridian Group already has a unit called Retail banking."
    assert ScopeNode.objects.filter(kind="unit").count() == 1


def test_poison_is_put_aside_after_its_attempts(admin):
    job = ask(admin, kind="slow", seconds=0)
    for _ in range(job.max_attempts):  # a worker that claims and dies
        assert runner._claim(job.pk, "dead").state == Job.State.RUNNING
        with connection.cursor() as cursor:
            cursor.execute("UPDATE jobs_progress SET lease_until = now() - interval '1 s'")
    assert str(job.pk) in runner.waiting_ids()
    assert runner.run(job_id=job.pk).state == Job.State.QUARANTINED
    assert runner.waiting_ids() == []


def test_a_running_job_is_left_alone_while_its_lease_lives(admin):
    job = ask(admin, kind="slow", seconds=0)
    runner._claim(job.pk, "alive")
    assert runner.run(job_id=job.pk) is None
    assert runner.waiting_ids() == []
    assert runner.requeue_orphans() == 1
    assert runner.run(job_id=job.pk).state == Job.State.DONE


def test_a_worker_that_lost_its_job_does_not_end_it(admin):
    job = ask(admin, kind="slow", seconds=0)
    claimed = runner._claim(job.pk, "first")
    Progress.objects.filter(job=job).update(worker="second")
    left = runner._finish(claimed, "first", state=Job.State.DONE, result={})
    assert left.state == Job.State.RUNNING


def test_a_job_that_lost_the_database_is_put_back_and_its_lease_ends(admin):
    job = ask(admin, kind="lose_the_database")
    before = threading.active_count()
    back = runner.run(job_id=job.pk)
    assert (back.state, back.error) == (Job.State.QUEUED, "The database could not be reached.")
    assert Progress.objects.get(job=job).lease_until is None
    assert threading.active_count() == before, "nobody keeps its lease alive"
    wait = (back.not_before - database_now()).total_seconds()
    assert 0 < wait < 10, "it is back already, so nobody waits long"


def test_a_queued_job_is_cancelled_at_once_and_tried_again(admin):
    job = ask(admin, kind="slow", seconds=0)
    assert services.cancel(job=job, by=admin).state == Job.State.CANCELLED
    assert runner.run(job_id=job.pk) is None
    services.retry(job=job, by=admin)
    assert runner.run(job_id=job.pk).state == Job.State.DONE
    with pytest.raises(Sentence, match="only a job that failed"):
        services.retry(job=job, by=admin)


def test_somebody_else_may_not_cancel(admin, person, ledger_count):
    job = ask(admin, kind="slow", seconds=0)
    stranger = person("executive")
    before = ledger_count()
    with pytest.raises(Sentence, match="cancel and retry jobs of others"):
        services.cancel(job=job, by=stranger)
    assert ledger_count() == before
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_a_schedule_comes_round_once_for_each_turn(admin):
    services.schedule(
        name="pull", title="Pull", kind="tests.jobs.kinds.slow", payload={"seconds": 0},
        every_seconds=3600, by=admin,
    )  # fmt: skip
    assert len(services.run_due_schedules(by=admin)) == 1
    assert services.run_due_schedules(by=admin) == []  # a second beat
    with connection.cursor() as cursor:  # five turns were missed while everything was down
        cursor.execute("UPDATE jobs_schedule SET anchor_at = anchor_at - interval '5 hours'")
        cursor.execute("UPDATE jobs_slot SET at = at - interval '6 hours'")
    runner.run(job_id=Job.objects.get().pk)
    assert len(services.run_due_schedules(by=admin)) == 1
    assert Slot.objects.count() == 2


def test_a_paused_schedule_is_silent(admin):
    services.schedule(
        name="pull", title="Pull", kind="tests.jobs.kinds.slow", payload={"seconds": 0},
        every_seconds=60, by=admin, is_active=False,
    )  # fmt: skip
    assert services.run_due_schedules(by=admin) == []


def test_eta_follows_from_rate(admin):
    job = ask(admin, kind="slow", seconds=0)
    start = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    Progress.objects.filter(job=job).update(stage="Reading", stage_at=start, rows=200, total=1000)
    standing = selectors.standing(job=job, now=start + dt.timedelta(seconds=10))
    assert (standing.ratio, standing.rate, standing.eta_seconds) == (0.2, 20.0, 40.0)
