"""One queue per person: clocks of authorities, steps, policies, and what waits for a second one."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from governance_app.compliance import services as compliance
from governance_app.compliance.models import Gap
from governance_app.oversight import selectors
from governance_app.people import services as people
from governance_app.risk import services as risks
from tests.compliance.conftest import CHATBOT
from tests.gates.world import World

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def today() -> dt.date:
    return timezone.localdate()


def lines(viewer: Any, *kinds: str, days: int = 0) -> list[Any]:
    found = selectors.queue(viewer=viewer, on=today() + days * DAY).lines
    return [line for line in found if line.kind in kinds]


def incident(world: World, row: Any, owner: Any) -> Any:
    compliance.load_shipped(by=world.admin)
    moment = timezone.now()
    return risks.report_incident(
        initiative=row, title="Letters to the wrong people", severity=3, occurred_at=moment,
        detected_at=moment, aware_at=moment, now=moment, by=world.officer, owner=owner,
        facts={"personal_data": "yes", "major_ict": "no", "eu_high_risk": "no"},
    )  # fmt: skip


def test_the_clock_of_an_authority_is_in_the_queue_of_who_leads(world: World) -> None:
    bare = world.initiative()
    made = incident(world, bare, world.officer)
    (line,) = lines(world.officer, "notice")
    due = timezone.localtime(made.notices.get().due_at)
    assert line.title == "Tell the data protection authority"
    assert f"by {due:%d %b %Y %H:%M}" in line.sentence
    assert (line.due_on, line.is_late, line.url) == (
        due.date(), False, f"/risk/incidents/{made.number}/"
    )  # fmt: skip
    assert not lines(world.manager, "notice")
    assert lines(world.officer, "notice", days=4)[0].is_late
    people.set_active(user=world.officer, is_active=False, by=world.admin)
    second = world.person("risk_officer", name="Sven")
    assert lines(second, "notice"), "whoever may, once the one who led it left"
    risks.send_notice(
        notice=made.notices.get(), sent_at=timezone.now(), reference="DPA-1", now=timezone.now(),
        by=second,
    )  # fmt: skip
    assert not lines(second, "notice")


def test_steps_and_gaps_are_in_the_queue_of_their_owner_until_they_are_done(world: World) -> None:
    row = world.initiative()
    step = risks.plan_step(
        risk=row.risks.get(), treatment="mitigate", title="Filter answers", due_on=today(),
        on=today(), owner=world.manager, by=world.officer,
    )  # fmt: skip
    Gap.objects.create(
        initiative=row, kind="gap", severity="high", title="Nobody can object", found_on=today(),
        found_by=world.officer, owner=world.manager, due_on=today() + DAY,
    )  # fmt: skip
    found = lines(world.manager, "step", "gap", days=1)
    assert [(line.kind, line.is_late) for line in found] == [("step", True), ("gap", False)]
    assert found[1].sentence == "Nobody can object (high)"
    assert not lines(world.owner, "step", "gap")
    risks.finish_step(step=step, note="Done.", on=today(), by=world.officer)
    assert [line.kind for line in lines(world.manager, "step", "gap")] == ["gap"]


def test_a_policy_asks_its_approver_then_its_readers_then_its_owner(world: World) -> None:
    on, board = today(), world.board[0]
    draft = compliance.add_document(
        title="Use of assistants", node=world.organisation, owner=world.owner, text="Check it.",
        by=world.officer,
    )  # fmt: skip
    version = compliance.submit_version(policy_version=draft, by=world.officer)
    assert [line.title for line in lines(board, "policy")] == ["Approve a policy"]
    assert not lines(world.officer, "policy"), "its author does not"
    compliance.decide_version(policy_version=version, is_approved=True, on=on, by=board)
    compliance.publish_version(policy_version=version, in_force_from=on, on=on, by=world.officer)
    campaign = compliance.begin_campaign(
        policy_version=version, audience=world.unit, due_on=on + DAY, on=on, by=world.officer
    )
    (line,) = lines(world.manager, "attestation")
    assert (line.name, line.key, line.url) == (
        "Use of assistants", "", "/compliance/policies/use-of-assistants/"
    )  # fmt: skip
    compliance.attest(campaign=campaign, by=world.manager)
    assert not lines(world.manager, "attestation")
    compliance.request_exception(
        document=draft.document, node=world.unit, reason="Old system", on=on,
        expires_on=on + 30 * DAY, by=world.manager,
    )  # fmt: skip
    assert [line.kind for line in lines(board, "exception")] == ["exception"]
    assert not lines(world.owner, "policy_review")
    assert lines(world.owner, "policy_review", days=366)[0].is_late


def test_what_waits_for_a_second_person_is_one_line_with_its_count(world: World) -> None:
    compliance.load_shipped(by=world.admin)
    for name in ("First", "Second"):
        compliance.classify(
            initiative=world.initiative(name), scheme="eu-ai-act", answers=CHATBOT, on=today(),
            by=world.officer,
        )  # fmt: skip
    (line,) = lines(world.board[0], "confirm")
    assert line.sentence.startswith("2 wait for a second person, the oldest since")
    assert not lines(world.officer, "confirm"), "nobody confirms their own"


def test_an_acceptance_waits_for_somebody_else_than_who_asked(world: World) -> None:
    on = today()
    risks.set_appetite(
        category="operational", node=world.organisation, level=1, from_on=on, by=world.admin
    )
    risk = risks.add_risk(
        initiative=world.initiative(), category="operational", title="It stops", likelihood=4,
        impact=4, reviewed_on=on, on=on, by=world.officer,
    )  # fmt: skip
    risks.request_acceptance(
        risk=risk, reason="Mended in March.", expires_on=on + 9 * DAY, on=on, by=world.officer
    )
    (line,) = lines(world.board[0], "acceptance")
    assert line.sentence.startswith("“It stops”, high, until")
    assert not lines(world.officer, "acceptance")
    assert not lines(world.board[0], "acceptance", days=9), "it would be over"
