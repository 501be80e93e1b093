"""From asking to deciding in both modes, and every way of getting round it that is refused."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from governance_app.compliance.models import TierNow
from governance_app.gates import services
from governance_app.gates.guarding import GateNotMet
from governance_app.gates.models import GateDecision, GateRequest
from governance_app.gates.services import FactsChanged, GateRefused
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative, StageMove
from governance_app.people import services as people
from governance_app.people.access import Refused
from governance_app.risk import services as risks
from governance_app.value.models import BusinessCase
from tests.gates.world import World

pytestmark = pytest.mark.django_db


def stage_of(initiative: Any) -> str:
    return str(Initiative.objects.get(pk=initiative.pk).stage.slug)  # type: ignore[union-attr]


def refusals() -> list[str]:
    """What the trail holds of refusals."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sentence FROM ledger.event WHERE op = 'refused' ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


class Unchanged:
    """Nothing but a note of the refusal is written inside."""

    def __enter__(self) -> "Unchanged":
        self.before = self._rows()
        self.noted = len(refusals())
        return self

    def __exit__(self, *_: Any) -> None:
        assert self._rows() == self.before
        assert len(refusals()) == self.noted + 1

    @staticmethod
    def _rows() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ledger.event WHERE op <> 'refused'")
            return int(cursor.fetchone()[0])


# --- the ways through ---------------------------------------------------------------------------


def test_the_board_decides_and_the_last_yes_moves_it_and_freezes_the_case(world: World) -> None:
    row = world.initiative()
    request = world.asked(row)
    assert request.state == "in_review"
    assert request.mode == "central"
    world.decide(request, world.officer)
    world.decide(request, world.board[0])
    assert stage_of(row) == "pilot"
    done = world.decide(request, world.board[1])
    assert (done.state, done.ending, stage_of(row)) == ("approved", "scale", "production")
    case = BusinessCase.objects.get(initiative=row)
    assert case.state == "approved"
    assert "Ben" in case.approval_sentence
    assert done.valid_until == timezone.localdate() + dt.timedelta(days=365)
    assert StageMove.objects.filter(initiative=row, to_stage__slug="production").count() == 1


def test_a_team_that_decides_itself_goes_live_at_once_while_all_is_green(itself: World) -> None:
    row = itself.initiative()
    request = itself.asked(row)
    done = itself.decide(request, itself.manager)
    assert (done.state, done.is_self_approved, stage_of(row)) == ("approved", True, "production")


def test_a_guardrail_that_is_not_green_asks_the_board_even_there(itself: World) -> None:
    row = itself.initiative()
    TierNow.objects.filter(initiative=row).update(tier="high")
    request = itself.asked(row)
    assert {step["slot"] for step in request.verdict["steps"]} == {"team", "risk", "board"}
    with Unchanged(), pytest.raises(GateRefused, match="Whoever asks does not decide"):
        itself.decide(request, itself.manager)
    assert stage_of(row) == "pilot"


def test_without_its_tier_nobody_gets_through(world: World) -> None:
    row = world.initiative()
    TierNow.objects.filter(initiative=row).delete()
    request = world.asked(row)
    with Unchanged(), pytest.raises(GateRefused, match="EU tier is known"):
        world.decide(request, world.board[0])


def test_a_stage_that_a_policy_guards_is_entered_through_its_gate_alone(world: World) -> None:
    row = world.initiative()
    with pytest.raises(GateNotMet, match="needs a decision at its gate by Risk and compliance"):
        initiatives.advance_stage(initiative=row, to="production", by=world.manager)
    assert stage_of(row) == "pilot"
    initiatives.advance_stage(
        initiative=row, to="assessment", by=world.manager, reason="Data were wrong."
    )
    assert stage_of(row) == "assessment"


def test_a_stop_says_what_money_it_sets_free(world: World) -> None:
    from governance_app.spend import services as spend
    from governance_app.spend.services.budgets import BudgetLine

    row = world.initiative()
    world.approved(world.asked(row))
    year = timezone.localdate().year
    finance = world.person("finance_partner")
    spend.set_budget(
        name="Budget", fiscal_year=year, by=finance,
        lines=[BudgetLine(row.node, dt.date(year, 12, 1), Decimal(1200), "USD")],
    )  # fmt: skip
    request = world.asked(row, to="retired", proposal="stop")
    done = world.decide(request, world.board[0], sentence="A product does it better.")
    assert (done.ending, stage_of(row)) == ("stop", "retired")
    assert done.ending_sentence == "A product does it better."
    assert Decimal(done.released["unspent"]["value"]) == 1200
    assert Decimal(done.released["amount"]["value"]) == 1200


