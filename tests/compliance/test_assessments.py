"""Assessments, evidence, controls, gaps, validations, and where requirements stand."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from governance_app.audit.rows import StaleWrite
from governance_app.compliance import selectors, services
from governance_app.compliance.models import Assessment, Evidence, Gap, NodeStanding
from governance_app.compliance.services import BadAssessment, BadControl
from governance_app.people.access import Refused
from tests.compliance.conftest import CHATBOT, CREDIT, ON
from tests.compliance.test_classification import classify, confirm

pytestmark = pytest.mark.django_db


def begin(initiative, by, subject="privacy"):
    return services.begin_assessment(initiative=initiative, subject=subject, on=ON, by=by)


def fill(assessment, by, said="yes", **others):
    from governance_app.compliance.reading import content_of

    keys = [question.key for question in content_of(assessment.library).tree.questions]
    return services.answer(
        assessment=assessment, answers={**dict.fromkeys(keys, said), **others}, by=by
    )


def approved(initiative, manager, officer, subject="privacy", said="yes", **others):
    row = fill(begin(initiative, manager, subject), manager, said, **others)
    row = services.submit_assessment(assessment=row, on=ON, by=manager)
    return services.decide_assessment(assessment=row, is_approved=True, on=ON, by=officer)


def proof(initiative, by, **more):
    asked = {"title": "Report", "collected_on": ON, "url": "https://example.com/report", **more}
    return services.add_evidence(initiative=initiative, on=ON, by=by, **asked)


def state(initiative, framework, ref):
    row = NodeStanding.objects.filter(initiative=initiative, framework=framework, ref=ref).first()
    return row.state if row else "unknown"


class TestAssessing:
    def test_questions_appear_by_what_the_initiative_is(self, initiative, manager):
        row = services.submit_assessment(
            assessment=fill(begin(initiative, manager, "security"), manager), on=ON, by=manager
        )
        assert {"S6", "S7"} <= set(row.results), "a generating model is asked about prompts"
        assert "S8" in row.results, "whether it acts alone is unknown, so it is asked"

    def test_every_question_needs_an_answer_even_unknown(self, initiative, manager):
        row = begin(initiative, manager)
        with pytest.raises(BadAssessment, match="questions have no answer"):
            services.submit_assessment(assessment=row, on=ON, by=manager)
        row.refresh_from_db()
        assert row.state == "draft"

    def test_somebody_else_approves(self, initiative, officer, manager, ledger_count):
        row = services.submit_assessment(
            assessment=fill(begin(initiative, officer), officer), on=ON, by=officer
        )
        with pytest.raises(BadAssessment, match="Somebody else"):
            services.decide_assessment(assessment=row, is_approved=True, on=ON, by=officer)
        with pytest.raises(Refused):
            services.decide_assessment(assessment=row, is_approved=True, on=ON, by=manager)
        row.refresh_from_db()
        assert row.state == "submitted"

    def test_the_database_holds_two_people_too(self, initiative, manager, officer):
        row = approved(initiative, manager, officer)
        with pytest.raises(IntegrityError), transaction.atomic():
            Assessment.objects.filter(pk=row.pk).update(decided_by=manager)

    def test_what_was_submitted_is_not_edited(self, initiative, manager):
        row = services.submit_assessment(
            assessment=fill(begin(initiative, manager), manager), on=ON, by=manager
        )
        with pytest.raises(BadAssessment, match="begin a new one"):
            services.answer(assessment=row, answers={"P1": "no"}, by=manager)

    def test_two_editors(self, initiative, manager):
        row = begin(initiative, manager)
        services.answer(assessment=row, answers={"P1": "yes"}, version=row.version, by=manager)
        with pytest.raises(StaleWrite):
            services.answer(assessment=row, answers={"P1": "no"}, version=row.version, by=manager)

    def test_gaps_become_actions_with_owner_and_date_and_close_when_mended(
        self, initiative, manager, officer
    ):
        approved(initiative, manager, officer, P1="no", P3="partly")
        gaps = {gap.question: gap for gap in selectors.open_gaps(initiative=initiative)}
        assert {key: gap.severity for key, gap in gaps.items()} == {"P1": "medium", "P3": "low"}
        assert gaps["P1"].due_on == ON + dt.timedelta(days=90)
        approved(initiative, manager, officer, P1="yes", P3="partly")
        assert [gap.question for gap in selectors.open_gaps(initiative=initiative)] == ["P3"]
        assert "finds it mended" in Gap.objects.get(question="P1").closed_because

    def test_a_model_gets_its_tier(self, initiative, manager, officer):
        row = approved(
            initiative, manager, officer, "model_risk", M1="high", M2="low", M3="high", M4="no"
        )
        assert row.tier == "tier_1"
        assert selectors.assessments_state(initiative=initiative)["model_risk"].tier == "tier_1"


class TestEvidence:
    def test_back_dated_or_from_the_future_is_refused(self, initiative, manager):
        for day, reason in ((ON - dt.timedelta(days=31), "31 days"), (ON + dt.timedelta(1), "fut")):
            with pytest.raises(BadAssessment, match=reason):
                proof(initiative, manager, collected_on=day)
        assert not Evidence.objects.exists()

    def test_it_counts_for_as_long_as_is_set(self, initiative, manager):
        assert proof(initiative, manager).valid_until == ON + dt.timedelta(days=365)

    def test_an_answer_that_needs_evidence_is_met_only_with_it(self, initiative, manager, officer):
        row = approved(initiative, manager, officer, "bias")
        assert state(initiative, "nist-ai-rmf", "MEASURE 2.11") == "partly"
        for question in ("B2", "B3"):
            kept = proof(initiative, manager, assessment=row, question=question)
        assert state(initiative, "nist-ai-rmf", "MEASURE 2.11") == "met"
        services.withdraw_evidence(evidence=kept, because="Wrong data.", on=ON, by=manager)
        assert state(initiative, "nist-ai-rmf", "MEASURE 2.11") == "partly"

    def test_what_expired_is_no_longer_met(self, initiative, manager, officer, admin):
        approved(initiative, manager, officer)
        assert state(initiative, "nist-ai-rmf", "GOVERN 1.1") == "met"
        later = ON + dt.timedelta(days=400)
        assert services.age_standings(on=later, by=admin) == 1
        assert state(initiative, "nist-ai-rmf", "GOVERN 1.1") == "unknown"
        assert services.age_standings(on=later, by=admin) == 0


class TestControls:
    @pytest.fixture
    def control(self, initiative, manager):
        return services.apply_control(
            initiative=initiative, ref="C-01", state="in_place", owner=manager, on=ON, by=manager
        )

    @staticmethod
    def prove(control, initiative, officer):
        kept = proof(initiative, officer)
        for aspect in ("design", "operating"):
            services.record_test(
                control=control, aspect=aspect, tested_on=ON, evidence=kept, on=ON, by=officer,
                **({"share": 1} if aspect == "design" else {"sample": 20, "exceptions": 1}),
            )  # fmt: skip

    def test_two_fresh_tests_meet_it_and_what_it_maps_to(self, initiative, control, officer):
        assert state(initiative, "control-library", "C-01") == "partly"
        self.prove(control, initiative, officer)
        assert state(initiative, "control-library", "C-01") == "met"
        assert state(initiative, "nist-ai-rmf", "GOVERN 2.1") == "met"
        assert state(initiative, "iso-42001", "A.3.2") == "met", "GOVERN 2.1 is the same"

    def test_what_it_only_overlaps_is_met_in_part(self, initiative, manager, officer):
        """Independent validation covers MEASURE 1.3; A.6.2.4 asks more, and nothing else says."""
        control = services.apply_control(
            initiative=initiative, ref="C-09", state="in_place", owner=manager, on=ON, by=manager
        )
        self.prove(control, initiative, officer)
        assert state(initiative, "control-library", "C-09") == "met"
        assert state(initiative, "nist-ai-rmf", "MEASURE 1.3") == "met"
        assert state(initiative, "iso-42001", "A.6.2.4") == "partly"

    def test_who_keeps_a_control_does_not_test_it(self, initiative, control, manager):
        kept = proof(initiative, manager)
        with pytest.raises(BadControl, match="somebody else than who keeps"):
            services.record_test(
                control=control, aspect="design", share=Decimal(1), tested_on=ON, evidence=kept,
                on=ON, by=manager,
            )  # fmt: skip
        control.refresh_from_db()
        assert control.design is None

    def test_what_does_not_apply_says_why(self, initiative, manager):
        with pytest.raises(BadControl, match="say why"):
            services.apply_control(
                initiative=initiative, ref="C-10", state="not_applicable", on=ON, by=manager
            )


class TestFindings:
    def test_a_severe_one_is_closed_by_somebody_else_with_evidence(
        self, initiative, manager, officer
    ):
        gap = services.add_finding(
            initiative=initiative, title="No fallback", severity="high", owner=manager, on=ON,
            by=officer,
        )  # fmt: skip
        kept = proof(initiative, manager)
        for by, shown in ((manager, kept), (officer, None)):
            with pytest.raises(BadControl, match="severe"):
                services.close_gap(gap=gap, because="Done.", evidence=shown, on=ON, by=by)
        gap.refresh_from_db()
        assert gap.closed_on is None
        services.close_gap(gap=gap, because="Rehearsed.", evidence=kept, on=ON, by=officer)
        assert not selectors.open_gaps(initiative=initiative).exists()


class TestValidation:
    def test_a_validator_is_independent(self, initiative, officer, manager, admin):
        from governance_app.initiatives import services as initiatives

        kept = proof(initiative, manager)
        asked = {
            "initiative": initiative, "scope": "Version 3", "outcome": "approved",
            "validated_on": ON, "evidence": kept, "on": ON,
        }  # fmt: skip
        row = services.validate_model(**asked, by=officer)
        assert row.next_due_on == dt.date(2027, 11, 20)
        changed = initiatives.edit(initiative=initiative, technical_owner=officer, by=admin)
        with pytest.raises(BadControl, match="independent"):
            services.validate_model(**{**asked, "initiative": changed}, by=officer)
        assert selectors.model_validation(initiative=initiative) == row


class TestStanding:
    def test_a_confirmed_class_says_which_articles_ask_nothing(self, initiative, manager, officer):
        confirm(classify(initiative, manager, CHATBOT), officer)
        assert state(initiative, "eu-ai-act", "Art. 6") == "met"
        assert state(initiative, "eu-ai-act", "Art. 9") == "na"
        confirm(classify(initiative, manager, CREDIT), officer)
        assert state(initiative, "eu-ai-act", "Art. 9") == "unknown"

    def test_nothing_known_has_no_row(self, initiative):
        assert not NodeStanding.objects.filter(initiative=initiative).exists()
