"""The benefits of one initiative: month by month on each rung, claimed, measured and signed."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from governance_app.books import selectors as books
from governance_app.people import access
from governance_app.value import choices, services
from governance_app.value import selectors as value
from portfolio.charts import spelling
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, viewer_of
from portfolio.web.fields import Attempt
from portfolio.web.value import keeping, signing

RUNGS = ("claimed", "measured", "validated", "banked")
#: Templates whose amount is freed time.
LABOUR_TEMPLATES = ("labour_saved", "volume_absorbed")


def panel(row: Any, viewer: Any, today: dt.date, attempt: Attempt) -> dict[str, Any]:
    """Give every benefit with its months, and what the viewer may do with each."""
    money = access.can(viewer, "money.view", row)
    if not money:
        return {"sees_money": False, "money_reason": money.reason}
    rows = list(value.benefits(initiative=row, viewer=viewer))
    return {
        "sees_money": True,
        "items": [_item(benefit, viewer, today, attempt) for benefit in rows],
        "may_edit": access.can(viewer, "value.edit", row),
        "may_sign": access.can(viewer, "value.validate", row),
        "kpis": list(value.kpis(initiative=row, viewer=viewer)),
        "benefit_types": choices.BENEFIT_TYPES,
        "value_types": choices.VALUE_TYPES,
        "templates": choices.TEMPLATES,
        "methods": choices.METHODS,
        "currency": books.reporting_currency(on=today),
        "today": today,
        "add": attempt.of("benefit-add"),
    }


def _item(benefit: Any, viewer: Any, today: dt.date, attempt: Attempt) -> dict[str, Any]:
    months = list(value.benefit_months(benefit=benefit, viewer=viewer))
    sums = {rung: _sum(months, rung) for rung in RUNGS}
    review = [m for m in months if not m.review and (m.claimed, m.measured) != (None, None)]
    own = [m for m in review if m.claimant_id == viewer.pk]
    others = [m for m in review if m.claimant_id != viewer.pk]
    ready = [
        m
        for m in months
        if m.validated and m.banked is None and benefit.benefit_type in value.BANKABLE_TYPES
    ]
    for month in months:
        # What the form groups by; the panel knows both already.
        month.benefit, month.initiative = benefit, benefit.initiative
    return {
        "benefit": benefit,
        "kind": choices.BENEFIT_TYPES[benefit.benefit_type].split(":")[0],
        "value_type": choices.VALUE_TYPES[benefit.value_type],
        "method": choices.METHODS[benefit.method],
        "months": [_month(m) for m in months],
        "sums": sums,
        "parts": _parts(sums),
        "to_sign": signing.by_benefit(others, attempt, "sign"),
        "to_bank": signing.by_benefit(ready, attempt, "bank"),
        "own_waiting": len(own),
        "waiting": len(review),
        "next_month": _next_month(benefit, months, today),
        "is_measurable": benefit.kpi is not None,
        "claim": attempt.of(f"claim-{benefit.pk}"),
        "measure": attempt.of(f"measure-{benefit.pk}"),
        **keeping.facts(benefit, viewer, today, attempt),
    }


def _sum(months: list[Any], rung: str) -> Decimal | None:
    known = [amount for m in months if (amount := getattr(m, rung)) is not None]
    return sum(known, Decimal(0)) if known else None


def _parts(sums: dict[str, Decimal | None]) -> list[Decimal]:
    """Split what was said: banked, validated beyond, measured beyond, the rest of the claim."""
    banked, validated, measured, claimed = (
        sums[rung] or Decimal(0) for rung in ("banked", "validated", "measured", "claimed")
    )
    top = max(measured, validated)
    return [
        banked,
        max(validated - banked, Decimal(0)),
        top - validated,
        max(claimed - top, Decimal(0)),
    ]


def _month(row: Any) -> dict[str, Any]:
    """Say how far a month has come, by whom and on what."""
    words, why = worded("waits for finance"), ""
    if row.banked is not None:
        words, why = "banked", row.bank_ref
    elif row.review == "validated":
        words, why = "validated", row.evidence_ref or (row.evidence.name if row.evidence else "")
    elif row.review == "rejected":
        words, why = "rejected", row.review_sentence
    elif row.claimed is None and row.measured is None:
        words, why = worded("not measured"), row.measured_from.get("reason", "")
    mark = {"banked": "ok", "validated": "ok", "rejected": "fail", "not measured": "none"}
    who = row.validator.name if row.validator else ""
    basis = worded("claimed by {name}", name=row.claimant.name) if row.claimant else ""
    if basis and row.claim_basis:
        basis = f"{basis}: {row.claim_basis}"
    return {
        "row": row,
        "words": words,
        "mark": mark.get(words, "running"),
        "why": " · ".join(part for part in (why, who) if part),
        "basis": basis,
    }


def _next_month(benefit: Any, months: list[Any], today: dt.date) -> str:
    """Propose the first month up to today that nobody has claimed yet."""
    claimed = {m.month for m in months if m.claimed is not None}
    month = benefit.starts_month
    while month in claimed and month < benefit.ends_month:
        month = (month + dt.timedelta(days=32)).replace(day=1)
    return f"{min(month, today.replace(day=1)):%Y-%m}"


def add(request: HttpRequest, row: Any) -> str:
    """Add a benefit from a form; give the sentence to show in passing."""
    asked, viewer = request.POST, viewer_of(request)
    kpi = None
    if asked.get("kpi"):
        own = {str(each.pk): each for each in value.kpis(initiative=row, viewer=viewer)}
        kpi = found(own.get(asked["kpi"]))
    made = services.add_benefit(
        initiative=row,
        name=asked.get("name", "")[:300],
        benefit_type=asked.get("benefit_type", ""),
        value_type=asked.get("value_type", ""),
        method=asked.get("method", ""),
        starts_month=fields.needed_month(asked.get("starts_month", ""), worded("First month")),
        ends_month=fields.needed_month(asked.get("ends_month", ""), worded("Last month")),
        currency=asked.get("currency", "").strip().upper()[:3],
        kpi=kpi,
        population=asked.get("population", "").strip()[:300],
        unit_value=fields.number(asked.get("unit_value", ""), "Worth of one unit"),
        attribution=fields.share(asked.get("attribution", ""), worded("Share due to it")),
        **_labour(asked),
        by=viewer,
    )
    return worded("{made}: added. Claim its first month, or let its KPI measure it.", made=made)


def _labour(asked: Any) -> dict[str, Any]:
    """Read the template and, where time is saved, the parts of the labour formula."""
    template = asked.get("template", "")
    found: dict[str, Any] = {"template": template}
    if template in LABOUR_TEMPLATES:
        found |= {
            "formula": "labour",
            "minutes_saved": fields.number(asked.get("minutes_saved", ""), "Minutes saved"),
            "acceptance": fields.share(asked.get("acceptance", ""), worded("Accepted")),
            "capture": fields.share(asked.get("capture", ""), worded("Captured")),
        }
    return found


def claim(request: HttpRequest, benefit: Any) -> str:
    """Claim one month from a form; give the sentence to show in passing."""
    asked = request.POST
    month = fields.needed_month(asked.get("month", ""), worded("Month"))
    amount = fields.needed_number(asked.get("amount", ""), worded("Amount"))
    services.claim(
        benefit=benefit,
        months={month: amount},
        basis=asked.get("basis", "").strip(),
        by=viewer_of(request),
    )
    said = spelling.money(amount, benefit.currency)
    return worded(
        "{benefit}: {said} claimed for {month}. Finance reviews it.",
        benefit=benefit,
        said=said,
        month=spelling.month(month),
    )


def measure(request: HttpRequest, benefit: Any, today: dt.date) -> str:
    """Measure every month up to today; give the sentence to show in passing."""
    outcome = services.measure(benefit=benefit, on=today, by=viewer_of(request))
    text = worded(
        "{benefit}: {measured} measured anew",
        benefit=benefit,
        measured=spelling.plural(outcome.measured, "month"),
    )
    if outcome.reasons:
        first = outcome.reasons[min(outcome.reasons)]
        left = spelling.plural(len(outcome.reasons), "month")
        return worded("{text}; {left} not. {first}", text=text, left=left, first=first)
    return f"{text}."
