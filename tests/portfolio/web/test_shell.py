"""The frame of every page."""

from collections.abc import Callable
from typing import Any

from django.test import Client, RequestFactory

from portfolio.web import shell

Person = Callable[..., Any]


def frame_of(who: Any, path: str = "/", theme: str = "") -> shell.Shell:
    request = RequestFactory().get(path)
    request.user = who
    if theme:
        request.COOKIES["theme"] = theme
    return shell.shell(request)["shell"]  # type: ignore[no-any-return]


def test_only_pages_that_the_viewer_may_open_are_offered(person: Person) -> None:
    labels = [link.label for link in frame_of(person("contributor")).upper]
    assert "Portfolio" in labels
    assert "Spend" not in labels


def test_the_present_page_is_marked_below_it_too(person: Person) -> None:
    frame = frame_of(person("executive"), "/portfolio/import/")
    assert [link.label for link in frame.upper if link.is_current] == ["Portfolio"]


def test_keys_are_different_for_every_page() -> None:
    keys = [place.key for place in (*shell.UPPER, *shell.LOWER)]
    assert len(set(keys)) == len(keys)


def test_an_unknown_theme_means_the_systems(person: Person) -> None:
    assert frame_of(person("executive"), theme="dark").theme == "dark"
    assert frame_of(person("executive"), theme="red;}").theme == ""


def test_nobody_signed_in_sees_no_pages(db: None) -> None:
    response = Client().get("/sign-in/")
    assert response.context["shell"].upper == ()


def test_a_part_of_a_page_leads_the_whole_page_to_signing_in(db: None) -> None:
    client = Client()
    asked = {"HX-Request": "true", "HX-Current-URL": "https://portfolio.example/spend/?by=unit"}
    response = client.get("/spend/", headers=asked)
    assert (response.status_code, response.content) == (401, b"")
    assert response["HX-Redirect"] == "/sign-in/?next=%2Fspend%2F%3Fby%3Dunit"
    elsewhere = {**asked, "HX-Current-URL": "https://evil.example//evil.example/"}
    assert client.get("/value/", headers=elsewhere)["HX-Redirect"] == "/sign-in/?next=%2Fvalue%2F"
    assert client.get("/spend/").status_code == 302
