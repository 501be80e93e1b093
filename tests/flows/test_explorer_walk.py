"""
The explorer and the week in a real browser: cards move by keys and come back when a gate says no,
cells change and are taken back, the map is painted, an update takes two keys beyond its text.
"""

import datetime as dt
import os
from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from governance_app.domain.periods import add_months, month_of
from governance_app.domain.records import CaseLineRecord
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.people import services as people
from governance_app.people.services import system_user
from governance_app.risk import services as risk
from governance_app.rollups import services as rollups
from governance_app.value import services as value
from tests.browser import facts, settle, sign_in, watched
from tests.site import Site

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]

PASSWORD = "a long walk in the morning"
#: Where a person wants pictures of what the test sees; nowhere by default.
PICTURES = os.environ.get("FLOW_PICTURES", "")


@pytest.fixture(scope="module")
def company(site: Site) -> dict[str, Any]:
    """Eight initiatives of one manager, some with a case, a risk, a milestone, a need."""
    admin = system_user("setup")
    root = people.found_organisation(name="Meridian Group", by=admin)
    unit = people.add_unit(name="Retail banking", parent=root, by=admin)
    ruth = people.add_user(
        email="manager@example.com", name="Ruth Lindqvist", password=PASSWORD, by=admin
    )
    people.grant(user=ruth, role="program_manager", node=root, by=admin)
    finance = people.add_user(email="finance@example.com", name="Fay", password=PASSWORD, by=admin)
    people.grant(user=finance, role="finance_partner", node=root, by=admin)
    today = timezone.localdate()
    month = month_of(today)
    risk.set_appetite(category="bias", node=root, level=2, from_on=today, by=admin)
    names = ("Claims triage", "Voice notes", "Invoice matching", "Demand forecast", "Code review",
             "Contract reading", "Shift planning", "Fraud alerts")  # fmt: skip
    rows = []
    for place, name in enumerate(names):
        row = initiatives.add(
            name=name, unit=unit, by=admin, program_manager=ruth, vendor="Acme" if place else "",
            stage=("assessment", "pilot", "idea")[place % 3], on=today - dt.timedelta(days=90),
        )  # fmt: skip
        initiatives.add_milestone(
            initiative=row, name="First users", due_on=today + dt.timedelta(days=20 * place - 40),
            by=ruth,
        )  # fmt: skip
        draft = value.write_case(
            initiative=row,
            lines=[
                CaseLineRecord("cost", "build", month, Decimal(1000), False, "capex"),
                CaseLineRecord("benefit", "hard", add_months(month, 2), Decimal(900 * place)),
            ],
            currency="USD", annual_rate=Decimal("0.10"), valuation_month=month, by=ruth,
        )  # fmt: skip
        value.approve_case(case=draft, by=finance, sentence="Agreed.")
        risk.add_risk(
            initiative=row, category="bias", title="Older people wait longer",
            likelihood=1 + place % 5, impact=4, reviewed_on=today, on=today, by=admin,
        )  # fmt: skip
        rows.append(row)
    initiatives.add_dependency(initiative=rows[0], needs=rows[1], by=admin, note="Masking")
    rollups.absorb(by=system_user("rollups"), now=timezone.now())
    return {"keys": [row.key for row in rows]}


def signed_in(chromium: Browser, site: Site, who: str) -> tuple[Page, list[str]]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page, wrong = watched(context)
    sign_in(page, site.url, f"{who}@example.com", PASSWORD)
    return page, wrong


def looked_at(page: Page, name: str, odd: list[str]) -> None:
    """Note whether a page sticks out at two widths in both themes, and what axe finds on it."""
    settle(page)
    for each in Axe().run(page).response["violations"]:
        odd.append(f"{name}: {each['id']} {each['nodes'][0]['html'][:160]}")
    for width, theme in ((1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        settle(page)
        if facts(page) > 0:
            odd.append(f"{name} sticks out at {width}")
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}-{theme}.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")


def test_a_manager_explores_and_keeps_the_week(
    site: Site, company: dict[str, Any], chromium: Browser
) -> None:
    page, wrong = signed_in(chromium, site, "manager")
    odd: list[str] = []
    first = company["keys"][0]

    page.goto(f"{site.url}/portfolio/?view=board")
    card = page.locator(f"[data-card][data-key='{first}']")
    card.focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#toasts")).to_contain_text(f"{first} is in pilot now.")
    expect(page.locator("[data-stage='pilot'] [data-card]").first).to_have_attribute(
        "data-key", first
    )
    assert Initiative.objects.get(key=first).stage.slug == "pilot"  # type: ignore[union-attr]
    idea = page.locator("[data-stage='idea'] [data-card]").first
    idea.drag_to(page.locator("[data-stage='production']"))
    expect(page.locator("#toasts .error")).to_contain_text("Before Production")
    expect(page.locator("[data-stage='idea'] [data-card]")).to_have_count(2)
    looked_at(page, "board", odd)

    page.goto(f"{site.url}/portfolio/?view=map")
    expect(page.locator("[data-map][data-drawn='8']")).to_be_visible()
    page.locator("canvas.over").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".map-tip")).to_contain_text("to go")
    looked_at(page, "map", odd)
    for name, query in (("timeline", "view=timeline"), ("groups", "group=stage")):
        page.goto(f"{site.url}/portfolio/?{query}")
        looked_at(page, name, odd)

    page.goto(f"{site.url}/portfolio/?edit=1&sort=key&col=vendor&col=owner")
    page.get_by_role("button", name="Change vendor of Voice notes").press("Enter")
    expect(page.locator(".cell-form input[name='text']")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("Globex")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("vendor")
    expect(page.get_by_role("button", name="Change vendor of Voice notes")).to_have_text("Globex")
    looked_at(page, "editing", odd)
    page.goto(f"{site.url}/portfolio/changes/")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("taken back")).to_be_visible()
    assert Initiative.objects.get(name="Voice notes").vendor == "Acme"
    page.goto(f"{site.url}/portfolio/compare/?key={first}&key={company['keys'][1]}")
    looked_at(page, "compare", odd)

    page.goto(f"{site.url}/week/")
    due = page.locator("form.quick")
    before = due.count()
    looked_at(page, "week", odd)
    page.keyboard.press("u")
    page.keyboard.type("Two more teams joined.")
    page.keyboard.press("Control+Enter")
    expect(due).to_have_count(before - 1)
    expect(due.first.locator("textarea")).to_be_focused()
    for name, path in (
        ("month-end", "/week/month-end/"),
        ("log", f"/initiatives/{first}/log/"),
        ("intake", "/intake/"),
        ("workbook", "/portfolio/workbook/"),
    ):
        page.goto(f"{site.url}{path}")
        looked_at(page, name, odd)
    assert odd == []
    assert wrong == []
