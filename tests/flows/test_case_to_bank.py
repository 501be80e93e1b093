"""
One initiative from its business case to the bank in a real browser: written, made the promise at
its gate, read, measured, validated by finance, banked; at each step the return of each rung and the
bridge change, and every number on the way opens to inputs that reproduce it.
"""

import datetime as dt
import os
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from governance_app.domain.periods import add_months, month_of
from governance_app.files import services as files
from governance_app.rollups.models import InitiativeNow
from governance_app.spend import services as spend
from governance_app.value import services as value
from governance_app.value.models import BusinessCase, Kpi
from tests.browser import facts, settle
from tests.flows.test_gates import PASSWORD, approve_by_keyboard, ask, be, stage_of
from tests.gates.world import World
from tests.rollups.conftest import focus
from tests.rollups.reproducing import is_again, number, opened
from tests.site import Site

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]

PICTURES = os.environ.get("FLOW_PICTURES", "")
RUNGS = ("Promised", "Claimed", "Measured", "Validated", "Banked")


def month_before(count: int) -> dt.date:
    """A month that is over."""
    return add_months(month_of(timezone.localdate()), -count)


@pytest.fixture(scope="module")
def world(site: Site) -> World:
    """The recommended policy in force, and people who can sign in."""
    return World.founded(password=PASSWORD)


@pytest.fixture(scope="module")
def finance(world: World) -> Any:
    return world.person("finance_partner", name="Fay")


@pytest.fixture(scope="module")
def row(world: World, finance: Any) -> Any:
    """A pilot with a KPI, a benefit and bills of 1,000 in each of the two months that are over."""
    row = world.initiative(has_case=False)
    spend.add_rule(name="By tag", dimension="tag", tag="initiative", by=finance)
    bill = focus([(row.key, month_before(back), "1000") for back in (2, 1)], "USD", "acc-1")
    spend.import_file(
        source=spend.add_source(name="Cloud bills", owner=finance, by=finance),
        files=[files.store(content=bill, name="bill.csv", by=finance)], names=["bill.csv"],
        by=finance, now=timezone.now(),
    )  # fmt: skip
    kpi = value.add_kpi(
        initiative=row, name="Handling time", unit="min", direction="lower",
        baseline=Decimal(20), baseline_month=month_before(4), unit_value=Decimal(1000),
        currency="USD", by=world.manager,
    )  # fmt: skip
    value.add_benefit(
        initiative=row, name="Faster handling", benefit_type="hard", currency="USD", kpi=kpi,
        value_type="operational_efficiency", starts_month=month_before(2),
        ends_month=add_months(month_before(2), 23), by=world.manager,
    )  # fmt: skip
    return row


