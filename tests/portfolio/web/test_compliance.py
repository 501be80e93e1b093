"""The pages of compliance: coverage, frameworks, classes, assessments, registers, policies."""

import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from governance_app.compliance import services
from governance_app.compliance.models import (
    AppliedControl,
    Assessment,
    BiasAudit,
    Classification,
    Document,
    Evidence,
    Gap,
    Library,
    TierNow,
)
from governance_app.initiatives import services as initiatives
from tests.compliance.conftest import CHATBOT, CREDIT

pytestmark = pytest.mark.django_db


@pytest.fixture
def libraries(admin: Any) -> Any:
    return services.load_shipped(by=admin)


@pytest.fixture
def row(unit: Any, admin: Any, libraries: Any) -> Any:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def manager(person: Any, unit: Any) -> Any:
    return person("program_manager", unit)


@pytest.fixture
def officer(person: Any) -> Any:
    return person("risk_officer")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form(answers: dict[str, Any]) -> dict[str, Any]:
    return {f"q-{key}": value for key, value in answers.items()}


def text(response: Any) -> str:
    return response.content.decode()


def test_every_page_opens_for_who_may_see_it(row: Any, officer: Any, person: Any) -> None:
    for viewer in (officer, person("auditor"), person("administrator")):
        client = signed_in(viewer)
        for path in (
            "compliance/", "compliance/frameworks/nist-ai-rmf/", "compliance/frameworks/eu-ai-act/",
            "compliance/frameworks/incident-clocks/", "compliance/frameworks/mitre-atlas/",
            "compliance/inventory/", "compliance/inventory/?scheme=omb-m-25-21&tier=unknown",
            "compliance/third-parties/", "compliance/policies/",
            f"initiatives/{row.key}/compliance/",
            f"initiatives/{row.key}/compliance/classify/eu-ai-act/",
            f"initiatives/{row.key}/compliance/bias/",
        ):  # fmt: skip
            assert client.get(f"/{path}").status_code == 200, path


def test_before_the_frameworks_are_there_the_page_says_so(organisation: Any, officer: Any) -> None:
    assert "The frameworks are being loaded" in text(signed_in(officer).get("/compliance/"))


def test_classify_preview_send_and_confirm(row: Any, manager: Any, officer: Any) -> None:
    path = f"/initiatives/{row.key}/compliance/classify/eu-ai-act/"
    client = signed_in(manager)
    shown = client.post(path, {**form({"S1": "yes", "S2": "yes"}), "do": "preview"})
    assert "could be as bad as prohibited" in text(shown)
    assert not Classification.objects.exists(), "a preview keeps nothing"
    client.post(path, {**form(CREDIT), "n-H3": "Scores applicants.", "do": "classify"})
    one = Classification.objects.get()
    assert (one.tier, one.notes) == ("high", {"H3": "Scores applicants."})
    page = text(client.get(f"/initiatives/{row.key}/compliance/"))
    assert "You may not" in page or "confirm" in page
    again = signed_in(officer).post(
        f"/initiatives/{row.key}/compliance/",
        {"do": "review", "classification": str(one.pk), "verdict": "confirm"},
    )
    assert again.status_code == 302
    assert TierNow.objects.get().tier == "high"
    shown = text(signed_in(officer).get(f"/initiatives/{row.key}/compliance/"))
    assert "2 Dec 2027" in shown and "not yet" in shown


def test_an_override_without_reason_is_refused_beside_what_was_typed(
    row: Any, manager: Any
) -> None:
    answer = signed_in(manager).post(
        f"/initiatives/{row.key}/compliance/classify/eu-ai-act/",
        {**form(CREDIT), "do": "classify", "override_tier": "minimal"},
    )
    assert answer.status_code == 422
    assert "needs a reason" in text(answer)
    assert not Classification.objects.exists()


def test_an_assessment_from_begin_to_gaps(row: Any, manager: Any, officer: Any) -> None:
    here = f"/initiatives/{row.key}/compliance/"
    client = signed_in(manager)
    client.post(here, {"do": "begin", "subject": "privacy"})
    one = Assessment.objects.get()
    path = f"{here}assessments/{one.pk}/"
    refused = client.post(path, {"do": "submit", "version": "1", "q-P1": "no"})
    assert refused.status_code == 422 and "questions have no answer" in text(refused)
    said = form({f"P{number}": "yes" for number in range(1, 9)} | {"P1": "no"})
    one.refresh_from_db()
    client.post(path, {"do": "submit", "version": str(one.version), **said})
    one.refresh_from_db()
    assert one.state == "submitted"
    client.post(
        path,
        {"do": "prove", "question": "P2", "title": "Masking test", "url": "https://example.com/m"},
    )
    assert Evidence.objects.get().assessments.get() == one
    signed_in(officer).post(path, {"do": "decide", "verdict": "approve", "version": one.version})
    assert Gap.objects.get().title.startswith("Is there a legal basis")
    page = text(client.get(here))
    assert "Is there a legal basis" in page and "1 open action" in page


