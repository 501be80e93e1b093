"""What to fund: the list of scenarios, one with its answer, and what is proposed from it."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance_app.domain.errors import Sentence
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.scenarios import choices, selectors, services
from portfolio.charts import frontier, spelling
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import wants_fragment
from portfolio.web.jobs import beside_its_job

PAGE_SIZE = 50


@page("money.view")
@require_GET
def scenarios(request: HttpRequest) -> HttpResponse:
    """List the scenarios, newest first, and what waits for gates."""
    viewer = viewer_of(request)
    shown = Paginator(selectors.scenarios(viewer=viewer), PAGE_SIZE)
    context = {
        "page": shown.get_page(request.GET.get("page")),
        "states": choices.STATES,
        "actions": choices.ACTIONS,
        "proposals": [
            {"row": row, "may_take": access.can(viewer, "gate.ask", row)}
            for row in selectors.proposals(viewer=viewer)[:PAGE_SIZE]
        ],
        "may_ask": access.can_anywhere(viewer, "scenario.edit"),
        "ask_reason": access.can(viewer, "scenario.edit").reason,
    }
    return render(request, "scenarios/list.html", context)


@page("scenario.edit")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Ask what to fund."""
    viewer = viewer_of(request)
    if request.method == "GET":
        return render(request, "scenarios/form.html", _form(request, None, {}, ""))
    try:
        node = found(_node(request, viewer))
        one = services.add_scenario(node=node, by=viewer, **_read(request))
    except access.Refused:
        raise
    except Sentence as error:
        context = _form(request, None, request.POST.dict(), str(error))
        return render(request, "scenarios/form.html", context, status=422)
    return redirect("scenario", one.pk)


