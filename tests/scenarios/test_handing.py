"""Proposals become requests at gates; a gate decides, and nothing else changes before."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from governance_app.gates import services as gates
from governance_app.gates.models import GateRequest
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.people.access import Refused
from governance_app.scenarios import selectors, services
from governance_app.scenarios.models import Proposal, Scenario
from governance_app.scenarios.services import BadScenario
from governance_app.spend.models import Budget
from governance_app.value.models import CaseLine
from tests.scenarios.test_scenarios import (  # noqa: F401
    chances,
    finance,
    make,
    manager,
    solved,
    three,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposed(three: list[Any], unit: Any, finance: Any) -> Scenario:  # noqa: F811
    one = solved(unit, finance, budgets={"2026": "100"})
    services.propose(scenario=one, sentence="Board of 3 December.", by=finance)
    return one


def proposal(one: Scenario, name: str) -> Proposal:
    return Proposal.objects.get(scenario=one, initiative__name=name)


def state_of_the_world() -> Any:
    """Everything but requests and proposals that funding could touch."""
    return (
        list(Initiative.objects.order_by("pk").values("pk", "stage", "version", "status")),
        CaseLine.objects.count(),
        Budget.objects.count(),
    )


def test_to_fund_asks_for_the_next_stage_and_changes_nothing_else(
    proposed: Scenario,
    manager: Any,  # noqa: F811
) -> None:
    before = state_of_the_world()
    row = proposal(proposed, "Small")
    request = services.take_to_gate(proposal=row, by=manager)
    assert (request.to_stage, request.proposal, request.state) == ("production", "scale", "draft")
    assert request.reason == ("Fund it, as scenario “Next year” proposes: Board of 3 December.")
    row.refresh_from_db()
    assert (row.state, row.request, row.ended_by) == ("taken", request, manager)
    assert state_of_the_world() == before
    assert selectors.proposed_by(viewer=manager, request=request) == row


def test_not_to_fund_asks_to_stay(proposed: Scenario, manager: Any) -> None:  # noqa: F811
    request = services.take_to_gate(proposal=proposal(proposed, "Large"), by=manager)
    assert (request.to_stage, request.proposal) == ("scaling", "continue")


@pytest.mark.parametrize(
    ("name", "to_stage", "ending"),
    [("Small", "production", "continue"), ("Large", "retired", "stop")],
)
def test_what_is_live_goes_on_or_is_asked_to_stop(
    proposed: Scenario,
    manager: Any,  # noqa: F811
    admin: Any,
    name: str,
    to_stage: str,
    ending: str,
) -> None:
    row = proposal(proposed, name)
    initiatives.advance_stage(
        initiative=row.initiative, to="production", reason="It works.", by=admin
    )
    request = services.take_to_gate(proposal=row, by=manager)
    assert (request.to_stage, request.proposal) == (to_stage, ending)


def test_a_request_that_stands_takes_the_proposal_up(
    proposed: Scenario,
    manager: Any,  # noqa: F811
) -> None:
    row = proposal(proposed, "Small")
    standing = gates.ask(
        initiative=row.initiative, to_stage="production", reason="Earlier.", by=manager
    )
    assert services.take_to_gate(proposal=row, by=manager) == standing
    assert GateRequest.objects.count() == 1


def test_a_proposal_is_taken_once_and_only_by_who_may_ask(
    proposed: Scenario,
    manager: Any,  # noqa: F811
    person: Any,
    unit: Any,
    ledger_count: Any,
) -> None:
    row = proposal(proposed, "Small")
    with pytest.raises(Refused):
        services.take_to_gate(proposal=row, by=person("contributor", unit))
    assert not GateRequest.objects.exists()
    services.take_to_gate(proposal=row, by=manager)
    with pytest.raises(BadScenario, match="is over already"):
        services.take_to_gate(proposal=row, by=manager)
    assert GateRequest.objects.count() == 1


def test_all_are_handed_over_at_once_and_what_is_left_says_why(
    proposed: Scenario, person: Any, unit: Any, admin: Any
) -> None:
    both = person("executive")
    left = services.hand_over(scenario=proposed, by=both)
    assert (left.taken, len(left.left)) == (0, 3)
    assert all("may ask" in reason or "ask for" in reason for reason in left.left.values())
    from governance_app.people import services as people

    people.grant(
        user=both, role="program_manager", node=unit, from_on=dt.date(2020, 1, 1), by=admin
    )
    told: list[tuple[int, int]] = []
    done = services.hand_over(scenario=proposed, by=both, tell=lambda at, of: told.append((at, of)))
    assert (done.begun, done.joined, done.left) == (3, 0, {})
    assert told[-1] == (3, 3)
    assert services.hand_over(scenario=proposed, by=both).taken == 0
    taken = selectors.taken(viewer=both, scenario=proposed)
    assert {row.request.proposal for row in taken if row.request} == {"scale", "continue"}
    with pytest.raises(BadScenario, match="has no open proposal"):
        services.ask_hand_over(scenario=proposed, by=both)


def test_a_job_hands_over(proposed: Scenario, person: Any, unit: Any) -> None:
    from governance_app.scenarios import tasks

    class Run:
        def check(self) -> None: ...
        def stage(self, words: str) -> None: ...
        def advance(self, done: int, total: int | None = None) -> None: ...

    boss = person("executive")
    job = services.ask_hand_over(scenario=proposed, by=boss)
    assert services.ask_hand_over(scenario=proposed, by=boss) == job
    told = tasks.hand_over(job=Run(), by=boss, scenario=str(proposed.pk))  # type: ignore[arg-type]
    assert told["begun"] == 0
    assert len(told["left"]) == 3
    assert Decimal(0) == told["joined"]
