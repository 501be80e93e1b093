"""Exports over the API: asked for, made, downloaded; layouts, schedules and rates beside them."""

import datetime as dt
from decimal import Decimal

import pytest

from governance_app.books.models import Rate
from governance_app.exports.models import ColumnSet, ExportJob, ExportSchedule
from governance_app.jobs.models import Job
from governance_app.jobs.tasks import run_inline
from tests.factories import focus
from tests.spend.conftest import finance, load, source

__all__ = ["finance", "load", "source"]
pytestmark = pytest.mark.django_db(transaction=True)

NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
HEAD = {"content_type": "application/json"}
MONTH = {"since": "2026-10-01", "until": "2026-10-31"}


@pytest.fixture
def signed_in(client, finance, load):
    load(focus.as_csv([focus.line(BilledCost="100", EffectiveCost="90")]), now=NOW)
    client.force_login(finance)
    return client


def post(client, address, body):
    return client.post(f"/api/v1/{address}", body, **HEAD)


def test_an_export_is_asked_for_made_and_downloaded(signed_in):
    asked = post(signed_in, "exports/", {"sheet": "ledger", "format": "csv", "filter": MONTH})
    assert asked.status_code == 202, asked.content
    body = asked.json()
    assert body["filter"] == {"since": "2026-10-01", "until": "2026-10-01", "dated": "charge"}
    assert (body["sha256"], body["rows"]) == ("", None)
    early = signed_in.get(f"/api/v1/exports/{body['id']}/file/")
    assert early.status_code == 422 and "not finished yet" in early.json()["error"]["message"]
    run_inline(Job.objects.get(pk=body["job"]))
    made = signed_in.get(f"/api/v1/exports/{body['id']}/").json()
    assert (made["state"], made["rows"]) == ("done", 1)
    assert Decimal(made["control"]["USD"]["billed"]) == 100
    file = signed_in.get(f"/api/v1/exports/{body['id']}/file/")
    content = b"".join(file.streaming_content)
    assert file["Content-Disposition"].startswith("attachment")
    assert b"100" in content and ExportJob.objects.get().file.sha256 == made["sha256"]
    formats = [
        len(signed_in.get("/api/v1/exports/", {"format": one}).json()["results"])
        for one in ("csv", "xlsx")
    ]
    assert formats == [1, 0]
    listed = signed_in.get("/api/v1/exports/", {"sheet": "ledger"}).json()["results"]
    assert [one["id"] for one in listed] == [body["id"]]


def test_the_same_wish_sent_again_makes_one_export(signed_in):
    body = {"sheet": "ledger", "format": "csv"}
    answers = [
        signed_in.post("/api/v1/exports/", body, headers={"Idempotency-Key": "k1"}, **HEAD).json()
        for _ in range(2)
    ]
    assert answers[0] == answers[1]
    assert ExportJob.objects.count() == 1


def test_somebody_elses_export_is_not_there(signed_in, client, person):
    asked = post(signed_in, "exports/", {"sheet": "ledger", "format": "csv"}).json()
    client.force_login(person("executive"))
    for address in (f"exports/{asked['id']}/", f"exports/{asked['id']}/file/"):
        assert client.get(f"/api/v1/{address}").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"sheet": "nonsense", "format": "csv"}, 400, "sheet"),
        ({"sheet": "ledger", "format": "csv", "colour": 1}, 400, "colour"),
        ({"sheet": "ledger", "format": "csv", "layout": "SAP"}, 400, "no layout"),
        ({"sheet": "journal", "format": "focus-1.2"}, 422, "FOCUS holds bill lines"),
        ({"sheet": "ledger", "format": "csv", "filter": {"until": "yesterday"}}, 400, "until"),
    ],
)
def test_what_cannot_be_exported_is_refused_by_name(signed_in, body, status, word):
    refused = post(signed_in, "exports/", body)
    assert refused.status_code == status and word in refused.content.decode()
    assert not ExportJob.objects.exists()


