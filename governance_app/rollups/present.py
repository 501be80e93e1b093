"""An initiative now: sums to the last complete month, returns on every rung, KPIs, risk."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from governance_app.domain import kpis as kpi_sums
from governance_app.domain import roi, texts
from governance_app.domain.cashflow import monthly_rate, npv
from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import EXACT, exact_sum
from governance_app.domain.periods import (
    add_months,
    fiscal_months,
    fiscal_year,
    last_day,
    month_of,
)
from governance_app.domain.phrases import phrase
from governance_app.readings.models import STALE_AFTER_CADENCES
from governance_app.rollups import ahead, cash
from governance_app.rollups.ahead import Odds
from governance_app.rollups.gather.register import Danger, Entry
from governance_app.rollups.gather.value import Case, Kpi
from governance_app.rollups.months import digest_of

RUNGS = ("promised", "claimed", "measured", "validated", "banked")
#: Column of the months -> name of its sums.
SUMMED = {
    "cost": "spend",
    "budget": "budget",
    **{rung: rung for rung in RUNGS},
    **{f"{rung}_avoided": f"{rung}_avoided" for rung in RUNGS},
}

#: The returns on each rung, by their name in ``domain.roi``.
RETURNS = (
    "roi_ratio", "npv", "irr_ratio", "payback_months", "net_benefit",
    "discounted_payback_months", "bcr", "pi", "paid",
)  # fmt: skip

#: Why a sum is null when there was nothing to sum; any other reason leaves something out.
NOTHING = "Nothing is recorded."

_REACHED = {
    "claimed": phrase("No benefit has been claimed yet."),
    "measured": phrase("No benefit has been measured yet."),
    "validated": phrase("Finance has not validated any benefit yet."),
    "banked": phrase("No benefit is in the budget or the books yet."),
}


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month of an initiative as it stands in the figures."""

    month: dt.date
    amounts: Mapping[str, Decimal | None]
    reasons: Mapping[str, str]
    is_reviewed: bool


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits for finance: the sum of claimed, else measured, by type; and how many months."""

    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    months: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """The months that count as "to date", "this year" and "last month"."""

    through: dt.date
    year_first: dt.date
    year_last: dt.date

    @classmethod
    def on(cls, day: dt.date, *, start_month: int) -> "Window":
        """Give the windows for a day: what is not over yet does not count."""
        through = last_complete_month(day)
        months = fiscal_months(
            fiscal_year(through, start_month=start_month), start_month=start_month
        )
        return cls(through, months[0], months[-1])


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for every initiative while its figures are made."""

    window: Window
    currency: str
    annual_rate: Decimal
    odds: Odds = field(default_factory=Odds)


def last_complete_month(day: dt.date) -> dt.date:
    """
    Give the last month that is over at the end of a day.

    >>> last_complete_month(dt.date(2026, 10, 31)), last_complete_month(dt.date(2026, 11, 21))
    (datetime.date(2026, 10, 1), datetime.date(2026, 10, 1))
    """
    month = month_of(day)
    return month if day == last_day(month) else add_months(month, -1)


def total(
    rows: Sequence[MonthRow], column: str, first: dt.date | None, last: dt.date
) -> Figure[Decimal]:
    """
    Sum a column over months, both ends included.

    Returns:
        null when there is nothing, or when a month holds something that cannot be told.
    """
    chosen = [row for row in rows if row.month <= last and (first is None or row.month >= first)]
    for row in chosen:
        if column in row.reasons:
            return Null(row.reasons[column])
    known = [row.amounts[column] for row in chosen if row.amounts[column] is not None]
    if not known:
        return Null(NOTHING)
    return Figure(exact_sum(amount for amount in known if amount is not None))


