import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from portfolio.up.servers import Servers
from tests import browser as browsers
from tests import site as sites

# Playwright's synchronous door keeps an event loop in this thread; Django would refuse to work.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One real Chromium for the session."""
    with browsers.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest,
    servers: Servers,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[sites.Site]:
    """The whole product, running, on a database of this module's own."""
    name = request.module.__name__.rsplit(".", 1)[-1]
    folder = tmp_path_factory.mktemp(name)
    with sites.running(
        servers, django_db_blocker, folder, name, "web", "worker", "beat"
    ) as running:
        running.wait_healthy()
        yield running


@pytest.fixture
def page(chromium: Browser, site: sites.Site) -> Iterator[Page]:
    """A page at 1440 px that fails the test when anything on it went wrong."""
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, accept_downloads=True, reduced_motion="reduce"
    )
    page, wrong = browsers.watched(context)
    yield page
    context.close()
    assert wrong == []
