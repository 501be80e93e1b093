"""Every picture is valid Plotly, draws exactly its frame, and claims only what that carries."""

import itertools
import json
import re
from datetime import date
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest

from portfolio.charts import (
    intervals,
    kpi_run,
    promised_validated_banked,
    roi_over_time,
    spend_by,
    spend_months,
    theme,
)

NONE = float("nan")


def months(first: str, count: int) -> list[date]:
    return [stamp.date() for stamp in pd.date_range(first, periods=count, freq="MS")]


def year(forecast: tuple[float, float, float] | None = (45.0, 40.0, 50.0)) -> pd.DataFrame:
    """Ten actual months of 10 spent, 8 budgeted, 12 promised, 6 validated, 3 banked."""
    middle, low, high = forecast or (NONE, NONE, NONE)
    past = [NONE] * 10
    return pd.DataFrame(
        {
            "month": months("2026-01-01", 12),
            "promised": [12.0] * 12,
            "budget": [8.0] * 12,
            "spend": [10.0] * 10 + [NONE] * 2,
            "validated": [6.0] * 9 + [NONE] * 3,
            "banked": [3.0] * 9 + [NONE] * 3,
            "forecast": [*past, middle / 2, middle / 2],
            "forecast_low": [*past, low / 2, low / 2],
            "forecast_high": [*past, high / 2, high / 2],
        }
    )


AS_OF = date(2026, 10, 31)


def draw_year(frame: pd.DataFrame) -> theme.Figure:
    return promised_validated_banked.build(
        frame, as_of=AS_OF, currency="USD", period="2026", reviewed_to=date(2026, 9, 1)
    )


def trace(figure: theme.Figure, name: str) -> dict[str, object]:
    return next(t for t in figure["data"] if t["name"] == name)


def every_picture() -> dict[str, theme.Figure]:
    life = pd.DataFrame(
        {
            "month": months("2025-01-01", 4),
            "cost": [100.0, 100.0, 100.0, NONE],
            "promised": [0.0, 50.0, 90.0, 120.0],
            "validated": [NONE, 40.0, 60.0, NONE],
        }
    )
    parts = pd.DataFrame({"label": ["AWS", "Azure"], "amount": [5.0, 3.0]})
    stack = pd.DataFrame(
        {
            "month": months("2026-01-01", 2) * 2,
            "category": ["a", "a", "b", "b"],
            "amount": [1.0, 2, 3, 4],
        }
    )
    runs = pd.DataFrame({"period_on": months("2026-01-01", 3), "value": [412.0, 350.0, 318.0]})
    return {
        "year": draw_year(year()),
        "roi": roi_over_time.build(life, currency="USD", as_of=date(2025, 3, 31)),
        "by": spend_by.build(parts, what="provider", currency="USD", period="2026"),
        "months": spend_months.build(stack, currency="USD"),
        "kpi": kpi_run.build(
            runs,
            name="Handling time",
            unit="s",
            baseline=412,
            target=280,
            target_on=date(2027, 1, 1),
        ),
    }


def every_empty_picture() -> dict[str, theme.Figure]:
    none = pd.DataFrame()
    return {
        "year": draw_year(year().iloc[0:0]),
        "roi": roi_over_time.build(none, currency="USD", as_of=AS_OF),
        "by": spend_by.build(none, what="provider", currency="USD", period="2026"),
        "months": spend_months.build(none, currency="USD"),
        "kpi": kpi_run.build(none, name="Use", unit="", baseline=None, target=None, target_on=None),
    }


@pytest.mark.parametrize(("name", "figure"), (every_picture() | every_empty_picture()).items())
def test_plotly_accepts_the_picture(name: str, figure: theme.Figure) -> None:
    go.Figure(figure)
    json.dumps(figure, allow_nan=False)


@pytest.mark.parametrize("name", every_picture())
def test_every_narrow_layout_is_valid_too(name: str) -> None:
    figure = every_picture()[name]
    layout = {k: v for k, v in figure["layout"].items() if k != "meta"}
    go.Figure({"data": figure["data"], "layout": layout | figure["layout"]["meta"]["narrow"]})


