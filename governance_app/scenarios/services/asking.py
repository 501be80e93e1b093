"""Asking what to fund: the question, the job that solves it, and its end."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.domain.funding import CannotChoose
from governance_app.initiatives.models import Initiative
from governance_app.jobs import services as jobs
from governance_app.jobs.models import Job
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.scenarios import gathering, solving
from governance_app.scenarios.models import Candidate, Scenario

SOLVE = "governance_app.scenarios.tasks.solve"
#: What may be edited; any of it takes the answer away.
EDITABLE = (
    "name", "on", "currency", "budgets", "people", "risk_cap", "must", "never", "either",
    "keeps_dependencies", "seconds",
)  # fmt: skip
_MONEY = ("budgets", "people")


class BadScenario(Sentence):
    """A question that makes no sense, or one that cannot be applied; says what to mend."""


@recorded
def add_scenario(*, name: str, node: ScopeNode, by: User, **limits: Any) -> Scenario:
    """
    Ask what to fund in a part of the tree.

    Args:
        limits: any of ``EDITABLE``; budgets and people are fiscal year -> amount.

    Raises:
        BadScenario: no name, an amount below 0, or an initiative that is both in and out.
    """
    access.require(by, "scenario.edit", node)
    today = timezone.localdate()
    fields = {"on": today, "currency": books.reporting_currency(on=today), **limits, "name": name}
    fields = _checked(node, fields, by)
    if Scenario.objects.filter(node=node, name=fields["name"]).exists():
        raise BadScenario(f"There is a scenario called {fields['name']} already.")
    return Scenario.objects.create(node=node, written_by=by, **fields)


@recorded
def edit_scenario(
    *, scenario: Scenario, by: User, version: int | None = None, **changes: Any
) -> Scenario:
    """
    Change the question; the answer of the old one goes.

    Raises:
        BadScenario: as when it is added; or it is being solved right now.
        StaleWrite: somebody changed it since ``version`` was read.
    """
    scenario = _locked(scenario, by, version)
    fields = {name: getattr(scenario, name) for name in EDITABLE} | changes
    fields = _checked(scenario.node, fields, by)
    taken = Scenario.objects.filter(node=scenario.node, name=fields["name"])
    if taken.exclude(pk=scenario.pk).exists():
        raise BadScenario(f"There is a scenario called {fields['name']} already.")
    if all(getattr(scenario, name) == fields[name] for name in EDITABLE):
        return scenario
    scenario.candidates.all().delete()
    save_changes(
        scenario, **fields, state="draft", sentence="", result={}, solved_at=None, job=None
    )
    return scenario


@recorded
def copy_scenario(*, scenario: Scenario, name: str, by: User) -> Scenario:
    """Ask the same question under another name, to change a limit and compare."""
    fields = {each: getattr(scenario, each) for each in EDITABLE if each != "name"}
    return add_scenario(name=name, node=scenario.node, by=by, **fields)


@recorded
def ask(*, scenario: Scenario, by: User) -> Job:
    """
    Let a job solve a scenario; asked twice while it works, it is the same job.

    Raises:
        Refused: the actor may not ask there.
    """
    scenario = _locked(scenario, by, None, while_solving=True)
    job = jobs.receive(
        kind=SOLVE,
        title=f"What to fund: {scenario}",
        payload={"scenario": str(scenario.pk)},
        by=by,
        key=f"{SOLVE}:{scenario.pk}",
        node=scenario.node,
    )
    if scenario.state != "solving" or scenario.job_id != job.pk:
        save_changes(scenario, state="solving", sentence="", job=job)
    return job


@recorded
def solve(
    *, scenario: Scenario, by: User, tell: Callable[[str], None] = lambda _: None
) -> Scenario:
    """
    Solve a scenario and keep the answer, or the sentence why there is none.

    Whatever it finds changes nothing else.
    """
    access.require(by, "scenario.edit", scenario)
    scenario = Scenario.objects.select_for_update(of=("self",)).get(pk=scenario.pk)
    scenario.candidates.all().delete()
    try:
        found = solving.answer(scenario=scenario, viewer=by, tell=tell)
    except CannotChoose as error:
        save_changes(scenario, state="refused", sentence=str(error), result={}, solved_at=None)
        return scenario
    Candidate.objects.bulk_create(
        [_candidate(scenario, each, found.funded) for each in found.known], batch_size=2000
    )
    save_changes(
        scenario, state="solved", sentence="", result=found.result, solved_at=timezone.now()
    )
    return scenario


@recorded
def remove_scenario(*, scenario: Scenario, by: User) -> None:
    """
    Remove a scenario that proposed nothing.

    Raises:
        BadScenario: something was proposed from it, so it stays as the reason.
    """
    scenario = _locked(scenario, by, None)
    if scenario.proposals.exists():
        raise BadScenario(f"{scenario} stays: proposals were made from it.")
    scenario.candidates.all().delete()
    scenario.delete()


def _locked(
    scenario: Scenario, by: User, version: int | None, *, while_solving: bool = False
) -> Scenario:
    access.require(by, "scenario.edit", scenario)
    # The job holds the row while it works: nobody waits for that here.
    standing = Scenario.objects.select_related("job").get(pk=scenario.pk)
    job = standing.job if standing.state == "solving" else None
    if job is not None and job.finished_at is None and not while_solving:
        raise BadScenario(f"{scenario} is being solved: wait for it or cancel its job.")
    scenario = Scenario.objects.select_for_update(of=("self",)).get(pk=scenario.pk)
    check_version(scenario, version)
    return scenario


def _candidate(
    scenario: Scenario, each: gathering.Known, funded: frozenset[uuid.UUID]
) -> Candidate:
    is_open = not each.reason
    return Candidate(
        scenario=scenario,
        initiative_id=each.id,
        is_funded=each.id in funded,
        is_considered=is_open,
        value=_money(each.value) if is_open else None,
        worth=_money(each.worth) if is_open else None,
        cost=_money(each.cost) if is_open else None,
        costs=gathering.json_of(each.costs),
        people=gathering.json_of(each.people),
        risk_points=None if each.risk_points is None else Decimal(str(each.risk_points)),
        reason=each.reason[:500],
    )


def _money(amount: float) -> Decimal:
    return Decimal(repr(round(amount, 4)))


def _checked(node: ScopeNode, fields: Mapping[str, Any], by: User) -> dict[str, Any]:
    """Say what does not make sense; give the fields as rows keep them."""
    unknown = sorted(set(fields) - set(EDITABLE))
    if unknown:
        raise BadScenario(f"{', '.join(unknown)} cannot be set; {', '.join(EDITABLE)} can.")
    found = dict(fields)
    found["name"] = str(found["name"]).strip()
    if not found["name"] or len(found["name"]) > 200:
        raise BadScenario("A scenario needs a name of at most 200 letters.")
    if len(found["currency"]) != 3:
        raise BadScenario(f"{found['currency']!r} is no currency; give its three letters.")
    for name in _MONEY:
        found[name] = _amounts(found.get(name) or {}, name)
    cap = found.get("risk_cap")
    if cap is not None and (not Decimal(cap).is_finite() or Decimal(cap) < 0):
        raise BadScenario("A risk cap is not below 0.")
    for name in ("must", "never"):
        found[name] = _ids(found.get(name) or (), node, by)
    found["either"] = [_ids(group, node, by) for group in found.get("either") or ()]
    both = set(found["must"]) & set(found["never"])
    if both:
        keys = Initiative.objects.filter(pk__in=both).order_by("number")
        names = ", ".join(keys.values_list("key", flat=True))
        raise BadScenario(f"{names}: a must-do cannot be excluded as well.")
    seconds = found.get("seconds", 60)
    if not 1 <= int(seconds) <= 600:
        raise BadScenario("The time to search lies between 1 and 600 seconds.")
    if not isinstance(found["on"], dt.date):
        raise BadScenario("Name the day it looks from.")
    return found


def _amounts(amounts: Mapping[str, Any], name: str) -> dict[str, str]:
    words = "budget" if name == "budgets" else "people cost"
    found = {}
    for label, said in amounts.items():
        amount = Decimal(str(said))
        if not amount.is_finite() or amount < 0:
            raise BadScenario(f"The {words} of {label} is not below 0.")
        found[str(label)] = f"{amount:f}"
    return found


def _ids(ids: Sequence[Any], node: ScopeNode, by: User) -> list[str]:
    """Take initiatives by id or key; each stands below the node and is the actor's to see."""
    wanted = [each.pk if isinstance(each, Initiative) else each for each in ids]
    seen = Initiative.objects.visible_to(by, "money.view").filter(node__path__startswith=node.path)
    by_name = {
        name: str(pk)
        for pk, key in seen.values_list("pk", "key")
        for name in (str(pk), key)
    } if wanted else {}  # fmt: skip
    missing = [str(each) for each in wanted if str(each) not in by_name]
    if missing:
        raise BadScenario(f"{', '.join(missing)}: no such initiative stands below {node.name}.")
    return list(dict.fromkeys(by_name[str(each)] for each in wanted))