@page("scenario.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, scenario_id: str) -> HttpResponse:
    """Change the question; its answer goes."""
    one = _one(request, scenario_id)
    if request.method == "GET":
        return render(request, "scenarios/form.html", _form(request, one, _typed(request, one), ""))
    try:
        services.edit_scenario(
            scenario=one, by=viewer_of(request), version=fields.version(request.POST),
            **_read(request),
        )  # fmt: skip
    except access.Refused:
        raise
    except Sentence as error:
        context = _form(request, one, request.POST.dict(), str(error))
        return render(request, "scenarios/form.html", context, status=422)
    return redirect("scenario", one.pk)


@page("money.view")
@require_GET
def scenario(request: HttpRequest, scenario_id: str) -> HttpResponse:
    """Show one scenario: the question, the answer or how far it is, what else could be done."""
    return render(request, "scenarios/detail.html", _detail(request, scenario_id))


@page("scenario.edit")
@require_POST
def solve(request: HttpRequest, scenario_id: str) -> HttpResponse:
    """Let a job solve it."""
    one = _one(request, scenario_id)
    services.ask(scenario=one, by=viewer_of(request))
    return redirect("scenario", one.pk)


@page("scenario.edit")
@require_POST
def copy(request: HttpRequest, scenario_id: str) -> HttpResponse:
    """Copy the question under another name."""
    one = _one(request, scenario_id)
    name = request.POST.get("name", "").strip() or f"{one.name}, another"
    made = services.copy_scenario(scenario=one, name=name, by=viewer_of(request))
    return redirect("scenario-edit", made.pk)


@page("scenario.propose")
@require_POST
def propose(request: HttpRequest, scenario_id: str) -> HttpResponse:
    """Propose the answer to gates, or take back what was proposed."""
    one = _one(request, scenario_id)
    viewer = viewer_of(request)
    if request.POST.get("action") == "hand-over":
        job = services.ask_hand_over(scenario=one, by=viewer)
        return redirect("job", job.pk)
    if request.POST.get("action") == "withdraw":
        count = services.withdraw(scenario=one, by=viewer)
        messages.info(
            request, worded("{proposals} withdrawn.", proposals=spelling.plural(count, "proposal"))
        )
        return redirect("scenario", one.pk)
    try:
        count = services.propose(scenario=one, sentence=request.POST.get("sentence", ""), by=viewer)
    except access.Refused:
        raise
    except Sentence as error:
        context = _detail(request, scenario_id, error=str(error))
        return render(request, "scenarios/detail.html", context, status=422)
    messages.info(
        request, worded("{proposals} sent to gates.", proposals=spelling.plural(count, "proposal"))
    )
    return redirect("scenario", one.pk)


@page("gate.ask")
@require_POST
def take(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """Take one proposal to the gate of its initiative."""
    viewer = viewer_of(request)
    row = found(selectors.proposal(viewer=viewer, proposal_id=proposal_id))
    try:
        asked = services.take_to_gate(proposal=row, by=viewer)
    except access.Refused:
        raise
    except Sentence as error:
        messages.error(request, str(error))
        return redirect("scenarios")
    messages.info(
        request, worded("{asked} takes it up: add what proves it, then submit it.", asked=asked)
    )
    return redirect("gate-request", asked.number)


@page("scenario.edit")
@require_POST
def remove(request: HttpRequest, scenario_id: str) -> HttpResponse:
    """Remove a scenario that proposed nothing."""
    one = _one(request, scenario_id)
    try:
        services.remove_scenario(scenario=one, by=viewer_of(request))
    except access.Refused:
        raise
    except Sentence as error:
        context = _detail(request, scenario_id, error=str(error))
        return render(request, "scenarios/detail.html", context, status=422)
    messages.info(request, worded("{scenario} removed.", scenario=one.name))
    return redirect("scenarios")


def _one(request: HttpRequest, scenario_id: str) -> Any:
    return found(selectors.scenario(viewer=viewer_of(request), scenario_id=scenario_id))


def _nodes(viewer: Any) -> list[Any]:
    root = people.organisation()
    whole = [root] if root is not None and access.can(viewer, "scenario.edit", root) else []
    units = people.units(viewer=viewer)
    return [*whole, *(unit for unit in units if access.can(viewer, "scenario.edit", unit))]


def _node(request: HttpRequest, viewer: Any) -> Any:
    asked = request.POST.get("node", "")
    return next((node for node in _nodes(viewer) if str(node.pk) == asked), None)


def _read(request: HttpRequest) -> dict[str, Any]:
    """Read the form into the limits of a scenario."""
    asked = request.POST
    years = selectors.years(on=timezone.localdate())
    limits: dict[str, Any] = {
        "name": asked.get("name", ""),
        "risk_cap": fields.number(asked.get("risk_cap", ""), "Risk cap"),
        "must": _keys(asked.get("must", "")),
        "never": _keys(asked.get("never", "")),
        "either": [_keys(line) for line in asked.get("either", "").splitlines() if line.strip()],
        "keeps_dependencies": asked.get("keeps_dependencies") == "yes",
        "seconds": fields.whole(asked.get("seconds", ""), "Seconds to search") or 60,
    }
    if asked.get("currency", "").strip():
        limits["currency"] = asked["currency"].strip().upper()
    for name, words in (("budgets", "Budget"), ("people", "People cost")):
        amounts = {
            year: fields.number(asked.get(f"{name}-{place}", ""), f"{words} {year}")
            for place, year in enumerate(years)
        }
        limits[name] = {year: amount for year, amount in amounts.items() if amount is not None}
    return limits


def _keys(text: str) -> list[str]:
    return [word.upper() for word in text.replace(",", " ").split()]


def _typed(request: HttpRequest, one: Any) -> dict[str, Any]:
    """Give a scenario as its form holds it."""
    viewer = viewer_of(request)
    years = selectors.years(on=timezone.localdate())
    typed: dict[str, Any] = {
        "name": one.name,
        "currency": one.currency,
        "risk_cap": "" if one.risk_cap is None else f"{one.risk_cap.normalize():f}",
        "must": " ".join(selectors.keys_of(viewer=viewer, ids=one.must)),
        "never": " ".join(selectors.keys_of(viewer=viewer, ids=one.never)),
        "either": "\n".join(
            " ".join(selectors.keys_of(viewer=viewer, ids=group)) for group in one.either
        ),
        "keeps_dependencies": "yes" if one.keeps_dependencies else "",
        "seconds": str(one.seconds),
    }
    for name in ("budgets", "people"):
        amounts = getattr(one, name)
        typed |= {f"{name}-{place}": amounts.get(year, "") for place, year in enumerate(years)}
    return typed


def _form(request: HttpRequest, one: Any, typed: dict[str, Any], error: str) -> dict[str, Any]:
    years = selectors.years(on=timezone.localdate())
    return {
        "one": one,
        "error": error,
        "typed": typed or {"keeps_dependencies": "yes", "seconds": "60"},
        "nodes": [] if one else _nodes(viewer_of(request)),
        "years": [
            {
                "label": year,
                "budget": typed.get(f"budgets-{place}", ""),
                "people": typed.get(f"people-{place}", ""),
                "place": place,
            }
            for place, year in enumerate(years)
        ],
    }


def _detail(request: HttpRequest, scenario_id: str, *, error: str = "") -> dict[str, Any]:
    viewer = viewer_of(request)
    one, moving = beside_its_job(
        request,
        lambda: _one(request, scenario_id),
        job_of=lambda row: row.job_id if _is_at_work(row) else None,
    )
    is_working = bool(moving) and _is_at_work(one)
    shown = Paginator(selectors.candidates(viewer=viewer, scenario=one), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    others = [
        each
        for each in selectors.scenarios(viewer=viewer)[:PAGE_SIZE]
        if each.state == "solved" and each.pk != one.pk
    ]
    asked = request.GET.get("with", "")
    other = next((each for each in others if str(each.pk) == asked), None)
    return {
        "one": one,
        "error": error,
        "state": choices.STATES[one.state],
        "has_failed": one.state == "solving" and not is_working,
        **moving,
        "is_working": is_working,
        "question": _question(viewer, one),
        "result": _result(one),
        "page": shown,
        "others": others,
        "comparison": selectors.compare(viewer=viewer, one=one, other=other) if other else None,
        "proposed": selectors.proposals(viewer=viewer, scenario=one).count(),
        "taken": list(selectors.taken(viewer=viewer, scenario=one)[:PAGE_SIZE]),
        "may_edit": access.can(viewer, "scenario.edit", one),
        "may_propose": access.can(viewer, "scenario.propose", one),
        "is_fragment": wants_fragment(request),
    }


def _is_at_work(one: Any) -> bool:
    return one.state == "solving" and one.job is not None and one.job.finished_at is None


def _question(viewer: Any, one: Any) -> list[tuple[str, str]]:
    """Write the question in words, a limit a line."""
    lines = [
        (
            f"{words} {year}",
            worded("at most {most}", most=spelling.money(Decimal(most), one.currency)),
        )
        for words, amounts in (
            (worded("Budget"), one.budgets),
            (worded("People cost"), one.people),
        )
        for year, most in sorted(amounts.items())
    ]
    if one.risk_cap is not None:
        most = f"{one.risk_cap.normalize():f}"
        lines.append((worded("Risk points"), worded("at most {most}", most=most)))
    for words, ids in ((worded("Must-dos"), one.must), (worded("Excluded"), one.never)):
        keys = selectors.keys_of(viewer=viewer, ids=ids)
        if keys:
            lines.append((words, ", ".join(keys)))
    for group in one.either:
        keys = selectors.keys_of(viewer=viewer, ids=group)
        lines.append((worded("At most one of"), ", ".join(keys)))
    kept = worded("kept") if one.keeps_dependencies else worded("left aside")
    lines.append((worded("Dependencies"), kept))
    return lines


def _result(one: Any) -> dict[str, Any] | None:
    """Give the answer as the page shows it."""
    told = one.result
    if not told:
        return None
    drawn = told.get("frontier") or {}
    picture = None
    if drawn:
        picture = frontier.build(
            points=[(point["most"], point["value"]) for point in drawn["points"]],
            standing=(drawn["standing"], told["value"]),
            limit=drawn["limit"],
            currency=one.currency,
            title=_finding(one, drawn),
        )
    return {
        **told,
        "picture": picture,
        "uses": [
            {**use, "ratio": use["used"] / use["most"] if use["most"] else None}
            for use in told["uses"]
        ],
        "left_out": sorted(told["left_out"].items(), key=lambda each: -each[1]),
        "left_count": sum(told["left_out"].values()),
    }


def _finding(one: Any, drawn: dict[str, Any]) -> str:
    """Say what a little more of the drawn budget buys, from the answer."""
    use = next(each for each in one.result["uses"] if each["name"] == drawn["limit"])
    if not use["is_binding"]:
        return worded("{limit} does not hold the value down", limit=drawn["limit"])
    gain = spelling.money(use["gain"], one.currency)
    more = spelling.money(use["more"], one.currency)
    return worded("{more} more buys {gain} of value", more=more, gain=gain)


_ONE = "value/scenarios/<uuid:scenario_id>/"

urlpatterns = [
    path("value/scenarios/", scenarios, name="scenarios"),
    path("value/scenarios/add/", add, name="scenario-add"),
    path(_ONE, scenario, name="scenario"),
    path(f"{_ONE}edit/", edit, name="scenario-edit"),
    path(f"{_ONE}solve/", solve, name="scenario-solve"),
    path(f"{_ONE}copy/", copy, name="scenario-copy"),
    path(f"{_ONE}propose/", propose, name="scenario-propose"),
    path(f"{_ONE}remove/", remove, name="scenario-remove"),
    path("value/proposals/<uuid:proposal_id>/take/", take, name="scenario-take"),
]
