"""The daily round: what it finds, whose it is, what closes by itself, and what a leaver leaves."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from governance_app.books import services as books
from governance_app.books.settings_known import KNOWN
from governance_app.compliance import services as compliance
from governance_app.compliance.group_tables import Line
from governance_app.compliance.models import ModelValidation
from governance_app.compliance.reading import shipped_files
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
from governance_app.risk import services as risks
from governance_app.risk.models import Risk, Signal
from tests.compliance.conftest import CHATBOT
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
    """Make a series of daily values, the first of them ten days ago."""
    row = Series.objects.create(initiative=initiative, key=key, name=key, source=source)
    for value in values:
        window(row, value)
    return Series.objects.get(pk=row.pk)


def window(row: Any, value: str) -> None:
    """Record the value of the next day."""
    on = today() - dt.timedelta(days=10 - row.points.count())
    readings.record(
        series=row, points=[Reading(on, Decimal(value))], by=system_user("connector:test")
    )


def test_a_healthy_portfolio_gives_nobody_anything_to_do(world: World) -> None:
    live(world)
    done = went()
    assert (done.looked, dict(done.found), done.raised) == (1, {}, 0)


def test_drift_becomes_a_signal_and_an_action_once_and_is_cleared(world: World) -> None:
    row = live(world)
    series = series_of(row, "psi", ["0.1", "0.31"])
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
    window(series, "0.05")
    assert went().closed == 0, "one clean window clears nothing"
    action.refresh_from_db()
    assert action.closed_at is None
    assert "1 of 2 clean windows" in action.sentence
    window(series, "0.25")
    assert went().closed == 2, "at the limit is not above it"
    signal.refresh_from_db()
    assert signal.cleared_because == "The daily round no longer finds it."


def test_drift_twice_in_a_row_weighs_double_until_it_is_cleared(world: World) -> None:
    series = series_of(live(world), "psi", ["0.3", "0.31"])
    went()
    signal = Signal.objects.get(kind="drift.alarm")
    assert signal.up == 2
    for value in ("0.1", "0.4", "0.1"):  # loud, quiet, loud, quiet: it never ended
        window(series, value)
        went()
        signal.refresh_from_db()
        assert (signal.up, signal.cleared_at) == (2, None)
    window(series, "0.2")
    went()
    window(series, "0.3")
    went()
    again = Signal.objects.get(kind="drift.alarm", cleared_at=None)
    assert (again.pk != signal.pk, again.up) == (True, 1), "a new alarm begins anew"


def test_how_many_windows_clear_an_alarm_and_make_it_weigh_double_is_set(world: World) -> None:
    limits = {**KNOWN["oversight_limits"].default, "drift_clean_windows": 1}
    books.set_value(
        key="oversight_limits", value={**limits, "drift_strong_windows": 3}, from_on=today(),
        by=world.admin,
    )  # fmt: skip
    series = series_of(live(world), "psi", ["0.3", "0.31"])
    went()
    assert Signal.objects.get(kind="drift.alarm").up == 1
    window(series, "0.1")
    went()
    assert Signal.objects.get(kind="drift.alarm").cleared_at is not None


def test_a_monitor_that_fell_silent_is_found(world: World) -> None:
    series_of(live(world), "latency", ["12"])
    assert went().found["monitor"] == 0
    assert went(days=4).found["monitor"] == 1
    assert "has sent nothing for 4 days" in found("monitor")[0].sentence
    assert Signal.objects.get(kind="monitor.silent").up == 0
    went(days=8)
    assert Signal.objects.get(kind="monitor.silent").up == 1, "longer than a week raises the risk"


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
    signal = Signal.objects.get(kind="review.overdue", cleared_at=None)
    assert (signal.up, signal.lowers_confidence) == (0, True)
    Risk.objects.update(reviewed_on=today() - dt.timedelta(days=2 * risk.review_days + 1))
    went()
    signal.refresh_from_db()
    assert signal.up == 1, "after twice its period"


def test_a_newer_law_is_a_signal_until_it_is_classified_again(world: World) -> None:
    row = live(world)
    compliance.load_shipped(by=world.admin)
    classify = {"initiative": row, "scheme": "eu-ai-act", "answers": CHATBOT, "on": today()}
    one = compliance.classify(**classify, by=world.officer)
    confirm = {"is_confirmed": True, "on": today(), "by": world.board[0]}
    compliance.review_classification(classification=one, **confirm)
    assert went().found["law"] == 0
    (path,) = (each for each in shipped_files() if each.name == "eu-ai-act.json")
    content = json.loads(path.read_text())
    newer = {**content, "version": content["version"] + 1, "as_of": "2027-01-01"}
    compliance.import_library(content=json.dumps(newer).encode(), name="eu", by=world.admin)
    assert went().found["law"] == 1
    (action,) = found("law")
    assert "what counts is as of 01 Jan 2027, version" in action.sentence
    signal = Signal.objects.get(kind="law.changed")
    assert (signal.cleared_at, signal.lowers_confidence) == (None, True)
    two = compliance.classify(**classify, by=world.officer)
    compliance.review_classification(classification=two, **confirm)
    assert went().found["law"] == 0
    signal.refresh_from_db()
    assert signal.cleared_at is not None


def test_an_acceptance_that_ended_while_the_risk_stays_is_found(world: World) -> None:
    row, on = live(world), today()
    risks.set_appetite(
        category="bias", node=world.organisation, level=2, from_on=on, by=world.admin
    )
    risk = risks.add_risk(
        initiative=row, category="bias", title="Some wait longer", likelihood=4, impact=4,
        reviewed_on=on, on=on, by=world.officer,
    )  # fmt: skip
    asked = risks.request_acceptance(
        risk=risk, reason="Mended in March.", expires_on=on + dt.timedelta(days=3), on=on,
        by=world.officer,
    )  # fmt: skip
    risks.decide_acceptance(acceptance=asked, is_granted=True, on=on, by=world.board[0])
    assert went(days=3).found["acceptance"] == 0
    assert went(days=4).found["acceptance"] == 1
    assert "still above appetite" in found("acceptance")[0].sentence


def test_a_bias_audit_that_ends_is_announced_and_found_until_a_newer_one_is_there(
    world: World,
) -> None:
    row, on = live(world), today() - dt.timedelta(days=300)

    def audited(day: dt.date) -> Any:
        return compliance.record_bias_audit(
            initiative=row, auditor="Fair Labs", independence="No other work.", outcome="Triage",
            data_from=day, data_until=day, audited_on=day, on=today(),
            groups=[Line(1, "sex", "Women", "5", "9")], by=world.officer,
        )  # fmt: skip

    ends = audited(on).expires_on
    assert went().found["bias_audit"] == 0
    assert went(days=40).found["bias_audit"] == 1
    (action,) = found("bias_audit")
    assert (action.due_on, action.owner) == (ends, world.owner)
    assert "counts until" in action.sentence
    went(days=80)
    action.refresh_from_db()
    assert "counted until" in action.sentence
    newer = audited(today())
    assert went(days=80).found["bias_audit"] == 0
    compliance.withdraw_bias_audit(audit=newer, because="Wrong.", on=today(), by=world.officer)
    assert went(days=80).found["bias_audit"] == 1


def test_a_validation_that_is_due_again_is_found(world: World) -> None:
    row = live(world)
    on = today() - dt.timedelta(days=400)
    ModelValidation.objects.create(
        initiative=row, scope="All of it", outcome="approved", validated_on=on,
        next_due_on=on + dt.timedelta(days=365), validator=world.officer,
    )  # fmt: skip
    assert went().found["validation"] == 1
    ModelValidation.objects.create(
        initiative=row, scope="Again", outcome="approved", validated_on=today(),
        next_due_on=today() + dt.timedelta(days=365), validator=world.officer,
    )  # fmt: skip
    assert went().found["validation"] == 0


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
    assert (done.seats, done.owned, done.requests) == (2, {"action": 2}, 1)
    row.refresh_from_db()
    draft.refresh_from_db()
    assert (row.technical_owner, found("drift")[0].owner, draft.requested_by) == (
        next_one, next_one, next_one
    )  # fmt: skip
    assert GateRequest.objects.get(state="approved").requested_by == world.manager


def test_what_a_leaver_owned_and_did_not_finish_goes_over_and_what_is_done_stays(
    world: World,
) -> None:
    row, on, boss = world.initiative(), today(), world.admin
    leaver = world.person("risk_officer", name="Lea")
    risk = Risk.objects.get(initiative=row)
    Risk.objects.update(owner=leaver)
    step = {"treatment": "mitigate", "owner": leaver, "on": on, "due_on": on, "by": boss}
    open_step = risks.plan_step(risk=risk, title="Filter answers", **step)
    done_step = risks.plan_step(risk=risk, title="Warn people", **step)
    risks.finish_step(step=done_step, note="Banner.", on=on, by=boss)
    moment = timezone.now()
    incident = risks.report_incident(
        initiative=row, title="Wrong letters", severity=2, occurred_at=moment, detected_at=moment,
        aware_at=moment, now=moment, owner=leaver, by=boss,
    )  # fmt: skip
    policy = compliance.add_document(
        title="Use of assistants", node=world.organisation, owner=leaver, text="Check.", by=boss
    ).document
    done = services.hand_over(
        person=leaver, successor=world.officer, reason="Left on Friday.", by=boss
    )
    assert done.owned == {"risk": 1, "treatment step": 1, "incident": 1, "policy": 1}
    assert done.sentence == (
        "Handed over: 1 risk, 1 treatment step, 1 incident, 1 policy; 0 delegations ended."
    )
    for each, owner in (
        (risk, world.officer), (open_step, world.officer), (incident, world.officer),
        (policy, world.officer), (done_step, leaver),
    ):  # fmt: skip
        each.refresh_from_db()
        assert each.owner == owner


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
