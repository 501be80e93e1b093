"""A person takes in an inventory nobody has seen before, in the browser."""

import csv
import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from governance_app.initiatives.models import ImportMapping, Initiative
from governance_app.people import services as people
from tests import browser
from tests.factories.inventory import messy

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery staple"


@pytest.fixture
def manager(site: Any) -> str:
    """A program manager of the whole organisation; gives the address to sign in with."""
    by = people.system_user("setup")
    root = people.found_organisation(name="Meridian Group", by=by)
    user = people.add_user(email="ada@example.com", name="Ada Manager", password=PASSWORD, by=by)
    people.grant(user=user, role="program_manager", node=root, by=by)
    return user.email


def picture(page: Page, name: str) -> None:
    """Keep a picture when somebody wants to look (SCREENSHOTS=folder)."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_an_inventory_from_upload_to_register(
    page: Page, site: Any, manager: str, tmp_path: Path
) -> None:
    made = messy(rows=120)
    made.rows[7][0] = ""
    file = tmp_path / "harbour inventory.csv"
    file.write_bytes(made.csv())
    browser.sign_in(page, site.url, manager, PASSWORD)

    page.goto(f"{site.url}/portfolio/import/")
    picture(page, "1-start")
    page.get_by_label("Choose a file or drop it here").set_input_files(file)
    page.get_by_role("button", name="Read the file").click()

    expect(page.get_by_role("heading", name="harbour inventory.csv")).to_be_visible()
    stage = page.get_by_label("Stage of Development", exact=True)
    expect(stage).to_have_value("stage")
    picture(page, "2-columns")
    page.get_by_text("without a field").click()
    page.get_by_label("Date Retired", exact=True).select_option("date.retired.actual")
    picture(page, "2-columns-all")
    page.get_by_role("button", name="Go on to values").click()

    expect(page.get_by_role("heading", name="Stage", exact=True)).to_be_visible()
    expect(page.get_by_label("In mission", exact=True)).to_have_value("production")
    page.get_by_label("Research complete", exact=True).select_option("assessment")
    picture(page, "3-values")
    page.get_by_role("button", name="Try it out").click()

    expect(page.get_by_role("heading", name="Refused rows")).to_be_visible()
    row = page.get_by_role("group", name="Refusals").first.get_by_role("row").nth(1)
    expect(row).to_contain_text("9")
    expect(row).to_contain_text("Use Case Title")
    expect(row).to_contain_text("The name is blank; an initiative needs one.")
    picture(page, "4-check")
    assert not Initiative.objects.exists()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download all as CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    refused = list(csv.reader(text.splitlines()))
    assert [line[0] for line in refused if line[-1] == "yes"] == ["9"]

    page.get_by_label("Name", exact=True).fill("Ministries")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved as “Ministries”.")).to_be_visible()
    assert ImportMapping.objects.get().name == "Ministries"

    page.get_by_role("button", name="Apply: 119 new").click()
    expect(page.get_by_role("link", name="Open the portfolio")).to_be_visible(timeout=60_000)
    picture(page, "5-result")
    assert Initiative.objects.count() == 119
    researched = sum(line[6] == "Research complete" for line in made.rows)
    assessed = sum(line[6] == "Acquisition / Development" for line in made.rows)
    lost = made.rows[7][6] in {"Research complete", "Acquisition / Development"}
    assert Initiative.objects.at("assessment").count() == researched + assessed - lost

    page.set_viewport_size({"width": 360, "height": 800})
    picture(page, "6-result-phone")
    assert browser.facts(page) <= 0
