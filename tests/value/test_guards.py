"""Guards, signatures, rebasing, expiry and evidence of benefits."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from governance_app.books.models import DatedSetting
from governance_app.domain.errors import Sentence
from governance_app.files import services as files
from governance_app.people.access import Refused
from governance_app.value import guarding, services
from governance_app.value.models import Benefit, BenefitEvidence, BenefitMonth, PopulationHours

pytestmark = pytest.mark.django_db

JANUARY = dt.date(2026, 1, 1)
ON = dt.date(2026, 3, 31)


def drafting(initiative: Any, manager: Any, *, name: str = "Drafting", **changes: Any) -> Benefit:
    """10,000 outputs a month, 6 minutes each, all kept: 1,000 hours of the clerks."""
    kpi = services.add_kpi(
        initiative=initiative, name=f"{name} uses", direction="higher", by=manager
    )
    services.record_kpi_reading(
        kpi=kpi, period_on=dt.date(2026, 1, 31), value=Decimal(10_000), by=manager
    )
    facts: dict[str, Any] = {
        "benefit_type": "hard", "value_type": "operational_efficiency", "starts_month": JANUARY,
        "ends_month": dt.date(2027, 12, 1), "currency": "USD", "kpi": kpi, "formula": "labour",
        "population": "Clerks", "unit_value": Decimal(60), "minutes_saved": Decimal(6),
        "acceptance": Decimal(1), "capture": Decimal("0.5"),
    }  # fmt: skip
    benefit = services.add_benefit(
        initiative=initiative, name=name, by=manager, **{**facts, **changes}
    )
    services.measure(benefit=benefit, on=ON, by=manager)
    return benefit


def january(benefit: Benefit) -> BenefitMonth:
    return BenefitMonth.objects.get(benefit=benefit, month=JANUARY)


def validate(benefit: Benefit, finance: Any) -> int:
    return services.validate(
        benefit=benefit, months={JANUARY: Decimal(30_000)}, evidence_ref="payroll", by=finance
    )


@pytest.fixture
def benefit(initiative: Any, manager: Any) -> Benefit:
    return drafting(initiative, manager)


class TestHours:
    def test_a_measured_month_keeps_its_hours(self, benefit: Any) -> None:
        assert (january(benefit).hours, january(benefit).measured) == (1000, 30_000)

    def test_more_than_a_share_of_the_paid_hours_blocks_validation(
        self, benefit: Any, finance: Any
    ) -> None:
        services.set_paid_hours(
            population="Clerks", from_month=JANUARY, paid_hours=Decimal(1600), by=finance
        )
        with pytest.raises(services.BadMonths, match="more than 50 % of the 1,600 h paid for"):
            validate(benefit, finance)
        assert january(benefit).review == ""

    def test_the_share_is_a_dated_setting(self, benefit: Any, finance: Any, admin: Any) -> None:
        services.set_paid_hours(
            population="Clerks", from_month=JANUARY, paid_hours=Decimal(1600), by=finance
        )
        DatedSetting.objects.create(key="freed_hours_ratio", value=0.7, from_on=JANUARY)
        assert validate(benefit, finance) == 1

    def test_all_initiatives_count_together_and_every_owner_is_told(
        self, benefit: Any, initiative: Any, manager: Any, finance: Any
    ) -> None:
        other = drafting(initiative, manager, name="Search")
        services.set_paid_hours(
            population="Clerks", from_month=dt.date(2025, 1, 1), paid_hours=Decimal(3000),
            by=finance,
        )  # fmt: skip
        for each in (benefit, other):
            (conflict,) = guarding.conflicts_of(benefit=each, months=[JANUARY])
            assert (conflict.kind, conflict.initiatives) == ("hours", (initiative.key,))
            assert "2,000 h of Clerks" in conflict.sentence

    def test_an_unknown_population_is_not_judged(self, benefit: Any, finance: Any) -> None:
        services.set_paid_hours(
            population="Clerks", from_month=dt.date(2026, 2, 1), paid_hours=Decimal(1), by=finance
        )
        assert validate(benefit, finance) == 1

    def test_paid_hours_are_set_once_a_month_and_by_finance(
        self, finance: Any, manager: Any
    ) -> None:
        for hours in (1600, 1700):
            services.set_paid_hours(
                population=" Clerks ", from_month=ON, paid_hours=Decimal(hours), by=finance
            )
        assert PopulationHours.objects.get().paid_hours == 1700
        with pytest.raises(Refused):
            services.set_paid_hours(
                population="Clerks", from_month=ON, paid_hours=Decimal(1), by=manager
            )
        with pytest.raises(Sentence, match="above 0"):
            services.set_paid_hours(
                population="Clerks", from_month=ON, paid_hours=Decimal(0), by=finance
            )


class TestOwners:
    def test_only_the_owner_signs_and_an_edit_takes_the_signature_away(
        self, benefit: Any, manager: Any, finance: Any
    ) -> None:
        with pytest.raises(Sentence, match="has no owner"):
            services.sign_benefit(benefit=benefit, by=manager)
        owned = services.edit_benefit(benefit=benefit, owner=manager, by=manager)
        with pytest.raises(Sentence, match="signed by its owner"):
            services.sign_benefit(benefit=owned, by=finance)
        signed = services.sign_benefit(benefit=owned, by=manager)
        assert signed.signed_by == manager
        same = services.edit_benefit(benefit=signed, owner=manager, by=manager)
        assert same.signed_by == manager
        edited = services.edit_benefit(benefit=signed, acceptance=Decimal("0.9"), by=manager)
        assert (edited.signed_by, edited.signed_at) == (None, None)

    def test_said_months_stay_inside(self, benefit: Any, manager: Any) -> None:
        with pytest.raises(Sentence, match="January 2026 is claimed or measured already"):
            services.edit_benefit(benefit=benefit, starts_month=dt.date(2026, 2, 1), by=manager)
        benefit.refresh_from_db()
        assert benefit.starts_month == JANUARY

    def test_what_cannot_be_edited_is_named(self, benefit: Any, manager: Any) -> None:
        with pytest.raises(Sentence, match="currency cannot be edited"):
            services.edit_benefit(benefit=benefit, currency="EUR", by=manager)


class TestWhereTheTimeWent:
    def test_capture_follows(self, benefit: Any, manager: Any) -> None:
        shares = {"headcount": Decimal("0.3"), "quality": Decimal("0.2")}
        told = services.set_dispositions(benefit=benefit, shares=shares, by=manager)
        assert told.capture == Decimal("0.3")
        assert told.dispositions == {"headcount": "0.3", "quality": "0.2"}

    def test_another_type_needs_a_benefit_of_its_own(self, benefit: Any, manager: Any) -> None:
        shares = {"headcount": Decimal("0.3"), "volume_absorbed": Decimal("0.2")}
        with pytest.raises(Sentence, match="never share a figure"):
            services.set_dispositions(benefit=benefit, shares=shares, by=manager)
        benefit.refresh_from_db()
        assert benefit.dispositions == {}

    def test_more_than_all_of_it_is_refused(self, benefit: Any, manager: Any) -> None:
        shares = {"headcount": Decimal("0.9"), "quality": Decimal("0.2")}
        with pytest.raises(Sentence, match="at most 1"):
            services.set_dispositions(benefit=benefit, shares=shares, by=manager)


class TestRebasing:
    def test_after_a_year_it_is_baseline(self, benefit: Any, finance: Any, manager: Any) -> None:
        services.rebase(benefit=benefit, month=JANUARY, budget_ref="CC 4711", by=finance)
        benefit.refresh_from_db()
        with pytest.raises(services.BadMonths, match="is baseline from then on"):
            services.claim(benefit=benefit, months={dt.date(2027, 1, 1): Decimal(1)}, by=manager)
        services.claim(benefit=benefit, months={dt.date(2026, 12, 1): Decimal(1)}, by=manager)

    def test_only_hard_benefits_lower_a_budget(
        self, initiative: Any, manager: Any, finance: Any
    ) -> None:
        soft = drafting(initiative, manager, name="Mood", benefit_type="soft")
        with pytest.raises(Sentence, match="only a hard benefit"):
            services.rebase(benefit=soft, month=JANUARY, budget_ref="CC 1", by=finance)
        soft.refresh_from_db()
        assert soft.rebased_month is None


class TestExpiry:
    def test_a_validation_holds_for_the_months_of_the_setting(
        self, benefit: Any, finance: Any
    ) -> None:
        DatedSetting.objects.create(key="validation_months", value=6, from_on=JANUARY)
        validate(benefit, finance)
        row = january(benefit)
        assert row.reviewed_at is not None
        assert row.valid_until_on is not None
        days = (row.valid_until_on - row.reviewed_at.date()).days
        assert 180 <= days <= 185

    def test_a_rejection_ends_it(self, benefit: Any, finance: Any) -> None:
        validate(benefit, finance)
        services.reject(benefit=benefit, months=[JANUARY], sentence="No", by=finance)
        assert january(benefit).valid_until_on is None


class TestEvidence:
    def test_the_same_file_is_one_piece(self, benefit: Any, manager: Any) -> None:
        file = files.store(content=b"payroll", name="payroll.csv", by=manager)
        for _ in range(2):
            services.add_evidence(benefit=benefit, file=file, month=JANUARY, by=manager)
        assert BenefitEvidence.objects.get().month == JANUARY
        with pytest.raises(Sentence, match="lies outside"):
            services.add_evidence(benefit=benefit, file=file, month=dt.date(2025, 1, 1), by=manager)
