"""Benefits up the ladder."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from governance_app.books.models import AccountingMonth
from governance_app.domain.errors import Sentence
from governance_app.initiatives import services as initiatives
from governance_app.people.access import Refused
from governance_app.value import selectors, services
from governance_app.value.models import Benefit, BenefitMonth
from governance_app.value.services import BadMonths

pytestmark = pytest.mark.django_db

JANUARY, FEBRUARY, MARCH, APRIL = (dt.date(2026, month, 1) for month in (1, 2, 3, 4))
ON = dt.date(2026, 4, 2)


@pytest.fixture
def claimed(benefit, manager):
    services.claim(
        benefit=benefit,
        months={JANUARY: Decimal(2000), FEBRUARY: Decimal(3000)},
        basis="Survey of 20 handlers",
        by=manager,
    )
    return benefit


@pytest.fixture
def validated(claimed, finance):
    services.validate(
        benefit=claimed,
        months={JANUARY: Decimal(1500), FEBRUARY: Decimal(3000)},
        evidence_ref="FIN-2026-114",
        by=finance,
    )
    return claimed


def months(benefit):
    return {row.month: row for row in BenefitMonth.objects.filter(benefit=benefit)}


class TestClaiming:
    def test_a_claim_keeps_amount_claimant_and_basis(self, claimed, manager):
        row = months(claimed)[JANUARY]
        assert (row.claimed, row.claimant, row.claim_basis) == (
            2000, manager, "Survey of 20 handlers",
        )  # fmt: skip
        assert (row.measured, row.validated, row.banked, row.review) == (None, None, None, "")
        assert row.version == 1

    def test_claiming_the_same_again_changes_nothing(self, claimed, manager, ledger_count):
        before = ledger_count()
        changed = services.claim(
            benefit=claimed,
            months={JANUARY: Decimal(2000)},
            basis="Survey of 20 handlers",
            by=manager,
        )
        assert changed == 0
        assert ledger_count() == before

    def test_a_new_claim_replaces_and_counts_the_version(self, claimed, manager):
        services.claim(benefit=claimed, months={JANUARY: Decimal(2100)}, by=manager)
        row = months(claimed)[JANUARY]
        assert (row.claimed, row.version) == (2100, 2)

    def test_outside_its_months_nothing_is_claimed(self, benefit, manager, ledger_count):
        before = ledger_count()
        with pytest.raises(BadMonths, match="January 2027 of Faster handling: it runs from"):
            services.claim(benefit=benefit, months={dt.date(2027, 1, 1): Decimal(1)}, by=manager)
        assert ledger_count() == before

    def test_a_closed_month_is_closed(self, benefit, manager, finance, ledger_count):
        AccountingMonth.objects.create(
            month=JANUARY, state="closed", closed_at=timezone.now(), closed_by=finance
        )
        before = ledger_count()
        with pytest.raises(BadMonths, match="January 2026: closed"):
            services.claim(benefit=benefit, months={JANUARY: Decimal(1)}, by=manager)
        assert ledger_count() == before

    def test_who_may_not_claim_changes_nothing(self, benefit, finance, ledger_count):
        before = ledger_count()
        with pytest.raises(Refused):
            services.claim(benefit=benefit, months={JANUARY: Decimal(1)}, by=finance)
        assert ledger_count() == before
        assert not BenefitMonth.objects.exists()


class TestMeasuring:
    def test_readings_become_money_with_their_inputs(self, benefit, readings, manager):
        outcome = services.measure(benefit=benefit, on=dt.date(2026, 3, 31), by=manager)
        assert outcome.measured == 3
        rows = months(benefit)
        assert [rows[month].measured for month in (JANUARY, FEBRUARY, MARCH)] == [
            1600, 3200, 4000,
        ]  # fmt: skip
        assert rows[MARCH].measured_from == {
            "formula": "kpi",
            "kpi": str(benefit.kpi_id),
            "actual": "15",
            "actual_on": "2026-03-20",
            "source_ref": "report-3",
            "counterfactual": "20",
            "counterfactual_method": "baseline",
            "unit_value": "1000",
            "attribution": "0.8",
            "direction": "lower",
        }

    def test_measuring_again_changes_nothing(self, benefit, readings, manager, ledger_count):
        services.measure(benefit=benefit, on=ON, by=manager)
        before = ledger_count()
        outcome = services.measure(benefit=benefit, on=ON, by=manager)
        assert (outcome.measured, ledger_count()) == (0, before)

    def test_a_stale_series_measures_nothing_and_says_why(self, claimed, manager):
        services.record_kpi_reading(
            kpi=claimed.kpi, period_on=dt.date(2025, 11, 1), value=Decimal(19), by=manager
        )
        outcome = services.measure(benefit=claimed, on=dt.date(2026, 2, 10), by=manager)
        assert outcome.reasons[FEBRUARY] == "Handling time has no fresh reading for February 2026."
        row = months(claimed)[FEBRUARY]
        assert row.measured is None
        assert row.measured_from == {"reason": outcome.reasons[FEBRUARY]}

    def test_a_month_that_nobody_claimed_gets_no_row_without_an_amount(self, benefit, manager):
        outcome = services.measure(benefit=benefit, on=ON, by=manager)
        assert outcome.measured == 0
        assert set(outcome.reasons) == {JANUARY, FEBRUARY, MARCH, APRIL}
        assert not BenefitMonth.objects.exists()

    def test_labour_counts_uses_accepted_and_captured(self, initiative, manager):
        uses = services.add_kpi(
            initiative=initiative, name="Drafts", unit="drafts", direction="higher", by=manager
        )
        services.record_kpi_reading(
            kpi=uses, period_on=dt.date(2026, 1, 31), value=Decimal(12000), by=manager
        )
        freed = services.add_benefit(
            initiative=initiative,
            name="Drafting",
            benefit_type="avoided",
            value_type="operational_efficiency",
            starts_month=JANUARY,
            ends_month=MARCH,
            currency="USD",
            kpi=uses,
            formula="labour",
            unit_value=Decimal(60),
            minutes_saved=Decimal(6),
            acceptance=Decimal("0.7"),
            capture=Decimal("0.5"),
            by=manager,
        )
        services.measure(benefit=freed, on=dt.date(2026, 2, 28), by=manager)
        row = months(freed)[JANUARY]
        assert (row.measured, row.measured_from["hours"]) == (25200, "840")
        assert FEBRUARY not in months(freed)

    def test_without_a_kpi_there_is_nothing_to_measure(self, initiative, manager):
        vague = services.add_benefit(
            initiative=initiative,
            name="Better mood",
            benefit_type="qualitative",
            value_type="customer_experience",
            starts_month=JANUARY,
            ends_month=JANUARY,
            currency="USD",
            by=manager,
        )
        outcome = services.measure(benefit=vague, on=ON, by=manager)
        assert outcome.reasons == {JANUARY: "No KPI measures this benefit."}

    def test_who_may_not_measure_changes_nothing(
        self, benefit, readings, contributor, ledger_count
    ):
        before = ledger_count()
        with pytest.raises(Refused):
            services.measure(benefit=benefit, on=ON, by=contributor)
        assert ledger_count() == before


class TestValidating:
    def test_finance_may_agree_to_less(self, validated, finance):
        row = months(validated)[JANUARY]
        assert (row.review, row.validated, row.validator) == ("validated", 1500, finance)
        assert row.evidence_ref == "FIN-2026-114"

    def test_never_more_than_was_claimed_or_measured(self, claimed, finance, ledger_count):
        before = ledger_count()
        with pytest.raises(BadMonths, match=r"2500.* is more than was claimed or measured \(2000"):
            services.validate(
                benefit=claimed, months={JANUARY: Decimal(2500)}, evidence_ref="x", by=finance
            )
        assert ledger_count() == before

    def test_measured_may_exceed_claimed_and_raises_the_ceiling(
        self, claimed, readings, manager, finance
    ):
        services.measure(benefit=claimed, on=ON, by=manager)
        services.validate(
            benefit=claimed, months={FEBRUARY: Decimal(3200)}, evidence_ref="x", by=finance
        )
        assert months(claimed)[FEBRUARY].validated == 3200

    def test_evidence_is_needed(self, claimed, finance, ledger_count):
        before = ledger_count()
        with pytest.raises(BadMonths, match="name the evidence"):
            services.validate(benefit=claimed, months={JANUARY: Decimal(1)}, by=finance)
        assert ledger_count() == before

    def test_nobody_validates_their_own_claim(self, benefit, admin, ledger_count):
        services.claim(benefit=benefit, months={JANUARY: Decimal(5)}, by=admin)
        before = ledger_count()
        with pytest.raises(BadMonths, match="you claimed it, so somebody else reviews it"):
            services.validate(
                benefit=benefit, months={JANUARY: Decimal(5)}, evidence_ref="x", by=admin
            )
        assert ledger_count() == before

    def test_the_database_too_refuses_a_claimant_as_validator(self, claimed, manager):
        with pytest.raises(IntegrityError, match="value_month_validator_is_not_claimant"):
            BenefitMonth.objects.filter(benefit=claimed).update(
                review="validated",
                validated=1,
                validator=manager,
                reviewed_at=timezone.now(),
                evidence_ref="x",
            )

    def test_the_database_too_wants_evidence(self, claimed, finance):
        with (
            pytest.raises(IntegrityError, match="value_month_validated_with_evidence"),
            transaction.atomic(),
        ):
            BenefitMonth.objects.filter(benefit=claimed).update(
                review="validated", validated=1, validator=finance, reviewed_at=timezone.now()
            )

    def test_nothing_claimed_nothing_validated(self, claimed, finance):
        with pytest.raises(BadMonths, match=r"March 2026 .* nothing is claimed or measured"):
            services.validate(
                benefit=claimed, months={MARCH: Decimal(1)}, evidence_ref="x", by=finance
            )

    def test_who_may_not_validate_changes_nothing(self, claimed, person, unit, ledger_count):
        owner = person("business_owner", unit)
        before = ledger_count()
        with pytest.raises(Refused, match="validate and bank benefits"):
            services.validate(
                benefit=claimed, months={JANUARY: Decimal(1)}, evidence_ref="x", by=owner
            )
        assert ledger_count() == before

    def test_a_validated_month_is_not_claimed_anew(self, validated, manager, ledger_count):
        before = ledger_count()
        with pytest.raises(BadMonths, match="validated, so the claim stands"):
            services.claim(benefit=validated, months={JANUARY: Decimal(9)}, by=manager)
        assert ledger_count() == before

    def test_a_kpi_claimed_more_than_once_over_blocks_validation(
        self, claimed, unit, manager, finance, admin, ledger_count
    ):
        rival = initiatives.add(name="Claims copilot", unit=unit, by=admin)
        same = services.add_kpi(
            initiative=rival, name="Handling time", direction="lower",
            population="Claims handlers", attribution=Decimal("0.5"), by=manager,
        )  # fmt: skip
        services.add_benefit(
            initiative=rival, name="Copilot", benefit_type="soft",
            value_type="operational_efficiency", starts_month=FEBRUARY, ends_month=MARCH,
            currency="USD", kpi=same, by=manager,
        )  # fmt: skip
        before = ledger_count()
        with pytest.raises(BadMonths, match="AI-1, AI-2 together claim more than the whole"):
            services.validate(
                benefit=claimed, months={FEBRUARY: Decimal(1)}, evidence_ref="x", by=finance
            )
        assert ledger_count() == before
        services.validate(
            benefit=claimed, months={JANUARY: Decimal(1)}, evidence_ref="x", by=finance
        )

    def test_a_rejection_says_why_and_a_new_claim_is_reviewed_afresh(
        self, claimed, manager, finance
    ):
        services.reject(
            benefit=claimed, months=[JANUARY], sentence="The survey is too small.", by=finance
        )
        row = months(claimed)[JANUARY]
        assert (row.review, row.validated, row.review_sentence) == (
            "rejected", None, "The survey is too small.",
        )  # fmt: skip
        services.claim(benefit=claimed, months={JANUARY: Decimal(900)}, by=manager)
        row = months(claimed)[JANUARY]
        assert (row.review, row.validator, row.claimed) == ("", None, 900)

    def test_a_rejection_needs_a_sentence_and_the_right(
        self, claimed, manager, finance, ledger_count
    ):
        before = ledger_count()
        with pytest.raises(BadMonths, match="say why"):
            services.reject(benefit=claimed, months=[JANUARY], sentence=" ", by=finance)
        with pytest.raises(Refused):
            services.reject(benefit=claimed, months=[JANUARY], sentence="No.", by=manager)
        assert ledger_count() == before

    def test_the_queue_of_finance(self, claimed, readings, finance, manager):
        waiting = selectors.waiting_for_review(viewer=finance)
        assert [row.month for row in waiting] == [JANUARY, FEBRUARY]
        assert not selectors.waiting_for_review(viewer=manager).exists()


class TestBanking:
    def test_up_to_the_validated_amount_with_a_reference(self, validated, finance):
        services.bank(
            benefit=validated, months={JANUARY: Decimal(1500)}, bank_ref="Budget 4711", by=finance
        )
        row = months(validated)[JANUARY]
        assert (row.banked, row.bank_ref) == (1500, "Budget 4711")

    @pytest.mark.parametrize(
        ("month", "amount", "reference", "words"),
        [
            (JANUARY, 1501, "B", "more than was validated"),
            (JANUARY, 1, " ", "name the budget line"),
            (MARCH, 1, "B", "validate it before banking"),
        ],
    )
    def test_refusals(self, validated, finance, ledger_count, month, amount, reference, words):
        before = ledger_count()
        with pytest.raises(BadMonths, match=words):
            services.bank(
                benefit=validated, months={month: Decimal(amount)}, bank_ref=reference, by=finance
            )
        assert ledger_count() == before

    def test_who_may_not_bank_changes_nothing(self, validated, manager, ledger_count):
        before = ledger_count()
        with pytest.raises(Refused):
            services.bank(benefit=validated, months={JANUARY: Decimal(1)}, bank_ref="B", by=manager)
        assert ledger_count() == before

    def test_a_banked_amount_is_not_rejected_or_lowered(self, validated, finance):
        services.bank(benefit=validated, months={JANUARY: Decimal(1500)}, bank_ref="B", by=finance)
        with pytest.raises(BadMonths, match="banked already"):
            services.reject(benefit=validated, months=[JANUARY], sentence="No.", by=finance)
        with pytest.raises(BadMonths, match="more than that is banked"):
            services.validate(
                benefit=validated, months={JANUARY: Decimal(1)}, evidence_ref="x", by=finance
            )

    def test_soft_benefits_are_in_no_budget(self, initiative, manager, finance):
        soft = services.add_benefit(
            initiative=initiative, name="Mood", benefit_type="soft",
            value_type="customer_experience", starts_month=JANUARY, ends_month=JANUARY,
            currency="USD", by=manager,
        )  # fmt: skip
        with pytest.raises(BadMonths, match="Mood is soft: no budget line holds it"):
            services.bank(benefit=soft, months={JANUARY: Decimal(1)}, bank_ref="B", by=finance)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " "}, "needs a name"),
        ({"benefit_type": "huge"}, "benefit type is one of hard"),
        ({"ends_month": dt.date(2025, 1, 1)}, "ends before it starts"),
        ({"currency": "Dollar"}, "three letters"),
        ({"attribution": Decimal(2)}, "attribution"),
        ({"capture": Decimal(2)}, "capture lies between 0 and 1"),
        ({"formula": "labour"}, "needs minutes saved, acceptance, capture, unit value"),
        ({"currency": "EUR"}, "valued in USD, not EUR"),
    ],
)
def test_a_benefit_that_makes_no_sense_is_refused(
    kpi, initiative, manager, ledger_count, change, words
):
    fields = {
        "name": "Speed",
        "benefit_type": "hard",
        "value_type": "revenue",
        "starts_month": JANUARY,
        "ends_month": MARCH,
        "currency": "USD",
        "kpi": kpi,
    }
    before = ledger_count()
    with pytest.raises(Sentence, match=words):
        services.add_benefit(initiative=initiative, **{**fields, **change}, by=manager)
    assert ledger_count() == before
    assert not Benefit.objects.exists()


def test_benefits_are_money(benefit, contributor, manager, initiative):
    assert selectors.benefits(initiative=initiative, viewer=manager).get() == benefit
    assert selectors.benefit(benefit_id=benefit.pk, viewer=contributor) is None
