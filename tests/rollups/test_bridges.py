"""The value bridge of an initiative and of the portfolio sums exactly."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from governance_app.domain.money import exact_sum
from governance_app.rollups import selectors
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
