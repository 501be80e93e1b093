"""What is refused at a gate is noted in the trail, although the refusal itself changes nothing."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import models

from governance_app.audit import services as audit
from governance_app.domain.errors import Sentence

P = ParamSpec("P")
R = TypeVar("R")


class GateRefused(Sentence):
    """Something that cannot be done at a gate; says why."""


def refusals_noted(service: Callable[P, R]) -> Callable[P, R]:
    """
    Write each sentence that a service refuses with into the trail.

    Stands outside ``recorded``: the service's own transaction is rolled back, then the note is
    written in one of its own.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return service(*args, **kwargs)
        except Sentence as error:
            by = kwargs["by"]
            rows = [value for value in kwargs.values() if isinstance(value, models.Model)]
            subject = next((row for row in rows if row is not by), None)
            audit.note(
                by=by,
                action="refused",
                subject=subject,
                sentence=f"{service.__name__.replace('_', ' ').capitalize()}: {error}",
            )
            raise

    return run
