"""
Who acts, in which request and job, told to the database for each transaction.

The capture trigger reads three transaction-local settings. They are set by
:func:`recorded` at the start of a service and vanish with its transaction, so a
pooled connection cannot carry one person's name into the next one's write.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import connection, transaction

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Context:
    """What is known about the present unit of work; empty strings where nothing is."""

    actor_id: str = ""
    request_id: str = ""
    job_id: str = ""
    via: str = ""


_NOTHING = Context()
_context: ContextVar[Context] = ContextVar("audit_context", default=_NOTHING)


def current() -> Context:
    """Give the present context."""
    return _context.get()


@contextmanager
def context(**known: str) -> Iterator[None]:
    """
    Add what is known (request_id, job_id, via) for the work inside.

    The settings reach the database at the next :func:`recorded` call.
    """
    token = _context.set(replace(_context.get(), **known))
    try:
        yield
    finally:
        _context.reset(token)


@contextmanager
def acting(by: Any) -> Iterator[None]:
    """
    Open a transaction in which the database knows that ``by`` acts.

    Nested use names the inner actor for the inner part and the outer one again after it.
    """
    outer = _context.get()
    inner = replace(outer, actor_id=str(by.pk))
    if inner == outer and connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    token = _context.set(inner)
    try:
        with transaction.atomic():
            _tell_database()
            yield
            # A setting made inside a savepoint outlives it: name the outer actor again.
            if outer.actor_id and connection.savepoint_ids:
                _context.set(outer)
                _tell_database()
    finally:
        _context.reset(token)


def _tell_database() -> None:
    now = _context.get()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.actor', %s, true), set_config('app.request', %s, true),"
            " set_config('app.job', %s, true), set_config('app.via', %s, true)",
            [now.actor_id, now.request_id, now.job_id, now.via or "service"],
        )


def recorded(service: Callable[P, R]) -> Callable[P, R]:
    """
    Run a service in one transaction of its keyword argument ``by``.

    Every public function of a ``services.py`` carries this; an architecture test says so.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if "by" not in kwargs:
            raise TypeError(f"{service.__qualname__}() needs the keyword argument 'by'")
        with acting(kwargs["by"]):
            return service(*args, **kwargs)

    run.__recorded__ = True  # type: ignore[attr-defined]
    return run
