"""Reading requests: what waits for whom, and everything that a decision needs in one place."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from governance_app.domain import gates as engine
from governance_app.domain.policy import MODES, Mode
from governance_app.gates.facts import FACTS
from governance_app.gates.judging import force_of
from governance_app.gates.models import (
    AfterReview,
    BreakGlass,
    Delegation,
    GateDecision,
    GateEvidence,
    GateRequest,
)
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User

#: Waiting requests beyond this many are counted, not listed one by one.
MOST = 500


def requests(*, viewer: User, initiative: Initiative | None = None) -> QuerySet[GateRequest]:
    """Give the requests a viewer may see, newest first."""
    found = GateRequest.objects.visible_to(viewer)
    if initiative is not None:
        found = found.filter(initiative=initiative)
    return found.select_related(
        "initiative__node", "initiative__unit", "initiative__stage", "requested_by"
    ).order_by("-number", "pk")


def request(*, viewer: User, number: int) -> GateRequest | None:
    """Give one request, or None when it is not the viewer's to see."""
    found = requests(viewer=viewer).filter(number=number)
    return found.select_related(
        "initiative__node", "initiative__unit", "initiative__stage__template", "requested_by",
        "floor__node", "own_policy__node",
    ).first()  # fmt: skip


def evidence(*, request: GateRequest, viewer: User) -> QuerySet[GateEvidence]:
    """Give the proofs of a request, oldest first."""
    found = GateEvidence.objects.visible_to(viewer).filter(request=request)
    return found.select_related("added_by", "file").order_by("created_at", "pk")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for a person: at which step, for whom they would decide, until when."""

    request: GateRequest
    step: str
    acting_for: User | None
    due_on: dt.date | None

    def is_late(self, on: dt.date) -> bool:
        """Tell whether it should have been decided."""
        return self.due_on is not None and self.due_on < on


def waiting_for(*, viewer: User, on: dt.date) -> list[Waiting]:
    """Give what a person can decide now, their own seats first, the longest waiting first."""
    rows = (
        requests(viewer=viewer)
        .filter(state=GateRequest.State.IN_REVIEW)
        .prefetch_related(Prefetch("decisions", GateDecision.objects.order_by("decided_at", "pk")))
        .prefetch_related("evidence")
        .order_by("submitted_at", "pk")[:MOST]
    )
    givers = delegators(viewer=viewer, on=on)
    found = []
    for row in rows:
        for principal in (viewer, *_over(row, givers)):
            slot = open_slot(row, viewer, principal)
            if slot is not None:
                whom = None if principal.pk == viewer.pk else principal
                found.append(Waiting(row, slot.title, whom, row.due_on))
                break
    return found


def open_slot(row: GateRequest, person: User, whose: User) -> Any:
    """Give the step at which a person's yes would count now, or None."""
    verdict = verdict_of(row=row)
    votes = _votes(row)
    authors = {str(each.added_by_id) for each in row.evidence.all()}
    counted = engine.tally(
        verdict, votes, requester=str(row.requested_by_id), authors=authors,
        facts_hash=row.facts_hash,
    )  # fmt: skip
    for state in counted.steps:
        if state.is_done:
            continue
        is_own = state.step.self_when_green and person.pk == whose.pk == row.requested_by_id
        if not is_own and not access.can(whose, state.step.who, row.initiative):
            continue
        vote = engine.Vote(
            state.step.slot, str(person.pk), "approve", row.facts_hash,
            "" if person.pk == whose.pk else str(whose.pk),
        )  # fmt: skip
        if not engine.why_not_count(
            vote, verdict, requester=str(row.requested_by_id), authors=authors,
            facts_hash=row.facts_hash, earlier=votes,
        ):  # fmt: skip
            return state.step
    return None


def verdict_of(*, row: GateRequest) -> engine.Verdict:
    """Give what the policies said when a request was submitted."""
    return engine.read_verdict({k: v for k, v in row.verdict.items() if k != "policies"})


def verdict_again(*, row: GateRequest) -> engine.Verdict:
    """
    Work a kept verdict out anew from what was kept with it, so that pages can say it anew.

    What comes out otherwise, such as of an earlier engine, is given as it was kept.
    """
    kept = verdict_of(row=row)
    if row.submitted_at is None or row.mode not in MODES:
        return kept
    anew = engine.evaluate(
        force_of(row).policy, row.facts, FACTS, mode=cast(Mode, row.mode),
        on=timezone.localdate(row.submitted_at),
        known_on={name: dt.date.fromisoformat(on) for name, on in row.known_on.items()},
    )  # fmt: skip
    return anew if anew == kept else kept


