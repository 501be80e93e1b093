"""
Gates in a real browser: a release decided by the board, one by its team, an emergency and its
review, breaches that put a unit on probation, and the last year replayed.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from governance_app.compliance.models import TierNow
from governance_app.gates import services as gates
from governance_app.gates.models import GateRequest
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.people.services import system_user
from tests.browser import sign_in
from tests.gates.world import World
from tests.site import Site

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]

PASSWORD = "a long walk through the gates"


@pytest.fixture(scope="module")
def world(site: Site) -> World:
    """The recommended policy in force, and people who can sign in."""
    return World.founded(password=PASSWORD)


def be(page: Page, site: Site, user: Any) -> None:
    """Sign in as somebody else."""
    page.context.clear_cookies()
    sign_in(page, site.url, user.email, PASSWORD)


def keep(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at them."""
    folder = os.environ.get("GATE_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def stage_of(initiative: Any) -> str:
    return str(Initiative.objects.get(pk=initiative.pk).stage.slug)  # type: ignore[union-attr]


def ask(page: Page, site: Site, initiative: Any) -> GateRequest:
    """Ask for production from the page of the initiative, and submit."""
    page.goto(f"{site.url}/initiatives/{initiative.key}/")
    page.get_by_role("link", name="Gates", exact=True).click()
    page.get_by_role("link", name="Ask at a gate").click()
    page.get_by_label("Into").select_option("production")
    page.get_by_label("Why now").fill("It works for two desks.")
    page.get_by_role("button", name="Begin the request").click()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("In review").first).to_be_visible()
    return GateRequest.objects.order_by("-number")[0]


def approve_by_keyboard(page: Page, site: Site, request: GateRequest) -> None:
    """Open the decision from one's work, reach the button by its key, press Enter."""
    page.goto(f"{site.url}/governance/")
    page.get_by_role("link", name=f"Decide: {request.initiative.name}").click()
    page.wait_for_url(f"**/governance/requests/{request.number}/")
    page.locator("h1").click()
    page.keyboard.press("a")
    expect(page.get_by_role("button", name="Approve")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").or_(page.locator(".messages")).first).to_be_visible()


def test_the_board_decides_a_release(site: Site, world: World, page: Page) -> None:
    row = world.initiative("Claims triage")
    be(page, site, world.manager)
    request = ask(page, site, row)
    for somebody in (world.officer, world.board[0]):
        be(page, site, somebody)
        approve_by_keyboard(page, site, request)
        assert stage_of(row) == "pilot"
    keep(page, "decision")
    be(page, site, world.board[1])
    page.goto(f"{site.url}/governance/requests/{request.number}/")
    expect(page.get_by_text("1 decision hidden")).to_be_visible()
    approve_by_keyboard(page, site, request)
    expect(page.get_by_text("Ended in scale")).to_be_visible()
    assert stage_of(row) == "production"


def test_a_refused_decision_is_said_and_counts_nothing(
    site: Site, world: World, page: Page
) -> None:
    row = world.initiative("Letters")
    be(page, site, world.manager)
    request = ask(page, site, row)
    be(page, site, world.board[0])
    page.goto(f"{site.url}/governance/requests/{request.number}/")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("alert")).to_contain_text("Say in a sentence why")
    page.get_by_role("textbox", name="Why").fill("No way back was rehearsed.")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("No way back was rehearsed.").first).to_be_visible()
    assert stage_of(row) == "pilot"


def test_a_team_decides_its_own_release_and_breaks_back_to_the_board(
    site: Site, world: World, page: Page
) -> None:
    be(page, site, world.board[0])
    page.goto(f"{site.url}/governance/modes/")
    page.get_by_role("link", name="Retail banking").click()
    page.get_by_role("radio", name="Distributed").check()
    page.get_by_role("textbox", name="Why").fill("Twelve releases a month.")
    page.get_by_role("button", name="Choose").click()
    expect(page.get_by_text("Distributed since")).to_be_visible()

    rows = [world.initiative(f"Assistant {number}") for number in range(3)]
    be(page, site, world.manager)
    first = ask(page, site, rows[0])
    approve_by_keyboard(page, site, first)
    expect(page.get_by_text("Approved by who asked")).to_be_visible()
    assert stage_of(rows[0]) == "production"
    for row in rows[1:]:
        world.decide(world.asked(row), world.manager)

    be(page, site, world.board[0])
    page.goto(f"{site.url}/governance/modes/{world.unit.pk}/?to=central")
    expect(page.get_by_text("3 of 3 requests would have gone to the board")).to_be_visible()
    keep(page, "mode")

    for row in rows:
        initiatives.edit(initiative=row, autonomy="acts_alone", by=world.admin)
    gates.look_at_guardrails(on=timezone.localdate(), by=system_user("oversight"))
    page.goto(f"{site.url}/governance/")
    expect(page.get_by_text("is on probation")).to_be_visible()
    expect(page.get_by_text("A person can stop it").first).to_be_visible()
    keep(page, "home")
    page.get_by_role("link", name="Retail banking").first.click()
    page.get_by_role("radio", name="Distributed").check()
    page.get_by_role("textbox", name="Why").fill("Every one of them is supervised again.")
    page.get_by_role("button", name="End the probation").click()
    expect(page.get_by_text("no longer on probation")).to_be_visible()


def test_an_emergency_and_its_review(site: Site, world: World, page: Page) -> None:
    row = world.initiative("Night desk")
    TierNow.objects.filter(initiative=row).delete()
    be(page, site, world.board[0])
    page.goto(f"{site.url}/initiatives/{row.key}/gates/")
    page.get_by_text("Go past a gate").click()
    page.get_by_label("Into").select_option("production")
    page.get_by_label("Incident").fill("INC-7")
    page.get_by_label("What is burning").fill("Claims pile up.")
    page.get_by_role("button", name="Break the glass").click()
    expect(page.get_by_text("to be confirmed by")).to_be_visible()
    assert stage_of(row) == "production"
    be(page, site, world.board[1])
    page.goto(f"{site.url}/governance/emergencies/")
    page.get_by_role("button", name="Confirm that it is one").click()
    expect(page.get_by_text("confirmed by Ben")).to_be_visible()
    be(page, site, world.officer)
    page.goto(f"{site.url}/governance/")
    page.get_by_role("link", name="Look: Night desk").click()
    page.get_by_label("What you found").fill("A queue would have been enough.")
    page.get_by_role("button", name="Not justified").click()
    expect(page.get_by_text("A queue would have been enough.")).to_be_visible()


def test_a_policy_shows_its_examples_and_what_differs(site: Site, world: World, page: Page) -> None:
    be(page, site, world.officer)
    page.goto(f"{site.url}/governance/policies/write/")
    page.get_by_role("button", name="As a document").click()
    document = page.get_by_label("Rules", exact=True)
    document.fill(document.input_value().replace('"sample_ratio": 0.1', '"sample_ratio": 0.2'))
    page.get_by_label("Why it changes").fill("More eyes.")
    page.get_by_role("button", name="Keep as draft").click()
    expect(page.get_by_text("1 difference from version 1")).to_be_visible()
    expect(page.get_by_text("With these facts this happens")).to_be_visible()
    keep(page, "policy")
