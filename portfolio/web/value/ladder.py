"""The page Value: the ladder of evidence, what waits for finance, the league of initiatives."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from governance_app.domain.phrases import phrase
from governance_app.people import access
from governance_app.rollups import selectors as rollups
from governance_app.value import selectors as value
from portfolio.charts import spelling
from portfolio.charts.wording import said, worded, worded_count
from portfolio.web.access import page, viewer_of
from portfolio.web.fields import Attempt
from portfolio.web.htmx import render_fragment
from portfolio.web.value import bridges, signing

PAGE_SIZE = 20
#: Benefits in each list of the queue: each is a form with its months.
QUEUE_SHOWN = 20
TEMPLATE = "value/page.html"
#: Rung -> what it takes to stand there.
MEANING = {
    "promised": phrase("by approved business cases"),
    "claimed": phrase("by owners, with an estimate"),
    "measured": phrase("by a KPI that a source feeds"),
    "validated": phrase("agreed by finance on evidence"),
    "banked": phrase("in the budget or the books"),
}
COLUMNS = (
    ("promised", phrase("Promised")),
    ("claimed", phrase("Claimed")),
    ("measured", phrase("Measured")),
    ("validated", phrase("Validated")),
    ("banked", phrase("Banked")),
)
#: Label, what it is, and the field of the ladder that holds it.
BESIDE = (
    (
        phrase("Avoided"),
        phrase("hiring or spending that did not happen, volume absorbed"),
        "avoided",
    ),
    (phrase("Soft"), phrase("quantified, neither hard nor avoided"), "soft"),
)


@page("money.view")
@require_GET
def ladder(request: HttpRequest) -> HttpResponse:
    """Show the ladder, the queue of finance and the league; the league alone when asked for."""
    part = request.headers.get("HX-Target", "")
    if part == "league":
        return render_fragment(request, TEMPLATE, "league", _league(request))
    return render(request, TEMPLATE, context(request))


def context(request: HttpRequest, attempt: Attempt | None = None) -> dict[str, Any]:
    """Give everything the page shows; a refused signature comes back with its sentence."""
    at = rollups.moment(now=timezone.now())
    return {
        **_ladder(request, at),
        "bridge": _bridge(request, at),
        **_league(request),
        **queue(request, attempt or Attempt()),
    }


def queue(request: HttpRequest, attempt: Attempt) -> dict[str, Any]:
    """Give what waits for validation and for the books, by benefit, and whether one may sign."""
    viewer = viewer_of(request)
    may_sign = access.can_anywhere(viewer, "value.validate")
    review = value.queue(waiting=value.waiting_for_review(viewer=viewer), limit=QUEUE_SHOWN)
    bank = value.queue(waiting=value.waiting_for_bank(viewer=viewer), limit=QUEUE_SHOWN)
    run_out = value.expired(viewer=viewer, on=timezone.localdate()).exclude(claimant=viewer)
    old = value.queue(waiting=run_out, limit=QUEUE_SHOWN)
    return {
        "may_sign": may_sign,
        "sign_reason": "" if may_sign else access.can(viewer, "value.validate").reason,
        "review": signing.by_benefit(review.months, attempt, "sign"),
        "bank": signing.by_benefit(bank.months, attempt, "bank"),
        "expired": signing.by_benefit(old.months, attempt, "sign"),
        "expired_words": _expired_words(old),
        "review_words": _waiting_words(review, worded("validation")),
        "bank_words": _waiting_words(bank, worded("a budget line or a journal")),
        "review_rest": _rest_words(review),
        "bank_rest": _rest_words(bank),
        "stray": attempt.stray,
        "at_queue": True,
    }


def _waiting_words(waiting: value.Queue, what: str) -> str:
    if not waiting.month_count:
        return worded("Nothing waits for {what}", what=what)
    benefits = spelling.plural(waiting.benefit_count, "benefit")
    return worded_count(
        "{count} month of {benefits} waits for {what}",
        "{count} months of {benefits} wait for {what}",
        count=waiting.month_count,
        benefits=benefits,
        what=what,
    )


def _expired_words(old: value.Queue) -> str:
    if not old.month_count:
        return ""
    months = spelling.plural(old.month_count, "month")
    return worded(
        "The validation of {months} has run out; look again and sign, or reject", months=months
    )


def _rest_words(waiting: value.Queue) -> str:
    """Say what the list leaves for later; empty when it holds everything."""
    if waiting.benefit_count <= QUEUE_SHOWN:
        return ""
    rest = spelling.plural(waiting.benefit_count - QUEUE_SHOWN, "benefit")
    return worded(
        "The {shown} that have waited longest; {rest} more follow as these are signed.",
        shown=QUEUE_SHOWN,
        rest=rest,
    )


# --- the ladder ---------------------------------------------------------------------------------


def _ladder(request: HttpRequest, at: rollups.Moment) -> dict[str, Any]:
    is_year = request.GET.get("span") != "all"
    found = rollups.ladder(viewer=viewer_of(request), as_of=at, is_year=is_year)
    if found is None:
        return {"ladder": None, "is_year": is_year}
    amounts = {rung: _amount(found.rungs[rung]) for rung in rollups.RUNGS}
    rungs = [_rung(rung, found, amounts) for rung in rollups.RUNGS]
    parts = _parts(amounts)
    return {
        "ladder": found,
        "is_year": is_year,
        "rungs": rungs,
        "spend": _shown(found.spend),
        "parts": parts,
        "part_amounts": [part["amount"] for part in parts],
        "finding": _finding(found, amounts),
        "beside": _beside(found),
        "is_bare": all(
            shown.value is None
            for shown in (*found.rungs.values(), *found.avoided.values(), *found.soft.values())
        ),
        "left_out": max(shown.left_out for shown in found.rungs.values()),
    }


def _rung(rung: str, found: rollups.Ladder, amounts: Mapping[str, Decimal]) -> dict[str, Any]:
    promised = amounts["promised"]
    share = None
    if rung != "promised" and promised > 0 and found.rungs[rung].value is not None:
        share = float(amounts[rung] / promised)
    return {
        **_shown(found.rungs[rung]),
        "rung": rung,
        "label": rung.capitalize(),
        "meaning": MEANING[rung],
        "share": share,
    }


def _beside(found: rollups.Ladder) -> list[dict[str, Any]]:
    """Give the types that never share the headline, where there is anything of them."""
    lines = []
    for label, meaning, rungs in BESIDE:
        shown: Mapping[str, rollups.Shown] = getattr(found, rungs)
        if all(each.value is None for each in shown.values()):
            continue
        cells = []
        for rung, words in COLUMNS:
            name = f"{said(words)}, {said(label)}"
            if rung in shown:
                cells.append({"label": name, **_shown(shown[rung])})
            else:
                cells.append({"label": name, "reason": worded("No budget line can hold it.")})
        lines.append({"label": label, "meaning": meaning, "cells": cells})
    return lines


def _shown(shown: rollups.Shown) -> dict[str, Any]:
    out = shown.left_out
    return {
        "value": shown.value,
        "reason": shown.reason,
        "passport": reverse("passport", args=[shown.figure, shown.subject]),
        "left_out": worded("excludes {out}", out=spelling.plural(out, "initiative")) if out else "",
    }


def _amount(shown: rollups.Shown) -> Decimal:
    return shown.value if isinstance(shown.value, Decimal) else Decimal(0)


def _parts(amounts: Mapping[str, Decimal]) -> list[dict[str, Any]]:
    """Split the promise: banked, validated beyond that, measured beyond, and the rest."""
    banked, validated = amounts["banked"], amounts["validated"]
    measured = max(amounts["measured"] - validated, Decimal(0))
    rest = max(amounts["promised"] - max(amounts["measured"], validated), Decimal(0))
    pieces = (
        ("r3", worded("banked"), banked),
        ("r2", worded("validated, not banked"), max(validated - banked, Decimal(0))),
        ("r1", worded("measured, not validated"), measured),
        ("r0", worded("promised, not measured"), rest),
    )
    return [{"tone": tone, "label": label, "amount": amount} for tone, label, amount in pieces]


def _finding(found: rollups.Ladder, amounts: Mapping[str, Decimal]) -> str:
    """Say how much of the promise finance agreed to, computed from what is drawn."""
    if found.rungs["promised"].value is None or not amounts["promised"]:
        return worded("From promise to bank")
    if found.rungs["validated"].value is None:
        return worded("Finance has not validated any of the promise yet")
    share = spelling.percent(amounts["validated"] / amounts["promised"])
    if found.rungs["banked"].value is None:
        return worded(
            "{share} of the promised benefit is validated, none of it is banked", share=share
        )
    banked = spelling.percent(amounts["banked"] / amounts["promised"])
    return worded(
        "{share} of the promised benefit is validated, {banked} is banked",
        share=share,
        banked=banked,
    )


def _bridge(request: HttpRequest, at: rollups.Moment) -> dict[str, Any] | None:
    found = rollups.value_bridge(viewer=viewer_of(request), as_of=at)
    return bridges.shown(found, subject="portfolio")


# --- the league ---------------------------------------------------------------------------------


def _league(request: HttpRequest) -> dict[str, Any]:
    sort = request.GET.get("sort", "")
    if sort.removeprefix("-") not in rollups.LEAGUE_SORTS:
        sort = "-validated"
    rows = rollups.league(viewer=viewer_of(request), sort=sort)
    shown = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    runs = rollups.validated_runs(
        viewer=viewer_of(request),
        initiatives=[row.initiative_id for row in shown],
        through=rollups.moment(now=timezone.now()).through,
    )
    return {
        "page": shown,
        "default_sort": "-validated",
        "lines": [_line(row, today, runs.get(row.initiative_id, ())) for row in shown],
        "columns": COLUMNS,
        "currency": next((row.currency for row in shown), ""),
    }


def _line(row: Any, today: dt.date, run: Sequence[Decimal | None]) -> dict[str, Any]:
    key = row.initiative.key
    cells = []
    for rung, label in COLUMNS:
        figure = f"{rung}_to_date"
        cells.append(
            {
                "label": label,
                "value": getattr(row, figure),
                "reason": row.reasons.get(figure, ""),
                "passport": reverse("passport", args=[figure, key]),
            }
        )
    stage = row.initiative.stage
    return {
        "row": row,
        "key": key,
        "name": row.initiative.name,
        "stage": stage.name if stage else "",
        "cells": cells,
        "run": run if any(amount is not None for amount in run) else (),
        "rung": next(
            (label for rung, label in reversed(COLUMNS) if getattr(row, f"{rung}_to_date")), ""
        ),
        "stale": worded("A KPI reading is overdue.") if row.is_stale(today) else "",
        "roi_passport": reverse("passport", args=["roi_validated", key]),
        "roi_reason": row.reasons.get("roi_validated", ""),
        "npv_passport": reverse("passport", args=["npv_promised", key]),
        "npv_reason": row.reasons.get("npv_promised", ""),
        "payback_passport": reverse("passport", args=["payback_promised", key]),
        "payback_reason": row.reasons.get("payback_promised", ""),
    }
