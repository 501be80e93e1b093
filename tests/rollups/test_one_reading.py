"""What one reading costs does not grow with the portfolio."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db

OCT = dt.date(2026, 10, 1)


def queries_of_a_reading(world: Any, kpi: Any, reading: str) -> int:
    world.read(kpi, dt.date(2026, 10, 20), reading)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert world.absorb().initiatives == 1
    return len(asked)


def test_a_reading_asks_as_much_of_a_larger_portfolio(world: Any) -> None:
    first = world.initiative()
    world.case(first)
    kpi = world.kpi(first)
    world.benefit(first, kpi)
    world.absorb()
    queries_of_a_reading(world, kpi, "17")
    before = queries_of_a_reading(world, kpi, "16")
    for place in range(5):
        other = world.initiative(f"Another {place}")
        world.case(other)
        more = world.kpi(other)
        world.benefit(other, more)
        world.read(more, dt.date(2026, 10, 20), "15")
    world.absorb()
    assert queries_of_a_reading(world, kpi, "14") == before
