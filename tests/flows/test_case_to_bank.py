"""
One initiative from its business case to the bank in a real browser: written, approved by somebody
else, read, measured, validated by finance, banked; each rung has its own return, the bridge moves,
and a passport opens to the inputs that make its number.
"""

import datetime as dt
import os
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from governance_app.domain.periods import add_months, month_of
from governance_app.initiatives import services as initiatives
from governance_app.people import services as people
from governance_app.people.services import system_user
from governance_app.rollups.models import InitiativeNow
from governance_app.value import services as value
from governance_app.value.models import Kpi
from tests.browser import facts, settle, sign_in
from tests.site import Site

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]

PASSWORD = "a long walk in the morning"
PICTURES = os.environ.get("FLOW_PICTURES", "")


def month_before(count: int) -> dt.date:
    """A month that is over."""
    return add_months(month_of(timezone.localdate()), -count)


@pytest.fixture(scope="module")
def key(site: Site) -> str:
    """An initiative with a KPI and a benefit, its manager, and a partner of finance."""
    admin = system_user("setup")
    root = people.found_organisation(name="Meridian Group", by=admin)
    unit = people.add_unit(name="Retail banking", parent=root, by=admin)
    users = {}
    for name, role in (("manager", "program_manager"), ("finance", "finance_partner")):
        users[name] = people.add_user(
            email=f"{name}@example.com", name=name.title(), password=PASSWORD, by=admin
        )
        people.grant(user=users[name], role=role, node=root, by=admin)
    row = initiatives.add(name="Claims triage", unit=unit, by=admin, stage="scaling")
    kpi = value.add_kpi(
        initiative=row, name="Handling time", unit="min", direction="lower",
        baseline=Decimal(20), baseline_month=month_before(4), unit_value=Decimal(1000),
        currency="USD", by=users["manager"],
    )  # fmt: skip
    value.add_benefit(
        initiative=row, name="Faster handling", benefit_type="hard", currency="USD", kpi=kpi,
        value_type="operational_efficiency", starts_month=month_before(2),
        ends_month=add_months(month_before(2), 23), by=users["manager"],
    )  # fmt: skip
    return str(row.key)


def test_a_case_reaches_the_bank(site: Site, key: str, page: Page) -> None:
    last, before = month_before(1), month_before(2)
    address = f"{site.url}/initiatives/{key}/value/"

    # The manager writes the case; nobody approves their own.
    sign_in(page, site.url, "manager@example.com", PASSWORD)
    page.goto(address)
    page.get_by_text("Write a business case", exact=True).click()
    page.get_by_label("Lines, one a row").fill(
        "month,side,category,amount,low,high\n"
        f"{before:%Y-%m},cost,build,4000,,5000\n"
        f"{before:%Y-%m},benefit,hard,6000,4000,7000\n{last:%Y-%m},benefit,hard,6000,4000,7000"
    )
    page.get_by_label("Assumptions with their ranges").fill(
        "name,low,likely,high,unit,factor\n"
        "Minutes less,2,4,6,min,unit_effect\nWorth of a minute,1200,1500,1600,USD,price"
    )
    page.get_by_role("button", name="Write the draft").click()
    expect(page.get_by_role("button", name="Approve version 1")).to_be_visible()
    expect(page.get_by_role("button", name="Approve version 1")).to_have_attribute(
        "aria-disabled", "true"
    )
    _picture(page, "case-draft")

    # Readings come from a sheet; the KPI measures the benefit.
    kpi = Kpi.objects.get(initiative__key=key)
    page.goto(f"{address}kpis/{kpi.pk}/")
    end = add_months(last, 1) - dt.timedelta(days=1)
    middle = last - dt.timedelta(days=1)
    page.get_by_label("Rows").fill(f"day,value\n{middle},17\n{end},15")
    page.get_by_role("button", name="Record them").click()
    expect(page.get_by_text("2 new, 0 corrected")).to_be_visible(timeout=30_000)

    # Finance approves the case, then validates what was measured, then banks a part.
    page.context.clear_cookies()
    sign_in(page, site.url, "finance@example.com", PASSWORD)
    page.goto(address)
    page.get_by_role("button", name="Approve version 1").click()
    expect(page.get_by_text("frozen since")).to_be_visible(timeout=30_000)
    _wait_for(page, key, "measured_to_date", 3000 + 5000)
    _returns(page, site, key, "Measured", "$8.0k")
    page.goto(f"{site.url}/value/")
    page.get_by_text("Review", exact=True).first.click()
    page.get_by_label("Where the evidence is").fill("GL report 7")
    page.get_by_role("button", name="Validate", exact=True).click()
    expect(page.get_by_text("Bank", exact=True).first).to_be_visible(timeout=30_000)
    _wait_for(page, key, "validated_to_date", 8000)
    page.goto(f"{site.url}/value/")
    page.get_by_text("Bank", exact=True).first.click()
    page.get_by_label(f"Banked for {last:%b %Y}").fill("2000")
    page.get_by_label("Budget line or journal").fill("CC 4410")
    page.get_by_role("button", name="Bank", exact=True).click()
    _wait_for(page, key, "banked_to_date", 5000)

    # Every rung has its own figure; the bridge walks from the promise to the bank.
    _returns(page, site, key, "Banked", "$5.0k")
    _picture(page, "returns")
    page.goto(address)
    bridge = page.locator("section", has=page.get_by_role("heading", name="bank")).first
    expect(bridge).to_contain_text("Effect per unit")
    _picture(page, "value")

    # A passport opens to the inputs that make the number.
    page.goto(f"{site.url}/passports/bridge_unit_effect/{key}/")
    expect(page.get_by_text("planned 4, actual 3")).to_be_visible()
    page.goto(f"{site.url}/passports/validated_to_date/{key}/")
    expect(page.get_by_role("row", name="Sum")).to_contain_text("8,000")
    for path in (f"initiatives/{key}/value/uncertainty/", "value/benchmarks/", "value/carbon/",
                 "value/scenarios/", "value/scenarios/add/", "value/uncertainty/",
                 "value/paid-hours/"):  # fmt: skip
        page.goto(f"{site.url}/{path}")
        _picture(page, path.strip("/").replace("/", "-"))


def _returns(page: Page, site: Site, key: str, rung: str, benefit: str) -> None:
    """The returns page shows the net benefit of a rung: nothing was spent, so it is the benefit."""
    page.goto(f"{site.url}/value/returns/?of={key}")
    cell = page.locator(f"td[data-label='{rung}']").first
    expect(cell).to_contain_text(benefit)


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
