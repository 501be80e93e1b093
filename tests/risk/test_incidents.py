"""Incidents: reported, followed, told to authorities in time, closed with what was learned."""

import datetime as dt

import pytest

from governance_app.compliance import services as compliance
from governance_app.compliance.models import Library
from governance_app.compliance.reading import CLOCKS, content_of
from governance_app.people.access import Refused
from governance_app.risk import selectors, services
from governance_app.risk.models import Incident, IncidentEvent, IncidentNotice, Signal
from governance_app.risk.services import BadIncident
from tests.compliance.conftest import CHATBOT
from tests.risk.conftest import ON

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
NOTHING = dict.fromkeys(
    ("eu_high_risk", "death", "serious_harm", "fundamental_rights", "critical_infrastructure",
     "property_environment", "widespread", "personal_data", "major_ict"), "no",
)  # fmt: skip


@pytest.fixture
def clocks(admin):
    return compliance.load_shipped(by=admin)


def report(initiative, by, **more):
    asked = {
        "title": "Wrong decline letters", "severity": 3, "occurred_at": NOW - 5 * HOUR,
        "detected_at": NOW - 2 * HOUR, "aware_at": NOW - HOUR, "facts": NOTHING, **more,
    }  # fmt: skip
    return services.report_incident(initiative=initiative, now=NOW, by=by, **asked)


def owed(row):
    return set(row.notices.filter(sent_at=None, lapsed_because="").values_list("clock", flat=True))


class TestClocks:
    def test_a_personal_data_breach_is_told_within_72_hours_of_knowing(
        self, clocks, initiative, officer
    ):
        row = report(initiative, officer, facts={**NOTHING, "personal_data": "yes"})
        notice = row.notices.get()
        assert (notice.clock, notice.due_at) == ("gdpr-33", NOW - HOUR + 72 * HOUR)
        assert notice.article == "GDPR, Art. 33(1)"

    def test_unknown_starts_a_clock_and_knowing_better_lets_it_lapse(
        self, clocks, initiative, officer
    ):
        row = report(initiative, officer, facts={**NOTHING, "major_ict": "unknown"})
        assert owed(row) == {"dora-initial", "dora-intermediate", "dora-final"}
        services.change_incident(incident=row, facts={"major_ict": "no"}, now=NOW, by=officer)
        assert owed(row) == set()
        services.change_incident(incident=row, facts={"major_ict": "yes"}, now=NOW, by=officer)
        assert owed(row) == {"dora-initial", "dora-intermediate", "dora-final"}

    def test_the_serious_incident_clock_of_the_ai_act_waits_for_its_date(
        self, clocks, initiative, officer
    ):
        facts = {**NOTHING, "eu_high_risk": "yes", "death": "yes"}
        assert owed(report(initiative, officer, facts=facts)) == set()
        later = dt.datetime(2027, 12, 3, 12, tzinfo=dt.UTC)
        row = services.report_incident(
            initiative=initiative, title="Death", severity=4, occurred_at=later, detected_at=later,
            aware_at=later, facts=facts, now=later, by=officer,
        )  # fmt: skip
        due = {each.clock: each.due_at - later for each in row.notices.all()}
        assert due == {
            "eu-ai-act-death": dt.timedelta(days=10), "eu-ai-act-serious": dt.timedelta(days=15),
        }  # fmt: skip

    def test_every_clock_of_the_file_runs_when_its_answers_say_so_and_for_its_hours(
        self, clocks, initiative, officer
    ):
        """Each clock is wound by the answers it names and is owed that long after knowing."""
        known = dt.datetime(2028, 1, 3, 12, tzinfo=dt.UTC)
        started = {}
        for key in NOTHING:
            row = services.report_incident(
                initiative=initiative, title=key, severity=2, occurred_at=known, detected_at=known,
                aware_at=known, facts={**NOTHING, "eu_high_risk": "yes", key: "yes"}, now=known,
                by=officer,
            )  # fmt: skip
            for notice in row.notices.all():
                started.setdefault(notice.clock, set()).add((key, notice.due_at - known))
        file = content_of(Library.objects.get(key=CLOCKS, is_current=True))
        assert {clock.key for clock in file.clocks} == set(started)
        for clock in file.clocks:
            assert {hours for _, hours in started[clock.key]} == {clock.hours * HOUR}
            assert clock.article and clock.source_url and clock.applies_from
        assert {key for key, _ in started["eu-ai-act-death"]} == {"death"}
        assert {key for key, _ in started["eu-ai-act-widespread"]} == {
            "critical_infrastructure", "widespread",
        }  # fmt: skip
        assert {key for key, _ in started["dora-final"]} == {"major_ict"}

    def test_a_confirmed_lower_class_rules_the_ai_act_out(
        self, clocks, initiative, officer, person
    ):
        board = person("governance_board")
        one = compliance.classify(
            initiative=initiative, scheme="eu-ai-act", answers=CHATBOT, on=ON, by=officer
        )
        compliance.review_classification(classification=one, is_confirmed=True, on=ON, by=board)
        row = report(initiative, officer, facts={"death": "no"})
        assert row.facts["eu_high_risk"] == "no"