def delegators(*, viewer: User, on: dt.date) -> list[Delegation]:
    """Give the delegations to a person that hold on a day."""
    rows = Delegation.objects.filter(
        taker=viewer, ended_at=None, from_on__lte=on, until_on__gte=on, giver__is_active=True
    )
    return list(rows.select_related("giver", "node").order_by("until_on", "pk"))


def delegations(*, viewer: User, on: dt.date) -> list[Delegation]:
    """Give a person's delegations, given and taken, that hold on a day or later."""
    rows = Delegation.objects.filter(
        Q(taker=viewer) | Q(giver=viewer), ended_at=None, until_on__gte=on
    )
    return list(rows.select_related("giver", "taker", "node").order_by("from_on", "pk"))


@dataclass(frozen=True, slots=True)
class Seat:
    """One step of a request: how many said yes, how many are needed, and what may be shown."""

    step: Any
    approvals: int
    is_done: bool
    is_rejected: bool
    decisions: tuple[GateDecision, ...]
    hidden: int


def seats(*, row: GateRequest, viewer: User) -> list[Seat]:
    """
    Give the steps of a request with their decisions.

    A blinded step shows what others said only to whoever decided there, or once it is done.
    """
    decisions = list(
        GateDecision.objects.filter(request=row)
        .select_related("person", "acting_for")
        .order_by("decided_at", "pk")
    )
    verdict = verdict_of(row=row)
    counted = engine.tally(
        verdict, _votes(row), requester=str(row.requested_by_id),
        authors={str(each.added_by_id) for each in row.evidence.all()}, facts_hash=row.facts_hash,
    )  # fmt: skip
    found = []
    for state in counted.steps:
        here = [each for each in decisions if each.slot == state.step.slot]
        took_part = any(viewer.pk in (each.person_id, each.acting_for_id) for each in here)
        is_open = row.state == GateRequest.State.IN_REVIEW and not state.is_done
        hides = state.step.is_blinded and is_open and not took_part and not state.is_rejected
        found.append(
            Seat(
                state.step, state.approvals, state.is_done, state.is_rejected,
                () if hides else tuple(here), len(here) if hides else 0,
            )
        )  # fmt: skip
    return found


def decided_by(*, viewer: User) -> QuerySet[GateDecision]:
    """Give what a person decided, newest first."""
    rows = GateDecision.objects.filter(Q(person=viewer) | Q(acting_for=viewer))
    return rows.select_related("request__initiative", "acting_for", "person").order_by(
        "-decided_at", "-pk"
    )


def samples(*, viewer: User) -> QuerySet[AfterReview]:
    """Give self-approvals that were drawn and wait to be looked at, the most urgent first."""
    rows = AfterReview.objects.visible_to(viewer).filter(finding="")
    return rows.select_related("request__initiative__node", "request__requested_by").order_by(
        "due_on", "pk"
    )


def sample(*, viewer: User, review_id: uuid.UUID | str) -> AfterReview | None:
    """Give one sample, or None when it is not the viewer's to see."""
    rows = AfterReview.objects.visible_to(viewer).filter(pk=review_id)
    return rows.select_related("request__initiative__node").first()


def emergencies(*, viewer: User, is_open: bool = False) -> QuerySet[BreakGlass]:
    """Give emergency moves, newest first; with ``is_open`` those that nobody reviewed yet."""
    rows = BreakGlass.objects.visible_to(viewer)
    if is_open:
        rows = rows.filter(finding="")
    return rows.select_related(
        "initiative__node", "opened_by", "confirmed_by", "reviewed_by"
    ).order_by("-opened_at", "-pk")


def emergency(*, viewer: User, glass_id: uuid.UUID | str) -> BreakGlass | None:
    """Give one emergency move, or None when it is not the viewer's to see."""
    return emergencies(viewer=viewer).filter(pk=glass_id).first()


def guarded_stages(*, initiative: Initiative, viewer: User) -> dict[str, GateRequest]:
    """Give the requests of an initiative that are open or hold, by stage."""
    rows = requests(viewer=viewer, initiative=initiative).filter(
        state__in=("draft", "in_review", "approved")
    )
    found: dict[str, GateRequest] = {}
    for row in rows:
        found.setdefault(row.to_stage, row)
    return found


def _votes(row: GateRequest) -> list[engine.Vote]:
    rows = sorted(row.decisions.all(), key=lambda each: (each.decided_at, each.pk))
    return [
        engine.Vote(
            each.slot, str(each.person_id), each.choice, each.facts_hash,
            str(each.acting_for_id) if each.acting_for_id else "",
        )
        for each in rows
    ]  # fmt: skip


def _over(row: GateRequest, givers: list[Delegation]) -> list[User]:
    path = row.initiative.node.path
    return [each.giver for each in givers if path.startswith(each.node.path)]
