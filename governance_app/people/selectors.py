"""Reading people, units and grants."""

import datetime as dt
import hashlib
import hmac

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from governance_app.people.models import ApiToken, Grant, ScopeNode, User
from governance_app.people.roles import ROLES


def organisation() -> ScopeNode | None:
    """Give the root of the tree; None before anything was set up."""
    return ScopeNode.objects.filter(kind=ScopeNode.Kind.ORGANISATION).first()


def units(*, viewer: User) -> QuerySet[ScopeNode]:
    """Give the units the viewer sees, parents before children, by name inside a parent."""
    return (
        ScopeNode.objects.visible_to(viewer)
        .filter(kind=ScopeNode.Kind.UNIT)
        .select_related("parent")
        .order_by("path")
    )


def people(*, viewer: User, search: str = "") -> QuerySet[User]:
    """Give the people of the directory by name; everybody signed in may look somebody up."""
    found = User.objects.filter(kind=User.Kind.PERSON) if viewer.is_active else User.objects.none()
    if search:
        found = found.filter(Q(name__icontains=search) | Q(email__icontains=search))
    return found.annotate(grant_count=Count("grants")).order_by("name", "pk")


def names(*, ids: list[str]) -> dict[str, str]:
    """Give id -> name of people and system principals, for the trail and bylines."""
    return {str(pk): name for pk, name in User.objects.filter(pk__in=ids).values_list("pk", "name")}


def holders(*, permission: str, node: ScopeNode, on: dt.date) -> QuerySet[User]:
    """Give the people who hold a permission at a node on a day, by name."""
    above = [node.path[: 33 * depth] for depth in range(1, node.depth + 2)]
    roles = [role.slug for role in ROLES.values() if permission in role.permissions]
    held = (
        Grant.objects.filter(role__in=roles, from_on__lte=on)
        .filter(Q(node__path__in=above) | Q(node__kind=ScopeNode.Kind.ORGANISATION))
        .exclude(until_on__lt=on)
    )
    found = User.objects.filter(kind=User.Kind.PERSON, is_active=True)
    return found.filter(pk__in=held.values("user")).order_by("name", "pk")


def grants(*, viewer: User, on: dt.date | None = None) -> QuerySet[Grant]:
    """Give the grants on nodes the viewer sees, those in force first."""
    day = on or timezone.localdate()
    nodes = ScopeNode.objects.visible_to(viewer)
    return (
        Grant.objects.filter(node__in=nodes)
        .exclude(until_on__lt=day)
        .select_related("user", "node")
        .order_by("user__name", "role", "pk")
    )


def tokens(*, viewer: User) -> QuerySet[ApiToken]:
    """Give the viewer's own API tokens, newest first."""
    return ApiToken.objects.filter(user=viewer).order_by("-created_at", "-pk")


def user_of_token(*, secret: str, now: dt.datetime) -> User | None:
    """Give the active user a token secret stands for; None when unknown, expired or revoked."""
    token = (
        ApiToken.objects.select_related("user")
        .filter(prefix=secret[:12], revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is None:
        return None
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return token.user if hmac.compare_digest(digest, token.digest) else None