def test_a_layout_is_added_used_changed_and_put_away(signed_in):
    body = {
        "name": "SAP", "sheet": "ledger", "delimiter": ";", "decimal_mark": ",",
        "columns": [{"value": "0001", "heading": "Company"}, {"name": "billed", "heading": "Amt"}],
    }  # fmt: skip
    made = post(signed_in, "layouts/", body)
    assert made.status_code == 201, made.content
    assert post(signed_in, "layouts/", body).status_code == 422
    asked = post(
        signed_in, "exports/", {"sheet": "ledger", "format": "csv", "layout": "sap"}
    ).json()
    run_inline(Job.objects.get(pk=asked["job"]))
    file = signed_in.get(f"/api/v1/exports/{asked['id']}/file/")
    assert b"".join(file.streaming_content).splitlines()[0] == b"Company;Amt"
    address = f"/api/v1/layouts/{made.json()['id']}/"
    stale = signed_in.patch(address, {"version": 7, "has_bom": True}, **HEAD)
    assert stale.status_code == 409
    away = signed_in.patch(address, {"version": 1, "is_active": False}, **HEAD)
    assert away.json()["is_active"] is False
    assert signed_in.get("/api/v1/layouts/").json()["results"] == []
    assert ColumnSet.objects.get().columns[0] == {"value": "0001", "heading": "Company"}


def test_a_schedule_is_added_and_stopped(signed_in, client, person):
    body = {
        "name": "Monthly ledger", "sheet": "ledger", "format": "xlsx", "every": "close",
        "target": "email", "address": "erp@example.com", "filter": {"provider": "AWS"},
    }  # fmt: skip
    made = post(signed_in, "schedules/", body)
    assert made.status_code == 201, made.content
    assert made.json()["filter"] == {"dated": "charge", "provider": "AWS"}
    refused = post(signed_in, "schedules/", {**body, "name": "Other", "address": "nobody"})
    assert refused.status_code == 422 and "no e-mail address" in refused.content.decode()
    address = f"/api/v1/schedules/{made.json()['id']}/"
    stopped = signed_in.patch(address, {"version": 1, "is_active": False}, **HEAD)
    assert stopped.json()["is_active"] is False
    assert ExportSchedule.objects.count() == 1
    client.force_login(person("executive"))
    assert client.get("/api/v1/schedules/").json()["results"] == []
    assert client.patch(address, {"version": 2, "is_active": True}, **HEAD).status_code == 404


def test_rates_are_entered_together_or_not_at_all(client, admin, person, organisation):
    client.force_login(admin)
    line = {"base": "EUR", "quote": "USD", "month": "2026-10-31", "kind": "average", "value": "1.1"}
    made = client.post("/api/v1/rates/", {"rates": [line], "source": "ECB"}, **HEAD)
    assert made.status_code == 201, made.content
    assert made.json()[0]["month"] == "2026-10-01"
    again = client.post("/api/v1/rates/", {"rates": [line], "source": "ECB"}, **HEAD)
    assert (again.status_code, again.json()) == (201, [])
    wrong = [{**line, "month": "2026-09-01"}, {**line, "value": "0"}]
    refused = client.post("/api/v1/rates/", {"rates": wrong, "source": "ECB"}, **HEAD)
    assert refused.status_code == 422 and "positive" in refused.content.decode()
    same = client.post(
        "/api/v1/rates/", {"rates": [{**line, "quote": "EUR"}], "source": "ECB"}, **HEAD
    )
    assert same.status_code == 400
    assert Rate.objects.count() == 1
    client.force_login(person("executive"))
    assert (
        client.post("/api/v1/rates/", {"rates": [line], "source": "x"}, **HEAD).status_code == 403
    )
    found = client.get("/api/v1/rates/", {"base": "eur"}).json()["results"]
    assert [(one["value"], one["source"]) for one in found] == [("1.1", "ECB")]
