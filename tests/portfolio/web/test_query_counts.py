"""
What each main page asks of the database: no more than its baseline, however many initiatives.

``query_counts.json`` holds the queries of each page and viewer over five initiatives. Lower a
number whenever a page asks less; raise one only for something new that the page shows.
"""

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance_app.domain.periods import add_months, month_of
from governance_app.initiatives import services as initiatives
from governance_app.risk import services as risk
from governance_app.value import services as value
from tests.rollups.conftest import World, world

__all__ = ["world"]

pytestmark = pytest.mark.django_db

BASELINE: dict[str, dict[str, int]] = json.loads(
    Path(__file__).with_name("query_counts.json").read_text()
)
PAGES = {
    "home": "/",
    "portfolio": "/portfolio/",
    "initiative": "/initiatives/{key}/",
    "spend": "/spend/",
    "spend by initiative": "/spend/?by=initiative",
    "value": "/value/",
    "risk": "/risk/",
}
SMALL, LARGE = 5, 25
THIS_MONTH = month_of(timezone.localdate())
AGO = [add_months(THIS_MONTH, -back) for back in (4, 3, 2, 1)]


def fill(world: World, officer: Any, count: int) -> None:
    """Add initiatives that each have something on every page; call it again for more."""
    made = [full(world, officer, f"Initiative {len(world.made) + n}") for n in range(count)]
    world.bill([(each.key, month, "120") for each in made for month in AGO])
    world.now = timezone.now()
    world.absorb(later=dt.timedelta(seconds=1))


def full(world: World, officer: Any, name: str) -> Any:
    """Make an initiative with a move, a status, a milestone, a case, a KPI, a benefit, a risk."""
    today = timezone.localdate()
    made = world.initiative(name, stage="pilot", on=AGO[0])
    initiatives.advance_stage(initiative=made, to="scaling", by=world.manager, on=today)
    initiatives.post_status(
        initiative=made, status="at_risk", sentence="The vendor is late.", by=world.manager
    )
    initiatives.add_milestone(
        initiative=made, name="Go-live", due_on=today - dt.timedelta(days=3), by=world.manager
    )
    initiatives.comment(initiative=made, text="Who covers August?", by=world.manager)
    world.case(made)
    kpi = world.kpi(made)
    world.read(kpi, AGO[1] + dt.timedelta(days=14), "18")
    benefit = value.add_benefit(
        initiative=made,
        name="Faster handling",
        benefit_type="hard",
        value_type="operational_efficiency",
        starts_month=AGO[0],
        ends_month=THIS_MONTH,
        currency="USD",
        kpi=kpi,
        by=world.manager,
    )
    claimed = dict.fromkeys(AGO, Decimal(900))
    value.claim(benefit=benefit, months=claimed, basis="Rota", by=world.manager)
    for month in AGO[:2]:
        world.validate(benefit, month, "800")
    risk.add_risk(
        initiative=made, category="bias", title="Older claimants wait longer", owner=officer,
        treatment="mitigate", likelihood=5, impact=5, reviewed_on=today, reasons="Sampled.",
        controls=[], on=today, by=officer,
    )  # fmt: skip
    return made


@pytest.fixture
def officer(person: Callable[..., Any], unit: Any) -> Any:
    officer = person("risk_officer")
    risk.set_appetite(category="bias", node=unit, level=2, from_on=AGO[0], by=officer)
    return officer


@pytest.fixture
def count_queries(world: World, person: Callable[..., Any]) -> Callable[[], Any]:
    """Count what every page asks, for one who reads all and for one who signs."""
    viewers = {"executive": person("executive"), "finance": world.finance}

    def count() -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for role, viewer in viewers.items():
            client = Client()
            client.force_login(viewer)
            for page, address in PAGES.items():
                url = address.format(key=world.made[0].key)
                assert client.get(url).status_code == 200
                with CaptureQueriesContext(connection) as asked:
                    client.get(url)
                found.setdefault(page, {})[role] = len(asked)
        return found

    return count


def test_a_page_asks_no_more_than_its_baseline_and_no_more_of_a_larger_portfolio(
    world: World, officer: Any, count_queries: Callable[[], Any]
) -> None:
    fill(world, officer, SMALL)
    small = count_queries()
    more = {
        (page, role): (asked, BASELINE[page][role])
        for page, by_role in small.items()
        for role, asked in by_role.items()
        if asked > BASELINE[page][role]
    }
    assert not more, f"(asked, baseline); if they are worth it:\n{json.dumps(small, indent=2)}"
    fill(world, officer, LARGE - SMALL)
    assert count_queries() == small
