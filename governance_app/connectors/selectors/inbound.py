"""Reading inbound tokens: whose a secret is, how each is used, what came."""

import datetime as dt
import hashlib
import hmac
import uuid
from dataclasses import dataclass

from django.db.models import Max, Q, QuerySet, Sum
from django.utils import timezone

from governance_app.connectors.models import InboundEvent, InboundToken
from governance_app.people.models import User

PREFIX = 16


@dataclass(frozen=True)
class TokenUse:
    """A token with how it was used: calls of the last day, when last, whether it still counts."""

    token: InboundToken
    calls: int
    refused: int
    last_at: dt.datetime | None
    is_live: bool


def token_of(*, secret: str, now: dt.datetime) -> InboundToken | None:
    """Give the token a secret stands for; None when unknown, expired or revoked."""
    token = (
        InboundToken.objects.select_related("node", "initiative__node")
        .filter(prefix=secret[:PREFIX], revoked_at=None, expires_at__gt=now)
        .first()
    )
    if token is None:
        return None
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return token if hmac.compare_digest(digest, token.digest) else None


def tokens(*, viewer: User) -> list[TokenUse]:
    """Give the tokens the viewer may see, those that count first, by name."""
    now = timezone.now()
    day = Q(minutes__minute__gte=now - dt.timedelta(days=1))
    rows = (
        InboundToken.objects.visible_to(viewer, "connection.view")
        .select_related("node", "initiative")
        .annotate(
            calls=Sum("minutes__calls", filter=day),
            refused=Sum("minutes__refused", filter=day),
            last_at=Max("minutes__minute"),
        )
        .order_by("revoked_at", "name", "pk")
    )
    uses = [
        TokenUse(
            row,
            row.calls or 0,
            row.refused or 0,
            row.last_at,
            row.revoked_at is None and row.expires_at > now,
        )
        for row in rows
    ]
    return sorted(uses, key=lambda use: (not use.is_live, use.token.name, str(use.token.pk)))


def token(*, token_id: uuid.UUID | str, viewer: User) -> InboundToken | None:
    """Give one token, or None when it does not exist or is not the viewer's to see."""
    found = InboundToken.objects.visible_to(viewer, "connection.view").filter(pk=token_id)
    return found.select_related("node", "initiative__node").first()


def inbound_events(*, viewer: User, token: InboundToken | None = None) -> QuerySet[InboundEvent]:
    """Give events as they came, newest first."""
    found = InboundEvent.objects.visible_to(viewer, "connection.view").select_related("token")
    if token is not None:
        found = found.filter(token=token)
    return found.order_by("-received_at", "-pk")