def test_a_case_reaches_the_bank(
    site: Site, world: World, row: Any, finance: Any, page: Page
) -> None:
    last, before, ahead = month_before(1), month_before(2), month_before(-1)
    key, address = row.key, f"{site.url}/initiatives/{row.key}/value/"

    # The manager writes the case; nobody approves their own.
    be(page, site, world.manager)
    page.goto(address)
    page.get_by_text("Write a business case", exact=True).click()
    page.get_by_label("Lines, one a row").fill(
        "month,side,category,amount,low,high\n"
        f"{before:%Y-%m},cost,build,7000,,8000\n"
        f"{before:%Y-%m},benefit,hard,6000,4000,7000\n{last:%Y-%m},benefit,hard,6000,4000,7000\n"
        f"{ahead:%Y-%m},cost,run,1000,,\n{ahead:%Y-%m},benefit,hard,5000,,"
    )
    page.get_by_label("Assumptions with their ranges").fill(
        "name,low,likely,high,unit,factor\n"
        "Minutes less,2,4,6,min,unit_effect\nWorth of a minute,1200,1500,1600,USD,price"
    )
    page.get_by_role("button", name="Write the draft").click()
    approve = page.get_by_role("button", name="Approve version 1")
    expect(approve).to_have_attribute("aria-disabled", "true")
    _picture(page, "case-draft")
    assert all(told == "unknown" for told in _returns(page, site, key)["ROI"].values())

    # The gate decides: risk officer and two of the board, each at their own desk.
    be(page, site, world.manager)
    request = ask(page, site, row)
    for somebody in (world.officer, *world.board[:2]):
        be(page, site, somebody)
        approve_by_keyboard(page, site, request)
    assert stage_of(row) == "production"
    case = BusinessCase.objects.get(initiative=row)
    assert (case.state, case.number) == ("approved", 1)
    be(page, site, finance)
    page.goto(address)
    expect(page.get_by_text("frozen since")).to_be_visible()
    _wait_for(page, key, "promised_to_date", 12_000)
    _wait_for(page, key, "spend_to_date", 2_000)
    told = _returns(page, site, key)
    # Promised: 17,000 for 8,000 over its life; nothing else was reached yet.
    assert told["ROI"] == _only(Promised="+112.5%")
    promised = _bridge(page, site, key)
    assert (promised["Promised so far"], _end(promised)) == ("$12k", "$0")
    assert promised["Scope and timing"] == "−$12k", "nothing can be told apart yet"

    # Readings come from a sheet; the KPI measures the benefit.
    be(page, site, world.manager)
    kpi = Kpi.objects.get(initiative=row, name="Handling time")
    page.goto(f"{address}kpis/{kpi.pk}/")
    end = add_months(last, 1) - dt.timedelta(days=1)
    middle = last - dt.timedelta(days=1)
    page.get_by_label("Rows").fill(f"day,value\n{middle},17\n{end},15")
    page.get_by_role("button", name="Record them").click()
    expect(page.get_by_text("2 new, 0 corrected")).to_be_visible(timeout=30_000)
    _wait_for(page, key, "measured_to_date", 3000 + 5000)
    be(page, site, finance)
    told = _returns(page, site, key)
    assert told["ROI"] == _only(Promised="+112.5%", Measured="+300.0%")
    assert told["Net benefit"]["Measured"] == "+$6.0k"
    measured = _bridge(page, site, key)
    assert "Effect per unit" not in promised and "Effect per unit" in measured, measured
    assert (measured["Not yet reviewed"], _end(measured)) == ("−$8.0k", "$0")

    # Finance validates what was measured.
    page.goto(f"{site.url}/value/")
    page.get_by_text("Review", exact=True).first.click()
    page.get_by_label("Where the evidence is").fill("GL report 7")
    page.get_by_role("button", name="Validate", exact=True).click()
    expect(page.get_by_text("Bank", exact=True).first).to_be_visible(timeout=30_000)
    _wait_for(page, key, "validated_to_date", 8000)
    told = _returns(page, site, key)
    assert told["ROI"] == _only(Promised="+112.5%", Measured="+300.0%", Validated="+300.0%")
    validated = _bridge(page, site, key)
    assert validated["Effect per unit"] == measured["Effect per unit"]
    assert (validated["Not yet reviewed"], validated["Validated, not banked"]) == ("$0", "−$8.0k")

    # A part of it reaches the books.
    page.goto(f"{site.url}/value/")
    page.get_by_text("Bank", exact=True).first.click()
    page.get_by_label(f"Banked for {last:%b %Y}").fill("2000")
    page.get_by_label("Budget line or journal").fill("CC 4410")
    page.get_by_role("button", name="Bank", exact=True).click()
    _wait_for(page, key, "banked_to_date", 5000)
    told = _returns(page, site, key)
    assert told["ROI"] == _only(
        Promised="+112.5%", Measured="+300.0%", Validated="+300.0%", Banked="+150.0%"
    )
    _picture(page, "returns")
    banked = _bridge(page, site, key)
    assert (banked["Validated, not banked"], _end(banked)) == ("−$3.0k", "$5.0k")
    _picture(page, "value")

    # Every number of both pages opens, and what it opens to gives it again.
    page.goto(f"{site.url}/value/returns/?of={key}")
    rungs = ("promised", "measured", "validated", "banked")
    assert _reproduced(page) >= {
        *(f"{figure}_{rung}" for figure in ("net", "roi", "npv", "bcr") for rung in rungs),
        "irr_promised", "payback_promised", "dpayback_promised", "togo_npv", "completion_benefit",
        "completion_realisation",
    }  # fmt: skip
    page.goto(address)
    assert _reproduced(page) >= {
        "bridge_unit_effect", "bridge_price", "bridge_not-yet-reviewed", "bridge_banked",
        "promised_to_date",
    }  # fmt: skip
    page.goto(f"{site.url}/passports/bridge_unit_effect/{key}/")
    expect(page.get_by_text("planned 4, actual 3")).to_be_visible()

    for path in (f"initiatives/{key}/value/uncertainty/", "value/benchmarks/", "value/carbon/",
                 "value/scenarios/", "value/scenarios/add/", "value/uncertainty/",
                 "value/paid-hours/"):  # fmt: skip
        page.goto(f"{site.url}/{path}")
        _picture(page, path.strip("/").replace("/", "-"))


