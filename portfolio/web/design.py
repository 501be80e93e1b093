"""The living page of the design system: every component in every state, with invented figures."""

from datetime import date
from typing import Any

import pandas as pd
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from portfolio.charts import (
    kpi_run,
    promised_validated_banked,
    roi_over_time,
    spend_by,
    spend_months,
    theme,
)

AS_OF = date(2026, 10, 31)


@login_required
def design(request: HttpRequest) -> HttpResponse:
    """Show the components; nothing here comes from the database."""
    return render(request, "components/living.html", _samples())


def _samples() -> dict[str, Any]:
    return {
        "pictures": {
            "year": promised_validated_banked.build(
                _year(), as_of=AS_OF, currency="USD", period="2026", reviewed_to=date(2026, 9, 1)
            ),
            "roi": roi_over_time.build(_life(), currency="USD", as_of=AS_OF),
            "by": spend_by.build(_parts(), what="provider", currency="USD", period="October 2026"),
            "months": spend_months.build(_stack(), currency="USD", budget=_plan()),
            "kpi": kpi_run.build(
                _readings(),
                name="Handling time",
                unit="s",
                baseline=412,
                target=280,
                target_on=date(2027, 3, 1),
            ),
            "nothing": theme.empty(
                title="Spend by month", subtitle="USD a month", reason="No spend in this period"
            ),
        },
        "parts": [12.9, 16.7, 9.4, 7.3],
        "trend": [4, 5, 5.5, 5.2, 7, 7.4, 9],
        "gap": [4, 5, None, None, 7, 7.4, 6],
        "stages": ("idea", "assessment", "pilot", "scaling", "production", "retired"),
        "funnel": (
            ("idea", 612, 0.41, 38),
            ("assessment", 412, 0.63, 24),
            ("pilot", 298, 0.34, 171),
            ("scaling", 121, 0.72, 96),
            ("production", 690, None, None),
        ),
    }


def _months(first: str, count: int) -> list[date]:
    return [stamp.date() for stamp in pd.date_range(first, periods=count, freq="MS")]


def _year() -> pd.DataFrame:
    none = float("nan")
    promised = [2.2, 2.5, 2.9, 3.5, 4.1, 4.6, 5.2, 6.3, 7.1, 7.9, 8.3, 8.6]
    spend = [3.1, 3.2, 3.4, 3.5, 3.6, 3.8, 4.0, 4.2, 4.4, 4.6]
    validated = [1.2, 1.4, 2.0, 2.5, 3.0, 3.3, 4.1, 4.6, 5.1, 2.5]
    banked = [0.1, 0.5, 0.9, 1.1, 1.4, 1.6, 1.7, 1.8, 1.9, 1.9]
    frame = pd.DataFrame(
        {
            "month": _months("2026-01-01", 12),
            "promised": promised,
            "budget": [3.5] * 12,
            "spend": [*spend, none, none],
            "validated": [*validated, none, none],
            "banked": [*banked, none, none],
            "forecast": [none] * 10 + [4.4, 4.5],
            "forecast_low": [none] * 10 + [3.9, 3.9],
            "forecast_high": [none] * 10 + [4.8, 5.2],
        }
    )
    amounts = [c for c in frame.columns if c != "month"]
    return frame.assign(**{c: frame[c] * 1_000_000 for c in amounts})


def _life() -> pd.DataFrame:
    none = float("nan")
    count = 22
    return pd.DataFrame(
        {
            "month": _months("2025-03-01", count),
            "cost": [60_000 + 4_000 * min(i, 8) for i in range(20)] + [none] * 2,
            "promised": [0] * 6 + [22_000 * (i - 5) for i in range(6, count)],
            "measured": [none] * 8 + [14_000 * (i - 7) for i in range(8, 20)] + [none] * 2,
            "validated": [none] * 8 + [12_500 * (i - 7) for i in range(8, 19)] + [none] * 3,
            "banked": [none] * 11 + [6_000 * (i - 10) for i in range(11, 19)] + [none] * 3,
        }
    )


def _parts() -> pd.DataFrame:
    parts = {"AWS": 1_842_000, "Azure": 1_120_000, "Anthropic": 884_000, "Databricks": 491_000}
    parts |= {"Oracle": 163_000, "Unallocated": 163_400}
    return pd.DataFrame({"label": list(parts), "amount": list(parts.values())})


def _stack() -> pd.DataFrame:
    rows = []
    for position, on in enumerate(_months("2026-01-01", 10)):
        rows += [
            {"month": on, "category": "Inference", "amount": 900_000 + 130_000 * position},
            {"month": on, "category": "Training", "amount": 700_000 - 20_000 * position},
            {"month": on, "category": "Platform", "amount": 520_000},
            {"month": on, "category": "Unallocated", "amount": 110_000},
        ]
    return pd.DataFrame(rows)


def _plan() -> pd.DataFrame:
    months = _months("2026-01-01", 10)
    return pd.DataFrame({"month": months, "amount": [2_500_000.0] * 10})


def _readings() -> pd.DataFrame:
    values = [409, 401, 396, 380, 371, 352, 341, 338, 322, 318]
    return pd.DataFrame({"period_on": _months("2026-01-01", 10), "value": values})


urlpatterns = [path("design/", design, name="design")]
