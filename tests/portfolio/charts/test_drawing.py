"""What the server draws is what Plotly would: the same places, words, colours, at every width."""

import itertools
import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.charts import (
    chance,
    drawing,
    frontier,
    intervals,
    plan_lines,
    proof_of_effect,
    spend_days,
    spend_months,
    theme,
    value_bridge,
)
from portfolio.charts.drawing import axes, pen
from tests.portfolio.charts import test_pictures as usual
from tests.portfolio.charts import test_plan_year as planned

Elements = ET.Element


def every_picture() -> dict[str, theme.Figure]:
    days = [date(2026, 1, 1) + timedelta(days=30 * place) for place in range(12)]
    spend = pd.DataFrame(
        {
            "day": [date(2026, 3, 1) + timedelta(days=n) for n in range(28)] * 2,
            "category": ["a"] * 28 + ["b"] * 28,
            "amount": [float(n % 5 + 1) for n in range(56)],
        }
    )
    pair = intervals.Pair(
        "Lead time", (intervals.Seen(12.0, 8.0, 15.0, 40), intervals.Seen(3.0, 2.0, 4.5, 22))
    )
    return usual.every_picture() | {
        "plan": planned.drawn()[1],
        "spread": chance.spread(
            edges=[-2e6, -1e6, 0, 1e6, 2e6], heights=[1, 3, 6, 2], currency="USD",
            marks=[("P10", -1e6), ("P90", 1.5e6)], title="T", subtitle="S",
        ),
        "tornado": chance.tornado(
            swings=[("Adoption & use", -1e6, 2e6), ("Rate", 0, 1e6)], likely=5e5,
            currency="USD", title="T",
        ),
        "frontier": frontier.build(
            points=[(1e6, 2e6), (2e6, 3e6)], standing=(1.5e6, 2.5e6), limit="Cost",
            currency="USD", title="T",
        ),
        "days": spend_days.build(spend, currency="USD", what="service", period="March"),
        "bridge": bridge(),
        "proof": proof_of_effect.build(
            name="Time", unit="min", days=days, readings=[10.0] * 8 + [7.0] * 4,
            expected=[10.0] * 12, low=-4.0, high=-2.0, change_on=days[8], words="3 min lower",
        ),
        "lines": timeline(),
        "intervals": intervals.build(
            pairs=[pair], groups=("Centralised", "Distributed"), is_share=False, unit="days",
            title="T", subtitle="S",
        ),
    }  # fmt: skip


def bridge() -> theme.Figure:
    return value_bridge.build(
        promised=300.0, steps=[("Scope", 50.0, 350.0), ("Rejected <by> finance", -100.0, 250.0)],
        currency="USD", title="T", subtitle="S",
    )  # fmt: skip


def timeline() -> theme.Figure:
    bars = (
        plan_lines.Bar("pilot", "Pilot", date(2026, 1, 1), date(2026, 3, 2)),
        plan_lines.Bar("", "Plan", date(2026, 3, 2), date(2026, 9, 1)),
    )
    late = plan_lines.Stone("Go live", date(2026, 2, 1), None)
    return plan_lines.build(
        [
            plan_lines.Line("AI-1", "One & two", "/initiatives/AI-1/", bars, [late], []),
            plan_lines.Line("AI-2", "Two", "/initiatives/AI-2/", bars, [], ["AI-1"]),
        ],
        on=date(2026, 6, 1),
    )


def drawn(figure: theme.Figure, fit: str = "wide") -> Elements:
    """Give one of the two drawings as elements."""
    both = ET.fromstring(f"<div>{drawing.html(figure, 'key')}</div>")
    return next(each for each in both if fit in each.attrib["class"].split())


def share(percent: str) -> float:
    return float(percent.rstrip("%")) / 100


def said(element: Elements) -> list[str]:
    return ["".join(span.itertext()) for span in element.iter("tspan")]


def bars(element: Elements) -> list[dict[str, str]]:
    """Give the boxes that stand for amounts; those behind words are counted in pixels."""
    return [r.attrib for r in element.iter("rect") if r.attrib["width"].endswith("%")]


def runs(path: str) -> list[list[tuple[float, float]]]:
    """Give the places of a path as shares of the plot area."""
    return [
        [(float(x) / pen.BOX, float(y) / pen.BOX) for x, y in re.findall(r"(\d+) (\d+)", run)]
        for run in path.split("M")[1:]
    ]


