"""Saying where what came in belongs: rules, and what waits."""

import uuid
from collections.abc import Sequence

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.connectors import errands, placing
from governance_app.connectors.models import Connection, MappingRule, Stray, StrayReading
from governance_app.connectors.services.storing import link_models
from governance_app.domain.belonging import Thing, owner_of
from governance_app.domain.errors import Sentence
from governance_app.initiatives.models import Initiative
from governance_app.inventory import services as inventory
from governance_app.inventory.models import ModelAsset
from governance_app.people import access
from governance_app.people.models import User


@recorded
def add_mapping_rule(
    *,
    looks_at: str,
    pattern: str,
    initiative: Initiative,
    by: User,
    tag: str = "",
    connection: Connection | None = None,
) -> MappingRule:
    """
    Say that what matches belongs to an initiative; what waits and matches goes there at once.

    Args:
        pattern: a whole value; * stands for any text, ? for one character, case is ignored.
        tag: which tag, when ``looks_at`` is a tag.
        connection: only what this one brings; None for every source.

    Raises:
        Sentence: it looks at nothing known, has no pattern or tag, or matches everything.
    """
    access.require(by, "inventory.edit", connection)
    access.require(by, "inventory.edit", initiative)
    tag, pattern = tag.strip(), pattern.strip()
    if looks_at not in MappingRule.Looks.values:
        known = ", ".join(MappingRule.Looks.values)
        raise Sentence(f"A mapping rule looks at one of {known}, not {looks_at!r}.")
    if not pattern.strip("*? "):
        raise Sentence("Write what it matches, such as claims-*; a rule cannot match everything.")
    if (looks_at == MappingRule.Looks.TAG) != bool(tag):
        raise Sentence(
            "Say which tag it looks at." if not tag else "Only a rule on tags names a tag."
        )
    rule = MappingRule.objects.create(
        position=placing.next_position(),
        connection=connection,
        looks_at=looks_at,
        tag=tag,
        pattern=pattern,
        initiative=initiative,
    )
    _apply(rule, by)
    return rule


@recorded
def move_mapping_rule(
    *, rule: MappingRule, before: MappingRule | None, by: User, version: int | None = None
) -> MappingRule:
    """
    Ask a rule directly before another one, or last; what models it then wins or loses follows.

    Args:
        before: the rule that is to come next; None puts it behind all others.

    Raises:
        Sentence: one of both was ended.
        Refused: it would pass a rule of an initiative that this person may not change.
        StaleWrite: somebody changed it meanwhile.
    """
    access.require(by, "inventory.edit", rule)
    standing = list(
        MappingRule.objects.select_for_update(of=("self",))
        .select_related("initiative__node")
        .filter(ended_at=None)
        .order_by("position", "pk")
    )
    places = {row.pk: place for place, row in enumerate(standing)}
    for each in (rule, *([before] if before else [])):
        if each.pk not in places:
            raise Sentence(f"The rule on {each} was ended meanwhile.")
    place = places[rule.pk]
    rule = standing[place]
    check_version(rule, version)
    to = places[before.pk] if before else len(standing)
    passed = standing[to:place] if to <= place else standing[place + 1 : to]
    for each in passed:
        access.require(by, "inventory.edit", each)
    rest = [row for row in standing if row.pk != rule.pk]
    rest.insert(to if to <= place else to - 1, rule)
    for position, row in enumerate(rest, start=1):
        save_changes(row, position=position)
    if passed:
        for connection in _registries(rule):
            link_models(connection, errands.principal(connection))
    return rule


@recorded
def end_mapping_rule(*, rule: MappingRule, by: User, version: int | None = None) -> MappingRule:
    """End a rule: links that it alone made end too; readings it placed stay where they are."""
    access.require(by, "inventory.edit", rule)
    rule = MappingRule.objects.select_for_update().get(pk=rule.pk)
    check_version(rule, version)
    if rule.ended_at is None:
        save_changes(rule, ended_at=timezone.now())
        for connection in _registries(rule):
            link_models(connection, errands.principal(connection))
    return rule


