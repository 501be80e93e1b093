"""
What a rehearsal found: read inside the transaction that is taken back afterwards.

The trail has written down every row that the run touched, with what it said before and after;
so the findings are what would have happened, not a forecast of it.
"""

from collections import Counter
from typing import Any

from django.apps import apps
from django.db.models import Count, Max, Min
from django.db.models import Model as DjangoModel

from governance_app.audit.models import Event
from governance_app.connectors.models import Stray, SyncRun
from governance_app.readings.models import Point
from governance_app.spend.models import Load

SHOWN = 100
LONGEST_VALUE = 200
#: Tables a run writes -> words for one of their rows, and what its name needs beside the row.
TABLES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "inventory_modelasset": ("inventory.ModelAsset", "model", ()),
    "inventory_modelversion": ("inventory.ModelVersion", "version", ("model",)),
    "inventory_modellink": ("inventory.ModelLink", "link", ("model", "initiative")),
    "inventory_dataset": ("inventory.Dataset", "dataset", ()),
    "inventory_flow": (
        "inventory.Flow", "lineage", ("from_dataset", "to_dataset", "to_version__model")
    ),
    "initiatives_milestone": ("initiatives.Milestone", "milestone", ()),
    "connectors_workitem": ("connectors.WorkItem", "work item", ()),
    "connectors_seatcount": ("connectors.SeatCount", "seats", ()),
}  # fmt: skip
_ENDS = ("gone_at", "ended_at")
_UNTOLD = {"id", "version", "created_at", "source", "sealed"}


def findings(*, run: SyncRun, after: int) -> dict[str, Any]:
    """
    Say what the run of this transaction has changed.

    Args:
        after: number of the last event of the trail before the run.
    """
    return {
        "rows": _rows(run, after),
        "counts": _counts(run, after),
        "bills": _bills(run, after),
        "series": _series(run),
        "waiting": [
            {"name": stray.name, "kind": stray.get_kind_display(), "why": stray.why}
            for stray in Stray.objects.filter(
                connection=run.connection, state=Stray.State.WAITING
            ).order_by("kind", "name")[:SHOWN]
        ],
    }


def last_event() -> int:
    """Give the number of the last event of the trail."""
    return Event.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _events(run: SyncRun, after: int, table: str) -> Any:
    return Event.objects.filter(id__gt=after, job=str(run.job_id), table=table).order_by("id")


def _counts(run: SyncRun, after: int) -> list[dict[str, Any]]:
    counts: Counter[tuple[str, str]] = Counter()
    rows = Event.objects.filter(id__gt=after, job=str(run.job_id), table__in=TABLES)
    for table, op, is_gone, count in (
        rows.extra(
            select={"is_gone": "COALESCE(after ->> 'gone_at', after ->> 'ended_at') IS NOT NULL"}
        )
        .values_list("table", "op", "is_gone")
        .annotate(count=Count("id"))
        .order_by("table")
    ):
        counts[TABLES[table][1], _verb(op, bool(is_gone))] += count
    return [
        {"what": what, "verb": verb, "count": count}
        for (what, verb), count in sorted(counts.items())
    ]


def _rows(run: SyncRun, after: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for table, (label, what, related) in TABLES.items():
        events = list(_events(run, after, table)[:SHOWN])
        kind: type[DjangoModel] = apps.get_model(label)
        named = kind._default_manager.select_related(*related).in_bulk(
            [event.row for event in events if event.row]
        )
        named_by_text = {str(key): str(row) for key, row in named.items()}
        for event in events:
            is_gone = any((event.after or {}).get(column) for column in _ENDS)
            found.append(
                {
                    "what": what,
                    "verb": _verb(event.op, is_gone),
                    "name": named_by_text.get(event.row, "")[:LONGEST_VALUE],
                    "changes": _changes(event) if event.op == "UPDATE" else [],
                }
            )
    return found


def _changes(event: Event) -> list[list[str]]:
    before, after = event.before or {}, event.after or {}
    return [
        [name, _short(before.get(name)), _short(after.get(name))]
        for name in sorted(after)
        if name not in _UNTOLD
    ]


def _bills(run: SyncRun, after: int) -> list[dict[str, Any]]:
    keys = [event.row for event in _events(run, after, "spend_load") if event.op == "INSERT"]
    loads = Load.objects.filter(pk__in=keys).prefetch_related("totals").order_by("period", "scope")
    return [
        {
            "scope": load.scope,
            "period": load.period.isoformat(),
            "version": load.number,
            "rows": load.rows,
            "billed": {total.currency: str(total.billed) for total in load.totals.all()},
        }
        for load in loads[:SHOWN]
    ]


def _series(run: SyncRun) -> list[dict[str, Any]]:
    points = Point.objects.filter(
        series__source=run.connection.source, known_from__gte=run.started_at
    )
    listed = (
        points.values("series__initiative__key", "series__initiative__name", "series__name")
        .annotate(count=Count("id"), first=Min("period_on"), last=Max("period_on"))
        .order_by("series__initiative__key", "series__name")
    )
    return [
        {
            "initiative": row["series__initiative__key"] or "",
            "initiative_name": row["series__initiative__name"],
            "series": row["series__name"],
            "count": row["count"],
            "first": row["first"].isoformat(),
            "last": row["last"].isoformat(),
        }
        for row in listed[:SHOWN]
    ]


def _verb(op: str, is_gone: bool) -> str:
    if op == "INSERT":
        return "new"
    return "gone" if is_gone or op == "DELETE" else "changed"


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
