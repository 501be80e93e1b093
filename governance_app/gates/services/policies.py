"""Writing policies, putting them in force by a second person, and choosing modes."""

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.db.models import Max
from django.utils import timezone

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain import policy as policies
from governance_app.domain.policy import MODES, Policy
from governance_app.gates import facts as known
from governance_app.gates.drafts import check_floor, read_draft, read_examples
from governance_app.gates.examples import examples_of
from governance_app.gates.judging import DECIDING
from governance_app.gates.models import PolicyVersion, UnitMode
from governance_app.gates.refusing import GateRefused
from governance_app.gates.services.keeping import as_now, sentence_of, today
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import Grant, ScopeNode, User
from governance_app.people.roles import ROLES


@refusals_noted
@recorded
def write_policy(
    *,
    node: ScopeNode,
    title: str,
    document: Any,
    by: User,
    reason: str = "",
    examples: Sequence[Any] = (),
    version: int | None = None,
) -> PolicyVersion:
    """
    Write the draft of a node's next policy; a draft that stands is replaced.

    Args:
        document: rules, material facts and numbers as ``domain.policy`` reads them.
        examples: ``{"title", "facts", "mode", "expect"}``; checked when it comes into force.

    Raises:
        BadPolicy, BadCondition: it cannot be read, or is looser than the organisation's.
        StaleWrite: somebody rewrote the draft meanwhile.
    """
    access.require(by, "gate.policy", node)
    if node.kind == ScopeNode.Kind.INITIATIVE:
        raise GateRefused("A policy belongs to the organisation or a unit, not to an initiative.")
    policy = read_draft(node=node, document=document)
    facts = {
        "title": sentence_of(title, "A policy needs a title."),
        "document": policies.as_document(policy),
        "examples": read_examples(rows=examples),
        "reason": reason.strip(),
        "written_by": by,
    }
    facts["sha256"] = digest_of(facts["document"])
    ScopeNode.objects.select_for_update().get(pk=node.pk)
    draft = PolicyVersion.objects.filter(node=node, state="draft").first()
    if draft is None:
        newest = PolicyVersion.objects.filter(node=node).aggregate(Max("number"))["number__max"]
        return PolicyVersion.objects.create(node=node, number=(newest or 0) + 1, **facts)
    check_version(draft, version)
    save_changes(draft, **facts)
    return draft


@refusals_noted
@recorded
def activate_policy(
    *, policy: PolicyVersion, by: User, version: int | None = None
) -> PolicyVersion:
    """
    Put a draft in force; the version before it is kept as replaced.

    Raises:
        GateRefused: the actor wrote it, an example comes out differently, nobody could take a
            step it asks for, or too few people could change it again.
    """
    by = as_now(by)
    access.require(by, "gate.policy", policy.node)
    ScopeNode.objects.select_for_update().get(pk=policy.node_id)
    row = PolicyVersion.objects.select_for_update(of=("self",)).get(pk=policy.pk)
    check_version(row, version)
    if row.state != PolicyVersion.State.DRAFT:
        raise GateRefused(f"{row} is no draft.")
    if row.written_by_id == by.pk:
        raise GateRefused("You wrote this policy: somebody else puts it in force.")
    read = policies.read(row.document, known.FACTS, DECIDING)
    check_floor(node=row.node, policy=read)
    wrong = [
        each
        for each in examples_of(node=row.node, document=read, rows=row.examples)
        if each["differs"]
    ]
    if wrong:
        raise GateRefused(
            f"The example “{wrong[0]['title']}” {wrong[0]['found']}, "
            f"but should be: {wrong[0]['expect']}."
        )
    _check_somebody_can(row.node, read)
    now = timezone.now()
    before = PolicyVersion.objects.select_for_update(of=("self",)).filter(
        node=row.node, state="active"
    )
    for old in before:
        save_changes(old, state="retired", retired_at=now)
    save_changes(row, state="active", activated_by=by, activated_at=now)
    audit.note(by=by, action="policy", subject=row, sentence=f"Put “{row}” in force.")
    return row


@refusals_noted
@recorded
def discard_policy(*, policy: PolicyVersion, by: User) -> None:
    """Throw a draft away."""
    access.require(by, "gate.policy", policy.node)
    row = PolicyVersion.objects.select_for_update(of=("self",)).get(pk=policy.pk)
    if row.state != PolicyVersion.State.DRAFT:
        raise GateRefused(f"{row} was in force and stays as history.")
    row.delete()


@refusals_noted
@recorded
def choose_mode(
    *, node: ScopeNode, mode: str, reason: str, by: User, from_on: dt.date | None = None
) -> UnitMode:
    """
    Say how a unit decides from a day on; ends a probation when one is running.

    Raises:
        GateRefused: an unknown mode, no reason, a day in the past, or a unit without a policy
            that says what distributed deciding costs.
    """
    access.require(by, "gate.policy", node)
    if node.kind == ScopeNode.Kind.INITIATIVE:
        raise GateRefused("A unit decides in a mode, not an initiative.")
    if mode not in MODES:
        raise GateRefused(f"The mode is one of {', '.join(MODES)}, not {mode!r}.")
    day = from_on or today()
    if day < today():
        raise GateRefused(f"{day} is over; a mode begins today or later.")
    return UnitMode.objects.create(
        node=node,
        mode=mode,
        from_on=day,
        reason=sentence_of(reason, "Say in a sentence why the unit decides so."),
        decided_by=by,
    )


def digest_of(document: Any) -> str:
    """Hash a document whatever the order of its keys."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _check_somebody_can(node: ScopeNode, policy: Policy) -> None:
    """Refuse what locks everybody out: steps that too few people could take, no way to change."""
    today_ = today()
    holders = list(
        Grant.objects.filter(user__is_active=True, user__kind="person", from_on__lte=today_)
        .exclude(until_on__lt=today_)
        .values_list("user_id", "role", "node__kind", "node__path")
    )

    def able(permission: str, path: str) -> int:
        return len(
            {
                user
                for user, role, kind, granted in holders
                if permission in ROLES[role].permissions
                and (kind == "organisation" or path.startswith(granted) or granted.startswith(path))
            }
        )

    if able("gate.policy", node.path) < 2:
        raise GateRefused(
            f"Fewer than two people may write policies in {node}: nobody could change it again."
        )
    units = ScopeNode.objects.filter(kind=ScopeNode.Kind.UNIT, path__startswith=node.path)
    busy = units.filter(pk__in=Initiative.objects.order_by().values("unit")) or [node]
    for unit in busy:
        for rule in policy.rules:
            for step in rule.steps:
                count = able(step.who, unit.path)
                if count < step.quorum:
                    raise GateRefused(
                        f"Rule {rule.id}: in {unit} {count} people may "
                        f"{DECIDING[step.who]}, and “{step.title}” wants {step.quorum}. "
                        "Nobody could get through."
                    )
