"""The doors of the gates for programs: the signed check, asking, deciding, policies."""

import base64
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.test import Client
from django.utils import timezone

from governance_app.gates.models import GateDecision, GateRequest
from governance_app.gates.starting import starter
from governance_app.people import services as people
from tests.gates.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def bare(organisation: Any, unit: Any, person: Any, admin: Any) -> World:
    return World.make(organisation, unit, person, admin)


@pytest.fixture
def world(bare: World) -> World:
    bare.start()
    return bare


def header(user: Any) -> dict[str, str]:
    _, secret = people.add_token(user=user, name="test", by=user)
    return {"authorization": f"Bearer {secret}"}


def part(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def check(client: Client, user: Any, **asked: str) -> Any:
    return client.get("/api/v1/gates/check", asked, headers=header(user))


def test_a_pipeline_gets_an_answer_that_it_can_prove(client: Client, world: World) -> None:
    row = world.initiative()
    asked = {"initiative": row.key, "stage": "production", "version": "triage:7"}
    denied = check(client, world.manager, **asked).json()
    assert denied["decision"] == "deny"
    assert "ask for it" in denied["reasons"][-1]
    world.approved(world.asked(row, model_version="triage:7"))
    allowed = check(client, world.manager, **asked).json()
    assert allowed["decision"] == "allow"
    key = client.get("/api/v1/gates/key", headers=header(world.manager)).json()
    head, body, signature = allowed["token"].split(".")
    assert part(head) == {"alg": "EdDSA", "kid": key["kid"], "typ": "gate-check+jwt"}
    statement = part(body)
    assert (statement["decision"], statement["version"]) == ("allow", "triage:7")
    assert statement["exp"] - statement["iat"] == 300
    load_pem_public_key(key["pem"].encode()).verify(  # type: ignore[union-attr, call-arg]
        base64.urlsafe_b64decode(signature + "=="), f"{head}.{body}".encode()
    )


def test_what_somebody_may_not_see_is_not_answered(client: Client, world: World) -> None:
    row = world.initiative()
    stranger = world.person("contributor", people.add_unit(
        name="Elsewhere", parent=world.organisation, by=world.admin
    ))  # fmt: skip
    assert check(client, stranger, initiative=row.key, stage="production").status_code == 404
    assert check(client, world.manager, initiative=row.key).status_code == 400


def test_asking_is_fast_and_changes_nothing(
    client: Client,
    world: World,
    ledger_count: Any,
) -> None:
    row = world.initiative()
    world.approved(world.asked(row))
    headers = header(world.manager)
    asked = {"initiative": row.key, "stage": "production"}
    client.get("/api/v1/gates/check", asked, headers=headers)
    unknown = {**asked, "initiative": "AI-999"}
    before, times, plain = ledger_count(), [], []
    for _ in range(20):
        for question, status, into in ((asked, 200, times), (unknown, 404, plain)):
            start = time.perf_counter()
            found = client.get("/api/v1/gates/check", question, headers=headers)
            into.append(time.perf_counter() - start)
            assert found.status_code == status
    assert ledger_count() == before
    # The bound is 50 ms at the 95th percentile on a quiet machine; on a busy one it moves with
    # the same call about an initiative that is not there, which is all of the door and no verdict.
    assert sorted(times)[18] < max(0.05, 6 * sorted(plain)[18])


def test_a_request_goes_from_asking_to_approved(client: Client, world: World) -> None:
    row = world.initiative()
    me = header(world.manager)
    made = client.post(
        "/api/v1/gates/requests/",
        {"initiative": row.key, "to_stage": "production", "reason": "It works."},
        content_type="application/json", headers={**me, "Idempotency-Key": "a"},
    )  # fmt: skip
    assert made.status_code == 201, made.content
    at = f"/api/v1/gates/requests/{made.json()['number']}/"
    proof = {"title": "Audit", "kind": "bias", "reference": "QA-1",
             "collected_on": timezone.localdate().isoformat()}  # fmt: skip
    given = client.post(f"{at}evidence/", proof, content_type="application/json", headers=me)
    assert given.status_code == 201
    submitted = client.post(f"{at}submit/", headers=me).json()
    assert submitted["state"] == "in_review"
    for somebody in (world.officer, *world.board[:2]):
        answer = client.post(
            f"{at}decisions/",
            {"choice": "approve", "facts_hash": submitted["facts_hash"]},
            content_type="application/json", headers=header(somebody),
        )  # fmt: skip
        assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "approved"


def test_a_refused_decision_says_why_and_counts_nothing(client: Client, world: World) -> None:
    request = world.asked(world.initiative())
    answer = client.post(
        f"/api/v1/gates/requests/{request.number}/decisions/",
        {"choice": "approve", "facts_hash": "0" * 64},
        content_type="application/json", headers=header(world.board[0]),
    )  # fmt: skip
    assert answer.status_code in (400, 409, 422)
    assert "Read it again" in answer.json()["error"]["message"]
    assert not GateDecision.objects.exists()
    assert GateRequest.objects.get().state == "in_review"


def test_a_policy_is_written_and_put_in_force_by_two(client: Client, bare: World) -> None:
    given = starter()
    body = {"title": "Gates", "document": given["document"], "examples": given["examples"]}
    made = client.post(
        "/api/v1/gates/policies/", body, content_type="application/json",
        headers=header(bare.officer),
    )  # fmt: skip
    assert made.status_code == 201, made.content
    at = f"/api/v1/gates/policies/{made.json()['id']}/activate/"
    assert client.post(at, headers=header(bare.officer)).status_code in (400, 422)
    assert client.post(at, headers=header(bare.board[0])).json()["state"] == "active"
    body["document"] = {"rules": [{"id": "x", "title": "X", "when": {"fact": "colour"}}]}
    wrong = client.post(
        "/api/v1/gates/policies/", body, content_type="application/json",
        headers=header(bare.officer),
    )  # fmt: skip
    assert "Rule x, when" in wrong.json()["error"]["message"]


def test_modes_replay_and_comparison_are_read(client: Client, world: World) -> None:
    world.decides_itself()
    row = world.initiative()
    world.decide(world.asked(row), world.manager)
    me = header(world.board[0])
    (unit,) = client.get("/api/v1/gates/modes/", headers=me).json()
    assert (unit["mode"], unit["is_probation"]) == ("distributed", False)
    replay = client.get("/api/v1/gates/replay/", {"to": "central"}, headers=me).json()
    assert (replay["requests"], replay["escalated"]) == (1, 1)
    compared = client.get("/api/v1/gates/comparison/", headers=me).json()
    assert compared["exceptions"]["distributed"]["count"] == 1
    assert "reason" in compared["lead_hours"]["central"]
    assert client.get("/api/v1/gates/replay/", {"to": "both"}, headers=me).status_code == 400
