"""
A connection set up by an administrator in a real browser against a real S3: tested, rehearsed,
accepted, watched; and spend arrives on the initiative's chart of somebody who had it open.

What depends on how fast the machine is stands still until the test has looked: the bucket hands out
its last file when it is told to, so that the run is seen at work, left and found again.
"""

import datetime as dt
import json
import os
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from governance_app.connectors.aws import Keys, Signer
from governance_app.connectors.models import Connection, SyncRun
from governance_app.initiatives import services as initiatives
from governance_app.people import services as people
from governance_app.people.services import system_user
from governance_app.spend import services as spend
from governance_app.spend.models import Load
from portfolio.bench.peers import Server
from portfolio.up.servers import Servers
from tests import browser as browsers
from tests import site as sites
from tests.browser import facts, settle, sign_in
from tests.servers.clouds import moto_server
from tests.servers.replays.aws_focus import EXPORT, DataExport
from tests.servers.scenario import Charge
from tests.servers.scripted import Call, Reply, scripted_server

pytestmark = [pytest.mark.flow, pytest.mark.peer, pytest.mark.timeout(600)]

PASSWORD = "a long walk in the morning"
AMOUNTS = (Decimal("812.5"), Decimal("10.25"))
PASSED_ON = ("etag", "last-modified", "x-amz-bucket-region")


class Door:
    """What stands before the bucket; while it is shut, the last file of an export is not given."""

    def __init__(self, bucket: Server) -> None:
        self._bucket, self._is_open = bucket, threading.Event()
        self.url = ""
        self.open()

    def open(self) -> None:
        self._is_open.set()

    def shut(self) -> None:
        self._is_open.clear()

    def answer(self, call: Call) -> Reply:
        """Pass a call on to the bucket, and its answer back."""
        if call.method == "GET" and call.path.endswith(f"-{len(AMOUNTS):05}.csv.gz"):
            self._is_open.wait(120)
        told = httpx.request(
            call.method, f"{self._bucket.url}{call.path}", params=dict(call.query),
            headers=dict(call.headers), content=call.body,
        )  # fmt: skip
        kept = {name: told.headers[name] for name in PASSED_ON if name in told.headers}
        length = told.headers.get("content-length")
        return Reply(
            status=told.status_code, body=told.content, headers=kept,
            content_type=told.headers.get("content-type", ""),
            declared_length=int(length) if call.method == "HEAD" and length else None,
        )  # fmt: skip


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with moto_server(tmp_path_factory.mktemp("moto")) as server:
        yield server


@pytest.fixture(scope="module")
def door(bucket: Server) -> Iterator[Door]:
    door = Door(bucket)
    with scripted_server(door.answer) as server:
        door.url = server.url
        yield door
        door.open()


