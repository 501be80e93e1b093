"""Requests at gates: the list, asking, and the page on which one decides."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance_app.domain import risk as risk_words
from governance_app.domain.errors import Sentence
from governance_app.domain.gates import ENDINGS
from governance_app.domain.phrases import phrase
from governance_app.files import services as files
from governance_app.gates import selectors, services
from governance_app.gates.services import FactsChanged
from governance_app.initiatives import selectors as initiatives
from governance_app.oversight import selectors as oversight
from governance_app.people import access
from governance_app.risk import selectors as risks
from governance_app.scenarios import selectors as scenarios
from portfolio.charts.wording import said, worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.fresh import address_of, password_given_at, take_password
from portfolio.web.governance.trying import attempt

PER_PAGE = 50
STATES = {
    "in_review": phrase("In review"),
    "draft": phrase("Drafts"),
    "approved": phrase("Approved"),
    "rejected": phrase("Rejected"),
    "changes": phrase("Changes wanted"),
    "stale": phrase("Overtaken"),
    "expired": phrase("Expired"),
    "withdrawn": phrase("Withdrawn"),
}
MARKS = {
    "in_review": "warn", "approved": "ok", "rejected": "bad", "stale": "bad", "expired": "bad",
    "changes": "warn", "draft": "none", "withdrawn": "none",
}  # fmt: skip
RESULTS = {
    "passed": ("ok", phrase("passes")),
    "not_applicable": ("none", phrase("does not apply")),
    "failed": ("bad", phrase("fails")),
    "unknown": ("warn", phrase("unknown")),
}
LEVELS = {"block": phrase("blocks"), "escalate": phrase("escalates"), "warn": phrase("warns")}


@page("view")
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """List the requests a viewer may see, by state."""
    viewer = viewer_of(request)
    rows = selectors.requests(viewer=viewer)
    state = request.GET.get("state", "")
    wanted = state if state in STATES else ""
    text = request.GET.get("q", "").strip()
    if wanted:
        rows = rows.filter(state=wanted)
    if text:
        rows = rows.filter(initiative__name__icontains=text) | rows.filter(
            initiative__key__iexact=text
        )
    paginator = Paginator(rows, PER_PAGE)
    shown = paginator.get_page(request.GET.get("page"))
    context = {
        "tab": "requests",
        "today": timezone.localdate(),
        "page": shown,
        "rows": [{"row": row, "mark": MARKS[row.state]} for row in shown],
        "states": STATES,
        "state": wanted,
        "text": text,
        "may_ask": access.can_anywhere(viewer, "gate.ask"),
    }
    return render(request, "governance/requests.html", context)


@page("gate.ask")
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Begin a request for an initiative."""
    viewer = viewer_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    key = asked.get("initiative", "").strip().upper()
    row = initiatives.initiative(viewer=viewer, key=key) if key else None
    error = ""
    if request.method == "POST":
        try:
            if row is None:
                raise Sentence(f"There is no initiative “{key}” that you may see.")
            made = services.ask(
                initiative=row,
                to_stage=asked.get("to_stage", ""),
                proposal=asked.get("proposal", "scale"),
                reason=asked.get("reason", ""),
                model_version=asked.get("model_version", "").strip()[:200],
                by=viewer,
            )
            return redirect("gate-request", made.number)
        except access.Refused:
            raise
        except Sentence as refusal:
            error = str(refusal)
    stage = asked.get("to_stage", "")
    outlook = None
    if row is not None and stage and not error:
        outlook = selectors.outlook(
            viewer=viewer, initiative=row, on=timezone.localdate(), stage=stage,
            proposal=asked.get("proposal", "scale"),
        )  # fmt: skip
    context = {
        "tab": "requests",
        "row": row,
        "key": key,
        "typed": asked,
        "error": error,
        "stages": _stages(row),
        "proposals": ENDINGS,
        "findings": _findings(outlook.judged.verdict) if outlook else [],
        "outlook": outlook,
    }
    return render(request, "governance/ask.html", context, status=422 if error else 200)


@page("view")
@require_GET
def decision(request: HttpRequest, number: int) -> HttpResponse:
    """Show everything a decider needs, and the buttons they may press."""
    return _decision(request, _load(request, number))


