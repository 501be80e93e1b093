"""A kept answer is given only while nothing can have changed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from governance_app.audit import kept
from governance_app.people import services as people
from governance_app.people.models import ScopeNode
from tests.portfolio.web.test_query_counts import AGO, fill
from tests.rollups.conftest import World, world

__all__ = ["world"]


@pytest.fixture
def asked() -> Iterator[Callable[[], int]]:
    """Ask for the number of units, as a page would; counts how often it was read."""
    times = 0

    def count() -> int:
        nonlocal times
        times += 1
        return ScopeNode.objects.count()

    def ask() -> int:
        with kept.one_state():
            kept.answer(("units",), count)
        return times

    kept._answers.clear()
    yield ask
    kept._answers.clear()


@pytest.mark.django_db
def test_an_answer_is_given_again_until_something_is_captured(
    asked: Callable[[], int], unit: Any, admin: Any
) -> None:
    assert (asked(), asked()) == (1, 1)
    people.add_unit(name="Lending", parent=unit, by=admin)
    assert (asked(), asked()) == (2, 2)
    kept.moved()
    assert asked() == 3


@pytest.mark.django_db
def test_outside_of_a_state_everything_is_read(unit: Any) -> None:
    assert [kept.answer(("a",), lambda: 1), kept.answer(("a",), lambda: 2)] == [1, 2]
    with kept.one_state():
        assert [kept.answer(("a",), lambda: 1), kept.answer(("a",), lambda: 2)] == [1, 1]
        assert kept.answer(("b",), lambda: 3) == 3, "another question"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_kept_while_somebody_is_changing_something(
    asked: Callable[[], int], unit: Any, admin: Any
) -> None:
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT set_config('app.actor', %s, true)", [str(admin.pk)])
            cursor.execute("UPDATE people_scopenode SET version = version + 1")
            assert (asked(), asked()) == (1, 2), "whether it comes or not, nobody can tell"
        other.commit()
        assert (asked(), asked()) == (3, 3)
    finally:
        other.close()


@pytest.mark.django_db
def test_home_and_portfolio_show_a_change_at_once(world: World, person: Callable[..., Any]) -> None:
    fill(world, person("risk_officer"), 2)
    client = Client()
    client.force_login(person("executive"))

    def shown() -> tuple[int, int, Any]:
        home, portfolio = client.get("/").context, client.get("/portfolio/").context
        return (
            home["headline"].initiatives,
            max(each["count"] for each in portfolio["units"]),
            home["headline"].money.spend.value,
        )

    before = shown()
    assert before == shown() and before[:2] == (2, 2)
    world.initiative("Quite new")
    assert shown()[:2] == (3, 3)
    world.bill([(world.made[0].key, AGO[3], "1000")])
    assert shown()[2] == before[2], "not absorbed yet"
    world.absorb()
    assert shown()[2] != before[2], "figures are not captured, and are told anew all the same"


@pytest.mark.django_db
@pytest.mark.parametrize("executive_first", [True, False])
def test_what_was_kept_for_one_is_not_shown_to_another(
    world: World, person: Callable[..., Any], executive_first: bool
) -> None:
    fill(world, person("risk_officer"), 2)
    other_unit = people.add_unit(name="Lending", parent=world.unit.parent, by=world.admin)
    everything, some = person("executive"), person("contributor", other_unit)
    world.initiative("In lending", unit=other_unit)
    people.set_preferences(
        user=some, locale="de", time_zone="UTC", currency="", version=some.version, by=some
    )
    kept._answers.clear()

    def opened(who: Any) -> tuple[str, str]:
        client = Client()
        client.force_login(who)
        home, portfolio = client.get("/"), client.get("/portfolio/")
        assert home.status_code == portfolio.status_code == 200
        return home.content.decode(), portfolio.content.decode()

    order = [everything, some] if executive_first else [some, everything]
    seen = {who.pk: opened(who) for who in order}
    home, portfolio = seen[everything.pk]
    assert "Promised by business cases" in home and "Initiative 0" in portfolio
    assert "3 initiatives" in portfolio and "On track" not in seen[some.pk][1]
    home, portfolio = seen[some.pk]
    assert "Promised by" not in home and "Geld wird nicht gezeigt" in home
    assert "Initiative 0" not in home + portfolio and "1 Initiative" in portfolio
    assert opened(everything)[1].count("Initiative 0") == seen[everything.pk][1].count(
        "Initiative 0"
    )
