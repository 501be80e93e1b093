"""Refused attempts are noted in the trail, although the refusal itself changes nothing."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import models

from governance_app.audit import services
from governance_app.domain.errors import Sentence

P = ParamSpec("P")
R = TypeVar("R")


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
            by = kwargs.get("by")
            subject = next(
                (v for v in kwargs.values() if isinstance(v, models.Model) and v is not by), None
            )
            services.note(
                by=by,
                action="refused",
                subject=subject,
                sentence=f"{service.__name__.replace('_', ' ').capitalize()}: {error}",
            )
            raise

    return run
