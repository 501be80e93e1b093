"""The pages of governance: both modes from asking to live, and what a refusal shows."""

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance_app.compliance.models import TierNow
from governance_app.gates.models import (
    BoardMeeting,
    BreakGlass,
    Delegation,
    GateRequest,
    PolicyVersion,
    UnitMode,
)
from governance_app.gates.starting import starter
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.oversight import services as oversight
from governance_app.oversight.models import Action
from governance_app.people.services import system_user
from tests.gates.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def bare(organisation: Any, unit: Any, person: Any, admin: Any) -> World:
    return World.make(organisation, unit, person, admin)


@pytest.fixture
def world(bare: World) -> World:
    bare.start()
    return bare


def as_(client: Client, user: Any) -> Client:
    client.force_login(user)
    return client


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()[-2000:]
    return str(response.content.decode())


def stage(initiative: Any) -> str:
    return str(Initiative.objects.get(pk=initiative.pk).stage.slug)  # type: ignore[union-attr]


def decide(
    client: Client, user: Any, request: GateRequest, choice: str = "approve", **more: str
) -> Any:
    request.refresh_from_db()
    return as_(client, user).post(
        f"/governance/requests/{request.number}/do/",
        {"do": choice, "facts_hash": request.facts_hash, **more}, follow=True,
    )  # fmt: skip


def test_the_empty_home_says_how_to_begin(client: Client, bare: World) -> None:
    page = text(as_(client, bare.officer).get("/governance/"))
    assert "No gate policy is in force" in page
    assert "Start with the recommended one" in page
    assert "Nothing waits for you" in page


def test_from_asking_to_live_by_the_board(client: Client, world: World) -> None:
    row = world.initiative()
    asked = as_(client, world.manager).post(
        "/governance/requests/ask/",
        {"initiative": row.key.lower(), "to_stage": "production", "reason": "It works."},
        follow=True,
    )  # fmt: skip
    request = GateRequest.objects.get()
    assert "Known once it is submitted" in text(asked)
    at = f"/governance/requests/{request.number}/do/"
    given = client.post(
        at, {"do": "evidence", "title": "Audit", "kind": "bias", "reference": "QA-1",
             "collected_on": timezone.localdate().isoformat()}, follow=True,
    )  # fmt: skip
    assert "Attached “Audit”" in text(given)
    submitted = text(client.post(at, {"do": "submit"}, follow=True))
    assert "Every guardrail is green" in submitted
    assert "You are not asked here" in submitted
    board = text(as_(client, world.board[0]).get("/governance/"))
    assert "Decide at a gate" in board
    page = text(client.get(f"/governance/requests/{request.number}/"))
    assert 'data-shortcut="a"' in page
    assert "A stop would set free" in page
    for somebody in (world.officer, world.board[0]):
        assert "others are still to decide" in text(decide(client, somebody, request))
    hidden = text(as_(client, world.board[1]).get(f"/governance/requests/{request.number}/"))
    assert "1 decision hidden" in hidden
    assert "is approved: scale" in text(decide(client, world.board[1], request))
    assert stage(row) == "production"
    gates = text(client.get(f"/initiatives/{row.key}/gates/"))
    assert "Otto" in gates
    assert "Holds until" in gates


def test_a_team_goes_live_by_itself_while_all_is_green(client: Client, world: World) -> None:
    world.decides_itself()
    row = world.initiative()
    request = world.asked(row)
    assert "is approved" in text(decide(client, world.manager, request))
    assert stage(row) == "production"


def test_a_refused_decision_shows_why_and_keeps_what_was_typed(
    client: Client, world: World
) -> None:
    row = world.initiative()
    request = world.asked(row)
    initiatives.edit(initiative=row, autonomy="acts_alone", by=world.admin)
    before = text(as_(client, world.board[0]).get(f"/governance/requests/{request.number}/"))
    assert "submitted on other facts" in before
    assert "recommends, a person decides → acts alone" in before
    answer = decide(client, world.board[0], request, sentence="Looks fine.")
    page = text(answer, 422)
    assert "autonomy changed since" in page
    request.refresh_from_db()
    assert (request.state, request.decisions.count()) == ("stale", 0)


