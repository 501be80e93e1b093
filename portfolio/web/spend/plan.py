"""Plan: budget against actual against forecasts; budget versions, rounds, alerts."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pandas as pd
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance_app.books import selectors as books
from governance_app.books.selectors import MissingRate
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import fiscal_label, fiscal_year, month_range
from governance_app.files import services as files
from governance_app.initiatives import selectors as initiatives
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.spend import selectors, services
from portfolio.charts import plan_year as picture
from portfolio.charts.wording import said, worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.jobs import progress_of

IMPORT = "governance_app.spend.tasks.import_budget"
WATCH = "governance_app.spend.tasks.watch_budgets"
MOST_BYTES = 20 << 20
ALERTS_SHOWN = 40


@page("money.view")
@require_GET
def plan(request: HttpRequest) -> HttpResponse:
    """Show a fiscal year of a unit, an initiative or everything."""
    viewer, today = viewer_of(request), timezone.localdate()
    start = books.fiscal_start_month(on=today)
    year = _year(request, today, start)
    node = _node(request, viewer)
    context: dict[str, Any] = {
        "year": year,
        "years": [
            (one, fiscal_label(one, start_month=start)) for one in range(year + 1, year - 4, -1)
        ],
        "label": fiscal_label(year, start_month=start),
        "node": node,
        "place": _called(viewer, node),
        "units": _units(viewer),
        "chosen": request.GET.get("place", ""),
        "alerts": selectors.budget_alerts(viewer=viewer, fiscal_year=year)[:ALERTS_SHOWN],
        "rounds": selectors.forecast_rounds(viewer=viewer).filter(fiscal_year=year),
        "may_budget": access.can(viewer, "spend.rules"),
    }
    try:
        standing = selectors.plan_year(viewer=viewer, fiscal_year=year, on=today, node=node)
    except (MissingRate, selectors.close.MissingDayRate) as missing:
        return render(request, "spend/plan.html", context | {"missing": str(missing)})
    context |= {"standing": standing, "picture": _picture(standing, context["place"])}
    context["gap"] = (
        standing.spent - standing.budget_to_date if standing.budget_to_date is not None else None
    )
    return render(request, "spend/plan.html", context)


@page("money.view")
@require_http_methods(["GET", "POST"])
def budgets(request: HttpRequest) -> HttpResponse:
    """List the versions of budgets and compare two; POST loads a sheet as a job."""
    viewer, today = viewer_of(request), timezone.localdate()
    if request.method == "POST":
        access.require(viewer, "spend.rules")
        upload = request.FILES.get("file")
        if not isinstance(upload, UploadedFile) or not upload.size:
            raise Sentence("Choose the sheet of budget lines, CSV or Excel.")
        if upload.size > MOST_BYTES:
            raise Sentence("A sheet of budget lines is at most 20 MB.")
        kept = files.store(content=upload.read(), name=upload.name or "budget", by=viewer)
        is_dry = "dry_run" in request.POST
        job = jobs.receive(
            kind=IMPORT,
            title=f"{'Check' if is_dry else 'Load'} budget {upload.name}"[:300],
            payload={
                "file": str(kept.pk),
                "file_name": (upload.name or kept.name)[:200],
                "name": request.POST.get("name", "")[:200],
                "fiscal_year": _whole(request.POST.get("year", ""), "Fiscal year"),
                "dry_run": is_dry,
            },
            by=viewer,
        )
        return redirect("spend-budget-loading", job.pk)
    plans = list(selectors.budget_plans(viewer=viewer))
    context: dict[str, Any] = {
        "plans": [(one, {c: Decimal(t) for c, t in one.totals.items()}) for one in plans],
        "may_edit": access.can(viewer, "spend.rules"),
        "year": _year(request, today, books.fiscal_start_month(on=today)),
    }
    by_id = {str(one.pk): one for one in plans}
    before, after = (by_id.get(request.GET.get(side, "")) for side in ("before", "after"))
    if before and after:
        context |= {
            "before": before,
            "after": after,
            "rows": selectors.compare_plans(viewer=viewer, before=before, after=after)[:500],
        }
    return render(request, "spend/budgets.html", context)


@page("spend.rules")
@require_GET
def budget_loading(request: HttpRequest, job_id: str) -> HttpResponse:
    """Show a sheet being loaded, and what became of it."""
    context = progress_of(request, job_id)
    if context["job"].kind != IMPORT:
        raise Http404
    result = context["job"].result or {}
    context |= {
        "result": result,
        "is_dry": bool(context["job"].payload.get("dry_run")),
        "totals": [
            (code, Decimal(total), Decimal(result["before"].get(code, "0")))
            for code, total in result.get("totals", {}).items()
        ],
    }
    part = "#outcome" if request.headers.get("HX-Target") == "outcome" else ""
    return render(request, f"spend/budget-loading.html{part}", context)


@page("spend.rules")
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Compare budgets with spend now, as a job."""
    job = jobs.receive(
        kind=WATCH, title="Compare budgets with spend", payload={}, by=viewer_of(request), key=WATCH
    )
    return redirect("job", job.pk)


@page("spend.rules")
@require_POST
def open_round(request: HttpRequest) -> HttpResponse:
    """Open a round of submitted forecasts."""
    viewer, today = viewer_of(request), timezone.localdate()
    opened = services.open_round(
        fiscal_year=_whole(request.POST.get("year", ""), "Fiscal year"),
        first_month=fields.needed_month(request.POST.get("first", ""), "First month"),
        due_on=fields.needed_day(request.POST.get("due", ""), "Due"),
        name=request.POST.get("name", ""),
        on=today,
        by=viewer,
    )
    messages.info(request, worded("Opened {opened}.", opened=opened))
    return redirect("spend-round", opened.pk)


