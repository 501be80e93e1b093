"""What a month actually costs: bills, costs typed in, people and accruals, each told apart."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from governance_app.books import services as books
from governance_app.files import services as files
from governance_app.people.selectors import organisation
from governance_app.rollups import selectors, table
from governance_app.rollups.models import InitiativeMonth, PortfolioMonth
from governance_app.rollups.selectors import passports
from governance_app.spend import selectors as spend
from governance_app.spend.services import close
from governance_app.value import services as value
from tests.rollups.conftest import NOV, NOW, OCT, SEP, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def proof(world: World) -> Any:
    return files.store(content=b"an invoice", name="invoice.pdf", by=world.finance)


def enter(world: World, proof: Any, initiative: Any, amount: str, **more: Any) -> Any:
    return close.add_manual_cost(
        **{
            "month": OCT, "description": "Labelling by an agency", "category": "data",
            "amount": Decimal(amount), "currency": "USD", "evidence": proof,
            "initiative": initiative, "by": world.finance, **more,
        }
    )  # fmt: skip


def people(world: World, initiative: Any, days: str, rate: str = "500") -> None:
    close.set_day_rate(
        persona="Data scientist", amount=Decimal(rate), currency="USD", from_month=OCT,
        by=world.finance,
    )  # fmt: skip
    close.enter_days(
        initiative=initiative, persona="Data scientist", month=OCT, days=Decimal(days),
        by=world.finance,
    )  # fmt: skip


def accrue(world: World, amount: str, proof: Any) -> Any:
    return close.accrue(
        source=world.source, month=OCT, currency="USD", method="stated", amount=Decimal(amount),
        sentence="The vendor's console says so.", evidence=proof, by=world.finance,
    )  # fmt: skip


def parts(row: Any) -> tuple[Any, ...]:
    return (row.effective, row.manual, row.people, row.accrued, row.tax_back, row.cost)


def test_the_actual_cost_is_the_sum_of_its_parts(world: World, proof: Any, month_of: Any) -> None:
    claims = world.initiative()
    world.bill([(claims.key, SEP, "80"), (claims.key, OCT, "100")])
    enter(world, proof, claims, "40")
    people(world, claims, "2.5")
    accrue(world, "300", proof)
    world.absorb()
    # 100 of bills + 40 typed in + 2.5 days x 500 + 300 accrued, borne as September was
    assert parts(month_of(claims, OCT)) == (100, 40, 1250, 300, None, 1690)
    assert parts(month_of(claims, SEP)) == (80, None, None, None, None, 80)


def test_every_sum_above_and_every_return_holds_it(
    world: World, proof: Any, month_of: Any, now_of: Any
) -> None:
    claims = world.initiative()
    world.bill([(claims.key, OCT, "100"), ("", OCT, "7")])
    enter(world, proof, claims, "40")
    people(world, claims, "2.5")
    enter(world, proof, None, "13", node=world.unit)
    benefit = world.benefit(claims)
    value.claim(benefit=benefit, months={OCT: Decimal(2780)}, by=world.manager)
    world.validate(benefit, OCT, "2780")
    world.absorb()
    now = now_of(claims)
    assert now.spend_month == now.spend_year == now.spend_to_date == 1390
    assert now.roi_validated == pytest.approx(1.0)  # (2780 - 1390) / 1390
    rows = PortfolioMonth.objects.filter(known_to=None, month=OCT)
    assert rows.get(node=world.unit, part="allocated").cost == 1390
    assert rows.get(node=world.unit, part="unallocated").cost == 13
    assert parts(rows.get(node=organisation(), part="unallocated")) == (7, 13, None, None, None, 20)
    at = selectors.moment(now=NOW)
    head = selectors.home_headline(viewer=world.finance, as_of=at, since=dt.date(2026, 9, 30))
    assert head.money is not None
    assert head.money.spend.value == 1410  # full cost: what nobody bears is in it
    assert head.money.spend_unallocated.value == 20
    life = table.life(viewer=world.finance, initiative=claims)
    assert dict(zip(life["month"], life["cost"], strict=True))[OCT] == 1390


def test_the_plan_holds_the_same_actual_cost_against_the_budget(
    world: World, proof: Any, now_of: Any
) -> None:
    claims = world.initiative()
    world.bill([(claims.key, OCT, "100"), ("", OCT, "7")])
    enter(world, proof, claims, "40")
    people(world, claims, "2.5")
    accrue(world, "300", proof)
    world.budget([(claims.node, OCT, "1000")])
    world.absorb()
    year = spend.plan_year(viewer=world.finance, fiscal_year=2026, on=NOW.date(), node=claims.node)
    own = now_of(claims)
    assert year.spent == own.spend_year
    assert {one.month: one.actual for one in year.months}[OCT] == own.spend_month
    everything = spend.plan_year(viewer=world.finance, fiscal_year=2026, on=NOW.date())
    # what September's bills were borne by is nobody: the whole accrual is unallocated
    assert everything.spent == 100 + 7 + 40 + 1250 + 300
    (line,) = spend.budget_variance(viewer=world.finance, since=OCT, until=OCT)
    assert (line.budget, line.actual, line.difference) == (1000, 1390, 390)


def test_a_bill_that_comes_takes_the_place_of_its_accrual(
    world: World, proof: Any, month_of: Any
) -> None:
    claims = world.initiative()
    world.bill([(claims.key, SEP, "80")])
    accrual = accrue(world, "300", proof)
    world.absorb()
    assert parts(month_of(claims, OCT)) == (None, None, None, 300, None, 300)
    world.bill([(claims.key, OCT, "310")])
    close.withdraw_accrual(accrual=accrual, by=world.finance, now=NOW)
    world.absorb()
    assert parts(month_of(claims, OCT)) == (310, None, None, None, None, 310)
    assert not InitiativeMonth.objects.filter(
        initiative=claims, month=NOV, known_to=None, cost__isnull=False
    ).exists(), "a reversal belongs to the books of November, not to what November cost"


def test_a_cost_taken_back_and_a_new_day_rate_reach_the_figures(
    world: World, proof: Any, month_of: Any
) -> None:
    claims = world.initiative()
    cost = enter(world, proof, claims, "40")
    close.enter_days(
        initiative=claims, persona="Painter", month=OCT, days=Decimal(2), by=world.finance
    )
    world.absorb()
    row = month_of(claims, OCT)
    assert (row.manual, row.people, row.cost) == (40, None, None)
    assert row.reasons["cost"] == row.reasons["people"]
    assert "no rate is set" in row.reasons["cost"]
    close.set_day_rate(
        persona="painter", amount=Decimal(300), currency="USD", from_month=SEP, by=world.finance
    )
    world.absorb()
    assert parts(month_of(claims, OCT))[1:] == (40, 600, None, None, 640)
    close.withdraw_manual_cost(cost=cost, by=world.finance, now=NOW)
    world.absorb()
    assert parts(month_of(claims, OCT))[1:] == (None, 600, None, None, 600)


def test_tax_that_comes_back_is_no_cost_and_tax_that_does_not_is(
    world: World, proof: Any, month_of: Any
) -> None:
    claims = world.initiative()
    entity = books.add_entity(code="1000", name="Bank", currency="USD", by=world.admin)
    close.add_coding_rule(field="tax_code", value="V1", by=world.finance)
    close.set_tax_rule(
        entity=entity, code="V1", rate=Decimal("0.2"), recoverable=Decimal("0.75"),
        from_month=SEP, by=world.finance,
    )  # fmt: skip
    world.bill([(claims.key, OCT, "100"), (claims.key, OCT, "20")], charges=["Usage", "Tax"])
    enter(world, proof, claims, "40", tax=Decimal(8), tax_code="V1")
    world.absorb()
    # of 20 of tax on the bill 15 come back; of 8 on the invoice 6
    assert parts(month_of(claims, OCT)) == (120, 42, None, None, -15, 147)


def test_each_part_has_a_passport_and_they_sum_to_the_cost(world: World, proof: Any) -> None:
    claims = world.initiative()
    world.bill([(claims.key, SEP, "80"), (claims.key, OCT, "100")])
    enter(world, proof, claims, "40")
    people(world, claims, "2.5")
    accrue(world, "300", proof)
    world.absorb()
    at = selectors.moment(now=NOW)

    def paper(figure: str, subject: str) -> passports.Passport:
        return passports.passport(figure=figure, subject=subject, viewer=world.finance, as_of=at)

    whole = paper("spend", f"{claims.key}@2026-10")
    assert whole.value == whole.parts_sum == 1690
    labels = " / ".join(line.label for line in whole.lines)
    for word in ("Bill: 100 USD", "Costs typed in: 40 USD", "People: 1250 USD", "Accruals"):
        assert word in labels
    assert any("2.5 days of Data scientist" in line.where for line in whole.lines)
    assert any("evidence invoice.pdf" in line.where for line in whole.lines)
    for figure, amount in (
        ("spend_of_bills", 100), ("spend_typed_in", 40), ("spend_people", 1250),
        ("spend_accrued", 300),
    ):  # fmt: skip
        assert paper(figure, f"{claims.key}@2026-10").value == amount
    year = paper("spend_year", claims.key)
    assert year.value == year.parts_sum == 1770
    assert {line.label: line.value for line in year.lines if not line.is_part} == {
        "Of it: bills": 180, "Of it: typed in": 40, "Of it: people": 1250, "Of it: accrued": 300,
    }  # fmt: skip
    assert paper("spend_people_year", claims.key).value == 1250
    everything = paper("spend_year", "portfolio")
    assert everything.value == everything.parts_sum == 1770


def test_what_was_known_before_parts_were_told_stays_readable(world: World) -> None:
    claims = world.initiative()
    world.bill([(claims.key, OCT, "100")])
    world.absorb()
    row = InitiativeMonth.objects.get(initiative=claims, month=OCT, known_to=None)
    for fact in row.made_from["spend"]:
        fact.pop("effective"), fact.pop("as_effective")
    row.save(update_fields=["made_from"])
    found = passports.passport(
        figure="spend", subject=f"{claims.key}@2026-10", viewer=world.finance,
        as_of=selectors.moment(now=NOW),
    )  # fmt: skip
    assert found.parts_sum == found.value == 100