@page("view")
@require_POST
def act(request: HttpRequest, number: int) -> HttpResponse:
    """Add evidence, submit, decide, withdraw, look again, or look at a sample."""
    viewer, row, asked = viewer_of(request), _load(request, number), request.POST
    verb = asked.get("do", "")

    def do() -> str:
        if verb == "evidence":
            return _evidence(request, row)
        if verb == "submit":
            done = services.submit(request=row, by=viewer, version=fields.version(asked))
            return worded("{done} waits for its deciders.", done=done)
        if verb == "withdraw":
            services.withdraw(request=row, by=viewer, version=fields.version(asked))
            return worded("{row} was withdrawn.", row=row)
        if verb == "refresh":
            done = services.refresh(request=row, by=viewer)
            return worded(
                "{done} is {state}.",
                done=done,
                state=said(done.get_state_display()).lower(),
            )
        if verb == "sample":
            review = found(selectors.samples(viewer=viewer).filter(request=row).first())
            services.look_at_sample(
                review=review, finding=asked.get("finding", ""),
                sentence=asked.get("sentence", ""), by=viewer,
            )  # fmt: skip
            return worded("You looked at {row}.", row=row)
        return _decide(request, row, verb)

    def refused(error: Sentence) -> HttpResponse:
        if isinstance(error, FactsChanged):
            services.refresh(request=row, by=viewer)
        return _decision(request, _load(request, number), error=str(error))

    return attempt(request, do, back=reverse("gate-request", args=[number]), refused=refused)


@page("view")
@require_GET
def of_initiative(request: HttpRequest, key: str) -> HttpResponse:
    """Show the gates of one initiative: its requests, who answers for what, its guardrails."""
    viewer, today = viewer_of(request), timezone.localdate()
    row = found(initiatives.initiative(viewer=viewer, key=key))
    stage = row.stage.slug if row.stage else ""
    outlook = (
        selectors.outlook(viewer=viewer, initiative=row, on=today, stage=stage, proposal="continue")
        if stage
        else None
    )
    context = {
        "row": row,
        "rows": [
            {"row": each, "mark": MARKS[each.state]}
            for each in selectors.requests(viewer=viewer, initiative=row)
        ],
        "findings": _findings(outlook.judged.verdict) if outlook else [],
        "mode": outlook.judged.mode if outlook else None,
        "breaches": selectors.breaches(viewer=viewer).filter(initiative=row),
        "duties": selectors.raci(initiative=row, on=today),
        "letters": selectors.LETTERS,
        "gate_duties": selectors.gate_duties(initiative=row, on=today),
        "may_ask": access.can(viewer, "gate.ask", row),
        "may_break": access.can(viewer, "gate.emergency", row),
        "stages": _stages(row),
        "emergencies": selectors.emergencies(viewer=viewer).filter(initiative=row),
        "actions": oversight.actions(viewer=viewer, initiative=row)[:PER_PAGE],
        "may_act": access.can(viewer, "oversight.act", row),
        "people": [duty.person for duty in _present(viewer, row, today)],
        "today": today,
    }
    return render(request, "governance/initiative.html", context)


def _present(viewer: Any, row: Any, today: Any) -> list[Any]:
    """Give the duties of an initiative that somebody active holds, each person once."""
    held = selectors.raci(initiative=row, on=today)
    kept = {duty.person.pk: duty for duty in held if duty.person and duty.person.is_active}
    return list(kept.values())


def _load(request: HttpRequest, number: int) -> Any:
    return found(selectors.request(viewer=viewer_of(request), number=number))


