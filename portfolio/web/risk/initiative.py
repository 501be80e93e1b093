"""The risks of one initiative: every term of each score, assessing, controls, signals."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from governance_app.compliance import selectors as compliance
from governance_app.compliance.standing import fresh_until
from governance_app.domain import risk as words
from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import Phrase, phrase
from governance_app.domain.records import ControlRecord
from governance_app.domain.risk import Line
from governance_app.files import services as files
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from governance_app.risk import selectors as risks
from governance_app.risk import services
from portfolio.charts import spelling
from portfolio.charts.wording import said, worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.fields import Attempt, refused
from portfolio.web.htmx import say, wants_fragment
from portfolio.web.risk.register import IMPACTS, LIKELIHOODS, lines

PAGE, PANEL = "risk/initiative.html", "risk/panel.html"
TREATMENTS = {
    "avoid": phrase("Avoid"),
    "mitigate": phrase("Mitigate"),
    "transfer": phrase("Transfer"),
    "accept": phrase("Accept"),
}
CONTROL_KINDS = {
    "prevent": phrase("Prevents: lowers likelihood"),
    "limit": phrase("Limits: lowers impact"),
}
EFFECTS = {"prevent": phrase("prevents"), "limit": phrase("limits")}
MOST_EVIDENCE_BYTES = 50 * 1024**2
MARKS = {"signal": "▲", "signals": "▲", "floor": "▲", "control": "▼", "controls": "▼"}


def initiative_of(request: HttpRequest, key: str) -> Any:
    """Give the initiative an address names, or answer 404."""
    return found(initiatives.initiative(viewer=viewer_of(request), key=key))


def _risk(request: HttpRequest, row: Any, risk_id: str) -> Any:
    rows = risks.risks(viewer=viewer_of(request), initiative=row)
    return found(rows.filter(pk=risk_id).first())


def _context(row: Any, viewer: Any, today: dt.date, attempt: Attempt) -> dict[str, Any]:
    rows = risks.risks(viewer=viewer, initiative=row).prefetch_related(
        "controls__applied", "treatment_steps__owner"
    )
    held = {each.risk_id: each for each in risks.acceptances(viewer=viewer, initiative=row)}
    context = {
        "row": row,
        "today": today,
        "standing": risks.standing(initiative=row, viewer=viewer, on=today).standing,
        "items": [
            {**_item(line, viewer, attempt, today), "acceptance": held.get(line["risk"].pk)}
            for line in lines(list(rows), today)
        ],
        "signals": [
            {"signal": signal, "kind": words.SIGNAL_KINDS[signal.kind].name,
             **attempt.of(f"clear-{signal.pk}")}
            for signal in risks.signals(viewer=viewer, initiative=row)
        ],
        "may_edit": access.can(viewer, "risk.edit", row),
        "may_accept": access.can(viewer, "risk.accept", row),
        "may_see_money": access.sees_money(viewer, row.node),
        "viewer_id": viewer.pk,
        "applied": compliance.controls(viewer=viewer, initiative=row),
        "incidents": risks.incidents(viewer=viewer, initiative=row)[:10],
        "levels": words.LEVELS,
        "categories": words.CATEGORIES,
        "likelihoods": LIKELIHOODS,
        "impacts": IMPACTS,
        "treatments": TREATMENTS,
        "control_kinds": CONTROL_KINDS,
        "signal_kinds": [(kind.slug, kind.name) for kind in words.SIGNAL_KINDS.values()],
        "add": attempt.of("risk-add"),
        "raise_form": attempt.of("signal-raise"),
    }  # fmt: skip
    return {**context, "stray": attempt.stray}


def _item(line: dict[str, Any], viewer: Any, attempt: Attempt, today: dt.date) -> dict[str, Any]:
    risk = line["risk"]
    score = risks.explanation(risk=risk, viewer=viewer)
    controls = sorted(risk.controls.all(), key=lambda control: control.pk)
    return {
        **line,
        "score": score,
        "terms": [_term(each) for each in risks.terms(score=score)] if score else [],
        "treatment": TREATMENTS.get(risk.treatment, ""),
        "controls": [_control(each, attempt, today) for each in controls],
        "assess": attempt.of(f"assess-{risk.pk}"),
        "control_form": attempt.of(f"control-{risk.pk}"),
        "steps": sorted(risk.treatment_steps.all(), key=lambda step: (step.due_on, step.pk)),
        "plan": attempt.of(f"plan-{risk.pk}"),
        "finish": attempt.of(f"finish-{risk.pk}"),
        "ask": attempt.of(f"ask-{risk.pk}"),
        "accept": attempt.of(f"accept-{risk.pk}"),
        "use": attempt.of(f"use-{risk.pk}"),
        "loss": attempt.of(f"loss-{risk.pk}"),
    }


def _control(control: Any, attempt: Attempt, today: dt.date) -> dict[str, Any]:
    """Say what a control is worth today, and until when its evidence counts."""
    design, operating = control.design, control.operating
    evidence_on, max_age_days = control.evidence_on, control.max_age_days
    applied = control.applied
    if applied is not None:  # a control of the library is worth what its tests say
        design, operating = applied.design or 0, applied.operating or 0
        until = fresh_until(applied)
        evidence_on = until and until - dt.timedelta(days=applied.max_age_days)
        max_age_days = applied.max_age_days
    if evidence_on is None:
        state, mark = worded("no evidence, no credit"), "none"
    else:
        until = evidence_on + dt.timedelta(days=max_age_days)
        if until < today:
            state, mark = (
                worded("evidence expired on {until}, no credit", until=spelling.day(until)),
                "warn",
            )
        else:
            state, mark = worded("evidence counts until {until}", until=spelling.day(until)), "ok"
    return {
        "control": control,
        "title": _title(control),
        "kind": EFFECTS[control.kind],
        "worth": f"{spelling.percent(design)} × {spelling.percent(operating)}",
        "is_of_library": applied is not None,
        "state": state,
        "mark": mark,
        "where": control.evidence_ref
        or (control.evidence_file.name if control.evidence_file_id else ""),
        **attempt.of(f"evidence-{control.pk}"),
    }


def _title(control: Any) -> str:
    """Say what a control of the library is called, after its number; others are named by people."""
    if control.applied is None:
        return str(control.title)
    ref, _space, title = control.title.partition(" ")
    return f"{ref} {said(title)}"


def _term(line: Line) -> dict[str, Any]:
    """Write one term of a score: what moved the level, from where, to where."""
    before, after = line.from_level, line.to_level
    moved = ""
    if after is not None and before is None:
        moved = _level(after)
    elif after is not None and before is not None and before != after:
        moved = f"{_level(before)} → {_level(after)}"
    return {
        "kind": line.kind,
        "mark": MARKS.get(line.kind, ""),
        "text": said(_by_name(line.text)),
        "moved": moved,
        "is_result": line.kind in ("residual", "unknown"),
        "is_bad": before is not None and after is not None and after > before,
        "ref": line.ref,
    }


def _level(level: int) -> str:
    return said(words.LEVELS[level].lower())


def _by_name(text: str) -> str:
    """Call a signal by its name, where a term begins with its slug."""
    slug = re.split("[: ]", text, maxsplit=1)[0]
    kind = words.SIGNAL_KINDS.get(slug)
    if kind is None:
        return text
    if isinstance(text, Phrase):
        values = {
            name: phrase(kind.name) if value == slug else value
            for name, value in text.values.items()
        }
        return Phrase(text.form, **values)
    return kind.name + text.removeprefix(slug)


def _answer(
    request: HttpRequest, row: Any, *, attempt: Attempt | None = None, toast: str = ""
) -> HttpResponse:
    """Show the panel to a page that holds it, else the page of the panel."""
    attempt = attempt or Attempt()
    if toast and not wants_fragment(request):
        messages.info(request, toast)
        return redirect(reverse("initiative-risk", args=[row.key]))
    context = _context(row, viewer_of(request), timezone.localdate(), attempt)
    name = PANEL if wants_fragment(request) else PAGE
    response = render(request, name, context, status=422 if attempt.error else 200)
    response["Vary"] = "HX-Request"
    if toast:
        say(response, toast)
    return response


def attempted(request: HttpRequest, row: Any, form: str, act: Callable[[], str]) -> HttpResponse:
    """Do what a form asks for; a sentence that refuses it stands beside that form."""
    try:
        toast = act()
    except access.Refused:
        raise
    except Sentence as error:
        return _answer(request, row, attempt=refused(form, error, request.POST))
    return _answer(request, row, toast=toast)


@page("view")
@require_GET
def panel(request: HttpRequest, key: str) -> HttpResponse:
    """Show the risks of one initiative with every term of their scores."""
    return _answer(request, initiative_of(request, key))


@page("risk.edit")
@require_POST
def add(request: HttpRequest, key: str) -> HttpResponse:
    """Add a risk, assessed or not."""
    row, asked, today = initiative_of(request, key), request.POST, timezone.localdate()

    def act() -> str:
        likelihood = fields.whole(asked.get("likelihood", ""), "Likelihood")
        impact = fields.whole(asked.get("impact", ""), "Impact")
        made = services.add_risk(
            initiative=row,
            category=asked.get("category", ""),
            title=asked.get("title", "")[:300],
            description=asked.get("description", "").strip(),
            treatment=asked.get("treatment", ""),
            owner=viewer_of(request) if asked.get("mine") else None,
            likelihood=likelihood,
            impact=impact,
            reasons=asked.get("reasons", "").strip(),
            reviewed_on=today if likelihood is not None else None,
            review_days=fields.whole(asked.get("review_days", ""), "Days between reviews") or 180,
            on=today,
            by=viewer_of(request),
        )
        return worded(
            "Added “{made}”: {residual}.",
            made=made,
            residual=said(words.level_name(made.residual)).lower(),
        )

    return attempted(request, row, "risk-add", act)


@page("risk.edit")
@require_POST
def assess(request: HttpRequest, key: str, risk_id: str) -> HttpResponse:
    """Judge likelihood and impact today."""
    row, asked = initiative_of(request, key), request.POST
    risk = _risk(request, row, risk_id)

    def act() -> str:
        likelihood = fields.whole(asked.get("likelihood", ""), "Likelihood")
        impact = fields.whole(asked.get("impact", ""), "Impact")
        if likelihood is None or impact is None:
            raise Sentence("Choose both likelihood and impact.")
        judged = services.assess(
            risk=risk,
            likelihood=likelihood,
            impact=impact,
            reasons=asked.get("reasons", "").strip(),
            version=fields.version(asked),
            on=timezone.localdate(),
            by=viewer_of(request),
        )
        return worded(
            "“{judged}” is {residual} now.",
            judged=judged,
            residual=said(words.level_name(judged.residual)).lower(),
        )

    return attempted(request, row, f"assess-{risk.pk}", act)


@page("risk.edit")
@require_POST
def close(request: HttpRequest, key: str, risk_id: str) -> HttpResponse:
    """Take a risk out of the register; its history stays."""
    row = initiative_of(request, key)
    risk = _risk(request, row, risk_id)

    def act() -> str:
        services.close_risk(risk=risk, version=fields.version(request.POST), by=viewer_of(request))
        return worded("Closed “{risk}”. Its history stays in the trail.", risk=risk)

    return attempted(request, row, f"assess-{risk.pk}", act)


@page("risk.edit")
@require_POST
def control_add(request: HttpRequest, key: str, risk_id: str) -> HttpResponse:
    """Add what is done about a risk, with its evidence."""
    row, asked, today = initiative_of(request, key), request.POST, timezone.localdate()
    risk = _risk(request, row, risk_id)
    viewer = viewer_of(request)

    def act() -> str:
        access.require(viewer, "risk.edit", row)
        evidence_on = fields.day(asked.get("evidence_on", ""), "Day of the evidence")
        upload = request.FILES.get("evidence")
        ref = asked.get("evidence_ref", "").strip()[:500]
        record = ControlRecord(
            title=asked.get("title", "")[:300],
            kind=asked.get("kind", ""),
            design=_share(asked.get("design", ""), "Design"),
            operating=_share(asked.get("operating", ""), "Operating"),
            evidence_on=evidence_on,
            evidence_ref=ref or (upload.name or "" if upload else ""),
            max_age_days=fields.whole(asked.get("max_age_days", ""), "Days it counts") or 365,
        )
        with transaction.atomic():
            control = services.add_control(risk=risk, control=record, on=today, by=viewer)
            if upload is not None:
                services.give_evidence(
                    control=control,
                    evidence_on=evidence_on or today,
                    evidence_ref=ref,
                    evidence_file=_kept(request),
                    on=today,
                    by=viewer,
                )
        return worded("“{control}” counts against “{risk}”.", control=control, risk=risk)

    return attempted(request, row, f"control-{risk.pk}", act)


@page("risk.edit")
@require_POST
def evidence(request: HttpRequest, key: str, control_id: str) -> HttpResponse:
    """Renew the evidence of a control."""
    row, asked, today = initiative_of(request, key), request.POST, timezone.localdate()
    viewer = viewer_of(request)
    rows = risks.risks(viewer=viewer, initiative=row).prefetch_related("controls")
    own = {str(each.pk): each for risk in rows for each in risk.controls.all()}
    control = found(own.get(str(control_id)))

    def act() -> str:
        access.require(viewer, "risk.edit", row)
        with transaction.atomic():
            services.give_evidence(
                control=control,
                evidence_on=fields.needed_day(
                    asked.get("evidence_on", ""), worded("Day of the evidence")
                ),
                evidence_ref=asked.get("evidence_ref", "")[:500],
                evidence_file=_kept(request),
                operating=fields.share(asked.get("operating", ""), worded("Operating")),
                version=fields.version(asked),
                on=today,
                by=viewer,
            )
        return worded("Evidence of “{control}” renewed.", control=control)

    return attempted(request, row, f"evidence-{control.pk}", act)


@page("risk.edit")
@require_POST
def signal_raise(request: HttpRequest, key: str) -> HttpResponse:
    """Say that something is going wrong."""
    row, asked = initiative_of(request, key), request.POST

    def act() -> str:
        signal = services.raise_signal(
            initiative=row,
            kind=asked.get("kind", ""),
            evidence=asked.get("evidence", ""),
            ref=asked.get("ref", "").strip()[:200],
            on=timezone.localdate(),
            by=viewer_of(request),
        )
        return worded(
            "{name}: raised. The scores it touches are anew.",
            name=said(words.SIGNAL_KINDS[signal.kind].name),
        )

    return attempted(request, row, "signal-raise", act)


@page("risk.edit")
@require_POST
def signal_clear(request: HttpRequest, key: str, signal_id: str) -> HttpResponse:
    """Say that what was signalled is over, and how one knows."""
    row = initiative_of(request, key)
    open_signals = risks.signals(viewer=viewer_of(request), initiative=row)
    signal = found(open_signals.filter(pk=signal_id).first())

    def act() -> str:
        services.clear_signal(
            signal=signal,
            because=request.POST.get("because", ""),
            on=timezone.localdate(),
            by=viewer_of(request),
        )
        return worded("{name}: cleared.", name=said(words.SIGNAL_KINDS[signal.kind].name))

    return attempted(request, row, f"clear-{signal.pk}", act)


def _share(text: str, label: str) -> Decimal:
    value = fields.share(text, label)
    if value is None:
        raise Sentence(f"{label}: write a percentage, such as 80.")
    return value


def _kept(request: HttpRequest) -> Any:
    upload = request.FILES.get("evidence")
    if upload is None:
        return None
    if not upload.size:
        raise Sentence(f"{upload.name} is empty. Choose the file that shows the control works.")
    if upload.size > MOST_EVIDENCE_BYTES:
        raise Sentence(f"{upload.name} is larger than 50 MB. Name where it is kept instead.")
    return files.store(
        content=cast(BinaryIO, upload.file),
        name=upload.name or "evidence",
        media_type=upload.content_type or "",
        by=viewer_of(request),
    )
