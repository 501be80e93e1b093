"""The main pages in German: no English is left between the names that people gave."""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance_app.compliance import services as compliance
from governance_app.domain.records import ControlRecord
from governance_app.people import services as people
from governance_app.risk import selectors as risks
from governance_app.risk import services as risk_services
from governance_app.spend.models import Anomaly, Rule
from portfolio.languages import files
from tests.portfolio.web.test_query_counts import AGO, fill
from tests.rollups.conftest import World, world

__all__ = ["world"]

pytestmark = pytest.mark.django_db

MAIN = (
    "/", "/portfolio/", "/portfolio/?view=board", "/portfolio/?view=timeline",
    "/portfolio/?view=map", "/portfolio/?group=unit", "/initiatives/{key}/",
    "/initiatives/{key}/value/", "/initiatives/{key}/value/case/",
    "/initiatives/{key}/value/kpis/", "/initiatives/{key}/value/benefits/",
    "/initiatives/{key}/risk/", "/initiatives/{key}/gates/", "/initiatives/{key}/log/",
    "/week/", "/week/month-end/", "/week/log/", "/spend/", "/value/", "/value/returns/",
    "/risk/", "/governance/", "/compliance/", "/inventory/", "/inbox/", "/account/notices/",
    "/reports/", "/reports/packs/", "/reports/schedules/",
    "/settings/people/", "/settings/units/", "/settings/rates/", "/settings/months/", "/account/",
    "/jobs/",
)  # fmt: skip
#: What the one who keeps initiatives current writes on.
WRITTEN = (
    "/week/", "/week/month-end/", "/initiatives/{key}/", "/initiatives/{key}/risk/",
    "/initiatives/{key}/gates/", "/initiatives/{key}/log/", "/initiatives/{key}/value/kpis/",
    "/portfolio/?edit=1",
)  # fmt: skip
#: Bills, plans, rules and the close, for whoever prepares them.
MONEY = (
    "/spend/?by=initiative", "/spend/passport/", "/spend/lines/?initiative={key}", "/spend/why/",
    "/spend/suggestions/",
    "/spend/bills/", "/spend/bills/load/", "/spend/rules/", "/spend/rules/add/",
    "/spend/rules/{rule}/", "/spend/rules/{rule}/edit/", "/spend/sources/{source}/",
    "/spend/plan/", "/spend/plan/budgets/", "/spend/anomalies/", "/spend/unit-costs/",
    "/spend/close/", "/spend/close/{month}/", "/spend/close/{month}/invoices/",
    "/spend/close/{month}/accruals/", "/spend/close/{month}/costs/",
    "/spend/close/{month}/variances/", "/spend/close/{month}/general-ledger/",
    "/spend/close/{month}/adjustments/", "/spend/close/{month}/journals/",
    "/spend/close/{month}/chargeback/", "/spend/orders/", "/spend/coding/", "/spend/second-looks/",
    "/value/paid-hours/", "/value/benchmarks/", "/value/carbon/", "/value/uncertainty/",
    "/value/scenarios/", "/value/scenarios/add/",
)  # fmt: skip
#: What connects, imports and sets up.
ROOMS = (
    "/connections/", "/connections/add/aws_cost_explorer/", "/connections/seats/",
    "/connections/inbound/", "/connections/waiting/", "/portfolio/import/", "/intake/",
    "/welcome/", "/settings/", "/settings/people/", "/inventory/datasets/", "/inventory/vendors/",
    "/inventory/bills/",
)  # fmt: skip
#: What governs: duties, policies, modes, the board, emergencies.
GOVERNING = (
    "/governance/requests/", "/governance/policies/", "/governance/policies/write/?node={unit}",
    "/governance/modes/", "/governance/modes/{unit}/", "/governance/board/",
    "/governance/emergencies/", "/governance/duties/", "/compliance/policies/",
    "/compliance/third-parties/", "/compliance/inventory/", "/compliance/frameworks/import/",
    "/compliance/frameworks/control-library/", "/compliance/frameworks/incident-clocks/",
    "/compliance/frameworks/assessment-model-risk/", "/initiatives/{key}/compliance/",
    "/risk/incidents/", "/governance/requests/ask/?initiative={key}",
)  # fmt: skip
#: Where figures come from: of an initiative, of everything, of a month.
PASSPORTS = tuple(
    f"/passports/{figure}/{subject}/"
    for subject, figures in {
        "{key}": (
            "spend_year", "promised_year", "validated_year", "roi_promised", "roi_validated",
            "npv_promised", "npv_validated", "payback_claimed", "to_go", "efficiency_gain",
            "risk_level", "awaiting_validation", "awaiting_avoided", "togo_npv", "togo_rnpv",
            "togo_sunk_cost", "pi_promised", "dpayback_measured", "completion_cost",
            "completion_benefit", "bridge_adoption", "bridge_scope-and-timing", "chance_p50",
            "carbon_year", "carbon_cost",
        ),
        "{key}@{month}": (
            "spend", "spend_billed", "budget", "planned_cost", "promised", "claimed", "measured",
            "validated", "banked",
        ),
        "portfolio": (
            "spend_full_year", "spend_month", "validated_to_date", "roi_validated",
            "forecast_full_year", "spend_unallocated", "awaiting_validation", "irr_claimed",
            "togo_loss", "bridge_validated", "benchmark_efficiency_gain", "benchmark_ai_share",
            "carbon_year",
        ),
        "portfolio@{month}": ("spend", "measured"),
    }.items()
    for figure in figures
)  # fmt: skip
#: Words that are English and nothing else, as often as any in a sentence.
ENGLISH = re.compile(
    r"\b(the|of|and|is|are|were|with|from|this|that|these|which|what|who|whose|nobody|nothing"
    r"|not|no|yes|your|you|spend|owner|owned|unit|stage|readings?|due|months?|days?|since|until"
    r"|by|to|for|has|have|been|above|below|over|under|between|because|it|its|here|there|yet"
    r"|unknown|waits?|add|write|open|close|asked|first|last|new|old|more|less|every|each)\b",
    re.IGNORECASE,
)
#: What people wrote or what is called so in every language.
GIVEN = re.compile(
    r"The vendor is late\.|Who covers August\?|Older claimants wait longer|Faster handling"
    r"|Handling time|Retail banking|By tag|Cloud bills|AI and Machine Learning|Initiative \d+"
    r"|[\w.]+@[\w.]+|Moved to [^|]*"  # what happened stands in the trail, in English
    r"|[^|]*(National Institute|European Union|MITRE|US Office|OWASP)[^|]*"  # who published it
    r"|IT[- ]Budget|\{[^|]*\}|-d '[^|]*"
    r"|„unknown“|month, side, category, amount"  # what is typed as it stands
    r"|The organisation has no policy in force yet[^|]*"  # a refusal, in English as everywhere
)

