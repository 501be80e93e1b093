"""The main pages in German: no English is left between the names that people gave."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from governance_app.people import services as people
from governance_app.spend.models import Rule
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
    "/initiatives/{key}/gates/", "/initiatives/{key}/log/", "/portfolio/?edit=1",
)  # fmt: skip
#: Bills, plans, rules and the close, for whoever prepares them.
MONEY = (
    "/spend/?by=initiative", "/spend/lines/?initiative={key}", "/spend/why/", "/spend/suggestions/",
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
    "/settings/", "/settings/people/", "/inventory/datasets/", "/inventory/vendors/",
    "/inventory/bills/",
)  # fmt: skip
#: What governs: duties, policies, modes, the board, emergencies.
GOVERNING = (
    "/governance/requests/", "/governance/policies/", "/governance/policies/write/?node={unit}",
    "/governance/modes/", "/governance/modes/{unit}/", "/governance/board/",
    "/governance/emergencies/", "/governance/duties/", "/compliance/policies/",
    "/compliance/third-parties/", "/compliance/inventory/", "/compliance/frameworks/import/",
    "/risk/incidents/",
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
    r"|[^|]* has no fresh reading for [^|]*"  # a figure keeps its reason as a text
    r"|IT[- ]Budget|\{[^|]*\}|unknown ist|-d '[^|]*|Ships with the product[^|]*"
    r"|The organisation has no policy in force yet[^|]*"  # a refusal, in English as everywhere
)


@pytest.fixture
def company(world: World, person: Callable[..., Any]) -> World:
    """Two initiatives with something on every page."""
    fill(world, person("risk_officer"), 2)
    return world


def left_in_english(text: str) -> list[str]:
    """Give what of a page reads as English, with the words around it."""
    text = re.sub(r"<(script|style|template|kbd|code|textarea)\b.*?</\1>", " ", text, flags=re.S)
    shown = " | ".join(
        [*re.findall(r'\b(?:aria-label|title|placeholder|data-label)="([^"]*)"', text),
         *re.split(r"<[^>]+>", text)]
    )  # fmt: skip
    shown = GIVEN.sub("", re.sub(r"\s+", " ", unescape(shown)))
    return sorted(
        {part.strip() for part in shown.split("|") if ENGLISH.search(part.replace("-", " "))}
    )


VIEWERS = (
    ("executive", MAIN), ("program_manager", ("/", *WRITTEN)), ("finance_partner", MONEY),
    ("administrator", ROOMS), ("risk_officer", GOVERNING),
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
