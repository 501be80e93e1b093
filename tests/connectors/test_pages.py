"""The pages of connections, jobs and inventory, as a browser asks for them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from governance_app.connectors import registry, services
from governance_app.connectors.models import Connection, SyncRun
from governance_app.domain.records import ModelRecord, ModelVersionRecord
from governance_app.initiatives import services as initiatives
from governance_app.inventory import services as inventory
from governance_app.inventory.models import ModelAsset, ModelLink
from governance_app.jobs import tasks as jobs_tasks
from governance_app.jobs.models import Job
from portfolio.web import jobs as jobs_pages
from tests.connectors.bills import write_bill

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "hunter2-very-secret"
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def administrator(person: Callable[..., Any]) -> Any:
    return person("administrator")


@pytest.fixture
def browser(administrator: Any) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.FOLDERS_ALLOWED = [str(tmp_path)]
    write_bill(tmp_path / "a.csv", ("10", ""))
    return tmp_path


@pytest.fixture
def connection(folder: Path, administrator: Any) -> Connection:
    return services.add_connection(
        plugin="focus_folder", name="Cloud bills", settings={"folder": str(folder)},
        by=administrator,
    )  # fmt: skip


def form(connection: Connection | None = None, **changes: str) -> dict[str, str]:
    entered = {"name": "Registry", "set-address": "https://mlflow.example.com", "every": "300"}
    return entered | ({"version": str(connection.version)} if connection else {}) | changes


def test_a_source_is_set_up_from_its_declared_settings(browser: Client) -> None:
    page = browser.get("/connections/add/mlflow/").content.decode()
    for field in ("set-address", "set-token", "set-password", "set-serving_alias"):
        assert f'name="{field}"' in page
    assert re.search(r'<input[^>]*type="password"[^>]*name="set-token"', page)
    answer = browser.post("/connections/add/mlflow/", form(**{"set-token": SECRET}))
    made = Connection.objects.get()
    assert answer.headers["location"] == f"/connections/{made.pk}/"
    for address in (f"/connections/{made.pk}/", f"/connections/{made.pk}/edit/", "/connections/"):
        shown = browser.get(address)
        assert (shown.status_code, SECRET in shown.content.decode()) == (200, False)


def test_a_wrong_setting_keeps_what_was_typed(browser: Client) -> None:
    answer = browser.post("/connections/add/mlflow/", form(**{"set-address": "mlflow:5000"}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "needs its scheme" in page and 'value="mlflow:5000"' in page
    assert Connection.objects.count() == 0


def test_a_stale_edit_is_told(browser: Client, connection: Connection, administrator: Any) -> None:
    typed = form(connection, **{"set-folder": connection.settings["folder"]})
    services.pause_connection(connection=connection, by=administrator)
    answer = browser.post(f"/connections/{connection.pk}/edit/", typed)
    assert answer.status_code == 422
    assert "changed by somebody else" in answer.content.decode()


def test_testing_in_the_form_says_what_lacks(browser: Client) -> None:
    typed = form(**{"set-address": "http://127.0.0.1:9"})
    answer = browser.post("/connections/try/mlflow/", typed, **HTMX)
    assert "OUTBOUND_ALLOWED" in answer.content.decode()


def test_run_now_shows_progress_until_it_has_ended(browser: Client, connection: Connection) -> None:
    browser.post(f"/connections/{connection.pk}/run/")
    job = Job.objects.get(kind=services.SYNC)
    running = browser.get(f"/connections/{connection.pk}/").content.decode()
    assert f'data-live="/jobs/{job.pk}/progress/"' in running
    assert "Waiting for a worker" in running
    jobs_tasks.run_inline(job)
    ended = browser.get(f"/jobs/{job.pk}/progress/", **HTMX).content.decode()
    assert "data-live" not in ended
    assert "a.csv, Oct 2026: 1 lines, current." in ended
    page = browser.get(f"/connections/{connection.pk}/").content.decode()
    assert "The last run brought 1 new and 0 changed" in page
    listed = browser.get("/connections/", **HTMX).content.decode()
    assert "healthy" in listed and "<html" not in listed


def test_a_job_that_ends_while_the_page_is_made_leaves_no_page_that_waits(
    browser: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was seen under way and had ended when its progress was read; nobody would tell."""
    browser.post(f"/connections/{connection.pk}/run/")
    job = Job.objects.get(kind=services.SYNC)
    read = jobs_pages.progress_of

    def ended_just_before(request: Any, job_id: Any) -> dict[str, Any]:
        jobs_tasks.run_inline(job)
        return read(request, job_id)

    monkeypatch.setattr(jobs_pages, "progress_of", ended_just_before)
    page = browser.get(f"/connections/{connection.pk}/").content.decode()
    assert "The last run brought 1 new and 0 changed" in page
    assert "Running now" not in page and "livedone" not in page
    assert f'data-live="/connections/{connection.pk}/"' in page


