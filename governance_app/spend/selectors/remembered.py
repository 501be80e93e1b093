"""
Answers of the ledger that are kept while nothing changes that they are made of.

The same sums are asked for again by every viewer and at every step of a filter, and reading a
year of them takes the database longer than anything else on a page. They are kept in the process
that asked, under a mark of the state they were read in; another state has another mark.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.db import connection

#: Answers kept by a process, each of some hundreds of rows.
KEPT = 128
#: Longer answers are not kept.
MOST_ROWS = 5_000

#: Every change of key-months, shares and their sums is a run of allocation; names and places of
#: what they are grouped by have versions, units are moved without one.
_MARK = """
SELECT (SELECT (count(*), max(created_at))::text FROM spend_allocationrun),
 (SELECT (count(*), sum(version))::text FROM initiatives_initiative),
 (SELECT (count(*), sum(version))::text FROM spend_source),
 (SELECT md5(string_agg(id::text || path || name, ',' ORDER BY id)) FROM people_scopenode
  WHERE kind <> 'initiative')
"""


#: The mark that the questions of a page share.
_shared: ContextVar[tuple[Any, ...] | None] = ContextVar("shared", default=None)


@contextmanager
def one_state() -> Iterator[None]:
    """
    Let the questions asked inside share one mark, read at the beginning.

    What is read after a change meanwhile is kept under the mark from before it, which nobody who
    comes later has.
    """
    token = _shared.set(_mark())
    try:
        yield
    finally:
        _shared.reset(token)


class _TooLong(Exception):
    """An answer that is not worth keeping; it comes along."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        super().__init__()
        self.rows = rows


def asked(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """
    Give the rows of a query over the ledger, from memory where it was asked in this state.

    Args:
        sql: reads tables of the ledger, initiatives, sources and units, nothing else.
        values: its parameters by name.
    """
    frozen = tuple(
        (name, tuple(value) if isinstance(value, list) else value) for name, value in values.items()
    )
    try:
        return _rows(_shared.get() or _mark(), sql, frozen)
    except _TooLong as found:
        return found.rows


def _mark() -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_MARK)
        mark: tuple[Any, ...] = cursor.fetchone()
        return mark


@lru_cache(maxsize=KEPT)
def _rows(
    mark: tuple[Any, ...], sql: str, frozen: tuple[tuple[str, Any], ...]
) -> list[tuple[Any, ...]]:
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in frozen}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    if len(rows) > MOST_ROWS:
        raise _TooLong(rows)
    return rows
