"""
What touches many initiatives runs as a job: bulk edits, taking them back, workbooks.

A worker may die between its commit and saying so. The job is done again then, finds what it did,
and tells the same: nothing is done twice and nothing that stands is called a failure.
"""

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance_app.initiatives import cells, returning, services
from governance_app.initiatives.models import Initiative, TableChange, WorkbookReturn
from governance_app.jobs import runner
from governance_app.jobs.models import Job
from governance_app.jobs.tasks import run_inline

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """What ends a worker at once."""


@pytest.fixture
def ruth(person: Callable[..., Any], unit: Any) -> Any:
    return person("program_manager", unit, name="Ruth Lindqvist")


@pytest.fixture
def rows(unit: Any, ruth: Any) -> list[Initiative]:
    return [
        services.add(name=name, unit=unit, by=ruth, stage="pilot", program_manager=ruth)
        for name in ("Claims triage", "Voice notes")
    ]


@pytest.fixture
def browser(ruth: Any) -> Client:
    client = Client()
    client.force_login(ruth)
    return client


def vendors() -> list[str]:
    return list(Initiative.objects.order_by("number").values_list("vendor", flat=True))


def versions() -> list[int]:
    return list(Initiative.objects.order_by("number").values_list("version", flat=True))


def bulk(rows: list[Initiative], by: Any) -> Job:
    seen = {row.key: row.version for row in rows}
    return services.ask_change(versions=seen, texts={"vendor": "Globex"}, by=by)


def upload(browser: Client, vendor: str) -> str:
    """Take the workbook out, change the vendor of every row, and bring it back."""
    book = openpyxl.load_workbook(
        io.BytesIO(browser.get("/portfolio/workbook/initiatives.xlsx").content)
    )
    sheet = book.active
    assert sheet is not None
    column = [cell.value for cell in sheet[1]].index("Vendor") + 1
    for number in range(2, sheet.max_row + 1):
        sheet.cell(number, column, vendor)
    changed = io.BytesIO()
    book.save(changed)
    sent = SimpleUploadedFile("back.xlsx", changed.getvalue())
    return str(browser.post("/portfolio/workbook/upload/", {"file": sent})["Location"])


def killed_after_its_commit(job: Job, monkeypatch: pytest.MonkeyPatch) -> Job:
    """Do a job whose worker dies before it can say so, then let another worker do it again."""

    def die(*_: Any, **__: Any) -> Job:
        raise Killed

    with monkeypatch.context() as fault:
        fault.setattr(runner, "_finish", die)
        with pytest.raises(Killed):
            runner.run(job_id=job.pk)
    job.refresh_from_db()
    assert (job.state, job.result) == (Job.State.RUNNING, None)
    assert runner.requeue_orphans() == 1
    again = runner.run(job_id=job.pk)
    assert again is not None and again.attempts == 2
    return again


def test_a_bulk_edit_that_was_committed_is_told_again_and_not_done_again(
    rows: list[Initiative], ruth: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = versions()
    again = killed_after_its_commit(bulk(rows, ruth), monkeypatch)
    change = TableChange.objects.get()
    assert (again.state, again.error) == (Job.State.DONE, "")
    assert again.result == {"change": str(change.pk), "initiatives": 2}
    assert vendors() == ["Globex", "Globex"]
    assert versions() == [version + 1 for version in before]


def test_another_job_with_the_same_wish_is_refused_as_ever(
    rows: list[Initiative], ruth: Any
) -> None:
    """Only its own change counts: what another job did meanwhile is somebody else's."""
    one, other = bulk(rows, ruth), bulk(rows, ruth)
    assert run_inline(one).state == Job.State.DONE
    late = run_inline(other)
    assert late.state == Job.State.FAILED and "changed by somebody else" in late.error
    assert TableChange.objects.count() == 1


def test_taking_back_is_told_again(
    rows: list[Initiative], ruth: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_inline(bulk(rows, ruth))
    change = TableChange.objects.get()
    again = killed_after_its_commit(services.ask_undo(change=change, by=ruth), monkeypatch)
    assert again.state == Job.State.DONE
    assert again.result == {"change": str(change.pk), "initiatives": 2}
    assert vendors() == ["", ""]
    late = run_inline(services.ask_undo(change=change, by=ruth))
    assert late.state == Job.State.FAILED and "taken back already" in late.error


def test_a_workbook_of_many_rows_is_applied_by_a_job(
    rows: list[Initiative], ruth: Any, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returning, "AT_ONCE", 1)
    address = upload(browser, "Globex")
    asked = browser.post(address)
    job = Job.objects.get(kind="governance_app.initiatives.tasks.apply_workbook")
    assert asked["Location"] == f"/jobs/{job.pk}/"
    assert vendors() == ["", ""], "the page only asked"
    assert browser.post(address)["Location"] == f"/jobs/{job.pk}/", "asked twice, done once"

    again = killed_after_its_commit(job, monkeypatch)
    change = TableChange.objects.get()
    assert again.state == Job.State.DONE
    assert again.result == {"change": str(change.pk), "initiatives": 2}
    assert vendors() == ["Globex", "Globex"]
    shown = browser.get(f"/jobs/{job.pk}/").content.decode()
    assert "My changes" in shown and "nothing was done twice" in shown
    assert WorkbookReturn.objects.get().change == change
    refused = browser.post(address)
    assert refused.status_code == 422 and "applied already" in refused.content.decode()


def test_a_bulk_edit_and_its_way_back_are_jobs_on_the_page(
    rows: list[Initiative], browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cells, "AT_ONCE", 1)
    seen = " ".join(f"{row.key}:{row.version}" for row in Initiative.objects.all())
    sent = {"seen": seen, "field": "vendor", "text": "Globex", "apply": "1"}
    asked = browser.post("/portfolio/bulk/", sent)
    job = Job.objects.get(kind="governance_app.initiatives.tasks.change_many")
    assert asked["Location"] == f"/jobs/{job.pk}/"
    run_inline(job)
    assert vendors() == ["Globex", "Globex"]
    change = TableChange.objects.get()
    browser.post(f"/portfolio/changes/{change.pk}/undo/")
    run_inline(Job.objects.get(kind="governance_app.initiatives.tasks.undo_many"))
    assert vendors() == ["", ""]
