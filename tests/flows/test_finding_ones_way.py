"""
The palette, help and the tour in a real browser, by keyboard alone: what opens takes the focus,
what closes gives it back, nothing sticks out on a phone, axe finds no violation in any state.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from governance_app.initiatives import services as initiatives
from governance_app.people import services as people
from governance_app.people.services import system_user
from tests.browser import facts, sign_in, watched
from tests.site import Site

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]

PASSWORD = "a long walk in the morning"


@pytest.fixture(scope="module")
def company(site: Site) -> dict[str, str]:
    """Three initiatives and one executive."""
    admin = system_user("setup")
    root = people.found_organisation(name="Meridian Group", by=admin)
    unit = people.add_unit(name="Retail banking", parent=root, by=admin)
    ruth = people.add_user(email="ruth@example.com", name="Ruth", password=PASSWORD, by=admin)
    people.grant(user=ruth, role="executive", node=root, by=admin)
    return {
        name: initiatives.add(name=name, unit=unit, by=admin, stage="pilot").key
        for name in ("Claims triage agent", "Voice notes", "Contact-centre assist")
    }


@pytest.fixture(params=[(1440, "light"), (390, "dark")], ids=["desk", "phone"])
def page(request: Any, site: Site, company: dict[str, str], chromium: Browser) -> Iterator[Page]:
    """A signed-in page on a desk in light and on a phone in dark."""
    width, theme = request.param
    context = chromium.new_context(
        viewport={"width": width, "height": 844}, color_scheme=theme, reduced_motion="reduce"
    )
    page, wrong = watched(context)
    sign_in(page, site.url, "ruth@example.com", PASSWORD)
    yield page
    context.close()
    assert wrong == []


def sound(page: Page) -> None:
    """Nothing sticks out, and axe has nothing to say."""
    assert facts(page) <= 0
    found = Axe().run(page).response["violations"]
    assert [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found] == []


def test_a_few_letters_and_enter_open_an_initiative(
    page: Page, site: Site, company: dict[str, str]
) -> None:
    page.goto(f"{site.url}/account/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Find a page")
    expect(field).to_be_focused()
    expect(page.get_by_role("option", name="Portfolio").first).to_be_visible()
    sound(page)
    page.keyboard.type("clams")
    expect(page.get_by_role("option", name="Claims triage agent")).to_have_attribute(
        "aria-selected", "true"
    )
    assert field.get_attribute("aria-activedescendant") == "palette-initiatives-1"
    sound(page)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/initiatives/{company['Claims triage agent']}/")


def test_arrows_choose_and_escape_gives_the_focus_back(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/account/")
    page.get_by_label("Name of a new token").focus()
    page.keyboard.press("Control+k")
    first = page.locator("#palette [role=option]").first
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "false")
    expect(page.locator("#palette [role=option]").nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.get_by_label("Name of a new token")).to_be_focused()


def test_a_slash_searches_the_page_or_opens_the_palette(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/portfolio/")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.goto(f"{site.url}/account/")
    page.keyboard.press("/")
    expect(page.get_by_role("combobox", name="Find a page")).to_be_focused()


def test_an_act_of_the_palette_opens_its_dialog(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/account/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    sound(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("show the keys")
    expect(page.get_by_role("option", name="Show the keys")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_help_opens_beside_the_page_and_closes_with_escape(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/spend/")
    page.keyboard.press("Control+k")
    page.keyboard.type("help for")
    expect(page.get_by_role("option", name="Help for this page")).to_be_visible()
    page.keyboard.press("ArrowUp")
    page.get_by_role("option", name="Help for this page").click()
    beside = page.get_by_role("complementary", name="Help for this page")
    expect(beside.get_by_role("heading", name="Read spend")).to_be_visible()
    sound(page)
    page.keyboard.press("Escape")
    expect(beside).to_be_hidden()


def test_the_tour_is_walked_left_and_resumed_by_keys(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/tour/")
    expect(
        page.get_by_role("heading", name="Are we getting what we were promised?")
    ).to_be_visible()
    expect(page.get_by_role("link", name="Next")).to_be_focused()
    sound(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What needs you")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_have_count(0)
    page.goto(f"{site.url}/tour/")
    expect(page.get_by_text("Stop 2 of")).to_be_visible()


def test_a_page_in_german_is_sound(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/account/")
    page.get_by_label("Language").select_option("de")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Von jetzt an")).to_be_visible()
    for path in ("/", "/portfolio/", "/account/", "/welcome/"):
        page.goto(site.url + path)
        sound(page)
    page.goto(f"{site.url}/account/")
    page.get_by_label("Sprache").select_option("en")
    page.get_by_role("button", name="Behalten").click()
    expect(page.get_by_role("button", name="Keep")).to_be_visible()
