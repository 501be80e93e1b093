"""The portfolio table: what is seen, how the address narrows it, what a file holds."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.test import Client

from governance_app.initiatives import services

Person = Callable[..., Any]


@pytest.fixture
def three(unit: Any, other_unit: Any, person: Person) -> dict[str, Any]:
    """Two initiatives in Retail banking, one in Insurance."""
    manager = person("program_manager")
    return {
        "claims": services.add(name="Claims triage", unit=unit, by=manager, stage="pilot"),
        "voice": services.add(name="Voice notes", unit=unit, by=manager, stage="idea"),
        "far": services.add(name="Storm surge", unit=other_unit, by=manager, stage="pilot"),
    }


def signed_in(who: Any) -> Client:
    client = Client()
    client.force_login(who)
    return client


def names(response: Any) -> list[str]:
    return [row["name"] for row in response.context["rows"]]


def test_the_table_holds_only_what_the_viewer_sees(
    three: dict[str, Any], unit: Any, person: Person
) -> None:
    client = signed_in(person("business_owner", unit))
    assert set(names(client.get("/portfolio/"))) == {"Claims triage", "Voice notes"}


def test_the_address_narrows_and_sorts(three: dict[str, Any], person: Person) -> None:
    client = signed_in(person("executive"))
    response = client.get("/portfolio/?stage=pilot&sort=-name")
    assert names(response) == ["Storm surge", "Claims triage"]
    assert [chip["words"] for chip in response.context["chips"]] == ["stage: Pilot"]


def test_what_makes_no_sense_in_the_address_is_left_out(
    three: dict[str, Any], person: Person
) -> None:
    client = signed_in(person("executive"))
    response = client.get("/portfolio/?unit=none&sort=colour&col=secret&page=99")
    assert response.status_code == 200
    assert len(names(response)) == 3


def test_a_fragment_is_the_table_alone_with_a_short_address(
    three: dict[str, Any], person: Person
) -> None:
    client = signed_in(person("executive"))
    columns = "&".join(f"col={c.name}" for c in client.get("/portfolio/").context["columns"])
    response = client.get(
        f"/portfolio/?q=voice&{columns}", headers={"HX-Request": "true", "HX-Target": "results"}
    )
    assert b"<html" not in response.content
    assert response["HX-Push-Url"] == "/portfolio/?q=voice"


def test_money_columns_are_not_offered_to_those_who_see_no_money(
    three: dict[str, Any], person: Person
) -> None:
    client = signed_in(person("contributor"))
    response = client.get("/portfolio/?col=spend&col=stage&sort=-spend")
    assert [c.name for c in response.context["columns"]] == ["stage"]


def test_a_workbook_holds_the_rows_as_they_stand(three: dict[str, Any], person: Person) -> None:
    client = signed_in(person("finance_partner"))
    response = client.get("/portfolio/export.xlsx?stage=pilot&sort=name&col=stage&col=owner")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("Key", "Name", "Unit", "Stage", "Owner")
    assert [row[1] for row in rows[1:]] == ["Claims triage", "Storm surge"]


def test_a_name_that_looks_like_a_formula_stays_text(unit: Any, person: Person) -> None:
    services.add(name='=HYPERLINK("http://x")', unit=unit, by=person("program_manager"))
    client = signed_in(person("executive"))
    body = b"".join(client.get("/portfolio/export.csv").streaming_content).decode("utf-8-sig")
    assert '"\'=HYPERLINK(""http://x"")"' in body


def test_an_export_is_on_record(
    three: dict[str, Any], person: Person, ledger_count: Callable[[], int]
) -> None:
    client = signed_in(person("executive"))
    before = ledger_count()
    client.get("/portfolio/export.csv")
    assert ledger_count() == before + 1


def test_an_empty_portfolio_leads_to_the_import(organisation: Any, person: Person) -> None:
    response = signed_in(person("administrator")).get("/portfolio/")
    assert response.context["is_blank"]
    assert b"No initiative yet" in response.content


def test_adding_one_goes_to_its_page(unit: Any, person: Person) -> None:
    client = signed_in(person("program_manager", unit))
    response = client.post(
        "/initiatives/add/", {"name": "New one", "unit": unit.pk, "stage": "idea"}
    )
    assert response.status_code == 302
    assert response["Location"].startswith("/initiatives/AI-")


def test_a_blank_name_is_refused_with_a_sentence_and_nothing_is_added(
    unit: Any, person: Person
) -> None:
    client = signed_in(person("program_manager", unit))
    response = client.post("/initiatives/add/", {"name": " ", "unit": unit.pk})
    assert response.status_code == 422
    assert b"An initiative needs a name." in response.content
    assert names(client.get("/portfolio/")) == []
