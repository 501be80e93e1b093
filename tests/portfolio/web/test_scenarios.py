"""The pages of What to fund: asking, solving, comparing, proposing, and who may not."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from governance_app.books import services as books
from governance_app.domain.records import CaseLineRecord
from governance_app.initiatives import services as initiatives
from governance_app.scenarios import services
from governance_app.scenarios.models import Proposal, Scenario
from governance_app.value import services as value

pytestmark = pytest.mark.django_db

DEC = dt.date(2026, 12, 1)
ON = dt.date(2026, 11, 21)


@pytest.fixture
def finance(person: Callable[..., Any]) -> Any:
    return person("finance_partner")


@pytest.fixture
def scenario(person: Callable[..., Any], unit: Any, admin: Any, finance: Any) -> Any:
    """Two of 60 and 50, worth 90 and 60, under 100."""
    books.set_value(
        key="stage_probabilities", value={"scaling": 1}, from_on=dt.date(2026, 1, 1), by=admin
    )
    manager = person("program_manager", unit)
    for name, cost, benefit in (("Large", 60, 150), ("Middle", 50, 110)):
        row = initiatives.add(name=name, unit=unit, by=admin, stage="scaling")
        lines = [
            CaseLineRecord("cost", "build", DEC, Decimal(cost)),
            CaseLineRecord("benefit", "hard", DEC, Decimal(benefit)),
        ]
        draft = value.write_case(
            initiative=row, lines=lines, currency="USD", annual_rate=Decimal(0), by=manager
        )
        value.approve_case(case=draft, by=finance)
    one = services.add_scenario(
        name="Next year", node=unit, by=finance, on=ON, budgets={"2026": "100"}
    )
    return services.solve(scenario=one, by=finance)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_empty_list_says_what_to_do(finance: Any) -> None:
    page = signed_in(finance).get("/value/scenarios/").content.decode()
    assert "Nobody asked what to fund yet" in page


def test_a_question_is_asked_and_sent_to_a_job(finance: Any, unit: Any, admin: Any) -> None:
    client = signed_in(finance)
    key = initiatives.add(name="Claims", unit=unit, by=admin, stage="pilot").key
    sent = {"name": "Board", "node": str(unit.pk), "budgets-0": "1,000", "must": key.lower(),
            "keeps_dependencies": "yes", "seconds": "20"}  # fmt: skip
    answer = client.post("/value/scenarios/add/", sent)
    assert answer.status_code == 302
    one = Scenario.objects.get()
    assert (one.name, one.seconds, len(one.must), list(one.budgets.values())) == (
        "Board", 20, 1, ["1000"],
    )  # fmt: skip
    assert client.post(f"/value/scenarios/{one.pk}/solve/").status_code == 302
    one.refresh_from_db()
    assert one.state == "solving" and one.job is not None
    assert "You can leave this page" in client.get(f"/value/scenarios/{one.pk}/").content.decode()


def test_a_bad_limit_is_said_beside_what_was_typed(finance: Any, unit: Any) -> None:
    sent = {"name": "Board", "node": str(unit.pk), "budgets-0": "a lot"}
    answer = signed_in(finance).post("/value/scenarios/add/", sent)
    assert answer.status_code == 422
    assert "is no number" in answer.content.decode()
    assert not Scenario.objects.exists()


def test_the_answer_says_what_binds_and_what_more_would_buy(scenario: Any, finance: Any) -> None:
    page = signed_in(finance).get(f"/value/scenarios/{scenario.pk}/").content.decode()
    assert "1 of 2 are funded" in page
    assert "binds" in page and "A hundredth more" in page
    assert "Most risk-adjusted value by budget 2026" in page


def test_proposing_needs_a_sentence_and_the_right(
    scenario: Any, finance: Any, person: Any, unit: Any
) -> None:
    address = f"/value/scenarios/{scenario.pk}/propose/"
    assert signed_in(person("program_manager", unit)).post(address).status_code == 403
    refused = signed_in(finance).post(address, {"action": "propose", "sentence": ""})
    assert refused.status_code == 422
    assert not Proposal.objects.exists()
    assert signed_in(finance).post(address, {"sentence": "Board."}).status_code == 302
    assert Proposal.objects.filter(state="open").count() == 2
    listed = signed_in(finance).get("/value/scenarios/").content.decode()
    assert "2 open proposals" in listed


def test_a_copy_is_compared_with_the_first(scenario: Any, finance: Any) -> None:
    client = signed_in(finance)
    assert client.post(f"/value/scenarios/{scenario.pk}/copy/").status_code == 302
    other = Scenario.objects.exclude(pk=scenario.pk).get()
    services.edit_scenario(scenario=other, by=finance, budgets={"2026": "110"})
    services.solve(scenario=other, by=finance)
    page = client.get(f"/value/scenarios/{scenario.pk}/?with={other.pk}").content.decode()
    assert "Funded by only one of them: 1 initiative" in page and "Middle" in page


def test_a_foreign_scenario_does_not_exist(scenario: Any, person: Any, unit: Any) -> None:
    assert signed_in(person("contributor")).get("/value/scenarios/").status_code == 403
