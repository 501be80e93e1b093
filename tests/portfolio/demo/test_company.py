"""The generator: one seed gives one company, with every state a page can show."""

from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest

from governance_app.domain.kpis import is_fresh
from governance_app.domain.periods import add_months
from governance_app.domain.risk import Control as RiskControl
from governance_app.domain.risk import Scenario, score
from governance_app.domain.stages import STAGES, check_move
from portfolio.demo import company, money
from portfolio.demo.processes import DIVISIONS
from portfolio.demo.shapes import Company, Initiative
from portfolio.demo.showcase import SHOWCASES

AS_OF = date(2026, 11, 1)


@pytest.fixture(scope="module")
def whole() -> Company:
    return company.build(as_of=AS_OF)


@pytest.fixture(scope="module")
def small() -> Company:
    return company.build(as_of=AS_OF, initiatives=len(SHOWCASES))


def initiatives(of: Company) -> list[Initiative]:
    return [row for row in of.initiatives if row.kind == "initiative"]


def test_same_seed_and_day_give_the_same_company(small: Company) -> None:
    assert company.build(as_of=AS_OF, initiatives=len(SHOWCASES)) == small


def test_another_seed_gives_another_company(small: Company) -> None:
    other = company.build(as_of=AS_OF, seed=1, initiatives=len(SHOWCASES))
    assert {person.name for person in other.people} != {person.name for person in small.people}
    assert money.totals(other.charges) != money.totals(small.charges)


def test_size_of_the_company(whole: Company) -> None:
    kinds = Counter(row.kind for row in whole.initiatives)
    assert kinds == {"initiative": 1200, "programme": 35, "portfolio": 7}
    assert len(whole.units) == 40
    assert 180 <= len(whole.people) <= 220
    assert len(whole.months) == 36
    assert whole.months[-1] == date(2026, 10, 1)


def test_names_keys_and_addresses_are_unique(whole: Company) -> None:
    for values in (
        [row.name for row in whole.initiatives],
        [row.key for row in whole.initiatives],
        [person.email for person in whole.people],
        [unit.code for unit in whole.units],
    ):
        assert len(set(values)) == len(values)


def test_no_purpose_keeps_a_placeholder(whole: Company) -> None:
    for row in initiatives(whole):
        assert row.purpose.endswith(".")
        assert not set("{}|") & set(row.purpose)


def test_purposes_do_not_repeat_much(whole: Company) -> None:
    assert len({row.purpose for row in initiatives(whole)}) > 1150


def test_parents_come_first_and_are_of_the_kind_above(whole: Company) -> None:
    seen: dict[str, str] = {}
    above = {"portfolio": None, "programme": "portfolio", "initiative": "programme"}
    for row in whole.initiatives:
        parent = seen[row.parent_key] if row.parent_key else None
        assert parent == above[row.kind]
        seen[row.key] = row.kind


def test_stage_moves_follow_the_template(whole: Company) -> None:
    for row in initiatives(whole):
        for move in row.moves[1:]:
            assert move.from_stage is not None
            check_move(move.from_stage, move.to_stage, reason=move.reason)
        days = [move.on for move in row.moves]
        assert days == sorted(days)
        assert days[-1] < AS_OF
        assert row.moves[-1].to_stage == row.stage


def test_every_stage_is_present(whole: Company, small: Company) -> None:
    slugs = {stage.slug for stage in STAGES}
    assert {row.stage for row in initiatives(whole)} == slugs
    assert {row.stage for row in initiatives(small)} == slugs


def test_about_one_pilot_in_three_moves_on_within_a_year(whole: Company) -> None:
    entered = on = 0
    for row in initiatives(whole):
        days = {move.to_stage: move.on for move in row.moves}
        if "pilot" not in days or (AS_OF - days["pilot"]).days < 365 or "back" in row.flags:
            continue
        entered += 1
        next_on = days.get("scaling", days.get("production"))
        on += next_on is not None and (next_on - days["pilot"]).days <= 365
    assert entered > 250
    assert 0.25 <= on / entered <= 0.50


def has(flag: str) -> Callable[[Company, Initiative], bool]:
    return lambda of, row: flag in row.flags


