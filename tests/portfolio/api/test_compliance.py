"""Compliance and risk through the API: the same services and refusals as on the pages."""

from typing import Any

import pytest

from governance_app.compliance import services as compliance
from governance_app.compliance.models import Classification
from governance_app.risk import services as risk
from governance_app.risk.models import Incident, Signal
from tests.compliance.conftest import CHATBOT, ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(admin: Any) -> Any:
    return compliance.load_shipped(by=admin)


def test_classify_and_confirm_by_two_programs(loaded: Any, program: Any, initiative: Any) -> None:
    asked = {"initiative": initiative.key, "scheme": "eu-ai-act", "answers": CHATBOT}
    writer, officer = program("business_owner"), program("risk_officer")
    made = writer.post("/api/v1/classifications/", asked, format="json")
    assert (made.status_code, made.data["tier"], made.data["verdict"]) == (
        201, "transparency", "waiting",
    )  # fmt: skip
    path = f"/api/v1/classifications/{made.data['id']}/review/"
    assert writer.post(path, {"is_confirmed": True}, format="json").status_code == 403
    said = officer.post(path, {"is_confirmed": True}, format="json")
    assert said.data["verdict"] == "confirm"
    again = officer.post(path, {"is_confirmed": True}, format="json")
    assert again.status_code in (400, 409, 422)
    rows = officer.get(f"/api/v1/classifications/?initiative={initiative.key}")
    assert len(rows.data) == 1
    found = officer.get("/api/v1/regulatory-inventory/?scheme=eu-ai-act&tier=transparency")
    assert [row["columns"]["Record"] for row in found.data] == [initiative.key]


def test_a_wrong_answer_changes_nothing(loaded: Any, program: Any, initiative: Any) -> None:
    asked = {"initiative": initiative.key, "scheme": "eu-ai-act", "answers": {"S1": "perhaps"}}
    answer = program("risk_officer").post("/api/v1/classifications/", asked, format="json")
    assert answer.status_code in (400, 422)
    assert "yes, no, unknown" in str(answer.content.decode())
    assert not Classification.objects.exists()


def test_frameworks_with_their_coverage(loaded: Any, program: Any, initiative: Any) -> None:
    client = program("auditor")
    found = {row["key"]: row for row in client.get("/api/v1/frameworks/").data}
    assert found["nist-ai-rmf"]["covered"] == {
        "total": 72, "met": 0, "partly": 0, "gap": 0, "na": 0, "unknown": 72, "met_ratio": 0.0,
    }  # fmt: skip
    lines = client.get("/api/v1/frameworks/iso-42001/").data
    assert len([line for line in lines if line["covered"]]) == 38
    assert client.get("/api/v1/frameworks/nothing/").status_code == 404


def test_a_monitor_raises_a_signal_and_the_score_tells_why(
    program: Any, initiative: Any, admin: Any
) -> None:
    one = risk.add_risk(
        initiative=initiative, category="performance", title="Accuracy falls", likelihood=3,
        impact=3, reviewed_on=ON, on=ON, by=admin,
    )  # fmt: skip
    client = program("risk_officer")
    asked = {"initiative": initiative.key, "kind": "drift.alarm", "evidence": "PSI 0.31 > 0.25"}
    for _ in range(2):
        assert client.post("/api/v1/signals/", asked, format="json").status_code == 201
    assert Signal.objects.count() == 1
    row = client.get("/api/v1/risks/").data["results"][0]
    assert (row["inherent"], row["likelihood_now"]) == (3, 4)
    score = client.get(f"/api/v1/risks/{one.pk}/score/").data
    assert [line["kind"] for line in score["lines"]] == ["assessed", "signal", "residual"]
    assert score["facts"]["scenario"]["likelihood"] == 3


def test_an_incident_is_reported_once(loaded: Any, program: Any, initiative: Any) -> None:
    client = program("contributor")
    asked = {"initiative": initiative.key, "title": "Wrong letters", "severity": 2,
             "facts": {"personal_data": "yes"}}  # fmt: skip
    for _ in range(2):
        made = client.post(
            "/api/v1/incidents/", asked, format="json", HTTP_IDEMPOTENCY_KEY="incident-1"
        )
        assert made.status_code == 201
    assert Incident.objects.count() == 1
    assert "GDPR, Art. 33(1)" in {each["article"] for each in made.data["notices"]}


def test_what_is_elsewhere_is_not_found(program: Any, initiative: Any, other_unit: Any) -> None:
    client = program("risk_officer", other_unit)
    for path in ("classifications", "assessments", "gaps", "risks", "incidents"):
        found = client.get(f"/api/v1/{path}/?initiative={initiative.key}")
        assert found.status_code == 404, path
