"""
What is counted of initiatives for their gates, in one statement.

A gate check of a pipeline waits for it: asked one by one through the ORM these took half of its
time. Each part reads through an index of its own, so many initiatives cost as little each as one.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection

from governance_app.compliance.models import Gap
from governance_app.risk.models import Incident

_STATEMENT = """
SELECT i.id, kpi.kpis, kpi.based, model.models, model.newest, monitor.arrives, monitor.last,
       coalesce(signal.kinds, '{}'), gap.gaps, gap.severe, incident.open
FROM unnest(%(initiatives)s::uuid[]) AS i (id)
CROSS JOIN LATERAL (
    SELECT count(*) AS kpis, count(baseline) AS based
    FROM value_kpi WHERE initiative_id = i.id
) AS kpi
CROSS JOIN LATERAL (
    SELECT count(DISTINCT m.id) AS models, max(v.registered_at) AS newest
    FROM inventory_modellink AS l
    JOIN inventory_modelasset AS m ON m.id = l.model_id AND m.gone_at IS NULL
    LEFT JOIN inventory_modelversion AS v ON v.model_id = m.id AND v.gone_at IS NULL
    WHERE l.initiative_id = i.id AND l.ended_at IS NULL
) AS model
CROSS JOIN LATERAL (
    SELECT count(*) > 0 AS arrives, max(recorded_at) AS last
    FROM readings_series WHERE initiative_id = i.id AND source <> 'manual'
) AS monitor
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT kind ORDER BY kind) AS kinds
    FROM risk_signal WHERE initiative_id = i.id AND cleared_at IS NULL
) AS signal
CROSS JOIN LATERAL (
    SELECT count(*) AS gaps, count(*) FILTER (WHERE severity = %(high)s) AS severe
    FROM compliance_gap WHERE initiative_id = i.id AND closed_on IS NULL
) AS gap
CROSS JOIN LATERAL (
    SELECT count(*) AS open
    FROM risk_incident WHERE initiative_id = i.id AND state <> %(closed)s
) AS incident
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """KPIs, linked models, the last metric that came by itself, and what is open."""

    kpis: int
    kpis_with_baseline: int
    models: int
    newest_version_at: dt.datetime | None
    is_monitored: bool
    last_metric_at: dt.datetime | None
    signals: list[str]
    gaps: int
    severe_gaps: int
    incidents: int


def counted(*, initiatives: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Counted]:
    """Count for each of the initiatives; one that does not exist has nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            _STATEMENT,
            {
                "initiatives": list(initiatives),
                "high": Gap.Severity.HIGH,
                "closed": Incident.State.CLOSED,
            },
        )
        return {pk: Counted(*counts) for pk, *counts in cursor}
