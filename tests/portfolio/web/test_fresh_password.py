"""Deciding on something of a high tier asks for the password again, and says when it is wrong."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from governance_app.compliance.models import TierNow
from governance_app.gates.models import GateDecision, GateRequest, Training
from tests.gates.world import World

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"


@pytest.fixture
def world(organisation: Any, unit: Any, person: Any, admin: Any) -> World:
    made = World.make(organisation, unit, person, admin)
    made.start()
    cache.clear()
    return made


@pytest.fixture
def request_(world: World) -> GateRequest:
    row = world.initiative()
    TierNow.objects.filter(initiative=row).update(tier="high")
    asked: GateRequest = world.asked(row)
    return asked


@pytest.fixture
def decider(world: World) -> Any:
    user = world.board[0]
    user.set_password(PASSWORD)
    user.save()
    return user


def page(client: Client, request: GateRequest) -> str:
    return client.get(f"/governance/requests/{request.number}/").content.decode()


def decide(client: Client, request: GateRequest, **more: str) -> str:
    answer = client.post(
        f"/governance/requests/{request.number}/do/",
        {"do": "approve", "facts_hash": request.facts_hash, **more}, follow=True,
        REMOTE_ADDR="192.0.2.7",
    )  # fmt: skip
    return answer.content.decode()


def test_without_a_young_password_nothing_is_decided(
    client: Client, request_: GateRequest, decider: Any
) -> None:
    client.force_login(decider)
    assert 'name="password"' in page(client, request_)
    assert "takes a password given in the last 15 minutes" in decide(client, request_)
    assert "That is not your password" in decide(client, request_, password="wrong")
    assert not GateDecision.objects.exists()
    assert "others are still to decide" in decide(client, request_, password=PASSWORD)
    made = GateDecision.objects.get()
    assert made.ip == "192.0.2.7"
    assert made.authenticated_at is not None
    assert (timezone.now() - made.authenticated_at).total_seconds() < 60


def test_whoever_just_signed_in_is_not_asked_again(
    client: Client, request_: GateRequest, decider: Any
) -> None:
    client.post("/sign-in/", {"username": decider.email, "password": PASSWORD})
    assert 'name="password"' not in page(client, request_)
    assert "others are still to decide" in decide(client, request_)


def test_guessing_is_slowed_down(client: Client, request_: GateRequest, decider: Any) -> None:
    client.force_login(decider)
    for _ in range(5):
        decide(client, request_, password="wrong")
    assert "Too many tries" in decide(client, request_, password=PASSWORD)
    assert not GateDecision.objects.exists()


def test_training_is_noted_on_the_page_of_a_person(client: Client, world: World) -> None:
    client.force_login(world.officer)
    address = f"/governance/duties/?person={world.board[1].pk}"
    assert "Note a training" in client.get(address).content.decode()
    form = {"person": str(world.board[1].pk), "trained_on": "2026-05-04", "reference": "Course"}
    told = client.post("/governance/duties/training/", form, follow=True).content.decode()
    assert "was trained is noted" in told
    assert Training.objects.get().noted_by == world.officer
    again = client.post("/governance/duties/training/", form, follow=True).content.decode()
    assert "is noted already" in again
    assert Training.objects.count() == 1


def test_an_action_is_written_down_on_the_gates_page(client: Client, world: World) -> None:
    row = world.initiative()
    client.force_login(world.officer)
    form = {"title": "Ask the works council", "sentence": "It reads e-mails.",
            "due_on": timezone.localdate().isoformat(), "owner": str(world.owner.pk)}  # fmt: skip
    told = client.post(f"/initiatives/{row.key}/gates/act/", form, follow=True).content.decode()
    assert "is in the queue of" in told
    assert "by hand" in told
    client.force_login(world.manager)
    refused = client.post(f"/initiatives/{row.key}/gates/act/", form)
    assert refused.status_code in (302, 403)