@pytest.mark.parametrize("fit", ["wide", "narrow"])
@pytest.mark.parametrize("name", every_picture())
def test_every_picture_is_drawn_with_its_own_words_and_colours(name: str, fit: str) -> None:
    figure = every_picture()[name]
    layout = figure["layout"] | (figure["layout"]["meta"]["narrow"] if fit == "narrow" else {})
    found = drawn(figure, fit)
    words = said(found)
    upright = layout["yaxis"]
    ticks = [
        word
        for at, word in zip(upright.get("tickvals", ()), upright.get("ticktext", ()), strict=True)
        if upright["range"][0] <= at <= upright["range"][1]
    ]
    for word in re.findall(r"(?:^|>)([^<>]+)(?:<|$)", "<br>".join(ticks)):
        assert word.replace("&amp;", "&") in words
    for note in layout.get("annotations", ()):
        assert not note["text"] or note["text"] in words
    colours = {
        element.attrib[part]
        for element in found.iter()
        for part in ("fill", "stroke")
        if part in element.attrib
    }
    assert colours - {"none"}
    assert all(
        colour in {f"var(--{token})" for token in theme.TOKENS} for colour in colours - {"none"}
    )
    assert found.attrib["aria-hidden"] == "true"


def test_a_line_goes_through_its_values_and_stops_where_they_are_unknown() -> None:
    figure = theme.figure(
        data=[theme.line([0, 1, 2, 3], [0.0, 5.0, None, 10.0], name="L", colour=theme.INK)],
        title="T", subtitle="S", sentence="S", table=([], []),
        xaxis={"range": [0, 4]}, yaxis={"range": [0, 10]},
    )  # fmt: skip
    (path,) = (p for p in drawn(figure).iter("path") if p.attrib["fill"] == "none")
    assert runs(path.attrib["d"]) == [[(0.0, 1.0), (0.25, 0.5)], [(0.75, 0.0)]]
    assert path.attrib["stroke"] == "var(--ink)"


def test_stacked_bars_stand_on_each_other_and_credits_hang_below() -> None:
    frame = pd.DataFrame(
        {
            "month": [date(2026, 1, 1), date(2026, 2, 1)] * 2,
            "category": ["a", "a", "b", "b"],
            "amount": [6.0, 6.0, 4.0, -3.0],
        }
    )
    figure = spend_months.build(frame, currency="USD")
    low, high = figure["layout"]["yaxis"]["range"]
    boxes = bars(drawn(figure))
    ends = [
        [high - share(b["y"]) * (high - low) for b in boxes],
        [high - (share(b["y"]) + share(b["height"])) * (high - low) for b in boxes],
    ]
    assert ends[0] == pytest.approx([6.0, 6.0, 10.0, 0.0], abs=0.01)
    assert ends[1] == pytest.approx([0.0, 0.0, 6.0, -3.0], abs=0.01)


def test_a_bridge_hangs_together_and_says_each_step() -> None:
    figure = bridge()
    boxes = bars(drawn(figure))
    tops = [share(b["y"]) for b in boxes]
    feet = [share(b["y"]) + share(b["height"]) for b in boxes]
    assert tops[1] < tops[0] == pytest.approx(feet[1])
    assert tops[2] == pytest.approx(tops[1])
    assert tops[3] == pytest.approx(feet[2])
    assert [b["fill"] for b in boxes] == ["var(--ink)", "var(--good)", "var(--bad)", "var(--ink)"]
    words = said(drawn(figure))
    assert {"$300", "+$50", "−$100", "$250"} <= set(words)
    assert "Rejected <by>" in words  # a name is text, whatever signs it holds


