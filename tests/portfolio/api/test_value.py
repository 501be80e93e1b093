"""Value through the API: the same services and the same refusals as on the pages."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from governance_app.value import services
from governance_app.value.models import PopulationHours

pytestmark = pytest.mark.django_db

START = dt.date(2026, 1, 1)


@pytest.fixture
def manager(person: Any, unit: Any) -> Any:
    return person("program_manager", unit)


@pytest.fixture
def kpi(unit: Any, admin: Any, manager: Any) -> Any:
    from governance_app.initiatives import services as register

    initiative = register.add(name="Claims triage", unit=unit, by=admin)
    made = services.add_kpi(
        initiative=initiative, name="First time right", direction="higher", by=manager
    )
    services.add_benefit(
        initiative=initiative, name="Rework", benefit_type="hard", value_type="product_quality",
        starts_month=START, ends_month=START, currency="USD", kpi=made, by=manager,
    )  # fmt: skip
    return made


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_kpis_benefits_effect_and_bridge_are_read(kpi: Any, manager: Any) -> None:
    client, key = client_of(manager), kpi.initiative.key
    (found,) = client.get(f"/api/v1/value/kpis/?initiative={key}").json()
    assert (found["name"], found["key"]) == ("First time right", "first_time_right")
    (benefit,) = client.get(f"/api/v1/value/benefits/?initiative={key}").json()
    assert (benefit["name"], benefit["conflicts"], benefit["owner"]) == ("Rework", [], None)
    effect = client.get(f"/api/v1/value/kpis/{kpi.pk}/effect/").json()
    assert effect["change"] is None
    assert "Too few readings" in effect["words"]
    bridge = client.get(f"/api/v1/value/bridge/?initiative={key}").json()
    assert sum(Decimal(step["change"]) for step in bridge["steps"]) == Decimal(
        bridge["banked"]
    ) - Decimal(bridge["promised"])


def test_an_unknown_initiative_is_not_found(kpi: Any, manager: Any) -> None:
    assert client_of(manager).get("/api/v1/value/kpis/?initiative=AI-999").status_code == 404


def test_only_finance_sets_paid_hours(kpi: Any, manager: Any, person: Any) -> None:
    body = {"population": "Clerks", "from_month": "2026-01-01", "paid_hours": "1600"}
    url = "/api/v1/value/paid-hours/"
    refused = client_of(manager).post(url, body, content_type="application/json")
    assert refused.status_code == 403
    assert not PopulationHours.objects.exists()
    finance = client_of(person("finance_partner"))
    assert finance.post(url, body, content_type="application/json").status_code == 200
    assert PopulationHours.objects.get().paid_hours == 1600
