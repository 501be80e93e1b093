"""The library of KPIs, readings from a sheet, paid hours, and where freed time went."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance_app.initiatives import services as initiatives
from governance_app.readings.models import Point
from governance_app.value import services
from governance_app.value.models import Benefit, Kpi, PopulationHours

pytestmark = pytest.mark.django_db


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Any:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def manager(person: Callable[..., Any], unit: Any) -> Any:
    return person("program_manager", unit)


@pytest.fixture
def finance(person: Callable[..., Any]) -> Any:
    return person("finance_partner")


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_kpi_is_taken_from_the_library_once(initiative: Any, manager: Any) -> None:
    client = signed_in(manager)
    address = f"/initiatives/{initiative.key}/value/kpis/adopt/"
    assert client.post(address, {"definition": "adoption"}).status_code == 302
    kpi = Kpi.objects.get()
    assert (kpi.name, kpi.unit, kpi.definition.key, kpi.formula) == (
        "Adoption", "%", "adoption", "",
    )  # fmt: skip
    again = client.post(address, {"definition": "adoption"})
    assert again.status_code == 422
    assert "already has a KPI called Adoption" in again.content.decode()
    unknown = client.post(address, {"definition": "luck"})
    assert "The library has no KPI with the key" in unknown.content.decode()
    assert Kpi.objects.count() == 1


def test_a_formula_comes_along_where_its_parts_are(initiative: Any, manager: Any) -> None:
    for name in ("Kept", "Outputs"):
        services.add_kpi(initiative=initiative, name=name, direction="higher", by=manager)
    made = services.adopt_kpi(initiative=initiative, key="acceptance", by=manager)
    assert made.formula == "kept / outputs * 100"


def test_readings_come_from_a_sheet_all_or_none(initiative: Any, manager: Any) -> None:
    kpi = services.adopt_kpi(initiative=initiative, key="uses", by=manager)
    client = signed_in(manager)
    address = f"/initiatives/{initiative.key}/value/kpis/{kpi.pk}/sheet/"
    bad = "day,value\n2026-01-31,12\n2026-02-28,lots\n2126-01-01,3"
    refused = client.post(address, {"rows": bad})
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "Row 3" in text and "1 row more cannot be read" in text
    assert not Point.objects.exists()
    sheet = SimpleUploadedFile("uses.csv", b"day,value\n2026-01-31,12\n2026-02-28,15\n")
    assert client.post(address, {"file": sheet}).status_code == 302
    assert list(Point.objects.order_by("period_on").values_list("value", flat=True)) == [12, 15]


def test_a_sheet_without_the_columns_says_which(initiative: Any, manager: Any) -> None:
    kpi = services.adopt_kpi(initiative=initiative, key="uses", by=manager)
    address = f"/initiatives/{initiative.key}/value/kpis/{kpi.pk}/sheet/"
    answer = signed_in(manager).post(address, {"rows": "when,how\n1,2"})
    assert "need a column called day; there is when, how" in answer.content.decode()


def test_paid_hours_are_set_by_finance(finance: Any, manager: Any) -> None:
    sent = {"population": "Clerks", "from_month": "2026-01", "paid_hours": "1,600", "source": "HR"}
    assert signed_in(manager).post("/value/paid-hours/", sent).status_code == 403
    assert not PopulationHours.objects.exists()
    client = signed_in(finance)
    assert client.post("/value/paid-hours/", sent).status_code == 302
    assert "1,600" in client.get("/value/paid-hours/").content.decode()
    bad = client.post("/value/paid-hours/", {**sent, "paid_hours": "0"})
    assert bad.status_code == 422
    assert "lie above 0" in bad.content.decode()


def test_where_freed_time_went_sets_its_capture(initiative: Any, manager: Any) -> None:
    kpi = services.adopt_kpi(initiative=initiative, key="uses", by=manager)
    benefit = services.add_benefit(
        initiative=initiative, name="Hours", benefit_type="hard", currency="USD", by=manager,
        value_type="operational_efficiency", starts_month=dt.date(2026, 1, 1), kpi=kpi,
        ends_month=dt.date(2026, 12, 1), formula="labour", minutes_saved=Decimal(6),
        acceptance=Decimal("0.7"), capture=Decimal(1), unit_value=Decimal(60),
        population="Clerks",
    )  # fmt: skip
    client = signed_in(manager)
    page = client.get(f"/initiatives/{initiative.key}/value/benefits/").content.decode()
    assert "Where the freed time went" in page
    address = f"/initiatives/{initiative.key}/value/benefits/{benefit.pk}/keep/"
    sent = {"action": "dispositions", "headcount": "40", "quality": "30", "version": "1"}
    assert client.post(address, sent).status_code == 302
    assert Benefit.objects.get().capture == Decimal("0.4")
    refused = client.post(address, {"action": "dispositions", "headcount": "140"})
    assert refused.status_code == 422
    assert Benefit.objects.get().capture == Decimal("0.4")
