"""The value bridge as the pages of value show it: a picture, its steps and where they open."""

from decimal import Decimal
from typing import Any

from django.urls import reverse

from governance_app.rollups import selectors as rollups
from portfolio.charts import spelling, value_bridge
from portfolio.charts.wording import said, worded


def shown(found: rollups.Bridge | None, *, subject: str) -> dict[str, Any] | None:
    """Give a bridge for a page; None where there is nothing to walk over."""
    if found is None or found.is_empty:
        return None
    steps = [
        (said(rollups.STEP_WORDS.get(step.name, step.name.capitalize())), step)
        for step in found.steps
    ]
    until = spelling.month(found.through)
    return {
        "picture": value_bridge.build(
            promised=float(found.promised),
            steps=[(words, float(step.change), float(step.after)) for words, step in steps],
            currency=found.currency,
            title=_finding(found),
            subtitle=worded(
                "{currency}, hard benefits, since the start to {until}",
                currency=found.currency,
                until=until,
            ),
        ),
        "currency": found.currency,
        "promised": found.promised,
        "promised_passport": reverse("passport", args=["promised_to_date", subject]),
        "steps": [
            {
                "label": words,
                "change": step.change,
                "after": step.after,
                "passport": reverse(
                    "passport", args=[rollups.step_figure(step=step.name), subject]
                ),
            }
            for words, step in steps
        ],
        "problems": found.problems,
    }


def _finding(found: rollups.Bridge) -> str:
    if found.promised <= 0:
        return worded("Nothing was promised for the months so far")
    share = spelling.percent(found.banked / found.promised)
    widest = min(found.steps, key=lambda step: step.change)
    if widest.change >= Decimal(0):
        return worded("{share} of what was promised so far is in the bank", share=share)
    words = said(rollups.STEP_WORDS.get(widest.name, widest.name).lower())
    return worded(
        "{share} of what was promised so far is in the bank; most is lost to {words}",
        share=share,
        words=words,
    )
