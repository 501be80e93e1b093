"""Initiatives through the API: what pages can do, programs can, and no more."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative, StatusUpdate
from governance_app.jobs.clock import database_now
from governance_app.people.services import system_user
from governance_app.rollups import services as rollups

pytestmark = pytest.mark.django_db

LIST = "/api/v1/initiatives/"


def one(row: Any) -> str:
    return f"{LIST}{row.key}/"


def test_without_a_token_the_answer_says_how_to_sign_in(client: Any) -> None:
    answer = client.get(LIST)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["error"]["status"] == 401


def test_a_revoked_token_is_refused(program: Callable[..., Any]) -> None:
    from governance_app.people import services as people

    asking = program("executive")
    people.revoke_token(token=asking.person.api_tokens.get(), by=asking.person)
    answer = asking.get(LIST)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "The token is unknown, expired or revoked."


def test_who_holds_no_grant_is_refused_with_the_reason(program: Callable[..., Any]) -> None:
    answer = program().get(LIST)
    assert answer.status_code == 403
    assert answer.json()["error"]["message"].startswith("You may not see initiatives")


def test_the_list_holds_what_the_viewer_sees_page_by_page(
    program: Callable[..., Any], unit: Any, other_unit: Any, admin: Any
) -> None:
    seen = [initiatives.add(name=f"Initiative {n}", unit=unit, by=admin).key for n in range(5)]
    initiatives.add(name="Hidden", unit=other_unit, by=admin)
    asking = program("executive", unit)
    found, address = [], f"{LIST}?limit=2"
    while address:
        answer = asking.get(address).json()
        assert len(answer["results"]) <= 2
        found += [row["key"] for row in answer["results"]]
        address = answer["next"]
    assert found == seen[::-1]


def test_one_of_another_unit_does_not_exist(
    program: Callable[..., Any], initiative: Any, other_unit: Any
) -> None:
    asking = program("program_manager", other_unit)
    assert asking.get(one(initiative)).status_code == 404
    body = {"name": "Mine now", "version": 1}
    assert asking.patch(one(initiative), body, format="json").status_code == 404
    move = {"to": "production"}
    assert asking.post(f"{one(initiative)}stage/", move, format="json").status_code == 404
    assert Initiative.objects.get(pk=initiative.pk).name == "Claims triage"


def test_money_is_told_only_to_those_who_may_see_it(
    program: Callable[..., Any], initiative: Any, admin: Any, unit: Any
) -> None:
    initiatives.edit(
        initiative=initiative, by=admin, expected_value=Decimal("1200.5"),
        expected_value_currency="EUR",
    )  # fmt: skip
    rollups.absorb(by=system_user("rollups"), now=database_now())
    told = program("executive").get(one(initiative)).json()
    assert told["money"]["expected_value"] == "1200.5"
    assert told["money"]["spend_year"] is None
    assert told["money"]["reasons"]["spend_year"] == "Nothing is recorded."
    kept = program("contributor", unit).get(one(initiative)).json()
    assert kept["money"] is None and kept["figures"]["risk_above_appetite"] == 0
    assert "1200.5" not in str(kept)


def test_adding_needs_a_grant_there_and_names_every_wrong_field(
    program: Callable[..., Any], unit: Any, other_unit: Any
) -> None:
    asking = program("program_manager", unit)
    body = {"name": "Contact centre", "unit": str(unit.pk), "ai_type": "generative"}
    answer = asking.post(LIST, body, format="json")
    assert answer.status_code == 201, answer.json()
    assert answer.json()["stage"] == "idea" and answer.json()["unit"]["name"] == unit.name
    wrong = {"name": "", "unit": str(unit.pk), "ai_type": "magic", "colour": "blue"}
    answer = asking.post(LIST, wrong, format="json").json()
    assert answer["error"]["fields"] == {"colour": ["There is no such field."]}
    del wrong["colour"]
    fields = asking.post(LIST, wrong, format="json").json()["error"]["fields"]
    assert sorted(fields) == ["ai_type", "name"]
    foreign = {"name": "Elsewhere", "unit": str(other_unit.pk)}
    assert asking.post(LIST, foreign, format="json").status_code == 400
    assert program("executive", unit).post(LIST, body, format="json").status_code == 403


def test_a_stale_edit_is_told_the_version_that_counts(
    program: Callable[..., Any], initiative: Any, unit: Any, admin: Any
) -> None:
    asking = program("program_manager", unit)
    read = asking.get(one(initiative)).json()
    initiatives.edit(initiative=initiative, by=admin, vendor="Somebody")
    body = {"purpose": "Sort claims", "version": read["version"]}
    answer = asking.patch(one(initiative), body, format="json")
    assert answer.status_code == 409
    body["version"] = answer.json()["error"]["current"]["version"]
    answer = asking.patch(one(initiative), body, format="json")
    assert answer.status_code == 200
    assert answer.json()["purpose"] == "Sort claims" and answer.json()["vendor"] == "Somebody"


def test_a_stage_that_cannot_follow_is_refused_with_the_way(
    program: Callable[..., Any], unit: Any, admin: Any
) -> None:
    idea = initiatives.add(name="Idea", unit=unit, by=admin)
    asking = program("program_manager", unit)
    answer = asking.post(f"{one(idea)}stage/", {"to": "production"}, format="json")
    assert answer.status_code == 422
    message = answer.json()["error"]["message"]
    assert message == "Before Production: go through Assessment, Pilot."
    answer = asking.post(f"{one(idea)}stage/", {"to": "assessment"}, format="json")
    assert answer.status_code == 200 and answer.json()["stage"] == "assessment"


def test_a_status_sent_twice_under_one_key_is_posted_once(
    program: Callable[..., Any], initiative: Any, unit: Any
) -> None:
    asking = program("program_manager", unit)
    address = f"{one(initiative)}statuses/"
    body = {"status": "at_risk", "sentence": "The vendor is late."}
    key = {"HTTP_IDEMPOTENCY_KEY": "friday-1"}
    first = asking.post(address, body, format="json", **key)
    again = asking.post(address, body, format="json", **key)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json() and again.headers["Idempotency-Replayed"] == "true"
    assert StatusUpdate.objects.count() == 1
    other = asking.post(address, {**body, "status": "on_track"}, format="json", **key)
    assert other.status_code == 422
    assert other.json()["error"]["message"] == (
        "The key 'friday-1' was used for another request; choose a new one."
    )
    listed = asking.get(address).json()["results"]
    assert [row["sentence"] for row in listed] == ["The vendor is late."]


def test_a_refused_request_may_be_sent_again_under_its_key(
    program: Callable[..., Any], initiative: Any, unit: Any
) -> None:
    asking = program("program_manager", unit)
    address, key = f"{one(initiative)}stage/", {"HTTP_IDEMPOTENCY_KEY": "move-1"}
    assert asking.post(address, {"to": "nowhere"}, format="json", **key).status_code == 422
    answer = asking.post(address, {"to": "scaling"}, format="json", **key)
    assert answer.status_code == 200


def test_filters_narrow_and_unknown_questions_are_refused(
    program: Callable[..., Any], initiative: Any, unit: Any, other_unit: Any, admin: Any
) -> None:
    initiatives.add(name="Underwriting", unit=other_unit, by=admin)
    asking = program("executive")

    def keys(query: str) -> list[str]:
        return [row["name"] for row in asking.get(f"{LIST}?{query}").json()["results"]]

    assert keys("stage=pilot") == ["Claims triage"]
    assert keys(f"unit={other_unit.pk}") == ["Underwriting"]
    assert keys("search=triage") == ["Claims triage"]
    answer = asking.get(f"{LIST}?colour=blue")
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {"colour": ["There is no such question."]}


def test_an_address_that_is_none_answers_in_the_one_shape(
    client: Any, program: Callable[..., Any]
) -> None:
    assert client.get("/api/v1/nothing/").status_code == 401
    answer = program("executive").get("/api/v1/nothing/")
    assert answer.status_code == 404 and answer.json()["error"]["status"] == 404


def test_a_page_size_is_a_number_within_bounds(program: Callable[..., Any]) -> None:
    asking = program("executive")
    for wrong in ("0", "501", "many", "-1"):
        answer = asking.get(f"{LIST}?limit={wrong}")
        assert answer.json()["error"]["fields"] == {"limit": ["Give a number from 1 to 500."]}
