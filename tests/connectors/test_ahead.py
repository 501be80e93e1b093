"""Reading ahead keeps order and errors, waits for deliveries, and stops when told."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from governance_app.connectors.ahead import AHEAD, reading_ahead
from governance_app.connectors.base import Batch, Delivery, PermanentError
from tests.servers.scenario import NOW

DELIVERY = Delivery(scope="a", version="1", made_at=NOW, parts=())


def test_batches_come_in_order_and_the_error_after_them() -> None:
    def pull() -> Iterator[Batch]:
        yield Batch("one")
        yield Batch("two")
        raise PermanentError("It broke.")

    found = []
    with pytest.raises(PermanentError, match="It broke"):
        for batch in reading_ahead(pull()):
            found.append(batch.stage)
    assert found == ["one", "two"]


def test_the_next_question_waits_until_a_delivery_is_stored() -> None:
    asked: list[str] = []

    def pull() -> Iterator[Batch]:
        yield Batch("bill", deliveries=(DELIVERY,))
        asked.append("next")
        yield Batch("next")

    batches = reading_ahead(pull())
    assert next(batches).stage == "bill"
    assert asked == []
    assert next(batches).stage == "next"
    batches.close()


def test_it_reads_only_so_far_ahead_and_closes_the_plug_in() -> None:
    made: list[int] = []
    is_closed = threading.Event()

    def pull() -> Iterator[Batch]:
        try:
            for number in range(1000):
                made.append(number)
                yield Batch(str(number))
        finally:
            is_closed.set()

    batches: Any = reading_ahead(pull())
    next(batches)
    batches.close()
    assert is_closed.wait(5)
    assert len(made) <= AHEAD + 3
