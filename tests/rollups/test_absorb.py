"""What changed below becomes figures above, exactly once."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from governance_app.audit.models import Change
from governance_app.people import services as people
from governance_app.rollups.models import InitiativeMonth, InitiativeNow, PortfolioMonth
from tests.rollups.conftest import NOV, OCT, SEP, World

pytestmark = pytest.mark.django_db


def test_a_bill_becomes_spend_of_its_initiative_and_of_everything_above(
    world: World, month_of: Callable[..., Any], organisation: Any
) -> None:
    claims = world.initiative()
    world.bill([(claims.key, OCT, "100.123456789012345678"), ("", OCT, "7")])
    done = world.absorb()
    assert done.months == 1 and Change.objects.count() == 0
    row = month_of(claims, OCT)
    assert row.billed == row.effective == Decimal("100.123456789012345678")
    assert row.promised is None and row.reasons == {}
    sums = {
        (each.node_id, each.part): each.billed
        for each in PortfolioMonth.objects.filter(month=OCT, known_to=None)
    }
    assert sums == {
        (organisation.pk, "allocated"): Decimal("100.123456789012345678"),
        (world.unit.pk, "allocated"): Decimal("100.123456789012345678"),
        (organisation.pk, "unallocated"): Decimal(7),
    }


def test_figures_that_stay_the_same_write_nothing(world: World) -> None:
    claims = world.initiative()
    world.case(claims)
    world.bill([(claims.key, OCT, "100")])
    world.absorb()
    before = [model.objects.count() for model in (InitiativeMonth, InitiativeNow, PortfolioMonth)]
    from governance_app.rollups import services

    done = services.rebuild(by=world.admin, now=world.now + dt.timedelta(hours=1))
    assert (done.months, done.now, done.portfolio) == (0, 0, 0)
    assert before == [
        model.objects.count() for model in (InitiativeMonth, InitiativeNow, PortfolioMonth)
    ]


def test_a_restated_bill_supersedes_and_the_past_stays_readable(
    world: World, month_of: Callable[..., Any]
) -> None:
    claims = world.initiative()
    world.bill([(claims.key, OCT, "100")])
    world.absorb()
    then = world.now
    world.bill([(claims.key, OCT, "80")])
    world.absorb()
    assert month_of(claims, OCT).billed == Decimal(80)
    rows = InitiativeMonth.objects.filter(initiative=claims, month=OCT)
    assert [row.billed for row in rows.known_at(then)] == [Decimal(100)]
    assert [row.billed for row in rows.known_at(None)] == [Decimal(80)]
    assert rows.get(billed=100).known_to == world.now


def test_a_bill_that_drops_an_initiative_ends_its_figures(world: World) -> None:
    claims, other = world.initiative(), world.initiative("Contact centre")
    world.bill([(claims.key, OCT, "100"), (other.key, OCT, "5")])
    world.absorb()
    world.bill([(other.key, OCT, "5")])
    world.absorb()
    current = InitiativeMonth.objects.filter(known_to=None)
    assert [row.initiative_id for row in current] == [other.pk]


def test_one_reading_touches_one_initiative(
    world: World, month_of: Callable[..., Any], now_of: Callable[..., Any]
) -> None:
    claims, other = world.initiative(), world.initiative("Contact centre")
    kpi = world.kpi(claims)
    world.benefit(claims, kpi)
    world.bill([(claims.key, OCT, "1000"), (other.key, OCT, "5")])
    world.absorb()
    world.read(kpi, dt.date(2026, 10, 20), "15")
    done = world.absorb()
    assert done.initiatives == 1 and done.benefits == 1
    # (20 - 15) minutes x 1,000, for October and, while the reading is fresh, November.
    assert month_of(claims, OCT).measured == Decimal(5000)
    now = now_of(claims)
    assert now.measured_to_date == Decimal(5000)
    assert now.roi_measured == 4.0
    assert now.efficiency_gain == 0.25 and now.efficiency_kpi == "Handling time"
    assert now.roi_validated is None
    assert now.reasons["roi_validated"] == "Finance has not validated any benefit yet."


def test_foreign_money_is_converted_at_the_rate_of_its_month(
    world: World, month_of: Callable[..., Any]
) -> None:
    claims = world.initiative()
    world.rate("EUR", OCT, "1.10")
    world.bill([(claims.key, OCT, "100"), (claims.key, SEP, "50")], currency="EUR")
    world.absorb()
    row = month_of(claims, OCT)
    assert row.billed == Decimal(110)
    assert row.made_from["spend"][0]["at"] == "1.100000000000000000"
    missing = month_of(claims, SEP)
    assert missing.billed is None
    assert missing.reasons["billed"] == (
        "No average rate from EUR to USD for September 2026. Enter it under Settings, Rates."
    )


def test_a_missing_rate_leaves_the_sum_and_is_counted(world: World, organisation: Any) -> None:
    claims, other = world.initiative(), world.initiative("Contact centre")
    world.bill([(other.key, OCT, "5")])
    world.bill([(claims.key, OCT, "100")], currency="EUR", account="acc-2")
    world.absorb()
    total = PortfolioMonth.objects.get(
        node=organisation, month=OCT, part="allocated", known_to=None
    )
    assert total.billed == Decimal(5)
    assert total.left_out["billed"] == 1 and total.initiatives == 2
    world.rate("EUR", OCT, "1.10")
    world.absorb()
    total = PortfolioMonth.objects.get(
        node=organisation, month=OCT, part="allocated", known_to=None
    )
    assert total.billed == Decimal(115) and total.left_out == {}


def test_plans_use_the_budget_rate(world: World, month_of: Callable[..., Any]) -> None:
    claims = world.initiative()
    world.rate("EUR", OCT, "2.00")
    world.rate("EUR", OCT, "1.05", kind="budget")
    world.case(claims, currency="EUR")
    world.absorb()
    assert month_of(claims, OCT).promised == Decimal(315)


def test_the_case_gives_returns_with_reasons_where_there_are_none(
    world: World, now_of: Callable[..., Any]
) -> None:
    claims = world.initiative()
    world.case(claims)
    world.absorb()
    now = now_of(claims)
    assert now.roi_promised == 0.8
    assert now.promised_to_date == Decimal(300) and now.promised_ahead == Decimal(1500)
    assert now.payback_promised == pytest.approx(10 / 3)
    assert now.spend_to_date is None and now.reasons["spend_to_date"] == "Nothing is recorded."
    assert now.returns["measured"]["npv"]["reason"] == "No benefit has been measured yet."


def test_a_reservation_of_time_is_kept_as_the_day_it_turns(
    world: World, now_of: Callable[..., Any]
) -> None:
    claims = world.initiative(on=dt.date(2026, 3, 1), time_box_on=dt.date(2026, 8, 28))
    kpi = world.kpi(claims)
    world.read(kpi, dt.date(2026, 10, 1), "15")
    world.absorb()
    now = now_of(claims)
    assert now.days_in_stage(dt.date(2026, 3, 11)) == 10
    assert now.days_past_time_box(dt.date(2026, 8, 28)) == 0
    assert now.days_past_time_box(dt.date(2026, 9, 28)) == 31
    assert not now.is_stale(dt.date(2026, 11, 30)) and now.is_stale(dt.date(2026, 12, 1))


def test_a_new_month_moves_every_sum(world: World, now_of: Callable[..., Any]) -> None:
    claims = world.initiative()
    world.bill([(claims.key, OCT, "100"), (claims.key, NOV, "20")])
    world.absorb()
    assert now_of(claims).spend_to_date == Decimal(100)
    world.absorb(later=dt.timedelta(days=14))
    now = now_of(claims)
    assert now.through == NOV and now.spend_to_date == Decimal(120)


def test_a_moved_unit_takes_its_sums_along(world: World, other_unit: Any) -> None:
    claims = world.initiative()
    world.bill([(claims.key, OCT, "100")])
    world.absorb()
    people.move_node(node=world.unit, parent=other_unit, by=world.admin)
    world.absorb()
    row = PortfolioMonth.objects.get(node=other_unit, month=OCT, known_to=None)
    assert row.billed == Decimal(100)


def test_a_unit_with_its_own_budget_does_not_add_those_below(
    world: World, organisation: Any, other_unit: Any
) -> None:
    claims = world.initiative()
    other = world.initiative("Underwriting", unit=other_unit)
    world.budget([(claims.node, OCT, "40"), (world.unit, OCT, "100"), (other.node, OCT, "7")])
    world.absorb()
    budgets = {
        row.node_id: row.budget for row in PortfolioMonth.objects.filter(month=OCT, known_to=None)
    }
    assert budgets == {
        world.unit.pk: Decimal(100),
        other_unit.pk: Decimal(7),
        organisation.pk: Decimal(107),
    }


def test_only_one_pass_runs_at_a_time(world: World, settings: Any) -> None:
    import psycopg
    from django.db import connection

    world.initiative()
    info = connection.connection.info
    with psycopg.connect(info.dsn, password=info.password) as other:
        other.execute("SELECT pg_advisory_lock(hashtextextended('rollups.absorb', 0))")
        assert world.absorb().is_busy
        assert Change.objects.exists() and not InitiativeNow.objects.exists()
    assert world.absorb().initiatives == 1
