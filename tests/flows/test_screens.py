"""
Every main page of the demo company, at three widths in both themes, looked at by a machine:
nothing sticks out, at 200 % zoom neither, nothing fails, axe finds no violation. ``make screens``
keeps the pictures in var/screens, and those of the main pages, with fewer colours, in docs/screens.
"""

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page

from governance_app.jobs.models import Job
from portfolio import env
from portfolio.demo.accounts import ACCOUNTS, PASSWORD
from tests.browser import facts, settle, sign_in, watched
from tests.site import Site

pytestmark = [
    pytest.mark.flow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(
        "SCREENS" not in os.environ, reason="takes the whole demo company: make screens"
    ),
]

#: Every picture is kept here, and those of the main pages in the documentation too.
KEPT = env.BASE / "var" / "screens"
SHOWN = env.BASE / "docs" / "screens"
MAIN = {
    "home",
    "week",
    "portfolio",
    "initiative",
    "spend",
    "value",
    "risk",
    "governance",
    "compliance",
    "inventory",
    "connections",
    "reports",
    "trail",
    "settings",
}
#: A page that goes on and on is shown as far as this.
TALLEST = 4000
#: Enough for a page, chosen so that the rare ones (what is wrong) stay; a fifth of the size.
COLOURS = 64
COMPANY = os.environ.get("SCREENS_INITIATIVES", "40")
WIDTHS = (1440, 1024, 390)
#: What is left of 1440 at 200 % zoom.
ZOOMED = 720
THEMES = ("light", "dark")
#: name -> (role that looks, path)
PAGES = {
    "home": ("executive", "/"),
    "portfolio": ("executive", "/portfolio/"),
    "board": ("program_manager", "/portfolio/?view=board"),
    "timeline": ("executive", "/portfolio/?view=timeline&stage=pilot"),
    "map": ("executive", "/portfolio/?view=map"),
    "groups": ("executive", "/portfolio/?group=unit"),
    "editing": ("program_manager", "/portfolio/?edit=1"),
    "workbook": ("program_manager", "/portfolio/workbook/"),
    "week": ("program_manager", "/week/"),
    "month-end": ("program_manager", "/week/month-end/"),
    "log": ("program_manager", "/initiatives/{key}/log/"),
    "intake": ("program_manager", "/intake/"),
    "initiative": ("executive", "/initiatives/{key}/"),
    "spend": ("finance_partner", "/spend/"),
    "rules": ("finance_partner", "/spend/rules/"),
    "unusual": ("finance_partner", "/spend/anomalies/"),
    "unit-costs": ("finance_partner", "/spend/unit-costs/"),
    "plan": ("finance_partner", "/spend/plan/"),
    "close": ("finance_partner", "/spend/close/"),
    "close-month": ("finance_partner", "/spend/close/{month}/"),
    "close-invoices": ("finance_partner", "/spend/close/{month}/invoices/"),
    "close-second-looks": ("finance_partner", "/spend/second-looks/"),
    "close-journals": ("finance_partner", "/spend/close/{closed}/journals/"),
    "close-chargeback": ("finance_partner", "/spend/close/{closed}/chargeback/"),
    "value": ("finance_partner", "/value/"),
    "value-of-one": ("finance_partner", "/initiatives/{key}/value/"),
    "returns": ("finance_partner", "/value/returns/"),
    "scenarios": ("finance_partner", "/value/scenarios/"),
    "scenario-add": ("finance_partner", "/value/scenarios/add/"),
    "uncertainty": ("finance_partner", "/value/uncertainty/"),
    "benchmarks": ("finance_partner", "/value/benchmarks/"),
    "carbon": ("finance_partner", "/value/carbon/"),
    "paid-hours": ("finance_partner", "/value/paid-hours/"),
    "risk": ("risk_officer", "/risk/"),
    "incidents": ("risk_officer", "/risk/incidents/"),
    "compliance": ("risk_officer", "/compliance/"),
    "framework": ("risk_officer", "/compliance/frameworks/nist-ai-rmf/"),
    "regulatory-inventory": ("risk_officer", "/compliance/inventory/"),
    "policies": ("risk_officer", "/compliance/policies/"),
    "initiative-compliance": ("risk_officer", "/initiatives/{key}/compliance/"),
    "bias-audits": ("risk_officer", "/initiatives/{key}/compliance/bias/"),
    "governance": ("governance_board", "/governance/"),
    "gate-requests": ("governance_board", "/governance/requests/"),
    "gate-request": ("governance_board", "/governance/requests/1/"),
    "gate-policies": ("risk_officer", "/governance/policies/"),
    "gate-policy-write": ("risk_officer", "/governance/policies/write/"),
    "gate-modes": ("governance_board", "/governance/modes/"),
    "gate-board": ("governance_board", "/governance/board/"),
    "gate-emergencies": ("governance_board", "/governance/emergencies/"),
    "gate-duties": ("governance_board", "/governance/duties/"),
    "inventory": ("executive", "/inventory/"),
    "bills-of-materials": ("program_manager", "/inventory/bills/"),
    "connections": ("administrator", "/connections/"),
    "waiting": ("program_manager", "/connections/waiting/"),
    "pushed-in": ("administrator", "/connections/inbound/"),
    "seats": ("executive", "/connections/seats/"),
    "source-guide": ("administrator", "/connections/sources/aws_focus/"),
    "set-up-a-source": ("administrator", "/connections/add/aws_focus/"),
    "import": ("administrator", "/portfolio/import/"),
    "reports": ("finance_partner", "/reports/"),
    "layouts": ("finance_partner", "/reports/layouts/"),
    "trail": ("auditor", "/trail/"),
    "settings": ("administrator", "/settings/"),
    "settings-people": ("administrator", "/settings/people/"),
    "settings-units": ("administrator", "/settings/units/"),
    "settings-rates": ("administrator", "/settings/rates/"),
    "settings-months": ("administrator", "/settings/months/"),
    "welcome": ("administrator", "/welcome/"),
    "jobs": ("administrator", "/jobs/"),
    "inbox": ("program_manager", "/inbox/"),
    "choices": ("program_manager", "/account/notices/"),
    "account": ("executive", "/account/"),
    "help": ("executive", "/help/"),
    "help-text": ("executive", "/help/close-a-month/"),
    "compare": ("executive", "/portfolio/compare/?key={key}&key={other}"),
    "initiative-case": ("executive", "/initiatives/{key}/value/case/"),
    "initiative-benefits": ("finance_partner", "/initiatives/{key}/value/benefits/"),
    "initiative-kpis": ("executive", "/initiatives/{key}/value/kpis/"),
    "initiative-risk": ("risk_officer", "/initiatives/{key}/risk/"),
    "initiative-gates": ("governance_board", "/initiatives/{key}/gates/"),
    "bills": ("finance_partner", "/spend/bills/"),
    "budgets": ("finance_partner", "/spend/plan/budgets/"),
    "coding": ("finance_partner", "/spend/coding/"),
    "orders": ("finance_partner", "/spend/orders/"),
    "close-accruals": ("finance_partner", "/spend/close/{month}/accruals/"),
    "close-costs": ("finance_partner", "/spend/close/{month}/costs/"),
    "close-variances": ("finance_partner", "/spend/close/{month}/variances/"),
    "close-ledger": ("finance_partner", "/spend/close/{month}/general-ledger/"),
    "close-adjustments": ("finance_partner", "/spend/close/{month}/adjustments/"),
    "packs": ("executive", "/reports/packs/"),
    "pack-action": ("executive", "/reports/packs/actions/{action}/"),
    "funding": ("finance_partner", "/value/scenarios/{scenario}/"),
    "schedules": ("finance_partner", "/reports/schedules/"),
    "datasets": ("executive", "/inventory/datasets/"),
    "vendors": ("executive", "/inventory/vendors/"),
    "third-parties": ("risk_officer", "/compliance/third-parties/"),
    "week-log": ("program_manager", "/week/log/"),
    "design": ("executive", "/design/"),
    "home-of-a-contributor": ("contributor", "/"),
    "home-of-an-owner": ("business_owner", "/"),
    "nothing": ("executive", "/nothing-here/"),
    "refused": ("contributor", "/spend/"),
}
#: Pages that answer otherwise than with 200, as they should.
ANSWERS = {"nothing": 404, "refused": 403}


