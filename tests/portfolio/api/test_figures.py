"""Spend rollups, readings, jobs and units through the API."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from governance_app.jobs import services as jobs
from governance_app.readings.models import Point
from tests.rollups.conftest import OCT, SEP, World
from tests.rollups.conftest import world as world  # the fixture itself

pytestmark = pytest.mark.django_db


@pytest.fixture
def billed(world: World) -> Any:
    """Spend in two months, some of it nobody's."""
    claims = world.initiative()
    world.bill([(claims.key, SEP, "100"), ("", SEP, "5")])
    world.bill([(claims.key, OCT, "140.25")])
    world.absorb()
    return claims


def test_months_of_initiatives_newest_first(billed: Any, program: Callable[..., Any]) -> None:
    rows = program("executive").get("/api/v1/spend/initiatives/").json()["results"]
    assert [(row["month"], row["billed"], row["currency"]) for row in rows] == [
        ("2026-10-01", "140.25", "USD"),
        ("2026-09-01", "100", "USD"),
    ]
    assert rows[0]["initiative"] == billed.key and rows[0]["budget"] is None
    rows = program("executive").get("/api/v1/spend/initiatives/?month_to=2026-09-30").json()
    assert [row["month"] for row in rows["results"]] == ["2026-09-01"]


def test_months_of_units_and_totals_agree(
    billed: Any, program: Callable[..., Any], unit: Any
) -> None:
    asking = program("finance_partner")
    rows = asking.get(f"/api/v1/spend/units/?unit={unit.pk}").json()["results"]
    assert [row["billed"] for row in rows] == ["140.25", "100"]
    totals = asking.get("/api/v1/spend/months/").json()
    assert [(row["month"], row["spend"], row["unallocated"]) for row in totals] == [
        ("2026-09-01", "105", "5"),
        ("2026-10-01", "140.25", None),
    ]
    assert sum(Decimal(row["billed"]) for row in totals) == Decimal("240.25")


def test_who_sees_no_money_gets_no_money(
    billed: Any, program: Callable[..., Any], other_unit: Any
) -> None:
    for name in ("initiatives", "units", "months"):
        assert program("administrator").get(f"/api/v1/spend/{name}/").status_code == 403
    stranger = program("executive", other_unit)
    assert stranger.get("/api/v1/spend/initiatives/").json()["results"] == []
    assert stranger.get("/api/v1/spend/units/").json()["results"] == []
    assert stranger.get("/api/v1/spend/months/").json() == []


def test_a_contributor_of_one_initiative_reads_its_months_only(
    world: World, billed: Any, program: Callable[..., Any]
) -> None:
    world.initiative("Contact centre")
    asking = program("business_owner", billed.node)
    totals = asking.get("/api/v1/spend/months/").json()
    assert [row["spend"] for row in totals] == ["100", "140.25"]


def push(client: Any, initiative: Any, *readings: tuple[str, str], **more: Any) -> Any:
    body = {
        "initiative": initiative.key,
        "series": "handling-time",
        "readings": [{"period_on": day, "value": value} for day, value in readings],
        **more,
    }
    return client.post("/api/v1/readings/", body, format="json")


def test_readings_pushed_again_change_nothing(billed: Any, program: Callable[..., Any]) -> None:
    machine = program("connector")
    first = push(machine, billed, ("2026-10-01", "20"), ("2026-10-02", "19.5"))
    assert first.status_code == 200, first.json()
    assert (first.json()["new"], first.json()["changed"]) == (2, 0)
    again = push(machine, billed, ("2026-10-01", "20"), ("2026-10-02", "19")).json()
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 1, 1)
    assert Point.objects.filter(known_to=None).count() == 2
    refused = push(machine, billed, ("2099-01-01", "1")).json()
    assert refused["refused"] == 1 and "until now" in refused["reasons"][0]


def test_a_connector_pushes_and_sees_nothing(
    billed: Any, program: Callable[..., Any], other_unit: Any
) -> None:
    machine = program("connector", billed.node)
    assert machine.get("/api/v1/initiatives/").status_code == 403
    assert machine.get("/api/v1/series/").status_code == 403
    assert push(program("connector", other_unit), billed, ("2026-10-01", "1")).status_code == 404
    assert push(program("executive"), billed, ("2026-10-01", "1")).status_code == 403