@pytest.mark.parametrize("name", every_empty_picture())
def test_an_empty_frame_draws_an_empty_labelled_chart(name: str) -> None:
    figure = every_empty_picture()[name]
    assert figure["data"] == []
    assert figure["layout"]["meta"]["title"]
    assert figure["layout"]["annotations"][0]["text"] == figure["layout"]["meta"]["sentence"]


def test_spend_and_benefits_are_added_up_and_stop_where_they_are_known() -> None:
    figure = draw_year(year())
    assert trace(figure, "Spend")["y"] == [10.0 * n for n in range(1, 11)] + [None, None]
    assert trace(figure, "Validated")["y"] == [6.0 * n for n in range(1, 10)] + [None] * 3
    assert trace(figure, "Promised")["y"][-1] == 144.0


def test_the_forecast_goes_on_from_the_last_actual_month() -> None:
    figure = draw_year(year())
    assert trace(figure, "Spend forecast")["y"] == [None] * 9 + [100.0, 122.5, 145.0]


def test_a_year_end_overrun_is_stated_when_the_whole_band_lies_over_the_budget() -> None:
    title = draw_year(year())["layout"]["meta"]["title"]
    assert (
        title == "45% of the promised benefit is validated; spend will end the year 51% over budget"
    )


def test_no_year_end_is_claimed_when_the_band_holds_the_budget() -> None:
    frame = year(forecast=(0.5, -6.0, 3.0))
    title = draw_year(frame.assign(spend=[9.5] * 10 + [NONE] * 2))["layout"]["meta"]["title"]
    assert "may end the year on either side" in title


def test_without_a_forecast_the_title_speaks_of_the_year_so_far() -> None:
    title = draw_year(year(forecast=None))["layout"]["meta"]["title"]
    assert title.endswith("spend is 25% over budget so far")


def test_a_title_stays_plain_when_nothing_can_be_said() -> None:
    frame = year(forecast=None)[["month", "spend"]]
    title = draw_year(frame)["layout"]["meta"]["title"]
    assert title == "Promised, validated and banked benefit beside spend"


def test_the_table_holds_what_is_drawn() -> None:
    figure = draw_year(year())
    table = figure["layout"]["meta"]["table"]
    spend = table["head"].index("Spend, USD, cumulative")
    assert [row[spend] for row in table["rows"]] == trace(figure, "Spend")["y"]


def test_roi_is_none_before_there_is_cost() -> None:
    assert roi_over_time.roi_by_month([0.0, 10.0], [5.0, 5.0]) == [None, -0.5]


def test_the_roi_title_agrees_with_the_last_point_drawn() -> None:
    figure = every_picture()["roi"]
    assert figure["layout"]["meta"]["title"] == "Validated benefit covers 33% of cost so far"
    roi = trace(figure, "ROI")["y"]
    assert roi[2] == pytest.approx(-2 / 3)


def test_roi_to_date_holds_the_last_validated_sum_against_all_cost() -> None:
    frame = pd.DataFrame(
        {
            "month": months("2025-01-01", 3),
            "cost": [100.0, 100.0, 100.0],
            "validated": [100.0, 50.0, NONE],
        }
    )
    figure = roi_over_time.build(frame, currency="USD", as_of=date(2025, 3, 31))
    assert figure["layout"]["meta"]["title"] == "Validated benefit covers 50% of cost so far"
    assert trace(figure, "Validated")["y"] == [100.0, 150.0, None]
    assert trace(figure, "ROI")["y"] == [0.0, -0.25, -0.5]


def test_the_roi_title_names_the_month_in_which_benefit_passed_cost_for_good() -> None:
    title = roi_over_time.title(
        months("2026-01-01", 4), [10.0, 20.0, 30.0, 40.0], [12.0, 15.0, 33.0, 50.0], "validated"
    )
    assert title == "Validated benefit passed cost in Mar 2026; ROI +25%"


