"""
Five people do the task they come for, in a real browser, with the keyboard alone.

The executive reads a figure's passport and signs a pack, the program manager posts an update,
finance validates a month, the risk reviewer assesses, the auditor looks at who did what and its
proof. Nothing is clicked: what Tab does not reach cannot be done here either.
"""

import datetime as dt
import time
from decimal import Decimal
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from governance_app.domain.periods import add_months, month_of
from governance_app.domain.records import CaseLineRecord
from governance_app.exports import services as exports
from governance_app.exports.models import BoardPack
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import StatusUpdate
from governance_app.people import services as people
from governance_app.people.services import system_user
from governance_app.risk import services as risk
from governance_app.risk.models import Risk
from governance_app.rollups import services as rollups
from governance_app.value import services as value
from governance_app.value.models import BenefitMonth
from tests.browser import settle, watched
from tests.site import Site

pytestmark = [pytest.mark.flow, pytest.mark.timeout(900)]

PASSWORD = "a long walk in the morning"
#: Keys from the top of a page to anything on it; a page that needs more is not usable by keys.
MOST_TABS = 150
ROLES = {
    "executive": ("executive", "Ada Executive"),
    "manager": ("program_manager", "Ruth Lindqvist"),
    "finance": ("finance_partner", "Fay Finance"),
    "risk": ("risk_officer", "Ren Risk"),
    "auditor": ("auditor", "Aud Auditor"),
}


@pytest.fixture(scope="module")
def company(site: Site) -> dict[str, Any]:
    """Two initiatives with a case, a claimed month, a risk nobody assessed and a pack to sign."""
    admin = system_user("setup")
    root = people.found_organisation(name="Meridian Group", by=admin)
    unit = people.add_unit(name="Retail banking", parent=root, by=admin)
    who = {}
    for name, (role, called) in ROLES.items():
        who[name] = people.add_user(
            email=f"{name}@example.com", name=called, password=PASSWORD, by=admin
        )
        people.grant(user=who[name], role=role, node=root, by=admin)
    today = timezone.localdate()
    month = add_months(month_of(today), -1)
    rows = []
    for name in ("Claims triage", "Voice notes"):
        row = initiatives.add(
            name=name, unit=unit, by=admin, program_manager=who["manager"], stage="pilot",
            on=today - dt.timedelta(days=90),
        )  # fmt: skip
        draft = value.write_case(
            initiative=row,
            lines=[
                CaseLineRecord("cost", "build", month, Decimal(1000), False, "capex"),
                CaseLineRecord("benefit", "hard", month, Decimal(9000)),
            ],
            currency="USD", annual_rate=Decimal("0.10"), valuation_month=month, by=who["manager"],
        )  # fmt: skip
        value.approve_case(case=draft, by=who["finance"], sentence="Agreed.")
        rows.append(row)
    benefit = value.add_benefit(
        initiative=rows[0], name="Faster handling", benefit_type="hard",
        value_type="operational_efficiency", starts_month=month, ends_month=month_of(today),
        currency="USD", by=who["manager"],
    )  # fmt: skip
    value.claim(benefit=benefit, months={month: Decimal(900)}, basis="Rota", by=who["manager"])
    risk.add_risk(
        initiative=rows[0], category="bias", title="Older people wait longer", on=today, by=admin
    )
    rollups.absorb(by=system_user("rollups"), now=timezone.now())
    pack = exports.begin_pack(node=root, title="Board, today", on=today, by=who["finance"])
    return {"rows": rows, "who": who, "pack": pack}


class Keys:
    """A person at the keyboard: every key is counted, no pointer is used."""

    def __init__(self, chromium: Browser, site: Site, who: str) -> None:
        context = chromium.new_context(
            viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
        )
        self.page, self.wrong = watched(context)
        self.site, self.pressed = site, 0
        self.loads = 0
        self.page.on("framenavigated", self._loaded)
        self.page.goto(f"{site.url}/sign-in/")
        self.to(self.page.get_by_label("E-mail address"))
        self.write(f"{who}@example.com")
        self.to(self.page.get_by_label("Password"))
        self.write(PASSWORD)
        self.press("Enter")
        self.page.wait_for_url(lambda address: "/sign-in" not in address)

    def _loaded(self, _frame: Any) -> None:
        self.loads += 1

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)

    def to(self, goal: Locator) -> None:
        """Press Tab until a control has the focus; it must show that it has."""
        expect(goal).to_be_visible()
        for _ in range(MOST_TABS):
            if goal.evaluate("(each) => each === document.activeElement"):
                break
            self.press("Tab")
        else:
            raise AssertionError(f"{goal} is out of reach of the Tab key")
        shown = goal.evaluate(
            "(each) => { const s = getComputedStyle(each);"
            " return s.outlineStyle !== 'none' || s.boxShadow !== 'none'; }"
        )
        assert shown, f"{goal} does not show that it has the focus"

    def go(self, letter: str, path: str) -> None:
        """Go to a page by its letters."""
        self.press("g", letter)
        self.page.wait_for_url(lambda address: path in address)
        settle(self.page)

    def leave(self) -> None:
        """Look at what is there with axe, close, and say what went wrong on the way."""
        settle(self.page)
        found = [each["id"] for each in Axe().run(self.page).response["violations"]]
        self.page.context.close()
        assert found == []
        assert self.wrong == []