def _fresh(of: Company, row: Initiative) -> list[bool]:
    return [
        is_fresh(kpi.readings[-1][0], cadence_days=30, on=AS_OF)
        for kpi in of.kpis
        if kpi.key == row.key and kpi.readings
    ]


def _benefit(of: Company, row: Initiative) -> float:
    return sum(
        float(month.validated or 0)
        for benefit in of.benefits
        if benefit.key == row.key
        for month in benefit.months
    )


def _cost(of: Company, row: Initiative) -> float:
    return sum(float(charge.amount) for charge in of.charges if charge.key == row.key)


def _planned(of: Company, row: Initiative) -> float:
    known = set(of.months)
    return sum(float(b.amount) for b in of.budgets if b.key == row.key and b.month in known)


def _flows(of: Company, row: Initiative) -> list[float]:
    flows: Counter[date] = Counter()
    for case in of.cases:
        if case.key == row.key:
            for line in case.lines:
                flows[line.month] += float(line.amount) * (1 if line.side == "benefit" else -1)
    return [flows[month] for month in sorted(flows)]


def _residual_above(of: Company, row: Initiative) -> bool:
    limits = {a.category: a.level for a in of.appetites if a.unit_code is None}
    for risk in of.risks:
        if risk.key != row.key:
            continue
        found = score(
            Scenario(risk.category, risk.likelihood, risk.impact, risk.reviewed_on),
            controls=[
                RiskControl(
                    title=control.name,
                    kind=control.kind,  # type: ignore[arg-type]
                    design=control.design,
                    operating=control.operating,
                    evidence_on=control.evidence_on,
                    max_age_days=control.max_age_days,
                )
                for control in risk.controls
            ],
            on=AS_OF,
        )
        if found.residual is not None and found.residual > limits[risk.category]:
            return True
    return False


