"""
Who may do what, where. One function answers, with a reason; nothing else decides.

A grant gives a role's permissions on a node and everything below it, between two days.
What no grant gives is refused.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.people.models import Grant, ScopeNode, User
from governance_app.people.permissions import PERMISSIONS
from governance_app.people.roles import ROLES


@dataclass(frozen=True)
class Decision:
    """Yes, or no with the sentence that says why; true in a condition when allowed."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


class Refused(Sentence):
    """The actor may not do this; the text is the reason shown to them."""


def can(actor: User, action: str, obj: Any = None) -> Decision:
    """
    Decide whether an actor may do something to an object.

    Args:
        actor: who acts.
        action: a key of ``PERMISSIONS``.
        obj: a node, a row with ``scope_node``, or None for the whole organisation.
    """
    if action not in PERMISSIONS:
        known = ", ".join(sorted(PERMISSIONS))
        raise ValueError(f"Unknown permission {action!r}; known are {known}.")
    if not actor.is_active:
        return Decision(False, f"{actor} can no longer sign in.")
    path = "" if obj is None else obj.scope_node.path
    if any(path.startswith(granted) for granted in scope_paths(actor, action)):
        return Decision(True)
    roles = [phrase(r.name.lower()) for r in ROLES.values() if _offers(r.slug, action)]
    holders = phrase(
        ", ".join(f"{{role{n}}}" for n in range(len(roles))),
        **{f"role{n}": role for n, role in enumerate(roles)},
    )
    deed = phrase(PERMISSIONS[action])
    if obj is None:
        reason = phrase(
            "You may not {deed} in the whole organisation. A grant as {holders} there allows it.",
            deed=deed, holders=holders,
        )  # fmt: skip
    else:
        reason = phrase(
            "You may not {deed} in {place}. A grant as {holders} there allows it.",
            deed=deed, place=str(obj.scope_node), holders=holders,
        )  # fmt: skip
    return Decision(False, reason)


def can_anywhere(actor: User, action: str) -> bool:
    """Tell whether the actor holds a permission on any node: whether a page has a point."""
    return bool(actor.is_active and scope_paths(actor, action))


def require(actor: User, action: str, obj: Any = None) -> None:
    """
    Go on only when the actor may.

    Raises:
        Refused: with the reason to show.
    """
    decision = can(actor, action, obj)
    if not decision:
        raise Refused(decision.reason)


def sees_money(viewer: User, node: ScopeNode | None = None) -> bool:
    """Tell whether money figures may be shown: on a node, or anywhere when none is given."""
    if node is None:
        return can_anywhere(viewer, "money.view")
    return bool(can(viewer, "money.view", node))


def scope_paths(viewer: User, permission: str) -> tuple[str, ...]:
    """
    Give the path prefixes below which the viewer holds a permission, without overlaps.

    ``("",)`` is the whole organisation, ``()`` is nowhere.
    """
    if not viewer.is_active:
        return ()
    if viewer.is_system:
        return ("",)
    found = sorted(
        "" if kind == ScopeNode.Kind.ORGANISATION else path
        for role, kind, path in _grants_today(viewer)
        if permission in ROLES[role].permissions
    )
    roots: list[str] = []
    for path in found:
        if not any(path.startswith(root) for root in roots):
            roots.append(path)
    return tuple(roots)


def forget_grants(viewer: User) -> None:
    """Drop what was remembered of a user's grants; they count again from the next question."""
    viewer.__dict__.pop("_grants_today", None)


def _offers(role: str, action: str) -> bool:
    return role != "system" and action in ROLES[role].permissions


def _grants_today(viewer: User) -> list[tuple[str, str, str]]:
    """Read once per user object: each request and job loads its user anew."""
    today = timezone.localdate()
    kept: tuple[dt.date, list[tuple[str, str, str]]] | None = viewer.__dict__.get("_grants_today")
    if kept is None or kept[0] != today:
        grants = Grant.objects.filter(user=viewer, from_on__lte=today)
        grants = grants.exclude(until_on__lt=today)
        kept = (today, list(grants.values_list("role", "node__kind", "node__path")))
        viewer.__dict__["_grants_today"] = kept
    return kept[1]