def row_of(
    entry: Entry,
    *,
    months: Sequence[MonthRow],
    case: Case | None,
    kpis: Sequence[Kpi],
    danger: Danger,
    pending: "Pending",
    bridge: Mapping[str, Any],
    setting: Setting,
) -> dict[str, Any]:
    """Give the columns of an InitiativeNow without its times."""
    reasons: dict[str, str] = {}
    values: dict[str, Any] = {
        "initiative_id": entry.id,
        "path": entry.path,
        "through": setting.window.through,
        "stage": entry.stage,
        "stage_position": entry.stage_position,
        "stage_since": entry.stage_since,
        "time_box_on": entry.time_box_on,
        "status": entry.status,
        "status_on": entry.status_on,
    }
    for name, figure in _sums(months, setting.window).items():
        values[name] = figure.value
        if figure.value is None:
            reasons[name] = figure.reason
    values["pending_benefit"] = pending.amounts.get("hard")
    values["pending_avoided"] = pending.amounts.get("avoided")
    values["pending_months"] = pending.months
    to_go = _to_go(months, case, setting)
    values["to_go"] = to_go.value
    returns = {rung: _returns(rung, months, case, setting) for rung in RUNGS}
    values["bridge"] = dict(bridge)
    values["returns"] = {
        rung: {name: figure.as_json() for name, figure in found.items()}
        for rung, found in returns.items()
    }
    going_on = _going_on(entry.stage, months, case, setting, danger.yearly_loss)
    values["returns"]["to_go"] = {name: each.as_json() for name, each in going_on.items()}
    for column, (rung, name) in _SORTABLE.items():
        values[column] = returns[rung][name].value
        if returns[rung][name].value is None:
            reasons[column] = returns[rung][name].reason
    gain, best = efficiency(kpis)
    values["efficiency_gain"] = gain.value
    values["efficiency_kpi"] = best.name if best else ""
    for name, reason in (("to_go", to_go.reason), ("efficiency_gain", gain.reason)):
        if reason:
            reasons[name] = reason
    values["kpi_count"] = len(kpis)
    values["stale_from_on"] = min((_stale_from(kpi) for kpi in kpis if _watched(kpi)), default=None)
    standing = danger.risk.standing
    values |= {
        "risk_level": standing.level,
        "risk_known_level": standing.known_level,
        "risk_driver": danger.risk.driver,
        "risk_category": danger.risk.driver_category,
        "risk_confidence": danger.confidence,
        "risk_count": standing.total,
        "risk_above_appetite": standing.above_appetite,
        "risk_not_assessed": standing.not_assessed,
    }
    if standing.level is None:
        reasons["risk_level"] = standing.sentence
    made_from = {
        "initiative": entry.version,
        "case": [str(case.id), case.number] if case else None,
        "series": [[str(kpi.series), kpi.series_version, str(kpi.id), kpi.version] for kpi in kpis],
        "risks": danger.rows,
        "annual_rate": f"{setting.annual_rate:f}",
        "chances": setting.odds.named(entry.stage) if case else [],
        "yearly_loss": None if (loss := danger.yearly_loss.value) is None else f"{loss:f}",
    }
    return {
        **values,
        "currency": setting.currency,
        "reasons": reasons,
        "made_from": made_from,
        "digest": digest_of([setting.currency, *values.values()], reasons, made_from),
    }


_SORTABLE = {
    "roi_promised": ("promised", "roi_ratio"),
    "roi_measured": ("measured", "roi_ratio"),
    "roi_validated": ("validated", "roi_ratio"),
    "irr_promised": ("promised", "irr_ratio"),
    "npv_promised": ("promised", "npv"),
    "payback_promised": ("promised", "payback_months"),
}


def _sums(months: Sequence[MonthRow], window: Window) -> dict[str, Figure[Decimal]]:
    """Give every sum of the row by its column."""
    found: dict[str, Figure[Decimal]] = {}
    for column, name in SUMMED.items():
        found[f"{name}_to_date"] = total(months, column, None, window.through)
        found[f"{name}_year"] = total(months, column, window.year_first, window.through)
    for column, name in (("cost", "spend"), ("budget", "budget")):
        found[f"{name}_month"] = total(months, column, window.through, window.through)
    before = add_months(window.through, -1)
    found["spend_month_before"] = total(months, "cost", before, before)
    for column in ("budget", "promised"):
        found[f"{column}_full_year"] = total(months, column, window.year_first, window.year_last)
    found["promised_ahead"] = total(
        months, "promised", add_months(window.through, 1), dt.date(9999, 1, 1)
    )
    return found


def _returns(
    rung: str, months: Sequence[MonthRow], case: Case | None, setting: Setting
) -> dict[str, Figure[Any]]:
    """
    Work out the returns on one rung: the whole case for the promise, else actuals to date.

    Cost is the actual cost of each month, cash what was paid; the promise is held against its
    own plan.
    """
    if rung == "promised":
        if case is None:
            return _nothing("No business case has been approved yet.")
        benefit, cost, chosen = "promised", "promised_cost", list(months)
    else:
        benefit, cost = rung, "cost"
        reason = next(
            (told for row in months if row.month <= setting.window.through
             if (told := cash.reason_of(row.reasons))), "",
        )  # fmt: skip
        if reason:
            return _nothing(reason)
        chosen = [row for row in months if row.month <= setting.window.through]
        if all(row.amounts[rung] is None and rung not in row.reasons for row in chosen):
            return _nothing(_REACHED[rung])
    for row in chosen:
        for column in (benefit, cost):
            if column in row.reasons:
                return _nothing(row.reasons[column])
    zero = Decimal(0)
    found = roi.returns(
        [
            roi.MonthFlow(
                row.month,
                row.amounts[cost] or zero,
                row.amounts[benefit] or zero,
                paid=None if rung == "promised" else cash.paid(row.amounts) or zero,
            )
            for row in chosen
        ],
        annual_rate=case.annual_rate if case else setting.annual_rate,
        valuation_month=case.valuation_month if case and rung == "promised" else None,
        go_live_month=case.go_live_month if case else None,
    )
    return {
        "roi_ratio": found.roi_ratio,
        "npv": found.npv.map(lambda worth: worth.quantize(Decimal("0.000001"), context=EXACT)),
        "irr_ratio": found.irr_ratio,
        "payback_months": found.payback_months,
        "net_benefit": Figure(found.net_benefit),
        "paid": Figure(found.paid),
        "discounted_payback_months": found.discounted_payback_months,
        "bcr": found.bcr,
        "pi": found.pi,
    }


