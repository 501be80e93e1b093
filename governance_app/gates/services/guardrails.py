"""Looking every day at what is live: the same checks again, breaches with a clock, probation."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from governance_app.audit import kept
from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import save_changes
from governance_app.books.selectors import setting
from governance_app.domain import gates as engine
from governance_app.domain import policy as policies
from governance_app.domain.conditions import plain
from governance_app.domain.texts import BROKEN
from governance_app.gates import facts as known
from governance_app.gates.judging import InForce, Places
from governance_app.gates.models import (
    Breach,
    BreakGlass,
    GateEvidence,
    GateRequest,
    Guardrail,
    UnitMode,
)
from governance_app.gates.refusing import GateRefused
from governance_app.gates.services.deciding import refresh
from governance_app.gates.services.keeping import sentence_of
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import ScopeNode, User

#: How many initiatives are read at once.
CHUNK = 1000


@dataclass(slots=True)
class Looked:
    """What a round over the guardrails did."""

    looked: int = 0
    judged: int = 0
    not_green: int = 0
    opened: int = 0
    mended: int = 0
    probations: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Give the counts."""
        return {
            "looked": self.looked,
            "judged": self.judged,
            "not_green": self.not_green,
            "opened": self.opened,
            "mended": self.mended,
            "probations": self.probations,
        }


@refusals_noted
@recorded
def look_at_guardrails(*, on: dt.date, by: User, only: Sequence[uuid.UUID] | None = None) -> Looked:
    """
    Judge the guardrails of what is live again; open, keep and mend breaches.

    Only what changed is judged: facts, policies or modes that differ, or a fact that grew too
    old. A unit that decides by itself goes back to the board after too many breaches.

    Args:
        on: the day, which ages facts.
        only: initiatives to look at; by default everything in a live stage.
    """
    access.require(by, "gate.decide")
    places = Places(on)
    done = Looked()
    if places.is_empty:
        return done
    stages = [str(each) for each in setting(key="gate_live_stages", on=on)]
    rows = Initiative.objects.filter(stage__slug__in=stages, kind="initiative")
    if only is not None:
        rows = rows.filter(pk__in=only)
    live = list(rows.order_by("pk").values_list("pk", "node__path", "stage__slug"))
    for start in range(0, len(live), CHUNK):
        _look(live[start : start + CHUNK], places, on, done, by)
    if only is None:
        gone = Breach.objects.filter(mended_at=None).exclude(initiative__stage__slug__in=stages)
        done.mended += _close(list(gone), "It is no longer live.")
    _probations(places, on, done, by)
    return done


@refusals_noted
@recorded
def end_probation(*, mode: UnitMode, to_mode: str, reason: str, by: User) -> UnitMode:
    """
    Let a unit out of its probation, into a mode.

    Raises:
        GateRefused: the unit is not on probation, or no reason is given.
    """
    access.require(by, "gate.decide", mode.node)
    if mode.origin != UnitMode.Origin.PROBATION:
        raise GateRefused(f"{mode.node} is not on probation.")
    if to_mode not in policies.MODES:
        raise GateRefused(f"The mode is one of {', '.join(policies.MODES)}.")
    return UnitMode.objects.create(
        node=mode.node,
        mode=to_mode,
        from_on=timezone.localdate(),
        reason=sentence_of(reason, "Say in a sentence what changed."),
        decided_by=by,
    )


Live = tuple[uuid.UUID, str, str]


