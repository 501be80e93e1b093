"""What the main pages cost with a large company behind them, and many looking at once."""

import http.client
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from governance_app.domain.periods import add_months
from portfolio.bench import governing
from portfolio.bench.governance import p95
from portfolio.bench.ground import Ground
from portfolio.bench.history import MONTHS, NEWEST, bill, load
from portfolio.bench.ratios import Ratio
from portfolio.bench.steps import SOURCE

#: The size for which the bounds of the house are stated, with 25 bills of so many lines.
INITIATIVES, WHOLE_LINES = 10_000, 1_000_000
TAG = "ai-initiative"
TIMES, VIEWERS = 40, 100
#: How many of the newest months have their lines to look into.
ARCHIVED = 2
#: p95 of a page over p95 of a signed-in page of one sentence, and of a page of spend.
BUDGET, SPEND_BUDGET = 8.0, 5.0
PAGES = {
    "executive": ("/", "/portfolio/", "/value/", "/initiatives/AI-7/", "/reports/", "/inbox/"),
    "finance_partner": (
        "/spend/", "/spend/lines/?initiative=AI-7", "/spend/suggestions/", "/spend/plan/",
        "/spend/anomalies/", "/spend/bills/", "/spend/rules/", "/spend/unit-costs/",
        "/spend/close/",
    ),
    "risk_officer": ("/risk/", "/compliance/", "/governance/", "/inventory/"),
    "administrator": ("/connections/", "/settings/"),
}  # fmt: skip
AT_ONCE = ("/", "/portfolio/", "/spend/", "/value/", "/initiatives/AI-7/")

Say = Callable[[str], None]


def measure(*, at: Ground, lines: int, rounds: int, say: Say) -> list[Ratio]:
    """
    Open the main pages of a company with 10,000 initiatives and 25 months of bills.

    Args:
        lines: of each month; 1,000,000 is the whole size, fewer shrink the company too.
        rounds: not used: every page is opened many times in turn.
    """
    count = max(200, round(INITIATIVES * min(1.0, lines / WHOLE_LINES)))
    say(f"{count:,} initiatives, {MONTHS} months of {lines:,} lines")
    database = at.database()
    at.step(governing.FILL, database=database, initiatives=count)
    months = [add_months(NEWEST, -back) for back in reversed(range(MONTHS))]
    at.step(
        governing.INVOICE, database=database, tag=TAG, source=SOURCE,
        months=[month.isoformat() for month in months],
    )  # fmt: skip
    for month in months:
        told = load(at, database, bill(at, lines, month, seed=1))
        say(f"Loaded {month:%b %Y} in {told.seconds:.1f} s")
        if month in months[-ARCHIVED:]:
            at.step("archive", database=database, delivery=told.more["delivery"])
    at.step(governing.SETTLE, database=database, as_owner=True)
    ratios = []
    for role, addresses in PAGES.items():
        opened = at.step(
            governing.PAGES, database=database, addresses=list(addresses), times=TIMES,
            email=f"{role}0@bench.example",
        ).more["each"]  # fmt: skip
        sentence = p95(opened["sentence"])
        ratios += [
            Ratio(
                f"{address}, p95 / page of one sentence",
                p95(opened[address]) / sentence,
                SPEND_BUDGET if address.startswith("/spend/") else BUDGET,
                f"{p95(opened[address]) * 1000:.0f} ms of {sentence * 1000:.1f} ms",
            )
            for address in addresses
        ]
    ratios.append(at_once(at, database, say))
    at.drop(database)
    return ratios


def at_once(at: Ground, database: str, say: Say) -> Ratio:
    """Let many people open the main pages at the same moment; gives how many saw an error."""
    say(f"{VIEWERS} people at once")
    told = at.step(
        governing.SIGN_IN, database=database, email="executive0@bench.example", count=VIEWERS
    ).more

    def look(cookie: str) -> list[int]:
        host = urlsplit(address)
        connection = http.client.HTTPConnection(str(host.hostname), host.port, timeout=120)
        answers = []
        for page in AT_ONCE:
            connection.request("GET", page, headers={"Cookie": f"{told['cookie']}={cookie}"})
            answer = connection.getresponse()
            answer.read()
            answers.append(answer.status)
        connection.close()
        return answers

    with at.site(database) as address, ThreadPoolExecutor(VIEWERS) as people:
        answers = [status for each in people.map(look, told["kept"]) for status in each]
    wrong = [status for status in answers if status != 200]
    note = f"{len(answers)} pages for {VIEWERS} people; answered otherwise: {sorted(set(wrong))}"
    return Ratio("errors, many people at once", float(len(wrong)), 0.0, note)