def _only(**known: str) -> dict[str, str]:
    """Give what a line shows when nothing but these rungs was reached."""
    return {rung: known.get(rung, "unknown") for rung in RUNGS}


def _returns(page: Page, site: Site, key: str) -> Mapping[str, dict[str, str]]:
    """Give the table of returns: line -> rung -> what is shown."""
    page.goto(f"{site.url}/value/returns/?of={key}")
    table = page.get_by_role("table", name="A return a line, a rung a column")
    return {
        line.get_by_role("rowheader").inner_text(): {
            rung: line.locator(f"td[data-label='{rung}']")
            .locator("button, span")
            .first.inner_text()
            for rung in RUNGS
        }
        for line in table.locator("tbody tr").all()
    }


def _bridge(page: Page, site: Site, key: str) -> dict[str, str]:
    """Give the steps of the bridge: step -> change, and what was promised."""
    page.goto(f"{site.url}/initiatives/{key}/value/")
    table = page.get_by_role("table", name=re.compile("a step opens to its inputs"))
    found = {}
    for line in table.locator("tbody tr").all():
        name = line.get_by_role("rowheader").inner_text()
        change, after = (cell.inner_text().strip() for cell in line.get_by_role("cell").all())
        found[name] = change.removeprefix("+") or after
        found["end"] = after
    return found


def _end(bridge: Mapping[str, str]) -> str:
    return bridge["end"]


def _reproduced(page: Page) -> set[str]:
    """Open every figure as a person does, and work each out again from what it shows."""
    settle(page)
    done: set[str] = set()
    for figure in page.locator("main [data-passport]:visible").all():
        name = (figure.get_attribute("hx-get") or "").split("/")[2]
        if name in done or "unknown" in (figure.get_attribute("class") or ""):
            continue
        figure.click()
        body = page.locator("#passport-body")
        expect(body.locator(".reading")).to_be_visible()
        paper = opened(body.inner_html())
        assert is_again(name, paper), (name, paper)
        exact = figure.get_attribute("title") or ""
        if exact.startswith("USD"):
            assert number(exact) == pytest.approx(number(paper.reading), abs=1e-6), name
        page.keyboard.press("Escape")
        expect(page.locator("#passport")).to_be_hidden()
        done.add(name)
    return done


def _wait_for(page: Page, key: str, column: str, amount: int) -> None:
    """Wait until the worker has taken a change into the figures."""
    for _ in range(240):
        now = InitiativeNow.objects.filter(initiative__key=key, known_to=None).first()
        if now is not None and getattr(now, column) == amount:
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{column} did not become {amount} within a minute.")


def _picture(page: Page, name: str) -> None:
    """Nothing sticks out; keep pictures, wide and narrow, light and dark, where wanted."""
    settle(page)
    assert facts(page) <= 0, f"{name} sticks out sideways"
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
        page.set_viewport_size({"width": 390, "height": 800})
        page.emulate_media(color_scheme="dark")
        settle(page)
        assert facts(page) <= 0, f"{name} sticks out sideways on a phone"
        page.screenshot(path=f"{PICTURES}/{name}-phone.png", full_page=True)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.emulate_media(color_scheme="light")