def test_a_rejection_wants_a_reason(client: Client, world: World) -> None:
    request = world.asked(world.initiative())
    assert "Say in a sentence why" in text(decide(client, world.board[0], request, "reject"), 422)
    page = text(
        decide(client, world.board[0], request, "reject", sentence="No way back.", ending="pivot")
    )
    assert "Ended in pivot" in page
    assert "No way back." in page


def test_a_policy_is_written_shown_compared_and_put_in_force(client: Client, world: World) -> None:
    given = starter()
    for rule in given["document"]["rules"]:
        for step in rule.get("steps", []):
            if step["slot"] == "board" and rule["id"] == "live":
                step["quorum"] = 3
    form = {
        "node": str(world.organisation.pk), "title": "Three of the board", "reason": "Size.",
        "document": json.dumps(given["document"]), "examples": json.dumps(given["examples"]),
    }  # fmt: skip
    as_(client, world.board[1])
    assert "Line 1 is not JSON" in text(
        client.post("/governance/policies/write/", {**form, "document": "{"}), 422
    ).replace("Policy: line", "Line")
    page = text(client.post("/governance/policies/write/", form, follow=True))
    assert "1 difference from version 1" in page
    assert "3 different people" in page
    assert "somebody else puts it in force" in page.lower() or "You wrote it" in page
    draft = PolicyVersion.objects.get(state="draft")
    at = f"/governance/policies/{draft.pk}/do/"
    assert "You wrote this policy" in text(client.post(at, follow=True))
    assert "is in force" in text(as_(client, world.officer).post(at, follow=True))


def test_a_policy_that_cannot_be_read_is_refused_beside_the_form(
    client: Client, world: World
) -> None:
    form = {"node": str(world.unit.pk), "title": "Mine", "examples": "[]",
            "document": json.dumps({"rules": [{"id": "live", "title": "Lighter"}]})}  # fmt: skip
    page = text(as_(client, world.officer).post("/governance/policies/write/", form), 422)
    assert "when it matches" in page
    assert "Lighter" in page


def test_the_mode_page_advises_replays_and_compares(client: Client, world: World) -> None:
    world.decides_itself()
    row = world.initiative()
    world.decide(world.asked(row), world.manager)
    listed = text(as_(client, world.board[0]).get("/governance/modes/"))
    assert "Retail banking" in listed
    page = text(client.get(f"/governance/modes/{world.unit.pk}/"))
    assert "1 of 1 requests would have gone to the board" in page
    assert "Speed of deployment" in page
    assert "fits:" in page
    done = client.post(
        f"/governance/modes/{world.unit.pk}/choose/",
        {"mode": "central", "reason": "A new regulation."}, follow=True,
    )  # fmt: skip
    assert "Centralised since" in text(done)
    assert UnitMode.objects.count() == 2
    refused = client.post(f"/governance/modes/{world.unit.pk}/choose/", {"mode": "central"})
    assert "Say in a sentence why" in text(refused, 422)


def test_a_probation_is_shown_and_ended_by_the_board(client: Client, world: World) -> None:
    UnitMode.objects.create(
        node=world.unit, mode="central", from_on=timezone.localdate(), origin="probation",
        reason="Three breaches.", decided_by=world.admin,
    )  # fmt: skip
    assert "is on probation" in text(as_(client, world.board[0]).get("/governance/"))
    page = client.post(
        f"/governance/modes/{world.unit.pk}/choose/",
        {"mode": "distributed", "reason": "Mended."}, follow=True,
    )  # fmt: skip
    assert "no longer on probation" in text(page)


def test_the_board_meets(client: Client, world: World) -> None:
    request = world.asked(world.initiative())
    as_(client, world.board[0])
    assert str(request) in text(client.get("/governance/board/"))
    today = timezone.localdate().isoformat()
    text(client.post("/governance/board/", {"title": "AI board", "on": today}, follow=True))
    meeting = BoardMeeting.objects.get()
    at = f"/governance/board/{meeting.pk}/"
    item = meeting.items.get()
    text(client.post(at, {"do": "minute", "item": str(item.pk), "text": "Way back?"}, follow=True))
    assert "Way back?" in text(client.get(at))
    text(client.post(at, {"do": "close", "minutes": "Ada, Ben."}, follow=True))
    assert "minutes closed by Ada" in text(client.get(at))
    refused = text(client.post(at, {"do": "fill"}, follow=True))
    assert "its agenda is closed" in refused


