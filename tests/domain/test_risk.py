"""risk-1: monotone in every input, explains itself, unknown stays unknown."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance_app.domain import risk
from governance_app.domain.risk import Control, Scenario, Signal

ON = date(2026, 11, 21)
CATEGORIES = list(risk.CATEGORIES)[:3]

shares = st.integers(0, 100).map(lambda per_cent: Decimal(per_cent) / 100)
scenarios = st.builds(
    Scenario,
    category=st.sampled_from(CATEGORIES),
    likelihood=st.integers(1, 5),
    impact=st.integers(1, 5),
    reviewed_on=st.none() | st.dates(date(2024, 1, 1), ON),
)
controls = st.builds(
    Control,
    title=st.just("Output filter"),
    kind=st.sampled_from(["prevent", "limit"]),
    design=shares,
    operating=shares,
    evidence_on=st.sampled_from([None, date(2026, 11, 1), date(2025, 1, 1)]),
    max_age_days=st.just(180),
)
signals = st.builds(
    Signal,
    kind=st.just("drift.alarm"),
    categories=st.sets(st.sampled_from(CATEGORIES), min_size=1).map(tuple),
    evidence=st.just("PSI 0.31 > 0.25"),
    up=st.integers(0, 2),
    floor=st.sampled_from([1, 1, 4]),
    likelihood_floor=st.sampled_from([1, 1, 5]),
    lowers_confidence=st.booleans(),
)
cases = st.tuples(scenarios, st.lists(controls, max_size=4), st.lists(signals, max_size=3))


def _grid(rows: list[list[int]]) -> risk.Grid:
    """Raise what is below its neighbours, so that more is never less."""
    made: dict[int, list[int]] = {}
    for likelihood, row in enumerate(rows, start=1):
        made[likelihood] = []
        for impact, level in enumerate(row):
            below = made[likelihood - 1][impact] if likelihood > 1 else 1
            before = made[likelihood][-1] if impact else 1
            made[likelihood].append(max(level, below, before))
    return made


_rows = st.lists(st.integers(1, 5), min_size=5, max_size=5)
grids = st.lists(_rows, min_size=5, max_size=5).map(_grid)
terms = st.builds(
    risk.Terms,
    most_effect=st.integers(0, 99).map(lambda per_cent: Decimal(per_cent) / 100),
    steps=st.lists(st.integers(1, 100), min_size=1, max_size=4).map(
        lambda steps: tuple(Decimal(each) / 100 for each in sorted(steps))
    ),
    most_raised=st.integers(0, 4),
)


def residual(case: tuple[Scenario, list[Control], list[Signal]]) -> int:
    scenario, having, raised = case
    level = risk.score(scenario, controls=having, signals=raised, on=ON).residual
    assert level is not None
    return level


class TestMonotone:
    @given(cases, controls)
    def test_a_control_never_raises(
        self, case: tuple[Scenario, list[Control], list[Signal]], one: Control
    ) -> None:
        scenario, having, raised = case
        assert residual((scenario, [*having, one], raised)) <= residual(case)

    @given(cases, signals)
    def test_a_signal_never_lowers(
        self, case: tuple[Scenario, list[Control], list[Signal]], one: Signal
    ) -> None:
        scenario, having, raised = case
        assert residual((scenario, having, [*raised, one])) >= residual(case)

    @given(cases)
    def test_losing_evidence_never_lowers(
        self, case: tuple[Scenario, list[Control], list[Signal]]
    ) -> None:
        scenario, having, raised = case
        bare = [replace(control, evidence_on=None) for control in having]
        assert residual((scenario, bare, raised)) >= residual(case)

    @given(cases)
    def test_more_likelihood_or_impact_never_lowers(
        self, case: tuple[Scenario, list[Control], list[Signal]]
    ) -> None:
        scenario, having, raised = case
        assert scenario.likelihood is not None
        assert scenario.impact is not None
        likelier = replace(scenario, likelihood=min(5, scenario.likelihood + 1))
        graver = replace(scenario, impact=min(5, scenario.impact + 1))
        assert residual((likelier, having, raised)) >= residual(case)
        assert residual((graver, having, raised)) >= residual(case)

    @given(cases)
    def test_without_signals_the_residual_is_at_most_inherent(
        self, case: tuple[Scenario, list[Control], list[Signal]]
    ) -> None:
        scenario, having, _ = case
        result = risk.score(scenario, controls=having, on=ON)
        assert result.residual is not None
        assert result.inherent is not None
        assert result.residual <= result.inherent

    @given(cases)
    @settings(max_examples=50)
    def test_replaying_gives_the_same_lines_and_hash(
        self, case: tuple[Scenario, list[Control], list[Signal]]
    ) -> None:
        scenario, having, raised = case
        first = risk.score(scenario, controls=having, signals=raised, on=ON)
        assert first == risk.score(scenario, controls=having, signals=raised, on=ON)
        assert risk.replay(json.loads(json.dumps(first.facts))) == first

    @given(cases, grids, terms, controls, signals)
    def test_it_is_monotone_and_replayable_under_every_grid_and_terms_that_may_be_set(
        self,
        case: tuple[Scenario, list[Control], list[Signal]],
        grid: risk.Grid,
        set_terms: risk.Terms,
        control: Control,
        signal: Signal,
    ) -> None:
        risk.check_grid(grid)
        risk.check_terms(set_terms)
        scenario, having, raised = case

        def judged(of: Scenario, by: list[Control], told: list[Signal]) -> risk.Score:
            return risk.score(of, controls=by, signals=told, on=ON, grid=grid, terms=set_terms)

        first = judged(scenario, having, raised)
        assert risk.replay(json.loads(json.dumps(first.facts))) == first
        level = first.residual
        assert level is not None and scenario.likelihood is not None
        assert 1 <= level <= 5
        likelier = replace(scenario, likelihood=min(5, scenario.likelihood + 1))
        for riskier in (
            judged(likelier, having, raised),
            judged(scenario, having, [*raised, signal]),
            judged(scenario, having[1:], raised),
        ):
            assert riskier.residual is not None and riskier.residual >= level
        safer = judged(scenario, [*having, control], raised).residual
        assert safer is not None and safer <= level

    @given(cases, st.sampled_from(["likelihood", "impact"]))
    def test_every_case_gets_a_score_and_what_is_not_assessed_gets_no_level(
        self, case: tuple[Scenario, list[Control], list[Signal]], missing: str
    ) -> None:
        scenario, having, raised = case
        unknown = replace(scenario, **{missing: None})  # type: ignore[arg-type]
        found = risk.score(unknown, controls=having, signals=raised, on=ON)
        assert (found.inherent, found.residual, found.points) == (None, None, None)
        assert risk.replay(json.loads(json.dumps(found.facts))) == found


def test_the_example_of_the_reference() -> None:
    result = risk.score(
        Scenario("bias", 4, 4, reviewed_on=ON - timedelta(days=200), review_days=180),
        controls=[
            Control(
                "Bias test",
                "prevent",
                Decimal("0.8"),
                Decimal("0.7"),
                evidence_on=ON - timedelta(days=30),
                max_age_days=180,
            )
        ],
        signals=[Signal("drift.alarm", ("bias", "performance"), "PSI 0.31 > 0.25", up=1)],
        on=ON,
    )
    assert result.inherent == 4
    assert [(line.kind, line.from_level, line.to_level) for line in result.lines] == [
        ("assessed", None, 4),
        ("control", 4, 4),
        ("controls", 4, 2),
        ("signal", 2, 2),
        ("signals", 2, 3),
        ("residual", 4, 3),
    ]
    assert (result.residual, result.points, result.confidence) == (3, 48, "medium")


def test_unknown_stays_unknown_whatever_is_signalled() -> None:
    blind = Scenario("security", None, 4)
    result = risk.score(
        blind, signals=[Signal("vuln.open", ("security",), "CVE-2026-1", floor=4)], on=ON
    )
    assert (result.residual, result.inherent, result.points) == (None, None, None)
    assert result.confidence == "low"
    assert [line.kind for line in result.lines] == ["unknown", "signal"]


def test_unknown_sorts_above_high_and_never_as_nothing() -> None:
    assert risk.sort_key(5) > risk.sort_key(None) > risk.sort_key(4, 100) > risk.sort_key(4, 64)


def test_a_floor_holds_the_level_and_says_so() -> None:
    result = risk.score(
        Scenario("security", 1, 1, reviewed_on=ON),
        signals=[Signal("vuln.open", ("security",), "CVE-2026-1", floor=4)],
        on=ON,
    )
    assert result.residual == 4
    assert [line.kind for line in result.lines if line.to_level == 4] == ["floor", "residual"]


def test_an_open_incident_makes_it_certain() -> None:
    incident = Signal("incident.open", ("privacy",), "INC-7", likelihood_floor=5)
    result = risk.score(Scenario("privacy", 2, 5, reviewed_on=ON), signals=[incident], on=ON)
    assert (result.likelihood, result.residual) == (5, 5)


def test_evidence_expires_the_day_after_its_maximum_age() -> None:
    control = Control("Test", "limit", Decimal(1), Decimal(1), ON, max_age_days=10)
    assert risk.credit(control, on=ON + timedelta(days=10)) == 1
    assert risk.credit(control, on=ON + timedelta(days=11)) == 0


@pytest.mark.parametrize(
    ("age_days", "confidence"),
    [(0, "high"), (180, "high"), (181, "medium"), (360, "medium"), (361, "low")],
)
def test_confidence_falls_with_the_age_of_the_review(age_days: int, confidence: str) -> None:
    reviewed_on = ON - timedelta(days=age_days)
    assert risk.score(Scenario("bias", 2, 2, reviewed_on), on=ON).confidence == confidence


def test_the_hash_changes_only_when_something_that_counts_does() -> None:
    scenario = Scenario("bias", 4, 4, reviewed_on=ON)
    control = Control("Test", "prevent", Decimal(1), Decimal(1), ON, max_age_days=10)
    hashes = [
        risk.score(scenario, controls=[control], on=ON + timedelta(days=age)).facts_hash
        for age in (0, 10, 11)
    ]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_grid_that_is_not_monotone_is_refused() -> None:
    with pytest.raises(risk.BadGrid, match="Likelihood 5, impact 5"):
        risk.check_grid({**risk.GRID, 5: (1, 2, 3, 4, 3)})
    with pytest.raises(risk.BadGrid, match="five rows"):
        risk.check_grid({1: (1, 1, 1, 1, 1)})


class TestStanding:
    def test_the_worst_scenario_drives_and_nothing_is_averaged(self) -> None:
        found = risk.standing([(2, 16, 2), (4, 64, 3), (4, 80, 3)])
        assert (found.level, found.driver, found.above_appetite) == (4, 2, 2)

    def test_an_unassessed_scenario_hides_the_level_unless_the_worst_is_known(self) -> None:
        assert risk.standing([(4, 64, 3), (None, None, 3)]).level is None
        assert risk.standing([(5, 80, 3), (None, None, 3)]).level == 5

    def test_words(self) -> None:
        assert risk.standing([(3, 36, 2), (None, None, 2)]).sentence == (
            "1 of 2 not assessed; the rest up to moderate."
        )
        assert risk.standing([(None, None, 2)]).sentence == "Not assessed, 0 above appetite."
