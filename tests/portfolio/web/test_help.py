"""Help: the texts of docs/how-to as pages, and beside the page they belong to."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portfolio.web import shell
from portfolio.web.help import texts
from portfolio.web.help.pairing import BESIDE, ELSEWHERE, FOR_KEEPERS, beside

Person = Callable[..., Any]


@pytest.fixture
def client(person: Person) -> Client:
    signed_in = Client()
    signed_in.force_login(person("contributor"))
    return signed_in


def test_every_text_that_is_named_exists() -> None:
    named = {name for _pattern, name in BESIDE} | {ELSEWHERE} | FOR_KEEPERS
    assert named - set(texts.names()) == set()


@pytest.mark.parametrize("place", (*shell.UPPER, *shell.LOWER), ids=lambda place: place.name)
def test_every_page_of_the_navigation_has_a_text_of_its_own(place: Any) -> None:
    assert beside(reverse(place.name)) != ELSEWHERE


@pytest.mark.parametrize("name", texts.names())
def test_every_text_is_a_page_with_its_title(client: Client, name: str) -> None:
    response = client.get(f"/help/{name}/")
    first = (texts.FOLDER / f"{name}.md").read_text().splitlines()[0].removeprefix("# ")
    assert response.status_code == 200
    assert response.context["text"].title == first


def test_the_text_beside_a_page_is_the_one_that_belongs_to_it(client: Client) -> None:
    text = client.get("/help/beside/", {"at": "/spend/close/2026-10/"}).content.decode()
    assert "Close a month</h2>" in text and "<html" not in text


def test_links_between_texts_lead_to_their_pages() -> None:
    text = texts.text("read-spend")
    assert text is not None and 'href="/help/load-bills/"' in text.html


def test_markup_in_a_text_is_shown_and_not_obeyed(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "odd.md").write_text("# Odd\n\n<script>alert(1)</script> [x](../../secrets.md)\n")
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    made = texts.text("odd")
    assert made is not None
    assert "<script>" not in made.html and "href" not in made.html


@pytest.mark.parametrize("name", ["nothing", "..", "index"])
def test_a_text_that_is_none_answers_404(client: Client, name: str) -> None:
    assert client.get(f"/help/{name}/").status_code == 404
