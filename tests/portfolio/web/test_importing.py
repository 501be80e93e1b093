"""The pages of the import: what they refuse, and that they show what is to be decided."""

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative, InventoryImport
from tests.factories.inventory import messy

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(person: Any, unit: Any) -> Client:
    """A program manager of one unit, signed in."""
    client = Client()
    client.force_login(person("program_manager", unit))
    return client


def sent(client: Client, content: bytes, name: str, under: Any) -> Any:
    file = io.BytesIO(content)
    file.name = name
    return client.post(reverse("import-upload"), {"file": file, "under": str(under.pk)})


def opened(client: Client, under: Any) -> InventoryImport:
    sent(client, messy(rows=30).csv(), "harbours.csv", under)
    return InventoryImport.objects.get()


def test_a_file_that_is_no_table_is_kept_and_answered_with_a_sentence(
    browser: Client, unit: Any
) -> None:
    response = sent(browser, b"%PDF-1.7", "report.csv", unit)
    assert response.status_code == 422
    assert "report.csv: This is a PDF document, not a table." in response.content.decode()
    assert InventoryImport.objects.get().state == "abandoned"
    assert StoredFile.objects.count() == 1


def test_a_file_and_a_place_are_needed(browser: Client, unit: Any, other_unit: Any) -> None:
    response = browser.post(reverse("import-upload"), {"under": str(unit.pk)})
    assert (response.status_code, b"Choose a file." in response.content) == (422, True)
    response = sent(browser, messy(rows=3).csv(), "a.csv", other_unit)
    assert b"Choose the unit to import into." in response.content
    assert not InventoryImport.objects.exists()


def test_a_choice_that_cannot_work_is_shown_again_with_what_is_wrong(
    browser: Client, unit: Any
) -> None:
    inventory = opened(browser, unit)
    url = reverse("import-columns", args=[inventory.pk])
    response = browser.post(url, {"field-0": "name", "field-1": "name", "key-0": "on"})
    assert response.status_code == 422
    assert "Name is filled from two columns" in response.content.decode()
    before = inventory.mapping
    inventory.refresh_from_db()
    assert inventory.mapping == before


def test_the_steps_lead_to_a_dry_run_that_changes_nothing(browser: Client, unit: Any) -> None:
    inventory = opened(browser, unit)
    page = browser.get(reverse("import-columns", args=[inventory.pk])).content.decode()
    assert "Stage of Development" in page
    response = browser.get(reverse("import-check", args=[inventory.pk]))
    assert response["Location"] == reverse("import-values", args=[inventory.pk])
    response = browser.post(reverse("import-values", args=[inventory.pk]), {})
    assert response["Location"] == reverse("import-check", args=[inventory.pk])
    page = browser.get(response["Location"]).content.decode()
    assert "Apply: 30 new, 0 changed" in page
    assert "7/14/1905" in page
    assert not Initiative.objects.exists()


def test_an_import_of_another_unit_does_not_exist_for_me(
    browser: Client, unit: Any, other_unit: Any, person: Any
) -> None:
    other = Client()
    other.force_login(person("program_manager", other_unit))
    inventory = opened(other, other_unit)
    for name in ("import", "import-columns", "import-check", "import-refusals"):
        assert browser.get(reverse(name, args=[inventory.pk])).status_code == 404
    assert browser.post(reverse("import-apply", args=[inventory.pk])).status_code == 404


def test_an_import_that_is_over_cannot_be_changed(browser: Client, unit: Any) -> None:
    inventory = opened(browser, unit)
    browser.post(reverse("import-abandon", args=[inventory.pk]))
    response = browser.post(reverse("import-apply", args=[inventory.pk]))
    assert response.status_code == 400
    assert b"is abandoned already" in response.content


def test_an_executive_is_told_why_not(person: Any) -> None:
    client = Client()
    client.force_login(person("executive"))
    response = client.get(reverse("imports"))
    assert response.status_code == 403
    assert b"import an inventory of initiatives" in response.content
