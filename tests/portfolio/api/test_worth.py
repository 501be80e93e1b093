"""Cases, returns, passports and scenarios through the API: the same services and refusals."""

from typing import Any

import pytest

from governance_app.scenarios.models import Proposal
from governance_app.value.models import BusinessCase

pytestmark = pytest.mark.django_db

DRAFT = {
    "currency": "USD",
    "lines": [
        {"side": "cost", "category": "build", "month": "2026-01-01", "amount": "1000"},
        {"side": "benefit", "category": "hard", "month": "2026-06-01", "amount": "1500",
         "low": "900", "high": "2000"},
    ],
    "rests_on": [{"name": "Claims", "low": "8", "likely": "10", "high": "11"}],
}  # fmt: skip


def test_a_case_is_written_read_and_approved(program: Any, initiative: Any, unit: Any) -> None:
    manager, finance = program("program_manager", unit), program("finance_partner")
    address = f"/api/v1/value/cases/?initiative={initiative.key}"
    written = manager.post(address, DRAFT, format="json")
    assert written.status_code == 201, written.content
    (found,) = finance.get(address).json()
    assert (found["total_benefit"], found["lines"][1]["low"]) == ("1500", "900")
    assert found["rests_on"][0]["likely"] == "10"
    approve = f"/api/v1/value/cases/{found['id']}/approve/"
    assert manager.post(approve, {}, format="json").status_code == 403
    assert finance.post(approve, {}, format="json").json()["state"] == "approved"


def test_a_line_that_cannot_be_writes_nothing(program: Any, initiative: Any, unit: Any) -> None:
    lines = [{**DRAFT["lines"][1], "low": "1600"}]  # type: ignore[index]
    answer = program("program_manager", unit).post(
        f"/api/v1/value/cases/?initiative={initiative.key}", {**DRAFT, "lines": lines},
        format="json",
    )  # fmt: skip
    assert answer.status_code in (400, 422)
    assert "the low 1600" in answer.content.decode()
    assert not BusinessCase.objects.exists()


def test_returns_come_with_reasons_and_refuse_what_they_do_not_know(
    program: Any, initiative: Any
) -> None:
    client = program("finance_partner")
    found = client.get(f"/api/v1/value/returns/?initiative={initiative.key}").json()
    assert found["figures"]["roi_ratio"]["validated"]["value"] is None
    assert "not validated any benefit" in found["figures"]["roi_ratio"]["validated"]["reason"]
    assert client.get("/api/v1/value/returns/?currency=XXX").status_code == 400
    assert client.get("/api/v1/value/returns/?as_of=soon").status_code == 400
    assert client.get("/api/v1/value/returns/?initiative=AI-999").status_code == 404
    assert program("administrator").get("/api/v1/value/returns/").status_code == 403


def test_a_passport_is_data(program: Any, initiative: Any) -> None:
    client = program("finance_partner")
    paper = client.get("/api/v1/passports/bcr_validated/portfolio/").json()
    assert paper["formula"] == "PV(benefit) ÷ PV(paid)"  # a rung of what happened: cash, METHOD 4
    assert (paper["value"] is None) == bool(paper["reason"])
    assert client.get("/api/v1/passports/luck/portfolio/").status_code == 404
    refused = program("administrator").get("/api/v1/passports/bcr_validated/portfolio/")
    assert refused.status_code == 403


def test_a_scenario_is_asked_and_solved_through_the_api(program: Any, unit: Any) -> None:
    client = program("finance_partner")
    asked = {"name": "Next year", "unit": str(unit.pk), "budgets": {"2026": "1000"}}
    made = client.post("/api/v1/scenarios/", asked, format="json")
    assert made.status_code == 201, made.content
    address = f"/api/v1/scenarios/{made.json()['id']}/"
    solving = client.post(f"{address}solve/", {}, format="json")
    assert solving.status_code == 202
    assert solving.json()["state"] == "solving" and solving.json()["job"]
    early = client.post(f"{address}propose/", {"sentence": "Now."}, format="json")
    assert "has no answer yet" in early.content.decode()
    assert client.get(f"{address}candidates/").json() == []
    assert not Proposal.objects.exists()
    assert program("contributor", unit).get(address).status_code == 403
