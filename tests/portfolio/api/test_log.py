"""Comments, the log and proposals through the API: the same services as the pages."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from governance_app.initiatives import selectors, services
from governance_app.people import services as people

Person = Callable[..., Any]


@pytest.fixture
def ruth(person: Person, unit: Any) -> Any:
    return person("program_manager", unit, name="Ruth Lindqvist")


@pytest.fixture
def api(ruth: Any) -> APIClient:
    _, secret = people.add_token(user=ruth, name="script", by=ruth)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_a_log_is_written_and_closed(api: APIClient, unit: Any, ruth: Any) -> None:
    row = services.add(name="Claims triage", unit=unit, by=ruth)
    address = f"/api/v1/initiatives/{row.key}/log/"
    made = api.post(address, {"kind": "issue", "title": "No data"}, format="json")
    assert made.status_code == 201
    entry = made.json()
    ended = {"version": entry["version"], "outcome": "Found."}
    closed = api.post(f"{address}{entry['id']}/", ended, format="json")
    assert closed.json()["outcome"] == "Found."
    stale = api.post(f"{address}{entry['id']}/", ended, format="json")
    assert stale.status_code == 409
    assert [each["title"] for each in api.get(address).json()["results"]] == ["No data"]


def test_a_comment_tells_whoever_is_named(
    api: APIClient, unit: Any, ruth: Any, person: Person
) -> None:
    row = services.add(name="Claims triage", unit=unit, by=ruth)
    mike = person("business_owner", unit, name="Mike Okafor")
    answer = api.post(
        f"/api/v1/initiatives/{row.key}/comments/", {"text": "@Mike Okafor?"}, format="json"
    )
    assert answer.status_code == 201
    assert selectors.mentions(viewer=mike).count() == 1


def test_a_proposal_needs_a_unit_one_sees(api: APIClient, unit: Any, other_unit: Any) -> None:
    asked = {"unit": str(other_unit.pk), "name": "Tenders", "purpose": "Draft answers."}
    assert api.post("/api/v1/intake/", asked, format="json").status_code == 400
    asked["unit"] = str(unit.pk)
    assert api.post("/api/v1/intake/", asked, format="json").json()["state"] == "waiting"
    assert len(api.get("/api/v1/intake/").json()["results"]) == 1
