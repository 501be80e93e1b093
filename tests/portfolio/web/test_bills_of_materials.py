"""The pages of bills of materials: taken for an initiative or a model, read, refused."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance_app.initiatives import services as initiatives
from governance_app.inventory import services as inventory
from governance_app.inventory.models import BillOfMaterials, ModelAsset
from governance_app.risk.models import Signal
from tests.risk.test_vulnerabilities import bill

pytestmark = pytest.mark.django_db
AT = "/inventory/bills/"


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Any:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sent(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("sbom.json", content)


def test_a_bill_is_taken_once_read_by_the_worst_and_followed_by_a_newer_one(
    initiative: Any, person: Any, unit: Any
) -> None:
    client = signed_in(person("program_manager", unit))
    assert "No bill of materials yet" in client.get(AT).content.decode()
    first = bill(("CVE-8", "low", ""), ("CVE-9", "critical", ""), ("CVE-7", "critical", "resolved"))
    said = {"initiative": initiative.key}
    refused = client.post(AT, {**said, "file": sent(b"{}")})
    assert refused.status_code == 422
    assert "sbom.json: It is no CycloneDX" in refused.content.decode()
    assert client.post(AT, {"initiative": "AI-99", "file": sent(first)}).status_code == 422
    assert client.post(AT, said).status_code == 422
    assert not BillOfMaterials.objects.exists()
    answer = client.post(AT, {**said, "file": sent(first)}, follow=True)
    shown = answer.content.decode()
    assert "1 part on record: 1 signal raised, 0 cleared." in shown
    assert shown.index("CVE-9") < shown.index("CVE-8") < shown.index("CVE-7"), "worst first"
    assert "critical; a signal from critical on" in shown and "openssl 3.0.1" in shown
    again = client.post(AT, {**said, "file": sent(first)}, follow=True).content.decode()
    assert "on record already; nothing changed" in again
    listed = client.get(AT).content.decode()
    assert "1 critical" in listed and "1 low" in listed
    old = BillOfMaterials.objects.get()
    client.post(AT, {**said, "file": sent(bill(day="2026-11-03"))})
    assert "A newer one counts" in client.get(f"{AT}{old.pk}/").content.decode()
    assert not Signal.objects.filter(cleared_at=None).exists()


def test_of_a_model_it_is_taken_on_its_page_and_strangers_see_neither(
    initiative: Any, person: Any, unit: Any, other_unit: Any
) -> None:
    manager, stranger = person("program_manager", unit), person("program_manager", other_unit)
    model = ModelAsset.objects.create(source="manual", name="claims")
    inventory.link_model(model=model, initiative=initiative, by=manager)
    client, other = signed_in(manager), signed_in(stranger)
    at = f"{AT}?model={model.pk}"
    assert (
        "Take a bill of materials" in client.get(f"/inventory/models/{model.pk}/").content.decode()
    )
    assert "of claims" in client.get(at).content.decode()
    content = bill(("CVE-9", "critical", ""))
    assert other.post(at, {"model": str(model.pk), "file": sent(content)}).status_code == 404
    assert not BillOfMaterials.objects.exists()
    client.post(at, {"model": str(model.pk), "file": sent(content)})
    (row,) = BillOfMaterials.objects.all()
    assert (row.model, Signal.objects.get().initiative) == (model, initiative)
    assert other.get(f"{AT}{row.pk}/").status_code == 404
    reader = signed_in(person("auditor", unit))
    assert reader.post(at, {"model": str(model.pk), "file": sent(content)}).status_code == 403
