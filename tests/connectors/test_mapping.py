"""How what comes in finds its initiative: tags, links, rules, and people; and the page of it."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance_app.audit.rows import StaleWrite
from governance_app.connectors import selectors, services
from governance_app.connectors.base import Batch
from governance_app.connectors.models import Connection, MappingRule, Stray, SyncRun
from governance_app.domain.errors import Sentence
from governance_app.domain.records import (
    ModelRecord,
    ModelVersionRecord,
    Reading,
    ReadingRecord,
    SeatRecord,
    WorkItemRecord,
)
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative, Milestone
from governance_app.inventory import services as inventory
from governance_app.inventory.models import ModelAsset, ModelLink
from governance_app.people.access import Refused
from governance_app.readings.models import Point, Series

pytestmark = pytest.mark.django_db

TODAY = timezone.now().date()


@pytest.fixture
def administrator(person: Callable[..., Any]) -> Any:
    return person("administrator")


@pytest.fixture
def manager(person: Callable[..., Any]) -> Any:
    return person("program_manager")


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Initiative:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def other(unit: Any, admin: Any) -> Initiative:
    return initiatives.add(name="Churn prediction", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def connection(administrator: Any) -> Connection:
    return services.add_connection(
        plugin="mlflow", name="Registry", settings={"address": "https://mlflow.example.com"},
        by=administrator,
    )  # fmt: skip


@pytest.fixture
def deliver(connection: Connection, admin: Any) -> Callable[..., SyncRun]:
    """Store records as a run would, ending complete listings of models and versions."""

    def run(*records: Any) -> SyncRun:
        opened = services.begin_run(connection=connection, job=None, by=admin)
        assert opened is not None
        stored = services.store_records(run=opened, batch=Batch("All", records), by=admin)
        names = {each.name for each in records if isinstance(each, ModelRecord)}
        if names:
            stored = services.settle_listing(run=stored, models=names, versions=None, by=admin)
        return services.end_run(run=stored, state="done", by=admin)

    return run


def model(name: str, **tags: str) -> ModelRecord:
    return ModelRecord(name=name, tags=tags)


def reading(series: str, value: str, key: str = "", **parts: Any) -> ReadingRecord:
    return ReadingRecord(key, series, Reading(TODAY, Decimal(value)), **parts)


def links() -> set[tuple[str, str, str]]:
    rows = ModelLink.objects.filter(ended_at=None)
    return set(rows.values_list("model__name", "initiative__key", "origin"))


def rule(by: Any, initiative: Initiative, **parts: Any) -> MappingRule:
    asked = {"looks_at": "name", "pattern": "claims-*"} | parts
    return services.add_mapping_rule(initiative=initiative, by=by, **asked)


def test_a_rule_claims_what_is_there_and_what_comes(
    deliver: Callable[..., SyncRun], manager: Any, initiative: Initiative, other: Initiative
) -> None:
    deliver(model("claims-triage"), model("churn"))
    made = rule(manager, initiative)
    assert links() == {("claims-triage", initiative.key, "rule")}
    deliver(model("claims-triage"), model("Claims-Fraud"), model("churn", team="cards"))
    rule(manager, other, looks_at="tag", tag="team", pattern="CARDS")
    assert links() == {
        ("claims-triage", initiative.key, "rule"), ("Claims-Fraud", initiative.key, "rule"),
        ("churn", other.key, "rule"),
    }  # fmt: skip
    services.end_mapping_rule(rule=made, by=manager)
    assert links() == {("churn", other.key, "rule")}
    assert ModelLink.objects.exclude(ended_at=None).count() == 2


def test_an_experiment_places_a_model(
    deliver: Callable[..., SyncRun], manager: Any, initiative: Initiative
) -> None:
    version = ModelVersionRecord("xgb", "1", experiment="/Shared/claims")
    rule(manager, initiative, looks_at="experiment", pattern="/shared/claims*")
    deliver(model("xgb"), version)
    assert links() == {("xgb", initiative.key, "rule")}


def test_a_tag_and_a_person_come_before_a_rule(
    deliver: Callable[..., SyncRun], manager: Any, initiative: Initiative, other: Initiative
) -> None:
    rule(manager, initiative)
    deliver(model("claims-a", initiative=other.key), model("claims-b"))
    assert links() == {("claims-a", other.key, "tag"), ("claims-b", initiative.key, "rule")}
    inventory.link_model(
        model=ModelAsset.objects.get(name="claims-b"), initiative=other, by=manager
    )
    deliver(model("claims-a", initiative=other.key), model("claims-b"))
    assert ("claims-b", other.key, "person") in links()


def test_the_first_of_two_rules_wins(
    deliver: Callable[..., SyncRun], manager: Any, initiative: Initiative, other: Initiative
) -> None:
    rule(manager, initiative, pattern="claims-t*")
    rule(manager, other, pattern="claims-*")
    deliver(model("claims-triage"), model("claims-fraud"))
    assert links() == {
        ("claims-triage", initiative.key, "rule"),
        ("claims-fraud", other.key, "rule"),
    }


def test_rules_are_asked_in_the_order_they_are_put_into(
    deliver: Callable[..., SyncRun], administrator: Any, initiative: Initiative, other: Initiative
) -> None:
    first = rule(administrator, pattern="claims-*", initiative=initiative)
    second = rule(administrator, pattern="*-triage", initiative=other)
    third = rule(administrator, pattern="nothing-*", initiative=other)
    deliver(model("claims-triage"))
    assert links() == {("claims-triage", initiative.key, "rule")}
    services.move_mapping_rule(rule=second, before=first, by=administrator, version=second.version)
    listed = list(selectors.mapping_rules(viewer=administrator))
    assert listed == [second, first, third]
    assert links() == {("claims-triage", other.key, "rule")}
    services.move_mapping_rule(rule=second, before=None, by=administrator)
    assert list(selectors.mapping_rules(viewer=administrator)) == [first, third, second]
    assert links() == {("claims-triage", initiative.key, "rule")}
    with pytest.raises(StaleWrite):
        services.move_mapping_rule(
            rule=second, before=first, by=administrator, version=second.version
        )
    services.end_mapping_rule(rule=third, by=administrator)
    with pytest.raises(Sentence, match="was ended"):
        services.move_mapping_rule(rule=third, before=first, by=administrator)


def test_nobody_passes_a_rule_of_an_initiative_they_may_not_change(
    deliver: Callable[..., SyncRun],
    administrator: Any,
    person: Callable[..., Any],
    initiative: Initiative,
    other: Initiative,
) -> None:
    first = rule(administrator, pattern="claims-*", initiative=other)
    second = rule(administrator, pattern="*-triage", initiative=initiative)
    deliver(model("claims-triage"))
    own = person("program_manager", node=initiative.node)
    with pytest.raises(Refused):
        services.move_mapping_rule(rule=second, before=first, by=own)
    assert list(selectors.mapping_rules(viewer=administrator)) == [first, second]
    assert links() == {("claims-triage", other.key, "rule")}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"looks_at": "colour"}, "looks at one of"),
        ({"pattern": " * "}, "cannot match everything"),
        ({"looks_at": "tag"}, "which tag"),
        ({"tag": "team"}, "Only a rule on tags"),
    ],
)
def test_a_wrong_rule_is_refused(
    manager: Any, initiative: Initiative, parts: dict[str, str], said: str
) -> None:
    with pytest.raises(Sentence, match=said):
        rule(manager, initiative, **parts)
    assert not MappingRule.objects.exists()


def test_who_links_in_one_unit_makes_no_rule_for_all(
    person: Callable[..., Any], unit: Any, initiative: Initiative
) -> None:
    with pytest.raises(Refused):
        rule(person("program_manager", unit), initiative)


def test_readings_of_nobody_wait_go_on_and_are_history(
    deliver: Callable[..., SyncRun], manager: Any, initiative: Initiative, other: Initiative
) -> None:
    run = deliver(reading("latency", "120"), reading("latency", "7", "AI-999"))
    assert (run.rows_waiting, run.rows_refused, run.rows_new) == (2, 0, 0)
    assert deliver(reading("latency", "120")).rows_waiting == 0
    assert deliver(reading("latency", "121")).rows_waiting == 1
    stray = Stray.objects.get(name="latency")
    services.place_stray(stray=stray, initiative=initiative, by=manager, version=stray.version)
    assert Point.objects.get().value == 121
    with pytest.raises(StaleWrite):
        services.place_stray(stray=stray, initiative=other, by=manager, version=stray.version)
    assert deliver(reading("latency", "122")).rows_changed == 1
    assert list(Point.objects.order_by("known_from").values_list("value", flat=True)) == [121, 122]


def test_put_aside_it_is_let_go_until_asked_again(
    deliver: Callable[..., SyncRun], manager: Any
) -> None:
    deliver(reading("latency", "120"))
    stray = Stray.objects.get()
    with pytest.raises(Sentence, match="why"):
        services.set_stray_aside(stray=stray, reason=" ", by=manager)
    services.set_stray_aside(stray=stray, reason="A load test.", by=manager)
    run = deliver(reading("latency", "130"))
    assert (run.rows_waiting, run.rows_refused) == (0, 0) and not stray.readings.exists()
    services.ask_again(stray=stray, by=manager)
    assert deliver(reading("latency", "130")).rows_waiting == 1


def test_an_account_places_readings(
    deliver: Callable[..., SyncRun], manager: Any, initiative: Initiative
) -> None:
    deliver(reading("tokens", "5", labels={"account": "1234-5", "name": "gateway"}))
    assert Stray.objects.get().name == "gateway"
    rule(manager, initiative, looks_at="account", pattern="1234-*")
    assert Series.objects.get().initiative == initiative
    run = deliver(reading("calls", "5", labels={"account": "1234-6", "name": "other"}))
    assert (run.rows_new, run.rows_waiting) == (1, 0)


def test_unmanaged_models_are_shown_until_claimed_or_put_aside(
    deliver: Callable[..., SyncRun], manager: Any, initiative: Initiative
) -> None:
    deliver(model("claims-triage-v2"), model("demo"), model("churn", initiative=initiative.key))
    found = list(selectors.unmanaged_models(viewer=manager))
    assert [each.name for each in found] == ["claims-triage-v2", "demo"]
    guessed = selectors.guessed_models(models=found, viewer=manager)
    assert [guess.key for guess in guessed[0].guesses] == [initiative.key]
    assert guessed[1].guesses == ()
    services.claim_models(models=found[:1], initiative=initiative, by=manager)
    services.set_model_aside(model=found[1], reason="A course.", by=manager)
    assert not selectors.unmanaged_models(viewer=manager).exists()


# Seats and work items


def test_seats_are_counted_and_read(
    deliver: Callable[..., SyncRun], initiative: Initiative, manager: Any, administrator: Any
) -> None:
    seats = SeatRecord(
        "GitHub Copilot", TODAY, assigned=80, bought=100, active=50, price=Decimal("19"),
        currency="USD", initiative_key=initiative.key,
    )  # fmt: skip
    assert deliver(seats).rows_new == 4
    assert deliver(seats).has_changed_nothing
    values = dict(Series.objects.values_list("key", "points__value"))
    assert values == {
        "seats/GitHub Copilot/bought": 100, "seats/GitHub Copilot/assigned": 80,
        "seats/GitHub Copilot/active": 50,
    }  # fmt: skip
    (shown,) = selectors.seats(viewer=manager)
    assert (shown.idle, shown.comes_back) == (50, Decimal(950))
    (hidden,) = selectors.seats(viewer=administrator)
    assert (hidden.idle, hidden.comes_back) == (50, None)


def test_more_active_than_assigned_cannot_be(deliver: Callable[..., SyncRun]) -> None:
    run = deliver(SeatRecord("X", TODAY, assigned=1, active=2))
    assert (run.rows_refused, run.rows_new) == (1, 0)


def item(**parts: Any) -> WorkItemRecord:
    base = {"key": "AI-1", "title": "Pilot live", "state": "To do", "due_on": TODAY}
    return WorkItemRecord(**(base | parts))


def test_work_items_are_milestones_and_follow_the_tracker(
    deliver: Callable[..., SyncRun], initiative: Initiative
) -> None:
    deliver(item(initiative_key=initiative.key))
    made = Milestone.objects.get()
    assert (made.name, made.due_on, made.done_on) == ("Pilot live (AI-1)", TODAY, None)
    later = TODAY + dt.timedelta(days=9)
    deliver(item(initiative_key=initiative.key, due_on=later, done_on=TODAY, state="Done"))
    made.refresh_from_db()
    assert (made.due_on, made.done_on) == (later, TODAY)
    assert deliver(
        item(initiative_key=initiative.key, due_on=later, done_on=TODAY, state="Done")
    ).has_changed_nothing


def test_a_status_of_the_tracker_is_posted_once(
    deliver: Callable[..., SyncRun], initiative: Initiative
) -> None:
    said = item(initiative_key=initiative.key, status="at_risk", sentence="Data is late.")
    deliver(said)
    deliver(said)
    initiative.refresh_from_db()
    assert (initiative.status, initiative.status_sentence) == ("at_risk", "Data is late.")
    assert initiative.status_updates.count() == 1


def test_a_work_item_of_nobody_waits(deliver: Callable[..., SyncRun], manager: Any,
                                     initiative: Initiative) -> None:  # fmt: skip
    deliver(item(labels={"name": "Project PAY"}))
    stray = Stray.objects.get(kind="item")
    services.place_stray(stray=stray, initiative=initiative, by=manager)
    deliver(item(labels={"name": "Project PAY"}))
    assert Milestone.objects.get().initiative == initiative


# The pages


@pytest.fixture
def browser(manager: Any) -> Client:
    client = Client()
    client.force_login(manager)
    return client


def test_the_page_places_puts_aside_and_writes_rules(
    deliver: Callable[..., SyncRun], browser: Client, initiative: Initiative
) -> None:
    deliver(
        reading("latency", "120", labels={"name": "claims triage api"}),
        reading("errors", "1", labels={"name": "demo"}),
        model("claims-triage-v2"), model("demo-model"),
    )  # fmt: skip
    page = browser.get("/connections/waiting/").content.decode()
    assert "2 things wait" in page and "2 unmanaged models" in page
    assert f'value="{initiative.key}"' in page
    first, second = (Stray.objects.get(name=name) for name in ("claims triage api", "demo"))
    browser.post(f"/connections/waiting/{first.pk}/place/", {"initiative": initiative.key})
    browser.post(f"/connections/waiting/{second.pk}/aside/", {"reason": "A demo."})
    assert Series.objects.get().initiative == initiative
    one = ModelAsset.objects.get(name="claims-triage-v2")
    browser.post("/connections/waiting/models/", {"model": [one.pk], "initiative": initiative.key})
    two = ModelAsset.objects.get(name="demo-model")
    browser.post(f"/connections/waiting/models/{two.pk}/", {"reason": "A demo."})
    page = browser.get("/connections/waiting/").content.decode()
    assert "Nothing waits" in page and "put aside: A demo." in page
    form = {"looks_at": "tag", "tag": "team", "pattern": "cards", "initiative": initiative.key}
    browser.post("/connections/rules/", form)
    made = MappingRule.objects.get()
    assert "Tag team is <code>cards</code>" in browser.get("/connections/waiting/").content.decode()
    browser.post(f"/connections/rules/{made.pk}/end/", {"version": made.version})
    made.refresh_from_db()
    assert made.ended_at is not None
    browser.post(f"/connections/waiting/{second.pk}/ask/")
    second.refresh_from_db()
    assert second.state == "waiting"


def test_a_wrong_key_is_told_and_changes_nothing(
    deliver: Callable[..., SyncRun], browser: Client
) -> None:
    deliver(reading("latency", "120"))
    stray = Stray.objects.get()
    answer = browser.post(f"/connections/waiting/{stray.pk}/place/", {"initiative": "AI-77"})
    assert answer.status_code == 400 and b"There is no initiative AI-77" in answer.content
    stray.refresh_from_db()
    assert stray.state == "waiting"


def test_a_token_is_made_shown_once_and_revoked(administrator: Any, manager: Any) -> None:
    client = Client()
    client.force_login(administrator)
    form = {"name": "Airflow", "scope": ["metrics", "lineage"], "calls_a_minute": "60"}
    made = client.post("/connections/inbound/", form).content.decode()
    assert "aipi_" in made and "not shown again" in made
    again = client.get("/connections/inbound/").content.decode()
    assert "Airflow" in again and again.count("aipi_") == made.count("aipi_") - 1
    (use,) = selectors.tokens(viewer=administrator)
    assert client.get(f"/connections/inbound/{use.token.pk}/").status_code == 200
    assert client.post("/connections/inbound/", {**form, "scope": []}).status_code == 422
    viewer = Client()
    viewer.force_login(manager)
    assert viewer.post("/connections/inbound/", {**form, "name": "x"}).status_code == 403
    client.post(f"/connections/inbound/{use.token.pk}/revoke/")
    assert not selectors.tokens(viewer=administrator)[0].is_live


def test_seats_are_shown_with_the_money_that_idle_ones_give_back(
    deliver: Callable[..., SyncRun], browser: Client, administrator: Any
) -> None:
    assert "No seats counted yet" in browser.get("/connections/seats/").content.decode()
    deliver(SeatRecord("Copilot", TODAY, assigned=80, bought=100, active=50,
                       price=Decimal("30"), currency="USD"))  # fmt: skip
    page = browser.get("/connections/seats/").content.decode()
    assert "Idle seats would give back" in page and "1,500" in page
    poor = Client()
    poor.force_login(administrator)
    assert "1,500" not in poor.get("/connections/seats/").content.decode()
