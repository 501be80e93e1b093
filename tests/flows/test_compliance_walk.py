"""
Compliance in a real browser: a manager classifies, an officer confirms, an assessment is handed
in and approved, an incident is told to its authority; nothing sticks out, axe finds nothing.
"""

import datetime as dt
import os
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from governance_app.compliance import services as compliance
from governance_app.initiatives import services as initiatives
from governance_app.people import services as people
from governance_app.people.services import system_user
from governance_app.risk import services as risk
from tests.browser import facts, settle, sign_in, watched
from tests.site import Site

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]

PASSWORD = "a long walk in the morning"
#: Where a person wants pictures of what the test sees; nowhere by default.
PICTURES = os.environ.get("FLOW_PICTURES", "")
NO = {
    **{f"P{number}": "no" for number in range(1, 10)}, "S1": "yes", "S2": "yes", "S3": "none",
    "R2": "no", "H1": "no", "T1": "yes", "T2": "no", "T3": "no", "T4": "no", "T5": "no",
    "G1": "no", "E1": "no", "E2": "no",
}  # fmt: skip


@pytest.fixture(scope="module")
def company(site: Site) -> dict[str, Any]:
    """A unit with one initiative, who manages it and who looks after its risks."""
    admin = system_user("setup")
    root = people.found_organisation(name="Meridian Group", by=admin)
    unit = people.add_unit(name="Retail banking", parent=root, by=admin)
    for name, role in (("manager", "program_manager"), ("officer", "risk_officer")):
        user = people.add_user(
            email=f"{name}@example.com", name=name.title(), password=PASSWORD, by=admin
        )
        people.grant(user=user, role=role, node=root, by=admin)
    compliance.load_shipped(by=admin)
    row = initiatives.add(
        name="Claims triage", unit=unit, by=admin, stage="pilot", ai_type="generative",
        purpose="Reads loss reports and proposes who handles them.",
    )  # fmt: skip
    today = dt.datetime.now(dt.UTC).date()
    risk.set_appetite(category="bias", node=root, level=2, from_on=today, by=admin)
    risk.add_risk(
        initiative=row, category="bias", title="Older claimants wait longer", likelihood=4,
        impact=4, reviewed_on=today, on=today, by=admin,
    )  # fmt: skip
    return {"key": row.key}


def looked_at(page: Page, name: str) -> None:
    """See that a page holds at two widths in both themes, and that axe finds nothing."""
    settle(page)
    assert Axe().run(page).response["violations"] == []
    for width, theme in ((1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        settle(page)
        assert facts(page) <= 0, f"{name} sticks out at {width}"
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}-{theme}.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")


def signed_in(chromium: Browser, site: Site, who: str) -> tuple[Page, list[str]]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page, wrong = watched(context)
    sign_in(page, site.url, f"{who}@example.com", PASSWORD)
    return page, wrong


def test_from_questions_to_coverage(site: Site, company: dict[str, Any], chromium: Browser) -> None:
    here = f"{site.url}/initiatives/{company['key']}/compliance/"
    manager, wrong = signed_in(chromium, site, "manager")
    manager.goto(f"{here}classify/eu-ai-act/")
    for key in ("S1", "S2", "S3"):
        manager.locator(f"[name='q-{key}'][value='{NO[key]}']").check(force=True)
    manager.get_by_role("button", name="See what the answers come to").click()
    expect(manager.get_by_text("could be as bad as prohibited")).to_be_visible()
    for key, value in NO.items():
        manager.locator(f"[name='q-{key}'][value='{value}']").first.check(force=True)
    manager.locator("[name='q-R1'][value='deployer']").check(force=True)
    manager.locator("[name='q-H3'][value='none']").check(force=True)
    looked_at(manager, "classify")
    manager.get_by_role("button", name="Classify", exact=True).click()
    expect(manager.get_by_text("A second person confirms it.")).to_be_visible()

    manager.get_by_role("button", name="Begin Privacy assessment").click()
    fieldsets = manager.locator("fieldset.question")
    for place in range(fieldsets.count()):
        fieldsets.nth(place).locator("input[value='no' i]").first.check(force=True)
    looked_at(manager, "assessment")
    manager.get_by_role("button", name="Hand in").click()
    expect(manager.get_by_text("Somebody else decides.").first).to_be_visible()
    address = manager.url

    officer, heard = signed_in(chromium, site, "officer")
    officer.goto(address)
    officer.get_by_role("button", name="Approve").click()
    expect(officer.get_by_text("gaps became actions")).to_be_visible()
    officer.goto(here)
    officer.get_by_role("button", name="Confirm transparency duties").click()
    expect(officer.get_by_text("confirmed by Officer")).to_be_visible()
    looked_at(officer, "initiative-compliance")
    for name, path in (
        ("compliance", "/compliance/"),
        ("framework", "/compliance/frameworks/eu-ai-act/"),
        ("regulatory-inventory", "/compliance/inventory/"),
        ("third-parties", "/compliance/third-parties/"),
        ("policies", "/compliance/policies/"),
    ):
        officer.goto(site.url + path)
        looked_at(officer, name)
    assert wrong == heard == []


def test_an_incident_and_an_acceptance(
    site: Site, company: dict[str, Any], chromium: Browser
) -> None:
    manager, wrong = signed_in(chromium, site, "manager")
    manager.goto(f"{site.url}/risk/incidents/?initiative={company['key']}")
    manager.get_by_label("What happened to whom").fill("Letters went to the wrong people")
    manager.get_by_label("Severity").select_option("3")
    for key in ("eu_high_risk", "major_ict"):
        manager.locator(f"[name='f-{key}'][value='no']").check(force=True)
    manager.locator("[name='f-personal_data'][value='yes']").check(force=True)
    looked_at(manager, "incidents")
    manager.get_by_role("button", name="Report", exact=True).click()
    expect(
        manager.get_by_text("71 h left").or_(manager.get_by_text("2 d 23 h left"))
    ).to_be_visible()
    manager.locator("summary", has_text="Told").click()
    manager.get_by_label("Reference").fill("DPA-2026-77")
    manager.get_by_role("button", name="Told").click()
    expect(manager.get_by_text("DPA-2026-77").first).to_be_visible()
    looked_at(manager, "incident")

    manager.goto(f"{site.url}/initiatives/{company['key']}/risk/")
    manager.get_by_text("Ask to accept it").click()
    manager.get_by_label("Why it can be lived with").fill("The control comes in March.")
    until = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=90)
    manager.get_by_label("Until", exact=True).fill(until.isoformat())
    manager.get_by_role("button", name="Ask", exact=True).click()
    expect(manager.get_by_text("Asked to be accepted until")).to_be_visible()
    officer, heard = signed_in(chromium, site, "officer")
    officer.goto(f"{site.url}/initiatives/{company['key']}/risk/")
    officer.get_by_text("Decide", exact=True).click()
    officer.get_by_role("button", name="Accept", exact=True).click()
    expect(officer.get_by_text("Accepted until").first).to_be_visible()
    looked_at(officer, "initiative-risk")
    officer.goto(f"{site.url}/risk/")
    looked_at(officer, "risk")
    assert wrong == heard == []
