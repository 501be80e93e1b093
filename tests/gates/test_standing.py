"""Stand-ins, emergencies, samples, guardrails of what is live, probation and the board."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from governance_app.audit import kept
from governance_app.compliance import services as compliance
from governance_app.compliance.group_tables import Line
from governance_app.compliance.models import BiasAudit, TierNow
from governance_app.gates import services
from governance_app.gates.guarding import answer
from governance_app.gates.judging import Places, judge
from governance_app.gates.models import (
    AfterReview,
    Breach,
    BreakGlass,
    GateRequest,
    Guardrail,
    UnitMode,
)
from governance_app.gates.services import GateRefused
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.people.access import Refused
from tests.gates.test_deciding import Unchanged, stage_of
from tests.gates.test_policies import document
from tests.gates.world import World, gates

pytestmark = pytest.mark.django_db


def delegated(world: World, giver: Any, taker: Any, days: int = 7, **more: Any) -> Any:
    today = timezone.localdate()
    return services.delegate(
        taker=taker, node=more.pop("node", world.organisation), by=giver,
        from_on=today, until_on=today + dt.timedelta(days=days), reason="On leave.",
    )  # fmt: skip


# --- standing in --------------------------------------------------------------------------------


def test_who_stands_in_decides_for_the_other_and_both_have_counted(world: World) -> None:
    stand_in = world.person("executive", name="Eve")
    delegated(world, world.board[0], stand_in)
    request = world.asked(world.initiative())
    world.decide(request, stand_in, acting_for=world.board[0])
    with Unchanged(), pytest.raises(GateRefused, match="counts once"):
        world.decide(request, world.board[0])
    assert request.decisions.get().acting_for == world.board[0]


def test_a_delegation_in_a_circle_is_refused(world: World) -> None:
    ada, ben, cleo = world.board
    delegated(world, ada, ben)
    with Unchanged(), pytest.raises(GateRefused, match="circle"):
        delegated(world, ben, ada)
    delegated(world, ben, cleo)
    with Unchanged(), pytest.raises(GateRefused, match="circle"):
        delegated(world, cleo, ada)


def test_what_was_delegated_is_not_delegated_further(world: World) -> None:
    first, second = world.person("executive"), world.person("executive")
    delegated(world, world.board[0], first)
    with Unchanged(), pytest.raises(GateRefused, match="nothing to give"):
        delegated(world, first, second)
    request = world.asked(world.initiative())
    with Unchanged(), pytest.raises(GateRefused, match="has not delegated"):
        world.decide(request, second, acting_for=world.board[0])


def test_the_requester_cannot_stand_in_for_the_board(world: World) -> None:
    delegated(world, world.board[0], world.manager, node=world.unit)
    request = world.asked(world.initiative())
    with Unchanged(), pytest.raises(GateRefused, match="Whoever asks does not decide"):
        world.decide(request, world.manager, acting_for=world.board[0])


@pytest.mark.parametrize(("days", "told"), [(31, "At most 30 days"), (-2, "before it begins")])
def test_a_delegation_is_short_and_ahead(world: World, days: int, told: str) -> None:
    with Unchanged(), pytest.raises(GateRefused, match=told):
        delegated(world, world.board[0], world.officer, days=days)


def test_an_ended_delegation_no_longer_counts(world: World) -> None:
    stand_in = world.person("executive")
    given = delegated(world, world.board[0], stand_in)
    services.end_delegation(delegation=given, by=world.board[0])
    request = world.asked(world.initiative())
    with Unchanged(), pytest.raises(GateRefused, match="has not delegated"):
        world.decide(request, stand_in, acting_for=world.board[0])


# --- emergencies --------------------------------------------------------------------------------


def broken(world: World, initiative: Any, by: Any = None) -> Any:
    return services.break_glass(
        initiative=initiative, to_stage="production", reason="Claims pile up.",
        incident="INC-7", by=by or world.board[0],
    )  # fmt: skip


def test_an_emergency_goes_past_the_gate_and_is_confirmed_and_reviewed(world: World) -> None:
    row = world.initiative()
    TierNow.objects.filter(initiative=row).delete()
    glass = broken(world, row)
    assert stage_of(row) == "production"
    assert glass.lapses_at - glass.opened_at == dt.timedelta(hours=72)
    with Unchanged(), pytest.raises(GateRefused, match="second person"):
        services.confirm_glass(glass=glass, by=world.board[0])
    services.confirm_glass(glass=glass, by=world.board[1])
    for somebody in world.board[:2]:
        with Unchanged(), pytest.raises(GateRefused, match="took part"):
            services.review_glass(glass=glass, finding="justified", sentence="x", by=somebody)
    done = services.review_glass(
        glass=glass, finding="not", sentence="A queue was enough.", by=world.officer
    )
    assert done.finding == "not"


def test_an_emergency_that_nobody_confirmed_opens_nothing_after_its_hours(world: World) -> None:
    row = world.initiative()
    glass = broken(world, row)
    now = timezone.now()
    assert answer(initiative=row, stage="production", now=now).allowed
    late = now + dt.timedelta(hours=5)
    assert not answer(initiative=row, stage="production", now=late).allowed
    BreakGlass.objects.filter(pk=glass.pk).update(confirm_by=now - dt.timedelta(minutes=1))
    with Unchanged(), pytest.raises(GateRefused, match="had to be confirmed by"):
        services.confirm_glass(glass=glass, by=world.board[1])


def test_a_confirmed_emergency_lapses_too(world: World) -> None:
    row = world.initiative()
    services.confirm_glass(glass=broken(world, row), by=world.board[1])
    now = timezone.now()
    assert answer(initiative=row, stage="production", now=now + dt.timedelta(hours=71)).allowed
    assert not answer(initiative=row, stage="production", now=now + dt.timedelta(hours=73)).allowed


def test_no_emergency_goes_past_what_is_prohibited(world: World) -> None:
    row = world.initiative()
    TierNow.objects.filter(initiative=row).update(tier="prohibited")
    with Unchanged(), pytest.raises(GateRefused, match="Not even an emergency"):
        broken(world, row)
    assert stage_of(row) == "pilot"


def test_a_manager_does_not_break_the_glass(world: World) -> None:
    row = world.initiative()
    with Unchanged(), pytest.raises(Refused, match="go past a gate"):
        broken(world, row, by=world.manager)


# --- samples ------------------------------------------------------------------------------------


def test_a_sampled_self_approval_is_looked_at_by_somebody_else(bare: World) -> None:
    made = document()
    made["distributed"]["sample_ratio"] = 1.0
    bare.start(document=made)
    bare.decides_itself()
    row = bare.initiative()
    request = bare.decide(bare.asked(row), bare.manager)
    assert request.is_sampled
    review = AfterReview.objects.get(request=request)
    assert review.due_on == timezone.localdate() + dt.timedelta(days=10)
    done = services.look_at_sample(
        review=review, finding="good", sentence="As it should be.", by=bare.officer
    )
    assert done.finding == "good"
    with Unchanged(), pytest.raises(GateRefused, match="already"):
        services.look_at_sample(review=review, finding="bad", sentence="No.", by=bare.board[0])


# --- guardrails ---------------------------------------------------------------------------------


def looked(world: World, days: int = 0) -> services.Looked:
    on = timezone.localdate() + dt.timedelta(days=days)
    return services.look_at_guardrails(on=on, by=gates())


def test_what_is_live_is_looked_at_again_and_only_what_changed_is_judged(world: World) -> None:
    row = world.initiative()
    world.approved(world.asked(row))
    before = kept._mark()
    first = looked(world)
    assert (first.looked, first.judged, first.not_green, first.opened) == (1, 1, 0, 0)
    mark = kept._mark()
    assert mark != before, "what pages keep of guardrails is told anew"
    assert looked(world).judged == 0 and kept._mark() == mark
    initiatives.edit(initiative=row, autonomy="acts_alone", by=world.admin)
    second = looked(world)
    assert (second.judged, second.opened) == (1, 1)
    breach = Breach.objects.get()
    assert (breach.check_id, breach.mended_at) == ("alone", None)
    assert breach.due_at - breach.opened_at == dt.timedelta(hours=72)
    assert not Guardrail.objects.get().is_green
    initiatives.edit(initiative=row, autonomy="recommends", by=world.admin)
    third = looked(world)
    assert (third.mended, Breach.objects.get().how) == (1, "The check passes again.")


def test_a_live_approval_is_overtaken_when_a_material_fact_changes(world: World) -> None:
    row = world.initiative()
    request = world.approved(world.asked(row))
    looked(world)
    initiatives.edit(initiative=row, vendor="Somebody else", by=world.admin)
    looked(world)
    request.refresh_from_db()
    assert (request.state, request.overtaken_by) == ("stale", ["vendor"])


def test_an_audit_that_grows_too_old_breaks_the_guardrail_by_itself(world: World) -> None:
    row = world.initiative()
    Initiative.objects.filter(pk=row.pk).update(data_classes=["health"])
    world.approved(world.asked(row, evidence=["bias"]))
    assert looked(world).not_green == 0
    assert looked(world, days=300).judged == 0
    old = looked(world, days=364)
    assert (old.judged, old.opened) == (1, 1)
    assert "too old" in Breach.objects.get().why


def test_an_audit_on_record_stands_for_an_attached_one_until_it_expires_or_is_withdrawn(
    world: World,
) -> None:
    """Recording one later overtakes no approval: it is no material fact."""
    row, today = world.initiative(), timezone.localdate()
    Initiative.objects.filter(pk=row.pk).update(data_classes=["health"])
    row.refresh_from_db()

    def audited(days: int) -> BiasAudit:
        on = today - dt.timedelta(days=days)
        return compliance.record_bias_audit(
            initiative=row, auditor="Fair Labs", independence="No other work.", outcome="Triage",
            data_from=on - dt.timedelta(days=90), data_until=on, audited_on=on, on=today,
            groups=[Line(1, "sex", "Women", "5", "9"), Line(2, "sex", "Men", "5", "9")],
            by=world.officer,
        )  # fmt: skip

    def verdict() -> str:
        judged = judge(initiative=row, to_stage="production", on=today, evidence=[])
        return next(f.result for f in judged.verdict.findings if f.check == "bias-audit")

    assert verdict() == "failed"
    audited(400)
    assert verdict() == "failed", "it expired"
    one = audited(300)
    assert verdict() == "passed"
    request = world.approved(world.asked(row))
    assert looked(world).not_green == 0
    assert looked(world, days=70).opened == 1, "a year after the audit"
    again = audited(1)
    assert looked(world, days=70).mended == 1
    request.refresh_from_db()
    assert request.state == "approved"
    for each in (again, one):
        compliance.withdraw_bias_audit(audit=each, because="Wrong.", on=today, by=world.officer)
    assert verdict() == "failed"


def test_too_many_breaches_bring_a_unit_back_to_the_board_until_somebody_decides(
    itself: World,
) -> None:
    rows = [itself.initiative(f"Assistant {number}") for number in range(3)]
    for row in rows:
        itself.decide(itself.asked(row), itself.manager)
    looked(itself)
    for row in rows[:2]:
        initiatives.edit(initiative=row, autonomy="acts_alone", by=itself.admin)
    assert looked(itself).probations == []
    initiatives.edit(initiative=rows[2], autonomy="acts_alone", by=itself.admin)
    assert looked(itself).probations == ["Retail banking"]
    today = timezone.localdate()
    mode = Places(today).mode_at(itself.unit.path)
    assert (mode.mode, mode.is_probation) == ("central", True)
    assert itself.asked(itself.initiative("Next")).mode == "central"
    standing = UnitMode.objects.get(origin="probation")
    with Unchanged(), pytest.raises(Refused):
        services.end_probation(
            mode=standing, to_mode="distributed", reason="Mended.", by=itself.manager
        )
    services.end_probation(
        mode=standing, to_mode="distributed", reason="Mended.", by=itself.board[0]
    )
    assert Places(today).mode_at(itself.unit.path).mode == "distributed"
    assert looked(itself).probations == []


# --- the board ----------------------------------------------------------------------------------


def test_the_agenda_holds_what_waits_and_the_minutes_close(world: World) -> None:
    first, second = world.initiative("First"), world.initiative("Second")
    waiting = [world.asked(first), world.asked(second)]
    today = timezone.localdate()
    meeting = services.call_meeting(
        node=world.organisation, on=today, title="AI board", by=world.board[0]
    )
    items = list(meeting.items.order_by("position"))
    assert [item.request for item in items] == waiting
    third = world.asked(world.initiative("Third"))
    assert services.fill_agenda(meeting=meeting, by=world.board[0]) == 1
    assert services.fill_agenda(meeting=meeting, by=world.board[0]) == 0
    services.minute(item=items[0], text="Wants a way back.", by=world.board[1])
    services.close_meeting(meeting=meeting, minutes="Two of three.", by=world.board[0])
    with Unchanged(), pytest.raises(GateRefused, match="closed"):
        services.minute(item=items[0], text="Never said.", by=world.board[1])
    later = services.call_meeting(
        node=world.organisation, on=today + dt.timedelta(days=7), title="Next", by=world.board[0]
    )
    assert third in [item.request for item in later.items.all()]


def test_a_meeting_is_not_called_in_the_past(world: World) -> None:
    with Unchanged(), pytest.raises(GateRefused, match="is over"):
        services.call_meeting(
            node=world.organisation, on=timezone.localdate() - dt.timedelta(days=1),
            title="Late", by=world.board[0],
        )  # fmt: skip


# --- pipelines ----------------------------------------------------------------------------------


def test_a_pipeline_is_answered_by_version(world: World) -> None:
    row = world.initiative()
    now = timezone.now()

    def ask(version: str) -> Any:
        return answer(initiative=row, stage="production", now=now, model_version=version)

    assert "needs a decision" in ask("triage:7").reasons[-1]
    request = world.asked(row, model_version="triage:7")
    assert f"{request} waits" in ask("triage:7").reasons[-1]
    world.approved(request)
    assert ask("triage:7").allowed
    assert ask("triage:8").reasons == (f"{request} approved version triage:7, not triage:8.",)
    late = now + dt.timedelta(days=366)
    assert not answer(initiative=row, stage="production", now=late).allowed
    assert GateRequest.objects.get().state == "approved"