def test_a_bias_audit_is_put_on_record_followed_up_and_withdrawn(
    row: Any, manager: Any, person: Any, unit: Any
) -> None:
    here, client = f"/initiatives/{row.key}/compliance/bias/", signed_in(manager)
    assert "No bias audit on record" in text(client.get(here))
    said = {
        "do": "record", "auditor": "Fair Labs", "independence": "No other work.",
        "outcome": "Invited", "data_from": "2026-01-01", "data_until": "2026-06-30",
        "audited_on": "2026-07-20", "groups": "category,group,selected,assessed\nsex,Women,9,8",
    }  # fmt: skip
    refused = client.post(here, said)
    assert refused.status_code == 422
    assert "Row 2, selected: 9 selected of 8 assessed" in text(refused)
    assert "Fair Labs" in text(refused) and not BiasAudit.objects.exists()
    table = SimpleUploadedFile(
        "groups.csv", b"category,group,selected,assessed\nsex,Women,30,100\nsex,Men,50,100\n"
        b"sex,Nobody,0,0\nage,Over 40,5,10\n",
    )  # fmt: skip
    assert client.post(here, {**said, "file": table}).status_code == 302
    shown = text(client.get(here))
    for words in (
        "1 group under 0.80", "0.600", "Nobody of the group was assessed.",
        "There is no other group to compare it with.", "Counts until",
    ):  # fmt: skip
        assert words in shown
    assert "The newest is by Fair Labs" in text(client.get(f"/initiatives/{row.key}/compliance/"))
    audit = BiasAudit.objects.get()
    women = audit.groups.get(name="Women")
    follow = {"do": "follow", "audit": str(audit.pk), "group": str(women.pk)}
    reader = signed_in(person("auditor", unit))
    assert reader.post(here, follow).status_code == 403
    assert not Gap.objects.exists()
    client.post(here, follow)
    assert Gap.objects.get().bias_group == women
    assert client.post(here, {**follow, "audit": "nonsense"}).status_code == 404
    client.post(here, {"do": "withdraw", "audit": str(audit.pk), "because": "Wrong quarter."})
    shown = text(reader.get(here))
    assert "Wrong quarter." in shown and "Make it a finding" not in shown


def test_an_assessment_of_elsewhere_is_not_found(
    row: Any, manager: Any, admin: Any, other_unit: Any
) -> None:
    far = initiatives.add(name="Elsewhere", unit=other_unit, by=admin)
    one = services.begin_assessment(
        initiative=far, subject="bias", on=timezone.localdate(), by=admin
    )
    client = signed_in(manager)
    for key in (far.key, row.key):
        path = f"/initiatives/{key}/compliance/assessments/{one.pk}/"
        assert client.get(path).status_code == 404


def test_controls_are_applied_and_tested_on_the_page(row: Any, manager: Any, officer: Any) -> None:
    here = f"/initiatives/{row.key}/compliance/"
    signed_in(manager).post(
        here, {"do": "apply", "ref": "C-08", "state": "in_place", "owner": manager.email}
    )
    control = AppliedControl.objects.get()
    for aspect, how in (
        ("design", {"share": "90"}),
        ("operating", {"sample": 10, "exceptions": 1}),
    ):
        signed_in(officer).post(
            here,
            {"do": "test", "ref": "C-08", "aspect": aspect, **how,
             "file": SimpleUploadedFile("t.txt", b"seen")},
        )  # fmt: skip
    control.refresh_from_db()
    assert (str(control.design), str(control.operating)) == ("0.900", "0.900")
    assert re.search(r"81.?%", text(signed_in(officer).get(here)))
    refused = signed_in(manager).post(
        here, {"do": "test", "ref": "C-08", "aspect": "design", "share": "100",
               "url": "https://example.com"},
    )  # fmt: skip
    assert refused.status_code == 422
    assert Evidence.objects.count() == 2, "the evidence of a refused test is not kept"


