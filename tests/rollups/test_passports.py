"""Every number opens to what it was made of, and a total is the sum of its parts."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from governance_app.people.access import Refused
from governance_app.rollups import selectors
from governance_app.rollups.selectors import passports
from governance_app.rollups.selectors.passports import catalogue
from tests.rollups.conftest import OCT, SEP, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def claims(world: World) -> Any:
    """An initiative with a foreign bill, a case, a reading and a validated month."""
    claims = world.initiative()
    world.rate("EUR", OCT, "1.10")
    world.case(claims)
    benefit = world.benefit(claims, world.kpi(claims))
    world.read(benefit.kpi, dt.date(2026, 9, 20), "19.8")
    world.bill([(claims.key, SEP, "100"), ("", SEP, "5")])
    world.bill([(claims.key, OCT, "140")], currency="EUR", account="acc-2")
    world.budget([(claims.node, SEP, "90")])
    world.absorb()
    world.validate(benefit, SEP, "200")
    world.absorb()
    return claims


@pytest.fixture
def open_(world: World, person: Callable[..., Any]) -> Callable[..., passports.Passport]:
    """Open a passport as an executive."""
    viewer = person("executive")

    def run(figure: str, subject: str, by: Any = None) -> passports.Passport:
        at = selectors.moment(now=world.now)
        return passports.passport(figure=figure, subject=subject, viewer=by or viewer, as_of=at)

    return run


def test_a_month_names_load_file_rule_and_rate(claims: Any, open_: Callable[..., Any]) -> None:
    found = open_("spend", f"{claims.key}@2026-10")
    assert found.title == "Spend, October 2026"
    assert found.value == found.parts_sum == Decimal(154)
    (line,) = found.lines
    assert line.label == "Bill: 140 EUR, 1 line"
    assert "Cloud bills acc-2 Oct 2026, version 1" in line.where
    assert "file bill-2.csv" in line.where
    assert "rule “By tag”, version 1" in line.where
    assert "1 EUR = 1.1 USD, average Oct 2026 (ECB)" in line.where


def test_a_sum_lists_its_months_and_equals_them(claims: Any, open_: Callable[..., Any]) -> None:
    found = open_("spend_to_date", claims.key)
    assert [(line.label, line.value) for line in found.lines] == [
        ("September 2026", Decimal(100)),
        ("October 2026", Decimal(154)),
    ]
    assert found.value == found.parts_sum == Decimal(254)
    assert (found.lines[1].figure, found.lines[1].subject) == ("spend", f"{claims.key}@2026-10")


def test_a_measured_month_shows_the_reading_and_the_formula(
    claims: Any, open_: Callable[..., Any]
) -> None:
    found = open_("measured", f"{claims.key}@2026-09")
    assert found.value == found.parts_sum == Decimal(200)
    assert "reading 19.8 of 2026-09-20" in found.lines[0].where
    assert "unit value 1000" in found.lines[0].where
    assert found.confidence == "Expert claim"


def test_a_validated_month_names_who_and_by_which_evidence(
    world: World, claims: Any, open_: Callable[..., Any]
) -> None:
    found = open_("validated", f"{claims.key}@2026-09")
    assert found.lines[0].where == "validated by Finance Partner; evidence memo 7"


def test_a_missing_rate_is_said_and_nothing_is_guessed(
    world: World, claims: Any, open_: Callable[..., Any]
) -> None:
    world.bill([(claims.key, SEP, "9")], currency="GBP", account="acc-3")
    world.absorb()
    month = open_("spend", f"{claims.key}@2026-09")
    assert month.value is None
    assert month.reason.startswith("No average rate from GBP to USD for September 2026")
    assert month.left_out == ("No rate for this month.",)
    total = open_("spend_to_date", "portfolio")
    assert total.value == Decimal(159)
    assert total.left_out == (f"{claims.key}: {month.reason}",)


def test_the_portfolio_goes_down_to_units_and_what_nobody_bears(
    world: World, claims: Any, open_: Callable[..., Any]
) -> None:
    year = open_("spend_year", "portfolio")
    assert year.value == year.parts_sum == Decimal(259)
    month = open_("spend", year.lines[0].subject)
    assert [(line.label, line.value) for line in month.lines] == [
        ("Retail banking", Decimal(100)),
        ("Unallocated", Decimal(5)),
    ]
    assert month.value == month.parts_sum == Decimal(105)
    unit = open_("spend", month.lines[0].subject)
    assert unit.lines[0].subject == f"{claims.key}@2026-09"
    nobody = open_("spend_unallocated", month.lines[1].subject)
    assert nobody.value == nobody.parts_sum == Decimal(5)
    assert "bill-1.csv" in nobody.lines[0].where


def test_a_return_shows_benefit_and_cost(claims: Any, open_: Callable[..., Any]) -> None:
    own = open_("roi_validated", claims.key)
    assert own.value == pytest.approx(200 / 254 - 1)
    assert [line.value for line in own.lines] == [Decimal(200), Decimal(254)]
    whole = open_("roi_validated", "portfolio")
    assert whole.value == pytest.approx(200 / 259 - 1)
    assert open_("npv_promised", claims.key).kind == "money"


def test_a_gain_names_its_reading(claims: Any, open_: Callable[..., Any]) -> None:
    found = open_("efficiency_gain", claims.key)
    assert found.value == pytest.approx(0.01)
    assert [line.label for line in found.lines] == [
        "Handling time, baseline",
        "Handling time, newest reading",
    ]


def test_who_may_not_see_gets_no_passport(
    world: World, claims: Any, other_unit: Any, person: Callable[..., Any],
    open_: Callable[..., Any],
) -> None:  # fmt: skip
    stranger = person("executive", other_unit)
    with pytest.raises(passports.NoPassport, match="nothing called"):
        open_("spend_year", claims.key, by=stranger)
    contributor = person("contributor", world.unit)
    with pytest.raises(Refused, match="see money figures"):
        open_("spend_year", claims.key, by=contributor)
    assert open_("efficiency_gain", claims.key, by=contributor).kind == "percent"
    with pytest.raises(passports.NoPassport, match="no figure called"):
        open_("luck", claims.key)


def test_every_figure_of_the_headline_has_a_passport_that_agrees(
    world: World, claims: Any, open_: Callable[..., Any], person: Callable[..., Any]
) -> None:
    at = selectors.moment(now=world.now)
    money = selectors.home_headline(
        viewer=person("executive"), as_of=at, since=dt.date(2026, 9, 30)
    ).money
    shown = [getattr(money, name) for name in money.__dataclass_fields__]  # type: ignore[union-attr]
    checked = 0
    for each in shown:
        if isinstance(each, selectors.Shown):
            found = open_(each.figure, each.subject)
            assert found.value == each.value, each.figure
            if found.is_total and found.value is not None:
                assert found.value == found.parts_sum, each.figure
            checked += 1
    assert checked == 18


def test_every_figure_of_the_present_has_a_passport_that_agrees(
    claims: Any, open_: Callable[..., Any], now_of: Callable[..., Any]
) -> None:
    now = now_of(claims)
    for column in now._meta.get_fields():
        if not catalogue.is_known(column.name):
            continue
        found = open_(column.name, claims.key)
        stored = getattr(now, column.name)
        if column.name == "risk_level":
            assert found.value is None and found.reason == "No risk has been recorded."
        elif isinstance(stored, Decimal):
            assert found.value == stored, column.name
            if found.is_total:
                assert found.parts_sum == stored, column.name
        else:
            assert found.value == stored, column.name


def test_the_fragment_and_the_page(client: Any, claims: Any, person: Callable[..., Any]) -> None:
    viewer = person("executive", password="a long enough password")
    client.force_login(viewer)
    address = f"/passports/spend_to_date/{claims.key}/"
    fragment = client.get(address, headers={"HX-Request": "true"})
    assert fragment.status_code == 200 and b"<html" not in fragment.content
    assert "September 2026" in fragment.content.decode()
    assert client.get(address).status_code == 200
    assert client.get("/passports/luck/portfolio/").status_code == 404
    assert client.get("/passports/spend_year/AI-999/").status_code == 404
