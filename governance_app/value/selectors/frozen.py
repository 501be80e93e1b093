"""What of value a closed month freezes."""

import datetime as dt
from typing import Any

from governance_app.value.models import BenefitMonth


def frozen_validations(*, month: dt.date) -> list[dict[str, Any]]:
    """
    Give the benefits of a month as finance has reviewed them, for the pack of its close.

    The close asks for the whole organisation, so nobody's view narrows it.
    """
    rows = BenefitMonth.objects.filter(month=month).select_related(
        "initiative", "benefit", "validator", "evidence"
    )
    return [
        {
            "initiative": row.initiative.key,
            "benefit": str(row.benefit),
            "currency": row.currency,
            **{
                rung: None if (amount := getattr(row, rung)) is None else f"{amount:f}"
                for rung in BenefitMonth.RUNGS
            },
            "review": row.review,
            "validator": row.validator.name if row.validator else "",
            "evidence": row.evidence.sha256 if row.evidence else "",
        }
        for row in rows.order_by("initiative__number", "benefit_id", "pk")
    ]