def test_a_faulty_framework_is_refused_with_its_line(person: Any, organisation: Any) -> None:
    client = signed_in(person("administrator"))
    bad = SimpleUploadedFile("rules.json", b'{"format": 1,\n "key": }')
    answer = client.post("/compliance/frameworks/import/", {"file": bad})
    assert answer.status_code == 422
    assert "rules.json: Line 2" in text(answer)
    assert not Library.objects.exists()
    assert signed_in(person("auditor")).get("/compliance/frameworks/import/").status_code == 403


def test_the_inventory_shows_the_tier_and_says_when_nobody_knows(
    row: Any, manager: Any, officer: Any
) -> None:
    page = text(signed_in(officer).get("/compliance/inventory/"))
    assert "Claims triage" in page and "Unknown" in page
    one = services.classify(
        initiative=row, scheme="eu-ai-act", answers=CHATBOT, on=timezone.localdate(), by=manager
    )
    services.review_classification(
        classification=one, is_confirmed=True, on=timezone.localdate(), by=officer
    )
    page = text(signed_in(officer).get("/compliance/inventory/?tier=transparency"))
    assert "Claims triage" in page
    assert "Claims triage" not in text(signed_in(officer).get("/compliance/inventory/?tier=high"))


def test_a_policy_from_draft_to_attestation(officer: Any, person: Any, row: Any) -> None:
    board = person("governance_board")
    writer = signed_in(officer)
    writer.post(
        "/compliance/policies/", {"title": "Use of AI", "text": "Say when it is AI.\n\nAlways."}
    )
    policy = Document.objects.get()
    path = f"/compliance/policies/{policy.key}/"
    version = policy.versions.get()
    writer.post(path, {"do": "submit", "policy_version": version.pk})
    own = writer.post(path, {"do": "decide", "policy_version": version.pk, "verdict": "approve"})
    assert own.status_code == 422 and "Somebody else" in text(own)
    signed_in(board).post(
        path, {"do": "decide", "policy_version": version.pk, "verdict": "approve"}
    )
    writer.post(path, {"do": "publish", "policy_version": version.pk})
    due = (timezone.localdate() + dt.timedelta(days=30)).isoformat()
    writer.post(path, {"do": "campaign", "policy_version": version.pk, "due_on": due})
    page = text(signed_in(board).get(path))
    assert "I have read it and follow it" in page
    campaign = policy.versions.get().campaigns.get()
    signed_in(board).post(path, {"do": "attest", "campaign": campaign.pk})
    assert campaign.attestations.filter(attested_at__isnull=False).get().person == board
    asked = writer.post(
        path, {"do": "except", "initiative": row.key, "reason": "Old", "expires_on": due}
    )
    assert asked.status_code == 302
    one = policy.exceptions.get()
    assert (
        writer.post(path, {"do": "rule", "exception": one.pk, "verdict": "grant"}).status_code
        == 422
    )
    signed_in(board).post(path, {"do": "rule", "exception": one.pk, "verdict": "grant"})
    one.refresh_from_db()
    assert one.is_granted

    writer.post(path, {"do": "write", "text": "Say it in the first sentence."})
    second = policy.versions.get(number=2)
    writer.post(path, {"do": "submit", "policy_version": second.pk})
    waits = text(signed_in(board).get("/governance/"))
    assert "Approve a policy" in waits and f'href="{path}"' in waits
    signed_in(board).post(path, {"do": "decide", "policy_version": second.pk, "verdict": "approve"})
    writer.post(path, {"do": "publish", "policy_version": second.pk, "in_force_from": due})
    page = text(writer.get(path))
    assert "Version 1, in force since" in page and "; version 2 from" in page
    assert "Say when it is AI." in page and "Say it in the first sentence." in page
    changed = {"do": "change", "owner": board.email, "review_months": "6", "purpose": "Trust"}
    writer.post(path, {**changed, "version": policy.version})
    stale = writer.post(path, {**changed, "version": policy.version})
    assert stale.status_code == 422 and "changed by somebody else" in text(stale)
    policy.refresh_from_db()
    assert (policy.owner, policy.review_months) == (board, 6)
    signed_in(board).post(path, {"do": "retire", "reason": "The group's own counts."})
    assert "Retired on" in text(writer.get(path))
    assert "No policy yet" in text(writer.get("/compliance/policies/"))
