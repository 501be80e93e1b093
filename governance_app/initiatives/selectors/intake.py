"""Templates, links and proposals, and what a proposal looks like."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from governance_app.domain.likeness import Candidate, alike
from governance_app.initiatives.models import (
    Initiative,
    InitiativeTemplate,
    IntakeLink,
    IntakeRequest,
)
from governance_app.initiatives.tokens import digest
from governance_app.people.models import User


@dataclass(frozen=True)
class LooksLike:
    """An initiative that a proposal looks like, and how much: 1 is the same words."""

    key: str
    name: str
    likeness: float


def templates(*, viewer: User) -> QuerySet[InitiativeTemplate]:
    """Give the templates by name."""
    rows = InitiativeTemplate.objects.visible_to(viewer).select_related("made_by")
    return rows.order_by("name", "pk")


def template(*, viewer: User, template_id: uuid.UUID | str) -> InitiativeTemplate | None:
    """Give one template, or None."""
    return templates(viewer=viewer).filter(pk=template_id).first()


def intake_links(*, viewer: User) -> QuerySet[IntakeLink]:
    """Give the links that the viewer may hand out, open ones first, with what waits in each."""
    waiting = Count("requests", filter=Q(requests__state=IntakeRequest.State.WAITING))
    rows = IntakeLink.objects.visible_to(viewer, "initiative.add").annotate(waiting=waiting)
    return rows.select_related("unit", "made_by").order_by("closed_at", "-created_at", "pk")


def intake_link(*, viewer: User, link_id: uuid.UUID | str) -> IntakeLink | None:
    """Give one link that the viewer may shut, or None."""
    return intake_links(viewer=viewer).filter(pk=link_id).first()


def link_name(*, token: str) -> str | None:
    """Name the open link of a token for whoever holds it, or give None."""
    rows = IntakeLink.objects.filter(
        token_digest=digest(token), closed_at=None, expires_on__gte=timezone.localdate()
    )
    found = rows.first()
    return found.name if found else None


def intake_requests(*, viewer: User, is_waiting: bool = True) -> QuerySet[IntakeRequest]:
    """Give the proposals the viewer may decide on, oldest first; or all there ever were."""
    rows = IntakeRequest.objects.visible_to(viewer, "initiative.add")
    if is_waiting:
        rows = rows.filter(state=IntakeRequest.State.WAITING)
    return rows.select_related("unit", "initiative", "decided_by").order_by("created_at", "pk")


def intake_request(*, viewer: User, request_id: uuid.UUID | str) -> IntakeRequest | None:
    """Give one proposal the viewer may decide on, or None."""
    return intake_requests(viewer=viewer, is_waiting=False).filter(pk=request_id).first()


def own_requests(*, viewer: User) -> QuerySet[IntakeRequest]:
    """Give what the viewer proposed, newest first."""
    rows = IntakeRequest.objects.visible_to(viewer).filter(person=viewer)
    return rows.select_related("unit", "initiative").order_by("-created_at", "-pk")


def looks_like(*, viewer: User, name: str, purpose: str = "") -> Sequence[LooksLike]:
    """
    Find the initiatives among what the viewer sees that look like a proposal.

    Nothing beyond the viewer's sight is named, so nobody can ask about other units this way.
    """
    rows = Initiative.objects.visible_to(viewer).values_list("key", "name", "purpose")
    candidates = (Candidate(*row) for row in rows.order_by("number"))
    found = alike(name=name, purpose=purpose, candidates=candidates)
    return [LooksLike(each.candidate.key, each.candidate.name, each.likeness) for each in found]
