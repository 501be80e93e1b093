"""Carbon beside value: what each initiative emitted, what was reported, what is an estimate."""

import csv
import io
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import month as month_words
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from governance_app.rollups import selectors as rollups
from governance_app.spend import selectors as spend
from governance_app.value import selectors as value
from governance_app.value import services
from portfolio.charts import spelling
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of

SHOWN = 100
MOST_ROWS = 5000


@page("view")
@require_GET
def carbon(request: HttpRequest) -> HttpResponse:
    """Show the fiscal year to date by initiative."""
    return render(request, "value/carbon.html", _context(request))


@page("view")
@require_POST
def carbon_write(request: HttpRequest) -> HttpResponse:
    """Take a provider's report, an estimate, or a coefficient; the service asks who may."""
    acts = {"report": _report, "estimate": _estimate, "intensity": _intensity}
    try:
        act = acts.get(request.POST.get("action", ""))
        if act is None:
            raise Sentence("Choose what to write.")
        toast = act(request)
    except access.Refused:
        raise
    except Sentence as error:
        context = _context(request, error=str(error), typed=request.POST.dict())
        return render(request, "value/carbon.html", context, status=422)
    messages.info(request, toast)
    return redirect("value-carbon")


def _context(
    request: HttpRequest, *, error: str = "", typed: dict[str, Any] | None = None
) -> dict[str, Any]:
    viewer = viewer_of(request)
    at = rollups.moment(now=timezone.now())
    first, last = at.window.year_first, at.through
    rows = value.carbon(viewer=viewer, first=first, last=last)
    total = sum(row.kg for row in rows)
    estimated = sum(row.estimated_kg for row in rows)
    nobody = value.carbon_of_nobody(viewer=viewer, first=first, last=last)
    cost, currency = value.shadow_cost(kg=total + nobody, on=at.on)
    sees_money = access.can_anywhere(viewer, "money.view")
    return {
        "at": at,
        "rows": rows[:SHOWN],
        "rest": max(0, len(rows) - SHOWN),
        "total": total,
        "estimated_ratio": float(estimated / total) if total else None,
        "nobody": nobody,
        "shadow": cost,
        "shadow_currency": currency,
        "intensities": list(value.intensities(viewer=viewer)),
        "sources": list(spend.sources(viewer=viewer)) if sees_money else [],
        "may_report": access.can_anywhere(viewer, "spend.import"),
        "may_estimate": access.can_anywhere(viewer, "value.edit"),
        "may_set": access.can(viewer, "settings.edit"),
        "error": error,
        "typed": typed or {},
    }


def _report(request: HttpRequest) -> str:
    viewer = viewer_of(request)
    source = found(spend.source(viewer=viewer, source_id=request.POST.get("source") or None))
    upload = request.FILES.get("file")
    if upload is not None and (upload.size or 0) > 2 * 1024**2:
        raise Sentence(f"{upload.name} is larger than 2 MB; a report of carbon is not.")
    text = (
        upload.read().decode("utf-8-sig", "replace")
        if upload is not None
        else request.POST.get("rows", "")
    )
    rows = list(csv.reader(io.StringIO(text.strip())))
    if not rows:
        raise Sentence("Paste month, account and kilograms, or choose a CSV file.")
    if len(rows) > MOST_ROWS:
        raise Sentence(f"{len(rows):,} rows are too many; send at most {MOST_ROWS:,} at once.")
    if rows[0] and rows[0][0].strip().casefold() in ("month", "date"):
        rows = rows[1:]
    emitted = [_row(number, row) for number, row in enumerate(rows, start=2) if any(row)]
    count = services.report_carbon(source=source, rows=emitted, by=viewer)
    return worded(
        "{source}: {rows} taken.",
        source=source,
        rows=spelling.plural(count, "account and month", "accounts and months"),
    )


def _row(number: int, cells: list[str]) -> services.Emitted:
    if len(cells) != 3:
        raise Sentence(f"Row {number}: write month, account, kilograms; an account may be empty.")
    try:
        month = fields.needed_month(cells[0], "month")
        kg = fields.needed_number(cells[2], "kilograms")
    except Sentence as error:
        raise Sentence(f"Row {number}, {error}") from error
    return services.Emitted(cells[1].strip(), month, kg)


def _estimate(request: HttpRequest) -> str:
    viewer, asked = viewer_of(request), request.POST
    key = asked.get("initiative", "").strip().upper()
    row = initiatives.initiative(viewer=viewer, key=key)
    if row is None:
        raise Sentence(f"There is no initiative {key or 'without a key'} that you may see.")
    made = services.estimate_carbon(
        initiative=row,
        month=fields.needed_month(asked.get("month", ""), "Month"),
        kwh=fields.needed_number(asked.get("kwh", ""), "Energy"),
        region=asked.get("region", ""),
        by=viewer,
    )
    return worded(
        "{key}: {kg} kg CO2e in {month}, an estimate.",
        key=row.key,
        kg=f"{made.kg:,.1f}",
        month=month_words(made.month),
    )


def _intensity(request: HttpRequest) -> str:
    asked = request.POST
    row = services.set_intensity(
        region=asked.get("region", "")[:60],
        year=fields.whole(asked.get("year", ""), "Year") or timezone.localdate().year,
        kg_per_kwh=fields.needed_number(asked.get("kg_per_kwh", ""), "kg per kWh"),
        source=asked.get("source", ""),
        by=viewer_of(request),
    )
    return worded("{row}: kept.", row=row)