def _decision(request: HttpRequest, row: Any, *, error: str = "") -> HttpResponse:
    viewer, today = viewer_of(request), timezone.localdate()
    outlook = selectors.outlook(viewer=viewer, initiative=row.initiative, on=today, request=row)
    seats = selectors.seats(row=row, viewer=viewer) if row.submitted_at else []
    yours = [each for each in selectors.waiting_for(viewer=viewer, on=today)
             if each.request.pk == row.pk]  # fmt: skip
    is_drafted = row.state == "draft"
    verdict = (
        outlook.judged.verdict
        if is_drafted or row.state == "in_review"
        else selectors.verdict_again(row=row)
        if row.verdict
        else outlook.judged.verdict
    )
    standing = risks.standing(initiative=row.initiative, viewer=viewer, on=today)
    context = {
        "tab": "requests",
        "today": today,
        "row": row,
        "mark": MARKS[row.state],
        "error": error,
        "typed": request.POST,
        "findings": _findings(verdict),
        "verdict": verdict,
        "outlook": outlook,
        "seats": seats,
        "yours": yours[0] if yours else None,
        "evidence": [
            {"row": each, "kind": selectors.EVIDENCE.get(each.kind, each.kind)}
            for each in selectors.evidence(request=row, viewer=viewer)
        ],
        "kinds": selectors.EVIDENCE,
        "endings": {name: ENDINGS[name] for name in ("continue", "pivot", "stop")},
        "risk": standing,
        "risk_level": risk_words.level_name(standing.standing.level),
        "risks": list(risks.risks(viewer=viewer, initiative=row.initiative)[:5]),
        "others": selectors.requests(viewer=viewer, initiative=row.initiative).exclude(pk=row.pk)[
            :5
        ],
        "may_ask": access.can(viewer, "gate.ask", row),
        "may_prove": access.can(viewer, "gate.ask", row) or access.can(viewer, "gate.risk", row),
        "sample": selectors.samples(viewer=viewer).filter(request=row).first(),
        "may_look": access.can(viewer, "gate.risk", row) or access.can(viewer, "gate.decide", row),
        "released": row.released,
        "funding": scenarios.proposed_by(viewer=viewer, request=row),
        "needs_password": _password_minutes(request, row) if yours else 0,
    }
    return render(request, "governance/decision.html", context, status=422 if error else 200)


def _password_minutes(request: HttpRequest, row: Any) -> int:
    """Give how young the password must be, where the one given last is older."""
    minutes = selectors.minutes_asked(request=row, on=timezone.localdate())
    is_fresh = selectors.is_fresh(
        minutes=minutes, authenticated_at=password_given_at(request), now=timezone.now()
    )
    return 0 if is_fresh else minutes


def _decide(request: HttpRequest, row: Any, choice: str) -> str:
    viewer, asked = viewer_of(request), request.POST
    waiting = next(
        (
            each
            for each in selectors.waiting_for(viewer=viewer, on=timezone.localdate())
            if each.request.pk == row.pk
        ),
        None,
    )
    take_password(request)
    done = services.decide(
        request=row,
        choice=choice,
        by=viewer,
        facts_hash=asked.get("facts_hash", ""),
        sentence=asked.get("sentence", ""),
        ending=asked.get("ending", "") if choice == "reject" else "",
        acting_for=waiting.acting_for if waiting else None,
        authenticated_at=password_given_at(request),
        ip=address_of(request),
    )
    if done.state == "approved":
        return worded(
            "{done} is approved: {ending}.",
            done=done,
            ending=said(done.get_ending_display()).lower(),
        )
    if done.state == "in_review":
        return worded("Your decision on {done} counts; others are still to decide.", done=done)
    return worded(
        "{done} is {state}.",
        done=done,
        state=said(done.get_state_display()).lower(),
    )


def _evidence(request: HttpRequest, row: Any) -> str:
    viewer, asked = viewer_of(request), request.POST
    given = request.FILES.get("file")
    kept = None
    if given is not None:
        kept = files.store(content=given.file, name=given.name or "evidence", by=viewer)  # type: ignore[arg-type]
    made = services.add_evidence(
        request=row,
        title=asked.get("title", "")[:300],
        kind=asked.get("kind", ""),
        collected_on=fields.needed_day(asked.get("collected_on", ""), worded("Collected on")),
        reference=asked.get("reference", "")[:500],
        file=kept,
        by=viewer,
    )
    return worded("Attached “{made}”.", made=made)


def _findings(verdict: Any) -> list[dict[str, Any]]:
    """Order findings by what they stop: those that fail first."""
    order = {"failed": 0, "unknown": 1, "passed": 2, "not_applicable": 3}
    levels = {"block": 0, "escalate": 1, "warn": 2}
    rows = sorted(verdict.findings, key=lambda f: (order[f.result], levels[f.level], f.title))
    return [
        {
            "finding": each,
            "mark": "warn"
            if each.level == "warn" and not each.is_green
            else RESULTS[each.result][0],
            "words": RESULTS[each.result][1],
            "level": LEVELS[each.level],
        }
        for each in rows
    ]


def _stages(row: Any) -> list[Any]:
    if row is None or row.stage is None:
        return []
    return list(row.stage.template.stages.order_by("position"))