@pytest.fixture(scope="module")
def demo(site: Site) -> dict[str, str]:
    """The demo company, loaded by the running worker; gives what pages are asked for."""
    from governance_app.books.models import AccountingMonth
    from governance_app.exports.models import PackAction
    from governance_app.initiatives.models import Initiative
    from governance_app.scenarios.models import Proposal

    site.manage("demo", "--load-only", "--initiatives", COMPANY)
    deadline = time.monotonic() + 2400
    while True:
        unfinished = Job.objects.filter(state__in=Job.UNFINISHED).count()
        if Job.objects.exists() and not unfinished:
            break
        if time.monotonic() > deadline:
            raise TimeoutError(f"{unfinished} jobs are not done\n{site.logs()}")
        time.sleep(0.5)
    assert not Job.objects.exclude(state=Job.State.DONE).exists(), site.logs()
    time.sleep(5)  # the last figures are absorbed after the last job
    months = AccountingMonth.objects.order_by("-month")
    return {
        "key": Initiative.objects.get(name="Contact-centre assist").key,
        "other": Initiative.objects.exclude(name="Contact-centre assist").order_by("number")[0].key,
        "month": f"{months.filter(state='soft closed')[0].month:%Y-%m}",
        "closed": f"{months.filter(state='closed')[0].month:%Y-%m}",
        "action": str(PackAction.objects.order_by("created_at")[0].pk),
        "scenario": str(Proposal.objects.order_by("created_at")[0].scenario_id),
    }


