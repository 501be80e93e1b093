"""Reading the register: only what one may see, narrowed, counted, told as a story."""

import datetime as dt

import pytest
from django.utils import timezone

from governance_app.initiatives import selectors, services
from governance_app.initiatives.models import Initiative
from governance_app.initiatives.selectors import RegisterFilters
from governance_app.initiatives.services import Draft, StagePlan

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.fixture
def register(unit, other_unit, admin):
    """Five initiatives in two units; the last has no stage."""
    drafts = [
        Draft("Claims triage", unit, "pilot", {"vendor": "Contoso", "status": "at_risk"},
              [StagePlan("idea", None, D(2024, 1, 1)), StagePlan("pilot", None, D(2024, 4, 10))]),
        Draft("Churn model", unit, "production", {"ai_type": "predictive", "tags": ["Retail"]},
              [StagePlan("pilot", None, D(2024, 1, 1)),
               StagePlan("production", None, D(2024, 7, 1))]),
        Draft("Fraud alerts", unit, "retired", {"risk_flags": ["rights", "safety"]}),
        Draft("Letter drafts", other_unit, "idea", {"ai_type": "generative", "tags": ["Retail"]}),
        Draft("Old list entry", other_unit),
    ]  # fmt: skip
    return services.add_many(drafts=drafts, by=admin)


def keys(rows):
    return [row.key for row in rows]


def test_a_viewer_sees_their_part_only(register, unit, person):
    assert keys(selectors.register(viewer=person("auditor", unit))) == ["AI-1", "AI-2", "AI-3"]
    assert keys(selectors.register(viewer=person())) == []
    facets = selectors.facets(viewer=person("auditor", unit))
    assert {f.name: [(c.value, c.count) for c in f.choices] for f in facets}["stage"] == [
        ("pilot", 1), ("production", 1), ("retired", 1),
    ]  # fmt: skip
    assert selectors.initiative(viewer=person("auditor", unit), key="AI-4") is None


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (RegisterFilters(stage=("pilot", "idea")), ["AI-1", "AI-4"]),
        (RegisterFilters(stage=("unknown",)), ["AI-5"]),
        (RegisterFilters(tag=("Retail",), ai_type=("generative",)), ["AI-4"]),
        (RegisterFilters(ai_type=("unknown",)), ["AI-1", "AI-3", "AI-5"]),
        (RegisterFilters(risk_flag=("safety",)), ["AI-3"]),
        (RegisterFilters(past_time_box_on=D(2026, 1, 1)), ["AI-1"]),
    ],
)
def test_filters_narrow(register, admin, filters, found):
    assert keys(selectors.register(viewer=admin, filters=filters)) == found


def test_a_unit_filter_takes_everything_below(register, admin, organisation, other_unit):
    def narrowed(node):
        filters = RegisterFilters(unit=str(node.pk))
        return keys(selectors.register(viewer=admin, filters=filters))

    assert narrowed(other_unit) == ["AI-4", "AI-5"]
    assert len(narrowed(organisation)) == 5
    counts = {node.name: n for node, n in selectors.units_with_counts(viewer=admin)}
    assert counts == {"Retail banking": 3, "Insurance": 2}


def test_every_word_of_a_search_must_occur(register, admin):
    assert keys(selectors.register(viewer=admin, search="contoso triage")) == ["AI-1"]
    assert keys(selectors.register(viewer=admin, search="ai-4")) == ["AI-4"]
    assert keys(selectors.register(viewer=admin, search="insurance")) == ["AI-4", "AI-5"]
    assert keys(selectors.register(viewer=admin, search="contoso churn")) == []


def test_unknown_comes_last_whichever_way_one_sorts(register, admin):
    assert keys(selectors.register(viewer=admin, sort="stage"))[-1] == "AI-5"
    assert keys(selectors.register(viewer=admin, sort="-stage"))[-1] == "AI-5"
    assert keys(selectors.register(viewer=admin, sort="status"))[0] == "AI-1"
    assert keys(selectors.register(viewer=admin, sort="nonsense"))[0] == "AI-1"


def test_a_facet_leaves_its_own_filter_out(register, admin):
    filters = RegisterFilters(stage=("pilot",), ai_type=("predictive",))
    found = {f.name: f for f in selectors.facets(viewer=admin, filters=filters)}
    assert [(c.value, c.count) for c in found["stage"].choices] == [("production", 1)]
    assert "ai_type" not in found


