"""A kept answer is given only while nothing changed that it is made of."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from governance_app.initiatives import services as initiatives
from governance_app.people import services as people
from governance_app.spend import selectors, services
from governance_app.spend.selectors import SpendFilter, remembered
from tests.factories import focus
from tests.spend.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    remembered._rows.cache_clear()


def bill(**costs: str) -> bytes:
    """Write October: the tag ``app`` -> its cost."""
    return focus.as_csv(
        [
            focus.line(Tags=f'{{"app":"{app}"}}', ResourceId=app, BilledCost=cost)
            for app, cost in costs.items()
        ]
    )


def by_unit(viewer: Any) -> dict[str, Decimal | None]:
    found = selectors.amounts(viewer=viewer, by=("unit",), chosen=SpendFilter(), basis="billed")
    return {one.labels[0]: one.amount for one in found}


def hits() -> int:
    return remembered._rows.cache_info().hits


def test_the_second_to_ask_is_told_from_memory(load: Any, finance: Any, person: Any) -> None:
    load(bill(a="5"))
    assert by_unit(finance) == {"Unallocated": 5}
    before = hits()
    assert by_unit(finance) == by_unit(person("executive")) == {"Unallocated": 5}
    assert hits() == before + 2


def test_questions_of_one_state_read_its_mark_once(
    load: Any, finance: Any, django_assert_num_queries: Any
) -> None:
    load(bill(a="5"))
    assert by_unit(finance) == {"Unallocated": 5}
    with django_assert_num_queries(1), selectors.one_state():
        assert by_unit(finance) == by_unit(finance) == {"Unallocated": 5}
    with selectors.one_state():
        assert by_unit(finance) == {"Unallocated": 5}
        load(bill(a="5", b="2"), now=NOW + dt.timedelta(hours=1))
    assert by_unit(finance) == {"Unallocated": 7}, "nothing of a state outlives it"


def test_each_change_is_seen_at_once(
    load: Any, finance: Any, unit: Any, other_unit: Any, admin: Any
) -> None:
    load(bill(a="5"))
    assert by_unit(finance) == {"Unallocated": 5}
    load(bill(a="5", b="2"), now=NOW + dt.timedelta(hours=1))
    assert by_unit(finance) == {"Unallocated": 7}, "a bill"
    row = initiatives.add(name="Claims", unit=unit, by=admin)
    services.add_rule(name="a", dimension="tag", tag="app", value="a", initiative=row, by=finance)
    services.allocate(by=finance)
    assert by_unit(finance) == {unit.name: 5, "Unallocated": 2}, "a rule"
    initiatives.move_unit(initiative=row, unit=other_unit, by=admin)
    assert by_unit(finance) == {other_unit.name: 5, "Unallocated": 2}, "an initiative's unit"
    people.rename_node(node=other_unit, name="Payments", by=admin)
    assert by_unit(finance) == {"Payments": 5, "Unallocated": 2}, "a unit's name"


def test_who_sees_more_is_told_when_a_unit_moves(
    load: Any, finance: Any, person: Any, unit: Any, other_unit: Any, admin: Any
) -> None:
    row = initiatives.add(name="Claims", unit=other_unit, by=admin)
    services.add_rule(name="a", dimension="tag", tag="app", value="a", initiative=row, by=finance)
    load(bill(a="5", b="2"))
    partner = person("finance_partner", unit)
    assert by_unit(partner) == {}
    people.move_node(node=other_unit, parent=unit, by=admin)
    assert by_unit(partner) == {other_unit.name: 5}


def test_nobody_is_told_what_was_kept_for_another(
    load: Any, finance: Any, person: Any, unit: Any
) -> None:
    load(bill(a="5"))
    assert by_unit(finance) == {"Unallocated": 5}
    assert by_unit(person("finance_partner", unit)) == {}
    assert by_unit(person("contributor", unit)) == {}


def test_what_is_long_is_not_kept(load: Any, finance: Any, monkeypatch: Any) -> None:
    load(bill(a="5"))
    monkeypatch.setattr(remembered, "MOST_ROWS", 0)
    assert by_unit(finance) == by_unit(finance) == {"Unallocated": 5}
    assert hits() == 0