def _look(live: Sequence[Live], places: Places, on: dt.date, done: Looked, by: User) -> None:
    ids = [pk for pk, _, _ in live]
    sheets = known.gather(initiatives=ids, on=on)
    _approvals(sheets, live)
    stored = {
        row.initiative_id: row
        for row in Guardrail.objects.filter(initiative__in=ids).defer("findings")
    }
    asked_by: dict[str, frozenset[str]] = {}
    made, changed, moved = [], [], []
    judged: dict[uuid.UUID, tuple[InForce, engine.Verdict]] = {}
    for pk, path, stage in live:
        done.looked += 1
        force, mode = places.policy_at(path), places.mode_at(path)
        sheet = sheets[pk]
        sheet.put("to_stage", stage)
        sheet.put("proposal", "continue")
        values = {name: plain(value) for name, value in sheet.values.items()}
        asked = asked_by.get(force.digest)
        if asked is None:
            asked = asked_by[force.digest] = policies.facts_of(force.policy)
        digest = _digest(values, sheet.known_on, asked)
        rules = hashlib.sha256(f"{force.digest}|{mode.mode}".encode()).hexdigest()
        row = stored.get(pk)
        if (
            row is not None
            and (row.rules_hash, row.facts_hash) == (rules, digest)
            and (row.ages_on is None or on < row.ages_on)
        ):
            done.not_green += not row.is_green
            continue
        verdict = engine.evaluate(
            force.policy, values, known.FACTS, mode=mode.mode, on=on, known_on=sheet.known_on
        )
        done.judged += 1
        done.not_green += not verdict.is_green
        judged[pk] = (force, verdict)
        fields = {
            "rules_hash": rules,
            "facts_hash": digest,
            "mode": mode.mode,
            "is_green": verdict.is_green,
            "findings": [
                {"check": f.check, "title": f.title, "level": f.level, "result": f.result,
                 "why": f.why}
                for f in verdict.findings
            ],
            "judged_on": on,
            "ages_on": _ages_on(force.policy, sheet.known_on, on),
        }  # fmt: skip
        if row is None or row.facts_hash != digest:
            moved.append(pk)
        if row is None:
            made.append(Guardrail(initiative_id=pk, **fields))
        else:
            for name, value in fields.items():
                setattr(row, name, value)
            changed.append(row)
    Guardrail.objects.bulk_create(made, batch_size=500)
    if changed:
        names = [
            "rules_hash", "facts_hash", "mode", "is_green", "findings", "judged_on", "ages_on",
        ]  # fmt: skip
        Guardrail.objects.bulk_update(changed, names, batch_size=500)
    if made or changed:
        kept.moved()  # guardrails are not captured
    _overtaken(moved, by)
    _breaches(judged, on, done)


def _approvals(sheets: known.Sheets, live: Sequence[Live]) -> None:
    """Bring back what was asked and approved last: its version and evidence count as facts."""
    stages = {pk: stage for pk, _, stage in live}
    rows = GateRequest.objects.filter(
        initiative__in=list(stages), state=GateRequest.State.APPROVED
    ).order_by("decided_at", "pk")
    newest = {}
    for row in rows.only("initiative_id", "to_stage", "model_version"):
        if stages[row.initiative_id] == row.to_stage:
            newest[row.initiative_id] = row
    proofs: dict[uuid.UUID, list[tuple[str, dt.date]]] = {}
    for request, kind, day in GateEvidence.objects.filter(
        request__in=list(newest.values())
    ).values_list("request_id", "kind", "collected_on"):
        proofs.setdefault(request, []).append((kind, day))
    for pk, row in newest.items():
        sheets[pk].put("model_version", row.model_version)
        given = proofs.get(row.pk, [])
        sheets[pk].put(
            "evidence",
            sorted({kind for kind, _ in given}),
            known_on=min((day for _, day in given), default=None),
        )


def _overtaken(moved: Sequence[uuid.UUID], by: User) -> None:
    """Close the approvals of what changed in a material fact."""
    rows = GateRequest.objects.filter(
        initiative__in=list(moved), state=GateRequest.State.APPROVED
    ).select_related("initiative__node", "initiative__stage")
    for row in rows.order_by("number"):
        refresh(request=row, by=by)


