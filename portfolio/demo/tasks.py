"""The kinds of job that load the demo; each does one step and queues what follows it."""

import datetime as dt
from functools import lru_cache
from typing import Any

from governance_app.jobs.errors import Passing
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User
from portfolio.demo import (
    closing,
    company,
    complying,
    funding,
    governing,
    load,
    packing,
    steps,
    worth,
)
from portfolio.demo import feeds as feeding
from portfolio.demo.shapes import Company


def register(*, job: JobRun, by: User, **payload: Any) -> dict[str, Any]:
    """Add people and initiatives."""
    job.stage("Inventing the company")
    story = _company(**payload)
    done = load.load_people(story, job=job, by=by)
    done |= load.load_register(story, job=job, by=by)
    steps.follow("register", payload=payload, by=by)
    return done


def bills(*, job: JobRun, by: User, **payload: Any) -> dict[str, Any]:
    """Write budgets and bills, and let connections pull the bills."""
    job.stage("Inventing the company")
    story = _company(**payload)
    done = load.load_budgets(story, job=job, by=by)
    done |= load.load_bills(story, job=job, by=by)
    load.pull_bills(by=by)
    steps.follow("bills", payload=payload, by=by)
    return done


def value(*, job: JobRun, by: User, **payload: Any) -> dict[str, Any]:
    """Add business cases, KPIs and benefits, and what a company asks once they stand."""
    job.stage("Inventing the company")
    story = _company(**payload)
    done = load.load_value(story, job=job, by=by)
    return {**done, **worth.load_worth(story, job=job, by=by)}


def activity(*, job: JobRun, by: User, **payload: Any) -> dict[str, Any]:
    """Add updates, milestones, dependencies and comments."""
    job.stage("Inventing the company")
    return load.load_activity(_company(**payload), job=job, by=by)


def risks(*, job: JobRun, by: User, **payload: Any) -> dict[str, Any]:
    """Add risks, controls and signals."""
    job.stage("Inventing the company")
    done = load.load_risks(_company(**payload), job=job, by=by)
    steps.follow("risks", payload=payload, by=by)
    return done


def compliance(*, job: JobRun, by: User, **payload: Any) -> dict[str, Any]:
    """Add classes, assessments, controls, policies and incidents."""
    done = complying.load_compliance(job=job, by=by)
    steps.follow("compliance", payload=payload, by=by)
    return done


def governance(*, job: JobRun, by: User, **payload: Any) -> dict[str, Any]:
    """Put the gates in place, decide for a year and propose what to fund, once cases stand."""
    job.stage("Inventing the company")
    if not steps.is_done("value"):
        raise Passing("The business cases are still being written.", retry_in=10)
    story = _company(**payload)
    done = governing.load_governance(story, job=job, by=by)
    return {**done, **funding.load_funding(story, job=job, by=by)}


def inventory(*, job: JobRun, by: User, **payload: Any) -> dict[str, Any]:
    """Add models, datasets and vendors."""
    job.stage("Inventing the company")
    done = load.load_inventory(_company(**payload), job=job, by=by)
    steps.follow("inventory", payload=payload, by=by)
    return done


def feeds(*, job: JobRun, by: User, **payload: Any) -> dict[str, Any]:
    """Add what vendors count, a registry lists and programs push."""
    job.stage("Inventing the company")
    return feeding.load_feeds(_company(**payload), job=job, by=by)


def close(*, job: JobRun, by: User, **payload: Any) -> dict[str, Any]:
    """Set up the finance desk and close the months before the newest one, once all bills are in."""
    job.stage("Inventing the company")
    story = _company(**payload)
    if not closing.are_bills_in(story):
        raise Passing("The bills of the newest month are still coming in.", retry_in=20)
    done = closing.load_close(story, job=job, by=by)
    steps.follow("close", payload=payload, by=by)
    return {**done, "carbon": worth.report_carbon(story, by=by)}


def packs(*, job: JobRun, by: User, **payload: Any) -> dict[str, Any]:
    """Write the pack of last month and begin the next one."""
    return packing.load_packs(job=job, by=by)


def _company(*, as_of: str, seed: int, initiatives: int, **_later: Any) -> Company:
    return _invented(dt.date.fromisoformat(as_of), seed, initiatives)


@lru_cache(maxsize=1)
def _invented(as_of: dt.date, seed: int, initiatives: int) -> Company:
    """Invent the company once for all steps that one worker process does."""
    return company.build(as_of=as_of, seed=seed, initiatives=initiatives)
