"""
A finance person's month in a real browser: load, reconcile, write a rule from a suggestion, accrue
the bill that has not come, close by two people, take the late bill in the next month, export, post
a journal twice and have one document. With a credit, tax, two entities and two currencies.
"""

import datetime as dt
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db.models import Sum
from playwright.sync_api import Page, expect

from governance_app.books import services as books
from governance_app.files.services import store
from governance_app.initiatives import services as initiatives
from governance_app.people import services as people
from governance_app.people.services import system_user
from governance_app.spend import services as spend
from governance_app.spend.models import (
    AllocationRun,
    Journal,
    KeyShare,
    MonthClose,
    SpendAllotment,
    SpendKeyMonth,
)
from governance_app.spend.services import close
from tests.browser import facts, settle, sign_in
from tests.factories.focus import as_csv, line
from tests.site import Site

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]

PASSWORD = "a long walk in the morning"
OCTOBER = dt.date(2026, 10, 1)
#: Where a person wants pictures of what the test sees; nowhere by default.
PICTURES = os.environ.get("FLOW_PICTURES", "")


#: Usage of two entities, a credit, a tax, and an account that no rule knows: 224.605 in all.
CLOUD = [
    line(BilledCost="120.005", EffectiveCost="120.005"),
    line(BilledCost="60", EffectiveCost="60", ResourceId="beta", Tags='{"ai-initiative":"AI-2"}'),
    line(BilledCost="-5.5", EffectiveCost="-5.5", ChargeCategory="Credit", ResourceId="credit"),
    *(
        line(
            BilledCost=cost, EffectiveCost=cost, ChargeCategory=category, ResourceId=category,
            SubAccountId="000000000077", SubAccountName="claims-lab", Tags=None,
        )
        for category, cost in (("Usage", "40.1"), ("Tax", "10"))
    ),
]  # fmt: skip


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
    europe = people.add_unit(name="Europe", parent=root, by=admin)
    initiatives.add(name="Letters", unit=europe, by=admin)
    group, european = (
        books.add_entity(code=code, name=name, currency=currency, node=node, by=admin)
        for code, name, currency, node in (
            ("1000", "Meridian Group", "USD", root),
            ("2000", "Meridian Europe", "EUR", europe),
        )
    )
    close.add_recharge_agreement(
        payer=group, bearer=european, reference="IC-7", mark_up=Decimal("0.05"), tax_code="RC",
        from_month=OCTOBER, by=admin,
    )  # fmt: skip
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
    _load(page, site, "Cloud bills", as_csv(CLOUD))
    page.goto(f"{site.url}/spend/close/")
    page.get_by_role("link", name="Oct 2026").click()
    expect(page.get_by_text("Neither: 1 source of 2.")).to_be_visible()
    _picture(page, "month-open")

    # What nobody bears has a suggestion; the rule is previewed, applied, and the sum stays.
    page.goto(f"{site.url}/spend/?since=2026-10&until=2026-10")
    page.get_by_role("link", name="Write the rule for claims-lab").click()
    page.locator("#r-initiative").fill("AI-1")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#effect")).to_contain_text("50.10")
    assert not KeyShare.objects.filter(key__account="000000000077").exists()
    _picture(page, "rule-preview")
    page.get_by_role("button", name="Add the rule").click()
    _wait_for(lambda: KeyShare.objects.filter(key__account="000000000077").exists(), page)
    run = AllocationRun.objects.latest("created_at")
    for balance in run.balances.all():
        assert balance.allocated + balance.unallocated == balance.source_total

    # The invoice ties but for what the issuer rounded.
    page.goto(f"{site.url}/spend/close/2026-10/")
    page.get_by_role("link", name="Invoices", exact=True).click()
    page.get_by_role("button", name="Enter an invoice").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Issuer").fill("Cloudworks")
    form.get_by_label("Number").fill("INV-7")
    form.get_by_label("Total, tax included").fill("224.61")
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

    # What the screen shows is what is exported, to the last digit.
    page.goto(f"{site.url}/spend/?since=2026-10&until=2026-10")
    page.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="Initiative spend as Excel").click()
    page.wait_for_url(lambda url: "/reports/" in url)
    with page.expect_download(timeout=90_000) as waiting:
        page.get_by_role("link", name="Download").first.click(timeout=90_000)
    waiting.value.save_as(tmp_path / "october.xlsx")
    _check_workbook(tmp_path / "october.xlsx")

    # A journal asked for twice is one document, and keeps the number the ERP gives it.
    page.goto(f"{site.url}/spend/close/2026-10/")
    page.get_by_role("link", name="Journals", exact=True).click()
    _picture(page, "journals")
    row = Journal.objects.get(month=OCTOBER, kind="allocation", entity="1000", currency="USD")
    page.get_by_role("link", name=row.number).click()
    other = page.context.new_page()
    other.goto(page.url)
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_role("button", name="Post")).to_have_count(0)
    once = Journal.objects.get(pk=row.pk)
    other.get_by_role("button", name="Post").click()
    expect(other.get_by_role("button", name="Post")).to_have_count(0)
    other.close()
    twice = Journal.objects.get(pk=row.pk)
    assert (once.document_id, once.posted_at) == (twice.document_id, twice.posted_at)
    assert Journal.objects.filter(state=Journal.State.POSTED).count() == 1
    for journal in Journal.objects.filter(month=OCTOBER):
        sums = journal.lines.aggregate(debit=Sum("debit"), credit=Sum("credit"))
        assert sums["debit"] == sums["credit"] == journal.debit
    assert {one.entity for one in Journal.objects.filter(month=OCTOBER)} == {"1000", "2000"}
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


def _check_workbook(path: Path) -> None:
    """Every amount of the ledger is in the workbook, and its control sheet says their sum."""
    book = openpyxl.load_workbook(path)
    cells = [cell.value for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    numbers = {Decimal(str(cell)) for cell in cells if isinstance(cell, int | float)}
    spent = SpendAllotment.objects.filter(billing_month=OCTOBER).values("initiative", "currency")
    for sums in spent.annotate(billed=Sum("billed")):
        if sums["initiative"]:
            assert sums["billed"] in numbers, sums
    assert any("224.605" in str(cell) for cell in cells)


def _wait_for(found: Any, page: Page) -> None:
    for _ in range(120):
        if found():
            return
        page.wait_for_timeout(250)
    said = page.locator("main").inner_text()
    raise AssertionError(f"It did not happen within half a minute. The page says: {said}")


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
