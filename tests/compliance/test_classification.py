"""Classifying under the EU AI Act and OMB M-25-21: judged, confirmed, overridden, replayed."""

import pytest

from governance_app.compliance import selectors, services
from governance_app.compliance.models import Classification, ClassificationReview, TierNow
from governance_app.compliance.services.classifying import BadClassification, judged_again
from governance_app.initiatives import services as initiatives
from governance_app.people.access import Refused
from tests.compliance.conftest import CHATBOT, CREDIT, ON

pytestmark = pytest.mark.django_db
EU = "eu-ai-act"


def classify(initiative, by, answers, **more):
    return services.classify(
        initiative=initiative, scheme=EU, answers=answers, on=ON, by=by, **more
    )


def confirm(row, by):
    return services.review_classification(classification=row, is_confirmed=True, on=ON, by=by)


class TestJudging:
    def test_a_chatbot_owes_transparency(self, initiative, manager):
        row = classify(initiative, manager, CHATBOT)
        assert (row.computed_tier, row.floor, row.flags) == (
            "transparency", "transparency", ["interacts"],
        )  # fmt: skip
        assert [duty["ref"] for duty in row.duties] == ["4"]

    def test_credit_scores_are_high_risk_with_dated_duties(self, initiative, manager):
        row = classify(initiative, manager, CREDIT)
        assert row.computed_tier == "high"
        assert set(row.flags) >= {"annex_iii", "fria"}
        by_ref = {duty["ref"]: duty for duty in row.duties}
        assert by_ref["9/III"]["applies_from"] == "2027-12-02"
        assert by_ref["27"]["article"] == "Art. 27"
        assert "9/I" not in by_ref
        assert all(duty["is_certain"] for duty in row.duties)

    def test_a_derogation_needs_its_documents(self, initiative, manager):
        row = classify(initiative, manager, {**CREDIT, "H4": "no", "H5": "d"})
        assert row.computed_tier == "minimal"
        assert "derogation" in row.flags
        assert "6-4" in {duty["ref"] for duty in row.duties}

    def test_profiling_forbids_the_derogation(self, initiative, manager):
        row = classify(initiative, manager, {**CREDIT, "H4": "yes", "H5": "d"})
        assert row.computed_tier == "high"
        assert "H5" not in row.answers, "a question that is not asked has no answer"

    def test_unknown_lowers_nothing(self, initiative, manager):
        row = classify(initiative, manager, {**CHATBOT, "P3": "unknown"})
        assert (row.computed_tier, row.floor, row.ceiling) == (
            "unknown", "transparency", "prohibited",
        )  # fmt: skip
        assert [said for said, _ in row.because if "ruled out" in said] == [
            "Prohibited cannot be ruled out."
        ]

    def test_out_of_scope_stays_in_the_inventory(self, initiative, manager):
        assert classify(initiative, manager, {"S1": "no"}).computed_tier == "out_of_scope"

    def test_high_impact_of_a_public_body(self, initiative, manager):
        row = services.classify(
            initiative=initiative, scheme="omb-m-25-21", on=ON, by=manager,
            answers={"O1": "yes", "O2": ["benefits"], "O3": "no", "O4": "none"},
        )  # fmt: skip
        assert row.computed_tier == "high_impact"
        assert len(row.duties) == 8

    def test_a_wrong_answer_names_the_right_ones(self, initiative, manager):
        with pytest.raises(BadClassification, match="yes, no, unknown"):
            classify(initiative, manager, {"S1": "maybe"})
        with pytest.raises(BadClassification, match="no question “X9”"):
            classify(initiative, manager, {"X9": "yes"})
        assert not Classification.objects.exists()


