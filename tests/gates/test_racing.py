"""Two at once: quorum right, nobody counted twice, no decision on facts that just changed."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from governance_app.domain.errors import Sentence
from governance_app.gates import services
from governance_app.gates.models import GateDecision, GateRequest
from governance_app.gates.services import FactsChanged, GateRefused
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative, StageMove
from tests.gates.test_deciding import stage_of
from tests.gates.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def together(*works: Callable[[], Any]) -> list[Any]:
    """Run every work in a thread of its own, all starting at once; give answers or errors."""
    start = threading.Barrier(len(works))
    answers: list[Any] = [None] * len(works)

    def run(at: int) -> None:
        try:
            start.wait(10)
            answers[at] = works[at]()
        except Exception as error:
            answers[at] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return answers


@pytest.fixture
def waiting(world: World) -> Iterator[tuple[World, Any, Any]]:
    """A request on which the risk officer has decided already."""
    row = world.initiative()
    request = world.asked(row)
    world.decide(request, world.officer)
    request.refresh_from_db()
    yield world, row, request


def test_the_last_two_of_the_board_at_once_move_it_once(waiting: Any) -> None:
    world, row, request = waiting
    answers = together(
        *(lambda somebody=somebody: world.decide(GateRequest.objects.get(), somebody)
          for somebody in world.board[:2])
    )  # fmt: skip
    assert not [each for each in answers if isinstance(each, Exception)]
    request.refresh_from_db()
    assert request.state == "approved"
    assert GateDecision.objects.filter(request=request).count() == 3
    assert StageMove.objects.filter(initiative=row, to_stage__slug="production").count() == 1


def test_three_of_the_board_at_once_fill_two_seats(waiting: Any) -> None:
    world, row, request = waiting
    answers = together(
        *(lambda somebody=somebody: world.decide(GateRequest.objects.get(), somebody)
          for somebody in world.board)
    )  # fmt: skip
    late = [each for each in answers if isinstance(each, Exception)]
    assert len(late) == 1
    assert isinstance(late[0], GateRefused)
    assert "nothing to decide" in str(late[0])
    assert GateDecision.objects.filter(request=request, slot="board").count() == 2
    assert stage_of(row) == "production"


def test_one_person_twice_at_once_counts_once(waiting: Any) -> None:
    world, _, request = waiting
    answers = together(
        *(lambda: world.decide(GateRequest.objects.get(), world.board[0]) for _ in range(2))
    )
    assert sum(isinstance(each, GateRefused) for each in answers) == 1
    assert GateDecision.objects.filter(request=request, slot="board").count() == 1


def test_a_yes_and_a_no_at_once_leave_one_outcome(waiting: Any) -> None:
    world, row, request = waiting
    world.decide(request, world.board[2])
    together(
        lambda: world.decide(GateRequest.objects.get(), world.board[0]),
        lambda: world.decide(GateRequest.objects.get(), world.board[1], "reject"),
    )
    request.refresh_from_db()
    stage = stage_of(row)
    assert (request.state, stage) in {("approved", "production"), ("rejected", "pilot")}
    assert GateDecision.objects.filter(request=request, slot="board").count() == 2


def test_a_decision_that_waits_for_a_change_is_made_on_the_changed_facts(waiting: Any) -> None:
    """The change holds the initiative when the last yes arrives: the yes must see it."""
    world, row, request = waiting
    world.decide(request, world.board[0])
    holds, answer = threading.Event(), []

    def decide() -> None:
        try:
            holds.wait(10)
            answer.append(world.decide(GateRequest.objects.get(), world.board[1]))
        except Sentence as error:
            answer.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=decide)
    thread.start()
    with transaction.atomic():
        initiatives.edit(initiative=row, autonomy="acts_alone", by=world.admin)
        holds.set()
        thread.join(1)
        assert thread.is_alive(), "it should wait for the change"
    thread.join(30)
    assert isinstance(answer[0], FactsChanged)
    assert stage_of(row) == "pilot"
    assert GateDecision.objects.filter(request=request, slot="board").count() == 1


def test_a_change_and_the_last_yes_at_once_never_leave_an_open_gate(waiting: Any) -> None:
    world, row, request = waiting
    world.decide(request, world.board[0])
    together(
        lambda: world.decide(GateRequest.objects.get(), world.board[1]),
        lambda: initiatives.edit(
            initiative=Initiative.objects.get(pk=row.pk), vendor="New", by=world.admin
        ),
    )
    assert Initiative.objects.get(pk=row.pk).vendor == "New"
    request.refresh_from_db()
    assert services.refresh(request=request, by=world.manager).state == "stale"


def test_two_requests_begun_at_once_are_one(world: World) -> None:
    row = world.initiative()
    answers = together(
        *(lambda: services.ask(initiative=row, to_stage="production", reason="Now.",
                               by=world.manager) for _ in range(2))
    )  # fmt: skip
    assert sum(isinstance(each, GateRefused) for each in answers) == 1
    assert GateRequest.objects.count() == 1
