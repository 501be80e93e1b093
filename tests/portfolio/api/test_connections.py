"""Connections through the API: the same services as the pages; secrets never come out."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from governance_app.connectors import services
from governance_app.connectors.models import Connection, MappingRule, Stray, SyncRun
from governance_app.jobs import tasks as jobs_tasks
from governance_app.jobs.models import Job
from governance_app.people.models import ScopeNode
from tests.connectors.bills import billed, write_bill

pytestmark = pytest.mark.django_db

SECRET = "hunter2-very-secret"
FORM = {
    "plugin": "mlflow",
    "name": "Registry",
    "settings": {"address": "https://mlflow.example.com", "token": SECRET},
}


def test_a_connection_is_set_up_on_trial_and_its_secret_stays_inside(
    program: Callable[..., Any], organisation: Any
) -> None:
    client = program("administrator")
    made = client.post("/api/v1/connections/", FORM, format="json")
    assert made.status_code == 201, made.json()
    told = made.json()
    assert (told["is_on_trial"], told["health"]) == (True, "trial")
    place = f"/api/v1/connections/{told['id']}/"
    for answer in (made, client.get(place), client.get("/api/v1/connections/")):
        assert SECRET not in answer.content.decode()
    assert client.post(f"{place}run/").status_code == 422
    changed = client.patch(place, {"version": told["version"], "name": "MLflow"}, format="json")
    assert changed.json()["name"] == "MLflow"
    stale = client.patch(place, {"version": told["version"], "name": "x"}, format="json")
    assert stale.status_code == 409
    assert client.post(f"{place}pause/").json()["is_paused"] is True
    assert client.post(f"{place}resume/").json()["is_paused"] is False


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"plugin": "none"}, 422),
        ({"settings": {}}, 422),
        ({"settings": {**FORM["settings"], "colour": "red"}}, 422),  # type: ignore[dict-item]
        ({"every_seconds": 1}, 400),
        ({"colour": "red"}, 400),
        ({"node": "019063ac-0000-7000-8000-000000000000"}, 404),
    ],
)
def test_a_wrong_set_up_is_refused(
    program: Callable[..., Any], organisation: Any, change: dict[str, Any], status: int
) -> None:
    answer = program("administrator").post(
        "/api/v1/connections/", {**FORM, **change}, format="json"
    )
    assert answer.status_code == status
    assert not Connection.objects.exists()


def test_who_may_only_look_changes_nothing(
    program: Callable[..., Any], organisation: Any, person: Callable[..., Any]
) -> None:
    made = services.add_connection(by=person("administrator"), **FORM)
    place = f"/api/v1/connections/{made.pk}/"
    client = program("auditor")
    assert client.get(place).status_code == 200
    assert client.post("/api/v1/connections/", FORM, format="json").status_code == 403
    for verb in ("test", "run", "rehearse", "pause"):
        assert client.post(f"{place}{verb}/").status_code == 403, verb
    assert program("risk_officer").get(place).status_code == 403
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_rehearse_accept_and_backfill(
    program: Callable[..., Any], tmp_path: Path, settings: Any, organisation: Any
) -> None:
    settings.FOLDERS_ALLOWED = [str(tmp_path)]
    write_bill(tmp_path / "a.csv", ("10.5", ""))
    client = program("administrator")
    form = {"plugin": "focus_folder", "name": "Bills", "settings": {"folder": str(tmp_path)}}
    made = client.post("/api/v1/connections/", form, format="json").json()
    place = f"/api/v1/connections/{made['id']}/"
    checks = client.post(f"{place}test/").json()
    assert all(check["is_ok"] for check in checks)

    def done(answer: Any) -> SyncRun:
        assert answer.status_code == 202, answer.json()
        jobs_tasks.run_inline(Job.objects.get(pk=answer.json()["job"]))
        return SyncRun.objects.get(job=answer.json()["job"])

    rehearsal = done(client.post(f"{place}rehearse/"))
    assert billed() == 0
    found = client.get(f"{place}runs/{rehearsal.pk}/").json()["findings"]
    assert [(bill["rows"], "billed" in bill) for bill in found["bills"]] == [(1, False)]
    found = program("auditor").get(f"{place}runs/{rehearsal.pk}/").json()["findings"]
    assert {amount.rstrip("0") for amount in found["bills"][0]["billed"].values()} == {"10.5"}
    run = done(client.post(f"{place}runs/{rehearsal.pk}/accept/"))
    assert (run.rows_new, billed()) == (1, Decimal("10.5"))
    asked = {"since": "2026-10-05", "until": "2026-10-06"}
    back = done(client.post(f"{place}backfill/", asked, format="json"))
    assert (back.since, back.kind) == (dt.date(2026, 10, 1), "backfill")
    listed = client.get(f"{place}runs/").json()["results"]
    assert [each["kind"] for each in listed] == ["backfill", "sync", "rehearsal"]


def test_what_waits_is_settled_and_rules_place_it(
    program: Callable[..., Any], initiative: Any, admin: Any
) -> None:
    root = ScopeNode.objects.get(kind="organisation")
    rows = [
        Stray.objects.create(source="inbound:x", node=root, kind="readings", name=name)
        for name in ("claims-api", "demo", "churn")
    ]
    client = program("program_manager")
    assert len(client.get("/api/v1/waiting/").json()["results"]) == 3
    place = f"/api/v1/waiting/{rows[0].pk}/"
    asked = {"version": 1, "initiative": initiative.key}
    assert client.post(place, {**asked, "reason": "x"}, format="json").status_code == 400
    assert client.post(place, asked, format="json").json()["state"] == "placed"
    assert client.post(place, asked, format="json").status_code == 409
    aside = {"version": 1, "reason": "A course."}
    assert client.post(f"/api/v1/waiting/{rows[1].pk}/", aside, format="json").json()["state"] == (
        "aside"
    )
    rule = {"looks_at": "name", "pattern": "chu*", "initiative": initiative.key}
    made = client.post("/api/v1/mapping-rules/", rule, format="json")
    assert made.status_code == 201
    rows[2].refresh_from_db()
    assert rows[2].initiative == initiative
    later = client.post("/api/v1/mapping-rules/", {**rule, "pattern": "x*"}, format="json").json()
    move = f"/api/v1/mapping-rules/{later['id']}/move/"
    asked = {"version": later["version"], "before": made.json()["id"]}
    assert client.post(move, asked, format="json").json()["position"] == 1
    assert client.post(move, asked, format="json").status_code == 409
    assert client.post(f"/api/v1/mapping-rules/{later['id']}/end/").status_code == 200
    assert client.post(f"/api/v1/mapping-rules/{made.json()['id']}/end/").status_code == 200
    assert client.get("/api/v1/mapping-rules/").json()["results"] == []
    assert not MappingRule.objects.filter(ended_at=None).exists()
    assert client.get("/api/v1/seats/").json() == []
    assert {each["name"] for each in client.get("/api/v1/sources/").json()} >= {"mlflow", "jira"}
