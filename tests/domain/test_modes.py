"""What modes cost: intervals that are known, a replay by hand, and advice that says why."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from governance_app.domain.modes import (
    ModeFigures,
    Past,
    UnitFacts,
    advise,
    compare,
    difference,
    middle_of,
    replay,
    share,
)

TEAM, BOARD = frozenset({"team"}), frozenset({"risk", "board"})
LIMITS = {
    "regulated_share": 0.3, "sensitive_share": 0.4, "high_tier_share": 0.2, "incidents_each": 0.2,
    "moves_a_year": 12, "monitored_share": 0.8, "green_share": 0.9, "live_count": 20,
    "board_waits_days": 14, "deciders": 2,
}  # fmt: skip
CALM = UnitFacts(
    live=30, moves_a_year=20, board_waits_days=9.0, high_tier_share=0.0, regulated_share=0.1,
    sensitive_share=0.1, incidents_each=0.0, monitored_share=0.95, green_share=0.97, deciders=5,
)  # fmt: skip


@given(st.integers(0, 500), st.integers(1, 500))
@example(0, 295)
def test_a_share_lies_in_its_interval(hits: int, more: int) -> None:
    found = share(hits, hits + more).need()
    assert 0 <= found.low <= found.value <= found.high <= 1


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634)]
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    found = share(hits, of).need()
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_too_few_cases_are_not_a_median() -> None:
    assert not middle_of([1.0] * 4, least=5).known
    found = middle_of([1.0, 2.0, 3.0, 4.0, 50.0], least=5).need()
    assert found.value == 3.0
    assert found.low <= 3.0 <= found.high


def test_a_difference_is_the_same_each_time() -> None:
    one, other = [100.0, 120.0, 90.0, 110.0, 130.0], [1.0, 2.0, 3.0, 4.0, 5.0]
    assert difference(one, other, least=5) == difference(one, other, least=5)
    assert difference(one, other, least=5).need().value == 107.0


# --- the past under the other mode ---------------------------------------------------------------


def test_a_replay_by_hand() -> None:
    """Two team decisions would go to the board; the board is known to take 100 hours."""
    rows = [
        Past("1", TEAM, BOARD, 2.0, incidents=1),
        Past("2", TEAM, BOARD, 4.0),
        Past("3", BOARD, BOARD, 90.0, incidents=2),
    ]
    also = [Past(str(n), BOARD, frozenset(), hours) for n, hours in ((8, 100.0), (9, 110.0))]
    found = replay(rows, board=BOARD, least=3, to="central", observed_also=also)
    assert (found.escalated, found.relieved) == (2, 0)
    assert found.hours_change.value == 98.0 + 96.0 + 0.0
    assert (found.incidents, found.incidents_seen) == (3, 1)
    assert found.sentence == (
        "Decided the central way, 2 of 3 requests would have gone to the board that did not, and 0 "
        "would not have gone there that did. Together they would have waited 8.1 days more, known "
        "of 3. The board would have looked before 1 of 3 incidents that followed."
    )


def test_hours_that_nobody_observed_are_not_stated() -> None:
    found = replay([Past("1", TEAM, BOARD, 2.0)], board=BOARD, least=3, to="central")
    assert (found.hours_change.value, found.hours_known) == (None, 0)
    assert "Waiting time cannot be told" in found.sentence


def test_an_empty_year_says_so() -> None:
    found = replay([], board=BOARD, least=3, to="central")
    assert found.sentence == "No request was decided in that time."


# --- compared -----------------------------------------------------------------------------------


def figures(mode: str, hours: list[float], incidents: int = 0, approvals: int = 40) -> ModeFigures:
    return ModeFigures(mode, len(hours), tuple(hours), 1, approvals, incidents, (0.5,) * 6)


def test_a_clear_difference_is_said_with_its_interval() -> None:
    slow, fast = [240.0 + n for n in range(20)], [2.0 + n / 10 for n in range(20)]
    found = compare(figures("central", slow), figures("distributed", fast), least=5)
    assert found.sentence.startswith("Distributed decides 10.3 days faster at the median (95 %: ")
    assert "no difference can be told" in found.sentence


def test_what_cannot_be_told_apart_is_not_told() -> None:
    same = [float(n) for n in range(20)]
    found = compare(figures("central", same), figures("distributed", same), least=5)
    assert "cannot be told apart" in found.sentence


def test_more_incidents_are_named_when_the_intervals_do_not_meet() -> None:
    hours = [5.0] * 6
    found = compare(
        figures("central", hours, 0, 200), figures("distributed", hours, 60, 200), least=5
    )
    assert "Incidents follow distributed approvals more often (0 % central, 30 % distributed)" in (
        found.sentence
    )


# --- advice -------------------------------------------------------------------------------------


def test_a_watched_and_calm_unit_may_decide_itself() -> None:
    found = advise(CALM, LIMITS)
    assert found.mode == "distributed"
    assert [each.criterion for each in found.leanings] == [
        "speed", "consistency", "risk", "fit", "scale"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"high_tier_share": 0.25}, "25 % are high-risk by law"),
        ({"sensitive_share": 0.5}, "50 % are with sensitive data"),
        ({"incidents_each": 0.3}, "0.30 incidents an initiative"),
        ({"monitored_share": 0.5}, "50 % are monitored"),
        ({"green_share": 0.5}, "50 % green"),
        ({"green_share": None}, "No guardrail has been judged yet"),
    ],
)
def test_compliance_and_risk_outweigh_speed(change: dict[str, Any], told: str) -> None:
    found = advise(replace(CALM, **change), LIMITS)
    assert found.mode == "central"
    assert any(told in each.why for each in found.leanings if each.to == "central")
    assert "outweighs speed" in found.sentence


def test_a_unit_of_which_nothing_is_known_is_not_left_to_itself() -> None:
    nothing = UnitFacts(0, 0, None, None, None, None, None, None, None, 0)
    assert advise(nothing, LIMITS).mode == "central"


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(0, 50), st.integers(0, 60))
def test_more_incidents_never_turn_advice_towards_the_teams(
    incidents: float, more: float, green: float, moves: int, live: int
) -> None:
    facts = replace(
        CALM, incidents_each=incidents, green_share=green, moves_a_year=moves, live=live
    )
    if advise(facts, LIMITS).mode == "central":
        worse = replace(facts, incidents_each=incidents + more)
        assert advise(worse, LIMITS).mode == "central"
