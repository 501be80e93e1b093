"""Bringing what came in to its initiative: by key, by link, by rule; else it waits."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context

from django.db.models import Max, Q

from governance_app.audit.rows import save_changes
from governance_app.connectors.models import (
    Connection,
    InboundToken,
    MappingRule,
    Stray,
    StrayReading,
)
from governance_app.domain.belonging import Rule, Thing, owner_of
from governance_app.domain.records import Reading, ReadingRecord
from governance_app.initiatives.models import Initiative
from governance_app.inventory.models import ModelLink
from governance_app.people.models import ScopeNode, User
from governance_app.readings import services as readings

READINGS_A_STRAY = 10_000
_WIDE = Context(prec=60)


@dataclass(frozen=True)
class Sender:
    """Who delivers: a connection that pulled, or a token that was pushed with."""

    source: str
    node: ScopeNode
    connection: Connection | None = None
    token: InboundToken | None = None

    @classmethod
    def of(cls, origin: Connection | InboundToken) -> "Sender":
        """Give the sender that a connection or a token is."""
        if isinstance(origin, Connection):
            return cls(origin.source, origin.node, connection=origin)
        return cls(origin.source, origin.node, token=origin)

    @property
    def fallback(self) -> Initiative | None:
        """Where everything goes that says nothing better."""
        return self.token.initiative if self.token else None


@dataclass
class Placed:
    """What became of readings."""

    new: int = 0
    changed: int = 0
    waiting: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


class Placer:
    """Finds initiatives for what one sender brings; reads rules and links once."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._rules = rules_for(sender.connection)
        self._settled = {
            (stray.kind, stray.name): stray
            for stray in Stray.objects.filter(source=sender.source)
            .exclude(state=Stray.State.WAITING)
            .select_related("initiative__node")
        }
        self._initiatives: dict[str, Initiative | None] = {}

    def by_key(self, key: str) -> Initiative | None:
        """Give an initiative by its key, when the sender may reach it."""
        if key not in self._initiatives:
            found = Initiative.objects.select_related("node").filter(key=key).first()
            within = found is not None and found.node.path.startswith(self._sender.node.path)
            self._initiatives[key] = found if within else None
        return self._initiatives[key]

    def by_rule(self, thing: Thing) -> Initiative | None:
        """Give the initiative that the first matching rule names, when it may be reached."""
        found = owner_of(thing, self._rules)
        within = found is not None and found.node.path.startswith(self._sender.node.path)
        return found if within else None

    def place(self, kind: str, thing: Thing, key: str = "") -> tuple[Initiative | None, str]:
        """
        Find the initiative of one thing.

        Returns:
            It, or None; and why there is none. An empty reason: it was put aside, drop it.
        """
        if key and (named := self.by_key(key)) is not None:
            return named, ""
        found = self.by_rule(thing)
        if found is not None:
            return found, ""
        settled = self._settled.get((kind, thing.name))
        if settled is not None:
            return settled.initiative, ""
        if not key and self._sender.fallback is not None:
            return self._sender.fallback, ""
        if key:
            return None, f"It names {key}, and there is no such initiative below {self._place}."
        return None, "No key, link or rule says where it belongs."

    def wait(self, kind: str, thing: Thing, why: str) -> Stray:
        """Let a thing wait for a person; what is known of it is written when it changed."""
        sender = self._sender
        stray, is_new = Stray.objects.get_or_create(
            source=sender.source,
            kind=kind,
            name=thing.name[:500],
            defaults={
                "connection": sender.connection,
                "token": sender.token,
                "node": sender.node,
                "labels": dict(thing.labels),
                "why": why[:500],
            },
        )
        if not is_new:
            save_changes(stray, labels=dict(thing.labels), why=why[:500])
        return stray

    def let_wait(
        self, kind: str, thing: Thing, why: str, members: Sequence[ReadingRecord]
    ) -> Placed:
        """Let a thing wait with its readings; say how many, and which cannot wait."""
        count, refused = _keep(self.wait(kind, thing, why), members)
        return Placed(waiting=count, refused=[(thing.name, reason) for reason in refused])

    def take_readings(self, records: Iterable[ReadingRecord], by: User) -> Placed:
        """Record readings with their initiatives; those without one wait with their stray."""
        placed = Placed()
        groups = _grouped(records)
        links = self._links(groups)
        feeds: list[readings.Feed] = []
        for group, members in groups.items():
            targets = {each.pk: each for each in links.get(group.model_name, ())}
            if group.key or not targets:
                found, why = self.place(Stray.Kind.READINGS, group.thing, group.key)
                if found is not None:
                    targets[found.pk] = found
                elif why:
                    waits = self.let_wait(Stray.Kind.READINGS, group.thing, why, members)
                    placed.waiting += waits.waiting
                    placed.refused += waits.refused
            for initiative in targets.values():
                feeds += _feeds(initiative, members, self._sender.source)
        if feeds:
            outcome = readings.record_feeds(feeds=feeds, by=by)
            placed.new, placed.changed = outcome.new, outcome.changed
            placed.refused += [("Readings", reason) for reason in outcome.reasons]
        return placed

    def _links(self, groups: Iterable["_Group"]) -> dict[str, list[Initiative]]:
        """Give the initiatives that the named models of this source serve."""
        names = {group.model_name for group in groups if group.model_name}
        found: dict[str, list[Initiative]] = {}
        if names:
            rows = ModelLink.objects.filter(model__name__in=names, ended_at=None)
            if self._sender.token is None:
                rows = rows.filter(model__source=self._sender.source)
            else:  # who pushes names a model of whatever registry
                rows = rows.filter(initiative__node__path__startswith=self._sender.node.path)
            for link in rows.select_related("model", "initiative__node").order_by("initiative_id"):
                found.setdefault(link.model.name, []).append(link.initiative)
        return found

    @property
    def _place(self) -> str:
        return str(self._sender.node)


