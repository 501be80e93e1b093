"""Pages in the viewer's language, zone and manner of writing figures."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from governance_app.initiatives import services
from governance_app.people import services as people
from portfolio.charts import manners, spelling
from portfolio.languages import catalogue, files, finding

Person = Callable[..., Any]
#: Rooms that are promised in every language; the others follow.
WHOLE = (
    "governance_app/", "portfolio/charts/", "templates/account/", "templates/base.html",
    "templates/close/", "templates/compliance/", "templates/components/", "templates/connections/",
    "templates/errors/", "templates/governance/", "templates/help/", "templates/home/",
    "templates/importing/", "templates/initiatives/", "templates/intake/", "templates/inventory/",
    "templates/notices/", "templates/palette/", "templates/portfolio/", "templates/reports/",
    "templates/risk/", "templates/scenarios/", "templates/settings/",
    "templates/spend/explore.html", "templates/spend/tabs.html", "templates/trail/",
    "templates/value/", "templates/welcome/",
    "portfolio/web/account.py", "portfolio/web/close/", "portfolio/web/compliance/",
    "portfolio/web/connections/", "portfolio/web/governance/", "portfolio/web/home.py",
    "portfolio/web/palette/", "portfolio/web/shell.py", "portfolio/web/templatetags/",
    "portfolio/web/tour/", "portfolio/web/welcome/",
)  # fmt: skip
_HOLDS = re.compile(r"%\(\w+\)s|\{\w+\}|<[^>]+>")


def german(who: Any, **others: Any) -> Any:
    chosen = {"locale": "de", "time_zone": "Europe/Berlin", "currency": "", **others}
    return people.set_preferences(user=who, by=who, **chosen)


def opened(who: Any, address: str) -> str:
    client = Client()
    client.force_login(who)
    response = client.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.parametrize("language", files.languages())
def test_what_is_promised_in_a_language_is_translated_whole(language: str) -> None:
    said = files.read(language).said()
    missing = [
        message.text
        for message, places in finding.everything().items()
        if any(place.startswith(WHOLE) for place in places) and not all(said.get(message, ("",)))
    ]
    assert missing == [], "manage.py translations, then write them into locale/"


@pytest.mark.parametrize("language", files.languages())
def test_a_translation_keeps_what_is_filled_in(language: str) -> None:
    wrong = [
        entry.message.text
        for entry in files.read(language).entries
        for said in entry.said
        if said and sorted(_HOLDS.findall(said)) != sorted(_HOLDS.findall(entry.message.text))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", files.languages())
def test_what_the_product_reads_is_what_translators_wrote(language: str) -> None:
    made = catalogue.compiled(files.read(language))
    assert files.compiled(language).read_bytes() == made, "manage.py translations"


def test_a_german_reads_german(unit: Any, person: Person) -> None:
    services.add(name="Claims triage", unit=unit, by=person("program_manager"), stage="pilot")
    text = opened(german(person("executive")), "/")
    assert '<html lang="de"' in text
    for words in ("Braucht Sie", "Was sich geändert hat", "Einstellungen", "Abmelden", "1 Pilot"):
        assert words in text
    assert "Needs you" not in text


def test_everybody_else_goes_on_reading_english(unit: Any, person: Person) -> None:
    german(person("auditor"))
    text = opened(person("executive"), "/account/")
    assert '<html lang="en"' in text and "Sign out" in text


def test_whoever_has_not_signed_in_is_asked_in_the_browsers_language(db: None) -> None:
    response = Client().get("/sign-in/", headers={"Accept-Language": "de-CH,de;q=0.9"})
    assert "Passwort vergessen" in response.content.decode()
    assert "Accept-Language" in response["Vary"]
    french = Client().get("/sign-in/", headers={"Accept-Language": "fr"}).content.decode()
    assert "Forgot the password" in french


def test_the_api_speaks_english_to_everybody(unit: Any, person: Person) -> None:
    client = Client()
    client.force_login(german(person("executive")))
    assert "No" in client.get("/api/v1/initiatives/AI-9/").content.decode()


def test_the_account_page_keeps_what_was_chosen(person: Person) -> None:
    who = person("executive")
    client = Client()
    client.force_login(who)
    asked = {"locale": "de", "time_zone": "Asia/Tokyo", "currency": ""}
    text = client.post("/account/preferences/", asked, follow=True).content.decode()
    assert "Von jetzt an" in text
    who.refresh_from_db()
    assert (who.locale, who.time_zone) == ("de", "Asia/Tokyo")


@pytest.mark.parametrize(
    "wrong", [{"locale": "xx"}, {"time_zone": "Mars/Olympus"}, {"currency": "ZZZ"}]
)
def test_what_cannot_be_chosen_changes_nothing(
    person: Person, wrong: dict[str, str], ledger_count: Any
) -> None:
    who = person("executive")
    client = Client()
    client.force_login(who)
    before = ledger_count()
    asked = {"locale": "en", "time_zone": "UTC", "currency": "", **wrong}
    assert client.post("/account/preferences/", asked).status_code == 400
    who.refresh_from_db()
    assert (who.locale, who.time_zone, who.currency, ledger_count()) == ("en", "UTC", "", before)


@pytest.mark.parametrize(
    ("write", "english", "in_german"),
    [
        (lambda: spelling.money(Decimal("38214567"), "USD"), "$38.2M", "38,2\xa0Mio.\xa0$"),
        (
            lambda: spelling.money(Decimal("-1250"), "CHF", plus=True),
            "−CHF\xa01.3k",
            "−1,3\xa0Tsd.\xa0CHF",
        ),
        (lambda: spelling.plain(Decimal("-2133.5"), 1), "−2,133.5", "−2.133,5"),
        (lambda: spelling.percent(0.034, 1, plus=True), "+3.4%", "+3,4\xa0%"),
        (lambda: spelling.day(dt.date(2026, 3, 9)), "9 Mar 2026", "9. März 2026"),
        (lambda: spelling.listed(["a", "b"]), "a and b", "a und b"),
    ],
)
def test_figures_and_days_follow_the_language(
    write: Callable[[], str], english: str, in_german: str
) -> None:
    assert write() == english
    with manners.using("de-AT"):
        assert write() == in_german
    with manners.using("fr"):
        assert write() == english
