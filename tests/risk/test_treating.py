"""What is done about risks: plans, acceptance by another person, library controls, losses."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance_app.compliance import services as compliance
from governance_app.domain import risk as sums
from governance_app.domain.loss import Loss, expected_loss, yearly_loss
from governance_app.people.access import Refused
from governance_app.risk import selectors, services
from governance_app.risk.models import Acceptance, Risk, RiskScore, TreatmentStep
from governance_app.risk.services import BadRisk
from tests.risk.conftest import ON

LATER = ON + dt.timedelta(days=90)


@pytest.fixture
def above(risk, officer, organisation):
    """The bias risk at level 2, above an appetite of 1."""
    services.set_appetite(category="bias", node=organisation, level=1, from_on=ON, by=officer)
    risk.refresh_from_db()
    return risk


def ask(risk, by, **more):
    asked = {"reason": "Small and known.", "expires_on": LATER, **more}
    return services.request_acceptance(risk=risk, on=ON, by=by, **asked)


@pytest.mark.django_db
class TestRow:
    def test_the_register_counts_from_what_stands_in_the_rows(self, above, officer):
        assert (above.appetite, above.likelihood_now, above.impact_now) == (1, 2, 4)
        assert above.review_due_on == ON - dt.timedelta(days=20)
        counts = selectors.counts(rows=selectors.risks(viewer=officer), on=ON)
        assert (counts.total, counts.above, counts.overdue, counts.worst) == (1, 1, 1, 0)

    def test_an_assessment_sets_the_next_review_by_the_level(self, risk, officer):
        judged = services.assess(risk=risk, likelihood=5, impact=5, on=ON, by=officer)
        assert (judged.residual, judged.review_days) == (4, 90)
        assert judged.review_due_on == ON + dt.timedelta(days=90)

    def test_units_show_their_worst_and_counts(self, above, officer):
        (unit,) = selectors.by_unit(rows=selectors.risks(viewer=officer))
        assert (unit.worst, unit.above, unit.total) == (2, 1, 1)


@pytest.mark.django_db
class TestReplay:
    def test_every_stored_score_can_be_scored_again(self, risk, initiative, officer):
        services.raise_signal(
            initiative=initiative, kind="drift.alarm", evidence="PSI 0.31", on=ON, by=officer
        )
        services.score(initiative=initiative, on=dt.date(2027, 6, 1), by=officer)
        for row in RiskScore.objects.all():
            again = sums.replay(row.facts)
            assert (again.residual, again.facts_hash, again.lines_as_json()) == (
                row.residual, row.facts_hash, row.lines,
            )  # fmt: skip

    def test_terms_of_the_settings_count_and_bad_ones_are_refused(self, risk, officer):
        from governance_app.books.models import DatedSetting
        from governance_app.risk.scoring import BadRiskGrid

        said = {"most_effect": 0.9, "steps": [0.6, 0.8, 0.9], "most_raised": 2}
        row = DatedSetting.objects.create(key="risk_terms", value=said, from_on=ON)
        services.assess(risk=risk, likelihood=4, impact=4, on=ON, by=officer)
        risk.refresh_from_db()
        assert risk.residual == 4, "0.56 earns no step of 0.6"
        DatedSetting.objects.filter(pk=row.pk).update(value={**said, "most_effect": 1})
        with pytest.raises(BadRiskGrid, match="less than all"):
            services.assess(risk=risk, likelihood=4, impact=4, on=ON, by=officer)


@pytest.mark.django_db
class TestAccepting:
    def test_somebody_else_accepts_until_a_day(self, above, officer, person):
        board = person("governance_board")
        one = ask(above, officer)
        with pytest.raises(BadRisk, match="Somebody else"):
            services.decide_acceptance(acceptance=one, is_granted=True, on=ON, by=officer)
        services.decide_acceptance(acceptance=one, is_granted=True, on=ON, by=board)
        rows = selectors.risks(viewer=officer)
        assert selectors.counts(rows=rows, on=ON).accepted == 1
        assert selectors.counts(rows=rows, on=LATER + dt.timedelta(1)).accepted == 0

    def test_the_database_holds_two_people_too(self, above, officer, person):
        one = ask(above, officer)
        with pytest.raises(IntegrityError), transaction.atomic():
            Acceptance.objects.filter(pk=one.pk).update(decided_by=officer, is_granted=True)

    def test_it_ends_when_the_level_rises(self, above, initiative, officer, person):
        one = ask(above, officer)
        board = person("governance_board")
        services.decide_acceptance(acceptance=one, is_granted=True, on=ON, by=board)
        services.raise_signal(
            initiative=initiative, kind="drift.alarm", evidence="PSI 0.31", on=ON, by=officer
        )
        one.refresh_from_db()
        assert one.ended_on == ON
        assert one.ended_because == "The risk is moderate now; low was accepted."

    @pytest.mark.parametrize("days", [0, 366])
    def test_it_lasts_a_year_at_most(self, above, officer, days, ledger_count):
        with pytest.raises(BadRisk, match="within 365 days"):
            ask(above, officer, expires_on=ON + dt.timedelta(days=days))
        assert not Acceptance.objects.exists()

    def test_what_is_within_appetite_needs_nobody(self, risk, officer, organisation):
        services.set_appetite(category="bias", node=organisation, level=3, from_on=ON, by=officer)
        with pytest.raises(BadRisk, match="within appetite"):
            ask(risk, officer)

    def test_who_may_not_accept(self, above, officer, person, unit):
        one = ask(above, officer)
        with pytest.raises(Refused):
            services.decide_acceptance(
                acceptance=one, is_granted=True, on=ON, by=person("program_manager", unit)
            )


@pytest.mark.django_db
class TestPlanning:
    def test_a_step_has_owner_date_and_an_end(self, risk, officer):
        step = services.plan_step(
            risk=risk, treatment="mitigate", title="Rebalance the data", due_on=LATER,
            target_residual=1, on=ON, by=officer,
        )  # fmt: skip
        assert Risk.objects.get(pk=risk.pk).treatment == "mitigate"
        done = services.finish_step(step=step, note="Ratio 0.93.", on=LATER, by=officer)
        assert done.done_on == LATER
        with pytest.raises(BadRisk, match="done already"):
            services.finish_step(step=step, note="Again", on=LATER, by=officer)

    def test_nothing_is_due_in_the_past(self, risk, officer):
        with pytest.raises(BadRisk, match="in the past"):
            services.plan_step(
                risk=risk, treatment="avoid", title="Stop", due_on=ON - dt.timedelta(1), on=ON,
                by=officer,
            )  # fmt: skip
        assert not TreatmentStep.objects.exists()


@pytest.mark.django_db
def test_a_library_control_is_worth_what_its_tests_say(
    risk, initiative, officer, person, admin, unit
):
    compliance.load_shipped(by=admin)
    manager = person("program_manager", unit)
    applied = compliance.apply_control(
        initiative=initiative, ref="C-10", state="in_place", owner=manager, on=ON, by=manager
    )
    services.use_control(risk=risk, applied=applied, kind="limit", on=ON, by=officer)
    risk.refresh_from_db()
    assert (risk.residual, risk.impact_now) == (2, 4), "without tests it earns nothing"
    kept = compliance.add_evidence(
        initiative=initiative, title="Test", url="https://example.com", collected_on=ON, on=ON,
        by=officer,
    )  # fmt: skip
    for aspect in ("design", "operating"):
        compliance.record_test(
            control=applied, aspect=aspect, share=Decimal("0.9"), tested_on=ON, evidence=kept,
            on=ON, by=officer,
        )  # fmt: skip
    services.score(initiative=initiative, on=ON, by=officer)
    risk.refresh_from_db()
    assert (risk.impact_now, risk.residual) == (1, 1), "0.81 earns three steps of impact"


@pytest.mark.django_db
def test_a_range_of_loss_is_whole_or_not_there(risk, officer):
    with pytest.raises(BadRisk, match="or none"):
        services.set_loss(
            risk=risk, probability=Decimal("0.1"), low=None, high=None, currency="", by=officer
        )
    kept = services.set_loss(
        risk=risk, probability=Decimal("0.1"), low=Decimal(10), high=Decimal(90), currency="eur",
        by=officer,
    )  # fmt: skip
    assert (kept.loss_currency, kept.residual) == ("EUR", 2)


@pytest.mark.django_db
def test_what_risks_may_cost_together_is_said_in_one_currency(risk, officer, contributor):
    services.set_loss(
        risk=risk, probability=Decimal("0.5"), low=Decimal(100), high=Decimal(900), currency="USD",
        by=officer,
    )  # fmt: skip
    found = selectors.exposure(viewer=officer, on=ON)
    assert (found.currency, found.left_out, found.loss.count) == ("USD", 0, 1)
    assert found.loss == selectors.exposure(viewer=officer, on=ON).loss, "the same each time"
    services.set_loss(
        risk=risk, probability=Decimal("0.5"), low=Decimal(100), high=Decimal(900), currency="CHF",
        by=officer,
    )  # fmt: skip
    assert selectors.exposure(viewer=officer, on=ON).left_out == 1
    assert selectors.exposure(viewer=contributor, on=ON).left_out == 0, "sees no money"


LOSSES = st.builds(
    lambda ref, chance, low, factor: Loss(ref, chance, low, low * factor),
    st.text("abcdef", min_size=3, max_size=6),
    st.floats(0.01, 1),
    st.floats(1, 1e6),
    st.floats(1.5, 50),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(LOSSES, max_size=5, unique_by=lambda loss: loss.ref), LOSSES)
def test_more_risk_never_costs_less_and_the_same_risks_cost_the_same(rows, more):
    rows = [row for row in rows if row.ref != more.ref]
    before = yearly_loss(rows, draws=500)
    after = yearly_loss([*rows, more], draws=500)
    assert after == yearly_loss([more, *reversed(rows)], draws=500)
    assert after.expected >= (before.expected if before else 0)
    assert after.p90 >= (before.p90 if before else 0)


def test_the_simulated_mean_is_the_expected_one():
    loss = Loss("claims", 0.3, 100, 1000)
    found = yearly_loss([loss], draws=200_000)
    assert found.expected == pytest.approx(expected_loss(loss))
    assert found.p50 == 0, "in most years it does not happen"
    assert yearly_loss([], draws=10) is None
