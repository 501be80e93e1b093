"""Views, changes of many cells and the workbook through the API: the services of the pages."""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from rest_framework.test import APIClient

from governance_app.initiatives import cells, selectors, services
from governance_app.initiatives.models import Initiative
from governance_app.jobs.models import Job
from governance_app.jobs.tasks import run_inline
from governance_app.people import services as people

Person = Callable[..., Any]


@pytest.fixture
def ruth(person: Person, unit: Any) -> Any:
    return person("program_manager", unit, name="Ruth Lindqvist")


@pytest.fixture
def api(ruth: Any) -> APIClient:
    _, secret = people.add_token(user=ruth, name="script", by=ruth)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.fixture
def rows(unit: Any, ruth: Any) -> list[Initiative]:
    return [services.add(name=f"Initiative {n}", unit=unit, by=ruth) for n in range(3)]


def asked(rows: list[Initiative], **texts: str) -> dict[str, Any]:
    seen = [{"key": row.key, "version": row.version} for row in rows]
    return {"initiatives": seen, "cells": texts}


def test_a_view_is_kept_shared_pinned_watched_and_forgotten(api: APIClient) -> None:
    kept = api.post("/api/v1/views/", {"name": "Ideas", "query": "stage=idea"}, format="json")
    assert kept.status_code == 201, kept.content
    address = f"/api/v1/views/{kept.json()['id']}/"
    changed = api.patch(
        address, {"is_shared": True, "is_pinned": True, "watched": "weekly"}, format="json"
    ).json()
    assert (changed["is_shared"], changed["is_pinned"], changed["watched"]) == (
        True,
        True,
        "weekly",
    )
    assert [each["name"] for each in api.get("/api/v1/views/").json()["results"]] == ["Ideas"]
    assert api.patch(address, {"watched": "hourly"}, format="json").status_code == 400
    assert api.delete(address).status_code == 204
    assert api.get("/api/v1/views/").json()["results"] == []


def test_cells_change_together_and_come_back(api: APIClient, rows: list[Initiative]) -> None:
    made = api.post("/api/v1/changes/", asked(rows, vendor="Acme"), format="json")
    assert made.status_code == 201, made.content
    assert set(Initiative.objects.values_list("vendor", flat=True)) == {"Acme"}
    stale = api.post("/api/v1/changes/", asked(rows, vendor="Globex"), format="json")
    assert stale.status_code == 409
    undone = api.post(f"/api/v1/changes/{made.json()['id']}/undo/")
    assert undone.status_code == 200 and undone.json()["undone_at"]
    assert set(Initiative.objects.values_list("vendor", flat=True)) == {""}


def test_many_are_changed_and_taken_back_by_a_job(
    api: APIClient, rows: list[Initiative], ruth: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "AT_ONCE", 2)
    answer = api.post("/api/v1/changes/", asked(rows, vendor="Acme"), format="json")
    assert answer.status_code == 202
    assert set(Initiative.objects.values_list("vendor", flat=True)) == {""}
    done = run_inline(Job.objects.get(pk=answer.json()["job"]))
    assert done.state == Job.State.DONE, done.error
    assert done.result is not None and done.result["initiatives"] == 3
    assert set(Initiative.objects.values_list("vendor", flat=True)) == {"Acme"}
    change = selectors.table_changes(viewer=ruth).get()
    back = api.post(f"/api/v1/changes/{change.pk}/undo/")
    assert back.status_code == 202
    assert run_inline(Job.objects.get(pk=back.json()["job"])).state == Job.State.DONE
    assert set(Initiative.objects.values_list("vendor", flat=True)) == {""}


def test_a_job_that_meets_a_newer_row_changes_none(
    api: APIClient, rows: list[Initiative], ruth: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "AT_ONCE", 2)
    answer = api.post("/api/v1/changes/", asked(rows, vendor="Acme"), format="json")
    services.edit(initiative=rows[2], vendor="Initech", by=ruth)
    failed = run_inline(Job.objects.get(pk=answer.json()["job"]))
    assert failed.state == Job.State.FAILED and rows[2].key in failed.error
    vendors = Initiative.objects.order_by("number").values_list("vendor", flat=True)
    assert list(vendors) == ["", "", "Initech"]


def test_foreign_rows_and_bad_texts_are_refused(
    api: APIClient, rows: list[Initiative], other_unit: Any, admin: Any, ledger_count: Any
) -> None:
    far = services.add(name="Storm surge", unit=other_unit, by=admin)
    before = ledger_count()
    refused = api.post("/api/v1/changes/", asked([*rows, far], vendor="Acme"), format="json")
    assert refused.status_code == 422 and far.key in refused.content.decode()
    wrong = api.post("/api/v1/changes/", asked(rows, ai_type="magic"), format="json")
    assert wrong.status_code == 422
    assert ledger_count() == before


def test_the_workbook_goes_round(api: APIClient, rows: list[Initiative]) -> None:
    out = api.get("/api/v1/workbook/")
    assert out.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(out.content))
    page = book["Initiatives"]
    titles = [cell.value for cell in page[1]]
    page.cell(2, titles.index("Vendor") + 1).value = "Acme"
    page.cell(3, titles.index("AI type") + 1).value = "magic"
    target = io.BytesIO()
    book.save(target)
    target.name = "back.xlsx"
    target.seek(0)
    sent = api.post("/api/v1/workbook/", {"file": target}, format="multipart")
    assert sent.status_code == 201, sent.content
    found = sent.json()
    assert sorted(each["state"] for each in found["cells"]) == ["change", "refused"]
    assert Initiative.objects.filter(vendor="Acme").count() == 0
    address = f"/api/v1/workbook/{found['id']}/"
    assert api.get(address).json()["cells"] == found["cells"]
    applied = api.post(f"{address}apply/", {"mine": []}, format="json")
    assert applied.status_code == 200, applied.content
    assert Initiative.objects.filter(vendor="Acme").count() == 1
