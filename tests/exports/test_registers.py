"""Registers as files: in the regulator's columns, with what is unknown said so."""

import datetime as dt

import pytest

from governance_app.compliance import services as compliance
from governance_app.initiatives import services as initiatives
from governance_app.risk import services as risk
from tests.compliance.conftest import CREDIT
from tests.exports.test_exports import made, rows

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 11, 20)


@pytest.fixture
def finance(person):
    return person("finance_partner")


@pytest.fixture
def two(unit, admin, person):
    compliance.load_shipped(by=admin)
    first = initiatives.add(name="=Credit score", unit=unit, by=admin, data_classes=["personal"])
    second = initiatives.add(name="Canteen menu", unit=unit, by=admin)
    officer, board = person("risk_officer"), person("governance_board")
    one = compliance.classify(
        initiative=first, scheme="eu-ai-act", answers=CREDIT, on=ON, by=officer
    )
    compliance.review_classification(classification=one, is_confirmed=True, on=ON, by=board)
    return first, second


def test_the_eu_inventory_holds_every_initiative(two, finance):
    found = rows(made(finance, "eu_register")[1])
    assert [row["trade_name_of_the_system"] for row in found] == ["'=Credit score", "Canteen menu"]
    assert [row["tier"] for row in found] == ["High risk", "Unknown"]
    assert found[0]["annex_iii_points"].startswith("5(b) Creditworthiness")
    assert (found[0]["classified_on"], found[0]["first_duty_applies_from"]) == (
        "2026-11-20", "2025-02-02",
    )  # fmt: skip
    assert found[1]["classified_on"] == "" and found[1]["confirmed_by"] == ""


def test_the_omb_inventory_has_its_columns_in_order(two, finance):
    content = made(finance, "omb_inventory")[1]
    header = content.decode("utf-8-sig").splitlines()[0].split(",")
    assert header[:3] == ["use_case_name", "agency", "bureau"]
    found = rows(content)
    pii = "does_this_ai_use_case_involve_personally_identifiable_information_pii"[:60]
    assert [row[pii] for row in found] == ["Yes", "Unknown"]


def test_the_third_party_register_has_the_columns_dora_asks_for(two, finance, admin):
    compliance.add_arrangement(
        initiative=two[0], vendor="Modelhaus", reference="C-7", service="Scoring",
        service_type="S17", is_critical=True, data_countries=["de", "IE"], annual_cost=1000,
        currency="EUR", by=admin,
    )  # fmt: skip
    (row,) = rows(made(finance, "third_party_register")[1])
    assert row["name_of_the_third_party_provider"] == "Modelhaus"
    assert row["countries_where_data_are_stored_or_processed"] == "DE IE"
    assert (row["critical_or_important_function"], row["yearly_expense"]) == ("Yes", "1000")


def test_the_risk_register_is_the_page_as_a_file(two, finance, admin):
    risk.add_risk(
        initiative=two[0], category="bias", title="Older people pay more", likelihood=4, impact=4,
        reviewed_on=ON, on=ON, by=admin,
    )  # fmt: skip
    risk.add_risk(initiative=two[1], category="financial", title="Nobody looked", on=ON, by=admin)
    found = rows(made(finance, "risk_register")[1])
    assert [(row["title"], row["level"]) for row in found] == [
        ("Nobody looked", "Not assessed"), ("Older people pay more", "High"),
    ]  # fmt: skip


def test_what_one_may_not_see_is_in_no_file(two, person, other_unit):
    stranger = person("finance_partner", other_unit)
    assert rows(made(stranger, "eu_register")[1]) == []
    assert rows(made(stranger, "incidents")[1]) == []