def test_the_table_asks_the_database_once(register, admin, django_assert_num_queries):
    with django_assert_num_queries(1):
        for row in selectors.register(viewer=admin):
            str(row.unit), str(row.stage), str(row.business_owner), row.node.path


def test_the_detail_tells_where_it_is_and_what_can_follow(register, admin):
    found = selectors.detail(viewer=admin, key="ai-1", on=D(2024, 12, 1))
    assert [step.place for step in found.steps] == [
        "before", "before", "here", "ahead", "ahead", "ahead",
    ]  # fmt: skip
    assert [stage.slug for stage in found.next_stages] == [
        "idea", "assessment", "scaling", "production", "retired",
    ]  # fmt: skip
    assert found.days_past_time_box == (D(2024, 12, 1) - D(2024, 10, 7)).days
    assert ("Risk flags", "Unknown") in found.nature
    assert [unit.name for unit in found.units] == ["Retail banking"]


def test_a_dependency_on_something_unseen_stays_nameless(register, admin, unit, person):
    triage, letters = register[0], register[3]
    services.add_dependency(initiative=triage, needs=letters, by=admin)
    seen = selectors.detail(viewer=admin, key="AI-1", on=D(2026, 1, 1)).needs
    assert [each.initiative.key for each in seen] == ["AI-4"]
    hidden = selectors.detail(viewer=person("auditor", unit), key="AI-1", on=D(2026, 1, 1)).needs
    assert [each.initiative for each in hidden] == [None]


def test_the_history_is_one_story_newest_first(register, admin, unit, person):
    row = Initiative.objects.get(key="AI-1")
    services.post_status(
        initiative=row, status="off_track", sentence="The vendor left.", by=admin, on=D(2024, 6, 1)
    )
    services.comment(initiative=row, text="Who takes over?", by=admin)
    services.edit(initiative=row, by=admin, vendor="Northwind")
    told = selectors.history(viewer=admin, initiative=row)
    assert [(entry.kind, entry.sentence) for entry in told] == [
        ("change", "Edited vendor."),
        ("comment", "Who takes over?"),
        ("status", "Off track: The vendor left."),
        ("stage", "Moved to Pilot from Idea."),
        ("stage", "Moved to Idea."),
    ]
    assert selectors.history(viewer=person(), initiative=row) == []


def test_the_funnel_counts_stays_and_moves(register, admin):
    today = timezone.localdate()
    lines = {line.slug: line for line in selectors.funnel(viewer=admin, on=today)}
    assert {slug: line.count for slug, line in lines.items()} == {
        "idea": 1, "assessment": 0, "pilot": 1, "scaling": 0, "production": 1, "retired": 1, "": 1,
    }  # fmt: skip
    assert (lines["idea"].entered, lines["idea"].moved_on) == (1, 1)
    assert lines["idea"].median_days == 100
    assert (lines["pilot"].entered, lines["pilot"].moved_on) == (2, 1)
    assert lines["pilot"].moved_on_ratio == 0.5
    assert lines["scaling"].moved_on_ratio is None
    assert lines["production"].median_days is None


def counts(viewer, on, node=None):
    found = selectors.funnel(viewer=viewer, on=on, node=node)
    return {line.slug: line.count for line in found if line.count}


def test_the_funnel_of_an_earlier_day_stands_as_it_stood(register, admin):
    assert counts(admin, D(2024, 3, 1)) == {"idea": 1, "pilot": 1}
    assert counts(admin, D(2024, 5, 1)) == {"pilot": 2}
    assert counts(admin, D(2023, 1, 1)) == {}


def test_the_funnel_of_a_unit_counts_that_unit_alone(register, unit, other_unit, admin):
    today = timezone.localdate()
    assert counts(admin, today, unit) == {"pilot": 1, "production": 1, "retired": 1}
    assert counts(admin, today, other_unit) == {"idea": 1, "": 1}
    of_unit = {line.slug: line for line in selectors.funnel(viewer=admin, on=today, node=unit)}
    assert of_unit["idea"].entered == 1 and of_unit["pilot"].entered == 2
