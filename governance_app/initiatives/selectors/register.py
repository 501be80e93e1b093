"""The portfolio table: filters, facets, order."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import OrderBy

from governance_app.initiatives import choices
from governance_app.initiatives.models import Initiative, Stage
from governance_app.initiatives.models.initiative import InitiativeQuerySet
from governance_app.initiatives.selectors.searching import Search, found_by
from governance_app.initiatives.selectors.unnest import Unnest
from governance_app.people.models import ScopeNode, User

#: Stands for "unknown" in a filter, since an empty text means "any".
UNKNOWN = "unknown"


@dataclass(frozen=True)
class RegisterFilters:
    """
    What the table is narrowed to; an empty entry narrows nothing.

    Each tuple holds alternatives; ``unknown`` in one asks for rows without a value. ``unit`` is
    a node id and takes everything below it; ``owner`` a user id in any of the five roles.
    ``past_time_box_on`` keeps initiatives whose time box ended before that day.
    """

    stage: Sequence[str] = ()
    status: Sequence[str] = ()
    unit: str = ""
    ai_type: Sequence[str] = ()
    deployment_target: Sequence[str] = ()
    sourcing: Sequence[str] = ()
    risk_flag: Sequence[str] = ()
    data_class: Sequence[str] = ()
    kind: Sequence[str] = ()
    vendor: Sequence[str] = ()
    tag: Sequence[str] = ()
    owner: str = ""
    past_time_box_on: dt.date | None = None

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, each.name) for each in fields(self))

    def without(self, name: str) -> "RegisterFilters":
        """Give the same filters with one left out, as its own facet needs them."""
        cleared: dict[str, Any] = {name: getattr(RegisterFilters(), name)}
        return replace(self, **cleared)


@dataclass(frozen=True)
class FacetChoice:
    """One value a filter can take, in words, and how many rows it would keep."""

    value: str
    label: str
    count: int
    is_chosen: bool = False


@dataclass(frozen=True)
class Facet:
    """One filter with its choices, most frequent first unless the choices have an order."""

    name: str
    label: str
    choices: Sequence[FacetChoice] = field(default_factory=tuple)


_OWNER_FIELDS = (
    "sponsor",
    "business_owner",
    "technical_owner",
    "risk_owner",
    "program_manager",
)
_PLAIN: dict[str, tuple[str, Mapping[str, str]]] = {
    "status": ("status", choices.STATUSES),
    "ai_type": ("ai_type", choices.AI_TYPES),
    "deployment_target": ("deployment_target", choices.DEPLOYMENT_TARGETS),
    "sourcing": ("sourcing", choices.SOURCINGS),
    "kind": ("kind", choices.KINDS),
    "vendor": ("vendor", {}),
}
_LISTED: dict[str, tuple[str, Mapping[str, str]]] = {
    "risk_flag": ("risk_flags", choices.RISK_FLAGS),
    "data_class": ("data_classes", choices.DATA_CLASSES),
    "tag": ("tags", {}),
}
LABELS = {
    "stage": "Stage",
    "status": "Status",
    "ai_type": "AI type",
    "deployment_target": "Deployment",
    "sourcing": "Build or buy",
    "risk_flag": "Risk flag",
    "data_class": "Data",
    "kind": "Kind",
    "vendor": "Vendor",
    "tag": "Tag",
}
_MOST_CHOICES = 30

#: Names a table may sort by; a leading minus turns them round. Unknown always comes last.
SORTS: dict[str, tuple[str, ...]] = {
    "key": ("number",),
    "name": ("name",),
    "unit": ("unit__name",),
    "stage": ("stage__position",),
    "status": ("status_rank",),
    "status_on": ("status_on",),
    "time_box_on": ("time_box_on",),
    "expected_value": ("expected_value",),
    "vendor": ("vendor",),
    "created": ("created_at",),
}


def register(
    *,
    viewer: User,
    filters: RegisterFilters | None = None,
    search: "str | Search" = "",
    sort: str = "key",
) -> QuerySet[Initiative]:
    """
    Give the initiatives a viewer sees, narrowed and ordered, with everything a row shows joined.

    Args:
        search: words that must each occur in key, name, purpose, vendor, reference or unit; or
            what ``searching.understand`` made of them, which forgives typing errors.
        sort: a key of ``SORTS``, with ``-`` in front for the other way; unknown ones mean ``key``.
    """
    rows = _narrowed(viewer, filters or RegisterFilters(), search)
    return _ordered(rows.for_reading(), sort)


def facets(
    *, viewer: User, filters: RegisterFilters | None = None, search: "str | Search" = ""
) -> list[Facet]:
    """
    Count what each filter could be narrowed to, each with all other filters applied.
    """
    chosen = filters or RegisterFilters()
    plain = {"stage": "stage", **{name: column for name, (column, _) in _PLAIN.items()}}
    counted = _counts(viewer, chosen, search, plain)
    found = [_stage_facet(chosen, counted["stage"])]
    for name, (_, words) in _PLAIN.items():
        found.append(_facet(name, counted[name], words, getattr(chosen, name)))
    for name, (column, words) in _LISTED.items():
        rows = _narrowed(viewer, chosen.without(name), search)
        counts = dict(
            rows.filter(**{f"{column}__len__gt": 0})
            .annotate(each=Unnest(F(column)))
            .values_list("each")
            .annotate(n=Count("pk"))
            .order_by()
        )
        found.append(_facet(name, counts, words, getattr(chosen, name)))
    return [facet for facet in found if facet.choices]


def units_with_counts(
    *, viewer: User, filters: RegisterFilters | None = None, search: "str | Search" = ""
) -> list[tuple[ScopeNode, int]]:
    """Give the units that hold matching initiatives, with the number in each itself, by path."""
    rows = _narrowed(viewer, (filters or RegisterFilters()).without("unit"), search)
    counts = dict(rows.values_list("unit").annotate(n=Count("pk")).order_by())
    nodes = ScopeNode.objects.visible_to(viewer).filter(pk__in=counts).order_by("path")
    return [(node, counts[node.pk]) for node in nodes]


def stages() -> list[Stage]:
    """Give the stages of the default template, in order."""
    return list(Stage.objects.filter(template__is_default=True).order_by("position"))


def _narrowed(viewer: User, filters: RegisterFilters, search: str | Search) -> InitiativeQuerySet:
    rows = Initiative.objects.visible_to(viewer)
    if filters.stage:
        known = [slug for slug in filters.stage if slug != UNKNOWN]
        wanted = Q(stage__slug__in=known)
        if UNKNOWN in filters.stage:
            wanted |= Q(stage=None)
        rows = rows.filter(wanted)
    for name, (column, _words) in _PLAIN.items():
        values = getattr(filters, name)
        if values:
            rows = rows.filter(**{f"{column}__in": ["" if v == UNKNOWN else v for v in values]})
    for name, (column, _words) in _LISTED.items():
        values = getattr(filters, name)
        if values:
            known = [value for value in values if value != UNKNOWN]
            wanted = Q(**{f"{column}__overlap": known})
            if UNKNOWN in values:
                wanted |= Q(**{f"{column}": None}) | Q(**{f"{column}__len": 0})
            rows = rows.filter(wanted)
    if filters.unit:
        path = ScopeNode.objects.filter(pk=filters.unit).values_list("path", flat=True).first()
        rows = rows.filter(node__path__startswith=path) if path else rows.none()
    if filters.owner:
        owned = Q()
        for role in _OWNER_FIELDS:
            owned |= Q(**{role: filters.owner})
        rows = rows.filter(owned)
    if filters.past_time_box_on:
        rows = rows.filter(time_box_on__lt=filters.past_time_box_on).active()
    return found_by(rows, search)


def _ordered(rows: InitiativeQuerySet, sort: str) -> QuerySet[Initiative]:
    is_reversed = sort.startswith("-")
    columns = SORTS.get(sort.removeprefix("-"), SORTS["key"])
    if columns == ("status_rank",):
        worst_first = [
            When(status=slug, then=Value(rank))
            for rank, slug in enumerate(("off_track", "at_risk", "on_track"))
        ]
        rows = rows.annotate(
            status_rank=Case(*worst_first, default=None, output_field=IntegerField())
        )
    order: list[OrderBy] = []
    for column in columns:
        by = F(column)
        order.append(by.desc(nulls_last=True) if is_reversed else by.asc(nulls_last=True))
    return rows.order_by(*order, "number", "pk")


def _counts(
    viewer: User, chosen: RegisterFilters, search: str | Search, columns: Mapping[str, str]
) -> dict[str, dict[Any, int]]:
    """
    Count the values of some columns, each under all filters but its own: name -> value -> rows.

    Columns that are not filtered by are counted together: the rows are read once.
    """
    free = {name: column for name, column in columns.items() if not getattr(chosen, name)}
    asked = [(chosen, free), *(
        (chosen.without(name), {name: columns[name]}) for name in columns if name not in free
    )]  # fmt: skip
    found: dict[str, dict[Any, int]] = {}
    for filters, names in asked:
        rows = _narrowed(viewer, filters, search)
        found |= dict(zip(names, _counts_of(rows, [*names.values()]), strict=True))
    return found


def _counts_of(rows: InitiativeQuerySet, columns: Sequence[str]) -> list[dict[Any, int]]:
    """Count the rows by each of some columns, in one statement."""
    counts: list[dict[Any, int]] = [{} for _ in columns]
    if not columns:
        return counts
    try:
        inner, values = rows.order_by().values_list(*columns).query.sql_with_params()
    except EmptyResultSet:
        return counts
    names = [f"c{place}" for place in range(len(columns))]
    listed, sets = ", ".join(names), ", ".join(f"({name})" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT grouping({listed}), count(*), {listed} FROM ({inner}) AS f ({listed})"  # noqa: S608
            f" GROUP BY GROUPING SETS ({sets})",
            values,
        )
        for kept, count, *row in cursor.fetchall():
            # Of the bits, only that of the column that is grouped by is 0.
            place = next(n for n in range(len(names)) if not kept >> len(names) - 1 - n & 1)
            counts[place][row[place]] = count
    return counts


def _stage_facet(filters: RegisterFilters, counts: Mapping[Any, int]) -> Facet:
    found = [
        FacetChoice(stage.slug, stage.name, counts[stage.pk], stage.slug in filters.stage)
        for stage in stages()
        if stage.pk in counts
    ]
    if counts.get(None):
        found.append(FacetChoice(UNKNOWN, "Unknown", counts[None], UNKNOWN in filters.stage))
    return Facet("stage", LABELS["stage"], tuple(found))


def _facet(
    name: str, counts: Mapping[str, int], words: Mapping[str, str], chosen: Sequence[str]
) -> Facet:
    known = {value: count for value, count in counts.items() if value}
    if not known:
        return Facet(name, LABELS[name])
    order = sorted(known, key=lambda value: (-known[value], value))
    kept = [v for v in order[:_MOST_CHOICES] if v] + [
        v for v in order[_MOST_CHOICES:] if v in chosen
    ]
    found = [FacetChoice(v, words.get(v, v), known[v], v in chosen) for v in kept]
    if counts.get(""):
        found.append(FacetChoice(UNKNOWN, "Unknown", counts[""], UNKNOWN in chosen))
    return Facet(name, LABELS[name], tuple(found))
