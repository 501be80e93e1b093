"""The main pages in German: no English is left between the names that people gave."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from governance_app.people import services as people
from tests.portfolio.web.test_query_counts import fill
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
    r"|[^|]* has no fresh reading[^|]*|Every cash flow is[^|]*|Several rates bring[^|]*"
    r"|The cumulative flow is never negative\.|No benefit is in the budget or the books yet\.",
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


@pytest.mark.parametrize(
    ("role", "pages"), [("executive", MAIN), ("program_manager", ("/", *WRITTEN))]
)
def test_main_pages_speak_german_throughout(
    company: World, person: Callable[..., Any], role: str, pages: tuple[str, ...]
) -> None:
    who = person(role)
    people.set_preferences(user=who, by=who, locale="de", time_zone="Europe/Berlin", currency="")
    client = Client()
    client.force_login(who)
    found: dict[str, list[str]] = {}
    for address in pages:
        answer = client.get(address.format(key=company.made[0].key))
        if answer.status_code == 403:
            continue
        assert answer.status_code == 200, address
        if rest := left_in_english(answer.content.decode()):
            found[address] = rest
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