def test_a_body_with_an_unknown_field_is_refused_whole(
    billed: Any, program: Callable[..., Any]
) -> None:
    answer = push(program("connector"), billed, ("2026-10-01", "1"), colour="blue")
    assert answer.status_code == 400 and not Point.objects.exists()
    answer = push(program("connector"), billed, ("2026-13-01", "NaN")).json()
    assert sorted(answer["error"]["fields"]["readings"]["0"]) == ["period_on", "value"]


def test_jobs_are_read_stopped_and_tried_again(billed: Any, program: Callable[..., Any]) -> None:
    asking = program("administrator")
    job = jobs.receive(kind="tests.jobs.kinds.count", title="Count", payload={}, by=asking.person)
    address = f"/api/v1/jobs/{job.pk}/"
    assert asking.get("/api/v1/jobs/?state=queued").json()["results"][0]["title"] == "Count"
    assert asking.get(address).json()["progress"]["rows"] == 0
    assert asking.post(f"{address}cancel/").json()["state"] == "cancelled"
    answer = asking.post(f"{address}cancel/")
    assert answer.status_code == 422
    assert answer.json()["error"]["message"] == "Count has already ended (cancelled)."
    assert asking.post(f"{address}retry/").json()["state"] == "queued"
    assert program("contributor").get(address).status_code == 404


def test_units_are_listed(billed: Any, program: Callable[..., Any], unit: Any) -> None:
    rows = program("executive").get("/api/v1/units/").json()["results"]
    assert [row["name"] for row in rows] == [unit.name]


def test_a_wrong_day_is_named(billed: Any, program: Callable[..., Any]) -> None:
    answer = program("executive").get("/api/v1/spend/months/?as_of=yesterday")
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {"as_of": ["Write the day like 2026-10-31."]}
    day = dt.date(2026, 11, 22)
    assert program("executive").get(f"/api/v1/spend/months/?as_of={day}").status_code == 200


def test_a_value_is_of_the_type_that_the_document_names(program, initiative):
    finance = program("finance_partner")
    body = {
        "issuer": "Cloudworks", "number": "INV-7", "currency": "USD", "month": "2026-10-01",
        "total": 12.5,
    }  # fmt: skip
    refused = finance.post("/api/v1/close/invoices/", body, format="json")
    assert refused.status_code == 400
    fields = refused.json()["error"]["fields"]
    assert fields == {"total": ['Write text, such as "12.50", so that no digit is lost.']}
    refused = finance.post(
        "/api/v1/close/invoices/", {**body, "total": "12.50", "issuer": 7}, format="json"
    )
    assert refused.json()["error"]["fields"] == {"issuer": ["Write text."]}
    made = finance.post("/api/v1/close/invoices/", {**body, "total": "12.50"}, format="json")
    assert (made.status_code, made.json()["stated"]) == (201, "12.5")


def test_a_question_asked_twice_is_refused_unless_it_takes_several(program, initiative):
    finance = program("finance_partner")
    wrong = finance.get("/api/v1/spend/allocations/?source=null")
    assert (wrong.status_code, wrong.json()["error"]["fields"]) == (
        400,
        {"source": ["This is no id."]},
    )
    twice = finance.get("/api/v1/spend/allocations/?source=a&source=b")
    assert (twice.status_code, twice.json()["error"]["fields"]) == (
        400,
        {"source": ["Ask it once."]},
    )
    assert finance.get("/api/v1/jobs/?state=done&state=failed").status_code == 200


def test_every_address_that_is_nobodys_is_answered_in_the_one_shape(program, initiative):
    for rest in ("nothing", "initiatives/AI-1%0A/", "%0A", "a/b/c%0Ad/"):
        answer = program("executive").get(f"/api/v1/{rest}")
        assert answer.status_code == 404
        assert answer.json()["error"]["status"] == 404