@page("money.view")
@require_http_methods(["GET", "POST"])
def forecast_round(request: HttpRequest, round_id: str) -> HttpResponse:
    """Show a round: who has and who has not submitted; POST submits an estimate."""
    viewer, today = viewer_of(request), timezone.localdate()
    shown = found(selectors.forecast_round(viewer=viewer, round_id=round_id))
    months = month_range(shown.first_month, shown.last_month)
    context: dict[str, Any] = {"error": "", "typed": {}}
    if request.method == "POST":
        node = _named(viewer, request.POST.get("place", ""))
        try:
            sent = services.submit_forecast(
                forecast_round=shown,
                node=node,
                months={
                    month: fields.needed_number(
                        request.POST.get(f"m{month:%Y-%m}", ""), f"{month:%B %Y}"
                    )
                    for month in months
                },
                note=request.POST.get("note", ""),
                by=viewer,
            )
        except Sentence as refused:
            if isinstance(refused, access.Refused):
                raise
            context = {"error": str(refused), "typed": request.POST}
        else:
            messages.info(request, worded("Submitted for {node}.", node=sent.node))
            return redirect("spend-round", shown.pk)
    owed = selectors.owed_in_round(viewer=viewer, forecast_round=shown)
    context |= {
        "round": shown,
        "months": [(month, context["typed"].get(f"m{month:%Y-%m}", "")) for month in months],
        "owed": owed,
        "missing": [one for one in owed if one.submission is None],
        "currency": books.reporting_currency(on=today),
        "may_submit": access.can_anywhere(viewer, "forecast.submit"),
        "may_lock": access.can(viewer, "spend.rules"),
        "is_late": today > shown.due_on and not shown.is_locked,
    }
    return render(request, "spend/round.html", context, status=400 if context["error"] else 200)


@page("spend.rules")
@require_POST
def lock(request: HttpRequest, round_id: str) -> HttpResponse:
    """Lock a round."""
    viewer = viewer_of(request)
    shown = found(selectors.forecast_round(viewer=viewer, round_id=round_id))
    services.lock_round(
        forecast_round=shown, version=fields.version(request.POST), now=timezone.now(), by=viewer
    )
    messages.info(request, worded("Locked {shown}.", shown=shown))
    return redirect("spend-round", shown.pk)


def _picture(standing: Any, place: str) -> Any:
    frame = pd.DataFrame(
        [
            (m.month, m.budget, m.actual, m.submitted, m.expected, m.low, m.high)
            for m in standing.months
        ],
        columns=["month", "budget", "actual", "submitted", "expected", "low", "high"],
    ).astype(object)
    frame = frame.where(frame.notna(), None)
    forecast = standing.forecast.value
    return picture.build(
        frame,
        currency=standing.currency,
        sentence=said(
            standing.crossing.sentence if standing.crossing else standing.forecast.reason
        ),
        place=place,
        method=forecast.method.split(":")[0] if forecast else "",
    )


def _year(request: HttpRequest, today: dt.date, start: int) -> int:
    asked = request.GET.get("year", "")
    if asked.isdigit() and 2000 <= int(asked) <= 2100:
        return int(asked)
    return fiscal_year(selectors.last_complete_month(on=today), start_month=start)


def _whole(text: str, label: str) -> int:
    value = fields.whole(text, label)
    if value is None or not 2000 <= value <= 2100:
        raise Sentence(f"{label}: write a year such as 2026.")
    return value


def _node(request: HttpRequest, viewer: Any) -> Any:
    """Give the unit or initiative the address names; none is everything the viewer sees."""
    asked = request.GET.get("place", "").strip()
    return _named(viewer, asked) if asked else None


def _named(viewer: Any, asked: str) -> Any:
    typed = asked.strip()
    for node in people.units(viewer=viewer):
        if str(node.pk) == typed or node.name.casefold() == typed.casefold():
            return node
    initiative = initiatives.initiative(viewer=viewer, key=typed.split(" ")[0].upper())
    if initiative is None:
        raise Sentence(
            f"There is no unit or initiative “{typed[:60]}”; write a key such as AI-142."
        )
    return initiative.node


def _called(viewer: Any, node: Any) -> str:
    if node is not None:
        return str(node.name)
    root = people.organisation()
    return root.name if root and access.can(viewer, "money.view") else "all you see"


def _units(viewer: Any) -> list[dict[str, str]]:
    return [
        {"id": str(n.pk), "name": n.name, "indent": "\u2003" * max(n.path.count("/") - 2, 0)}
        for n in people.units(viewer=viewer)
    ]


urlpatterns = [
    path("spend/plan/", plan, name="spend-plan"),
    path("spend/plan/check/", check, name="spend-plan-check"),
    path("spend/plan/budgets/", budgets, name="spend-budgets"),
    path("spend/plan/budgets/loading/<uuid:job_id>/", budget_loading, name="spend-budget-loading"),
    path("spend/plan/rounds/", open_round, name="spend-round-open"),
    path("spend/plan/rounds/<uuid:round_id>/", forecast_round, name="spend-round"),
    path("spend/plan/rounds/<uuid:round_id>/lock/", lock, name="spend-round-lock"),
]
