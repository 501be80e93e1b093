"""A real Chromium for tests, which fails a test on any console error or blocked resource."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    sync_playwright,
)

ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-gpu",
    "--force-color-profile=srgb",
]
_ANSWERED = re.compile(r"Failed to load resource: the server responded with a status of \d")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        raise FileNotFoundError("No Chromium here: apt-get install chromium (make test does).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def watched(context: BrowserContext) -> tuple[Page, list[str]]:
    """
    Open a page and collect what goes wrong on it: console errors, failed requests, 5xx.

    A refused form answers 4xx, as it should, and Chromium says so on the console; a script, style
    or picture that answers 4xx is still wrong.
    """
    page, wrong = context.new_page(), []  # type: ignore[var-annotated]
    page.on("console", lambda m: wrong.append(m.text) if _is_error(m) else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if _is_wrong(r) else None)
    return page, wrong


def _is_error(message: ConsoleMessage) -> bool:
    """Tell whether a line of the console is an error that no response tells of already."""
    return message.type == "error" and not _ANSWERED.match(message.text)


def _is_wrong(response: Response) -> bool:
    """Tell whether an answer is one that nobody should get: 4xx is how pages refuse people."""
    if response.request.resource_type in ("document", "xhr", "fetch"):
        return response.status >= 500
    return response.status >= 400


def sign_in(page: Page, url: str, email: str, password: str) -> None:
    """Sign in as a person would."""
    page.goto(f"{url}/sign-in/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


def settle(page: Page) -> None:
    """Wait until the page is idle and its charts are drawn."""
    page.wait_for_load_state("networkidle")
    page.wait_for_function(
        "() => [...document.querySelectorAll('figure[data-chart]')].every(f =>"
        " !f.checkVisibility() || f.getBoundingClientRect().top > innerHeight"
        " || f.querySelector('.js-plotly-plot, .drawing, .blank'))",
        timeout=40_000,
    )


def facts(page: Page) -> Any:
    """Give what a layout test asks: does anything stick out sideways?"""
    return page.evaluate("() => document.documentElement.scrollWidth - document.body.offsetWidth")