STATES: dict[str, Callable[[Company, Initiative], bool]] = {
    "on track": lambda of, row: row.status == "on_track",
    "at risk": lambda of, row: row.status == "at_risk",
    "off track": lambda of, row: row.status == "off_track",
    "no status": lambda of, row: row.status == "" and row.stage != "retired",
    "no owner": lambda of, row: row.business_owner is None and row.sponsor is None,
    "stale readings": lambda of, row: _fresh(of, row) != [] and not any(_fresh(of, row)),
    "no case": lambda of, row: (
        row.stage == "pilot" and row.key not in {case.key for case in of.cases}
    ),
    "draft case": lambda of, row: any(
        case.key == row.key and case.approved_by is None for case in of.cases
    ),
    "no spend": lambda of, row: row.stage == "pilot" and _cost(of, row) == 0,
    "no sign change": lambda of, row: bool(_flows(of, row)) and max(_flows(of, row)) < 0,
    "never pays back": lambda of, row: max(_flows(of, row), default=0) > 0 > sum(_flows(of, row)),
    "zero cost": lambda of, row: _cost(of, row) == 0 and _benefit(of, row) > 0,
    "past its time box": lambda of, row: (
        row.stage == "pilot" and row.time_box_on is not None and row.time_box_on < AS_OF
    ),
    "over budget": lambda of, row: 0 < _planned(of, row) * 1.1 < _cost(of, row),
    "risk above appetite": _residual_above,
    "risk not assessed": lambda of, row: any(
        risk.key == row.key and risk.likelihood is None for risk in of.risks
    ),
    "very long unicode name": lambda of, row: len(row.name) > 200 and "東" in row.name,
    "markup in the name": lambda of, row: "<" in row.name and '"' in row.name and "&" in row.name,
    "retired at a loss": lambda of, row: (
        row.stage == "retired" and _benefit(of, row) < _cost(of, row)
    ),
    "blocked dependency": lambda of, row: any(
        link.key == row.key and link.is_blocking for link in of.dependencies
    ),
    "rejected by finance": lambda of, row: any(
        month.is_rejected for b in of.benefits if b.key == row.key for month in b.months
    ),
    "KPI without readings": lambda of, row: any(
        kpi.key == row.key and not kpi.readings for kpi in of.kpis
    ),
    "KPI got worse": lambda of, row: any(
        kpi.key == row.key
        and kpi.unit_value is not None
        and kpi.readings
        and (kpi.readings[-1][1] - kpi.baseline) * (kpi.target - kpi.baseline) < 0
        for kpi in of.kpis
    ),
    "month with more credit than cost": lambda of, row: any(
        charge.key == row.key and charge.kind == "credit" for charge in of.charges
    ),
    "went back a stage": lambda of, row: any(
        (move.from_stage, move.to_stage) == ("production", "pilot") for move in row.moves
    ),
    "skipped a stage": lambda of, row: any(
        (move.from_stage, move.to_stage) == ("pilot", "production") for move in row.moves
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_every_state_a_page_can_show_is_present(small: Company, state: str) -> None:
    assert any(STATES[state](small, row) for row in initiatives(small))


def test_readings_lie_within_the_history_and_are_not_negative(whole: Company) -> None:
    for kpi in whole.kpis:
        days = [on for on, _ in kpi.readings]
        assert days == sorted(set(days))
        assert all(whole.months[0] <= on < AS_OF for on in days)
        assert all(value > 0 for _, value in kpi.readings)


def test_measured_benefit_is_what_the_kpi_says(whole: Company) -> None:
    kpis = {(kpi.key, kpi.series_key): kpi for kpi in whole.kpis}
    checked = 0
    for benefit in whole.benefits:
        kpi = kpis[benefit.key, benefit.series_key]
        readings = {on.replace(day=1): value for on, value in kpi.readings}
        for month in list(readings):
            readings.setdefault(add_months(month, 1), readings[month])
        sign = 1 if kpi.direction == "higher" else -1
        for month in benefit.months:
            if month.measured is None or kpi.unit_value is None:
                continue
            worth = sign * (readings[month.month] - kpi.baseline) * kpi.unit_value * kpi.attribution
            assert abs(month.measured - worth) <= 1
            checked += 1
    assert checked > 3000


def test_nobody_validates_what_is_not_measured_or_banks_more_than_is_validated(
    whole: Company,
) -> None:
    for benefit in whole.benefits:
        for month in benefit.months:
            if month.validated is not None:
                assert month.measured is not None
                assert month.validator != benefit.owner
            if month.banked is not None:
                assert month.validated is not None
                assert month.banked <= month.validated


def test_the_year_ends_above_budget_and_one_division_below(whole: Company) -> None:
    euro = {rate.month: rate.value for rate in whole.rates
            if (rate.base, rate.kind) == ("EUR", "average")}  # fmt: skip
    unit_of = {row.key: row.unit_code.split("-")[0] for row in whole.initiatives}
    spent: Counter[str] = Counter()
    budget: Counter[str] = Counter()
    for charge in whole.charges:
        if charge.month.year == 2026 and charge.key:
            rate = euro[charge.month] if charge.source in money.EURO_SOURCES else 1
            spent[unit_of[charge.key]] += float(charge.amount * rate)
    for row in whole.budgets:
        if row.month in whole.months and row.month.year == 2026:
            budget[row.unit_code.split("-")[0]] += float(row.amount)
    assert 30e6 < sum(spent.values()) < 45e6
    assert 1.05 < sum(spent.values()) / sum(budget.values()) < 1.2
    assert [code for code in spent if spent[code] < budget[code]] == ["OPS"]
    assert set(spent) == {division.code for division in DIVISIONS}


def test_rates_cover_every_month_and_kind(whole: Company) -> None:
    known = {(rate.base, rate.month, rate.kind) for rate in whole.rates}
    for month in whole.months:
        for kind in ("average", "closing", "budget"):
            assert ("EUR", month, kind) in known
    assert ("EUR", date(2026, 12, 1), "budget") in known


def test_models_have_names_of_their_own_and_versions_in_order(whole: Company) -> None:
    names = [model.name for model in whole.registry.models]
    assert len(set(names)) == len(names) > 150
    last: dict[str, tuple[int, object]] = {}
    for version in whole.registry.versions:
        number, made_at = int(version.version), version.created_at
        before = last.get(version.model_name, (0, None))
        assert number == before[0] + 1
        assert made_at is not None and made_at.date() <= AS_OF
        last[version.model_name] = (number, made_at)
    assert set(last) == set(names)


def test_too_small_a_company_is_refused() -> None:
    with pytest.raises(ValueError, match="Every state needs"):
        company.build(as_of=AS_OF, initiatives=3)
