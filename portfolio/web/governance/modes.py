"""How units decide: what each mode costs, the past under the other one, and which one fits."""

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from governance_app.domain.modes import CRITERIA
from governance_app.domain.phrases import phrase
from governance_app.domain.policy import MODES
from governance_app.gates import selectors, services
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.charts import intervals
from portfolio.charts.wording import said, worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.governance.trying import attempt

YEAR = dt.timedelta(days=365)
SHOWN = 40


@page("view")
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """List units with their modes, and compare both modes over the whole."""
    viewer, today = viewer_of(request), timezone.localdate()
    compared = selectors.compare(viewer=viewer, since=today - YEAR, until=today)
    context = {
        "tab": "modes",
        "units": selectors.unit_standings(viewer=viewer, on=today),
        "modes": MODES,
        "compared": compared,
        "figures": _figures(compared),
        "pictures": _pictures(compared),
        "counts": selectors.counts(viewer=viewer, since=today - YEAR, until=today),
    }
    return render(request, "governance/modes.html", context)


@page("view")
@require_GET
def one(request: HttpRequest, node_id: uuid.UUID) -> HttpResponse:
    """Show one unit: how it decides, advice, comparison, and the last year replayed."""
    return _one(request, _unit(request, node_id))


@page("gate.policy")
@require_POST
def choose(request: HttpRequest, node_id: uuid.UUID) -> HttpResponse:
    """Choose how a unit decides, or let it out of its probation."""
    viewer, unit, asked = viewer_of(request), _unit(request, node_id), request.POST
    standing = next(
        (
            each
            for each in selectors.probations(viewer=viewer, on=timezone.localdate())
            if each.node_id == unit.pk
        ),
        None,
    )

    def act() -> str:
        if standing is not None:
            services.end_probation(
                mode=standing, to_mode=asked.get("mode", ""), reason=asked.get("reason", ""),
                by=viewer,
            )  # fmt: skip
            return worded("{unit} is no longer on probation.", unit=unit)
        made = services.choose_mode(
            node=unit,
            mode=asked.get("mode", ""),
            reason=asked.get("reason", ""),
            from_on=fields.day(asked.get("from_on", ""), "From"),
            by=viewer,
        )
        return worded(
            "{unit}: {choice}.", unit=unit, choice=f"{str(made)[:1].lower()}{str(made)[1:]}"
        )

    return attempt(
        request,
        act,
        back=reverse("gate-mode", args=[unit.pk]),
        refused=lambda error: _one(request, unit, error=str(error)),
    )


def _one(request: HttpRequest, unit: Any, *, error: str = "") -> HttpResponse:
    viewer, today = viewer_of(request), timezone.localdate()
    standing = next(
        each for each in selectors.unit_standings(viewer=viewer, on=today) if each.unit == unit
    )
    asked = request.GET.get("to", "")
    other = "central" if standing.mode.mode == "distributed" else "distributed"
    to = asked if asked in MODES else other
    replay = selectors.replay(viewer=viewer, to=to, since=today - YEAR, until=today, node=unit)
    compared = selectors.compare(viewer=viewer, since=today - YEAR, until=today, node=unit)
    advice = selectors.advise(viewer=viewer, unit=unit, on=today)
    context = {
        "tab": "modes",
        "today": today,
        "unit": unit,
        "standing": standing,
        "modes": MODES,
        "mode_name": MODES[standing.mode.mode],
        "history": selectors.modes_of(node=unit, viewer=viewer),
        "replay": replay,
        "replayed": replay.rows[:SHOWN],
        "to": to,
        "to_name": MODES[to],
        "compared": compared,
        "figures": _figures(compared),
        "pictures": _pictures(compared),
        "counts": selectors.counts(viewer=viewer, since=today - YEAR, until=today, node=unit),
        "advice": advice,
        "advised": MODES[advice.mode],
        "leanings": [
            {
                "name": CRITERIA[each.criterion],
                "to": MODES[each.to] if each.to else phrase("either"),
                "why": each.why,
            }
            for each in advice.leanings
        ],
        "may_choose": access.can(viewer, "gate.policy", unit),
        "error": error,
        "typed": request.POST,
    }
    return render(request, "governance/mode.html", context, status=422 if error else 200)


def _figures(compared: Any) -> list[dict[str, Any]]:
    """Lay both modes out line by line, each figure with its interval and count."""
    rows = (
        (phrase("Lead time at the median, days"), compared.lead, 24.0, False),
        (phrase("Requests with an exception"), compared.exceptions, 1.0, True),
        (phrase("Approvals that an incident followed"), compared.incidents, 1.0, True),
        (phrase("Validated of promised at the median"), compared.value, 1.0, True),
    )
    return [
        {"title": title, "cells": [_cell(figures[mode], per, share) for mode in MODES]}
        for title, figures, per, share in rows
    ]


def _pictures(compared: Any) -> list[dict[str, Any]]:
    """Draw both modes beside each other: how long they take, and how often what happens."""
    groups = (said(MODES["central"]), said(MODES["distributed"]))
    lead = intervals.Pair(worded("Lead time"), _both(compared.lead, per=24.0))
    shares = [
        intervals.Pair(label, _both(figures))
        for label, figures in (
            (worded("With an exception"), compared.exceptions),
            (worded("Followed by an incident"), compared.incidents),
            (worded("Validated of promised"), compared.value),
        )
    ]
    return [
        intervals.build(
            pairs=[lead], groups=groups, is_share=False, unit=worded("days"),
            title=worded("How long a decision takes"),
            subtitle=worded(
                "Median days from asking to decision, last year; line: 95 % interval"
            ),
        ),
        intervals.build(
            pairs=shares, groups=groups, is_share=True, title=worded("What comes of it"),
            subtitle=worded(
                "Shares of requests, approvals and promised value, last year; line: 95 %"
            ),
        ),
    ]  # fmt: skip


def _both(figures: Any, *, per: float = 1.0) -> tuple[intervals.Seen | None, intervals.Seen | None]:
    def seen(mode: str) -> intervals.Seen | None:
        each = figures[mode].value
        if each is None:
            return None
        return intervals.Seen(each.value / per, each.low / per, each.high / per, each.count)

    return seen("central"), seen("distributed")


def _cell(figure: Any, per: float, is_share: bool) -> dict[str, Any]:
    if figure.value is None:
        return {"reason": figure.reason}
    each = figure.value
    show = (lambda value: f"{value:.0%}".replace("%", " %")) if is_share else (
        lambda value: f"{value / per:.1f}"
    )  # fmt: skip
    return {
        "value": show(each.value),
        "interval": worded("{low} to {high}", low=show(each.low), high=show(each.high)),
        "count": each.count,
    }


def _unit(request: HttpRequest, node_id: uuid.UUID) -> Any:
    return found(people.units(viewer=viewer_of(request)).filter(pk=node_id).first())