@dataclass(frozen=True)
class _Group:
    """Readings that go the same way."""

    key: str
    model_name: str
    thing: Thing

    def __hash__(self) -> int:
        labels = tuple(sorted(self.thing.labels.items()))
        return hash((self.key, self.model_name, self.thing.name, labels))


def rules_for(connection: Connection | None) -> list[Rule[Initiative]]:
    """Give the rules that count for a connection, in their order; for pushes those of no one."""
    own = (
        Q(connection=None) if connection is None else Q(connection=None) | Q(connection=connection)
    )
    rows = MappingRule.objects.filter(own, ended_at=None).select_related("initiative__node")
    return [
        Rule(row.looks_at, row.pattern, row.initiative, tag=row.tag)
        for row in rows.order_by("position", "pk")
    ]


def next_position() -> int:
    """Give the position behind every rule that stands."""
    last = MappingRule.objects.filter(ended_at=None).aggregate(last=Max("position"))["last"]
    return (last or 0) + 1


def release(stray: Stray, *, by: User) -> int:
    """Record the readings that waited with a stray at its initiative, which it has now."""
    assert stray.initiative is not None
    rows = list(StrayReading.objects.filter(stray=stray).order_by("period_on", "pk"))
    members: list[ReadingRecord] = [
        ReadingRecord(
            initiative_key="",
            series_key=row.series_key,
            name=row.series_name,
            unit=row.unit,
            cadence_days=row.cadence_days,
            reading=Reading(row.period_on, row.value, row.source_ref),
        )
        for row in rows
    ]
    if members:
        feeds = _feeds(stray.initiative, members, stray.source)
        readings.record_feeds(feeds=feeds, by=by)
        StrayReading.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(members)


def things_of_models(
    rows: Iterable[tuple[uuid.UUID, str, Mapping[str, str], str]],
) -> dict[uuid.UUID, Thing]:
    """Give what rules look at for each model, from (model, name, tags, experiment) rows."""
    found: dict[uuid.UUID, Thing] = {}
    for model, name, tags, experiment in rows:
        known = found.get(model)
        labels = {**(known.labels if known else {}), **{k: str(v) for k, v in tags.items()}}
        if experiment:
            labels["experiment"] = experiment
        found[model] = Thing(name, labels)
    return found


def _grouped(records: Iterable[ReadingRecord]) -> dict[_Group, list[ReadingRecord]]:
    groups: dict[_Group, list[ReadingRecord]] = {}
    for record in records:
        labels = dict(record.labels)
        own = labels.pop("name", "")
        name = record.model_name or own or record.initiative_key or record.series_key
        group = _Group(record.initiative_key, record.model_name, Thing(name, labels))
        groups.setdefault(group, []).append(record)
    return groups


def _feeds(
    initiative: Initiative, members: Sequence[ReadingRecord], source: str
) -> list[readings.Feed]:
    series: dict[str, list[ReadingRecord]] = {}
    for member in members:
        series.setdefault(member.series_key, []).append(member)
    return [
        readings.Feed(
            initiative=initiative,
            key=key,
            name=its[0].name or key,
            unit=its[0].unit,
            cadence_days=its[0].cadence_days,
            source=source,
            points=[each.reading for each in its],
        )
        for key, its in series.items()
    ]


def _keep(stray: Stray, members: Sequence[ReadingRecord]) -> tuple[int, list[str]]:
    """
    Let readings wait, the last one of a day and series.

    Returns:
        How many are new or changed, and why others cannot wait.
    """
    wanted: dict[tuple[str, dt.date], StrayReading] = {}
    refused: list[str] = []
    for each in members:
        on, value = each.reading.period_on, each.reading.value
        if not value.is_finite() or abs(value) >= readings.LARGEST:
            refused.append(f"{on}: {value} is no number that can be kept.")
            continue
        wanted[each.series_key[:300], on] = StrayReading(
            stray=stray,
            series_key=each.series_key[:300],
            series_name=each.name[:300],
            unit=each.unit[:50],
            cadence_days=each.cadence_days,
            period_on=on,
            value=value.quantize(readings.SMALLEST_STEP, rounding="ROUND_HALF_UP", context=_WIDE),
            source_ref=each.reading.source_ref[:500],
        )
    held = {
        (row.series_key, row.period_on): row.value
        for row in StrayReading.objects.filter(stray=stray)
    }
    changed = [row for key, row in wanted.items() if key in held and held[key] != row.value]
    new = [row for key, row in wanted.items() if key not in held]
    room = max(READINGS_A_STRAY - len(held), 0)
    if len(new) > room:
        refused.append(
            f"{stray} has {READINGS_A_STRAY:,} readings waiting; say where it belongs first."
        )
    kept = [*new[:room], *changed]
    StrayReading.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["stray", "series_key", "period_on"],
        update_fields=["value", "source_ref"],
    )
    return len(kept), refused
