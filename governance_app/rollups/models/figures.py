"""What every row of figures has in common: from when until when it was known, and from what."""

import datetime as dt
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q

from governance_app.audit.rows import UncapturedRow
from governance_app.people.querysets import ScopedQuerySet

M = TypeVar("M", bound=models.Model, covariant=True)


class FiguresQuerySet(ScopedQuerySet[M]):
    """Figures as they are known now, or as they were at a moment."""

    def known_at(self, moment: dt.datetime | None) -> Self:
        """Keep what counted at a moment; what counts now when None."""
        if moment is None:
            return self.filter(known_to=None)
        return self.filter(Q(known_to=None) | Q(known_to__gt=moment), known_from__lte=moment)


def amount() -> "models.DecimalField[Any, Any]":
    """Give an exact money column; null is unknown or not there, never 0."""
    return models.DecimalField(max_digits=38, decimal_places=18, null=True)


class Figures(UncapturedRow):
    """
    Figures of one subject, never edited: another result ends ``known_to`` and adds a row.

    ``reasons``: column -> why it is null. ``made_from``: the versions of what it was made of.
    ``digest`` tells whether a new result differs.
    """

    currency = models.CharField(max_length=3)
    reasons = models.JSONField(default=dict)
    made_from = models.JSONField(default=dict)
    digest = models.BinaryField(max_length=16)
    known_from = models.DateTimeField()
    known_to = models.DateTimeField(null=True)

    class Meta:
        abstract = True
