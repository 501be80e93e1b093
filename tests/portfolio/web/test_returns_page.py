"""The page Returns: what each place returns, and what is said where nothing is known."""

from typing import Any

import pytest
from django.test import Client

from governance_app.initiatives import services as initiatives

pytestmark = pytest.mark.django_db


def page(user: Any, query: str = "") -> Any:
    client = Client()
    client.force_login(user)
    return client.get(f"/value/returns/{query}")


def test_an_empty_portfolio_says_why_nothing_is_known(person: Any) -> None:
    answer = page(person("finance_partner"))
    assert answer.status_code == 200
    assert "No business case has been approved." in answer.content.decode()


def test_an_initiative_shows_what_is_to_go_beside_what_is_sunk(
    person: Any, unit: Any, admin: Any
) -> None:
    row = initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")
    text = page(person("finance_partner"), f"?of={row.key}").content.decode()
    assert "Claims triage" in text and "Spent so far" in text
    assert "Cost of an accepted outcome" in text


def test_a_foreign_place_does_not_exist(person: Any, unit: Any) -> None:
    assert page(person("finance_partner"), "?of=AI-999").status_code == 404


def test_who_sees_no_money_gets_no_page(person: Any) -> None:
    assert page(person("administrator")).status_code == 403