@recorded
def place_stray(
    *, stray: Stray, initiative: Initiative, by: User, version: int | None = None
) -> Stray:
    """
    Say where something that waits belongs: its readings go there, and so does what follows.

    Raises:
        Sentence: the initiative is not below the place that sent it.
        StaleWrite: somebody settled it meanwhile.
    """
    access.require(by, "inventory.edit", initiative)
    stray = Stray.objects.select_for_update(of=("self",)).select_related("node").get(pk=stray.pk)
    check_version(stray, version)
    if not initiative.node.path.startswith(stray.node.path):
        raise Sentence(f"{initiative} is not below {stray.node}, which sent this.")
    save_changes(
        stray,
        state=Stray.State.PLACED,
        initiative=initiative,
        settled_by=by,
        settled_at=timezone.now(),
        reason="",
    )
    placing.release(stray, by=by)
    return stray


@recorded
def set_stray_aside(*, stray: Stray, reason: str, by: User, version: int | None = None) -> Stray:
    """
    Say that something needs no initiative: it and what waits with it are let go.

    Raises:
        Sentence: no reason is given.
        StaleWrite: somebody settled it meanwhile.
    """
    access.require(by, "inventory.edit", stray)
    if not reason.strip():
        raise Sentence("Say in a sentence why it needs no initiative.")
    stray = Stray.objects.select_for_update().get(pk=stray.pk)
    check_version(stray, version)
    save_changes(
        stray,
        state=Stray.State.ASIDE,
        initiative=None,
        settled_by=by,
        settled_at=timezone.now(),
        reason=reason.strip()[:500],
    )
    StrayReading.objects.filter(stray=stray).delete()
    return stray


@recorded
def ask_again(*, stray: Stray, by: User, version: int | None = None) -> Stray:
    """Let something that was placed or put aside wait for an answer again."""
    access.require(by, "inventory.edit", stray.initiative or stray)
    stray = Stray.objects.select_for_update().get(pk=stray.pk)
    check_version(stray, version)
    save_changes(
        stray,
        state=Stray.State.WAITING,
        initiative=None,
        settled_by=None,
        settled_at=None,
        reason="",
    )
    return stray


@recorded
def claim_models(*, models: Sequence[ModelAsset], initiative: Initiative, by: User) -> int:
    """Link unmanaged models to an initiative, several at once; give how many."""
    for model in models:
        inventory.link_model(model=model, initiative=initiative, by=by)
    return len(models)


@recorded
def set_model_aside(*, model: ModelAsset, reason: str, by: User) -> Stray:
    """
    Say that a model of a registry needs no initiative, such as a trial or a course.

    Raises:
        Sentence: no reason is given, or the model did not come over a connection.
    """
    access.require(by, "inventory.edit")
    if not reason.strip():
        raise Sentence("Say in a sentence why it needs no initiative.")
    connection = connection_of(model.source)
    if connection is None:
        raise Sentence(f"{model} was written by hand; link it or delete it there.")
    stray, _ = Stray.objects.select_for_update(of=("self",)).get_or_create(
        source=model.source,
        kind=Stray.Kind.MODEL,
        name=model.name,
        defaults={"connection": connection, "node": connection.node},
    )
    save_changes(
        stray,
        state=Stray.State.ASIDE,
        initiative=None,
        settled_by=by,
        settled_at=timezone.now(),
        reason=reason.strip()[:500],
    )
    return stray


def connection_of(source: str) -> Connection | None:
    """Give the connection that a row names as its source."""
    kind, _, key = source.partition(":")
    if kind != "connection":
        return None
    try:
        return Connection.objects.filter(pk=uuid.UUID(key)).first()
    except ValueError:
        return None


def _apply(rule: MappingRule, by: User) -> None:
    """Bring what waits and what is unmanaged to where a new rule says."""
    waiting = Stray.objects.filter(state=Stray.State.WAITING)
    if rule.connection is not None:
        waiting = waiting.filter(connection=rule.connection)
    judged = placing.rules_for(rule.connection)
    for stray in waiting.select_for_update(of=("self",)).select_related("node").order_by("pk"):
        owner = owner_of(Thing(stray.name, stray.labels), judged)
        if owner == rule.initiative and owner.node.path.startswith(stray.node.path):
            place_stray(stray=stray, initiative=owner, by=by)
    for connection in _registries(rule):
        link_models(connection, errands.principal(connection))


def _registries(rule: MappingRule) -> list[Connection]:
    """Give the connections whose models a rule may claim."""
    if rule.connection is not None:
        return [rule.connection]
    sources = ModelAsset.objects.filter(gone_at=None).values_list("source", flat=True).distinct()
    found = (connection_of(source) for source in sources.order_by())
    return [each for each in found if each is not None and each.deleted_at is None]
