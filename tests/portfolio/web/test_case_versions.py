"""Versions of a business case on its panel: scenarios, assumptions, workbook, re-baseline."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance_app.domain.records import AssumptionRecord, CaseLineRecord
from governance_app.initiatives import services as initiatives
from governance_app.value import selectors, services
from governance_app.value.models import BusinessCase

pytestmark = pytest.mark.django_db

JANUARY, JUNE = dt.date(2026, 1, 1), dt.date(2026, 6, 1)
LINES = [
    CaseLineRecord("cost", "build", JANUARY, Decimal(1000)),
    CaseLineRecord("benefit", "hard", JUNE, Decimal(1500), low=Decimal(900), high=Decimal(2000)),
]
VOLUME = AssumptionRecord(
    "Claims a month", Decimal(8), Decimal(10), Decimal(11), "claims", "volume"
)


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Any:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def manager(person: Callable[..., Any], unit: Any) -> Any:
    return person("program_manager", unit)


@pytest.fixture
def finance(person: Callable[..., Any]) -> Any:
    return person("finance_partner")


@pytest.fixture
def draft(initiative: Any, manager: Any) -> Any:
    return services.write_case(
        initiative=initiative, lines=LINES, currency="USD", rests_on=[VOLUME], by=manager
    )


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_panel_shows_three_scenarios_and_what_the_case_rests_on(
    draft: Any, initiative: Any, manager: Any
) -> None:
    page = signed_in(manager).get(f"/initiatives/{initiative.key}/value/case/").content.decode()
    assert "Returns by scenario" in page
    assert "Claims a month" in page
    assert "No evidence is named." in page


def test_a_downloaded_workbook_uploads_as_the_same_draft(
    draft: Any, initiative: Any, manager: Any
) -> None:
    client = signed_in(manager)
    base = f"/initiatives/{initiative.key}/value/case/"
    book = client.get(f"{base}{draft.pk}/workbook.xlsx")
    assert book["Content-Disposition"].endswith('business-case-1.xlsx"')
    upload = SimpleUploadedFile("case.xlsx", book.content)
    sent = {"currency": "EUR", "action": "write", "version": "1", "file": upload}
    assert client.post(f"{base}write/", sent).status_code == 302
    again = BusinessCase.objects.get()
    assert (again.lines_sha256, again.currency) == (draft.lines_sha256, "USD")
    assert selectors.assumptions(case=again, viewer=manager).get().likely == 10


def test_a_refused_assumption_names_its_row_and_writes_nothing(
    draft: Any, initiative: Any, manager: Any, ledger_count: Any
) -> None:
    client = signed_in(manager)
    before = ledger_count()
    sent = {
        "currency": "USD", "action": "write", "version": "1",
        "lines": "month,side,category,amount\n2026-01,cost,build,1",
        "rests_on": "name,low,likely,high\nVolume,5,2,9",
    }  # fmt: skip
    answer = client.post(f"/initiatives/{initiative.key}/value/case/write/", sent)
    assert answer.status_code == 422
    assert "Low, likely and high rise." in answer.content.decode()
    assert ledger_count() == before


def test_a_rebaseline_stands_beside_and_is_compared(
    draft: Any, initiative: Any, manager: Any, finance: Any
) -> None:
    services.approve_case(case=draft, by=finance)
    base = f"/initiatives/{initiative.key}/value/case/"
    client = signed_in(manager)
    assert "Re-baseline" in client.get(base).content.decode()
    assert client.post(f"{base}{draft.pk}/rebaseline/").status_code == 302
    services.write_case(
        initiative=initiative, lines=[*LINES[:1], replace(LINES[1], amount=Decimal(1100))],
        currency="USD", by=manager,
    )  # fmt: skip
    page = client.get(f"{base}?case=2&against=1").content.decode()
    assert "Version 1 beside version 2" in page
    assert "What was promised first is" in page


def test_a_contributor_gets_no_workbook(draft: Any, initiative: Any, person: Any) -> None:
    address = f"/initiatives/{initiative.key}/value/case/{draft.pk}/workbook.xlsx"
    assert signed_in(person("contributor")).get(address).status_code == 403
