"""Accruals by source; costs typed in and people's days; coding, taxes, agreements."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import Phrase, phrase
from governance_app.domain.phrases import month as month_words
from governance_app.jobs.clock import database_now
from governance_app.people import access
from governance_app.spend import coding as codes
from governance_app.spend import selectors as spend
from governance_app.spend.selectors import close as selectors
from governance_app.spend.services import close as services
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import page, viewer_of
from portfolio.web.close.common import (
    chosen,
    currency_of,
    entities,
    entity_of,
    initiative_of,
    kept_file,
    month_of,
    show,
    source_of,
    units,
)
from portfolio.web.close.second_looks import told

METHODS = (
    ("last month", phrase("What it cost the month before")),
    ("average", phrase("The average of the last three months")),
    ("run rate", phrase("The days that came, carried on")),
    ("stated", phrase("A figure with its evidence")),
)
CATEGORIES = (
    "build", "data", "run", "people", "model refresh", "governance", "change and training",
    "retirement",
)  # fmt: skip
STATE_LOOK = {"final": "ok", "accrued": "ok", "provisional": "warn", "missing": "fail"}


@page("money.view")
@require_http_methods(["GET", "POST"])
def accruals(request: HttpRequest, asked: str) -> HttpResponse:
    """Show each source's state in a month; POST accrues, withdraws, or declares one final."""
    viewer, month = viewer_of(request), month_of(asked)
    data = request.POST
    if request.method == "POST":
        do = data.get("do", "")
        if do == "withdraw":
            one = chosen(selectors.accruals(viewer=viewer), data.get("accrual"))
            services.withdraw_accrual(
                accrual=one, by=viewer, now=database_now(), version=fields.version(data)
            )
        elif do == "final":
            services.declare_final(
                source=source_of(request), month=month, sentence=data.get("sentence", ""), by=viewer
            )
        else:
            made = services.accrue(
                source=source_of(request), month=month, currency=currency_of(request),
                method=data.get("method", ""), sentence=data.get("sentence", ""),
                amount=fields.number(data.get("amount", ""), "Amount"),
                through=fields.day(data.get("through", ""), "Covered until"),
                evidence=kept_file(request), by=viewer,
            )  # fmt: skip
            messages.info(
                request,
                worded(
                    "{made}: {amount} {currency}, taken back in {reversal_month}.",
                    made=made,
                    amount=f"{made.amount:,.2f}",
                    currency=made.currency,
                    reversal_month=month_words(made.reversal_month),
                ),
            )
        return redirect("close-accruals", asked)
    states = selectors.source_states(viewer=viewer, month=month)
    for one in states:
        one["look"] = STATE_LOOK[one["state"]]
    return show(
        request, "close/accruals.html", "close-accruals", month,
        states=states, rows=selectors.accruals(viewer=viewer, month=month), methods=METHODS,
        sources=spend.sources(viewer=viewer),
    )  # fmt: skip


@page("money.view")
@require_http_methods(["GET", "POST"])
def costs(request: HttpRequest, asked: str) -> HttpResponse:
    """Show costs no bill brings, and people's days; POST enters or withdraws them."""
    viewer, month = viewer_of(request), month_of(asked)
    data = request.POST
    if request.method == "POST":
        do = data.get("do", "")
        if do == "withdraw":
            one = chosen(selectors.manual_costs(viewer=viewer, month=month), data.get("cost"))
            look = services.ask(
                action="withdraw cost", by=viewer, now=database_now(),
                asked={"cost": str(one.pk), "version": fields.version(data)},
            )  # fmt: skip
            told(request, look)
        elif do == "days":
            services.enter_days(
                initiative=initiative_of(request, data.get("initiative", "")), month=month,
                persona=data.get("persona", ""), entity=entity_of(request),
                days=fields.needed_number(data.get("days", ""), "Days"),
                note=data.get("note", "")[:300], evidence=kept_file(request), by=viewer,
            )  # fmt: skip
        elif do == "rate":
            services.set_day_rate(
                persona=data.get("persona", ""), currency=currency_of(request),
                amount=fields.needed_number(data.get("amount", ""), "Per day"),
                from_month=fields.needed_month(data.get("from", ""), "From"),
                entity=entity_of(request), tax_code=data.get("tax_code", ""), by=viewer,
            )  # fmt: skip
        else:
            initiative = initiative_of(request, data.get("initiative", ""), needed=False)
            entity = entity_of(request)
            look = services.ask(
                action="cost", by=viewer, now=database_now(),
                asked={
                    "month": asked, "description": data.get("description", ""),
                    "category": data.get("category", ""), "currency": currency_of(request),
                    "amount": f"{fields.needed_number(data.get('amount', ''), 'Amount'):f}",
                    "tax": f"{fields.number(data.get('tax', ''), 'Tax') or Decimal(0):f}",
                    "tax_code": data.get("tax_code", ""), "vendor": data.get("vendor", ""),
                    "initiative": initiative.key if initiative else "",
                    "entity": entity.code if entity else "", "order": data.get("order", "").strip(),
                    "is_capex": "capex" in data, "is_recurring": "recurring" in data,
                    "evidence": str(kept_file(request, needed=True).pk),
                },
            )  # fmt: skip
            told(request, look)
        return redirect("close-costs", asked)
    return show(
        request, "close/costs.html", "close-costs", month,
        rows=selectors.manual_costs(viewer=viewer, month=month),
        days=selectors.worked_days(viewer=viewer, month=month),
        rates=selectors.day_rates(viewer=viewer), categories=CATEGORIES,
        entities=entities(request),
    )  # fmt: skip


