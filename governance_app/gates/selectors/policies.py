"""Reading policies: versions, what differs between two, and how each unit decides."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from governance_app.domain import policy as engine
from governance_app.domain.conditions import words
from governance_app.domain.gates import retold
from governance_app.domain.phrases import Phrase, in_a_row, phrase
from governance_app.gates.facts import FACTS
from governance_app.gates.judging import ModeNow, Places, document_of
from governance_app.gates.models import Breach, Guardrail, PolicyVersion, UnitMode
from governance_app.people.models import ScopeNode, User


def policies(*, viewer: User) -> QuerySet[PolicyVersion]:
    """Give every version a viewer may see, the newest of each place first."""
    rows = PolicyVersion.objects.visible_to(viewer)
    organisation = PolicyVersion.objects.filter(node__kind=ScopeNode.Kind.ORGANISATION)
    return (
        (rows | organisation)
        .select_related("node", "written_by", "activated_by")
        .order_by("node__path", "-number", "pk")
    )


def policy(*, viewer: User, policy_id: uuid.UUID | str) -> PolicyVersion | None:
    """Give one version; the organisation's is everybody's to read, since it binds everybody."""
    return policies(viewer=viewer).filter(pk=policy_id).first()


def in_force(*, viewer: User) -> list[PolicyVersion]:
    """Give the versions in force, the organisation's first."""
    return list(policies(viewer=viewer).filter(state="active").order_by("node__path"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs between two versions, in words; ``kind`` is added, gone or changed."""

    kind: str
    what: str
    before: str = ""
    after: str = ""


def differences(*, old: PolicyVersion, new: PolicyVersion) -> list[Difference]:
    """Say in words what a version changes against another, rule by rule."""
    return differences_of(before=document_of(old), after=document_of(new))


def differences_of(*, before: engine.Policy, after: engine.Policy) -> list[Difference]:
    """Say in words what a policy changes against another, rule by rule."""
    found: list[Difference] = []
    rules = {rule.id: rule for rule in before.rules}
    for rule in after.rules:
        known = rules.pop(rule.id, None)
        if known is None:
            found.append(Difference("added", f"Rule “{rule.title}”", "", words(rule.when, FACTS)))
            known = engine.Rule(rule.id, rule.title, rule.when)
        found += _rule(known, rule)
    found += [Difference("gone", f"Rule “{rule.title}”") for rule in rules.values()]
    found += _plain("Material facts", _material(before), _material(after))
    for name in engine.Distributed.__dataclass_fields__:
        found += _plain(
            f"Distributed: {name.replace('_', ' ')}",
            getattr(before.distributed, name),
            getattr(after.distributed, name),
        )
    return found


def _material(policy: engine.Policy) -> str:
    """Name what an approval hangs on: a set, so its order in the document says nothing."""
    return ", ".join(sorted(FACTS[name].title for name in policy.material)) or "none"


def _rule(old: engine.Rule, new: engine.Rule) -> list[Difference]:
    place = f"Rule “{new.title}”"
    found = _plain(f"{place}, when", words(old.when, FACTS), words(new.when, FACTS))
    checks = {check.id: check for check in old.checks}
    for check in new.checks:
        known = checks.pop(check.id, None)
        what = f"{place}, check “{check.title}”"
        if known is None:
            found.append(Difference("added", what, "", _check(check)))
        else:
            found += _plain(what, _check(known), _check(check))
    found += [
        Difference("gone", f"{place}, check “{check.title}”", _check(check), "")
        for check in checks.values()
    ]
    steps = {step.slot: step for step in old.steps}
    for step in new.steps:
        held = steps.pop(step.slot, None)
        what = f"{place}, step “{step.title}”"
        if held is None:
            found.append(Difference("added", what, "", step_words(step=step)))
        else:
            found += _plain(what, step_words(step=held), step_words(step=step))
    found += [
        Difference("gone", f"{place}, step “{step.title}”", step_words(step=step), "")
        for step in steps.values()
    ]
    return found


def _check(check: engine.Check) -> str:
    when = "" if check.when == engine.TRUE else f" when {words(check.when, FACTS)}"
    age = f", known within {check.max_age_days} days" if check.max_age_days else ""
    absolute = ", even in an emergency" if check.is_absolute else ""
    return f"{check.level}{when}: {words(check.must, FACTS)}{age}{absolute}"


def step_words(*, step: engine.Step) -> str:
    """Say a step in words."""
    said: str = (
        phrase("one person")
        if step.quorum == 1
        else phrase("{quorum} different people", quorum=str(step.quorum))
    )
    modes: list[str] = [Phrase(engine.MODES[mode].lower()) for mode in step.modes]
    where: str = phrase("{mode} units", mode=in_a_row("and", modes)) if modes else ""
    if step.on_escalation:
        where = (
            phrase("{where} and on escalation", where=where) if where else phrase("on escalation")
        )
    if step.modes:
        said = phrase("{people} in {where}", people=said, where=where)
    else:
        said = phrase("{people} {where}", people=said, where=where)
    if step.self_when_green:
        said = phrase("{people}, the requester's own yes while all is green", people=said)
    if step.is_blinded:
        said = phrase("{people}, blinded", people=said)
    return phrase(
        "{people}; due in {due} days, holds {valid} days",
        people=said, due=str(step.due_days), valid=str(step.valid_days),
    )  # fmt: skip


def _plain(what: str, before: Any, after: Any) -> list[Difference]:
    return [] if before == after else [Difference("changed", what, str(before), str(after))]


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """How a unit decides, since when and why, and how its guardrails stand."""

    unit: ScopeNode
    mode: ModeNow
    live: int
    green: int
    breaches: int


def unit_standings(*, viewer: User, on: dt.date) -> list[UnitStanding]:
    """Give every unit a viewer sees with its mode and guardrails."""
    units = list(
        ScopeNode.objects.visible_to(viewer).filter(kind=ScopeNode.Kind.UNIT).order_by("path")
    )
    places = Places(on)
    rails = list(
        Guardrail.objects.visible_to(viewer)
        .values_list("initiative__unit__path")
        .annotate(count=Count("pk"), green=Count("pk", filter=Q(is_green=True)))
    )
    breaches = list(
        Breach.objects.visible_to(viewer)
        .filter(mended_at=None)
        .values_list("initiative__unit__path")
        .annotate(count=Count("pk"))
    )
    return [
        UnitStanding(
            unit,
            places.mode_at(unit.path),
            sum(count for path, count, _ in rails if path.startswith(unit.path)),
            sum(green for path, _, green in rails if path.startswith(unit.path)),
            sum(count for path, count in breaches if path.startswith(unit.path)),
        )
        for unit in units
    ]


def modes_of(*, node: ScopeNode, viewer: User) -> QuerySet[UnitMode]:
    """Give how a unit decided over time, newest first."""
    rows = UnitMode.objects.visible_to(viewer).filter(node=node)
    return rows.select_related("decided_by").order_by("-from_on", "-created_at", "-pk")


def probations(*, viewer: User, on: dt.date) -> list[UnitMode]:
    """Give the units that are on probation now."""
    newest: dict[uuid.UUID, UnitMode] = {}
    rows = UnitMode.objects.visible_to(viewer).filter(from_on__lte=on).select_related("node")
    for row in rows.order_by("from_on", "created_at", "pk"):
        newest[row.node_id] = row
    return [row for row in newest.values() if row.origin == UnitMode.Origin.PROBATION]


def breaches(*, viewer: User, is_open: bool = True) -> QuerySet[Breach]:
    """Give breaches, the most urgent first."""
    rows = Breach.objects.visible_to(viewer)
    if is_open:
        rows = rows.filter(mended_at=None)
    return rows.select_related("initiative__node", "initiative__business_owner").order_by(
        "due_at", "pk"
    )


def reasons(
    *, breaches: Iterable[Breach], policies: Iterable[PolicyVersion]
) -> list[tuple[Breach, str]]:
    """Give breaches with why, put together anew by the policies in force so that it can be said."""
    checks = {
        check.id: check
        for row in policies
        for rule in document_of(row).rules
        for check in rule.checks
    }
    return [
        (row, retold(row.why, checks[row.check_id], FACTS) if row.check_id in checks else row.why)
        for row in breaches
    ]
