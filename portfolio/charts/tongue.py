"""
Which language words are said in, as ``manners`` says how figures are written; pure.

The site says which one there is. Without one everything is said in English.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Tongue:
    """How a language says a text, and a text of one or of many."""

    one: Callable[[str], str]
    many: Callable[[str, str, int], str]


ENGLISH = Tongue(lambda text: text, lambda one, many, count: one if count == 1 else many)
_present: ContextVar[Tongue] = ContextVar("tongue", default=ENGLISH)


@contextmanager
def using(tongue: Tongue) -> Iterator[None]:
    """Say words in a language."""
    token = _present.set(tongue)
    try:
        yield
    finally:
        _present.reset(token)


def present() -> Tongue:
    """Give the language in which this request is answered."""
    return _present.get()
