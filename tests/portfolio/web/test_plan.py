"""The plan pages: a year with its forecasts, versions of budgets, rounds."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from governance_app.jobs.models import Job
from governance_app.jobs.tasks import run_inline
from governance_app.spend import services
from governance_app.spend.models import BudgetPlan, ForecastSubmission
from portfolio.web.spend import plan as pages
from tests.spend.conftest import finance, load, source
from tests.spend.test_plan import long, owner, sheet, spent, target

__all__ = ["finance", "load", "owner", "sheet", "source", "spent", "target"]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    monkeypatch.setattr(pages.timezone, "localdate", lambda *_: dt.date(2026, 11, 21))


def test_an_empty_plan_says_what_to_do(client, finance):
    client.force_login(finance)
    said = client.get(reverse("spend-plan")).content.decode()
    assert "Load a budget" in said and "No alert" in said and "No round yet" in said


def test_a_year_shows_budget_spend_both_forecasts_and_the_crossing(
    client, finance, sheet, target, spent
):
    spent([100] * 22, first=dt.date(2025, 1, 1))
    sheet(long(target, "90"))
    client.force_login(finance)
    response = client.get(reverse("spend-plan"), {"place": target.key, "year": "2026"})
    said = response.content.decode()
    assert "The budget of the year is passed in November 2026" in said
    assert "80% band" in said and "Assist" in said
    assert response.context["standing"].spent == 1000


def test_a_missing_rate_is_said_on_the_page(client, finance, sheet, target):
    sheet(f"Initiative,Month,Amount,Currency\n{target.key},2026-03,5,EUR\n")
    client.force_login(finance)
    said = client.get(reverse("spend-plan")).content.decode()
    assert "No budget rate from EUR to USD for March 2026" in said


@pytest.mark.django_db(transaction=True)
def test_a_sheet_is_checked_then_loaded_by_a_job(client, finance, target):
    client.force_login(finance)
    for is_dry, count in ((True, 0), (False, 1)):
        file = SimpleUploadedFile("budget.csv", long(target).encode())
        data = {"file": file, "year": "2026", "name": "Budget 2026"}
        response = client.post(
            reverse("spend-budgets"), data | ({"dry_run": "on"} if is_dry else {})
        )
        job = Job.objects.get(kind=pages.IMPORT, state="queued")
        assert response.url == reverse("spend-budget-loading", args=[job.pk])
        run_inline(job)
        said = client.get(response.url).content.decode()
        assert ("nothing was written" if is_dry else "Version 1 is in force") in said
        assert BudgetPlan.objects.count() == count


@pytest.mark.django_db(transaction=True)
def test_a_refused_sheet_names_the_cell_on_the_page_of_its_job(client, finance, target):
    client.force_login(finance)
    file = SimpleUploadedFile("b.csv", long(target).replace("100", "1x0", 1).encode())
    response = client.post(reverse("spend-budgets"), {"file": file, "year": "2026"})
    run_inline(Job.objects.get(kind=pages.IMPORT))
    said = client.get(response.url).content.decode()
    assert "row 2, column Amount" in said
    assert BudgetPlan.objects.count() == 0


def test_two_versions_stand_side_by_side(client, finance, sheet, target):
    first, second = sheet(long(target)).plan, sheet(long(target, "90"), title="Revised").plan
    client.force_login(finance)
    said = client.get(
        reverse("spend-budgets"), {"before": first.pk, "after": second.pk}
    ).content.decode()
    assert "Budget 2026 against Revised" in said


def test_an_owner_submits_and_finance_locks(client, finance, owner, sheet, target):
    sheet(long(target))
    client.force_login(finance)
    response = client.post(
        reverse("spend-round-open"), {"year": "2026", "first": "2026-11", "due": "2026-11-25"}
    )
    address = response.url
    assert "not yet" in client.get(address).content.decode()
    client.force_login(owner)
    refused = client.post(address, {"place": target.key, "m2026-11": "120", "m2026-12": "x"})
    assert refused.status_code == 400
    assert (
        "“x” is no number" in refused.content.decode() and 'value="120"' in refused.content.decode()
    )
    assert not ForecastSubmission.objects.exists()
    client.post(address, {"place": target.key, "m2026-11": "120", "m2026-12": "130"})
    assert ForecastSubmission.objects.get().total == 250
    assert client.post(f"{address}lock/").status_code == 403
    client.force_login(finance)
    client.post(f"{address}lock/", {"version": "1"})
    said = client.get(address).content.decode()
    assert "locked by" in said and "Submit an estimate" not in said


def test_alerts_stand_on_the_page(client, finance, sheet, target, spent, admin):
    spent([100] * 10)
    sheet(long(target))
    services.watch_budgets(by=admin, on=dt.date(2026, 11, 21))
    client.force_login(finance)
    said = client.get(reverse("spend-plan")).content.decode()
    assert "has spent 1,000 of 1,200 USD" in said and "Bea Owner" in said