def test_bars_are_sorted_and_the_unallocated_line_stays_last() -> None:
    frame = pd.DataFrame({"label": ["Unallocated", "b", "a"], "amount": [9.0, 1.0, 4.0]})
    figure = spend_by.build(frame, what="unit", currency="USD", period="2026")
    assert figure["data"][0]["y"] == ["a", "b", "Unallocated"]
    assert figure["layout"]["xaxis"]["range"][0] == 0


def test_a_long_tail_becomes_one_bar_that_loses_nothing() -> None:
    frame = pd.DataFrame({"label": [f"v{n:02}" for n in range(30)], "amount": [1.0] * 30})
    bars = spend_by.ranked(frame)
    assert len(bars) == 13
    assert sum(v for _, v in bars) == 30.0


def test_the_driver_is_named_only_when_it_made_most_of_the_rise() -> None:
    frame = pd.DataFrame(
        {
            "month": months("2026-01-01", 2) * 2,
            "category": ["Inference", "Inference", "Training", "Training"],
            "amount": [100.0, 160.0, 100.0, 105.0],
        }
    )
    title = spend_months.build(frame, currency="USD")["layout"]["meta"]["title"]
    assert title == "Spend in Feb 2026 is 33% more than the month before, driven by Inference"


def test_stacked_months_lose_nothing_to_other() -> None:
    frame = pd.DataFrame(
        {
            "month": months("2026-01-01", 1) * 9,
            "category": [*list("abcdefgh"), "Unallocated"],
            "amount": [1.0] * 9,
        }
    )
    _, series = spend_months.stacked(frame)
    assert sum(s[0] for s in series.values()) == 9.0
    assert list(series)[-1] == "Unallocated"


def test_a_kpi_says_when_it_is_worse_than_its_baseline() -> None:
    assert kpi_run.title("Errors", "%", 6.0, 5.0, 2.0) == "Errors is worse than its baseline: 6%"


def test_labels_at_line_ends_do_not_cover_each_other() -> None:
    labels = [theme.Label(y=y, text=str(y)) for y in (50.0, 50.5, 51.0)]
    notes = theme.end_labels(labels, x="2026-12-01", low=0, high=100, height=200)
    tops = sorted((100 - n["y"]) * 2 - n["yshift"] for n in notes)
    assert all(b - a >= 14 for a, b in itertools.pairwise(tops))


def test_the_colours_of_charts_are_those_of_the_stylesheet() -> None:
    css = (
        (Path(__file__).resolve().parents[3] / "static/css/tokens.css")
        .read_text()
        .split("prefers-contrast")[0]
    )
    light = dict(re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}),", css))
    assert {name: light.get(name) for name in theme.TOKENS} == theme.TOKENS
    assert len(set(theme.TOKENS.values())) == len(theme.TOKENS)


def test_two_groups_with_their_intervals_and_nothing_where_nothing_is_known():
    pair = intervals.Pair(
        "Lead time", (intervals.Seen(12.0, 8.0, 15.0, 40), intervals.Seen(3.0, 2.0, 4.5, 22))
    )
    gone = intervals.Pair("Validated", (None, intervals.Seen(0.8, 0.5, 1.1, 9)))
    drawn = intervals.build(
        pairs=[pair, gone], groups=("Centralised", "Distributed"), is_share=False, unit="days",
        title="T", subtitle="S",
    )  # fmt: skip
    go.Figure({"data": drawn["data"], "layout": {**drawn["layout"], "meta": None}})
    central, distributed = drawn["data"]
    assert (central["x"], distributed["x"]) == ([12.0], [3.0, 0.8])
    assert central["error_x"]["arrayminus"] == [4.0]
    assert central["y"][0] > distributed["y"][0]
    assert drawn["layout"]["meta"]["table"]["rows"][0] == [
        "Lead time", "Centralised", 12.0, 8.0, 15.0, 40,
    ]  # fmt: skip
    empty = intervals.build(
        pairs=[intervals.Pair("A", (None, None))], groups=("a", "b"), is_share=True, title="T",
        subtitle="S",
    )  # fmt: skip
    assert empty["data"] == []
    assert "seen often enough" in empty["layout"]["meta"]["sentence"]
