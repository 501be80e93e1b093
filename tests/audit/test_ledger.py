import threading

import pytest
from django.db import ProgrammingError, connection, transaction

from governance_app.audit import selectors
from governance_app.audit import services as audit
from governance_app.audit.acting import acting, context
from governance_app.audit.models import Change, Event
from governance_app.people import services
from governance_app.people.models import ScopeNode, User

pytestmark = pytest.mark.django_db


def test_a_change_names_actor_request_job_and_what_differs(unit, admin):
    with context(request_id="r1", job_id="j1", via="web"):
        services.rename_node(node=unit, name="Retail", by=admin)
    event = selectors.events(row=unit.pk).first()
    assert (event.actor, event.request, event.job, event.via) == (admin.pk, "r1", "j1", "web")
    assert event.op == "UPDATE"
    assert event.before == {"name": "Retail banking", "version": 1}
    assert event.after == {"name": "Retail", "version": 2}


def test_bulk_and_raw_writes_are_captured_too(organisation, admin):
    with acting(admin):
        ScopeNode.objects.bulk_create(
            ScopeNode(**services.node_fields("unit", f"Unit {n}", organisation)) for n in range(50)
        )
        ScopeNode.objects.filter(kind="unit").update(code="x")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE people_scopenode SET code = 'y' WHERE kind = 'unit'")
    ops = list(Event.objects.filter(table="people_scopenode").values_list("op", flat=True))
    assert (ops.count("INSERT"), ops.count("UPDATE")) == (51, 100)


def test_a_write_outside_any_service_is_an_alarm(unit):
    assert selectors.unknown_writes() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.via', '', true), set_config('app.actor', '', true)")
    ScopeNode.objects.filter(pk=unit.pk).update(code="z")
    assert selectors.unknown_writes() == 1


def test_secrets_stay_out_of_the_ledger(person):
    user = person("executive", password="correct horse battery")
    texts = [str(e.after) for e in selectors.events(row=user.pk)]
    assert texts and not any("argon2" in text or "password" in text for text in texts)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.event SET actor = NULL",
        "DELETE FROM ledger.event",
        "INSERT INTO ledger.event (via, tbl, op) VALUES ('web', 'x', 'INSERT')",
        "TRUNCATE ledger.event",
        "TRUNCATE people_scopenode CASCADE",
        "DROP TABLE ledger.event",
        "ALTER TABLE people_scopenode DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "DROP FUNCTION ledger.capture() CASCADE",
        "DELETE FROM django_migrations",
    ],
)
def test_the_application_cannot_touch_the_ledger(unit, statement):
    count = Event.objects.count()
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.count() == count


def test_a_note_tells_what_no_row_change_shows(admin, unit):
    audit.note(
        by=admin, action="export", subject=unit, sentence="Exported 12 rows.", data={"n": 12}
    )
    event = selectors.events(row=unit.pk).first()
    assert (event.op, event.sentence, event.after) == ("export", "Exported 12 rows.", {"n": 12})


def test_the_outer_actor_is_named_again_after_a_nested_service(admin, unit, person):
    inner = person("administrator")
    with acting(admin):
        services.rename_node(node=unit, name="By inner", by=inner)
        ScopeNode.objects.filter(pk=unit.pk).update(code="by outer")
    newest, before = selectors.events(row=unit.pk)[:2]
    assert (newest.actor, before.actor) == (admin.pk, inner.pk)


def test_every_captured_row_is_queued_for_the_upper_layers(admin, unit):
    Change.objects.all().delete()
    services.rename_node(node=unit, name="Retail", by=admin)
    assert list(Change.objects.values_list("table", "row")) == [("people_scopenode", unit.pk)]


@pytest.mark.django_db(transaction=True)
def test_a_pooled_connection_carries_nobody_into_the_next_write(admin, organisation):
    with acting(admin):
        ScopeNode.objects.filter(pk=organisation.pk).update(code="a")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('app.actor', true)")
        assert cursor.fetchone()[0] in (None, "")


@pytest.mark.django_db(transaction=True)
def test_two_people_editing_at_once_lose_nothing(admin, organisation):
    from governance_app.audit.rows import StaleWrite

    unit = services.add_unit(name="Retail", parent=organisation, by=admin)
    refused: list[StaleWrite] = []
    barrier = threading.Barrier(2)

    def edit(name: str) -> None:
        try:
            barrier.wait(5)
            services.rename_node(node=unit, name=name, by=User.objects.get(pk=admin.pk), version=1)
        except StaleWrite as error:
            refused.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=edit, args=(name,)) for name in ("First", "Second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    unit.refresh_from_db()
    assert len(refused) == 1 and unit.version == 2
    assert refused[0].current.name == unit.name
