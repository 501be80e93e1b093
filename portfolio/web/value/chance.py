"""Uncertainty: what going on may be worth, of one initiative at once, of a unit by a job."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.value import selectors as value
from governance_app.value import services
from portfolio.charts import chance, spelling
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.jobs import beside_its_job

SHOWN = 20
MOST_SWINGS = 12


@page("money.view")
@require_GET
def of_place(request: HttpRequest) -> HttpResponse:
    """Show the newest run of a unit, or one that is asked for, and the form for another."""
    return render(request, "value/chance.html", _place(request))


@page("money.view")
@require_POST
def draw(request: HttpRequest) -> HttpResponse:
    """Let a job draw what a unit may be worth."""
    viewer = viewer_of(request)
    node = found(next((n for n in _nodes(viewer) if str(n.pk) == request.POST.get("of")), None))
    try:
        seed = fields.whole(request.POST.get("seed", ""), "Seed")
        made, job = services.ask_simulation(node=node, by=viewer, seed=1 if seed is None else seed)
    except access.Refused:
        raise
    except Sentence as error:
        context = _place(request, error=str(error))
        return render(request, "value/chance.html", context, status=422)
    return redirect(f"{request.path.removesuffix('draw/')}?run={made.pk}&job={job.pk}")


@page("money.view")
@require_GET
def of_initiative(request: HttpRequest, key: str) -> HttpResponse:
    """Draw one initiative while the page is made: it takes a moment."""
    viewer = viewer_of(request)
    row = found(initiatives.initiative(viewer=viewer, key=key))
    access.require(viewer, "money.view", row)
    today = timezone.localdate()
    currency = books.reporting_currency(on=today)
    seed = request.GET.get("seed", "1")
    number = int(seed) if seed.isdigit() and len(seed) < 10 else 1
    told = value.outcome_of(initiative=row, viewer=viewer, on=today, currency=currency, seed=number)
    outcome = None if told.value is None else asdict(told.value)
    context = {
        "row": row,
        "seed": number,
        "subject": f"{row.key}~{number}",
        "reason": told.reason,
        "shown": _shown(outcome, currency, worded("{key}, months to come", key=row.key))
        if outcome
        else None,
        "currency": currency,
    }
    return render(request, "value/chance-of-one.html", context)


def _nodes(viewer: Any) -> list[Any]:
    root = people.organisation()
    whole = [root] if root is not None and access.can(viewer, "money.view", root) else []
    units = people.units(viewer=viewer)
    return [*whole, *(unit for unit in units if access.can(viewer, "money.view", unit))]


def _place(request: HttpRequest, *, error: str = "") -> dict[str, Any]:
    viewer = viewer_of(request)
    nodes = _nodes(viewer)
    runs = value.simulations(viewer=viewer)
    asked = request.GET.get("run", "")
    working: Mapping[str, Any] = {}
    if asked:
        run, working = beside_its_job(
            request,
            lambda: found(_simulation(viewer, asked)),
            job_of=lambda row: None if row.finished_at else request.GET.get("job") or None,
        )
    else:
        run = runs.exclude(finished_at=None).first()
    outcome = run.outcome if run is not None and run.outcome.get("draws") else None
    return {
        "error": error,
        "nodes": nodes,
        "run": run,
        "runs": list(runs[:SHOWN]),
        **working,
        "is_working": bool(working) and run.finished_at is None,
        "reason": run.outcome.get("reason", "") if run is not None else "",
        "shown": _shown(outcome, run.currency, worded("{name}, months to come", name=run.node.name))
        if outcome
        else None,
        "seed": run.seed if run is not None else 1,
    }


def _simulation(viewer: Any, asked: str) -> Any:
    try:
        return value.simulation(viewer=viewer, simulation_id=asked)
    except (ValueError, TypeError):
        return None


def _shown(outcome: Mapping[str, Any], currency: str, subject: str) -> dict[str, Any]:
    """Draw an outcome and put its figures into words."""
    swings = [
        (swing["driver"], swing["at_p10"], swing["at_p90"])
        for swing in outcome["tornado"][:MOST_SWINGS]
    ]
    loss = spelling.percent(outcome["loss_share"])
    finding = worded("In {loss} of the draws it loses money", loss=loss)
    marks = [(name.upper(), outcome[name]) for name in ("p10", "p50", "p90")]
    pictures = {
        "spread": chance.spread(
            edges=list(outcome["edges"]), heights=list(outcome["heights"]), marks=marks,
            currency=currency, title=finding,
            subtitle=worded(
                "{draws} draws of what going on is worth, {currency}; {subject}",
                draws=outcome["draws"], currency=currency, subject=subject,
            ),
        )
    }  # fmt: skip
    if swings:
        pictures["tornado"] = chance.tornado(
            swings=swings, likely=outcome["likely"], currency=currency,
            title=worded("{driver} moves the result most", driver=swings[0][0]),
        )  # fmt: skip
    return {"outcome": outcome, "currency": currency, "pictures": pictures, "finding": finding}
