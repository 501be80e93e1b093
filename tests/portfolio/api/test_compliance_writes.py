"""Assessments, controls and policies are written through the API as on the pages."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from governance_app.compliance import services as compliance
from governance_app.compliance.models import AppliedControl, Assessment, Document, Node
from governance_app.compliance.reading import content_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded(admin: Any) -> Any:
    return compliance.load_shipped(by=admin)


def answers_of(row: Assessment) -> dict[str, Any]:
    """Answer every question with "unknown", which is always allowed."""
    tree = content_of(row.library).tree
    return {question.key: "unknown" for question in tree.questions}


def test_an_assessment_goes_from_draft_to_approval_by_two_people(
    loaded: Any, program: Any, initiative: Any
) -> None:
    writer, officer = program("business_owner"), program("risk_officer")
    asked = {"initiative": initiative.key, "subject": "privacy"}
    made = writer.post("/api/v1/assessments/begin/", asked, format="json")
    assert (made.status_code, made.data["state"]) == (201, "draft")
    again = writer.post("/api/v1/assessments/begin/", asked, format="json")
    assert again.data["id"] == made.data["id"]
    at = f"/api/v1/assessments/{made.data['id']}/"
    early = writer.post(f"{at}submit/")
    assert early.status_code in (400, 422)
    row = Assessment.objects.get()
    said = writer.patch(at, {"answers": answers_of(row)}, format="json")
    assert said.status_code == 200, said.content
    stale = writer.patch(at, {"answers": {}, "version": 1}, format="json")
    assert stale.status_code in (409, 412)
    question = next(iter(answers_of(row)))
    proof = {"title": "Record", "url": "https://dms.example/1", "question": question,
             "collected_on": timezone.localdate().isoformat()}  # fmt: skip
    assert writer.post(f"{at}evidence/", proof, format="json").status_code == 201
    future = {**proof, "collected_on": "2099-01-01"}
    assert writer.post(f"{at}evidence/", future, format="json").status_code in (400, 422)
    assert writer.post(f"{at}submit/").data["state"] == "submitted"
    verdict = {"is_approved": True}
    assert writer.post(f"{at}decide/", verdict, format="json").status_code == 403
    done = officer.post(f"{at}decide/", verdict, format="json")
    assert (done.data["state"], done.data["decided_on"]) == (
        "approved", timezone.localdate().isoformat(),
    )  # fmt: skip


def test_a_control_is_applied_and_tested_with_evidence_of_its_own(
    loaded: Any, program: Any, initiative: Any, unit: Any, admin: Any
) -> None:
    client = program("risk_officer")
    ref = (
        Node.objects.filter(library__kind="controls", library__is_current=True, is_assessable=True)
        .first()
        .ref
    )  # type: ignore[union-attr]
    asked = {"initiative": initiative.key, "ref": ref, "state": "in_place"}
    made = client.post("/api/v1/controls/", asked, format="json")
    assert (made.status_code, made.data["state"]) == (200, "in_place")
    reasonless = client.post(
        "/api/v1/controls/", asked | {"state": "not_applicable"}, format="json"
    )
    assert reasonless.status_code in (400, 422)
    today = timezone.localdate()
    proof = compliance.add_evidence(
        initiative=initiative, title="Log of May", url="https://dms.example/2",
        collected_on=today, on=today, by=admin,
    )  # fmt: skip
    at = f"/api/v1/controls/{made.data['id']}/tests/"
    test = {"aspect": "design", "tested_on": today.isoformat(), "evidence": str(proof.pk),
            "share": "0.9"}  # fmt: skip
    told = client.post(at, test, format="json")
    assert (told.status_code, told.data["design"]) == (201, "0.9"), told.content
    foreign = test | {"evidence": str(made.data["id"])}
    assert client.post(at, foreign, format="json").status_code == 400
    rows = client.get(f"/api/v1/controls/?initiative={initiative.key}").data
    assert [row["ref"] for row in rows] == [ref]
    assert AppliedControl.objects.get().tests.count() == 1


def test_a_policy_is_written_approved_published_attested_and_excepted_from(
    loaded: Any, program: Any, organisation: Any
) -> None:
    author, approver = program("risk_officer"), program("governance_board")
    made = author.post(
        "/api/v1/policies/", {"title": "Use of assistants", "text": "Check it."}, format="json"
    )
    assert made.status_code == 201, made.content
    key = made.data["key"]
    at = f"/api/v1/policies/{key}/versions/1/"
    assert author.post(at, {"step": "submit"}, format="json").status_code == 200
    own = author.post(at, {"step": "approve"}, format="json")
    assert own.status_code in (400, 403, 422)
    assert Document.objects.get().versions.get().state == "submitted"
    assert approver.post(at, {"step": "approve"}, format="json").status_code == 200
    done = author.post(at, {"step": "publish"}, format="json")
    assert done.data["versions"][0]["state"] == "published", done.data
    due = (timezone.localdate() + dt.timedelta(days=30)).isoformat()
    campaign = author.post(
        "/api/v1/policies/campaigns/", {"policy": key, "due_on": due}, format="json"
    )
    assert (campaign.status_code, campaign.data["attested"]) == (201, 0), campaign.content
    attest = f"/api/v1/policies/campaigns/{campaign.data['id']}/attest/"
    assert approver.post(attest).status_code == 204
    assert author.get("/api/v1/policies/campaigns/").data[0]["attested"] == 1
    wish = {"policy": key, "reason": "Old system", "expires_on": due}
    asked = author.post("/api/v1/policies/exceptions/", wish, format="json")
    assert (asked.status_code, asked.data["is_granted"]) == (201, None)
    decide = f"/api/v1/policies/exceptions/{asked.data['id']}/decide/"
    granted = approver.post(decide, {"is_granted": True}, format="json")
    assert granted.data["is_granted"] is True
    one = f"/api/v1/policies/{key}/"
    changed = author.patch(one, {"review_months": 6, "version": 1}, format="json")
    assert (changed.status_code, changed.data["review_months"]) == (200, 6), changed.content
    assert author.patch(one, {"review_months": 3, "version": 1}, format="json").status_code == 409
    assert author.patch(one, {"owner": "nobody@example.com"}, format="json").status_code == 400
    both = author.patch(one, {"retire": "Old.", "review_months": 3}, format="json")
    assert both.json()["error"]["fields"].keys() == {"retire"}, both.content
    row = Document.objects.get()
    assert (row.retired_on, row.review_months) == (None, 6)
    assert author.patch(one, {"retire": "Old."}, format="json").data["retired_on"]
    assert author.get("/api/v1/policies/").data[0]["versions"][0]["state"] == "superseded"
    missing = author.get("/api/v1/policies/nothing/")
    assert missing.status_code == 404
