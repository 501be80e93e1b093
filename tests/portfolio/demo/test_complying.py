"""The compliance of the demo: classes, assessments, controls, policies, incidents, once."""

from typing import Any

import pytest
from django.utils import timezone

from governance_app.compliance.models import (
    Assessment,
    Attestation,
    Classification,
    ControlTest,
    Document,
    NodeStanding,
    TierNow,
)
from governance_app.initiatives.models import Initiative
from governance_app.people.services import system_user
from governance_app.risk.models import Acceptance, Incident, TreatmentStep
from portfolio.demo import company, complying, load
from tests.portfolio.demo.test_governing import Told

pytestmark = pytest.mark.django_db
COUNTED = (
    Assessment, Attestation, Classification, ControlTest, Document, Incident, Acceptance,
    TreatmentStep,
)  # fmt: skip


def test_the_company_has_records_for_laws_and_a_second_run_adds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(complying, "ASSESSED", 12)
    story = company.build(as_of=timezone.localdate(), initiatives=60)
    by: Any = system_user("demo")
    load.set_up(by=by)
    for step in (load.load_people, load.load_register, load.load_risks):
        step(story, job=Told(), by=by)
    complying.load_compliance(job=Told(), by=by)

    assert {"high", "unknown", "transparency"} <= set(
        TierNow.objects.values_list("tier", flat=True)
    )
    assert {"met", "partly", "gap"} <= set(NodeStanding.objects.values_list("state", flat=True))
    assert set(Incident.objects.values_list("state", flat=True)) == {"open", "closed"}
    assert Acceptance.objects.filter(is_granted=True).exists()
    live = Initiative.objects.filter(kind="initiative", stage__slug="production")
    classed = TierNow.objects.filter(initiative__in=live, scheme="eu-ai-act")
    assert live.exists()
    assert classed.exclude(tier="unknown").exclude(confirmed=None).count() == live.count()
    counts = [model.objects.count() for model in COUNTED]
    assert all(counts)
    complying.load_compliance(job=Told(), by=by)
    assert [model.objects.count() for model in COUNTED] == counts
