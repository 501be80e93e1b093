"""Keeping a benefit true: its owner signs, finance rebases, evidence is filed."""

import datetime as dt
from decimal import Decimal
from typing import Any, BinaryIO, cast

from django.db import transaction
from django.http import HttpRequest

from governance_app.domain.errors import Sentence
from governance_app.files import services as files
from governance_app.people import access
from governance_app.value import choices, services
from governance_app.value import selectors as value
from portfolio.charts import spelling
from portfolio.charts.wording import said, worded
from portfolio.web import fields
from portfolio.web.access import viewer_of
from portfolio.web.fields import Attempt
from portfolio.web.value.signing import MOST_EVIDENCE_BYTES


def facts(benefit: Any, viewer: Any, today: dt.date, attempt: Attempt) -> dict[str, Any]:
    """Give what a benefit says about itself beside its months, and who may do what with it."""
    return {
        "formula": _formula(benefit),
        "signature": _signature(benefit),
        "may_sign_off": _may_sign(benefit, viewer),
        "rebased": _rebased(benefit),
        "may_rebase": benefit.benefit_type == "hard" and benefit.rebased_month is None,
        "conflicts": value.conflicts(benefit=benefit, viewer=viewer, on=today),
        "evidence": list(value.evidence(benefit=benefit, viewer=viewer)),
        "keep": attempt.of(f"keep-{benefit.pk}"),
        "dispositions": [
            {
                "slug": slug,
                "words": words,
                "share": f"{Decimal(benefit.dispositions[slug]) * 100:f}".rstrip("0").rstrip(".")
                if slug in benefit.dispositions
                else "",
            }
            for slug, words in choices.DISPOSITIONS.items()
        ]
        if benefit.formula == "labour"
        else [],
    }


def _formula(benefit: Any) -> str:
    """Say how the amount of a month comes about, with the values in force."""
    share = spelling.percent(benefit.attribution)
    if benefit.formula != "labour":
        if benefit.kpi is None:
            return worded("Claimed by hand: no KPI measures it.")
        without = said(choices.COUNTERFACTUALS[benefit.kpi.counterfactual].lower())
        return worded(
            "(reading − {without}) × worth of one unit × {share}", without=without, share=share
        )
    rate = spelling.money(benefit.unit_value, benefit.currency)
    minutes = spelling.plain(benefit.minutes_saved, 1)
    told = ", ".join(
        f"{choices.DISPOSITIONS[name].lower()} {spelling.percent(float(part))}"
        for name, part in benefit.dispositions.items()
    )
    return worded(
        "uses × {minutes} min ÷ 60 × {acceptance} accepted × {capture} captured{told}"
        " × {rate} an hour × {share}",
        minutes=minutes,
        acceptance=spelling.percent(benefit.acceptance),
        capture=spelling.percent(benefit.capture),
        told=f" ({told})" if told else "",
        rate=rate,
        share=share,
    )


def _signature(benefit: Any) -> str:
    if benefit.owner is None:
        return worded("Nobody owns it yet.")
    if benefit.signed_by_id is None:
        return worded("Owned by {name}, who has not signed it.", name=benefit.owner.name)
    return worded(
        "Signed by {name} on {signed_at}.",
        name=benefit.owner.name,
        signed_at=spelling.day(benefit.signed_at.date()),
    )


def _may_sign(benefit: Any, viewer: Any) -> access.Decision | None:
    """Say whether the viewer may sign as the owner; None when nothing is left to sign."""
    if benefit.owner is None or benefit.signed_by_id is not None:
        return None
    if benefit.owner_id == viewer.pk:
        return access.Decision(True, "")
    return access.Decision(False, worded("{name} owns it and signs it.", name=benefit.owner.name))


def _rebased(benefit: Any) -> str:
    if benefit.rebased_month is None:
        return ""
    last = value.counts_until(benefit=benefit)
    return worded(
        "A budget holds it from {rebased_month} ({rebase_ref}); it counts as new to {last}.",
        rebased_month=spelling.month(benefit.rebased_month),
        rebase_ref=benefit.rebase_ref,
        last=spelling.month(last),
    )


def keep(request: HttpRequest, benefit: Any) -> str:
    """Do what the form asks for; give the sentence to show in passing."""
    asked, by = request.POST, viewer_of(request)
    action = asked.get("action", "")
    if action == "own":
        services.edit_benefit(benefit=benefit, owner=by, by=by, version=fields.version(asked))
        return worded(
            "{benefit} is yours. Sign it once it says what you will deliver.", benefit=benefit
        )
    if action == "sign":
        services.sign_benefit(benefit=benefit, by=by, version=fields.version(asked))
        return worded("{benefit} signed.", benefit=benefit)
    if action == "rebase":
        services.rebase(
            benefit=benefit,
            month=fields.needed_month(asked.get("month", ""), worded("First month of the budget")),
            budget_ref=asked.get("budget_ref", ""),
            by=by,
            version=fields.version(asked),
        )
        return worded(
            "{benefit}: the budget holds it. It counts as new for 12 months.", benefit=benefit
        )
    if action == "end":
        last = fields.needed_month(asked.get("ends_month", ""), worded("Last month"))
        services.edit_benefit(
            benefit=benefit, ends_month=last, by=by, version=fields.version(asked)
        )
        return worded("{benefit} ends with {last}.", benefit=benefit, last=spelling.month(last))
    if action == "dispositions":
        shares = {
            slug: share
            for slug, words in choices.DISPOSITIONS.items()
            if (share := fields.share(asked.get(slug, ""), words)) is not None
        }
        services.set_dispositions(
            benefit=benefit, shares=shares, by=by, version=fields.version(asked)
        )
        return worded(
            "{benefit}: where the freed time went is kept. Its owner signs it again.",
            benefit=benefit,
        )
    if action == "file":
        return _file(request, benefit, by)
    raise Sentence("Choose what to do with the benefit.")


def _file(request: HttpRequest, benefit: Any, by: Any) -> str:
    upload = request.FILES.get("evidence")
    if upload is None:
        raise Sentence("Choose the file that speaks for it.")
    if (upload.size or 0) > MOST_EVIDENCE_BYTES:
        raise Sentence(f"{upload.name} is larger than 50 MB.")
    access.require(by, "value.edit", benefit)
    with transaction.atomic():
        stored = files.store(
            content=cast(BinaryIO, upload.file), name=upload.name or "evidence", by=by
        )
        services.add_evidence(
            benefit=benefit,
            file=stored,
            month=fields.month(request.POST.get("month", ""), "Month"),
            sentence=request.POST.get("sentence", ""),
            by=by,
        )
    return worded("{benefit}: {name} is kept as evidence.", benefit=benefit, name=stored.name)
