"""The home page in the states that people meet it in."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils import timezone

from governance_app.initiatives import services
from portfolio.charts import spelling
from tests.portfolio.web.test_query_counts import AGO, fill
from tests.rollups.conftest import World, world

__all__ = ["world"]

Person = Callable[..., Any]


def open_home(who: Any, address: str = "/") -> str:
    client = Client()
    client.force_login(who)
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def test_an_empty_house_leads_to_the_import(organisation: Any, person: Person) -> None:
    assert "Nothing to show yet" in open_home(person("administrator"))


def test_the_three_questions_stand_in_their_order(unit: Any, person: Person) -> None:
    services.add(name="Claims triage", unit=unit, by=person("program_manager"), stage="pilot")
    text = open_home(person("executive"))
    places = [
        text.index(words) for words in ("Promised by business cases", "Needs you", "What changed")
    ]
    assert places == sorted(places)


def test_unknown_money_is_said_to_be_unknown(unit: Any, person: Person) -> None:
    services.add(name="Claims triage", unit=unit, by=person("program_manager"), stage="pilot")
    text = open_home(person("executive"))
    assert '<span class="label">$0' not in text
    assert ">unknown</button>" in text


def test_somebody_who_sees_no_money_gets_no_money(unit: Any, person: Person) -> None:
    services.add(name="Claims triage", unit=unit, by=person("program_manager"), stage="pilot")
    text = open_home(person("contributor"))
    assert "Promised by business cases" not in text
    assert "In production" in text


def test_a_day_in_the_past_says_what_it_shows(unit: Any, person: Person) -> None:
    services.add(name="Claims triage", unit=unit, by=person("program_manager"), stage="pilot")
    assert "No figures were kept on that day" in open_home(person("executive"), "/?on=2020-03-31")


def test_nonsense_in_the_address_means_the_usual_page(unit: Any, person: Person) -> None:
    services.add(name="Claims triage", unit=unit, by=person("program_manager"), stage="pilot")
    assert "Needs you" in open_home(person("executive"), "/?on=soon&since=late&unit=here")


def test_every_figure_of_the_tables_opens_its_passport(world: World, person: Person) -> None:
    fill(world, person("risk_officer"), 1)
    world.budget([(world.made[0].node, AGO[-1], "50")])
    world.now = timezone.now()
    world.absorb(later=dt.timedelta(seconds=2))
    key, unit = world.made[0].key, world.unit
    text = open_home(person("executive"))
    for figure in ("spend_year", "promised_year", "validated_year", "to_go", "risk_level"):
        assert f"/passports/{figure}/{key}/" in text
    assert f"/passports/spend_month/{unit.pk}/" in text
    client = Client()
    client.force_login(person("executive"))
    for address in set(re.findall(r'hx-get="(/passports/[^"]+)"', text)):
        assert client.get(address.replace("&amp;", "&")).status_code == 200, address


def test_the_scope_of_the_page_goes_along_when_one_drills(world: World, person: Person) -> None:
    fill(world, person("risk_officer"), 1)
    text = open_home(person("executive"), f"/?unit={world.unit.pk}")
    assert f"?stage=production&amp;unit={world.unit.pk}" in text
    assert f"?stage=scaling&amp;unit={world.unit.pk}" in text


def test_what_changed_leads_to_the_spend_that_moved(world: World, person: Person) -> None:
    fill(world, person("risk_officer"), 1)
    world.bill([(world.made[0].key, AGO[-1], "5000")], account="acc-2")
    world.now = timezone.now()
    world.absorb(later=dt.timedelta(seconds=1))
    text = open_home(person("executive"))
    months = f"since={AGO[-2]:%Y-%m}&amp;until={AGO[-1]:%Y-%m}&amp;basis=effective"
    assert f"/spend/?{months}&amp;unit={world.unit.pk}&amp;by=category" in text
    assert f"/spend/?{months}&amp;category=AI+and+Machine+Learning&amp;by=service" in text
    moved = spelling.money(5000, "USD", plus=True)
    assert f"Spend of {world.unit.name}" in text and f"{moved} against" in text
