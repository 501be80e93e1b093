"""The tour: its stops by role, leaving it and taking it up again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portfolio.web.tour import steps

Person = Callable[..., Any]


@pytest.fixture
def executive(person: Person, unit: Any) -> Client:
    client = Client()
    client.force_login(person("executive"))
    return client


def shown(response: Any) -> steps.Standing:
    return response.context["shell"].tour  # type: ignore[no-any-return]


def test_it_begins_on_the_home_page_and_goes_on_from_stop_to_stop(executive: Client) -> None:
    first = executive.get("/tour/", follow=True)
    assert (shown(first).number, first.request["PATH_INFO"]) == (1, "/")
    assert "Are we getting what we were promised?" in first.content.decode()
    second = executive.get("/tour/2/", follow=True)
    assert shown(second).number == 2


def test_left_it_is_offered_to_be_resumed_where_it_was_left(executive: Client) -> None:
    executive.get("/tour/3/")
    left = executive.get("/tour/leave/", {"back": "/account/"}, follow=True)
    assert left.request["PATH_INFO"] == "/account/"
    assert (shown(left).stop, shown(left).is_left, shown(left).number) == (None, True, 3)
    assert "Resume the tour (3 of" in left.content.decode()
    assert shown(executive.get("/tour/", follow=True)).number == 3


def test_on_a_page_of_another_stop_nothing_covers_it(executive: Client) -> None:
    executive.get("/tour/")
    assert shown(executive.get("/risk/")).stop is None


def test_behind_the_last_stop_it_is_done(executive: Client, person: Person) -> None:
    done = executive.get(f"/tour/{len(steps.STOPS) + 1}/", follow=True)
    assert shown(done) == steps.NOT_STANDING


def test_its_stops_are_the_pages_that_are_open_to_the_viewer(person: Person) -> None:
    names = [stop.name for stop in steps.stops(person("contributor"))]
    assert "spend" not in names and "value" not in names
    assert [stop.name for stop in steps.stops(person("finance_partner"))].count("spend") == 1


@pytest.mark.parametrize("kept", ["x", "left-", "-1", "9999", "1e3", "left-left-1", "²"])
def test_nonsense_in_the_cookie_is_no_tour(executive: Client, kept: str) -> None:
    executive.cookies[steps.COOKIE] = kept
    assert shown(executive.get("/account/")) == steps.NOT_STANDING


def test_leaving_never_leads_to_another_site(executive: Client) -> None:
    response = executive.get("/tour/leave/", {"back": "https://elsewhere.example/"})
    assert response["Location"] == "/"