@page("money.view")
@require_http_methods(["GET", "POST"])
def coding(request: HttpRequest) -> HttpResponse:
    """Show how costs are coded, taxed and recharged; POST adds to it or ends a rule."""
    viewer = viewer_of(request)
    if request.method == "POST":
        _code(request, viewer)
        return redirect("close-coding")
    rules = [
        {
            "rule": rule,
            "says": _conditions(rule),
            "is_always": rule.from_month == spend.ALWAYS,
        }
        for rule in selectors.coding_rules(viewer=viewer)
    ]
    context = {
        "rules": rules,
        "taxes": selectors.tax_rules(viewer=viewer),
        "agreements": selectors.agreements(viewer=viewer),
        "entities": entities(request),
        "units": units(request),
        "fields": [(name, name.replace("_", " ")) for name in codes.FIELDS],
        "dimensions": ["unit", *codes.DIMENSIONS, "tag"],
        "may": access.can(viewer, "close.prepare"),
        "may_set": access.can(viewer, "settings.edit"),
    }
    return render(request, "close/coding.html", context)


def _conditions(rule: Any) -> str:
    said = [
        worded(
            "{what} is {value}",
            what=Phrase("tag {tag}", tag=one["tag"]) if one["tag"] else Phrase(one["dimension"]),
            value=one["value"],
        )
        for one in rule.conditions
    ]
    return worded(" and ").join(said) or worded("everything else")


def _code(request: HttpRequest, viewer: Any) -> None:
    from governance_app.books import services as books

    data, do = request.POST, request.POST.get("do", "")
    if do == "rule":
        conditions = []
        if data.get("match", "").strip():
            dimension = data.get("dimension", "")
            conditions = [
                {
                    "dimension": dimension,
                    "tag": data.get("tag", "") if dimension == "tag" else "",
                    "value": data.get("match", ""),
                }
            ]
        since = fields.month(data.get("from", ""), "From")
        look = services.ask(
            action="add coding", by=viewer, now=database_now(),
            asked={
                "field": data.get("field", ""), "value": data.get("value", ""),
                "conditions": conditions, "from_month": f"{since:%Y-%m}" if since else "",
                "position": fields.whole(data.get("position", ""), "Place"),
            },
        )  # fmt: skip
        told(request, look)
    elif do == "end":
        rule = chosen(selectors.coding_rules(viewer=viewer), data.get("rule"))
        until = fields.needed_month(data.get("until", ""), "Until")
        look = services.ask(
            action="end coding", by=viewer, now=database_now(),
            asked={
                "rule": str(rule.pk), "until_month": f"{until:%Y-%m}",
                "version": fields.version(data),
            },
        )  # fmt: skip
        told(request, look)
    elif do == "tax":
        services.set_tax_rule(
            entity=entity_of(request, needed=True), code=data.get("code", ""),
            rate=fields.share(data.get("rate", ""), "Rate") or Decimal(0),
            recoverable=fields.share(data.get("recoverable", ""), "Comes back") or Decimal(0),
            from_month=fields.needed_month(data.get("from", ""), "From"), by=viewer,
        )  # fmt: skip
    elif do == "agreement":
        services.add_recharge_agreement(
            payer=entity_of(request, "payer", needed=True),
            bearer=entity_of(request, "bearer", needed=True),
            reference=data.get("reference", ""), tax_code=data.get("code", ""),
            mark_up=fields.share(data.get("mark_up", ""), "Mark-up") or Decimal(0),
            from_month=fields.needed_month(data.get("from", ""), "From"),
            evidence=kept_file(request), by=viewer,
        )  # fmt: skip
    elif do == "entity":
        from governance_app.people import selectors as people

        where = data.get("node", "")
        if where == "whole":
            node = people.organisation()
        else:
            node = chosen(units(request), where) if where else None
        books.add_entity(
            code=data.get("code", ""), name=data.get("name", ""), currency=currency_of(request),
            node=node, by=viewer,
        )  # fmt: skip
    else:
        raise Sentence("Choose what to add.")


urlpatterns = [
    path("spend/close/<slug:asked>/accruals/", accruals, name="close-accruals"),
    path("spend/close/<slug:asked>/costs/", costs, name="close-costs"),
    path("spend/coding/", coding, name="close-coding"),
]