def test_a_rejection_ends_the_review_with_its_reason(world: World) -> None:
    row = world.initiative()
    request = world.asked(row)
    done = world.decide(request, world.board[0], "reject", sentence="No fallback.", ending="pivot")
    assert (done.state, done.ending, done.ending_sentence) == ("rejected", "pivot", "No fallback.")
    assert stage_of(row) == "pilot"
    with Unchanged(), pytest.raises(GateRefused, match="nothing to decide"):
        world.decide(request, world.board[1])


# --- what is refused ----------------------------------------------------------------------------


def test_whoever_asked_does_not_decide(world: World) -> None:
    row = world.initiative()
    people.grant(user=world.board[0], role="program_manager", node=world.unit, by=world.admin)
    request = world.asked(row, by=world.board[0])
    with Unchanged(), pytest.raises(GateRefused, match="Whoever asks does not decide"):
        world.decide(request, world.board[0])
    assert "Decide: Whoever asks" in refusals()[-1]


def test_two_roles_are_still_one_person(world: World) -> None:
    row = world.initiative()
    people.grant(user=world.board[0], role="risk_officer", node=world.unit, by=world.admin)
    request = world.asked(row)
    world.decide(request, world.board[0], slot="board")
    with Unchanged(), pytest.raises(GateRefused, match="counts once"):
        world.decide(request, world.board[0], slot="risk")
    assert GateDecision.objects.filter(request=request).count() == 1


def test_a_changed_request_cannot_be_approved(world: World) -> None:
    row = world.initiative()
    request = world.asked(row)
    initiatives.edit(initiative=row, autonomy="acts_alone", by=world.admin)
    with Unchanged(), pytest.raises(FactsChanged, match="autonomy changed since"):
        world.decide(request, world.board[0])
    overtaken = services.refresh(request=request, by=world.manager)
    assert (overtaken.state, overtaken.overtaken_by) == ("stale", ["autonomy"])


def test_a_page_that_is_older_than_the_request_decides_nothing(world: World) -> None:
    request = world.asked(world.initiative())
    with Unchanged(), pytest.raises(FactsChanged, match="Read it again"):
        world.decide(request, world.board[0], facts_hash="0" * 64)


def test_a_change_after_the_approval_closes_the_gate_again(world: World) -> None:
    row = world.initiative(stage="assessment")
    request = world.asked(row, to="pilot")
    world.decide(request, world.owner)
    assert stage_of(row) == "pilot"
    world.case(row, by=world.admin, amount="5000")
    request.refresh_from_db()
    assert services.refresh(request=request, by=world.manager).state == "approved"
    TierNow.objects.filter(initiative=row).update(tier="transparency")
    assert services.refresh(request=request, by=world.manager).state == "stale"


def test_evidence_is_neither_from_tomorrow_nor_added_after_asking(world: World) -> None:
    row = world.initiative()
    draft = services.ask(initiative=row, to_stage="production", reason="Now.", by=world.manager)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    given = {
        "request": draft,
        "title": "Audit",
        "kind": "bias",
        "reference": "QA",
        "by": world.manager,
    }
    with Unchanged(), pytest.raises(GateRefused, match="has not come yet"):
        services.add_evidence(collected_on=tomorrow, **given)
    services.submit(request=draft, by=world.manager)
    with Unchanged(), pytest.raises(GateRefused, match="would look older than the decision"):
        services.add_evidence(collected_on=timezone.localdate() - dt.timedelta(days=9), **given)


def test_evidence_cannot_be_older_than_the_version_it_is_about(world: World) -> None:
    from governance_app.inventory.models import ModelAsset, ModelLink, ModelVersion

    row = world.initiative()
    asset = ModelAsset.objects.create(source="manual", name="triage")
    ModelLink.objects.create(model=asset, initiative=row, origin="person")
    ModelVersion.objects.create(model=asset, number="7", registered_at=timezone.now())
    draft = services.ask(
        initiative=row, to_stage="production", reason="Now.", model_version="triage:7",
        by=world.manager,
    )  # fmt: skip
    with Unchanged(), pytest.raises(GateRefused, match="cannot be about that version"):
        services.add_evidence(
            request=draft, title="Audit", kind="bias", reference="QA", by=world.manager,
            collected_on=timezone.localdate() - dt.timedelta(days=9),
        )  # fmt: skip