def main(page: Page) -> Locator:
    return page.locator("#main")


def test_the_executive_asks_a_figure_where_it_comes_from_and_signs(
    site: Site, company: dict[str, Any], chromium: Browser
) -> None:
    keys = Keys(chromium, site, "executive")
    page = keys.page
    page.goto(site.url)
    settle(page)
    figure = main(page).locator("[hx-get*='passports/'], a[href*='/passports/']").first
    keys.to(figure)
    keys.press("Enter")
    expect(page.locator("#passport-body")).to_contain_text("Promised")
    keys.press("Escape")
    expect(page.locator("#passport-body")).to_be_hidden()
    page.goto(f"{site.url}/reports/packs/")
    keys.to(main(page).get_by_role("link", name="Board, today"))
    keys.press("Enter")
    page.wait_for_url("**/reports/packs/*-*/")
    keys.to(page.get_by_role("button", name="Sign this pack"))
    keys.press("Enter")
    expect(page.get_by_text("Signed by Ada Executive").first).to_be_visible(timeout=30_000)
    assert BoardPack.objects.get().signed_by == company["who"]["executive"]
    keys.leave()


def test_the_manager_posts_an_update_with_two_keys_beyond_the_text(
    site: Site, company: dict[str, Any], chromium: Browser
) -> None:
    keys = Keys(chromium, site, "manager")
    page = keys.page
    page.goto(f"{site.url}/week/")
    settle(page)
    due = page.locator("form.quick")
    before = due.count()
    keys.pressed, keys.loads, began = 0, 0, time.monotonic()
    keys.press("u")
    keys.write("Two more teams joined and the queue is short.")
    keys.press("Control+Enter")
    expect(due).to_have_count(before - 1)
    assert keys.pressed <= 4
    assert keys.loads == 0
    assert time.monotonic() - began <= 30
    said = StatusUpdate.objects.get()
    assert (
        said.sentence.startswith("Two more teams") and said.posted_by == company["who"]["manager"]
    )
    keys.leave()


def test_finance_validates_a_month(site: Site, company: dict[str, Any], chromium: Browser) -> None:
    keys = Keys(chromium, site, "finance")
    page = keys.page
    keys.go("v", "/value/")
    keys.to(page.locator("#queue summary").first)
    keys.press("Enter")
    keys.to(page.get_by_label("Where the evidence is"))
    keys.write("GL report 7")
    keys.to(page.get_by_role("button", name="Validate", exact=True))
    keys.press("Enter")
    expect(page.locator("#queue")).to_contain_text("Bank", timeout=30_000)
    assert BenefitMonth.objects.get().validated == Decimal(900)
    keys.leave()


def test_the_risk_reviewer_assesses(site: Site, company: dict[str, Any], chromium: Browser) -> None:
    keys = Keys(chromium, site, "risk")
    page, key = keys.page, company["rows"][0].key
    keys.go("r", "/risk/")
    keys.to(main(page).locator(f"a[href*='{key}']").first)
    keys.press("Enter")
    page.wait_for_url(f"**/initiatives/{key}/**")
    settle(page)
    if "/risk/" not in page.url:
        keys.to(page.get_by_role("navigation").get_by_role("link", name="Risk", exact=True).last)
        keys.press("Enter")
        page.wait_for_url("**/risk/**")
    keys.to(page.locator("summary", has_text="Assess").first)
    keys.press("Enter")
    keys.to(page.get_by_label("Likelihood, before controls").first)
    keys.press("4")
    keys.to(page.get_by_label("Impact, before controls").first)
    keys.press("5")
    keys.to(page.get_by_role("button", name="Assess today").first)
    keys.press("Enter")
    expect(page.locator("#risk")).to_contain_text("Assess again", timeout=30_000)
    found = Risk.objects.get()
    assert (found.likelihood, found.impact) == (4, 5)
    keys.leave()


def test_the_auditor_finds_who_did_it_and_the_proof_and_can_change_nothing(
    site: Site, company: dict[str, Any], chromium: Browser
) -> None:
    keys = Keys(chromium, site, "auditor")
    page = keys.page
    keys.go("t", "/trail/")
    keys.to(page.get_by_label("Who", exact=True))
    keys.write("Ruth")
    keys.press("Enter")
    page.wait_for_url("**who=Ruth**")
    expect(page.locator("tbody tr").first).to_contain_text("Ruth Lindqvist")
    keys.to(page.locator("tbody tr a").first)
    keys.press("Enter")
    page.wait_for_url("**/trail/*/")
    expect(page.locator(".notice").first).to_contain_text("event")
    page.goto(f"{site.url}/initiatives/{company['rows'][0].key}/")
    for name in ("Post", "Add milestone"):
        assert page.get_by_role("button", name=name, exact=True).count() == 0 or (
            page.get_by_role("button", name=name, exact=True).first.get_attribute("aria-disabled")
            == "true"
        )
    keys.leave()
