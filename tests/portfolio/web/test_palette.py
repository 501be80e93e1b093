"""The command palette: what it finds, for whom, and in which order."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from governance_app.initiatives import services
from governance_app.people import access
from portfolio.web import shell
from portfolio.web.palette.matching import fit
from portfolio.web.palette.places import ACTS, PAGES

Person = Callable[..., Any]
FRAGMENT = {"HX-Request": "true"}


def found(who: Any, asked: str) -> list[tuple[str, str]]:
    """Give what the palette offers as (words, address), in its order."""
    client = Client()
    client.force_login(who)
    text = client.get("/palette/", {"q": asked}, headers=FRAGMENT).content.decode()
    options = re.findall(
        r'<a role="option"[^>]* href="([^"]*)"[^>]*><span class="words">([^<]*)', text
    )
    return [(words.strip(), address) for address, words in options]


def labels(who: Any, asked: str) -> list[str]:
    return [words for words, _address in found(who, asked)]


@pytest.fixture
def register(unit: Any, other_unit: Any, person: Person) -> dict[str, Any]:
    """Two initiatives in Retail banking, one in Insurance."""
    manager = person("program_manager")
    return {
        name: services.add(name=words, unit=where, by=manager, stage="pilot")
        for name, words, where in (
            ("assist", "Contact-centre assist", unit),
            ("claims", "Claims triage agent", unit),
            ("far", "Contact tracing", other_unit),
        )
    }


def test_a_part_of_a_name_finds_the_initiative(register: Any, person: Person) -> None:
    found_here = found(person("executive"), "claims tri")
    assert found_here[0] == ("Claims triage agent", f"/initiatives/{register['claims'].key}/")


def test_a_misspelled_name_finds_it_too(register: Any, person: Person) -> None:
    assert "Claims triage agent" in labels(person("executive"), "claimz")


def test_the_key_comes_first(register: Any, person: Person) -> None:
    key = register["assist"].key
    assert found(person("executive"), key.lower())[0][1] == f"/initiatives/{key}/"


def test_what_the_viewer_may_not_see_is_not_found(register: Any, unit: Any, person: Person) -> None:
    assert "Contact tracing" not in labels(person("business_owner", unit), "contact")
    assert "Contact-centre assist" in labels(person("business_owner", unit), "contact")


def test_only_pages_and_acts_that_are_open_to_the_viewer_are_offered(person: Person) -> None:
    contributor, administrator = person("contributor"), person("administrator")
    assert "Spend" not in labels(contributor, "spend")
    assert "Spend" in labels(person("executive"), "spend")
    assert "Add a person" not in labels(contributor, "add a person")
    assert "Add a person" in labels(administrator, "add a person")


def test_a_word_nobody_uses_finds_nothing_and_says_so(register: Any, person: Person) -> None:
    client = Client()
    client.force_login(person("executive"))
    text = client.get("/palette/", {"q": "qwrtzpsd"}, headers=FRAGMENT).content.decode()
    assert "Nothing is called “qwrtzpsd”" in text


def test_what_was_typed_is_text_and_never_markup(person: Person) -> None:
    client = Client()
    client.force_login(person("executive"))
    text = client.get("/palette/", {"q": "<img src=x>"}, headers=FRAGMENT).content.decode()
    assert "<img" not in text and "&lt;img src=x&gt;" in text


def test_without_script_the_portfolio_is_searched(person: Person) -> None:
    client = Client()
    client.force_login(person("executive"))
    assert client.get("/palette/", {"q": "claims"})["Location"] == "/portfolio/?q=claims"


def test_every_page_of_the_navigation_is_in_the_palette_with_its_key() -> None:
    keys = {entry.name: entry.key for entry in PAGES if entry.key}
    assert keys == {place.name: place.key for place in (*shell.UPPER, *shell.LOWER)}


@pytest.mark.parametrize("role", ["executive", "administrator"])
def test_every_entry_that_is_offered_leads_to_a_page_that_opens(
    role: str, unit: Any, person: Person
) -> None:
    who = person(role)
    client = Client()
    client.force_login(who)
    offered = {
        entry.url.partition("#")[0]
        for entry in (*PAGES, *ACTS)
        if entry.url and (not entry.needs or access.can_anywhere(who, entry.needs))
    }
    assert len(offered) > 30
    answers = {address: client.get(address).status_code for address in sorted(offered)}
    assert {address: code for address, code in answers.items() if code not in {200, 302}} == {}


@settings(deadline=None)
@given(st.text(max_size=20), st.text(max_size=20))
def test_a_fit_is_between_nothing_and_perfect(asked: str, label: str) -> None:
    assert 0 <= fit(asked, label) <= 4


@settings(deadline=None)
@given(st.lists(st.from_regex(r"[a-z]{3,9}", fullmatch=True), min_size=1, max_size=4))
def test_the_beginnings_of_the_words_of_a_label_fit_perfectly(words: list[str]) -> None:
    assert fit(" ".join(word[:3] for word in words), " ".join(words)) == 4
