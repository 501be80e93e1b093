"""The past under the other mode, both modes compared, and the mode that fits a unit."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import QuerySet

from governance_app.books.selectors import setting
from governance_app.compliance.models import TierNow
from governance_app.domain import gates as engine
from governance_app.domain import modes
from governance_app.gates import facts as known
from governance_app.gates.judging import force_of
from governance_app.gates.models import Breach, BreakGlass, GateRequest, Guardrail
from governance_app.gates.selectors.requests import verdict_of
from governance_app.initiatives.models import Initiative, StageMove
from governance_app.people.models import Grant, ScopeNode, User
from governance_app.people.roles import ROLES
from governance_app.readings.models import Series
from governance_app.risk.models import Incident
from governance_app.value import selectors as value

BOARD = "gate.decide"
DECIDED = ("approved", "rejected", "changes", "stale", "expired")


def decided(
    *, viewer: User, since: dt.date, until: dt.date, node: ScopeNode | None = None
) -> QuerySet[GateRequest]:
    """Give the requests that were submitted and decided in some days, oldest first."""
    rows = GateRequest.objects.visible_to(viewer).filter(
        submitted_at__date__gte=since, submitted_at__date__lte=until, state__in=DECIDED,
        decided_at__isnull=False,
    )  # fmt: skip
    if node is not None:
        rows = rows.filter(initiative__node__path__startswith=node.path)
    return rows.select_related("initiative", "floor", "own_policy").order_by("submitted_at", "pk")


def replay(
    *, viewer: User, to: str, since: dt.date, until: dt.date, node: ScopeNode | None = None
) -> modes.Replay:
    """
    Decide the requests of some days again under the other mode, each by its own policies.

    Only what was decided the other way is replayed; the frozen facts give the same verdict as
    they did then, so nothing depends on what changed since.
    """
    rows = list(decided(viewer=viewer, since=since, until=until, node=node).exclude(mode=to))
    limits = setting(key="gate_replay", on=until)
    followed = _incidents_after(rows, int(limits["follows_days"]))
    past = []
    board: set[str] = set()
    for row in rows:
        was = verdict_of(row=row)
        would = engine.evaluate(
            force_of(row).policy,
            row.facts,
            known.FACTS,
            mode=to,  # type: ignore[arg-type]
            on=row.submitted_at.date() if row.submitted_at else until,
            known_on={k: dt.date.fromisoformat(v) for k, v in row.known_on.items()},
        )
        board |= {step.slot for step in (*was.steps, *would.steps) if step.who == BOARD}
        past.append(
            modes.Past(
                name=str(row.number),
                asked=frozenset(step.slot for step in was.steps),
                would_ask=frozenset(step.slot for step in would.steps),
                hours=_hours(row),
                incidents=followed.get(row.pk, 0),
                was_admitted=row.state != "rejected",
            )
        )
    least = int(limits["least"])
    everybody = list(decided(viewer=viewer, since=since, until=until, node=node).filter(mode=to))
    seen = [
        modes.Past(str(row.number), frozenset(s.slot for s in verdict_of(row=row).steps),
                   frozenset(), _hours(row))
        for row in everybody
    ]  # fmt: skip
    return modes.replay(past, board=frozenset(board), least=least, to=to, observed_also=seen)


def compare(
    *, viewer: User, since: dt.date, until: dt.date, node: ScopeNode | None = None
) -> modes.Comparison:
    """Compare both modes over the requests of some days."""
    rows = list(decided(viewer=viewer, since=since, until=until, node=node))
    limits = setting(key="gate_replay", on=until)
    followed = _incidents_after(rows, int(limits["follows_days"]))
    least = int(limits["least"])
    figures = {
        mode: _figures(mode, [row for row in rows if row.mode == mode], followed, viewer, since,
                       until)
        for mode in ("central", "distributed")
    }  # fmt: skip
    return modes.compare(figures["central"], figures["distributed"], least=least)


def counts(
    *, viewer: User, since: dt.date, until: dt.date, node: ScopeNode | None = None
) -> Counter[str]:
    """Count the decided requests of some days by mode."""
    rows = decided(viewer=viewer, since=since, until=until, node=node)
    return Counter(rows.values_list("mode", flat=True))


def advise(*, viewer: User, unit: ScopeNode, on: dt.date) -> modes.Advice:
    """Say which mode fits a unit, from what is known of it."""
    limits = setting(key="mode_advice", on=on, node=unit)
    return modes.advise(unit_facts(viewer=viewer, unit=unit, on=on, limits=limits), limits)


def unit_facts(
    *, viewer: User, unit: ScopeNode, on: dt.date, limits: Mapping[str, Any]
) -> modes.UnitFacts:
    """Gather what advice is given on."""
    stages = [str(each) for each in setting(key="gate_live_stages", on=on)]
    rows = Initiative.objects.visible_to(viewer).filter(
        node__path__startswith=unit.path, kind="initiative"
    )
    live = list(rows.filter(stage__slug__in=stages).values_list("pk", "data_classes"))
    ids = [pk for pk, _ in live]
    year = on - relativedelta(years=1)
    tiers = dict(
        TierNow.objects.filter(initiative__in=ids, scheme__startswith="eu").values_list(
            "initiative_id", "tier"
        )
    )
    incidents = Incident.objects.filter(
        initiative__in=rows.values("pk"), detected_at__date__gte=year
    ).count()
    rails = Guardrail.objects.filter(initiative__in=ids)
    waits = [
        _hours(row)
        for row in decided(viewer=viewer, since=year, until=on, node=unit).filter(mode="central")
    ]
    hours = [each for each in waits if each is not None]
    watched = (
        Series.objects.filter(initiative__in=ids)
        .exclude(source="manual")
        .values("initiative")
        .distinct()
        .count()
    )
    return modes.UnitFacts(
        live=len(live),
        moves_a_year=StageMove.objects.filter(
            initiative__in=rows.values("pk"), on__gte=year, on__lte=on
        ).count(),
        board_waits_days=median(hours) / 24 if hours else None,
        high_tier_share=_share(sum(tier == "high" for tier in tiers.values()), len(tiers)),
        regulated_share=_share(
            sum(tier not in limits["light_tiers"] for tier in tiers.values()), len(tiers)
        ),
        sensitive_share=_share(
            sum(bool(set(classes or ()) & set(limits["sensitive_classes"])) for _, classes in live),
            len(live),
        ),
        incidents_each=_share(incidents, len(live)),
        monitored_share=_share(watched, len(live)),
        green_share=_share(rails.filter(is_green=True).count(), rails.count()),
        deciders=_deciders(unit, on),
    )


def _figures(
    mode: str,
    rows: Sequence[GateRequest],
    followed: dict[uuid.UUID, int],
    viewer: User,
    since: dt.date,
    until: dt.date,
) -> modes.ModeFigures:
    ids = {row.initiative_id for row in rows}
    hours = [_hours(row) for row in rows]
    approved = [row for row in rows if row.state in ("approved", "expired", "stale")]
    broken = set(
        Breach.objects.filter(
            initiative__in=ids, opened_at__date__gte=since, opened_at__date__lte=until
        ).values_list("initiative_id", flat=True)
    ) | set(
        BreakGlass.objects.filter(
            initiative__in=ids, opened_at__date__gte=since, opened_at__date__lte=until
        ).values_list("initiative_id", flat=True)
    )
    realised = []
    values = value.values_of(
        viewer=viewer, initiatives=sorted({row.initiative_id for row in approved}), on=until
    )
    for found in values.values():
        ratio = value.realised(value=found)
        if ratio.value is not None:
            realised.append(ratio.value)
    return modes.ModeFigures(
        mode=mode,
        requests=len(rows),
        hours=tuple(each for each in hours if each is not None),
        exceptions=sum(
            verdict_of(row=row).is_escalated or row.initiative_id in broken for row in rows
        ),
        approvals=len(approved),
        incidents=sum(followed.get(row.pk, 0) > 0 for row in approved),
        realised=tuple(realised),
    )


def _incidents_after(rows: Sequence[GateRequest], days: int) -> dict[uuid.UUID, int]:
    """Count the incidents that followed each approval within its time."""
    moments: dict[uuid.UUID, list[dt.datetime]] = {}
    found = Incident.objects.filter(initiative__in={row.initiative_id for row in rows})
    for initiative, at in found.values_list("initiative_id", "occurred_at"):
        moments.setdefault(initiative, []).append(at)
    counted: dict[uuid.UUID, int] = {}
    for row in rows:
        if row.decided_at is None or row.state == "rejected":
            continue
        last = row.decided_at + dt.timedelta(days=days)
        counted[row.pk] = sum(
            row.decided_at <= at <= last for at in moments.get(row.initiative_id, ())
        )
    return counted


def _hours(row: GateRequest) -> float | None:
    if row.submitted_at is None or row.decided_at is None:
        return None
    return (row.decided_at - row.submitted_at).total_seconds() / 3600


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _deciders(unit: ScopeNode, on: dt.date) -> int:
    """Count the people who may decide for teams of a unit."""
    roles = [slug for slug, role in ROLES.items() if "gate.team" in role.permissions]
    grants = Grant.objects.filter(
        user__is_active=True, user__kind="person", role__in=roles, from_on__lte=on
    ).exclude(until_on__lt=on)
    return len(
        {
            user
            for user, kind, path in grants.values_list("user_id", "node__kind", "node__path")
            if kind == "organisation" or unit.path.startswith(path) or path.startswith(unit.path)
        }
    )