@pytest.fixture(scope="module")
def site(
    door: Door,
    servers: Servers,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[sites.Site]:
    """The whole product, which an administrator lets reach the bucket."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OUTBOUND_ALLOWED", door.url.removeprefix("http://"))
        folder = tmp_path_factory.mktemp("set-up")
        with sites.running(
            servers, django_db_blocker, folder, "set_up", "web", "worker", "beat"
        ) as running:
            running.wait_healthy()
            yield running


@pytest.fixture(scope="module")
def initiative(site: sites.Site) -> Any:
    """An initiative, a rule on its tag, an administrator, and an executive who watches."""
    admin = system_user("setup")
    root = people.found_organisation(name="Meridian Group", by=admin)
    unit = people.add_unit(name="Retail banking", parent=root, by=admin)
    for role in ("administrator", "executive"):
        person = people.add_user(
            email=f"{role}@example.com", name=role.title(), password=PASSWORD, by=admin
        )
        people.grant(user=person, role=role, node=root, by=admin)
    spend.add_rule(name="By tag", dimension="tag", tag="initiative", by=admin)
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def export(bucket: Server, door: Door, initiative: Any, tmp_path: Path) -> DataExport:
    """A FOCUS export of this month, delivered into the bucket as Amazon does."""
    scenario = DataExport(tmp_path)
    scenario.url = door.url
    on = _month()
    scenario.held.charges[:] = [Charge(on, amount, "Bedrock", initiative.key) for amount in AMOUNTS]
    scenario.refresh()
    signer = Signer(Keys("AKID", "secret"), region="us-east-1", service="s3")
    with httpx.Client(base_url=bucket.url, auth=signer) as client:
        client.put("/bills")
        for key, (content, _, _) in scenario.store.objects.items():
            assert client.put(f"/bills/{key}", content=content).is_success
    return scenario


def _month() -> dt.date:
    """The month before the present one: wholly past, so that charts draw it."""
    return (dt.date.today().replace(day=1) - dt.timedelta(days=1)).replace(day=1)


@pytest.fixture
def browser_of(chromium: Browser, site: sites.Site) -> Iterator[Any]:
    """Give a signed-in page for a role; it fails the test when anything on it went wrong."""
    opened: list[tuple[Any, list[str]]] = []

    def make(role: str) -> Page:
        context = chromium.new_context(
            viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
        )
        page, wrong = browsers.watched(context)
        opened.append((context, wrong))
        sign_in(page, site.url, f"{role}@example.com", PASSWORD)
        return page

    yield make
    for context, wrong in opened:
        context.close()
        assert wrong == []


def picture(page: Page, name: str) -> None:
    """Keep a picture where somebody wants them."""
    if folder := os.environ.get("FLOW_PICTURES", ""):
        page.screenshot(path=f"{folder}/connection-{name}.png", full_page=True)


def drawn(page: Page) -> list[float]:
    """Give every number of the cost line that the initiative's chart draws."""
    settle(page)
    sources = page.locator('figure[data-chart="roi"] script').all_text_contents()
    return [
        float(value)
        for source in sources
        for trace in json.loads(source)["data"]
        for value in trace.get("y") or ()
        if value is not None
    ]


def test_an_s3_connection_from_the_form_to_the_chart(
    site: sites.Site, export: DataExport, door: Door, initiative: Any, browser_of: Any
) -> None:
    total = float(sum(AMOUNTS))
    page = browser_of("administrator")
    page.goto(f"{site.url}/connections/")
    page.get_by_role("link", name="Set up AWS Data Exports (FOCUS)").click()
    page.get_by_label("Name", exact=True).fill("Amazon")
    page.get_by_label("Bucket").fill("elsewhere")
    page.get_by_label("Prefix").fill("finance/focus")
    page.get_by_label("Export name").fill(EXPORT)
    page.get_by_label("Access key ID").fill("AKID")
    page.get_by_label("Secret access key").fill("secret")
    page.get_by_label("Endpoint").fill(export.url)
    page.get_by_role("button", name="Test", exact=True).click()
    said = page.get_by_label("What the test found")
    expect(said).to_contain_text("Bucket can be listed: no")
    expect(said).to_contain_text("s3:ListBucket on arn:aws:s3:::elsewhere")
    page.get_by_label("Bucket").fill("bills")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(said).to_contain_text("Bucket can be listed: yes")
    expect(said).not_to_contain_text(": no")
    picture(page, "tested")
    page.get_by_role("button", name="Set up and rehearse").click()

    # It rehearses by itself; nothing is kept.
    expect(page.get_by_role("heading", name="The rehearsal would bring 2 new")).to_be_visible(
        timeout=90_000
    )
    assert Load.objects.count() == 0
    assert facts(page) <= 0
    picture(page, "rehearsed")
    page.get_by_role("link", name="See what it would change").click()
    row = page.get_by_role("group", name="Bills").locator("tbody tr").first
    expect(row).to_contain_text(f"{_month():%Y-%m}")
    expect(row.get_by_role("cell").nth(2)).to_have_text(str(len(AMOUNTS)))
    picture(page, "diff")
    assert (SyncRun.objects.get().kind, Connection.objects.get().is_on_trial) == ("rehearsal", True)
    door.shut()
    page.get_by_role("button", name="Accept and run").click()

    # Progress: at work on the last file, left, and found again where it is.
    expect(page.get_by_text("Amazon is accepted.")).to_be_visible()
    progress = page.get_by_role("region", name="Sync Amazon")
    expect(progress.get_by_text(f"Fetching {EXPORT}")).to_be_visible(timeout=90_000)
    expect(progress).to_contain_text("1 of 2 rows")
    expect(progress.get_by_role("progressbar")).to_be_visible()
    expect(progress.get_by_role("button", name="Cancel")).to_be_enabled()
    page.goto(f"{site.url}/portfolio/")
    page.goto(f"{site.url}/connections/")
    expect(page.get_by_role("row", name="Amazon")).to_contain_text("running")
    page.get_by_role("link", name="Amazon", exact=True).click()
    expect(progress.get_by_text(f"Fetching {EXPORT}")).to_be_visible()
    assert Load.objects.count() == 0
    picture(page, "running")
    watching = browser_of("executive")
    watching.goto(f"{site.url}/initiatives/{initiative.key}/")
    assert total not in [abs(value) for value in drawn(watching)]
    door.open()
    expect(page.get_by_role("heading", name="The last run brought 2 new")).to_be_visible(
        timeout=90_000
    )
    expect(progress).to_have_count(0)
    picture(page, "ran")
    made = Connection.objects.get()
    assert not made.is_on_trial
    run = SyncRun.objects.get(kind="sync")
    assert (run.state, run.rows_read, run.rows_new) == ("done", 2, 2)

    # Who had the initiative open is told within a minute, and sees it when they ask.
    expect(watching.get_by_text("New figures have arrived.")).to_be_visible(timeout=60_000)
    assert total not in [abs(value) for value in drawn(watching)]
    with watching.expect_navigation():
        watching.get_by_role("button", name="Show them").click()
    assert any(abs(abs(value) - total) < 0.01 for value in drawn(watching))
    picture(watching, "chart")
