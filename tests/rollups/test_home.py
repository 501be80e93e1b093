"""The home page's figures: whose they are, what they hold, what they leave out."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from governance_app.initiatives import services as initiatives
from governance_app.rollups import selectors
from governance_app.rollups.selectors import needs
from governance_app.value.models import BenefitMonth
from tests.rollups.conftest import NOW, OCT, SEP, World

pytestmark = pytest.mark.django_db

SINCE = dt.date(2026, 9, 30)


@pytest.fixture
def at(world: World) -> Callable[[], selectors.Moment]:
    return lambda: selectors.moment(now=world.now)


@pytest.fixture
def full(world: World) -> Any:
    """Claims triage: 1,000 promised cost, spend in two months, validated in one."""
    claims = world.initiative(business_owner=world.manager)
    world.case(claims)
    benefit = world.benefit(claims, world.kpi(claims))
    world.read(benefit.kpi, dt.date(2026, 9, 20), "19.8")
    world.bill([(claims.key, SEP, "100"), ("", SEP, "5")])
    world.bill([(claims.key, OCT, "140"), ("", OCT, "10")])
    world.budget([(claims.node, SEP, "90"), (claims.node, OCT, "90")])
    world.absorb()
    world.validate(benefit, SEP, "200")
    world.absorb()
    return claims


def test_the_headline_holds_full_cost_and_every_rung(
    world: World, full: Any, at: Callable[[], Any], person: Callable[..., Any]
) -> None:
    headline = selectors.home_headline(viewer=person("executive"), as_of=at(), since=SINCE)
    money = headline.money
    assert money is not None and money.currency == "USD" and money.is_whole
    assert (money.spend.value, money.spend.before) == (Decimal(255), Decimal(105))
    assert money.spend.change == Decimal(150)
    assert money.spend_unallocated.value == Decimal(15)
    assert money.spend_month.value == Decimal(150)
    assert money.budget.value == Decimal(180) and money.spend_gap == Decimal(75)
    assert money.promised.value == Decimal(300)
    assert money.promised_full_year.value == Decimal(900)
    assert money.promised_ahead.value == Decimal(1500)
    assert money.validated.value == Decimal(200) and money.reviewed_to == SEP
    assert money.roi_validated.value == pytest.approx(200 / 255 - 1)
    assert headline.initiatives == headline.pilots == 1 and headline.in_production == 0


def test_who_sees_no_money_gets_counts_only(
    world: World, full: Any, at: Callable[[], Any], person: Callable[..., Any]
) -> None:
    viewer = person("administrator")
    headline = selectors.home_headline(viewer=viewer, as_of=at(), since=SINCE)
    assert headline.money is None and headline.pilots == 1
    assert selectors.cumulative_year(viewer=viewer, as_of=at()) is None
    assert selectors.deciding_initiatives(viewer=viewer, as_of=at()) == []
    assert selectors.spend_by_unit(viewer=viewer, as_of=at()) == []
    needs = selectors.needs_you(viewer=viewer, as_of=at())
    assert needs.counts["budget"] == needs.counts["validation"] == 0


def test_a_grant_on_one_initiative_totals_that_one(
    world: World, full: Any, at: Callable[[], Any], person: Callable[..., Any]
) -> None:
    other = world.initiative("Contact centre")
    world.bill([(other.key, OCT, "1000")], account="acc-2")
    world.absorb()
    viewer = person("business_owner", full.node)
    money = selectors.home_headline(viewer=viewer, as_of=at(), since=SINCE).money
    assert money is not None
    assert money.spend.value == Decimal(240) and not money.is_whole
    year = selectors.cumulative_year(viewer=viewer, as_of=at())
    assert year is not None
    months = dict(zip(year.frame["month"], year.frame["spend"], strict=True))
    assert months[OCT] == Decimal(140)


def test_the_year_holds_every_month_and_ends_with_the_forecast(
    world: World, at: Callable[[], Any], person: Callable[..., Any]
) -> None:
    claims = world.initiative()
    for month in range(1, 11):
        world.bill([(claims.key, dt.date(2026, month, 1), "100")])
    world.absorb()
    year = selectors.cumulative_year(viewer=person("executive"), as_of=at())
    assert year is not None and len(year.frame) == 12
    last = year.frame.iloc[-1]
    assert last["spend"] is None and last["forecast"] == Decimal(100)
    assert last["forecast_low"] == last["forecast_high"] == Decimal(100)
    money = selectors.home_headline(viewer=person("executive"), as_of=at(), since=SINCE).money
    assert money is not None and money.forecast_full_year.value == Decimal(1200)
    assert money.forecast_low == money.forecast_high == Decimal(1200)


def test_a_missing_rate_leaves_the_initiative_visible_and_counted(
    world: World, full: Any, at: Callable[[], Any], person: Callable[..., Any]
) -> None:
    foreign = world.initiative("Contact centre")
    world.bill([(foreign.key, OCT, "1000")], currency="EUR", account="acc-2")
    world.absorb()
    headline = selectors.home_headline(viewer=person("executive"), as_of=at(), since=SINCE)
    assert headline.money is not None
    assert headline.money.spend.value == Decimal(255) and headline.money.spend.left_out == 1
    assert headline.initiatives == 2


def test_what_decides_is_ranked_by_what_is_at_stake(
    world: World, full: Any, at: Callable[[], Any], person: Callable[..., Any]
) -> None:
    small = world.initiative("Contact centre")
    world.bill([(small.key, OCT, "10")], account="acc-2")
    world.budget([(full.node, SEP, "90"), (full.node, OCT, "90"), (small.node, OCT, "4")])
    world.absorb()
    lines = selectors.deciding_initiatives(viewer=person("executive"), as_of=at())
    # 900 promised this year less 200 validated, plus 60 over budget; 6 over budget.
    assert [(line.key, line.effect) for line in lines] == [
        (full.key, Decimal(760)),
        (small.key, Decimal(6)),
    ]
    assert lines[0].owner == world.manager.name and lines[0].to_go > 0


def test_every_kind_of_need_is_found_with_its_owner(
    world: World, full: Any, at: Callable[[], Any], person: Callable[..., Any]
) -> None:
    from governance_app.risk import services as risk

    officer = person("risk_officer")
    risk.add_risk(
        initiative=full, category="bias", title="Unfair triage", by=officer, on=OCT,
        likelihood=4, impact=4, reasons="audit", reviewed_on=OCT,
    )  # fmt: skip
    risk.set_appetite(category="bias", node=world.unit, level=2, from_on=OCT, by=officer)
    initiatives.edit(initiative=full, by=world.admin, time_box_on=dt.date(2026, 8, 23))
    value = pytest.importorskip("governance_app.value.services")
    benefit = full.benefits.get()
    value.claim(benefit=benefit, months={OCT: Decimal(70)}, by=world.manager, basis="estimate")
    world.absorb(later=dt.timedelta(days=30))
    needs = selectors.needs_you(viewer=world.manager, as_of=at(), limit=20)
    assert needs.counts == {
        "risk": 1, "budget": 1, "time_box": 1, "validation": 1, "readings": 1, "status": 1,
    }  # fmt: skip
    lines = {line.kind: line for line in needs.lines}
    assert lines["risk"].sentence == "bias high"
    assert lines["budget"].sentence == "33 % over budget this year"
    assert lines["time_box"].sentence == "120 days past its time box"
    assert lines["validation"].amount == Decimal(70)
    assert lines["status"].owner == world.manager.name
    assert lines["budget"].is_yours and not lines["validation"].is_yours


def test_figures_made_anew_while_home_reads_are_told_as_they_were_found(
    world: World, full: Any, at: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    initiatives.edit(initiative=full, by=world.admin, time_box_on=dt.date(2026, 8, 23))
    world.absorb(later=dt.timedelta(days=30))
    asked = needs._asked_at_once

    def and_then_absorbed(parts: Any) -> Any:
        found = asked(parts)
        initiatives.edit(initiative=full, by=world.admin, time_box_on=dt.date(2026, 8, 24))
        world.absorb()
        return found

    monkeypatch.setattr(needs, "_asked_at_once", and_then_absorbed)
    found = selectors.needs_you(viewer=world.manager, as_of=at(), limit=20)
    assert "time_box" in {line.kind for line in found.lines}


def test_changes_name_what_moved(
    world: World, full: Any, at: Callable[[], Any], person: Callable[..., Any]
) -> None:
    initiatives.advance_stage(
        initiative=full, to="scaling", by=world.admin, on=dt.date(2026, 10, 10), reason=""
    )
    BenefitMonth.objects.exclude(review="").update(
        reviewed_at=NOW
    )  # services review by the clock on the wall
    changes = selectors.changes_since(viewer=person("executive"), as_of=at(), since=SINCE)
    said = {line.kind: (line.sentence, line.direction, line.amount) for line in changes.lines}
    assert said["stage"] == ("Pilot → Scaling", "up", None)
    assert said["spend"] == ("cost more than before", "up", Decimal(40))
    assert said["benefit"][0] == "benefit validated" and said["benefit"][2] == Decimal(200)


def test_movers_name_units_and_categories_over_their_months(
    world: World, full: Any, at: Callable[[], Any], person: Callable[..., Any]
) -> None:
    def movers(viewer: Any, moment: Any, since: dt.date = SINCE) -> selectors.Movers:
        span = selectors.compared(at=moment, since=since)
        units = selectors.spend_by_unit(viewer=viewer, as_of=moment, read_from=span.before)
        return selectors.spend_movers(
            viewer=viewer, as_of=moment, since=since, units=units, per_kind=2
        )

    found = movers(person("executive"), at())
    assert (found.compared.before, found.compared.first, found.compared.last) == (SEP, OCT, OCT)
    assert [(line.kind, line.name, line.moved, line.share) for line in found.lines] == [
        ("unit", world.unit.name, Decimal(40), pytest.approx(40 / 45)),
        ("unit", "Unallocated", Decimal(5), pytest.approx(5 / 45)),
        ("category", "AI and Machine Learning", Decimal(45), 1.0),
    ]
    assert found.count == 3 and found.reason == ""
    longer = movers(person("executive"), at(), dt.date(2026, 8, 31))
    assert longer.compared.count == 2 and [line.moved for line in longer.lines] == [240, 15, 255]

    one = movers(person("business_owner", full.node), at())
    assert [(line.kind, line.moved) for line in one.lines] == [("category", Decimal(40))]
    assert movers(person("administrator"), at()).lines == ()

    past = selectors.Moment(dt.date(2026, 11, 21), world.now)
    assert {line.kind for line in movers(person("executive"), past).lines} == {"unit"}
    assert "past day" in movers(person("executive"), past).reason


def test_units_stand_beside_their_budget_and_what_nobody_bears_comes_last(
    world: World, full: Any, at: Callable[[], Any], person: Callable[..., Any]
) -> None:
    lines = selectors.spend_by_unit(viewer=person("executive"), as_of=at())
    assert [(line.name, line.actual, line.budget) for line in lines] == [
        ("Retail banking", Decimal(140), Decimal(90)),
        ("Unallocated", Decimal(10), None),
    ]
    assert lines[0].gap == Decimal(50) and lines[0].spark[-2:] == (Decimal(100), Decimal(140))


def test_an_earlier_day_is_read_as_it_was_known(
    world: World, full: Any, person: Callable[..., Any]
) -> None:
    viewer = person("executive")
    first_day = world.now.date()
    world.now += dt.timedelta(days=3)
    world.bill([(full.key, OCT, "500"), ("", OCT, "10")])
    world.absorb()
    then = selectors.moment(now=world.now, as_of=first_day)
    now = selectors.moment(now=world.now)
    spends = [
        selectors.home_headline(viewer=viewer, as_of=at, since=SINCE).money.spend.value  # type: ignore[union-attr]
        for at in (then, now)
    ]
    assert spends == [Decimal(255), Decimal(615)]
    assert selectors.moment(now=world.now, as_of=dt.date(2026, 9, 30)).known_at is None


def test_a_filter_is_totalled_and_says_what_it_leaves_out(
    world: World, full: Any, at: Callable[[], Any], person: Callable[..., Any]
) -> None:
    from governance_app.initiatives.selectors import register

    foreign = world.initiative("Contact centre")
    world.bill([(foreign.key, OCT, "1000")], currency="EUR", account="acc-2")
    world.absorb()
    viewer = person("executive")
    totals = selectors.table_totals(viewer=viewer, initiatives=register(viewer=viewer), as_of=at())
    assert totals.count == 2 and totals.sums["spend_year"] == Decimal(240)
    assert totals.left_out == {"spend_year": 1}
    narrowed = register(viewer=viewer, search="contact")
    totals = selectors.table_totals(viewer=viewer, initiatives=narrowed, as_of=at())
    assert totals.count == 1 and totals.sums["spend_year"] is None
