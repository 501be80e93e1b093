"""The page of jobs: what people started stays in sight, upkeep is folded away."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance_app.books.models import Rate
from governance_app.jobs import services
from governance_app.jobs.models import Job
from governance_app.jobs.tasks import run_inline
from governance_app.people.services import system_user

pytestmark = pytest.mark.django_db(transaction=True)
ARCHIVE = "governance_app.spend.tasks.archive"


@pytest.fixture
def queue(person, organisation):
    finance = person("finance_partner")
    services.receive(kind="tests.jobs.kinds.count", title="Load October", payload={}, by=finance)
    for number in range(3):
        services.receive(kind=ARCHIVE, title=f"Archive {number}", payload={}, by=finance)
    services.receive(
        kind="tests.jobs.kinds.count", title="Sync by itself", payload={}, by=system_user("jobs")
    )
    return finance


def titles(client, query=""):
    found = client.get(f"/api/v1/jobs/{query}").json()["results"]
    return {one["title"] for one in found}


def test_upkeep_is_folded_away_and_counted(client, queue):
    client.force_login(queue)
    body = client.get("/jobs/").content.decode()
    assert "Load October" in body and "Archive 0" not in body
    assert "4 jobs of upkeep" in body
    upkeep = client.get("/jobs/?part=upkeep").content.decode()
    assert "Archive 2" in upkeep and "Sync by itself" in upkeep and "Load October" not in upkeep
    everything = client.get("/jobs/?part=all").content.decode()
    assert "Load October" in everything and "Archive 1" in everything
    assert client.get("/jobs/?part=nonsense").status_code == 200


def test_upkeep_that_failed_stands_where_people_look(client, queue):
    client.force_login(queue)
    Job.objects.filter(title="Archive 1").update(state="failed", finished_at="2026-11-21T09:00Z")
    body = client.get("/jobs/").content.decode()
    assert "Archive 1" in body and "Archive 0" not in body
    assert titles(client, "?part=people") == {"Load October", "Archive 1"}
    assert len(titles(client)) == 5
    assert client.get("/api/v1/jobs/?part=some").status_code == 400


def test_a_file_of_rates_is_checked_then_entered_by_a_job(client, admin, organisation):
    client.force_login(admin)
    days = "".join(f"2026-10-{day:02d},1.25\n" for day in range(1, 32))
    sent = {"file": SimpleUploadedFile("ecb.csv", f"Date,USD\n{days}".encode()), "into": "usd"}
    checked = client.post("/settings/rates/", {**sent, "dry_run": "on"})
    job = Job.objects.get()
    assert checked["Location"] == f"/jobs/{job.pk}/"
    run_inline(job)
    body = client.get(checked["Location"]).content.decode()
    assert "EUR to USD, October 2026, average: 1.25" in body and "/settings/rates/" in body
    assert not Rate.objects.exists()
    sent["file"].seek(0)
    client.post("/settings/rates/", sent)
    run_inline(Job.objects.latest("created_at"))
    assert {row.kind: row.value for row in Rate.objects.all()} == {"average": 1.25, "closing": 1.25}


def test_a_file_of_rates_that_is_none_fails_in_words(client, admin, organisation):
    client.force_login(admin)
    client.post(
        "/settings/rates/", {"file": SimpleUploadedFile("x.csv", b"Date,USD\n2026-10-01,x\n")}
    )
    job = Job.objects.get()
    run_inline(job)
    job.refresh_from_db()
    assert job.state == "failed" and "“x” is no rate" in job.error
    assert not Rate.objects.exists()
