"""A real Chromium for tests, which fails a test on any console error or blocked resource."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--disable-gpu",
    "--force-color-profile=srgb",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise FileNotFoundError("No Chromium here: apt-get install chromium (make test does).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def watched(context: BrowserContext) -> tuple[Page, list[str]]:
    """Open a page and collect what goes wrong on it: console errors, failed requests, 5xx."""
    page, wrong = context.new_page(), []  # type: ignore[var-annotated]
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 500 else None)
    return page, wrong


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
        " || f.querySelector('.js-plotly-plot, .blank'))",
        timeout=40_000,
    )


def facts(page: Page) -> Any:
    """Give what a layout test asks: does anything stick out sideways?"""
    return page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
