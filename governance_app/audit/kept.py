"""
Answers that are kept while nothing changes: for pages that many open and few change.

Every captured change takes the next number of one sequence, inside the transaction that makes it.
So two moments with the same number between which nobody was changing anything have the same
rows, and an answer given at one of them is right at the other. ADR 22.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from django.db import connection

T = TypeVar("T")
#: The database, the sequence and its number.
Mark = tuple[int, int, int]

#: Answers that a process keeps; the one that was not asked for longest goes first.
KEPT = 256

# The number first: who took one up to it and has not ended still holds the lock after it was read.
_MARK = """
SELECT (SELECT oid FROM pg_database WHERE datname = current_database())::bigint,
 tableoid::bigint, last_value FROM audit_change_id_seq;
SELECT EXISTS (SELECT FROM pg_locks l WHERE l.relation = 'audit_change'::regclass
 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
 AND l.mode = 'RowExclusiveLock' AND l.pid <> pg_backend_pid())
"""

_state: ContextVar[Mark | None] = ContextVar("state", default=None)
_answers: OrderedDict[tuple[Hashable, ...], Any] = OrderedDict()
_lock = threading.Lock()


@contextmanager
def one_state() -> Iterator[None]:
    """
    Let :func:`answer` keep the answers given inside, for whoever comes while nothing changes.

    What changes meanwhile moves the number on: an answer read after it stands under the number
    from before, which nobody who comes later has.
    """
    token = _state.set(_mark())
    try:
        yield
    finally:
        _state.reset(token)


def answer(key: tuple[Hashable, ...], build: Callable[[], T]) -> T:
    """
    Give an answer again that was given in this state, or build it.

    Args:
        key: all that the answer depends on besides what is stored: what is asked, with its
            arguments, and what the viewer may see.
        build: gives the answer, which nobody changes later.
    """
    mark = _state.get()
    if mark is None:
        return build()
    place = (mark, *key)
    with _lock:
        if place in _answers:
            _answers.move_to_end(place)
            return cast(T, _answers[place])
    built = build()
    with _lock:
        _answers[place] = built
        while len(_answers) > KEPT:
            _answers.popitem(last=False)
    return built


def moved() -> None:
    """Say, in the transaction that does it, that something changed which is not captured."""
    with connection.cursor() as cursor:
        cursor.execute(
            "LOCK TABLE audit_change IN ROW EXCLUSIVE MODE; SELECT nextval('audit_change_id_seq')"
        )


def _mark() -> Mark | None:
    """Read the state; None while somebody is changing something, so that nothing is kept."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK)
        mark: Mark = cursor.fetchone()
        cursor.nextset()
        is_changing = bool(cursor.fetchone()[0])
    return None if is_changing else mark
