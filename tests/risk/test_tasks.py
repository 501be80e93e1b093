"""The daily round, run as a job."""

import datetime as dt

import pytest

from governance_app.jobs import runner
from governance_app.jobs import services as jobs
from governance_app.risk import services
from governance_app.risk.models import Risk

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_job_lets_evidence_age_and_says_how_many_changed(initiative, admin):
    long_ago = dt.date(2025, 1, 1)
    old = services.add_risk(
        initiative=initiative, category="bias", title="Late triage", likelihood=4, impact=4,
        reviewed_on=long_ago, on=long_ago, by=admin,
    )  # fmt: skip
    services.add_risk(
        initiative=initiative, category="security", title="Injection", on=long_ago, by=admin
    )
    asked = jobs.receive(
        kind="governance_app.risk.tasks.score_again", title="Score risks", payload={}, by=admin
    )
    done = runner.run(job_id=asked.pk)
    assert done.result == {"scores": 1}
    assert Risk.objects.get(pk=old.pk).confidence == "low"
