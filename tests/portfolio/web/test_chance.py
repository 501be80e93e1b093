"""The pages of uncertainty: a unit by a job, an initiative at once."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import plotly.graph_objects
import pytest
from django.test import Client
from django.utils import timezone

from governance_app.domain.periods import add_months, month_of
from governance_app.domain.records import CaseLineRecord
from governance_app.initiatives import services as initiatives
from governance_app.value import services as value
from governance_app.value.models import Simulation
from portfolio.charts import chance

pytestmark = pytest.mark.django_db


@pytest.fixture
def finance(person: Callable[..., Any]) -> Any:
    return person("finance_partner")


@pytest.fixture
def initiative(person: Callable[..., Any], unit: Any, admin: Any, finance: Any) -> Any:
    manager = person("program_manager", unit)
    row = initiatives.add(name="Claims", unit=unit, by=admin, stage="pilot")
    ahead = add_months(month_of(timezone.localdate()), 2)
    lines = [
        CaseLineRecord("cost", "run", ahead, Decimal(700)),
        CaseLineRecord("benefit", "hard", ahead, Decimal(900), low=Decimal(300)),
    ]
    draft = value.write_case(initiative=row, lines=lines, currency="USD", by=manager)
    value.approve_case(case=draft, by=finance)
    return row


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_initiative_shows_its_spread_and_what_moves_it(initiative: Any, finance: Any) -> None:
    address = f"/initiatives/{initiative.key}/value/uncertainty/?seed=4"
    page = signed_in(finance).get(address).content.decode()
    assert "Chance of loss" in page and "seed 4" in page
    assert "Range of the benefit lines moves the result most" in page


def test_without_a_range_it_says_what_to_do(unit: Any, admin: Any, finance: Any) -> None:
    row = initiatives.add(name="Bare", unit=unit, by=admin, stage="pilot")
    page = signed_in(finance).get(f"/initiatives/{row.key}/value/uncertainty/").content.decode()
    assert "Nothing can be drawn" in page


def test_a_unit_is_drawn_by_a_job_and_shown(initiative: Any, unit: Any, finance: Any) -> None:
    client = signed_in(finance)
    assert "Nothing has been drawn yet" in client.get("/value/uncertainty/").content.decode()
    answer = client.post("/value/uncertainty/draw/", {"of": str(unit.pk), "seed": "9"})
    assert answer.status_code == 302
    assert "You can leave this page" in client.get(answer["Location"]).content.decode()
    value.run_simulation(simulation=Simulation.objects.get(), by=finance)
    page = client.get("/value/uncertainty/").content.decode()
    assert "over 1 case" in page and "seed 9" in page


def test_a_bad_seed_is_refused_in_words(unit: Any, finance: Any) -> None:
    answer = signed_in(finance).post(
        "/value/uncertainty/draw/", {"of": str(unit.pk), "seed": "often"}
    )
    assert answer.status_code == 422
    assert "is no number" in answer.content.decode()
    assert not Simulation.objects.exists()


def test_the_pictures_are_valid() -> None:
    for picture in (
        chance.spread(edges=[-1.0, 0.0, 1.0], heights=[1, 3], marks=[("P50", 0.4)],
                      currency="USD", title="A", subtitle="B"),
        chance.tornado(swings=[("Volume", -1.0, 2.0)], likely=1.0, currency="USD", title="A"),
    ):  # fmt: skip
        plotly.graph_objects.Figure(data=picture["data"], layout=picture["layout"])


def test_home_says_what_going_on_is_worth_with_its_range(
    initiative: Any, unit: Any, organisation: Any, finance: Any, person: Callable[..., Any]
) -> None:
    run, _job = value.ask_simulation(node=organisation, by=finance)
    client = signed_in(finance)
    assert "worth going on" not in client.get("/").content.decode()  # nothing is drawn yet
    value.run_simulation(simulation=run, by=finance)
    page = client.get("/").content.decode()
    assert "worth going on" in page and "P10–P90" in page
    for name in ("p10", "p50", "p90"):
        assert f"/passports/chance_{name}/{run.pk}/" in page
        assert client.get(f"/passports/chance_{name}/{run.pk}/").status_code == 200
    for address in (f"/?unit={unit.pk}", "/?on=2020-03-31"):  # other places and days: other draws
        assert "worth going on" not in client.get(address).content.decode()
    assert "worth going on" not in signed_in(person("contributor")).get("/").content.decode()
