"""
A finance person's month in a real browser: load, reconcile, accrue the bill that has not come,
close by two people, take the late bill in the next month, post a journal once.
"""

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from governance_app.books import services as books
from governance_app.files.services import store
from governance_app.initiatives import services as initiatives
from governance_app.people import services as people
from governance_app.people.services import system_user
from governance_app.spend import services as spend
from governance_app.spend.models import Journal, MonthClose, SpendKeyMonth
from governance_app.spend.services import close
from tests.browser import facts, settle, sign_in
from tests.factories.focus import as_csv, line
from tests.site import Site

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]

PASSWORD = "a long walk in the morning"
OCTOBER = dt.date(2026, 10, 1)
#: Where a person wants pictures of what the test sees; nowhere by default.
PICTURES = os.environ.get("FLOW_PICTURES", "")


def euros(month: int, amount: str) -> bytes:
    """A bill of the model vendor."""
    return as_csv(
        [
            line(
                BillingPeriodStart=f"2026-{month:02d}-01",
                BillingPeriodEnd=f"2026-{month + 1:02d}-01",
                ChargePeriodStart=f"2026-{month:02d}-07",
                ChargePeriodEnd=f"2026-{month:02d}-08",
                BilledCost=amount,
                EffectiveCost=amount,
                BillingCurrency="EUR",
                InvoiceId=f"E-{month}",
                InvoiceIssuerName="Modelhaus",
                BillingAccountId="EU1",
            )
        ]
    )


@pytest.fixture(scope="module")
def company(site: Site) -> dict[str, Any]:
    """Two people of finance, two sources, one of which has not billed October yet."""
    admin = system_user("setup")
    root = people.found_organisation(name="Meridian Group", by=admin)
    unit = people.add_unit(name="Retail banking", parent=root, by=admin)
    for name in ("preparer", "approver"):
        person = people.add_user(
            email=f"{name}@example.com", name=name.title(), password=PASSWORD, by=admin
        )
        people.grant(user=person, role="finance_partner", node=root, by=admin)
    initiatives.add(name="Claims triage", unit=unit, by=admin)
    books.add_entity(code="1000", name="Meridian Group", currency="USD", node=root, by=admin)
    books.enter_rates(
        rates=[("EUR", "USD", OCTOBER, "average", Decimal("1.25"))], source="ECB", by=admin
    )
    spend.add_source(name="Cloud bills", by=admin)
    vendor = spend.add_source(name="Model bills", by=admin)
    spend.add_rule(name="By key", dimension="tag", tag="ai-initiative", by=admin)
    for field, value in (("gl_account", "620100"), ("cost_centre", "0042")):
        close.add_coding_rule(field=field, value=value, by=admin)
    kept = store(content=euros(9, "900"), name="september.csv", by=admin)
    spend.import_file(
        source=vendor, files=[kept], by=admin, now=dt.datetime(2026, 10, 9, tzinfo=dt.UTC)
    )
    return {}


