"""What came in and belongs to nobody: readings that wait, unmanaged models, and the rules."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, Max, Min, OuterRef, QuerySet

from governance_app.connectors.models import Connection, MappingRule, Stray
from governance_app.domain.belonging import Guess, Thing, guesses
from governance_app.initiatives.models import Initiative
from governance_app.inventory import selectors as inventory
from governance_app.inventory.models import ModelAsset, ModelLink
from governance_app.people.models import User

MOST_SIBLINGS = 2000


@dataclass(frozen=True)
class Asked:
    """Something that waits with guesses where it belongs, the surest first."""

    stray: Stray
    guesses: tuple[Guess, ...]


@dataclass(frozen=True)
class Unmanaged:
    """A model that serves no initiative, with guesses which one it should."""

    model: ModelAsset
    sender: str
    guesses: tuple[Guess, ...]


def strays(*, viewer: User, state: str = "waiting", kind: str = "") -> QuerySet[Stray]:
    """Give what came in without an initiative, oldest first, with its readings counted."""
    found = Stray.objects.visible_to(viewer, "connection.view").filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    return (
        found.select_related("connection", "token", "node", "initiative", "settled_by")
        .annotate(
            reading_count=Count("readings"),
            first_on=Min("readings__period_on"),
            last_on=Max("readings__period_on"),
        )
        .order_by("created_at", "pk")
    )


def stray(*, stray_id: uuid.UUID | str, viewer: User) -> Stray | None:
    """Give one of them, or None when it is not the viewer's to see."""
    found = Stray.objects.visible_to(viewer, "connection.view").filter(pk=stray_id)
    return found.select_related("node", "initiative__node").first()


def asked(*, strays: Sequence[Stray], viewer: User) -> list[Asked]:
    """Guess where each of a page of strays belongs."""
    names, siblings = _names(viewer), _placed(viewer)
    return [
        Asked(row, tuple(guesses(Thing(row.name, row.labels), names, siblings.get(row.source, ()))))
        for row in strays
    ]


def unmanaged_models(*, viewer: User, search: str = "") -> QuerySet[ModelAsset]:
    """Give the models that serve no initiative and were not put aside: shadow AI until claimed."""
    aside = Stray.objects.filter(
        kind=Stray.Kind.MODEL,
        state=Stray.State.ASIDE,
        source=OuterRef("source"),
        name=OuterRef("name"),
    )
    found = inventory.models(viewer=viewer, search=search, is_unclaimed=True)
    return found.exclude(Exists(aside))


def guessed_models(*, models: Sequence[ModelAsset], viewer: User) -> list[Unmanaged]:
    """Guess which initiative each of a page of unmanaged models should serve."""
    names, siblings = _names(viewer), _linked(viewer, {model.source for model in models})
    senders = {
        connection.source: connection.name
        for connection in Connection.objects.visible_to(viewer, "connection.view")
    }
    return [
        Unmanaged(
            model,
            senders.get(model.source, "by hand"),
            tuple(guesses(Thing(model.name, model.tags), names, siblings.get(model.source, ()))),
        )
        for model in models
    ]


def mapping_rules(*, viewer: User) -> QuerySet[MappingRule]:
    """Give the rules that count, in the order they are asked."""
    found = MappingRule.objects.visible_to(viewer).filter(ended_at=None)
    return found.select_related("initiative__node", "connection").order_by("position", "pk")


def mapping_rule(*, rule_id: uuid.UUID | str, viewer: User) -> MappingRule | None:
    """Give one rule, or None when it is not the viewer's to see."""
    return mapping_rules(viewer=viewer).filter(pk=rule_id).first()


def waiting_count(*, viewer: User) -> int:
    """Count what waits for an answer."""
    found = Stray.objects.visible_to(viewer, "connection.view")
    return found.filter(state=Stray.State.WAITING).count()


def _names(viewer: User) -> list[tuple[str, str]]:
    rows = Initiative.objects.visible_to(viewer).order_by("number")
    return list(rows.values_list("key", "name"))


def _placed(viewer: User) -> dict[str, list[tuple[Thing, str]]]:
    found: dict[str, list[tuple[Thing, str]]] = {}
    rows = Stray.objects.visible_to(viewer, "connection.view").filter(state=Stray.State.PLACED)
    for source, name, labels, key in rows.order_by("pk").values_list(
        "source", "name", "labels", "initiative__key"
    )[:MOST_SIBLINGS]:
        found.setdefault(source, []).append((Thing(name, labels), key))
    return found


def _linked(viewer: User, sources: set[str]) -> dict[str, list[tuple[Thing, str]]]:
    found: dict[str, list[tuple[Thing, str]]] = {}
    links = ModelLink.objects.visible_to(viewer).filter(
        ended_at=None, model__source__in=sources, model__gone_at=None
    )
    for source, name, tags, key in links.order_by("pk").values_list(
        "model__source", "model__name", "model__tags", "initiative__key"
    )[:MOST_SIBLINGS]:
        found.setdefault(source, []).append((Thing(name, tags), key))
    return found
