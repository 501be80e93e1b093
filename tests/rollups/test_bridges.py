"""The value bridge of an initiative and of the portfolio sums exactly."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from governance_app.domain.money import exact_sum
from governance_app.domain.records import AssumptionRecord, CaseLineRecord
from governance_app.rollups import selectors
from governance_app.rollups.selectors.passports import passport
from governance_app.value import services as value

pytestmark = pytest.mark.django_db

SEP = dt.date(2026, 9, 1)


@pytest.fixture
def walked(world: Any) -> Any:
    """Promised 300 in October; September measured 4,000, 3,000 of it agreed, 1,000 banked."""
    initiative = world.initiative()
    world.case(initiative)
    kpi = world.kpi(initiative)
    benefit = world.benefit(initiative, kpi)
    for month, reading in ((9, "16"), (10, "15")):
        world.read(kpi, dt.date(2026, month, 20), reading)
    value.measure(benefit=benefit, on=dt.date(2026, 10, 31), by=world.manager)
    world.validate(benefit, SEP, "3000")
    value.bank(benefit=benefit, months={SEP: Decimal(1000)}, bank_ref="CC 1", by=world.finance)
    world.absorb()
    return initiative


def bridge(world: Any, **of: Any) -> Any:
    return selectors.value_bridge(viewer=world.finance, as_of=selectors.moment(now=world.now), **of)


def test_every_step_of_an_initiative(walked: Any, world: Any) -> None:
    found = bridge(world, initiative=walked)
    changes = {step.name: step.change for step in found.steps}
    assert found.promised == 300
    assert changes == {
        "scope and timing": 9000 - 300,
        "not yet reviewed": -5000,
        "rejected": 0,
        "validated": -1000,
        "banked": -2000,
    }
    assert found.banked == 1000
    assert exact_sum([found.promised, *changes.values()]) == found.banked


def test_the_portfolio_is_the_sum_of_its_initiatives(walked: Any, world: Any) -> None:
    other = world.initiative("Second")
    world.case(other)
    world.absorb()
    found = bridge(world)
    assert found.promised == 600
    assert found.banked == 1000


def test_who_sees_no_money_walks_no_bridge(walked: Any, world: Any, person: Any) -> None:
    viewer = person("administrator")
    at = selectors.moment(now=world.now)
    assert selectors.value_bridge(viewer=viewer, as_of=at) is None


@pytest.fixture
def factored(world: Any) -> Any:
    """Promised 300 = 2 minutes x 150 from October; read 5 minutes at 1,000 in October."""
    initiative = world.initiative()
    draft = value.write_case(
        initiative=initiative, currency="USD", valuation_month=SEP, by=world.manager,
        lines=[CaseLineRecord("benefit", "hard", dt.date(2026, 10, 1), Decimal(300))],
        rests_on=[
            AssumptionRecord("Minutes", Decimal(1), Decimal(2), Decimal(3), "", "unit_effect"),
            AssumptionRecord("A minute", Decimal(100), Decimal(150), Decimal(200), "", "price"),
        ],
    )  # fmt: skip
    value.approve_case(case=draft, by=world.finance)
    kpi = world.kpi(initiative)
    benefit = world.benefit(initiative, kpi)
    world.read(kpi, dt.date(2026, 10, 20), "15")
    value.measure(benefit=benefit, on=dt.date(2026, 10, 31), by=world.manager)
    world.absorb()
    return initiative


def test_factors_of_the_case_explain_what_they_can(factored: Any, world: Any) -> None:
    found = bridge(world, initiative=factored)
    changes = {step.name: step.change for step in found.steps if step.change}
    assert changes == {
        "unit_effect": Decimal(3) * 150,
        "price": Decimal(5) * 850,
        "not yet reviewed": -5000,
    }
    assert exact_sum([found.promised, *changes.values()]) == found.banked == 0


def test_each_step_opens_to_its_months_and_sums(factored: Any, world: Any) -> None:
    at = selectors.moment(now=world.now)
    paper = passport(
        figure=selectors.step_figure(step="price"), subject=factored.key, viewer=world.finance,
        as_of=at,
    )  # fmt: skip
    assert [(line.label, line.value, line.where) for line in paper.lines] == [
        ("October 2026", 4250, "planned 150, actual 1,000")
    ]
    assert paper.is_total and paper.parts_sum == paper.value
    whole = passport(
        figure=selectors.step_figure(step="price"), subject="portfolio", viewer=world.finance,
        as_of=at,
    )  # fmt: skip
    assert [(line.figure, line.subject) for line in whole.lines] == [("bridge_price", factored.key)]
    assert whole.parts_sum == whole.value == 4250


def test_several_measured_benefits_share_the_promise_and_still_sum(
    factored: Any, world: Any
) -> None:
    """A second benefit reads 3 minutes at 1,000: the promise of 300 is shared 5 to 3."""
    kpi = world.kpi(factored, "Writing letters")
    second = value.add_benefit(
        initiative=factored, name="Faster letters", benefit_type="hard",
        value_type="operational_efficiency", starts_month=SEP, ends_month=dt.date(2027, 8, 1),
        currency="USD", kpi=kpi, by=world.manager,
    )  # fmt: skip
    world.read(kpi, dt.date(2026, 10, 20), "17")
    value.measure(benefit=second, on=dt.date(2026, 10, 31), by=world.manager)
    world.absorb()
    found = bridge(world, initiative=factored)
    changes = {step.name: step.change for step in found.steps if step.change}
    assert found.promised == 300
    assert exact_sum([found.promised, *changes.values()]) == found.banked == 0
    assert changes["not yet reviewed"] == -8000
    # each effect less its share of the planned one, at the planned price; then the price itself
    assert changes["unit_effect"] + changes["price"] == 8000 - 300
    assert "scope and timing" not in changes
    paper = passport(
        figure=selectors.step_figure(step="price"), subject=factored.key, viewer=world.finance,
        as_of=selectors.moment(now=world.now),
    )  # fmt: skip
    assert paper.parts_sum == paper.value == changes["price"]
    assert "Faster handling: planned 150, actual 1,000; Faster letters" in paper.lines[0].where


def test_a_benefit_that_no_factor_fits_is_scope(factored: Any, world: Any) -> None:
    other = value.add_benefit(
        initiative=factored, name="Licences returned", benefit_type="hard",
        value_type="operational_efficiency", starts_month=SEP, ends_month=dt.date(2027, 8, 1),
        currency="USD", by=world.manager,
    )  # fmt: skip
    value.claim(benefit=other, months={dt.date(2026, 10, 1): Decimal(700)}, by=world.manager)
    world.absorb()
    found = bridge(world, initiative=factored)
    changes = {step.name: step.change for step in found.steps if step.change}
    assert exact_sum([found.promised, *changes.values()]) == found.banked
    assert changes["unit_effect"] == Decimal(3) * 150
