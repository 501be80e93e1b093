"""Risks, controls, signals and their scores."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import IntegrityError

from governance_app.audit.rows import StaleWrite
from governance_app.books.models import DatedSetting
from governance_app.people.access import Refused
from governance_app.risk import selectors, services
from governance_app.risk.models import Control, Risk, RiskScore, Signal
from governance_app.risk.scoring import BadRiskGrid
from governance_app.risk.services import BadRisk
from tests.risk.conftest import ON

pytestmark = pytest.mark.django_db


class TestScoring:
    def test_a_new_risk_is_scored_with_its_controls(self, risk):
        assert (risk.inherent, risk.residual, risk.points, risk.confidence) == (4, 2, 32, "medium")
        score = RiskScore.objects.get(risk=risk)
        assert (score.algorithm, score.residual) == ("risk-1", 2)
        assert [line["kind"] for line in score.lines] == [
            "assessed", "control", "controls", "residual",
        ]  # fmt: skip

    def test_a_signal_raises_and_clearing_it_brings_the_level_back(self, risk, initiative, officer):
        signal = services.raise_signal(
            initiative=initiative,
            kind="drift.alarm",
            evidence="PSI 0.31 > 0.25, Evidently run of 20 Nov 2026",
            on=ON,
            by=officer,
        )
        risk.refresh_from_db()
        assert (risk.residual, risk.points) == (3, 48)
        services.clear_signal(signal=signal, because="Two clean windows.", on=ON, by=officer)
        risk.refresh_from_db()
        assert risk.residual == 2
        history = selectors.scores(risk=risk, viewer=officer)
        assert [score.residual for score in history] == [2, 3, 2]

    def test_the_same_facts_add_no_score(self, risk, initiative, officer, ledger_count):
        before = ledger_count()
        assert services.score(initiative=initiative, on=ON, by=officer) == 0
        assert services.score(initiative=initiative, on=ON + dt.timedelta(1), by=officer) == 0
        assert ledger_count() == before

    def test_evidence_ages_and_the_level_returns(self, risk, initiative, officer):
        later = dt.date(2027, 6, 1)
        assert services.score(initiative=initiative, on=later, by=officer) == 1
        risk.refresh_from_db()
        assert (risk.residual, risk.confidence) == (4, "low")
        newest = selectors.explanation(risk=risk, viewer=officer)
        assert "expired on 2027-04-19" in newest.lines[1]["text"]

    def test_fresh_evidence_restores_the_credit(self, risk, officer):
        control = risk.controls.get()
        later = dt.date(2027, 6, 1)
        services.give_evidence(
            control=control, evidence_on=later, evidence_ref="QA-90", on=later, by=officer
        )
        risk.refresh_from_db()
        assert risk.residual == 2

    def test_every_open_risk_is_scored_by_the_daily_round(self, risk, admin):
        assert services.score_all(on=dt.date(2027, 6, 1), by=admin) == 1
        assert services.score_all(on=dt.date(2027, 6, 1), by=admin) == 0

    def test_a_grid_of_the_settings_counts_and_a_broken_one_is_refused(
        self, risk, initiative, officer
    ):
        steep = [[1] * 5, [1, 2, 2, 2, 5], [1, 2, 3, 3, 5], [1, 2, 3, 4, 5], [1, 2, 3, 5, 5]]
        DatedSetting.objects.create(key="risk_grid", value=steep, from_on=ON)
        services.assess(risk=risk, likelihood=5, impact=4, on=ON, by=officer)
        risk.refresh_from_db()
        assert risk.inherent == 5
        DatedSetting.objects.create(
            key="risk_grid", value=[[5] * 5, *steep[1:]], from_on=ON + dt.timedelta(1)
        )
        with pytest.raises(BadRiskGrid, match="risk grid under Settings cannot be used"):
            services.score(initiative=initiative, on=ON + dt.timedelta(1), by=officer)


class TestUnknown:
    @pytest.fixture
    def blind(self, initiative, officer):
        return services.add_risk(
            initiative=initiative, category="security", title="Prompt injection", on=ON, by=officer
        )

    def test_nobody_assessed_it_so_nothing_is_known(self, blind):
        assert (blind.inherent, blind.residual, blind.points) == (None, None, None)
        assert blind.confidence == "low"

    def test_a_signal_does_not_make_it_known(self, blind, initiative, officer):
        services.raise_signal(
            initiative=initiative, kind="vuln.open", evidence="CVE-2026-1", on=ON, by=officer
        )
        blind.refresh_from_db()
        assert blind.residual is None
        assert selectors.explanation(risk=blind, viewer=officer).lines[1]["kind"] == "signal"

    def test_assessing_it_makes_it_known(self, blind, officer):
        assessed = services.assess(
            risk=blind, likelihood=2, impact=5, reasons="No tools.", on=ON, by=officer, version=1
        )
        assert (assessed.residual, assessed.version, assessed.reviewed_on) == (3, 2, ON)

    def test_the_database_gives_no_level_to_what_nobody_assessed(self, blind):
        with pytest.raises(IntegrityError, match="risk_unassessed_has_no_level"):
            Risk.objects.filter(pk=blind.pk).update(residual=1)

    def test_it_stands_above_high_in_the_register(self, blind, risk, initiative, officer):
        services.add_risk(
            initiative=initiative, category="privacy", title="Leak", likelihood=5, impact=4,
            reviewed_on=ON, on=ON, by=officer,
        )  # fmt: skip
        services.add_risk(
            initiative=initiative, category="regulatory", title="Ban", likelihood=5, impact=5,
            reviewed_on=ON, on=ON, by=officer,
        )  # fmt: skip
        frame = selectors.register(viewer=officer)
        assert frame["level"].tolist() == ["Very high", "Not assessed", "High", "Low"]
        assert frame["residual"].tolist() == [5, None, 4, 2]


class TestStanding:
    def test_no_risk_is_not_no_answer(self, initiative, officer):
        found = selectors.standing(initiative=initiative, viewer=officer, on=ON)
        assert found.standing.level is None
        assert found.standing.sentence == "No risk has been recorded."

    def test_the_worst_drives_and_what_is_above_appetite_is_counted(
        self, risk, initiative, organisation, unit, officer
    ):
        services.add_risk(
            initiative=initiative, category="privacy", title="Leak", likelihood=3, impact=5,
            reviewed_on=ON, on=ON, by=officer,
        )  # fmt: skip
        for node, level in ((organisation, 5), (unit, 3)):
            services.set_appetite(
                category="privacy", node=node, level=level, from_on=ON, by=officer
            )
        found = selectors.standing(initiative=initiative, viewer=officer, on=ON)
        assert (found.standing.level, found.standing.above_appetite) == (4, 1)
        assert (found.driver, found.driver_category) == ("Leak", "privacy")

    def test_the_newest_appetite_of_the_nearest_node_counts(self, risk, initiative, unit, officer):
        for from_on, level in ((dt.date(2026, 1, 1), 1), (dt.date(2026, 6, 1), 4)):
            services.set_appetite(
                category="bias", node=unit, level=level, from_on=from_on, by=officer
            )
        before, after = (
            selectors.standing(initiative=initiative, viewer=officer, on=on).standing
            for on in (dt.date(2026, 3, 1), ON)
        )
        assert (before.above_appetite, after.above_appetite) == (1, 0)

    def test_a_closed_risk_counts_no_more(self, risk, initiative, officer):
        services.close_risk(risk=risk, by=officer, version=1)
        assert selectors.standing(initiative=initiative, viewer=officer, on=ON).standing.total == 0
        with pytest.raises(BadRisk, match="is closed"):
            services.assess(risk=risk, likelihood=1, impact=1, on=ON, by=officer)

    def test_a_stranger_sees_nothing(self, risk, initiative, person, other_unit):
        stranger = person("risk_officer", other_unit)
        assert len(selectors.register(viewer=stranger)) == 0
        assert selectors.explanation(risk=risk, viewer=stranger) is None
        found = selectors.standing(initiative=initiative, viewer=stranger, on=ON)
        assert found.standing.total == 0


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"category": "weather"}, "category is one of bias"),
            ({"title": " "}, "needs a title"),
            ({"treatment": "pray"}, "treatment is one of"),
            ({"likelihood": 3}, "assessed together"),
            ({"likelihood": 6, "impact": 1, "reviewed_on": ON}, "likelihood is 1 to 5, not 6"),
            ({"likelihood": 1, "impact": 1}, "say on which day"),
            (
                {"likelihood": 1, "impact": 1, "reviewed_on": ON + dt.timedelta(1)},
                "lies in the future",
            ),
            ({"review_days": 0}, "every day at most"),
        ],
    )
    def test_a_risk_that_makes_no_sense(self, initiative, officer, ledger_count, change, words):
        before = ledger_count()
        with pytest.raises(BadRisk, match=words):
            services.add_risk(
                initiative=initiative,
                **{"category": "bias", "title": "Late triage", **change},
                on=ON,
                by=officer,
            )
        assert ledger_count() == before
        assert not Risk.objects.exists()

    def test_the_same_risk_stands_once(self, risk, initiative, officer):
        with pytest.raises(BadRisk, match="AI-1 already has the bias risk"):
            services.add_risk(
                initiative=initiative, category="bias", title=risk.title, on=ON, by=officer
            )

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"design": Decimal(2)}, "design lies between 0 and 1"),
            ({"kind": "hope"}, "a kind: prevent or limit"),
            ({"evidence_ref": ""}, "name the evidence"),
            ({"evidence_on": dt.date(2027, 1, 1)}, "lies in the future"),
            ({"title": "Bias test"}, "already has the control"),
        ],
    )
    def test_a_control_that_makes_no_sense(
        self, risk, control, officer, ledger_count, change, words
    ):
        before = ledger_count()
        with pytest.raises(BadRisk, match=words):
            services.add_control(
                risk=risk, control=replace(control, **{"title": "Other", **change}), on=ON,
                by=officer,
            )  # fmt: skip
        assert ledger_count() == before
        assert Control.objects.count() == 1

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"kind": "omen"}, "signal is one of drift.alarm"),
            ({"evidence": " "}, "needs its evidence"),
            ({"effects": {"down": 1}}, "no effect called down"),
            ({"effects": {"categories": ["weather"]}}, "touches some of"),
        ],
    )
    def test_a_signal_that_makes_no_sense(self, initiative, officer, ledger_count, fields, words):
        before = ledger_count()
        with pytest.raises(BadRisk, match=words):
            services.raise_signal(
                initiative=initiative,
                **{"kind": "drift.alarm", "evidence": "PSI 0.31", **fields},
                on=ON,
                by=officer,
            )
        assert ledger_count() == before
        assert not Signal.objects.exists()

    def test_who_may_not_changes_nothing(
        self, risk, initiative, control, contributor, person, unit, ledger_count
    ):
        manager = person("program_manager", unit)
        before = ledger_count()
        for refused in (
            lambda: services.add_risk(
                initiative=initiative, category="bias", title="x", on=ON, by=contributor
            ),
            lambda: services.assess(risk=risk, likelihood=1, impact=1, on=ON, by=contributor),
            lambda: services.close_risk(risk=risk, by=contributor),
            lambda: services.add_control(risk=risk, control=control, on=ON, by=contributor),
            lambda: services.give_evidence(
                control=risk.controls.get(), evidence_on=ON, evidence_ref="x", on=ON,
                by=contributor,
            ),
            lambda: services.raise_signal(
                initiative=initiative, kind="drift.alarm", evidence="x", on=ON, by=contributor
            ),
            lambda: services.score(initiative=initiative, on=ON, by=contributor),
            lambda: services.set_appetite(
                category="bias", node=unit, level=3, from_on=ON, by=manager
            ),
        ):  # fmt: skip
            with pytest.raises(Refused, match="You may not"):
                refused()
        assert ledger_count() == before

    def test_a_stale_assessment_is_refused(self, risk, officer, ledger_count):
        services.assess(risk=risk, likelihood=3, impact=3, on=ON, by=officer, version=1)
        before = ledger_count()
        with pytest.raises(StaleWrite):
            services.assess(risk=risk, likelihood=1, impact=1, on=ON, by=officer, version=1)
        assert ledger_count() == before

    def test_a_signal_is_open_once_and_cleared_once_with_a_reason(
        self, risk, initiative, officer, ledger_count
    ):
        fields = {"initiative": initiative, "kind": "drift.alarm", "on": ON, "by": officer}
        first = services.raise_signal(**fields, evidence="PSI 0.31")
        before = ledger_count()
        assert services.raise_signal(**fields, evidence="PSI 0.31") == first
        assert ledger_count() == before
        assert services.raise_signal(**fields, evidence="PSI 0.40") == first
        assert Signal.objects.get().evidence == "PSI 0.40"
        with pytest.raises(BadRisk, match="why it is over"):
            services.clear_signal(signal=first, because="", on=ON, by=officer)
        services.clear_signal(signal=first, because="Retrained.", on=ON, by=officer)
        with pytest.raises(BadRisk, match="cleared already"):
            services.clear_signal(signal=first, because="Again.", on=ON, by=officer)

    def test_an_appetite_of_a_day_is_set_once(self, unit, officer):
        fields = {"category": "bias", "node": unit, "from_on": ON, "by": officer}
        services.set_appetite(**fields, level=3)
        services.set_appetite(**fields, level=3)
        with pytest.raises(BadRisk, match="has an appetite from 2026-11-20 already"):
            services.set_appetite(**fields, level=2)