class TestLife:
    def test_a_serious_one_is_a_signal_until_it_is_closed(self, clocks, risk, initiative, officer):
        row = report(initiative, officer)
        risk.refresh_from_db()
        assert risk.likelihood_now == 5
        services.close_incident(
            incident=row, lessons="Test letters.", cause="Template", now=NOW, by=officer
        )
        risk.refresh_from_db()
        assert risk.likelihood_now == 2
        assert Signal.objects.get(kind="incident.open").cleared_at is not None

    def test_a_low_one_is_no_signal_until_it_gets_worse(self, clocks, initiative, officer):
        row = report(initiative, officer, severity=1)
        assert not Signal.objects.exists()
        services.change_incident(incident=row, severity=4, now=NOW, by=officer)
        assert Signal.objects.filter(cleared_at=None).count() == 1
        services.change_incident(incident=row, severity=2, now=NOW, by=officer)
        assert not Signal.objects.filter(cleared_at=None).exists()

    def test_it_is_not_closed_while_an_authority_waits(self, clocks, initiative, officer):
        row = report(initiative, officer, facts={**NOTHING, "personal_data": "yes"})
        asked = {"incident": row, "lessons": "More care.", "cause": "Error", "now": NOW}
        with pytest.raises(BadIncident, match="Tell the authorities first"):
            services.close_incident(**asked, by=officer)
        services.send_notice(
            notice=row.notices.get(), sent_at=NOW, reference="DPA-77", now=NOW, by=officer
        )
        assert services.close_incident(**asked, by=officer).state == "closed"
        with pytest.raises(BadIncident, match="closed"):
            services.write_event(incident=row, text="More", at=NOW, now=NOW, by=officer)

    def test_the_timeline_tells_all_in_order(self, clocks, initiative, officer):
        row = report(initiative, officer)
        services.write_event(
            incident=row, text="Letters stopped.", at=NOW - HOUR, now=NOW, by=officer
        )
        services.change_incident(incident=row, state="contained", now=NOW, by=officer)
        found = selectors.incident(viewer=officer, number=row.number)
        assert [each.text for each in found.timeline.all()] == [
            "Letters stopped.", "Reported: high.", "Contained.",
        ]  # fmt: skip

    def test_a_late_notice_says_so(self, clocks, initiative, officer):
        row = report(initiative, officer, facts={**NOTHING, "personal_data": "yes"})
        late = NOW + 80 * HOUR
        services.send_notice(
            notice=row.notices.get(), sent_at=late, reference="DPA-78", now=late, by=officer
        )
        assert "late" in IncidentEvent.objects.order_by("-created_at")[0].text

    def test_a_risk_of_another_initiative_did_not_come_true_here(
        self, clocks, initiative, risk, officer, unit, admin
    ):
        from governance_app.initiatives import services as initiatives

        row = report(initiatives.add(name="Other", unit=unit, by=admin), officer)
        with pytest.raises(BadIncident, match="another initiative"):
            services.link_risk(incident=row, risk=risk, now=NOW, by=officer)

    @pytest.mark.parametrize(
        ("wrong", "reason"),
        [
            ({"title": " "}, "needs a title"),
            ({"severity": 5}, "1 \\(low\\) to 4"),
            ({"aware_at": NOW + HOUR}, "in that order"),
            ({"occurred_at": NOW}, "in that order"),
            ({"facts": {"weather": "yes"}}, "Nobody asks"),
            ({"facts": {"death": "perhaps"}}, "yes, no or unknown"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, clocks, initiative, officer, wrong, reason):
        with pytest.raises(BadIncident, match=reason):
            report(initiative, officer, **wrong)
        assert not Incident.objects.exists() and not IncidentNotice.objects.exists()

    def test_everybody_there_reports_but_few_lead(self, clocks, initiative, contributor, person):
        row = report(initiative, contributor)
        with pytest.raises(Refused):
            services.change_incident(incident=row, severity=1, now=NOW, by=contributor)
        with pytest.raises(Refused):
            report(initiative, person("auditor"))
        assert selectors.incidents(viewer=contributor).count() == 1
