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