def _nothing(reason: str) -> dict[str, Figure[Any]]:
    return {name: Null(reason) for name in RETURNS}


def _to_go(months: Sequence[MonthRow], case: Case | None, setting: Setting) -> Figure[Decimal]:
    """Give what the case still promises less what it still plans to cost, as worth today."""
    if case is None:
        return Null("No business case has been approved yet.")
    ahead = {row.month: row for row in months if row.month > setting.window.through}
    for row in ahead.values():
        for column in ("promised", "promised_cost"):
            if column in row.reasons:
                return Null(row.reasons[column])
    if not ahead:
        return Null("The business case holds no month to come.")
    zero = Decimal(0)
    flows, month = [zero], setting.window.through
    while month < max(ahead):
        month = add_months(month, 1)
        due = ahead.get(month)
        flows.append(
            EXACT.subtract(due.amounts["promised"] or zero, due.amounts["promised_cost"] or zero)
            if due
            else zero
        )
    worth = npv(flows, monthly_rate(case.annual_rate))
    return worth.map(lambda value: value.quantize(Decimal("0.000001"), context=EXACT))


def _going_on(
    stage: str,
    months: Sequence[MonthRow],
    case: Case | None,
    setting: Setting,
    yearly_loss: Figure[Decimal],
) -> dict[str, Figure[Any]]:
    """Give what going on is worth beside what is sunk."""
    through, zero = setting.window.through, Decimal(0)
    for row in months:
        columns = ("cost", "validated") if row.month <= through else ("promised_cost", "promised")
        for column in columns:
            if column in row.reasons:
                return dict.fromkeys(ahead.NAMES, Null(row.reasons[column]))
    return ahead.to_go(
        sunk=[
            ahead.Planned(row.month, row.amounts["cost"] or zero, row.amounts["validated"] or zero)
            for row in months
            if row.month <= through
        ],
        ahead=[
            ahead.Planned(
                row.month, row.amounts["promised_cost"] or zero, row.amounts["promised"] or zero
            )
            for row in months
            if row.month > through
            if row.amounts["promised"] is not None or row.amounts["promised_cost"] is not None
        ],
        through=through,
        case=case,
        stage=stage,
        odds=setting.odds,
        yearly_loss=yearly_loss,
    )


def efficiency(kpis: Sequence[Kpi]) -> tuple[Figure[float], Kpi | None]:
    """Give the gain of the first KPI that can tell one, with the KPI."""
    if not kpis:
        return Null("No KPI is set."), None
    reason = ""
    for kpi in kpis:
        if kpi.baseline is None:
            reason = reason or phrase(texts.NO_BASELINE.form, kpi=kpi.name)
        elif kpi.value is None:
            reason = reason or phrase(texts.NEVER_READ.form, kpi=kpi.name)
        else:
            gain = kpi_sums.efficiency_gain(kpi.baseline, kpi.value, kpi.direction)
            if gain.known:
                return gain, kpi
            reason = reason or gain.reason
    return Null(reason), None


def _watched(kpi: Kpi) -> bool:
    return kpi.cadence_days is not None


def _stale_from(kpi: Kpi) -> dt.date:
    """Give the first day on which two expected readings have been missed."""
    assert kpi.cadence_days is not None
    if kpi.latest_on is None:
        return dt.date(1900, 1, 1)
    return kpi.latest_on + dt.timedelta(days=STALE_AFTER_CADENCES * kpi.cadence_days + 1)


def months_by_initiative(
    rows: Sequence[tuple[Any, ...]], columns: Sequence[str]
) -> dict[uuid.UUID, list[MonthRow]]:
    """Group rows of (initiative, month, reasons, is_reviewed, *columns) by initiative."""
    found: dict[uuid.UUID, list[MonthRow]] = {}
    for initiative, month, reasons, is_reviewed, *amounts in rows:
        row = MonthRow(month, dict(zip(columns, amounts, strict=True)), reasons, is_reviewed)
        found.setdefault(initiative, []).append(row)
    return found
