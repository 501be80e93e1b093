"""Stages, status, milestones, dependencies, comments."""

import datetime as dt

import pytest

from governance_app.domain.errors import Sentence
from governance_app.domain.stages import MoveRefused
from governance_app.initiatives import services
from governance_app.initiatives.models import Dependency, StageMove, StatusUpdate
from governance_app.people.access import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def triage(unit, admin):
    return services.add(name="Claims triage", unit=unit, by=admin, on=dt.date(2026, 1, 5))


def test_a_stage_move_keeps_plan_and_day_and_sets_the_time_box(triage, admin):
    services.plan_stage(
        initiative=triage, stage="assessment", planned_on=dt.date(2026, 2, 1), by=admin
    )
    row = services.advance_stage(
        initiative=triage, to="assessment", by=admin, on=dt.date(2026, 2, 9)
    )
    move = StageMove.objects.filter(initiative=row).latest("created_at")
    assert (move.from_stage.slug, move.to_stage.slug) == ("idea", "assessment")
    assert (move.planned_on, move.on) == (dt.date(2026, 2, 1), dt.date(2026, 2, 9))
    assert row.time_box_on == dt.date(2026, 4, 10)


def test_a_jump_over_stages_is_refused_and_changes_nothing(triage, admin, ledger_count):
    before = ledger_count()
    with pytest.raises(MoveRefused, match="Before Production: go through Assessment, Pilot"):
        services.advance_stage(initiative=triage, to="production", by=admin)
    assert ledger_count() == before


def test_retiring_needs_a_reason_and_ends_it(triage, admin):
    with pytest.raises(MoveRefused, match="say why"):
        services.retire(initiative=triage, reason=" ", by=admin)
    row = services.retire(
        initiative=triage, reason="No data to learn from.", by=admin, on=dt.date(2026, 3, 1)
    )
    assert (row.stage.slug, row.ended_on) == ("retired", dt.date(2026, 3, 1))


def test_a_move_tomorrow_has_not_happened(triage, admin):
    with pytest.raises(Sentence, match="has not come yet"):
        services.advance_stage(initiative=triage, to="assessment", by=admin, on=dt.date(2999, 1, 1))


def test_a_status_needs_a_sentence_and_the_newest_day_counts(triage, admin):
    with pytest.raises(Sentence, match="Say in a sentence"):
        services.post_status(initiative=triage, status="at_risk", sentence=" ", by=admin)
    services.post_status(
        initiative=triage, status="at_risk", sentence="Labels are late.", by=admin,
        on=dt.date(2026, 5, 8),
    )  # fmt: skip
    services.post_status(
        initiative=triage, status="on_track", sentence="It was fine then.", by=admin,
        on=dt.date(2026, 5, 1),
    )  # fmt: skip
    triage.refresh_from_db()
    assert (triage.status, triage.status_sentence) == ("at_risk", "Labels are late.")
    assert StatusUpdate.objects.filter(initiative=triage).count() == 2


def test_a_contributor_may_post_a_status_but_not_edit(triage, unit, person):
    contributor = person("contributor", unit)
    services.post_status(
        initiative=triage, status="on_track", sentence="Going well.", by=contributor
    )
    with pytest.raises(Refused):
        services.edit(initiative=triage, by=contributor, vendor="Contoso")


def test_dependencies_may_not_run_in_a_circle(unit, admin):
    a, b, c = (services.add(name=name, unit=unit, by=admin) for name in ("A", "B", "C"))
    services.add_dependency(initiative=a, needs=b, by=admin)
    services.add_dependency(initiative=b, needs=c, by=admin)
    with pytest.raises(Sentence, match="AI-3 needs AI-1 needs AI-2 needs AI-3"):
        services.add_dependency(initiative=c, needs=a, by=admin)
    with pytest.raises(Sentence, match="cannot depend on itself"):
        services.add_dependency(initiative=a, needs=a, by=admin)
    assert Dependency.objects.count() == 2


def test_milestones_and_comments(triage, admin):
    milestone = services.add_milestone(
        initiative=triage, name="First model", due_on=dt.date(2026, 4, 1), by=admin
    )
    services.complete_milestone(milestone=milestone, done_on=dt.date(2026, 4, 3), by=admin)
    milestone.refresh_from_db()
    assert milestone.done_on == dt.date(2026, 4, 3)
    remark = services.comment(initiative=triage, text="Who labels?", by=admin)
    answer = services.comment(initiative=triage, text="Claims.", by=admin, answers=remark)
    assert answer.answers == remark
    with pytest.raises(Sentence, match="already has a milestone"):
        services.add_milestone(
            initiative=triage, name="First model", due_on=dt.date(2026, 5, 1), by=admin
        )
