"""Pictures of value say what is drawn and are figures that plotly accepts."""

from datetime import date, timedelta

import plotly.graph_objects as go

from portfolio.charts import chance, proof_of_effect, value_bridge

STEPS = [("Scope and timing", 50.0, 350.0), ("Rejected by finance", -100.0, 250.0)]


def test_the_bars_of_a_bridge_hang_together() -> None:
    picture = value_bridge.build(
        promised=300.0, steps=STEPS, currency="USD", title="Bridge", subtitle="USD"
    )
    bars = picture["data"][0]
    assert bars["x"] == ["Promised", "Scope and timing", "Rejected by finance", "In the bank"]
    assert bars["base"] == [0.0, 300.0, 250.0, 0.0]
    assert bars["y"] == [300.0, 50.0, 100.0, 250.0]
    go.Figure(picture)


def test_a_bridge_below_zero_stands_on_its_step() -> None:
    picture = value_bridge.build(
        promised=10.0, steps=[("Validated", -30.0, -20.0)], currency="USD", title="B", subtitle="U"
    )
    assert picture["data"][0]["base"] == [0.0, -20.0, 0.0]
    assert picture["data"][0]["y"] == [10.0, 30.0, -20.0]


def test_the_interval_is_drawn_from_the_change_on() -> None:
    days = [date(2026, 1, 1) + timedelta(days=30 * place) for place in range(12)]
    picture = proof_of_effect.build(
        name="Handling time", unit="min", days=days, readings=[10.0] * 8 + [7.0] * 4,
        expected=[10.0] * 12, low=-4.0, high=-2.0, change_on=days[8], words="3 min lower",
    )  # fmt: skip
    band, expected, read = picture["data"]
    assert len(band["x"]) == 8
    assert (min(band["y"]), max(band["y"])) == (6.0, 8.0)
    assert expected["line"]["dash"] == "dash"
    assert read["y"][-1] == 7.0
    go.Figure(picture)


def test_swings_are_drawn_from_each_other_and_not_from_zero() -> None:
    swings = [("Adoption", 60e6, 75e6), ("Price", 70e6, 85e6)]
    picture = chance.tornado(swings=swings, likely=78e6, currency="USD", title="A")
    low, high = picture["layout"]["xaxis"]["range"]
    assert 55e6 < low < 60e6 and 85e6 < high < 90e6
    alike = chance.tornado(swings=[("Price", 5.0, 5.0)], likely=5.0, currency="USD", title="A")
    low, high = alike["layout"]["xaxis"]["range"]
    assert low < 5 < high


def test_the_outer_marks_of_a_spread_are_named_outwards() -> None:
    marks = [("P10", 52.0), ("P50", 66.0), ("P90", 79.0)]
    picture = chance.spread(
        edges=[0.0, 50.0, 100.0], heights=[1, 3], marks=marks, currency="USD", title="A",
        subtitle="B",
    )  # fmt: skip
    anchors = {
        note["text"][:3]: note["xanchor"]
        for note in picture["layout"]["annotations"]
        if note["text"][:1] == "P"
    }
    assert anchors == {"P10": "right", "P50": "center", "P90": "left"}
