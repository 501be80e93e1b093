"""Plans over the API: budgets whole or not at all, estimates until the lock."""

import datetime as dt

import pytest

from governance_app.spend import services
from governance_app.spend.models import BudgetPlan, ForecastSubmission
from tests.spend.conftest import finance, load, source
from tests.spend.test_plan import ON, long, owner, sheet, spent, target

__all__ = ["finance", "load", "owner", "sheet", "source", "spent", "target"]
pytestmark = pytest.mark.django_db


def test_a_budget_is_written_whole(client, finance, target):
    client.force_login(finance)
    line = {"place": target.key, "month": "2026-01-01", "amount": "10.5", "currency": "USD"}
    body = {"name": "B", "fiscal_year": 2026, "lines": [line]}
    made = client.post("/api/v1/budgets/", body, content_type="application/json")
    assert (made.status_code, made.json()["totals"]) == (201, {"USD": "10.500000000000000000"})
    wrong = body | {"lines": [line, line | {"place": "AI-999"}]}
    refused = client.post("/api/v1/budgets/", wrong, content_type="application/json")
    assert refused.status_code == 400 and "AI-999" in refused.content.decode()
    assert BudgetPlan.objects.count() == 1
    listed = client.get("/api/v1/budgets/").json()["results"]
    assert [one["number"] for one in listed] == [1]


def test_a_year_states_its_forecast_with_method_and_band(client, finance, sheet, target, spent):
    spent([100] * 22, first=dt.date(2025, 1, 1))
    sheet(long(target, "90"))
    client.force_login(finance)
    found = client.get("/api/v1/spend/plan/", {"year": 2026, "place": target.key}).json()
    assert (found["spent"], found["budget"], len(found["months"])) == ("1000", "1080", 12)
    assert found["method"] and found["low"] is not None
    assert client.get("/api/v1/spend/plan/", {"year": 2026, "place": "AI-999"}).status_code == 404


def test_an_estimate_is_submitted_until_the_lock(client, finance, owner, target):
    opened = services.open_round(
        fiscal_year=2026, first_month=dt.date(2026, 12, 1), due_on=ON, by=finance, on=ON
    )
    address = f"/api/v1/forecast-rounds/{opened.pk}/submissions/"
    body = {"place": target.key, "months": {"2026-12-01": "12"}}
    client.force_login(owner)
    assert client.post(address, body, content_type="application/json").status_code == 201
    services.lock_round(
        forecast_round=opened, by=finance, now=dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    )
    refused = client.post(address, body, content_type="application/json")
    assert refused.status_code in {400, 409, 422} and "is locked since" in refused.content.decode()
    assert ForecastSubmission.objects.count() == 1
