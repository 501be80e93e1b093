"""Adding and editing initiatives."""

import datetime as dt
from decimal import Decimal

import pytest

from governance_app.audit.models import Event
from governance_app.audit.rows import StaleWrite
from governance_app.domain.errors import Sentence
from governance_app.initiatives import services
from governance_app.initiatives.models import Initiative, StageDate, StageMove
from governance_app.people.access import Refused
from governance_app.people.models import ScopeNode

pytestmark = pytest.mark.django_db


def test_added_initiatives_get_rising_keys_and_a_place_under_their_unit(unit, admin):
    first = services.add(name="Claims triage", unit=unit, by=admin)
    second = services.add(name="Churn model", unit=unit, by=admin)
    assert [first.key, second.key] == ["AI-1", "AI-2"]
    assert first.node.parent == unit
    assert first.node.path == f"{unit.path}{first.node.pk.hex}/"
    assert first.node.code == "AI-1"


def test_the_first_stage_is_a_move_with_a_date_and_a_time_box(unit, admin):
    row = services.add(
        name="Claims triage", unit=unit, by=admin, stage="pilot", on=dt.date(2026, 6, 1)
    )
    move = StageMove.objects.get(initiative=row)
    assert (move.from_stage, move.to_stage.slug, move.on) == (None, "pilot", dt.date(2026, 6, 1))
    assert StageDate.objects.get(initiative=row).actual_on == dt.date(2026, 6, 1)
    assert row.time_box_on == dt.date(2026, 11, 28)


def test_an_unknown_stage_stays_unknown(unit, admin):
    row = services.add(name="Claims triage", unit=unit, by=admin, stage="")
    assert row.stage is None
    assert not StageMove.objects.filter(initiative=row).exists()


def test_edit_changes_only_what_differs_and_counts_the_version(unit, admin):
    row = services.add(name="Claims triage", unit=unit, by=admin)
    edited = services.edit(
        initiative=row, by=admin, version=1, name="Claims routing",
        expected_value=Decimal("1200000"), expected_value_currency="EUR",
    )  # fmt: skip
    assert (edited.version, edited.name) == (2, "Claims routing")
    assert ScopeNode.objects.get(pk=row.node_id).name == "Claims routing"
    same = services.edit(initiative=row, by=admin, version=2, name="Claims routing")
    assert same.version == 2


def test_a_stale_edit_is_refused_and_changes_nothing(unit, admin, ledger_count):
    row = services.add(name="Claims triage", unit=unit, by=admin)
    services.edit(initiative=row, by=admin, version=1, vendor="Northwind")
    before = ledger_count()
    with pytest.raises(StaleWrite) as caught:
        services.edit(initiative=row, by=admin, version=1, vendor="Contoso")
    assert caught.value.current.vendor == "Northwind"
    assert ledger_count() == before
    row.refresh_from_db()
    assert row.vendor == "Northwind"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ai_type": "magic"}, "cannot be “magic”"),
        ({"data_classes": ["personal", "gossip"]}, "cannot hold “gossip”"),
        ({"expected_value": Decimal("-1"), "expected_value_currency": "EUR"}, "negative"),
        ({"expected_value": Decimal("1")}, "needs a currency"),
        ({"name": "  "}, "needs a name"),
        ({"number": 7}, "no field number"),
    ],
)
def test_wrong_fields_are_refused_with_a_sentence(unit, admin, change, words):
    row = services.add(name="Claims triage", unit=unit, by=admin)
    with pytest.raises(Sentence, match=words):
        services.edit(initiative=row, by=admin, **change)
    row.refresh_from_db()
    assert row.version == 1


def test_somebody_without_the_permission_is_refused_with_the_reason(unit, other_unit, person):
    manager = person("program_manager", unit)
    services.add(name="Allowed", unit=unit, by=manager)
    with pytest.raises(Refused, match="You may not add initiatives in Insurance"):
        services.add(name="Foreign", unit=other_unit, by=manager)
    assert Initiative.objects.count() == 1


def test_a_programme_holds_initiatives_and_never_the_other_way_round(unit, admin):
    programme = services.add(name="Claims", unit=unit, by=admin, kind="programme")
    child = services.add(name="Triage", unit=unit, by=admin, parent=programme)
    assert child.parent == programme
    with pytest.raises(Sentence, match="cannot stand under"):
        services.edit(initiative=programme, by=admin, parent=child)


def test_moving_the_unit_moves_the_node_and_the_rights(unit, other_unit, admin, person):
    row = services.add(name="Claims triage", unit=unit, by=admin)
    viewer = person("auditor", other_unit)
    assert not Initiative.objects.visible_to(viewer).exists()
    moved = services.move_unit(initiative=row, unit=other_unit, by=admin)
    assert moved.node.path.startswith(other_unit.path)
    assert Initiative.objects.visible_to(viewer).get() == moved


def test_every_change_is_in_the_trail_with_its_actor(unit, admin, person):
    manager = person("program_manager", unit)
    row = services.add(name="Claims triage", unit=unit, by=manager)
    event = Event.objects.filter(table="initiatives_initiative", row=str(row.pk)).get()
    assert (event.op, event.actor, event.after["name"]) == ("INSERT", manager.pk, "Claims triage")
