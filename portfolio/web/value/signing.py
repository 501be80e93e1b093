"""Signing for finance: validate or reject what was claimed or measured, bank what is validated."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, BinaryIO, cast

from django.db import transaction
from django.http import HttpRequest, QueryDict

from governance_app.domain.errors import Sentence
from governance_app.files import services as files
from governance_app.people import access
from governance_app.value import choices, services
from portfolio.charts import spelling
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import viewer_of
from portfolio.web.fields import Attempt

MOST_EVIDENCE_BYTES = 50 * 1024**2


def by_benefit(months: Iterable[Any], attempt: Attempt, form: str) -> list[dict[str, Any]]:
    """Group months that wait by their benefit, oldest first, each with the amount proposed."""
    items: dict[Any, dict[str, Any]] = {}
    for month in months:
        benefit = month.benefit
        item = items.get(benefit.pk)
        if item is None:
            item = items[benefit.pk] = {
                "benefit": benefit,
                "initiative": month.initiative,
                "kind": choices.BENEFIT_TYPES[benefit.benefit_type].split(":")[0].lower(),
                "method": choices.METHODS[benefit.method],
                "currency": benefit.currency,
                "months": [],
                "total": Decimal(0),
                **attempt.of(f"{form}-{benefit.pk}"),
            }
        proposed = _proposed(month, form)
        typed = item["typed"].get(f"amount-{month.month:%Y-%m}")
        chosen = item["typed"].get("months")
        item["months"].append(
            {
                "row": month,
                "proposed": f"{proposed.normalize():f}" if typed is None else typed,
                "is_chosen": chosen is None or f"{month.month:%Y-%m}" in chosen,
            }
        )
        item["total"] += proposed
    for item in items.values():
        first, last = item["months"][0]["row"].month, item["months"][-1]["row"].month
        item["span"] = _span(first, last)
        item["claimants"] = spelling.listed(
            sorted({m["row"].claimant.name for m in item["months"] if m["row"].claimant})
        )
    return list(items.values())


def _proposed(month: Any, form: str) -> Decimal:
    """Propose what a KPI measured, else what was claimed; to bank, all that was validated."""
    if form == "bank":
        return Decimal(month.validated)
    return Decimal(month.measured if month.measured is not None else month.claimed)


def _span(first: dt.date, last: dt.date) -> str:
    if first == last:
        return spelling.month(first)
    if first.year == last.year:
        return worded(
            "{month_name} to {last}",
            month_name=spelling.month_name(first),
            last=spelling.month(last),
        )
    return worded("{first} to {last}", first=spelling.month(first), last=spelling.month(last))


def sign(request: HttpRequest, benefit: Any) -> str:
    """
    Validate or reject the chosen months of a benefit; give the sentence to show in passing.

    The evidence is kept together with the signature: where one is refused, neither stays.
    """
    viewer, asked = viewer_of(request), request.POST
    access.require(viewer, "value.validate", benefit)
    chosen = _months(asked)
    if asked.get("action") == "reject":
        sentence = asked.get("sentence", "")
        count = services.reject(benefit=benefit, months=chosen, sentence=sentence, by=viewer)
        return worded(
            "{benefit}: {number} rejected.", benefit=benefit, number=spelling.plural(count, "month")
        )
    amounts = _amounts(asked, chosen)
    with transaction.atomic():
        count = services.validate(
            benefit=benefit,
            months=amounts,
            evidence=_evidence(request),
            evidence_ref=asked.get("evidence_ref", "")[:500],
            sentence=asked.get("sentence", ""),
            by=viewer,
        )
    total = spelling.money(sum(amounts.values(), Decimal(0)), benefit.currency)
    return worded(
        "{benefit}: {total} validated in {number}.",
        benefit=benefit,
        total=total,
        number=spelling.plural(count, "month"),
    )


def bank(request: HttpRequest, benefit: Any) -> str:
    """Bank the chosen months of a benefit; give the sentence to show in passing."""
    viewer, asked = viewer_of(request), request.POST
    access.require(viewer, "value.validate", benefit)
    amounts = _amounts(asked, _months(asked))
    bank_ref = asked.get("bank_ref", "")[:300]
    count = services.bank(benefit=benefit, months=amounts, bank_ref=bank_ref, by=viewer)
    total = spelling.money(sum(amounts.values(), Decimal(0)), benefit.currency)
    return worded(
        "{benefit}: {total} banked in {number}.",
        benefit=benefit,
        total=total,
        number=spelling.plural(count, "month"),
    )


def _months(asked: QueryDict) -> list[dt.date]:
    chosen = [fields.needed_month(text, worded("Month")) for text in asked.getlist("month")]
    if not chosen:
        raise Sentence("Choose at least one month.")
    return chosen


def _amounts(asked: QueryDict, months: Iterable[dt.date]) -> dict[dt.date, Decimal]:
    return {
        month: fields.needed_number(
            asked.get(f"amount-{month:%Y-%m}", ""),
            worded("Amount of {month}", month=spelling.month(month)),
        )
        for month in months
    }


def _evidence(request: HttpRequest) -> Any:
    upload = request.FILES.get("evidence")
    if upload is None:
        return None
    if not upload.size:
        raise Sentence(f"{upload.name} is empty. Choose the file that proves the amount.")
    if upload.size > MOST_EVIDENCE_BYTES:
        raise Sentence(f"{upload.name} is larger than 50 MB. Name where it is kept instead.")
    return files.store(
        content=cast(BinaryIO, upload.file),
        name=upload.name or "evidence",
        media_type=upload.content_type or "",
        by=viewer_of(request),
    )