@pytest.fixture(scope="module")
def states(site: Site, demo: dict[str, str], chromium: Browser) -> dict[str, Any]:
    """One signed-in browser state for each role that looks."""
    emails = {account.role: account.email for account in ACCOUNTS}
    found = {}
    for role in {role for role, _ in PAGES.values()}:
        context = chromium.new_context()
        sign_in(context.new_page(), site.url, emails[role], PASSWORD)
        found[role] = context.storage_state()
        context.close()
    return found


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_holds_at_every_width(
    site: Site,
    demo: dict[str, str],
    states: dict[str, Any],
    chromium: Browser,
    tmp_path: Path,
    name: str,
    theme: str,
) -> None:
    role, path = PAGES[name]
    wrong: list[str] = []
    for width in WIDTHS:
        context = chromium.new_context(
            storage_state=states[role],
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )
        page, heard = watched(context)
        response = page.goto(site.url + path.format(**demo))
        assert response is not None and response.status == ANSWERS.get(name, 200), response
        settle(page)
        _see_all(page)
        sideways = facts(page)
        if sideways > 0:
            wrong.append(f"{width}: {sideways} px stick out sideways")
        wrong += [f"{width}: {each}" for each in heard]
        _picture(page, tmp_path / f"{name}-{width}-{theme}.png", width)
        if width == WIDTHS[0]:
            page.screenshot(path=tmp_path / f"{name}-top-{theme}.png")
            found = Axe().run(page).response["violations"]
            wrong += [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]
            page.set_viewport_size({"width": ZOOMED, "height": 450})
            settle(page)
            if (sideways := facts(page)) > 0:
                wrong.append(f"200 % zoom: {sideways} px stick out sideways")
        context.close()
    _keep(tmp_path, name)
    assert wrong == []


def _see_all(page: Page) -> None:
    """Go down the page and up again: charts draw when they come near."""
    height = page.evaluate("() => document.documentElement.scrollHeight")
    for top in [*range(0, min(height, 6000), 800), 0]:
        page.evaluate("top => scrollTo(0, top)", top)
        settle(page)


def _picture(page: Page, path: Path, width: int) -> None:
    """Take the whole page, as far as anybody would look at it."""
    height = page.evaluate("() => document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)}
    page.screenshot(path=path, full_page=True, clip=clip)  # type: ignore[arg-type]


def _keep(made: Path, name: str) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    SHOWN.mkdir(parents=True, exist_ok=True)
    for picture in made.glob("*.png"):
        shutil.copy(picture, KEPT / picture.name)
        if name in MAIN and "-top-" not in picture.name:
            with Image.open(picture) as full:
                few = full.convert("RGB").quantize(
                    COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
                )
                few.save(SHOWN / picture.name, optimize=True)
