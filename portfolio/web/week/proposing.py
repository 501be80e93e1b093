"""The status that the facts propose for many initiatives, in a few queries."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from governance_app.domain.status import Facts, Proposal, propose
from governance_app.initiatives import selectors
from governance_app.rollups import table
from governance_app.value import selectors as value


def proposals(
    *, rows: Sequence[Any], viewer: Any, today: dt.date
) -> tuple[dict[uuid.UUID, Proposal], dict[uuid.UUID, list[value.KpiStanding]]]:
    """Give what is proposed for each initiative, and where its KPIs stand."""
    ids = [row.pk for row in rows]
    standings = value.kpi_standings(viewer=viewer, on=today, initiatives=ids)
    money = table.present(viewer=viewer, initiatives=ids, permission="money.view")
    plans = {line.key: line for line in selectors.plan_lines(viewer=viewer, rows=rows, on=today)}
    found = {}
    for row in rows:
        waiting = [each for each in plans[row.key].milestones if each.done_on is None]
        following = waiting[0] if waiting else None
        now = money.get(row.pk)
        found[row.pk] = propose(
            Facts(
                on=today,
                planned_on=following.due_on if following else None,
                milestone=following.name if following else "",
                actual=now.spend_year if now else None,
                budget=now.budget_year if now else None,
                kpis=tuple(fact for each in standings[row.pk] if (fact := each.fact())),
                time_box_ends_on=row.time_box_on,
            )
        )
    return found, standings
