"""Changes of rules with a preview and, where the setting asks for it, a second pair of eyes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.spend import effects, ruling, saying
from governance_app.spend.effects import Effect
from governance_app.spend.models import Rule, RuleProposal, RuleVersion
from governance_app.spend.services.rules import REALLOCATE
from governance_app.spend.shares import ALWAYS

Action = RuleProposal.Action


@recorded
def preview_rule(
    *, action: str, asked: Mapping[str, Any], by: User, rule: Rule | None = None
) -> Effect:
    """
    Say exactly what a change of the rules would move, per initiative; nothing is changed.

    Args:
        action: add, change, end, restore or move.
        asked: what the change is given: ``name``, ``says``, ``from_month``, ``until_month``,
            ``position``, as JSON; see ``saying.read`` for ``says``.

    Raises:
        Sentence: the change would be refused, and why.
    """
    access.require(by, "spend.rules", rule)
    return effects.measure(lambda: _apply(action, asked, rule, by))


@recorded
def propose_rule(
    *, action: str, asked: Mapping[str, Any], by: User, rule: Rule | None = None, reason: str = ""
) -> RuleProposal:
    """
    Ask for a change of the rules; it is applied at once unless a second person must approve.

    Raises:
        Sentence: the change would be refused, and why.
    """
    node = ruling.place_of(rule.node if rule else None)
    access.require(by, "spend.rules", node)
    needs_two = ruling.is_four_eyes(node=node)
    effect = effects.measure(lambda: _apply(action, asked, rule, by)) if needs_two else None
    proposal = RuleProposal.objects.create(
        node=node,
        action=action,
        rule=rule,
        asked=dict(asked),
        effect=effect.as_json() if effect else {},
        proposed_by=by,
        is_four_eyes=needs_two,
        reason=reason.strip(),
    )
    if not needs_two:
        _decide(proposal, by, RuleProposal.State.APPLIED)
    return proposal


@recorded
def decide_proposal(
    *, proposal: RuleProposal, is_approved: bool, by: User, reason: str = ""
) -> RuleProposal:
    """
    Approve a proposed change, which applies it, or reject it with a reason.

    Raises:
        Sentence: it is decided already, or the one who proposed it would approve it; or the
            change is refused by now.
    """
    access.require(by, "spend.rules", proposal)
    proposal = (
        RuleProposal.objects.select_for_update(of=("self",))
        .select_related("rule", "node", "proposed_by")
        .get(pk=proposal.pk)
    )
    if proposal.state != RuleProposal.State.WAITING:
        raise Sentence(f"{proposal} is decided: {proposal.get_state_display()}.")
    if not is_approved:
        if not reason.strip():
            raise Sentence("Say why it is rejected; who proposed it will read it.")
        _decide(proposal, by, RuleProposal.State.REJECTED, reason)
        return proposal
    if proposal.proposed_by_id == by.pk:
        raise Sentence("You proposed it; somebody else approves it.")
    _decide(proposal, by, RuleProposal.State.APPLIED, reason)
    return proposal


def _decide(proposal: RuleProposal, by: User, state: str, reason: str = "") -> None:
    rule = proposal.rule
    if state == RuleProposal.State.APPLIED:
        rule = _apply(proposal.action, proposal.asked, proposal.rule, by)
        jobs.receive(
            kind=REALLOCATE, title=f"Allocate: {proposal}", payload={}, by=by, key=REALLOCATE
        )
    save_changes(
        proposal,
        state=state,
        rule=rule,
        decided_by=by,
        decided_at=timezone.now(),
        reason=reason.strip() or proposal.reason,
    )


def _apply(action: str, asked: Mapping[str, Any], rule: Rule | None, by: User) -> Rule:
    """Do what is asked for; gives the rule it is about."""
    if action == Action.ADD:
        position = asked.get("position")
        made = ruling.put_rule(
            name=str(asked.get("name") or "")[:200],
            says=saying.read(asked.get("says") or {}, viewer=by),
            from_month=_month(asked.get("from_month")) or ALWAYS,
            position=int(position) if position else None,
            node=_node(asked),
            by=by,
        )
        return made.rule
    if rule is None:
        raise Sentence("Say which rule it is about.")
    version = asked.get("version")
    seen = int(version) if version else None
    if action == Action.CHANGE:
        month = _month(asked.get("from_month"))
        if month is None:
            raise Sentence("Say from which charge month the rule says something else.")
        says = saying.read(asked.get("says") or {}, viewer=by)
        changed: RuleVersion = ruling.put_version(
            rule=rule, says=says, from_month=month, version=seen, by=by
        )
        return changed.rule
    if action == Action.END:
        month = _month(asked.get("until_month"))
        if month is None:
            raise Sentence("Say which is the first charge month the rule no longer applies to.")
        return ruling.put_end(rule=rule, until_month=month, version=seen, by=by).rule
    if action == Action.RESTORE:
        return ruling.put_back(rule=rule, version=seen, by=by).rule
    if action == Action.MOVE:
        return ruling.put_at(rule=rule, position=int(asked["position"]), version=seen, by=by)
    raise Sentence(f"A rule cannot be asked to {action!r}.")


def _node(asked: Mapping[str, Any]) -> ScopeNode | None:
    found: ScopeNode | None = (
        ScopeNode.objects.filter(pk=asked["node"]).first() if asked.get("node") else None
    )
    return found


def _month(text: Any) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(f"{str(text)[:7]}-01")
    except ValueError as error:
        raise Sentence(f"{text!r} is not a month such as 2026-11.") from error
