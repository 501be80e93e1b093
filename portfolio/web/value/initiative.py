"""The value of one initiative: three panels, each at its own address, and what is done in them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from governance_app.domain.errors import Sentence
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from governance_app.rollups import selectors as rollups
from governance_app.value import selectors as value
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.fields import Attempt, refused
from portfolio.web.htmx import say, wants_fragment
from portfolio.web.value import benefits as benefit_forms
from portfolio.web.value import bridges, case_versions, keeping, kpi_page, ladder, signing
from portfolio.web.value import cases as case_forms
from portfolio.web.value import kpis as kpi_forms

PAGE = "value/initiative.html"


def _load(request: HttpRequest, key: str) -> Any:
    return found(initiatives.initiative(viewer=viewer_of(request), key=key))


def _answer(
    request: HttpRequest,
    row: Any,
    panel: str,
    *,
    attempt: Attempt | None = None,
    trial: case_forms.Trial | None = None,
    toast: str = "",
) -> HttpResponse:
    """Show one panel to a page that holds it, else the page with all three."""
    attempt = attempt or Attempt()
    status = 422 if attempt.error else 200
    today = timezone.localdate()
    viewer = viewer_of(request)
    makers: dict[str, Callable[[], dict[str, Any]]] = {
        "kpis": lambda: kpi_forms.panel(row, viewer, today, attempt),
        "case": lambda: case_forms.panel(request, row, today, attempt, trial),
        "benefits": lambda: benefit_forms.panel(row, viewer, today, attempt),
    }
    context: dict[str, Any] = {"row": row}
    if wants_fragment(request):
        context[panel] = makers[panel]()
        context["stray"] = attempt.stray
        response = render(request, f"value/{panel}.html", context, status=status)
        response["Vary"] = "HX-Request"
        if toast:
            say(response, toast)
        return response
    if toast:
        messages.info(request, toast)
        return redirect(f"{reverse('initiative-value', args=[row.key])}#{panel}")
    context |= {name: make() for name, make in makers.items()}
    at = rollups.moment(now=timezone.now())
    found_bridge = rollups.value_bridge(viewer=viewer, as_of=at, initiative=row)
    context["bridge"] = bridges.shown(found_bridge, subject=row.key)
    context["stray"] = attempt.stray
    return render(request, PAGE, context, status=status)


def _try(
    request: HttpRequest, row: Any, panel: str, form: str, act: Callable[[], str]
) -> HttpResponse:
    """Do what a form asks for; a sentence that refuses it stands beside that form."""
    try:
        toast = act()
    except access.Refused:
        raise
    except Sentence as error:
        return _answer(request, row, panel, attempt=refused(form, error, request.POST))
    return _answer(request, row, panel, toast=toast)


@page("view")
@require_GET
def panels(request: HttpRequest, key: str) -> HttpResponse:
    """Show KPIs, business case and benefits of one initiative."""
    return _answer(request, _load(request, key), "kpis")


# --- KPIs ---------------------------------------------------------------------------------------


@page("view")
@require_GET
def kpis(request: HttpRequest, key: str) -> HttpResponse:
    """Show the KPIs."""
    return _answer(request, _load(request, key), "kpis")


@page("value.edit")
@require_POST
def kpi_add(request: HttpRequest, key: str) -> HttpResponse:
    """Add a KPI."""
    row = _load(request, key)
    return _try(request, row, "kpis", "kpi-add", lambda: kpi_forms.add(request, row))


def _kpi(request: HttpRequest, key: str, kpi_id: str) -> tuple[Any, Any]:
    row = _load(request, key)
    rows = value.kpis(initiative=row, viewer=viewer_of(request))
    return row, found(rows.filter(pk=kpi_id).first())


@page("view")
@require_GET
def kpi(request: HttpRequest, key: str, kpi_id: str) -> HttpResponse:
    """Show one KPI: where it stands, whether it worked, what it says."""
    row, one = _kpi(request, key, kpi_id)
    context = kpi_page.context(request, row, one, timezone.localdate(), Attempt())
    return render(request, "value/kpi.html", context)


@page("value.edit")
@require_POST
def kpi_edit(request: HttpRequest, key: str, kpi_id: str) -> HttpResponse:
    """Save what a KPI says; a stale form comes back with both versions."""
    row, one = _kpi(request, key, kpi_id)
    try:
        toast = kpi_page.edit(request, one)
    except access.Refused:
        raise
    except Sentence as error:
        attempt = refused("kpi-edit", error, request.POST)
        _, current = _kpi(request, key, kpi_id)
        context = kpi_page.context(request, row, current, timezone.localdate(), attempt)
        return render(request, "value/kpi.html", context, status=422)
    messages.info(request, toast)
    return redirect("kpi", key=row.key, kpi_id=one.pk)


@page("reading.push")
@require_POST
def reading(request: HttpRequest, key: str, kpi_id: str) -> HttpResponse:
    """Record one reading of a KPI."""
    row = _load(request, key)
    kpi = found(value.kpis(initiative=row, viewer=viewer_of(request)).filter(pk=kpi_id).first())
    form = f"reading-{kpi.pk}"
    return _try(request, row, "kpis", form, lambda: kpi_forms.record(request, kpi))


@page("value.edit")
@require_POST
def kpi_adopt(request: HttpRequest, key: str) -> HttpResponse:
    """Take a KPI from the library."""
    row = _load(request, key)
    return _try(request, row, "kpis", "kpi-adopt", lambda: kpi_forms.adopt(request, row))


@page("reading.push")
@require_POST
def kpi_sheet(request: HttpRequest, key: str, kpi_id: str) -> HttpResponse:
    """Take the readings of a KPI from a sheet."""
    row, one = _kpi(request, key, kpi_id)
    try:
        toast = kpi_page.record_sheet(request, one, timezone.localdate())
    except access.Refused:
        raise
    except Sentence as error:
        attempt = refused("kpi-sheet", error, request.POST)
        context = kpi_page.context(request, row, one, timezone.localdate(), attempt)
        return render(request, "value/kpi.html", context, status=422)
    messages.info(request, toast)
    return redirect("kpi", key=row.key, kpi_id=one.pk)


# --- business case ------------------------------------------------------------------------------


@page("money.view")
@require_GET
def case(request: HttpRequest, key: str) -> HttpResponse:
    """Show the business case: the version and the periods that the address asks for."""
    return _answer(request, _load(request, key), "case")


@page("value.edit")
@require_POST
def case_write(request: HttpRequest, key: str) -> HttpResponse:
    """Check the lines of a case, and write them as the draft when asked to and nothing is wrong."""
    row = _load(request, key)
    access.require(viewer_of(request), "value.edit", row)
    try:
        trial = case_forms.read(request)
        if request.POST.get("action") != "write" or trial.all_problems:
            error = ""
            if request.POST.get("action") == "write":
                error = worded("Nothing was written: mend the problems below first.")
            attempt = Attempt("case-write", error, case_forms.kept(request, trial))
            return _answer(request, row, "case", attempt=attempt, trial=trial)
        toast = case_forms.write(request, row, trial)
    except access.Refused:
        raise
    except Sentence as error:
        attempt = refused("case-write", error, request.POST)
        return _answer(request, row, "case", attempt=attempt)
    return _answer(request, row, "case", toast=toast)


@page("money.view")
@require_GET
def case_workbook(request: HttpRequest, key: str, case_id: str) -> HttpResponse:
    """Give a version as a workbook with live formulas."""
    row = _load(request, key)
    versions = value.cases(initiative=row, viewer=viewer_of(request))
    return case_versions.workbook(request, row, found(versions.filter(pk=case_id).first()))


@page("value.edit")
@require_POST
def case_rebaseline(request: HttpRequest, key: str, case_id: str) -> HttpResponse:
    """Begin the next version as a copy of an approved one."""
    row = _load(request, key)
    versions = value.cases(initiative=row, viewer=viewer_of(request))
    case = found(versions.filter(pk=case_id).first())
    form = "case-rebaseline"
    return _try(request, row, "case", form, lambda: case_versions.rebaseline(request, case))


@page("value.approve")
@require_POST
def case_approve(request: HttpRequest, key: str, case_id: str) -> HttpResponse:
    """Approve a draft."""
    row = _load(request, key)
    versions = value.cases(initiative=row, viewer=viewer_of(request))
    draft = found(versions.filter(pk=case_id).first())
    form = "case-approve"
    return _try(request, row, "case", form, lambda: case_forms.approve(request, draft))


# --- benefits -----------------------------------------------------------------------------------


@page("money.view")
@require_GET
def benefits(request: HttpRequest, key: str) -> HttpResponse:
    """Show the benefits."""
    return _answer(request, _load(request, key), "benefits")


@page("value.edit")
@require_POST
def benefit_add(request: HttpRequest, key: str) -> HttpResponse:
    """Add a benefit."""
    row = _load(request, key)
    return _try(request, row, "benefits", "benefit-add", lambda: benefit_forms.add(request, row))


def _benefit(request: HttpRequest, key: str, benefit_id: str) -> tuple[Any, Any]:
    row = _load(request, key)
    rows = value.benefits(initiative=row, viewer=viewer_of(request))
    return row, found(rows.filter(pk=benefit_id).first())


@page("value.edit")
@require_POST
def claim(request: HttpRequest, key: str, benefit_id: str) -> HttpResponse:
    """Claim a month of a benefit."""
    row, benefit = _benefit(request, key, benefit_id)
    form = f"claim-{benefit.pk}"
    return _try(request, row, "benefits", form, lambda: benefit_forms.claim(request, benefit))


@page("money.view")
@require_POST
def keep(request: HttpRequest, key: str, benefit_id: str) -> HttpResponse:
    """Own, sign, end or rebase a benefit, or file its evidence; the service asks who may."""
    row, benefit = _benefit(request, key, benefit_id)
    form = f"keep-{benefit.pk}"
    return _try(request, row, "benefits", form, lambda: keeping.keep(request, benefit))


@page("value.edit")
@require_POST
def measure(request: HttpRequest, key: str, benefit_id: str) -> HttpResponse:
    """Let the KPI measure a benefit."""
    row, benefit = _benefit(request, key, benefit_id)
    today = timezone.localdate()
    form = f"measure-{benefit.pk}"
    return _try(
        request, row, "benefits", form, lambda: benefit_forms.measure(request, benefit, today)
    )


@page("value.validate")
@require_POST
def sign(request: HttpRequest, key: str, benefit_id: str) -> HttpResponse:
    """Validate or reject months of a benefit, from its panel or from the queue of finance."""
    row, benefit = _benefit(request, key, benefit_id)
    return _signed(request, row, f"sign-{benefit.pk}", lambda: signing.sign(request, benefit))


@page("value.validate")
@require_POST
def bank(request: HttpRequest, key: str, benefit_id: str) -> HttpResponse:
    """Bank validated months of a benefit, from its panel or from the queue of finance."""
    row, benefit = _benefit(request, key, benefit_id)
    return _signed(request, row, f"bank-{benefit.pk}", lambda: signing.bank(request, benefit))


def _signed(request: HttpRequest, row: Any, form: str, act: Callable[[], str]) -> HttpResponse:
    if request.POST.get("at") != "queue":
        return _try(request, row, "benefits", form, act)
    attempt, toast = Attempt(), ""
    try:
        toast = act()
    except access.Refused:
        raise
    except Sentence as error:
        attempt = refused(form, error, request.POST)
    status = 422 if attempt.error else 200
    if wants_fragment(request):
        context = ladder.queue(request, attempt)
        response = render(request, "value/queue.html", context, status=status)
        response["Vary"] = "HX-Request"
        if toast:
            say(response, toast)
        return response
    if toast:
        messages.info(request, toast)
        return redirect(f"{reverse('value')}#queue")
    return render(request, ladder.TEMPLATE, ladder.context(request, attempt), status=status)