class TestConfirming:
    def test_without_a_second_person_the_tier_is_unknown(self, initiative, manager, officer):
        row = classify(initiative, manager, CHATBOT)
        assert selectors.current_tier(initiative=initiative).tier == "unknown"
        confirm(row, officer)
        now = selectors.current_tier(initiative=initiative)
        assert (now.tier, now.is_confirmed) == ("transparency", True)

    def test_nobody_confirms_their_own(self, initiative, officer, ledger_count):
        row = classify(initiative, officer, CHATBOT)
        before = ledger_count()
        with pytest.raises(BadClassification, match="Somebody else"):
            confirm(row, officer)
        assert not ClassificationReview.objects.exists()
        assert ledger_count() == before + 1, "the attempt is noted"

    def test_a_higher_proposal_counts_at_once_and_a_lower_one_waits(
        self, initiative, manager, officer
    ):
        confirm(classify(initiative, manager, CHATBOT), officer)
        worse = classify(initiative, manager, CREDIT)
        assert selectors.current_tier(initiative=initiative).tier == "high"
        confirm(worse, officer)
        classify(initiative, manager, CHATBOT)
        now = selectors.current_tier(initiative=initiative)
        assert (now.tier, now.waits_for_review) == ("high", True)

    def test_a_refused_proposal_leaves_what_was_confirmed(self, initiative, manager, officer):
        confirm(classify(initiative, manager, CHATBOT), officer)
        row = classify(initiative, manager, CREDIT)
        services.review_classification(
            classification=row, is_confirmed=False, reason="It scores claims, not credit.",
            on=ON, by=officer,
        )  # fmt: skip
        assert selectors.current_tier(initiative=initiative).tier == "transparency"

    def test_the_prohibited_counts_at_once(self, initiative, manager):
        classify(initiative, manager, {**CHATBOT, "P3": "yes"})
        assert selectors.current_tier(initiative=initiative).tier == "prohibited"

    def test_an_initiative_that_changed_is_classified_again_first(
        self, initiative, manager, officer, admin
    ):
        row = classify(initiative, manager, CHATBOT)
        initiatives.edit(initiative=initiative, ai_type="agentic", by=admin)
        with pytest.raises(BadClassification, match="changed since"):
            confirm(row, officer)
        assert TierNow.objects.get().confirmed is None

    def test_who_may_not(self, initiative, person, unit):
        reader = person("auditor")
        with pytest.raises(Refused):
            classify(initiative, reader, CHATBOT)
        assert not Classification.objects.exists()


class TestOverriding:
    def test_another_tier_needs_a_reason_and_a_second_person(self, initiative, manager, officer):
        with pytest.raises(BadClassification, match="needs a reason"):
            classify(initiative, manager, CREDIT, override_tier="minimal")
        row = classify(
            initiative, manager, CREDIT, override_tier="minimal", override_reason="Fraud only."
        )
        assert (row.computed_tier, row.tier) == ("high", "minimal")
        assert selectors.current_tier(initiative=initiative).tier == "unknown"
        confirm(row, officer)
        assert selectors.current_tier(initiative=initiative).tier == "minimal"

    @pytest.mark.parametrize("said", ["yes", "unknown"])
    def test_nobody_overrides_the_prohibited(self, initiative, manager, said):
        with pytest.raises(BadClassification, match="Nobody can override"):
            classify(
                initiative, manager, {**CHATBOT, "P1": said}, override_tier="minimal",
                override_reason="It will be fine.",
            )  # fmt: skip


def test_what_is_stored_judges_the_same_again(initiative, manager):
    for answers in (CHATBOT, CREDIT, {**CREDIT, "H4": "unknown"}):
        row = classify(initiative, manager, answers)
        assert judged_again(Classification.objects.get(pk=row.pk)) == (
            row.computed_tier, row.facts_hash,
        )  # fmt: skip


def test_a_newer_questionnaire_makes_what_was_judged_outdated(initiative, manager, officer, admin):
    from governance_app.compliance.reading import SHIPPED

    confirm(classify(initiative, manager, CHATBOT), officer)
    assert not selectors.current_tier(initiative=initiative).is_outdated
    newer = (SHIPPED / "eu-ai-act.json").read_bytes()
    newer = newer.replace(b'"version": 1', b'"version": 2')
    services.import_library(content=newer, name="eu.json", by=admin)
    assert selectors.current_tier(initiative=initiative).is_outdated
