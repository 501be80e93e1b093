"""
Lighthouse over the main pages of a running demo: ``make lighthouse URL=http://127.0.0.1:8000``.

Signs in as the roles that open the pages, runs each page in the desktop and the mobile preset,
writes the table into docs/performance.md and fails when a bound is not kept.
"""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from portfolio import env
from portfolio.demo.accounts import ACCOUNTS, PASSWORD
from tests.browser import ARGUMENTS, sign_in

TOOLS = env.BASE / "var" / "lighthouse" / "node_modules"
PAPER = env.BASE / "docs" / "performance.md"
HEAD = "## Pages"
#: name -> (role that looks, path)
PAGES = {
    "home": ("executive", "/"),
    "portfolio": ("executive", "/portfolio/"),
    "initiative": ("executive", "{initiative}"),
    "spend": ("finance_partner", "/spend/"),
    "value": ("finance_partner", "/value/"),
    "governance": ("governance_board", "/governance/"),
}
PRESETS = {"desktop": ["--preset=desktop"], "mobile": []}
#: Preset -> the lowest performance that is good enough; the other two must be whole.
FAST = {"desktop": 95, "mobile": 80}
TRIES = 3
MOST_SHIFT = 0.02
MOST_KILOBYTES = 350
#: Loaded when somebody points at a chart: not part of the first load.
LATER = ("plotly.min",)


@dataclass(frozen=True)
class Reading:
    """What Lighthouse says of one page in one preset."""

    page: str
    preset: str
    performance: int
    accessibility: int
    best_practices: int
    lcp_ms: float
    shift: float
    kilobytes: float
    findings: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Tell whether every bound is kept."""
        return (
            self.performance >= FAST[self.preset]
            and self.accessibility == self.best_practices == 100
            and self.shift <= MOST_SHIFT
            and self.kilobytes <= MOST_KILOBYTES
        )


def measure(url: str) -> Iterator[Reading]:
    """Run every page in every preset."""
    emails = {account.role: account.email for account in ACCOUNTS}
    for role in dict.fromkeys(role for role, _path in PAGES.values()):
        with signed_in_browser(url, emails[role]) as (page, port):
            page.goto(f"{url}/portfolio/?q=Contact-centre+assist")
            initiative = page.locator("tbody th a").first.get_attribute("href") or "/"
            page.goto("about:blank")
            for name, (looker, path) in PAGES.items():
                for preset, options in PRESETS.items() if looker == role else ():
                    address = url + path.format(initiative=initiative)
                    forget_files(page)
                    yield _read(name, preset, _run(address, port, options))


@contextmanager
def signed_in_browser(url: str, email: str) -> Iterator[tuple[Page, int]]:
    """Start a browser that others can drive at a port, signed in for all of its pages."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=path,
            args=[*ARGUMENTS, "--no-sandbox", f"--remote-debugging-port={port}"],
        )
        page = context.new_page()
        sign_in(page, url, email, PASSWORD)
        yield page, port
        context.close()


def forget_files(page: Page) -> None:
    """Empty the cache, so that every page is a first load; who signed in stays."""
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")


def _run(address: str, port: int, options: Sequence[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "report.json"
        command = [
            str(TOOLS / "node" / "bin" / "node"), str(TOOLS / "lighthouse" / "cli" / "index.js"),
            address, "--quiet", "--output=json", f"--output-path={out}",
            f"--port={port}", "--disable-storage-reset",
            "--only-categories=performance,accessibility,best-practices", *options,
        ]  # fmt: skip
        for _try in range(TRIES):  # a busy machine loses the trace of a page now and then
            done = subprocess.run(command, check=False, timeout=240)
            if done.returncode == 0:
                return json.loads(out.read_text())  # type: ignore[no-any-return]
        raise subprocess.CalledProcessError(done.returncode, command)


def _read(page: str, preset: str, report: dict[str, Any]) -> Reading:
    def score(name: str) -> int:
        return round((report["categories"][name]["score"] or 0) * 100)

    audits = report["audits"]
    requests = audits["network-requests"]["details"]["items"]
    size = sum(
        each.get("transferSize", 0)
        for each in requests
        if not any(word in each["url"] for word in LATER)
    )
    findings = [
        f"{each['id']}: {audits[each['id']]['title']}"
        for name in ("accessibility", "best-practices")
        for each in report["categories"][name]["auditRefs"]
        if each["weight"] and audits[each["id"]]["score"] == 0
    ]
    return Reading(
        page,
        preset,
        score("performance"),
        score("accessibility"),
        score("best-practices"),
        audits["largest-contentful-paint"]["numericValue"],
        audits["cumulative-layout-shift"]["numericValue"],
        size / 1024,
        tuple(findings),
    )


def table(readings: Sequence[Reading]) -> str:
    """Write the readings as a table of Markdown."""
    lines = [
        "| page | preset | performance | accessibility | best practices | LCP | shift | load |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for each in readings:
        lines.append(
            f"| {each.page} | {each.preset} | {each.performance} | {each.accessibility} | "
            f"{each.best_practices} | {each.lcp_ms / 1000:.2f} s | {each.shift:.3f} | "
            f"{each.kilobytes:.0f} KB |"
        )
    return "\n".join(lines)


def keep(readings: Sequence[Reading]) -> None:
    """Put the table under its heading in docs/performance.md."""
    text = PAPER.read_text(encoding="utf-8")
    before, _, rest = text.partition(f"{HEAD}\n")
    _, mark, after = rest.partition("\n## ")
    section = (
        f"{HEAD}\n\n`make lighthouse URL=...` over the whole demo company; charts are drawn by the "
        f"server, and plotly.js comes when somebody points at one.\n\n{table(readings)}\n"
    )
    PAPER.write_text(f"{before.rstrip()}\n\n{section}{mark}{after}", encoding="utf-8")


def main(url: str) -> int:
    """Measure, write down, and say what is not good enough."""
    readings = []
    for each in measure(url.rstrip("/")):
        readings.append(each)
        print(table([each]).splitlines()[-1], *each.findings, sep="\n  ", flush=True)
    keep(readings)
    return 0 if all(each.is_good for each in readings) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
