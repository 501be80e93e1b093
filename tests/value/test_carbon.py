"""Carbon: reported and shared as bills are, else estimated; and what the field aims at."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance_app.domain.errors import Sentence
from governance_app.files import services as files
from governance_app.initiatives import services as initiatives
from governance_app.people.access import Refused
from governance_app.people.services import system_user
from governance_app.rollups.catching_up import absorb_all
from governance_app.spend import services as spend
from governance_app.value import selectors, services
from governance_app.value.models import CarbonMonth, CarbonReport
from governance_app.value.services import Emitted
from tests.rollups.conftest import focus

pytestmark = pytest.mark.django_db

SEP = dt.date(2026, 9, 1)


@pytest.fixture
def billed(unit: Any, admin: Any, finance: Any, initiative: Any) -> Any:
    """A bill of 300 to one initiative, 100 to another and 100 to nobody, all of acc-1."""
    other = initiatives.add(name="Second", unit=unit, by=admin, stage="pilot")
    source = spend.add_source(name="Cloud", by=finance)
    spend.add_rule(name="Tag", dimension="tag", tag="initiative", by=finance)
    lines = [(initiative.key, SEP, "300"), (other.key, SEP, "100"), ("", SEP, "100")]
    kept = files.store(content=focus(lines, "USD", "acc-1"), name="bill.csv", by=finance)
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    spend.import_file(source=source, files=[kept], names=["bill.csv"], by=finance, now=now)
    return source


def told() -> dict[str, Decimal]:
    rows = CarbonMonth.objects.filter(basis="reported")
    return {row.initiative.name: row.kg for row in rows.select_related("initiative")}


def test_a_report_is_shared_as_the_bills_are_and_loses_nothing(billed: Any, finance: Any) -> None:
    rows = [Emitted("", SEP, Decimal("50.000001"))]
    assert services.report_carbon(source=billed, rows=rows, by=finance) == 1
    shared = told()
    report = CarbonReport.objects.get()
    assert sum(shared.values()) + report.unallocated_kg == Decimal("50.000001")
    assert shared["Claims triage"] == pytest.approx(Decimal(30), abs=Decimal("0.00001"))
    assert report.unallocated_kg == pytest.approx(Decimal(10), abs=Decimal("0.00001"))


def test_a_later_report_takes_the_place_of_the_former(billed: Any, finance: Any) -> None:
    for kg in (50, 100):
        services.report_carbon(source=billed, rows=[Emitted("", SEP, Decimal(kg))], by=finance)
    assert told() == {"Claims triage": 60, "Second": 20}


def test_a_new_rule_and_a_restated_bill_share_it_again(
    billed: Any, finance: Any, initiative: Any
) -> None:
    services.report_carbon(source=billed, rows=[Emitted("", SEP, Decimal(50))], by=finance)
    absorb_all(by=system_user("rollups"), clock=timezone.now)
    assert told() == {"Claims triage": 30, "Second": 10}
    spend.add_rule(
        name="The account",
        dimension="billing account",
        value="acc-1",
        initiative=initiative,
        by=finance,
    )
    spend.allocate(by=finance)
    assert told() == {"Claims triage": 30, "Second": 10}, "carbon follows when figures do"
    absorb_all(by=system_user("rollups"), clock=timezone.now)
    assert told() == {"Claims triage": 40, "Second": 10}
    assert CarbonReport.objects.get().unallocated_kg == 0
    lines = [(initiative.key, SEP, "500")]
    kept = files.store(content=focus(lines, "USD", "acc-1"), name="bill-2.csv", by=finance)
    later = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
    spend.import_file(source=billed, files=[kept], names=["bill-2.csv"], by=finance, now=later)
    absorb_all(by=system_user("rollups"), clock=timezone.now)
    assert told() == {"Claims triage": 50}


def test_sharing_again_what_did_not_move_writes_nothing(
    billed: Any, finance: Any, ledger_count: Any
) -> None:
    services.report_carbon(source=billed, rows=[Emitted("", SEP, Decimal(50))], by=finance)
    by = system_user("rollups")
    before = ledger_count()
    assert services.share_carbon_again(by=by) == 1
    assert ledger_count() == before


def test_a_month_without_bills_stays_with_nobody(billed: Any, finance: Any) -> None:
    rows = [Emitted("", dt.date(2026, 1, 1), Decimal(5))]
    services.report_carbon(source=billed, rows=rows, by=finance)
    assert told() == {}
    assert CarbonReport.objects.get().unallocated_kg == 5


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([Emitted("", SEP, Decimal(-1))], "not below 0"),
        ([Emitted("", dt.date(2099, 1, 1), Decimal(1))], "has not come yet"),
        ([Emitted("a", SEP, Decimal(1)), Emitted("a", SEP, Decimal(2))], "stands twice"),
    ],
)
def test_a_report_that_cannot_be_is_refused_whole(
    billed: Any, finance: Any, rows: Any, words: str
) -> None:
    with pytest.raises(Sentence, match=words):
        services.report_carbon(source=billed, rows=rows, by=finance)
    assert not CarbonReport.objects.exists()


def test_an_estimate_is_labelled_and_gives_way_to_a_report(
    billed: Any, initiative: Any, manager: Any, finance: Any
) -> None:
    services.set_intensity(
        region="DE", year=2025, kg_per_kwh=Decimal("0.38"), source="Agency, 2026", by=finance
    )
    made = services.estimate_carbon(
        initiative=initiative, month=SEP, kwh=Decimal(1000), region="DE", by=manager
    )
    assert (made.kg, made.made_from["year"]) == (380, 2025)
    (row,) = selectors.carbon(viewer=finance, first=SEP, last=SEP)
    assert (row.kg, row.is_estimate) == (380, True)
    services.report_carbon(source=billed, rows=[Emitted("", SEP, Decimal(100))], by=finance)
    rows = {
        each.initiative.name: each for each in selectors.carbon(viewer=finance, first=SEP, last=SEP)
    }
    assert (rows["Claims triage"].kg, rows["Claims triage"].is_estimate) == (60, False)


def test_without_a_coefficient_nothing_is_estimated(initiative: Any, manager: Any) -> None:
    with pytest.raises(Sentence, match="No coefficient is set for DE by 2026"):
        services.estimate_carbon(
            initiative=initiative, month=SEP, kwh=Decimal(1), region="DE", by=manager
        )
    assert not CarbonMonth.objects.exists()


def test_an_aim_of_the_field_needs_a_source_and_has_a_day(finance: Any, manager: Any) -> None:
    with pytest.raises(Sentence, match="Name the source"):
        services.set_benchmark(
            key="adoption", from_on=SEP, low=Decimal("0.7"), source=" ", read_on=SEP, by=finance
        )
    with pytest.raises(Refused):
        services.set_benchmark(
            key="adoption", from_on=SEP, low=Decimal(1), source="X", read_on=SEP, by=manager
        )
    services.set_benchmark(
        key="adoption", from_on=SEP, low=Decimal("0.7"), source="Survey", read_on=SEP, by=finance
    )
    before = selectors.field_aims(viewer=finance, on=dt.date(2026, 8, 1))["adoption"]
    now = selectors.field_aims(viewer=finance, on=SEP)["adoption"]
    assert (before.low, before.is_own) == (Decimal("0.65"), False)
    assert (now.low, now.source) == (Decimal("0.7"), "Survey")


def test_the_pages_show_what_is_known_and_take_what_is_written(
    billed: Any, finance: Any, initiative: Any
) -> None:
    client = Client()
    client.force_login(finance)
    assert "No carbon is known yet" in client.get("/value/carbon/").content.decode()
    sent = {"action": "report", "source": str(billed.pk), "rows": "month,account,kg\n2026-09,,50"}
    assert client.post("/value/carbon/write/", sent).status_code == 302
    assert "Claims triage" in client.get("/value/carbon/").content.decode()
    bad = client.post("/value/carbon/write/", {**sent, "rows": "2026-09,x"})
    assert bad.status_code == 422
    assert "Row 2: write month, account, kilograms" in bad.content.decode()
    page = client.get("/value/benchmarks/").content.decode()
    assert "No KPI of the library reads adoption." in page
    assert "No IT budget is set for the period." in page
    refused = client.post("/value/benchmarks/", {"key": "adoption", "low": "70"})
    assert refused.status_code == 422
