"""The page of one initiative and what people do on it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance_app.initiatives import selectors, services

Person = Callable[..., Any]


@pytest.fixture
def manager(unit: Any, person: Person) -> Any:
    return person("program_manager", unit)


@pytest.fixture
def row(unit: Any, manager: Any) -> Any:
    return services.add(
        name="Claims triage", unit=unit, by=manager, stage="pilot", extra={"Bureau": "East"}
    )


@pytest.fixture
def client(manager: Any) -> Client:
    client = Client()
    client.force_login(manager)
    return client


HTMX = {"HX-Request": "true"}


def test_the_page_shows_what_is_known_and_what_is_not(row: Any, client: Client) -> None:
    text = client.get(f"/initiatives/{row.key}/").content.decode()
    assert "Claims triage" in text
    assert "Nobody has written down its purpose yet." in text
    assert "Bureau" in text


def test_an_initiative_of_another_unit_does_not_exist(
    row: Any, other_unit: Any, person: Person
) -> None:
    client = Client()
    client.force_login(person("program_manager", other_unit))
    assert client.get(f"/initiatives/{row.key}/").status_code == 404


def test_a_status_is_posted_without_a_page_load(row: Any, client: Client, manager: Any) -> None:
    response = client.post(
        f"/initiatives/{row.key}/status/",
        {"status": "at_risk", "sentence": "The data arrives late.", "version": row.version},
        headers=HTMX,
    )
    text = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in text
    assert 'id="status-now" hx-swap-oob="true"' in text
    now = selectors.initiative(viewer=manager, key=row.key)
    assert now is not None
    assert (now.status, now.status_sentence) == ("at_risk", "The data arrives late.")
    assert f'value="{now.version}" id="move-version"' in text


def test_a_status_without_a_sentence_changes_nothing(
    row: Any, client: Client, manager: Any
) -> None:
    response = client.post(
        f"/initiatives/{row.key}/status/", {"status": "at_risk", "sentence": " "}, headers=HTMX
    )
    assert response.status_code == 422
    assert b"Say in a sentence why it stands so." in response.content
    now = selectors.initiative(viewer=manager, key=row.key)
    assert now is not None
    assert now.status == ""


def test_two_people_at_once_are_told(row: Any, client: Client) -> None:
    address = f"/initiatives/{row.key}/status/"
    sent = {"status": "on_track", "sentence": "All well.", "version": row.version}
    client.post(address, sent, headers=HTMX)
    response = client.post(address, sent, headers=HTMX)
    assert response.status_code == 422
    assert b"was changed by somebody else" in response.content


def test_a_stage_move_leads_back_to_the_page(row: Any, client: Client, manager: Any) -> None:
    response = client.post(
        f"/initiatives/{row.key}/stage/",
        {"to": "scaling", "on": timezone.localdate().isoformat()},
        headers=HTMX,
    )
    assert response["HX-Redirect"] == f"/initiatives/{row.key}/"
    now = selectors.initiative(viewer=manager, key=row.key)
    assert now is not None
    assert now.stage is not None
    assert now.stage.slug == "scaling"


def test_going_back_asks_for_a_reason(row: Any, client: Client) -> None:
    response = client.post(f"/initiatives/{row.key}/stage/", {"to": "idea"}, headers=HTMX)
    assert response.status_code == 422


def test_a_reader_finds_the_reason_on_the_greyed_button(row: Any, person: Person) -> None:
    client = Client()
    client.force_login(person("auditor"))
    text = client.get(f"/initiatives/{row.key}/").content.decode()
    assert 'aria-disabled="true" title="You may not edit initiatives' in text


def test_comments_and_milestones_come_back_as_their_part_of_the_page(
    row: Any, client: Client
) -> None:
    said = client.post(
        f"/initiatives/{row.key}/comments/", {"text": "Who signs?"}, headers=HTMX
    ).content.decode()
    assert "Who signs?" in said
    assert "<html" not in said
    due = client.post(
        f"/initiatives/{row.key}/milestones/",
        {"name": "Pilot ends", "due_on": "2027-01-15"},
        headers=HTMX,
    ).content.decode()
    assert "15 Jan 2027" in due


def test_money_is_not_told_to_those_who_may_not_see_it(row: Any, person: Person) -> None:
    client = Client()
    client.force_login(person("contributor"))
    text = client.get(f"/initiatives/{row.key}/").content.decode()
    assert "Money is not shown." in text
    assert 'data-chart="roi"' not in text