def _digest(values: dict[str, Any], known_on: dict[str, dt.date], asked: frozenset[str]) -> str:
    rows = {name: values.get(name) for name in sorted(asked)}
    days = {name: day.isoformat() for name, day in sorted(known_on.items()) if name in asked}
    text = json.dumps([rows, days], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _ages_on(policy: policies.Policy, known_on: dict[str, dt.date], on: dt.date) -> dt.date | None:
    """Give the next day on which a fact becomes too old for a check."""
    days = [
        known_on[name] + dt.timedelta(days=check.max_age_days + 1)
        for rule in policy.rules
        for check in rule.checks
        if check.max_age_days is not None
        for name in known_on
    ]
    return min((day for day in days if day > on), default=None)


def _breaches(
    judged: dict[uuid.UUID, tuple[InForce, engine.Verdict]], on: dt.date, done: Looked
) -> None:
    """Open a breach for each guardrail that is not green, close those that are green again."""
    now = timezone.now()
    open_now = {
        (row.initiative_id, row.check_id): row
        for row in Breach.objects.filter(
            initiative__in=list(judged), mended_at=None
        ).select_for_update(of=("self",))
    }
    new = []
    for pk, (force, verdict) in judged.items():
        hours = force.policy.distributed.breach_hours
        if hours is None:
            continue
        failing = {f.check: f for f in verdict.findings if f.level != "warn" and not f.is_green}
        for check, finding in failing.items():
            row = open_now.pop((pk, check), None)
            if row is not None:
                save_changes(row, why=finding.why)
                continue
            new.append(
                Breach(
                    initiative_id=pk,
                    check_id=check,
                    title=finding.title,
                    why=finding.why,
                    opened_at=now,
                    due_at=now + dt.timedelta(hours=hours),
                )
            )
    Breach.objects.bulk_create(new, batch_size=500)
    done.opened += len(new)
    done.mended += _close(list(open_now.values()), "The check passes again.")


def _close(rows: list[Breach], how: str) -> int:
    now = timezone.now()
    for row in rows:
        row.mended_at, row.how = now, how
        row.version += 1
    Breach.objects.bulk_update(rows, ["mended_at", "how", "version"], batch_size=500)
    return len(rows)


def _probations(places: Places, on: dt.date, done: Looked, by: User) -> None:
    """Bring units that decide by themselves back to the board when they broke too much."""
    modes: dict[uuid.UUID, UnitMode] = {}
    for row in UnitMode.objects.filter(from_on__lte=on).order_by("from_on", "created_at", "pk"):
        modes[row.node_id] = row
    for mode in modes.values():
        if mode.mode != "distributed":
            continue
        node = ScopeNode.objects.get(pk=mode.node_id)
        numbers = places.policy_at(node.path).policy.distributed
        if numbers.probation_breaches is None or numbers.probation_days is None:
            continue
        since = max(timezone.now() - dt.timedelta(days=numbers.probation_days), mode.created_at)
        count = broken_since(node=node, since=since)
        if count < numbers.probation_breaches:
            continue
        UnitMode.objects.create(
            node=node,
            mode="central",
            from_on=on,
            origin=UnitMode.Origin.PROBATION,
            reason=BROKEN.format(
                count=count, days=numbers.probation_days, most=numbers.probation_breaches
            ),
            decided_by=by,
        )
        done.probations.append(node.name)
        audit.note(
            by=by,
            action="gate",
            subject=node,
            sentence=f"{node} is on probation after {count} breaches: the board decides.",
        )


def broken_since(*, node: ScopeNode, since: dt.datetime) -> int:
    """Count breaches and emergencies found unjustified in a part of the tree since a moment."""
    breaches = Breach.objects.filter(
        initiative__node__path__startswith=node.path, opened_at__gte=since
    ).count()
    glass = BreakGlass.objects.filter(
        initiative__node__path__startswith=node.path,
        finding=BreakGlass.Finding.NOT,
        reviewed_at__gte=since,
    ).count()
    return breaches + glass