#: What a word is in both languages, or what is typed as it stands.
ALIKE = {
    "Tag", "Was", "English", "Board", "Governance", "central",
    "Finance Partner", "MET",  # who is called so, and a time zone
}  # fmt: skip


@pytest.fixture
def company(world: World, person: Callable[..., Any]) -> World:
    """Two initiatives with something on every page."""
    officer = person("risk_officer")
    fill(world, officer, 2)
    explain_a_risk(world, officer)
    compliance.load_shipped(by=person("administrator"))
    Anomaly.objects.create(
        source=world.source, service="Azure OpenAI", account="X", grain="day", on=AGO[-1],
        currency="USD", actual=3100, usual=1000, ratio=3.1, score=9,
        sentence="Azure OpenAI in account X cost 3.1 times its usual Tuesday: +2,100 USD",
    )  # fmt: skip
    return world


def explain_a_risk(world: World, officer: Any) -> None:
    """Give the first risk a score of many terms: controls with and without evidence, signals."""
    first, today = world.made[0], timezone.localdate()
    risk = risks.risks(viewer=officer, initiative=first)[0]
    for kind, on in (("prevent", AGO[-1]), ("limit", None), ("limit", AGO[0])):
        share = Decimal("0.8")
        control = ControlRecord(f"Vier Augen {on}", kind, share, share, on, "Blatt 3", 70)
        risk_services.add_control(risk=risk, control=control, on=today, by=officer)
    for signal in ("drift.alarm", "incident.open"):
        risk_services.raise_signal(
            initiative=first, kind=signal, evidence="PSI 0.31 > 0.25", on=today, by=officer
        )