def test_an_emergency_is_broken_confirmed_and_looked_at(client: Client, world: World) -> None:
    row = world.initiative()
    TierNow.objects.filter(initiative=row).delete()
    text(
        as_(client, world.board[0]).post(
            "/governance/emergencies/break/",
            {
                "initiative": row.key,
                "to_stage": "production",
                "reason": "Claims pile up.",
                "incident": "INC-7",
            },
            follow=True,
        )
    )
    assert stage(row) == "production"
    glass = BreakGlass.objects.get()
    at = f"/governance/emergencies/{glass.pk}/"
    assert "Confirm that it is one" not in text(client.get("/governance/emergencies/"))
    as_(client, world.board[1])
    assert "Confirm that it is one" in text(client.get("/governance/emergencies/"))
    text(client.post(at, {"do": "confirm"}, follow=True))
    as_(client, world.officer)
    assert "Look at an emergency" in text(client.get("/governance/"))
    page = client.post(at, {"finding": "justified", "sentence": "It was."}, follow=True)
    assert "Justified" in text(page)


def test_somebody_stands_in_and_a_circle_is_refused(client: Client, world: World) -> None:
    today = timezone.localdate()
    form = {"taker": str(world.board[1].pk), "node": str(world.organisation.pk),
            "from_on": today.isoformat(), "reason": "Leave.",
            "until_on": (today + dt.timedelta(days=5)).isoformat()}  # fmt: skip
    page = as_(client, world.board[0]).post("/governance/duties/delegate/", form, follow=True)
    assert "Ben stands in for you" in text(page)
    back = {**form, "taker": str(world.board[0].pk)}
    refused = as_(client, world.board[1]).post("/governance/duties/delegate/", back, follow=True)
    assert "in a circle nobody decides" in text(refused)
    given = Delegation.objects.get()
    text(client.post(f"/governance/duties/delegations/{given.pk}/end/", follow=True))
    given.refresh_from_db()
    assert given.ended_at is not None


def test_what_a_leaver_held_is_handed_over(client: Client, world: World) -> None:
    row = world.initiative()
    boss = world.person("administrator")
    page = as_(client, boss).post(
        "/governance/duties/hand-over/",
        {"person": str(world.owner.pk), "successor": str(world.manager.pk), "reason": "Left."},
        follow=True,
    )  # fmt: skip
    assert "Handed over: 1 seat; 0 delegations ended." in text(page)
    row.refresh_from_db()
    assert row.business_owner == world.manager


def test_what_the_round_found_is_closed_from_the_duties(client: Client, world: World) -> None:
    row = world.initiative()
    Initiative.objects.filter(pk=row.pk).update(time_box_on=timezone.localdate() - dt.timedelta(9))
    oversight.go_round(on=timezone.localdate(), by=system_user("oversight"))
    action = Action.objects.get(kind="zombie")
    home = text(as_(client, world.owner).get("/governance/"))
    assert "Pilot that goes nowhere" in home
    assert "9 days past its time box" in home
    text(client.post(f"/governance/actions/{action.pk}/close/", {"because": "Ends on Friday."},
                     follow=True))  # fmt: skip
    action.refresh_from_db()
    assert action.closed_because == "Ends on Friday."


def test_a_stranger_sees_neither_requests_nor_initiatives_of_others(
    client: Client, world: World
) -> None:
    from governance_app.people import services as people

    request = world.asked(world.initiative())
    elsewhere = people.add_unit(name="Elsewhere", parent=world.organisation, by=world.admin)
    stranger = world.person("contributor", elsewhere)
    as_(client, stranger)
    assert client.get(f"/governance/requests/{request.number}/").status_code == 404
    assert client.get(f"/governance/modes/{world.unit.pk}/").status_code == 404
    assert str(request) not in text(client.get("/governance/requests/"))


def test_the_home_page_tells_what_waits_at_gates(client: Client, world: World) -> None:
    request = world.asked(world.initiative())
    page = text(as_(client, world.board[0]).get("/"))
    assert "Decide at a gate" in page
    assert f"/governance/requests/{request.number}/" in page
    assert "Decide at a gate" not in text(as_(client, world.manager).get("/"))
