"""The KPIs of one initiative: from baseline to target, readings recorded by hand, new ones."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from governance_app.people import access
from governance_app.value import choices, services
from governance_app.value import selectors as value
from portfolio.charts import kpi_run, spelling
from portfolio.charts.wording import said as translated
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import viewer_of
from portfolio.web.fields import Attempt


def panel(row: Any, viewer: Any, today: dt.date, attempt: Attempt) -> dict[str, Any]:
    """Give every KPI with its picture, where it stands and its form for a reading."""
    standings = value.kpi_standings(viewer=viewer, on=today, initiatives=[row.pk])[row.pk]
    frame = value.kpi_frame(initiative=row, viewer=viewer)
    sees_money = access.sees_money(viewer, row.node)
    return {
        "items": [
            item(standing, frame[frame["kpi"] == standing.kpi.name], today, sees_money, attempt)
            for standing in standings
        ],
        "stale": sum(1 for standing in standings if not standing.is_fresh),
        "may_add": access.can(viewer, "value.edit", row),
        "may_record": access.can(viewer, "reading.push", row),
        "directions": choices.DIRECTIONS,
        "value_types": choices.VALUE_TYPES,
        "today": today,
        "add": attempt.of("kpi-add"),
        "library": value.ready_kpis(viewer=viewer),
        "adopt": attempt.of("kpi-adopt"),
    }


def item(
    standing: value.KpiStanding, readings: Any, today: dt.date, sees_money: bool, attempt: Attempt
) -> dict[str, Any]:
    """Give one KPI with its picture, its facts and its form for a reading."""
    kpi = standing.kpi
    picture = kpi_run.build(
        readings,
        name=kpi.name,
        unit=kpi.unit,
        baseline=_plain(kpi.baseline),
        target=_plain(kpi.target),
        target_on=kpi.target_on,
    )
    return {
        "kpi": kpi,
        "key": f"kpi-{kpi.pk.hex}",
        "picture": picture,
        "facts": _facts(standing, sees_money),
        "gain": standing.gain_ratio,
        "way": standing.progress_ratio,
        "expected": standing.expected_ratio,
        "freshness": _freshness(standing, today),
        "is_stale": not standing.is_fresh,
        "is_read": standing.latest is not None,
        **attempt.of(f"reading-{kpi.pk}"),
    }


def _plain(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def _freshness(standing: value.KpiStanding, today: dt.date) -> str:
    """Say how old the newest reading is and when the next one is due."""
    if standing.latest_on is None:
        return worded("No reading yet.")
    cadence = standing.kpi.series.cadence_days
    said = worded("Read {latest_on}", latest_on=spelling.day(standing.latest_on))
    if standing.is_fresh or cadence is None:
        return f"{said}."
    age = (today - standing.latest_on).days
    return worded(
        "{said}, {age} d ago; one is due every {cadence} d. The figure leaves the headline.",
        said=said,
        age=age,
        cadence=cadence,
    )


def _facts(standing: value.KpiStanding, sees_money: bool) -> list[tuple[str, str]]:
    kpi = standing.kpi
    facts = []
    if kpi.baseline is not None and kpi.baseline_month is not None:
        text = kpi_run.amount(float(kpi.baseline), kpi.unit)
        facts.append((worded("Baseline"), f"{text}, {spelling.month(kpi.baseline_month)}"))
    else:
        facts.append((worded("Baseline"), worded("nobody said")))
    if kpi.target is not None and kpi.target_on is not None:
        text = kpi_run.amount(float(kpi.target), kpi.unit)
        facts.append(
            (
                worded("Target"),
                worded("{text} by {target_on}", text=text, target_on=spelling.day(kpi.target_on)),
            )
        )
    else:
        facts.append((worded("Target"), worded("nobody said")))
    if standing.latest is not None:
        facts.append((worded("Newest reading"), kpi_run.amount(float(standing.latest), kpi.unit)))
    if kpi.population:
        facts.append((worded("Whom it touches"), kpi.population))
    facts.append((worded("Without it"), translated(choices.COUNTERFACTUALS[kpi.counterfactual])))
    if sees_money and kpi.unit_value is not None:
        worth = spelling.money(kpi.unit_value, kpi.currency)
        share = spelling.percent(kpi.attribution)
        facts.append(
            (
                worded("Worth"),
                worded(
                    "{worth} per {unit} and month, {share} due to it",
                    worth=worth,
                    unit=kpi.unit,
                    share=share,
                )
                if kpi.unit
                else worded(
                    "{worth} per unit and month, {share} due to it", worth=worth, share=share
                ),
            )
        )
    return facts


def add(request: HttpRequest, row: Any) -> str:
    """Add a KPI from a form; give the sentence to show in passing."""
    asked = request.POST
    unit_value = fields.number(asked.get("unit_value", ""), "Worth of one unit")
    made = services.add_kpi(
        initiative=row,
        name=asked.get("name", "")[:300],
        unit=asked.get("unit", "").strip()[:50],
        direction=asked.get("direction", ""),
        value_type=asked.get("value_type", ""),
        population=asked.get("population", "").strip()[:300],
        cadence_days=fields.whole(asked.get("cadence_days", ""), "Days between readings"),
        baseline=fields.number(asked.get("baseline", ""), "Baseline"),
        baseline_month=fields.month(asked.get("baseline_month", ""), "Month of the baseline"),
        baseline_evidence=asked.get("baseline_evidence", "").strip(),
        target=fields.number(asked.get("target", ""), "Target"),
        target_on=fields.day(asked.get("target_on", ""), "Day of the target"),
        unit_value=unit_value,
        currency=asked.get("currency", "").strip().upper()[:3] if unit_value is not None else "",
        attribution=_attribution(asked.get("attribution", "")),
        by=viewer_of(request),
    )
    return worded("{made}: added. Record its first reading.", made=made)


def adopt(request: HttpRequest, row: Any) -> str:
    """Take a KPI from the library; give the sentence to show in passing."""
    made = services.adopt_kpi(
        initiative=row,
        key=request.POST.get("definition", ""),
        population=request.POST.get("population", "").strip()[:300],
        by=viewer_of(request),
    )
    if made.formula:
        return worded(
            "{made}: added, worked out by {formula}. Give it a baseline and a target.",
            made=made,
            formula=made.formula,
        )
    return worded("{made}: added. Give it a baseline and a target.", made=made)


def _attribution(text: str) -> Decimal:
    found = fields.share(text, worded("Share due to it"))
    return Decimal(1) if found is None else found


def record(request: HttpRequest, kpi: Any) -> str:
    """Take one reading from a form; give the sentence to show in passing."""
    asked = request.POST
    on = fields.needed_day(asked.get("period_on", ""), worded("Day"))
    reading = fields.needed_number(asked.get("value", ""), worded("Reading"))
    outcome = services.record_kpi_reading(
        kpi=kpi,
        period_on=on,
        value=reading,
        source_ref=asked.get("source_ref", "").strip()[:200] or "typed in",
        by=viewer_of(request),
    )
    text = worded(
        "{kpi}: {reading} on {on}",
        kpi=kpi,
        reading=kpi_run.amount(float(reading), kpi.unit),
        on=spelling.day(on),
    )
    if outcome.changed:
        return worded("{text} corrects the reading of that day.", text=text)
    return (
        worded("{text} stands already.", text=text)
        if outcome.unchanged
        else worded("{text} recorded.", text=text)
    )