def test_who_wrote_the_evidence_does_not_decide_on_it(world: World) -> None:
    row = world.initiative()
    draft = services.ask(initiative=row, to_stage="production", reason="Now.", by=world.manager)
    services.add_evidence(
        request=draft, title="Review", kind="security", reference="S-1", by=world.officer,
        collected_on=timezone.localdate(),
    )  # fmt: skip
    request = services.submit(request=draft, by=world.manager)
    with Unchanged(), pytest.raises(GateRefused, match="wrote the evidence"):
        world.decide(request, world.officer)


def test_an_approver_who_was_demoted_meanwhile_decides_nothing(world: World) -> None:
    request = world.asked(world.initiative())
    ada = world.board[0]
    from governance_app.people.access import can

    assert can(ada, "gate.decide", request)  # remembered by the page's user object
    for grant in ada.grants.all():
        people.revoke(grant=grant, by=world.admin)
    with Unchanged(), pytest.raises(GateRefused, match="you are not among them"):
        world.decide(request, ada)
    with Unchanged(), pytest.raises(Refused, match="may not decide at gates"):
        world.decide(request, ada, slot="board")


def test_an_approver_who_left_decides_nothing(world: World) -> None:
    request = world.asked(world.initiative())
    people.set_active(user=world.board[0], is_active=False, by=world.admin)
    with Unchanged(), pytest.raises(Refused, match="can no longer sign in"):
        world.decide(request, world.board[0])


def test_ones_own_business_case_is_not_made_the_promise_alone(itself: World) -> None:
    row = itself.initiative()
    itself.case(row, by=itself.manager, amount="950")
    request = itself.asked(row)
    with Unchanged(), pytest.raises(GateRefused, match="your own business case"):
        itself.decide(request, itself.manager)
    assert stage_of(row) == "pilot"


def test_a_block_that_appeared_meanwhile_stops_the_last_yes(world: World) -> None:
    row = world.initiative()
    request = world.asked(row)
    world.decide(request, world.officer)
    world.decide(request, world.board[0])
    people.set_active(user=world.owner, is_active=False, by=world.admin)
    with Unchanged(), pytest.raises(GateRefused, match="Somebody answers for it"):
        world.decide(request, world.board[1])


def test_decisions_cannot_be_changed_in_the_database(world: World) -> None:
    request = world.asked(world.initiative())
    world.decide(request, world.board[0])
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        GateDecision.objects.filter(request=request).update(choice="reject")


def test_only_one_request_for_a_stage_is_open(world: World) -> None:
    row = world.initiative()
    first = world.asked(row)
    with Unchanged(), pytest.raises(GateRefused, match=f"{first} asks for the same"):
        services.ask(initiative=row, to_stage="production", reason="Again.", by=world.manager)
    services.withdraw(request=first, by=world.manager)
    assert world.asked(row).number == first.number + 1


def test_an_approval_that_ends_is_asked_again(world: World) -> None:
    row = world.initiative()
    request = world.approved(world.asked(row))
    GateRequest.objects.filter(pk=request.pk).update(
        valid_until=timezone.localdate() - dt.timedelta(days=1)
    )
    begun = services.expire_due(on=timezone.localdate(), by=world.admin)
    request.refresh_from_db()
    assert request.state == "expired"
    assert [(each.kind, each.proposal, each.state) for each in begun] == [
        ("renewal", "continue", "draft")
    ]
    assert services.expire_due(on=timezone.localdate(), by=world.admin) == []


def test_risk_above_appetite_escalates_and_says_so(itself: World) -> None:
    row = itself.initiative()
    today = timezone.localdate()
    risks.set_appetite(
        category="operational", node=itself.organisation, level=1, from_on=today, by=itself.officer
    )
    risks.add_risk(
        initiative=row, category="operational", title="No fallback", likelihood=4, impact=4,
        reviewed_on=today, on=today, by=itself.officer,
    )  # fmt: skip
    request = itself.asked(row)
    finding = next(f for f in request.verdict["findings"] if f["check"] == "appetite")
    assert (finding["result"], finding["level"]) == ("failed", "escalate")
    assert "Risks above appetite: 1" in finding["why"]
