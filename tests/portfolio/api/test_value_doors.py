"""Chance, carbon, benchmarks, ready KPIs, sheets and dispositions through the API."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from governance_app.domain.periods import add_months, month_of
from governance_app.domain.records import CaseLineRecord
from governance_app.value import services as value
from governance_app.value.models import Benchmark, Benefit, CarbonMonth, GridIntensity, Simulation

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(initiative: Any, admin: Any, person: Any) -> Any:
    month = month_of(timezone.localdate())
    lines = [
        CaseLineRecord("cost", "build", month, Decimal(100), low=Decimal(80), high=Decimal(140)),
        CaseLineRecord("cost", "run", add_months(month, 2), Decimal(20)),
        CaseLineRecord(
            "benefit", "hard", add_months(month, 3), Decimal(300), low=Decimal(90),
            high=Decimal(400),
        ),
    ]  # fmt: skip
    draft = value.write_case(initiative=initiative, lines=lines, currency="USD", by=admin)
    return value.approve_case(case=draft, by=person("finance_partner"))


def test_a_run_is_asked_for_once_and_read(program: Any, organisation: Any, case: Any) -> None:
    client = program("finance_partner")
    answers = [
        client.post(
            "/api/v1/value/simulations/", {"seed": 5}, format="json",
            HTTP_IDEMPOTENCY_KEY="draw-1",
        )
        for _ in range(2)
    ]  # fmt: skip
    assert [each.status_code for each in answers] == [202, 202]
    assert answers[0].data["job"]
    run = Simulation.objects.get()
    value.run_simulation(simulation=run, by=client.person)
    told = client.get(f"/api/v1/value/simulations/{run.pk}/").data
    assert told["outcome"]["seed"] == 5
    assert told["outcome"]["p10"] < told["outcome"]["p50"] < told["outcome"]["p90"]
    paper = client.get(f"/api/v1/passports/chance_p50/{run.pk}/").data
    assert float(paper["value"]) == pytest.approx(told["outcome"]["p50"])
    assert {"Seed", "Draws"} <= {line["label"] for line in paper["lines"]}
    few = client.post("/api/v1/value/simulations/", {"draws": 10}, format="json")
    assert few.status_code in (400, 422)
    assert Simulation.objects.count() == 1


def test_one_initiative_is_drawn_at_once_and_repeats(
    program: Any, initiative: Any, case: Any
) -> None:
    client = program("finance_partner")
    path = f"/api/v1/value/chance/?initiative={initiative.key}&seed=7"
    one, again = client.get(path).data, client.get(path).data
    assert one == again
    paper = client.get(f"/api/v1/passports/chance_p90/{initiative.key}~7/").data
    assert float(paper["value"]) == pytest.approx(one["p90"])
    assert client.get(f"{path}x").status_code == 400


def test_a_case_is_laid_out_and_downloaded_with_passports_that_reproduce(
    program: Any, case: Any, other_unit: Any
) -> None:
    client = program("finance_partner")
    sheet = client.get(f"/api/v1/value/cases/{case.pk}/sheet/?span=month").data
    assert sum(Decimal(each) for each in sheet["net"]) == 180
    low = client.get(f"/api/v1/value/cases/{case.pk}/sheet/?scenario=low").data
    assert sum(Decimal(each) for each in low["net"]) == -70
    assert client.get(f"/api/v1/value/cases/{case.pk}/sheet/?span=week").status_code == 400
    book = client.get(f"/api/v1/value/cases/{case.pk}/workbook/")
    assert openpyxl.load_workbook(io.BytesIO(book.content)).sheetnames
    paper = client.get(f"/api/v1/passports/case_net/{case.pk}/").data
    assert Decimal(paper["value"]) == Decimal(paper["parts_sum"]) == 180
    assert client.get(f"/api/v1/passports/case_npv/{case.pk}/").data["value"] is not None
    stranger = program("finance_partner", other_unit)
    assert stranger.get(f"/api/v1/value/cases/{case.pk}/sheet/").status_code == 404
    assert stranger.get(f"/api/v1/passports/case_net/{case.pk}/").status_code == 404


def test_carbon_is_estimated_and_its_passport_sums(program: Any, initiative: Any) -> None:
    admin, manager = program("administrator"), program("program_manager")
    grid = {"region": "DE", "year": 2025, "kg_per_kwh": "0.35", "source": "UBA"}
    assert admin.post("/api/v1/carbon/intensities/", grid, format="json").status_code == 200
    month = add_months(month_of(timezone.localdate()), -1).replace(month=1)
    asked = {"initiative": initiative.key, "month": month.isoformat(), "kwh": "1000",
             "region": "DE"}  # fmt: skip
    made = manager.post("/api/v1/carbon/estimates/", asked, format="json")
    assert (made.status_code, made.data["kg"], made.data["basis"]) == (201, "350", "estimate")
    rows = manager.get(f"/api/v1/carbon/?initiative={initiative.key}&first={month}").data
    assert [row["kg"] for row in rows] == ["350"]
    paper = manager.get(f"/api/v1/passports/carbon_year/{initiative.key}/").data
    assert (paper["value"], paper["parts_sum"], paper["is_total"]) == ("350", "350", True)
    assert "1000 kWh × 0.35" in paper["lines"][0]["where"]
    assert manager.post("/api/v1/carbon/intensities/", grid, format="json").status_code == 403
    below = manager.post("/api/v1/carbon/estimates/", asked | {"kwh": "-1"}, format="json")
    assert below.status_code in (400, 422)
    assert (CarbonMonth.objects.count(), GridIntensity.objects.count()) == (1, 1)


def test_the_field_is_set_with_its_source_and_stands_beside(
    program: Any, organisation: Any
) -> None:
    asked = {"key": "adoption", "from_on": "2026-01-01", "low": "0.5", "source": "A survey",
             "read_on": "2026-05-01"}  # fmt: skip
    admin = program("administrator")
    refused = program("executive").post("/api/v1/value/benchmarks/", asked, format="json")
    assert refused.status_code == 403
    assert not Benchmark.objects.exists()
    # an administrator may set but sees no money, so the door of money stays shut
    assert admin.post("/api/v1/value/benchmarks/", asked, format="json").status_code == 403
    finance = program("finance_partner")
    assert finance.post("/api/v1/value/benchmarks/", asked, format="json").status_code in (200, 201)
    assert Benchmark.objects.get().low == Decimal("0.5")
    told = {row["key"]: row for row in program("executive").get("/api/v1/value/benchmarks/").data}
    assert set(told) == {"efficiency_gain", "ai_share", "adoption"}
    assert told["adoption"]["value"] is None
    assert told["adoption"]["reason"]
    paper = program("executive").get("/api/v1/passports/benchmark_adoption/portfolio/").data
    assert paper["reason"] == told["adoption"]["reason"]


def test_a_ready_kpi_is_adopted_once(program: Any, initiative: Any) -> None:
    client = program("program_manager")
    ready = client.get("/api/v1/value/kpi-library/").data
    keys = [row["key"] for row in ready]
    assert "adoption" in keys
    asked = {"initiative": initiative.key, "key": "adoption"}
    made = client.post("/api/v1/value/kpi-library/", asked, format="json")
    assert (made.status_code, made.data["initiative"]) == (201, initiative.key)
    again = client.post("/api/v1/value/kpi-library/", asked, format="json")
    assert again.status_code in (400, 422)
    assert initiative.kpis.count() == 1


def test_where_freed_time_went_is_told(program: Any, initiative: Any, admin: Any) -> None:
    client = program("program_manager")
    benefit = value.add_benefit(
        initiative=initiative, name="Hours of clerks", benefit_type="avoided",
        value_type="operational_efficiency", formula="labour", population="Clerks",
        starts_month=dt.date(2026, 1, 1), ends_month=dt.date(2026, 12, 1), currency="USD",
        method="time_study", minutes_saved=Decimal(6), acceptance=Decimal("0.7"),
        capture=Decimal("0.5"), unit_value=Decimal(60), by=admin,
    )  # fmt: skip
    path = f"/api/v1/value/benefits/{benefit.pk}/dispositions/"
    wrong = client.post(path, {"shares": {"holidays": "0.5"}}, format="json")
    assert (wrong.status_code, "no use of time" in wrong.content.decode()) == (400, True)
    told = client.post(path, {"shares": {"hiring_avoided": "0.6"}}, format="json")
    assert (told.status_code, told.data["capture"]) == (200, "0.6"), told.content
    over = client.post(path, {"shares": {"hiring_avoided": "1.6"}}, format="json")
    assert over.status_code in (400, 422)
    assert Benefit.objects.get().dispositions == {"hiring_avoided": "0.6"}