def test_a_month_is_closed_and_stays_closed(
    site: Site, company: dict[str, Any], page: Page, tmp_path: Path
) -> None:
    sign_in(page, site.url, "preparer@example.com", PASSWORD)

    # The cloud bill is loaded; the month lists what is missing.
    _load(page, site, "Cloud bills", as_csv([line(BilledCost="120.005", EffectiveCost="120.005")]))
    page.goto(f"{site.url}/spend/close/")
    page.get_by_role("link", name="Oct 2026").click()
    expect(page.get_by_text("Neither: 1 source of 2.")).to_be_visible()
    _picture(page, "month-open")

    # The invoice ties but for what the issuer rounded.
    page.get_by_role("link", name="Invoices", exact=True).click()
    page.get_by_role("button", name="Enter an invoice").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Issuer").fill("Cloudworks")
    form.get_by_label("Number").fill("INV-7")
    form.get_by_label("Total, tax included").fill("120.01")
    form.get_by_label("Currency").fill("USD")
    form.get_by_role("button", name="Enter").click()
    expect(page.get_by_text("Ties to the last digit it states")).to_be_visible()
    _picture(page, "invoice")

    # What has not come is accrued.
    page.goto(f"{site.url}/spend/close/2026-10/accruals/")
    page.get_by_role("button", name="Accrue").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Source").select_option(label="Model bills")
    form.get_by_label("Currency").fill("EUR")
    form.get_by_label("Why").fill("The vendor bills on the tenth.")
    form.get_by_role("button", name="Accrue").click()
    expect(page.get_by_text("taken back in November 2026")).to_be_visible()
    _picture(page, "accruals")
    page.goto(f"{site.url}/spend/close/2026-10/")
    page.get_by_role("button", name="Soft close").click()
    expect(page.get_by_text("Somebody else approves it.")).to_be_visible()

    # Another person approves, and the month closes for good.
    page.context.clear_cookies()
    sign_in(page, site.url, "approver@example.com", PASSWORD)
    page.goto(f"{site.url}/spend/close/2026-10/")
    page.get_by_role("button", name="Approve").click()
    _wait_for(lambda: MonthClose.objects.filter(approved_at__isnull=False).exists(), page)
    page.get_by_role("link", name="The month").click()
    page.get_by_role("button", name="Close for good").click()
    _wait_for(lambda: MonthClose.objects.filter(closed_at__isnull=False).exists(), page)
    page.goto(f"{site.url}/spend/close/2026-10/")
    expect(page.get_by_text("As it was when the month closed")).to_be_visible()
    _picture(page, "month-closed")
    pack = _download(page, "Download", tmp_path / "pack.zip")

    # The bill that comes late is booked in the next month; the pack is the same.
    _load(page, site, "Model bills", euros(10, "930.50"))
    page.goto(f"{site.url}/spend/close/2026-10/adjustments/")
    expect(page.get_by_text("what changed is booked in November 2026")).to_be_visible()
    _picture(page, "late")
    november = SpendKeyMonth.objects.filter(billing_month=dt.date(2026, 11, 1))
    assert [row.billed for row in november] == [Decimal("930.5")]
    page.goto(f"{site.url}/spend/close/2026-10/")
    assert _download(page, "Download", tmp_path / "again.zip") == pack

    # A journal is posted once, and keeps the number the ERP gives it.
    page.get_by_role("link", name="Journals", exact=True).click()
    _picture(page, "journals")
    row = Journal.objects.get(month=OCTOBER, kind="allocation")
    page.get_by_role("link", name=row.number).click()
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_role("button", name="Post")).to_have_count(0)
    page.get_by_label("Document number in the ERP").fill("4900001")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("4900001")).to_be_visible()
    _picture(page, "journal")
    assert _download(page, "Download", tmp_path / "j.csv").startswith(b"journal,line,date")
    for name in ("chargeback", "variances", "general-ledger", "costs"):
        page.goto(f"{site.url}/spend/close/2026-10/{name}/")
        _picture(page, name)
    page.goto(f"{site.url}/spend/coding/")
    _picture(page, "coding")


def _load(page: Page, site: Site, source: str, content: bytes) -> None:
    """Load a bill through the page and wait for its outcome."""
    page.goto(f"{site.url}/spend/bills/load/")
    page.get_by_label("Source", exact=True).select_option(label=source)
    upload = {"name": "bill.csv", "mimeType": "text/csv", "buffer": content}
    page.locator("#l-file").set_input_files(files=[upload])  # type: ignore[list-item]
    page.get_by_role("button", name="Load").click()
    expect(page.get_by_role("link", name="Open the bill")).to_be_visible(timeout=60_000)


def _download(page: Page, name: str, path: Path) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("link", name=name).first.click()
    waiting.value.save_as(path)
    return path.read_bytes()


def _wait_for(found: Any, page: Page) -> None:
    for _ in range(120):
        if found():
            return
        page.wait_for_timeout(250)
    raise AssertionError("It did not happen within half a minute.")


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