def test_a_waiting_job_is_cancelled_and_tried_again(
    browser: Client, connection: Connection
) -> None:
    browser.post(f"/connections/{connection.pk}/run/")
    job = Job.objects.get(kind=services.SYNC)
    answer = browser.post(f"/jobs/{job.pk}/cancel/", **HTMX).content.decode()
    assert "cancelled" in answer and "Try again" in answer
    browser.post(f"/jobs/{job.pk}/retry/")
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED


def test_a_refused_file_is_named_on_the_page(
    browser: Client, connection: Connection, folder: Path, administrator: Any
) -> None:
    write_bill(folder / "bad.csv", ("ten", ""))
    jobs_tasks.run_inline(services.request_sync(connection=connection, by=administrator))
    assert SyncRun.objects.get().state == "partial"
    page = browser.get(f"/connections/{connection.pk}/").content.decode()
    assert "The last run refused 1 of what it met" in page and "bad.csv" in page


def test_pause_resume_delete(browser: Client, connection: Connection) -> None:
    for verb, word in (("pause", "paused"), ("resume", "never run")):
        browser.post(f"/connections/{connection.pk}/{verb}/")
        assert word in browser.get("/connections/").content.decode()
    assert browser.post(f"/connections/{connection.pk}/explode/").status_code == 404
    browser.post(f"/connections/{connection.pk}/delete/")
    assert browser.get(f"/connections/{connection.pk}/").status_code == 404


def test_who_may_look_but_not_touch_sees_why(
    connection: Connection, person: Callable[..., Any]
) -> None:
    client = Client()
    client.force_login(person("executive"))
    page = client.get("/connections/").content.decode()
    assert 'aria-disabled="true" title="You may not set up connections' in page
    assert client.post(f"/connections/{connection.pk}/run/").status_code == 403
    assert client.get("/connections/add/mlflow/").status_code == 403
    assert Job.objects.filter(kind=services.SYNC).count() == 0


def test_a_stranger_finds_no_job_and_no_connection(
    browser: Client, connection: Connection, person: Callable[..., Any], other_unit: Any
) -> None:
    browser.post(f"/connections/{connection.pk}/run/")
    job = Job.objects.get(kind=services.SYNC)
    client = Client()
    client.force_login(person("program_manager", other_unit))
    for address in (f"/connections/{connection.pk}/", f"/jobs/{job.pk}/"):
        assert client.get(address).status_code == 404
    assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 404


def test_the_inventory_lists_models_and_links_them(
    unit: Any, admin: Any, person: Callable[..., Any]
) -> None:
    initiative = initiatives.add(name="Claims triage", unit=unit, by=admin, vendor="Acme AI")
    inventory.take_models(
        source="connection:1", records=[ModelRecord("fraud"), ModelRecord("shadow")], by=admin
    )
    version = ModelVersionRecord("fraud", "1", aliases=("champion",), metrics={"auc": 0.91})
    inventory.take_versions(source="connection:1", records=[version], by=admin)
    client = Client()
    client.force_login(person("program_manager"))
    listed = client.get("/inventory/").content.decode()
    assert "fraud" in listed and "champion 1" in listed
    model = ModelAsset.objects.get(name="fraud")
    address = f"/inventory/models/{model.pk}/"
    assert "auc <b>0.91</b>" in client.get(address).content.decode()
    client.post(f"{address}link/", {"initiative": initiative.key.lower()})
    link = ModelLink.objects.get(ended_at=None)
    assert (link.model, link.initiative) == (model, initiative)
    unclaimed = client.get("/inventory/?unclaimed=1", **HTMX).content.decode()
    assert "shadow" in unclaimed and "fraud" not in unclaimed
    client.post(f"{address}links/{link.pk}/end/")
    link.refresh_from_db()
    assert link.ended_at is not None
    assert client.post(f"{address}link/", {"initiative": "AI-999"}).status_code == 400
    assert "Acme AI" in client.get("/inventory/vendors/").content.decode()
    assert client.get("/inventory/datasets/").status_code == 200


def test_every_source_has_its_guide_and_the_catalogue_leads_there(
    person: Callable[..., Any], organisation: Any
) -> None:
    client = Client()
    client.force_login(person("administrator"))
    listed = client.get("/connections/").content.decode()
    for name, entry in registry.catalogue().items():
        answer = client.get(f"/connections/sources/{name}/")
        if entry.plugin.is_example:
            assert answer.status_code == 404
            continue
        assert answer.status_code == 200 and f"/connections/sources/{name}/" in listed
        told = answer.content.decode()
        assert "Permissions</h2>" in told and "How it reads</h2>" in told
