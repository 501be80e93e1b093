"""
One person's first morning with the product, in a real browser on a running site:
sign-in, home, filter, initiative, status update, import, sync, changed chart, export.
"""

import csv
import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from governance_app.initiatives import services as initiatives
from governance_app.people import services as people
from governance_app.people.services import system_user
from tests.browser import settle, sign_in
from tests.factories.focus import as_csv, as_gzip, line
from tests.site import Site

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]

PASSWORD = "a long walk in the morning"
INVENTORY = [
    ("Project", "What it does", "Division", "Phase", "Go-live"),
    ("Claims triage", "Sorts claims by effort", "Insurance", "In production", "2025-03-01"),
    ("Meter reading check", "Finds meters that read too little", "Operations", "Pilot", "Nov 2026"),
    ("Ünïcode names", "Keeps every letter; =1+1 stays a text", "Operations", "Idea", "n/a"),
]  # fmt: skip


@pytest.fixture(scope="module")
def company(site: Site) -> dict[str, Any]:
    """An organisation with one unit, one initiative and one person who may do everything."""
    admin = system_user("setup")
    root = people.found_organisation(name="Meridian Group", by=admin)
    unit = people.add_unit(name="Retail banking", parent=root, by=admin)
    person = people.add_user(
        email="walker@example.com", name="Wanda Walker", password=PASSWORD, by=admin
    )
    for role in ("program_manager", "finance_partner", "administrator"):
        people.grant(user=person, role=role, node=root, by=admin)
    made = initiatives.add(
        name="Contact-centre assist",
        purpose="Suggests answers to agents while they talk.",
        unit=unit,
        stage="pilot",
        by=person,
    )
    initiatives.add(name="Branch rota planner", unit=unit, stage="idea", by=person)
    return {"key": made.key}


def test_the_first_morning(site: Site, company: dict[str, Any], page: Page, tmp_path: Path) -> None:
    key = company["key"]

    # Signing in leads home; home says what there is.
    sign_in(page, site.url, "walker@example.com", PASSWORD)
    expect(page).to_have_url(f"{site.url}/")
    expect(page.get_by_role("navigation", name="Pages")).to_contain_text("Portfolio")

    # The portfolio, filtered: the address holds the filter.
    page.get_by_role("link", name="Portfolio").first.click()
    page.get_by_role("searchbox").first.fill("contact")
    expect(page.get_by_text("Branch rota planner")).to_have_count(0)
    page.wait_for_url(lambda url: "contact" in url)
    page.reload()
    expect(page.get_by_text("Branch rota planner")).to_have_count(0)
    page.get_by_role("link", name="Contact-centre assist").click()
    page.wait_for_url(f"{site.url}/initiatives/{key}/")

    # A status update without a page load.
    page.evaluate("window.here = true")
    page.get_by_text("At risk", exact=True).click()
    page.get_by_label("What happened").fill("Two agents left; training starts again.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#status-now")).to_contain_text("Two agents left")
    assert page.evaluate("window.here"), "the page was loaded again"

    # An inventory of another shape comes in by the wizard.
    page.goto(f"{site.url}/portfolio/import/")
    upload = tmp_path / "projects.csv"
    upload.write_bytes(_inventory().encode("cp1252"))
    page.get_by_label("Choose a file or drop it here").set_input_files(upload)
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name="Go on to values").click()
    page.get_by_role("button", name="Try it out").click()
    expect(page.locator("#wizard")).to_contain_text("3", timeout=20_000)
    page.get_by_role("button", name="Apply: 3 new").click()
    expect(page.get_by_role("link", name="Meter reading check")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Ünïcode names").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ünïcode names")

    # Before any bill there is no spend to draw.
    page.goto(f"{site.url}/initiatives/{key}/")
    settle(page)
    assert _drawn(page) == []

    # A folder of bills is connected, and run.
    folder = site.folder / "bills"
    folder.mkdir()
    bill = _bill(key)
    (folder / "month.csv.gz").write_bytes(as_gzip(as_csv(bill)))
    page.goto(f"{site.url}/connections/add/focus_folder/")
    page.get_by_label("Name", exact=True).fill("Cloud bills")
    page.get_by_label("Folder").fill(str(folder))
    page.get_by_role("button", name="Set up and rehearse").click()
    page.get_by_role("button", name="Accept and run").click(timeout=90_000)
    expect(page.get_by_text("done").first).to_be_visible(timeout=90_000)

    # A rule sends what is tagged to its initiative; the chart has changed by itself.
    page.goto(f"{site.url}/spend/rules/")
    _add_tag_rule(page)
    expected = sum((Decimal(one["BilledCost"] or 0) for one in bill[:3]), Decimal(0))
    page.goto(f"{site.url}/initiatives/{key}/")
    _reload_until(page, lambda: _drawn(page) != [])
    assert float(expected) == pytest.approx(max(_drawn(page)), abs=0.01)
    _point_at_chart(page)

    # What the screen shows is what is exported.
    page.goto(f"{site.url}/spend/")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Initiative spend as Excel").click()
    page.wait_for_url(lambda url: "/reports/" in url)
    with page.expect_download(timeout=90_000) as download:
        page.get_by_role("link", name="Download").click(timeout=90_000)
    saved = tmp_path / "spend.xlsx"
    download.value.save_as(saved)
    _check_workbook(saved, key, expected, sum(Decimal(one["BilledCost"] or 0) for one in bill))


