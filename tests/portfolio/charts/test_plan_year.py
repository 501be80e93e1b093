"""The picture of a plan: what is known, what is forecast, and nothing that is neither."""

from datetime import date

import pandas as pd
import plotly.graph_objects as go

from portfolio.charts import plan_year


def frame(**columns):
    months = [date(2026, m, 1) for m in range(1, 13)]
    given = {
        "budget": [10] * 12,
        "actual": [9] * 10 + [None] * 2,
        "submitted": [None] * 10 + [12, 13],
        "expected": [None] * 10 + [9, 9],
        "low": [None] * 10 + [8, 8],
        "high": [None] * 10 + [11, 12],
    } | columns
    return pd.DataFrame({"month": months, **given}).astype(object)


def drawn(**columns):
    picture = plan_year.build(
        frame(**columns), currency="USD", sentence="Said.", place="Assist", method="Run rate"
    )
    return {
        trace.name: trace for trace in go.Figure({"data": picture["data"], "layout": {}}).data
    }, picture


def test_lines_are_running_sums_and_forecasts_go_on_from_the_last_actual_month():
    lines, _ = drawn()
    assert list(lines["Budget"].y)[-1] == 120
    assert list(lines["Spend"].y)[9:] == [90, None, None]
    assert list(lines["Forecast"].y)[9:] == [90, 99, 108]
    assert list(lines["Submitted"].y)[9:] == [90, 102, 115]


def test_without_a_band_none_is_drawn():
    lines, _ = drawn(low=[None] * 12, high=[None] * 12)
    assert "80% band" not in lines


def test_an_empty_year_is_a_labelled_empty_picture():
    nothing = [None] * 12
    _, picture = drawn(budget=nothing, actual=nothing, submitted=nothing, expected=nothing,
                       low=nothing, high=nothing)  # fmt: skip
    assert "No budget and no spend in this year" in str(picture)
