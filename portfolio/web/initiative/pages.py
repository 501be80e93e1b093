"""The page of one initiative: what a board member reads, and what its people do on it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from governance_app.domain import periods
from governance_app.domain import risk as risk_words
from governance_app.domain.errors import Sentence
from governance_app.domain.status import Facts, Proposal, propose
from governance_app.initiatives import choices, selectors, services
from governance_app.inventory import selectors as inventory
from governance_app.people import access
from governance_app.risk import selectors as risks
from governance_app.rollups import table
from governance_app.value import selectors as value
from portfolio.charts import kpi_run, roi_over_time, spelling
from portfolio.charts.wording import said, worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import go, render_fragment
from portfolio.web.initiative import talking

TEMPLATE = "initiatives/detail.html"
KPIS_DRAWN = 6
RUNGS = ("promised", "claimed", "measured", "validated", "banked")


@dataclass(frozen=True)
class Measure:
    """One figure of the headline band."""

    label: str
    value: Any
    kind: str
    note: str = ""
    currency: str = ""
    reason: str = ""
    passport: str = ""
    is_bad: bool = False
    plus: bool = False
    places: int = 0
    stale: str = ""


@page("view")
def initiative(request: HttpRequest, key: str) -> HttpResponse:
    """Show everything that is known of one initiative."""
    viewer = viewer_of(request)
    today = timezone.localdate()
    detail = found(selectors.detail(viewer=viewer, key=key, on=today))
    row = detail.initiative
    standings = value.kpi_standings(viewer=viewer, on=today, initiatives=[row.pk])[row.pk]
    proposal = _proposal(detail, standings, today)
    now = table.present(viewer=viewer, initiatives=[row.pk]).get(row.pk)
    context: dict[str, Any] = {
        "detail": detail,
        "next_stage": _next_stage(detail),
        "today": today,
        "headline": _headline(row, now, viewer, today),
        "kpis": _kpis(row, standings, viewer),
        "risk": risks.standing(initiative=row, viewer=viewer, on=today).standing,
        "risks": _risks(row, viewer, today),
        "models": inventory.models_of(initiative=row, viewer=viewer),
        "history": selectors.history(viewer=viewer, initiative=row, limit=30),
        **talking.context_of(row, viewer),
        "is_following": selectors.is_following(viewer=viewer, initiative=row),
        "may_add": access.can(viewer, "initiative.add", row.unit),
        "milestones": _milestones(detail.milestones, today),
        "imported": _imported(detail),
        "proposal": proposal.sentence,
        "chosen_status": proposal.status or row.status,
        "footnote": _footnote(now),
        **_rights(row, viewer),
        **_money(row, now, viewer, today),
    }
    return render_fragment(request, TEMPLATE, "", context)


def _next_stage(detail: selectors.InitiativeDetail) -> Any:
    """Give the stage that comes after the present one, which most moves go to."""
    here = detail.initiative.stage
    ahead = [s for s in detail.next_stages if here is None or s.position > here.position]
    return ahead[0].pk if ahead else None


def _rights(row: Any, viewer: Any) -> dict[str, Any]:
    """Give what the viewer may do here; each refusal carries its reason."""
    money = access.can(viewer, "money.view", row)
    return {
        "row": row,
        "statuses": choices.STATUSES,
        "may_update": access.can(viewer, "initiative.update", row),
        "may_edit": access.can(viewer, "initiative.edit", row),
        "may_move": access.can(viewer, "initiative.edit", row),
        "may_comment": access.can(viewer, "initiative.comment", row),
        "may_export": access.can(viewer, "export", row),
        "sees_money": money.allowed,
        "money_reason": money.reason,
    }


def _headline(row: Any, now: Any, viewer: Any, today: dt.date) -> list[Measure]:
    """Give spend against budget, benefit, return and risk, as far as the viewer may see them."""
    measures = []
    if now is not None and access.sees_money(viewer, row.node):
        measures += [_spend(row, now), _benefit(row, now), _return(row, now)]
    if now is not None:
        measures.append(_danger(row, now))
        if now.efficiency_gain is not None or now.kpi_count:
            measures.append(_gain(row, now, today))
    return measures


def _passport(row: Any, figure: str) -> str:
    return reverse("passport", args=[figure, row.key])


def _spend(row: Any, now: Any) -> Measure:
    notes = []
    if now.budget_year is not None:
        budget = spelling.money(now.budget_year, now.currency)
        notes.append(
            worded(
                "of {budget} budgeted to {through}",
                budget=budget,
                through=spelling.month(now.through),
            )
        )
    if now.spend_to_date is not None:
        notes.append(
            worded(
                "{spend_to_date} since the start",
                spend_to_date=spelling.money(now.spend_to_date, now.currency),
            )
        )
    over = bool(now.spend_year and now.budget_year and now.spend_year > now.budget_year)
    return Measure(
        label=worded("Spend this fiscal year"),
        value=now.spend_year,
        kind="money",
        currency=now.currency,
        note=" · ".join(notes),
        reason=now.reasons.get("spend_year", ""),
        passport=_passport(row, "spend_year"),
        is_bad=over,
    )


def _benefit(row: Any, now: Any) -> Measure:
    notes = []
    if now.promised_to_date is not None:
        notes.append(
            worded(
                "of {promised_to_date} promised to date",
                promised_to_date=spelling.money(now.promised_to_date, now.currency),
            )
        )
    if now.pending_months:
        waiting = spelling.plural(now.pending_months, "month")
        notes.append(worded("{waiting} wait for finance", waiting=waiting))
    return Measure(
        label=worded("Validated benefit"),
        value=now.validated_to_date,
        kind="money",
        currency=now.currency,
        note=" · ".join(notes),
        reason=now.reasons.get("validated_to_date", ""),
        passport=_passport(row, "validated_to_date"),
    )


def _return(row: Any, now: Any) -> Measure:
    note = ""
    if now.roi_promised is not None:
        note = worded(
            "{roi_promised} promised over its life",
            roi_promised=spelling.percent(now.roi_promised, plus=True),
        )
    return Measure(
        label=worded("ROI on validated benefit"),
        value=now.roi_validated,
        kind="percent",
        plus=True,
        note=note,
        reason=now.reasons.get("roi_validated", ""),
        passport=_passport(row, "roi_validated"),
        is_bad=now.roi_validated is not None and now.roi_validated < 0,
    )


def _danger(row: Any, now: Any) -> Measure:
    level = now.risk_level
    words = said(risk_words.level_name(level)) if level is not None else None
    notes = []
    if now.risk_above_appetite:
        notes.append(
            worded(
                "{risk_above_appetite} above appetite", risk_above_appetite=now.risk_above_appetite
            )
        )
    if now.risk_not_assessed:
        notes.append(
            worded("{risk_not_assessed} not assessed", risk_not_assessed=now.risk_not_assessed)
        )
    if now.risk_driver:
        notes.append(now.risk_driver)
    return Measure(
        label=worded("Residual risk"),
        value=words,
        kind="text",
        note=" · ".join(notes) or spelling.plural(now.risk_count, "risk"),
        reason=now.reasons.get("risk_level", ""),
        passport=_passport(row, "risk_level"),
        is_bad=bool(now.risk_above_appetite),
    )


def _gain(row: Any, now: Any, today: dt.date) -> Measure:
    stale = worded("A reading is overdue.") if now.is_stale(today) else ""
    return Measure(
        label=worded("Efficiency gain"),
        value=now.efficiency_gain,
        kind="percent",
        plus=True,
        note=now.efficiency_kpi or spelling.plural(now.kpi_count, "KPI"),
        reason=now.reasons.get("efficiency_gain", ""),
        passport=_passport(row, "efficiency_gain"),
        stale=stale,
    )


def _money(row: Any, now: Any, viewer: Any, today: dt.date) -> dict[str, Any]:
    """Give the ROI picture, the returns and the cases; nothing to those who see no money."""
    if not access.sees_money(viewer, row.node):
        return {}
    life = table.life(viewer=viewer, initiative=row)
    currency = now.currency if now is not None else ""
    as_of = periods.last_day(now.through) if now is not None else today
    return {
        "currency": currency,
        "pictures": {"roi": roi_over_time.build(life, currency=currency, as_of=as_of)},
        "returns": _returns(now),
        "cases": list(value.cases(initiative=row, viewer=viewer)),
    }


def _returns(now: Any) -> list[dict[str, Any]]:
    """Lay out what each rung returns; one line with its reason where a rung was not reached."""
    if now is None:
        return []
    lines = []
    for rung in RUNGS:
        figures: Mapping[str, Any] = now.returns.get(rung, {})
        if not figures:
            continue
        line: dict[str, Any] = {"rung": rung, "net": _decimal(figures["net_benefit"]["value"])}
        if figures["net_benefit"]["value"] is None:
            line["reason"] = figures["net_benefit"]["reason"]
        for short, name in (
            ("roi", "roi_ratio"),
            ("npv", "npv"),
            ("irr", "irr_ratio"),
            ("payback", "payback_months"),
        ):
            line[short] = _decimal(figures[name]["value"])
            line[f"{short}_reason"] = figures[name]["reason"]
        warnings = [w for figure in figures.values() for w in figure["warnings"]]
        line["warning"] = " ".join(said(words) for words in dict.fromkeys(warnings))
        lines.append(line)
    return lines


def _decimal(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) else value


def _kpis(row: Any, standings: Sequence[value.KpiStanding], viewer: Any) -> list[dict[str, Any]]:
    """Draw each KPI from baseline to target."""
    readings = value.kpi_frame(initiative=row, viewer=viewer)
    drawn = []
    for position, standing in enumerate(standings[:KPIS_DRAWN]):
        kpi = standing.kpi
        own = readings[readings["kpi"] == kpi.name]
        picture = kpi_run.build(
            own,
            name=kpi.name,
            unit=kpi.unit,
            baseline=None if kpi.baseline is None else float(kpi.baseline),
            target=None if kpi.target is None else float(kpi.target),
            target_on=kpi.target_on,
        )
        note, is_stale = _kpi_note(standing)
        drawn.append(
            {"key": f"kpi-{position}", "picture": picture, "note": note, "is_stale": is_stale}
        )
    return drawn


def _kpi_note(standing: value.KpiStanding) -> tuple[str, bool]:
    if standing.latest_on is None:
        return worded("No reading yet."), True
    if not standing.is_fresh:
        return worded(
            "Last read {latest_on}; a reading is overdue.",
            latest_on=spelling.day(standing.latest_on),
        ), True
    if standing.gain_ratio.value is not None:
        gain = spelling.percent(standing.gain_ratio.value, plus=True)
        return worded(
            "{gain} against the baseline, read {latest_on}",
            gain=gain,
            latest_on=spelling.day(standing.latest_on),
        ), False
    return worded(
        "{reason} Read {latest_on}.",
        reason=standing.gain_ratio.reason,
        latest_on=spelling.day(standing.latest_on),
    ), False


def _risks(row: Any, viewer: Any, today: dt.date) -> list[dict[str, Any]]:
    frame = risks.register(viewer=viewer, initiative=row)
    records = cast(list[dict[str, Any]], frame.to_dict("records"))
    return [
        {
            **record,
            "inherent": said(risk_words.level_name(record["inherent"])),
            "due": spelling.day(record["review_due_on"]) if record["review_due_on"] else "",
            "is_late": bool(record["review_due_on"] and record["review_due_on"] < today),
        }
        for record in records
    ]


def _proposal(
    detail: selectors.InitiativeDetail, standings: Sequence[value.KpiStanding], today: dt.date
) -> Proposal:
    """Propose a status from milestones, readings and the time box."""
    waiting = [m for m in detail.milestones if m.done_on is None]
    following = waiting[0] if waiting else None
    facts = Facts(
        on=today,
        planned_on=following.due_on if following else None,
        milestone=following.name if following else "",
        kpis=tuple(fact for standing in standings if (fact := standing.fact())),
        time_box_ends_on=detail.initiative.time_box_on,
    )
    return propose(facts)


def _milestones(rows: Sequence[Any], today: dt.date) -> list[dict[str, Any]]:
    listed = []
    for row in rows:
        if row.done_on:
            state, words = "done", worded("reached {done_on}", done_on=spelling.day(row.done_on))
            late = (row.done_on - row.due_on).days
            words += ", " + worded("{days} d late", days=late) if late > 0 else ""
        else:
            late = (today - row.due_on).days
            state = "late" if late > 0 else ""
            words = spelling.day(row.due_on) + (
                ", " + worded("{days} d late", days=late) if late > 0 else ""
            )
        listed.append({"row": row, "state": state, "words": words})
    return listed


def _imported(detail: selectors.InitiativeDetail) -> dict[str, Any] | None:
    """Give the columns of the imported file that no field took."""
    extra = detail.initiative.extra
    if not extra:
        return None
    source = detail.imported
    name = (
        source.last_import.file_name if source and source.last_import else worded("the inventory")
    )
    return {"file": name, "columns": [(k, v) for k, v in extra.items() if str(v).strip()]}


def _footnote(now: Any) -> str:
    if now is None:
        return worded(
            "No figures have been worked out for this initiative yet; that happens within a minute."
        )
    return worded(
        "Money in {currency} to {through}, the last complete month. Cost is what the allocation"
        " rules give it of the bills. Figures open their passport.",
        currency=now.currency,
        through=spelling.month(now.through),
    )


# --- what people do here ------------------------------------------------------------------------


def _load(request: HttpRequest, key: str) -> Any:
    return found(selectors.initiative(viewer=viewer_of(request), key=key))


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isdigit() else None


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


@page("initiative.update")
@require_POST
def status(request: HttpRequest, key: str) -> HttpResponse:
    """Post how it stands; the form comes back empty, the headline says the new status."""
    viewer = viewer_of(request)
    row = _load(request, key)
    typed = request.POST.get("sentence", "")
    wanted = request.POST.get("status", "")
    context: dict[str, Any] = {"chosen_status": wanted}
    try:
        services.post_status(
            initiative=row, status=wanted, sentence=typed, by=viewer, version=_version(request)
        )
    except access.Refused:
        raise
    except Sentence as refusal:
        context |= {**_rights(row, viewer), "error": str(refusal), "typed": typed}
        return render_fragment(request, TEMPLATE, "status", context, status=422)
    if not request.headers.get("HX-Request"):
        return go(request, reverse("initiative", args=[row.key]))
    context |= _rights(_load(request, key), viewer)
    context["is_posted"] = True
    return render_fragment(
        request, TEMPLATE, "status", context, toast=f"{row.key}: {choices.STATUSES[wanted].lower()}"
    )


@page("initiative.edit")
@require_POST
def stage(request: HttpRequest, key: str) -> HttpResponse:
    """Move it to another stage, or say why that cannot be."""
    row = _load(request, key)
    try:
        services.advance_stage(
            initiative=row,
            to=request.POST.get("to", ""),
            reason=request.POST.get("reason", ""),
            on=_date(request.POST.get("on", "")),
            by=viewer_of(request),
            version=_version(request),
        )
    except access.Refused:
        raise
    except Sentence as refusal:
        return _said(str(refusal))
    return go(request, reverse("initiative", args=[row.key]))


def _said(sentence: str) -> HttpResponse:
    text = format_html('<p class="field"><span class="error">{}</span></p>', sentence)
    return HttpResponse(text, status=422)


@page("initiative.edit")
@require_POST
def milestone_add(request: HttpRequest, key: str) -> HttpResponse:
    """Add a milestone."""
    row = _load(request, key)
    due_on = _date(request.POST.get("due_on", ""))
    error = ""
    try:
        if due_on is None:
            raise Sentence("Say on which day it is due.")
        services.add_milestone(
            initiative=row,
            name=request.POST.get("name", ""),
            due_on=due_on,
            by=viewer_of(request),
        )
    except access.Refused:
        raise
    except Sentence as refusal:
        error = str(refusal)
    return _milestone_part(request, row, error)


@page("initiative.edit")
@require_POST
def milestone_done(request: HttpRequest, key: str, milestone_id: str) -> HttpResponse:
    """Say that a milestone was reached today."""
    row = _load(request, key)
    today = timezone.localdate()
    detail = found(selectors.detail(viewer=viewer_of(request), key=key, on=today))
    one = found(next((m for m in detail.milestones if str(m.pk) == str(milestone_id)), None))
    services.complete_milestone(milestone=one, done_on=today, by=viewer_of(request))
    return _milestone_part(request, row, "")


def _milestone_part(request: HttpRequest, row: Any, error: str) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return go(request, reverse("initiative", args=[row.key]))
    viewer = viewer_of(request)
    today = timezone.localdate()
    detail = found(selectors.detail(viewer=viewer, key=row.key, on=today))
    context = {
        **_rights(row, viewer),
        "milestones": _milestones(detail.milestones, today),
        "milestone_error": error,
    }
    return render_fragment(request, TEMPLATE, "milestones", context, status=422 if error else 200)
