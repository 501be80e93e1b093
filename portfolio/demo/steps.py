"""The order in which the demo is loaded: what begins at once, and which jobs follow which."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.files import services as files
from governance_app.initiatives.models import Initiative, InventoryImport
from governance_app.initiatives.services import imports
from governance_app.jobs import services as jobs
from governance_app.jobs.models import Job
from governance_app.people.models import ScopeNode, User
from portfolio.demo import company, load


class NotEmpty(Sentence):
    """The installation holds other data, which the demo must not mix with."""


@dataclass(frozen=True)
class Step:
    """A job of the demo: `then` names the steps that are queued when it is done."""

    name: str
    title: str
    then: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The function that does it."""
        return f"portfolio.demo.tasks.{self.name}"

    @property
    def key(self) -> str:
        """The name under which its job is found again."""
        return f"demo:{self.name}"


STEPS: dict[str, Step] = {
    step.name: step
    for step in (
        Step("register", "Demo: people and initiatives", ("bills", "value")),
        Step(
            "bills",
            "Demo: budgets, bills and connections",
            ("risks", "activity", "inventory", "close"),
        ),
        Step("value", "Demo: business cases, KPIs and benefits"),
        Step("activity", "Demo: updates, milestones and comments"),
        Step("risks", "Demo: risks and controls", ("compliance",)),
        Step("compliance", "Demo: classes, assessments, policies and incidents", ("governance",)),
        Step("governance", "Demo: gates, decisions and the first round"),
        Step("inventory", "Demo: models, datasets and vendors", ("feeds",)),
        Step("feeds", "Demo: seats, a registry, and what programs push"),
        Step("close", "Demo: invoices, coding and closed months", ("packs",)),
        Step("packs", "Demo: board packs"),
    )
}
FIRST = "register"


def begin(*, by: User, initiatives: int = company.INITIATIVES) -> bool:
    """
    Make signing in possible at once and put the rest into the queue; finish what broke off.

    Returns:
        Whether there was something left to load.

    Raises:
        NotEmpty: there are initiatives that the demo did not bring.
    """
    first = _job(FIRST)
    if first is None and Initiative.objects.exists():
        raise NotEmpty(
            "This installation holds initiatives of its own; the invented company is loaded only "
            "into an empty one. Choose another folder: make demo VAR=other."
        )
    load.set_up(by=by)
    today = timezone.localdate()
    payload = first.payload if first is not None else _payload(today, initiatives)
    if not books.setting(key="invented_data", on=today):
        load.label_as_invented(from_on=dt.date.fromisoformat(payload["as_of"]), by=by)
    return _queue(FIRST, payload, by)


def begin_with_inventory(*, file: Path, by: User) -> bool:
    """
    Make signing in possible and queue the import of the user's own inventory; nothing is invented.

    Returns:
        Whether the import was queued; False when this file is in already.

    Raises:
        Sentence: the file cannot be read as an inventory, or the invented company is loaded here.
    """
    if _job(FIRST) is not None:
        raise NotEmpty(
            "This installation holds the invented company. Use another folder for your own "
            "inventory: make demo VAR=other INVENTORY=your-file.csv."
        )
    load.set_up_plain(by=by)
    with file.open("rb") as content:
        kept = files.store(content=content, name=file.name, by=by)
    if InventoryImport.objects.filter(file=kept, job__isnull=False).exists():
        return False
    organisation = ScopeNode.objects.get(kind=ScopeNode.Kind.ORGANISATION)
    inventory = imports.upload(content=file, name=file.name, under=organisation, by=by)
    imports.propose(inventory=inventory, by=by)
    imports.request_apply(inventory=inventory, by=by)
    return True


def follow(step: str, *, payload: dict[str, Any], by: User) -> None:
    """Queue what comes after a step that is done."""
    for name in STEPS[step].then:
        _queue(name, payload, by)


def is_done(name: str) -> bool:
    """Tell whether a step has been done."""
    job = _job(name)
    return job is not None and job.state == Job.State.DONE


def _queue(name: str, payload: dict[str, Any], by: User) -> bool:
    """Queue a step that is not done, or those after one that is; tell whether any was left."""
    step, job = STEPS[name], _job(name)
    if job is not None and job.state == Job.State.DONE:
        left = [_queue(after, payload, by) for after in step.then]
        return any(left)
    jobs.receive(
        kind=step.kind, title=step.title, payload=payload, key=step.key, max_attempts=30, by=by
    )
    return True


def _job(name: str) -> Job | None:
    """Give the newest job of a step, a finished one before all others."""
    found = Job.objects.filter(key=STEPS[name].key).order_by("-created_at", "-pk")
    return found.filter(state=Job.State.DONE).first() or found.first()


def _payload(today: dt.date, initiatives: int) -> dict[str, Any]:
    return {
        "as_of": today.isoformat(),
        "seed": company.SEED,
        "initiatives": initiatives,
    }