def _inventory() -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(INVENTORY)
    return out.getvalue()


def _month() -> dt.date:
    """The month before the present one: wholly past, inside every default window."""
    return (timezone.localdate().replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def _bill(key: str) -> list[dict[str, str | None]]:
    month = _month()
    until = (month + dt.timedelta(days=32)).replace(day=1)
    times = {
        "BillingPeriodStart": f"{month}T00:00:00Z",
        "BillingPeriodEnd": f"{until}T00:00:00Z",
        "ChargePeriodStart": f"{month}T00:00:00Z",
        "ChargePeriodEnd": f"{month + dt.timedelta(days=1)}T00:00:00Z",
    }
    tagged = json.dumps({"ai-initiative": key})
    costs = ["812.50", "0.000000000000000123", "99.99"]
    lines = [
        line(**times, BilledCost=c, EffectiveCost=c, ListCost=c, ContractedCost=c,
             ResourceId=f"r{n}", Tags=tagged)
        for n, c in enumerate(costs)
    ]  # fmt: skip
    other = {"BilledCost": "40", "EffectiveCost": "40", "ListCost": "40", "ContractedCost": "40"}
    return [*lines, line(**times, **other, ResourceId="=SUM(A1)", Tags="{}")]


def _add_tag_rule(page: Page) -> None:
    """One rule is enough where a tag holds the key of its initiative."""
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_label("Name", exact=True).fill("Tagged with their key")
    page.get_by_label("Condition 1 looks at").select_option("tag")
    page.get_by_label("Name of the tag of condition 1").fill("ai-initiative")
    page.get_by_label("How condition 1 matches").select_option("key")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#effect")).to_contain_text("Contact-centre assist")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.get_by_role("rowheader", name="Tagged with their key")).to_be_visible()


def _point_at_chart(page: Page) -> None:
    """A chart stands before plotly.js is there; pointed at, it answers in the same place."""
    canvas = page.locator('figure[data-chart="roi"] .canvas')
    canvas.scroll_into_view_if_needed()
    expect(canvas.locator(".drawing.wide")).to_be_visible()
    assert not page.evaluate("'Plotly' in window")
    before = canvas.bounding_box()
    canvas.hover()
    expect(canvas.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=20_000)
    expect(canvas.locator(".drawing.wide")).to_be_hidden()
    assert canvas.bounding_box() == before


def _drawn(page: Page) -> list[float]:
    """Give every cost that the ROI chart draws, from its data and not from its picture."""
    source = page.locator('figure[data-chart="roi"] script').all_text_contents()
    if not source:
        return []
    traces = json.loads(source[0])["data"]
    cost = next(
        (t for t in traces if "ost" in t.get("name", "") or "pend" in t.get("name", "")), {}
    )
    return [value for value in cost.get("y", []) if value]


def _reload_until(page: Page, ready: Any, tries: int = 60) -> None:
    for _ in range(tries):
        page.reload()
        if ready():
            settle(page)
            return
        page.wait_for_timeout(1000)
    raise TimeoutError("the chart did not change")


def _check_workbook(path: Path, key: str, expected: Decimal, whole: Decimal) -> None:
    book = openpyxl.load_workbook(path)
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    texts = {str(cell.value) for cell in cells if cell.value is not None}
    assert key in texts
    numbers = [Decimal(str(cell.value)) for cell in cells if isinstance(cell.value, int | float)]
    assert any(abs(number - expected) < Decimal("0.01") for number in numbers)
    assert not any(cell.data_type == "f" and "SUM(A1)" in str(cell.value) for cell in cells)
    control = {str(c.value) for row in book.worksheets[-1].iter_rows() for c in row if c.value}
    assert any(f"{whole.normalize():f}"[:6] in text for text in control)
