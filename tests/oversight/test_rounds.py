"""The daily round: what it finds, whose it is, what closes by itself, and what a leaver leaves."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from governance_app.domain.records import Reading
from governance_app.gates import services as gates
from governance_app.gates.models import GateRequest
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.inventory.models import ModelAsset, ModelLink, ModelVersion
from governance_app.jobs.models import OutboxMessage
from governance_app.oversight import selectors, services
from governance_app.oversight.models import Action
from governance_app.people import services as people
from governance_app.people.access import Refused
from governance_app.people.services import system_user
from governance_app.readings import services as readings
from governance_app.readings.models import Series
from governance_app.risk.models import Risk, Signal
from tests.gates.world import World

pytestmark = pytest.mark.django_db


def today() -> dt.date:
    return timezone.localdate()


def went(days: int = 0) -> services.Went:
    return services.go_round(on=today() + dt.timedelta(days=days), by=system_user("oversight"))


def found(kind: str) -> list[Action]:
    return list(Action.objects.filter(kind=kind, closed_at=None))


def live(world: World, name: str = "Claims triage") -> Any:
    row = world.initiative(name)
    world.approved(world.asked(row))
    return Initiative.objects.get(pk=row.pk)


def series_of(initiative: Any, key: str, values: list[str], source: str = "push") -> Any:
    row = Series.objects.create(initiative=initiative, key=key, name=key, source=source)
    points = [
        Reading(today() - dt.timedelta(days=len(values) - at), Decimal(value))
        for at, value in enumerate(values)
    ]
    readings.record(series=row, points=points, by=system_user("connector:test"))
    return Series.objects.get(pk=row.pk)


def test_a_healthy_portfolio_gives_nobody_anything_to_do(world: World) -> None:
    live(world)
    done = went()
    assert (done.looked, dict(done.found), done.raised) == (1, {}, 0)


def test_drift_becomes_a_signal_and_an_action_once_and_is_cleared(world: World) -> None:
    row = live(world)
    series_of(row, "psi", ["0.1", "0.31"])
    assert went().found["drift"] == 1
    (action,) = found("drift")
    assert action.owner == world.manager
    assert "psi” is 0.31" in action.sentence
    assert "above 0.25" in action.sentence
    signal = Signal.objects.get(kind="drift.alarm")
    assert (signal.up, signal.cleared_at) == (1, None)
    assert found("breach")[0].sentence.startswith("Nothing drifts")
    again = went()
    assert (again.raised, Action.objects.count(), Signal.objects.count()) == (0, 2, 1)
    series = Series.objects.get(key="psi")
    readings.record(
        series=series, points=[Reading(today(), Decimal("0.05"))], by=system_user("connector:test")
    )
    assert went().closed == 2
    signal.refresh_from_db()
    assert signal.cleared_because == "The daily round no longer finds it."


def test_drift_twice_in_a_row_weighs_double(world: World) -> None:
    series_of(live(world), "psi", ["0.3", "0.31"])
    went()
    assert Signal.objects.get(kind="drift.alarm").up == 2


def test_a_monitor_that_fell_silent_is_found(world: World) -> None:
    series_of(live(world), "latency", ["12"])
    assert went().found["monitor"] == 0
    assert went(days=4).found["monitor"] == 1
    assert "has sent nothing for 4 days" in found("monitor")[0].sentence


def test_a_stale_model_is_found(world: World) -> None:
    row = live(world)
    asset = ModelAsset.objects.create(source="manual", name="triage")
    ModelLink.objects.create(model=asset, initiative=row, origin="person")
    ModelVersion.objects.create(
        model=asset, number="1", registered_at=timezone.now() - dt.timedelta(days=400)
    )
    assert went().found["model"] == 1


def test_an_owner_who_left_is_found_and_the_next_seat_answers(world: World) -> None:
    live(world)
    people.set_active(user=world.owner, is_active=False, by=world.admin)
    done = went()
    assert done.found["owner"] == 1
    (action,) = found("owner")
    assert (action.owner, action.sentence) == (
        world.manager, "Otto, its business owner, can no longer sign in."
    )  # fmt: skip
    assert done.guardrails["opened"] == 1  # the gate's own check on owners broke too


def test_an_overdue_risk_review_is_found(world: World) -> None:
    live(world)
    risk = Risk.objects.get()
    Risk.objects.update(reviewed_on=today() - dt.timedelta(days=risk.review_days + 1))
    assert went().found["review"] == 1
    assert Signal.objects.filter(kind="review.overdue", cleared_at=None).exists()


def test_an_approval_that_ends_is_announced_expires_and_is_asked_again(world: World) -> None:
    live(world)
    request = GateRequest.objects.get()
    GateRequest.objects.update(valid_until=today() + dt.timedelta(days=20))
    assert went().found["approval_ends"] == 1
    done = went(days=21)
    assert (done.found["approval"], done.found["approval_ends"]) == (1, 0)
    request.refresh_from_db()
    assert request.state == "expired"
    assert Signal.objects.filter(kind="approval.expired", cleared_at=None).count() == 1
    assert GateRequest.objects.filter(kind="renewal", state="draft").count() == 1


@pytest.mark.parametrize(
    ("past", "owned", "is_zombie"), [(True, True, True), (False, True, False), (False, False, True)]
)
def test_a_pilot_needs_two_signs_to_be_a_zombie(
    world: World, past: bool, owned: bool, is_zombie: bool
) -> None:
    """No KPI was ever read: one sign. Past its time box, or without an owner, is the second."""
    row = world.initiative()
    changes: dict[str, Any] = {}
    if past:
        changes["time_box_on"] = today() - dt.timedelta(days=30)
    if not owned:
        changes["business_owner"] = None
    if changes:
        Initiative.objects.filter(pk=row.pk).update(**changes)
    assert bool(went().found["zombie"]) is is_zombie


def test_what_is_retired_leaves_the_queue(world: World) -> None:
    row = world.initiative()
    Initiative.objects.filter(pk=row.pk).update(business_owner=None)
    went()
    assert found("owner")
    row.refresh_from_db()
    initiatives.retire(initiative=row, reason="No use.", by=world.admin)
    went()
    assert not Action.objects.filter(closed_at=None).exists()


def test_everybody_gets_one_letter_a_day(world: World) -> None:
    series_of(live(world), "psi", ["0.31"])
    went()
    went()
    (letter,) = OutboxMessage.objects.filter(dedupe__startswith="round:")
    assert letter.payload["to"] == [world.manager.email]
    assert letter.payload["context"]["count"] == 2  # the drift, and the guardrail it broke


# --- the queue ----------------------------------------------------------------------------------


def test_the_queue_holds_decisions_and_actions_of_one_person(world: World) -> None:
    series_of(live(world), "psi", ["0.31"])
    went()
    request = world.asked(world.initiative("Second"))
    mine = selectors.queue(viewer=world.manager, on=today())
    assert [line.kind for line in mine.lines] == ["breach", "drift"]
    board = selectors.queue(viewer=world.board[0], on=today())
    assert [(line.kind, line.url_args) for line in board.lines] == [("decision", (request.number,))]
    late = selectors.queue(viewer=world.board[0], on=today() + dt.timedelta(days=16))
    assert late.late == 1
    world.decide(request, world.board[0])
    assert selectors.queue(viewer=world.board[0], on=today()).total == 0


def test_a_stand_in_sees_the_decisions_of_the_other(world: World) -> None:
    stand_in = world.person("executive")
    gates.delegate(
        taker=stand_in, node=world.organisation, by=world.board[0], from_on=today(),
        until_on=today(), reason="Ill.",
    )  # fmt: skip
    world.asked(world.initiative())
    (line,) = selectors.queue(viewer=stand_in, on=today()).lines
    assert line.sentence.startswith("for Ada, ")


def test_an_action_is_closed_with_a_reason_by_its_owner_alone(world: World) -> None:
    series_of(live(world), "psi", ["0.31"])
    went()
    (action,) = found("drift")
    stranger = world.person("contributor", world.unit)
    with pytest.raises(Refused):
        services.close_action(action=action, because="Fine.", by=stranger)
    with pytest.raises(services.BadAction, match="why it is over"):
        services.close_action(action=action, because=" ", by=world.manager)
    assert found("drift")
    services.close_action(action=action, because="Retrained.", by=world.manager)
    assert not found("drift")


# --- leaving ------------------------------------------------------------------------------------


def test_everything_a_leaver_answers_for_goes_to_the_successor(world: World) -> None:
    row = live(world)
    series_of(row, "psi", ["0.31"])
    went()
    second = world.initiative("Second")
    draft = gates.ask(initiative=second, to_stage="production", reason="Soon.", by=world.manager)
    next_one = world.person("program_manager", world.unit, name="Nina")
    done = services.hand_over(
        person=world.manager, successor=next_one, reason="Left on Friday.", by=world.admin
    )
    assert (done.seats, done.actions, done.requests) == (2, 2, 1)
    row.refresh_from_db()
    draft.refresh_from_db()
    assert (row.technical_owner, found("drift")[0].owner, draft.requested_by) == (
        next_one, next_one, next_one
    )  # fmt: skip
    assert GateRequest.objects.get(state="approved").requested_by == world.manager


def test_only_who_manages_people_hands_over(world: World) -> None:
    with pytest.raises(Refused):
        services.hand_over(
            person=world.owner, successor=world.manager, reason="Mine now.", by=world.manager
        )


# --- written by hand ----------------------------------------------------------------------------


def test_an_action_by_hand_stays_until_a_person_closes_it(world: World) -> None:
    row = world.initiative()
    made = services.add_action(
        initiative=row, title="Ask the works council", sentence="It reads e-mails.",
        due_on=today() + dt.timedelta(days=7), owner=world.owner, by=world.officer,
    )  # fmt: skip
    went()
    made.refresh_from_db()
    assert (made.closed_at, made.owner) == (None, world.owner)
    (line,) = selectors.queue(viewer=world.owner, on=today()).lines
    assert (line.kind, line.title) == ("by_hand", "Ask the works council")
    services.close_action(action=made, because="They agreed.", by=world.owner)
    assert not selectors.queue(viewer=world.owner, on=today()).lines


def test_without_an_owner_it_goes_to_whoever_answers(world: World) -> None:
    made = services.add_action(
        initiative=world.initiative(), title="Look", sentence="Why.", due_on=today(),
        by=world.officer,
    )  # fmt: skip
    assert made.owner == world.owner


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": " "}, "Say what is to be done"),
        ({"sentence": ""}, "Say what is to be done"),
        ({"due_on": dt.date(2020, 1, 1)}, "is over"),
    ],
)
def test_an_action_that_makes_no_sense_is_refused(
    world: World, change: dict[str, Any], words: str
) -> None:
    asked = {"title": "Look", "sentence": "Why.", "due_on": today(), **change}
    row = world.initiative()
    before = Action.objects.count()
    with pytest.raises(services.BadAction, match=words):
        services.add_action(initiative=row, by=world.officer, **asked)
    with pytest.raises(Refused):
        services.add_action(
            initiative=row, title="Look", sentence="Why.", due_on=today(),
            by=world.person("contributor", world.unit),
        )  # fmt: skip
    assert Action.objects.count() == before