def test_a_timeline_shows_when_each_stage_was_and_leads_to_the_initiative() -> None:
    figure = timeline()
    found = drawn(figure)
    first, last = (axes.days(day) for day in figure["layout"]["xaxis"]["range"])
    box = bars(found)[0]
    starts = first + share(box["x"]) * (last - first)
    assert starts == pytest.approx(axes.days("2026-01-01"), abs=0.05)
    assert share(box["width"]) * (last - first) == pytest.approx(60, abs=0.05)
    links = [each.attrib for each in found.iter("a")]
    assert [a["href"] for a in links] == ["/initiatives/AI-2/", "/initiatives/AI-1/"]
    assert {a["tabindex"] for a in links} == {"-1"}
    arrows = [e for e in found.iter("line") if "marker-end" in e.attrib]
    assert len(arrows) == 1
    assert f"#{next(found.iter('marker')).attrib['id']}" in arrows[0].attrib["marker-end"]


def test_bars_that_lie_are_read_from_the_top_as_the_table_is() -> None:
    figure = usual.every_picture()["by"]
    found = drawn(figure)
    tops = [share(box["y"]) for box in bars(found)]
    assert tops == sorted(tops)
    names = [word for word in said(found) if word in ("AWS", "Azure")]
    assert names == ["AWS", "Azure"]


def test_a_lone_month_has_a_bar_one_can_see() -> None:
    frame = pd.DataFrame({"month": [date(2026, 1, 1)], "category": ["a"], "amount": [3.0]})
    (box,) = bars(drawn(spend_months.build(frame, currency="USD")))
    assert 0.05 < share(box["width"]) < 0.3


def test_words_that_would_touch_are_left_out_where_it_is_narrow() -> None:
    figure = every_picture()["spread"]
    wide, narrow = said(drawn(figure)), said(drawn(figure, "narrow"))
    assert set(narrow) <= set(wide)


def test_words_over_many_bars_read_upwards_where_it_is_narrow() -> None:
    steps = [(f"Step {n}", 10.0, 100.0 + 10 * (n + 1)) for n in range(6)]
    figure = value_bridge.build(
        promised=100.0, steps=steps, currency="USD", title="T", subtitle="S"
    )
    for fit, count in (("wide", 0), ("narrow", 8)):
        over = [
            each
            for each in drawn(figure, fit).iter("text")
            if "rotate(-90)" in each.attrib["transform"] and each.attrib["fill"] == "var(--ink)"
        ]
        assert len(over) == count


def test_names_of_both_drawings_differ_so_that_each_finds_its_own_arrow() -> None:
    ids = re.findall(r' id="([^"]+)"', drawing.html(timeline(), "timeline"))
    assert len(ids) == len(set(ids)) == 2


def test_a_trace_that_nobody_has_drawn_yet_is_refused_by_its_name() -> None:
    figure = usual.every_picture()["by"]
    figure["data"][0]["type"] = "pie"
    with pytest.raises(drawing.Unknown, match="pie"):
        drawing.html(figure, "key")


@given(
    st.lists(st.none() | st.floats(-1e9, 1e9), min_size=2, max_size=30),
    st.floats(-1e9, 0),
    st.floats(1, 1e9),
)
def test_no_known_value_is_lost_and_order_is_kept(
    values: list[float | None], low: float, span: float
) -> None:
    high = max([low + span, *(v for v in values if v is not None)])
    low = min([low, *(v for v in values if v is not None)])
    figure = theme.figure(
        data=[theme.line(list(range(len(values))), values, name="L", colour=theme.INK)],
        title="T", subtitle="S", sentence="S", table=([], []),
        xaxis={"range": [0, len(values)]}, yaxis={"range": [low, high]},
    )  # fmt: skip
    paths = [p for p in drawn(figure).iter("path") if p.attrib["fill"] == "none"]
    places = [place for path in paths for run in runs(path.attrib["d"]) for place in run]
    known = [v for v in values if v is not None]
    assert len(places) == len(known)
    assert all(before[0] <= after[0] for before, after in itertools.pairwise(places))
    assert all(0 <= y <= 1 for _x, y in places)
    order = sorted(range(len(known)), key=lambda n: known[n])
    heights = [places[n][1] for n in order]
    assert heights == sorted(heights, reverse=True)


def test_a_plan_without_a_band_is_drawn_without_one() -> None:
    _, figure = planned.drawn(low=[None] * 12, high=[None] * 12)
    assert not [p for p in drawn(figure).iter("path") if p.attrib["fill"] != "none"]
    _, banded = planned.drawn()
    (area,) = [p for p in drawn(banded).iter("path") if p.attrib["fill"] != "none"]
    assert area.attrib["fill"] == "var(--band)"
