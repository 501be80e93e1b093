"""With a real worker and beat: a file laid into a folder becomes a figure, untouched by hand."""

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database

from governance_app.connectors import services
from governance_app.connectors.models import SyncRun
from governance_app.initiatives import services as initiatives
from governance_app.people import services as people
from governance_app.people.services import system_user
from governance_app.rollups.models import InitiativeMonth
from governance_app.spend import services as spend
from portfolio.up.servers import Servers
from tests.connectors.bills import write_bill
from tests.site import Site, running

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def site(
    servers: Servers, django_db_setup: None, django_db_blocker: Any, tmp_path: Path
) -> Iterator[Site]:
    with running(servers, django_db_blocker, tmp_path, "schedule", "worker", "beat") as started:
        yield started


def wait_for(happened: Callable[[], Any], *, seconds: float, site: Site) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := happened():
            return found
        database.close()
        time.sleep(0.5)
    raise AssertionError(site.logs())


def test_beat_pulls_files_and_restatements_and_figures_follow(site: Site, tmp_path: Path) -> None:
    by = system_user("setup")
    root = people.found_organisation(name="Meridian Group", by=by)
    unit = people.add_unit(name="Retail banking", parent=root, by=by)
    initiative = initiatives.add(name="Claims triage", unit=unit, by=by, stage="pilot")
    spend.add_rule(name="By tag", dimension="tag", tag="initiative", by=by)
    folder = tmp_path / "bills"
    write_bill(folder / "october.csv", ("10.5", initiative.key))
    services.add_connection(
        plugin="focus_folder", name="Cloud bills", settings={"folder": str(folder)},
        every_seconds=10, by=by,
    )  # fmt: skip

    def figure(amount: str) -> Any:
        rows = InitiativeMonth.objects.filter(initiative=initiative, known_to=None)
        return rows.filter(billed=Decimal(amount)).first()

    wait_for(lambda: figure("10.5"), seconds=120, site=site)
    write_bill(folder / "october.csv", ("12", initiative.key), ("1", ""))
    wait_for(lambda: figure("12"), seconds=120, site=site)
    assert SyncRun.objects.exclude(state__in=["done", "running"]).count() == 0
    assert {run.started_by.name for run in SyncRun.objects.all()} == {
        "System: connector:Cloud bills"
    }