def left_in_english(text: str) -> list[str]:
    """Give what of a page reads as English, with the words around it."""
    text = re.sub(r"<(script|style|template|kbd|code|textarea)\b.*?</\1>", " ", text, flags=re.S)
    shown = " | ".join(
        [*re.findall(r'\b(?:aria-label|title|placeholder|data-label)="([^"]*)"', text),
         *re.split(r"<[^>]+>", text)]
    )  # fmt: skip
    shown = GIVEN.sub("", re.sub(r"\s+", " ", unescape(shown)))
    parts = {part.strip() for part in shown.split("|")}
    return sorted(
        {part for part in parts if ENGLISH.search(part.replace("-", " "))}
        | {part for part in parts for words in part.split(" · ") if is_translated(words.strip())}
    )


def is_translated(words: str) -> bool:
    """Tell whether a text is known in German, in capitals or not, by other words than it is."""
    if len(words) < 3 or words in ALIKE:
        return False
    said = known_in_german().get(words.casefold())
    return said is not None and words.casefold() not in said


@cache
def known_in_german() -> dict[str, set[str]]:
    """Give every text of the catalog with what is said for it in German."""
    known: dict[str, set[str]] = {}
    for message, said in files.read("de").said().items():
        if not message.plural:
            known.setdefault(message.text.casefold(), set()).add(said[0].casefold())
    return known


VIEWERS = (
    ("executive", MAIN), ("program_manager", ("/", *WRITTEN)), ("finance_partner", MONEY),
    ("administrator", ROOMS), ("risk_officer", GOVERNING), ("executive", PASSPORTS),
)  # fmt: skip


def test_pages_speak_german_throughout(company: World, person: Callable[..., Any]) -> None:
    places = {
        "key": company.made[0].key,
        "unit": company.unit.pk,
        "source": company.source.pk,
        "rule": Rule.objects.values_list("pk", flat=True).get(),
        "month": f"{AGO[-1]:%Y-%m}",
    }
    found: dict[str, list[str]] = {}
    for role, pages in VIEWERS:
        who = person(role)
        people.set_preferences(user=who, by=who, locale="de", time_zone="UTC", currency="")
        client = Client()
        client.force_login(who)
        for address in pages:
            answer = client.get(address.format(**places))
            if answer.status_code == 403:
                continue
            assert answer.status_code == 200, address
            if rest := left_in_english(answer.content.decode()):
                found[f"{role} {address}"] = rest
    assert not found, "\n".join(f"{page}: {rest}" for page, rest in found.items())


def test_signing_in_speaks_german(db: None) -> None:
    answer = Client().get("/sign-in/", headers={"Accept-Language": "de"})
    assert left_in_english(answer.content.decode()) == []


def test_an_address_that_does_not_exist_is_answered_by_the_house(
    unit: Any, person: Callable[..., Any]
) -> None:
    who = person("executive")
    people.set_preferences(user=who, by=who, locale="de", time_zone="UTC", currency="")
    client = Client()
    client.force_login(who)
    answer = client.get("/nothing-here/")
    text = answer.content.decode()
    assert answer.status_code == 404 and "Meine Woche" not in text and "Ausgaben" in text
    assert left_in_english(text) == []
    assert client.get("/api/v1/nothing/").json()["error"]["status"] == 404
