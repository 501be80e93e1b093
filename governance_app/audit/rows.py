"""What every table has in common."""

from typing import Any

from django.db import models

from governance_app.audit.capture import capture
from governance_app.domain.errors import Sentence
from governance_app.domain.ids import uuid7


class UncapturedRow(models.Model):
    """A row the ledger does not hold one by one; ``audit/exempt.py`` says why for each model."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True


class Row(models.Model):
    """
    A row whose every change the database writes into the ledger.

    ``version`` counts its edits: an editing service compares it under lock, so that
    of two people editing at once the second is told instead of overwriting.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True
        triggers = capture()


class StaleWrite(Sentence):
    """Somebody changed the row since the writer read it. ``current`` is the row as it is now."""

    def __init__(self, current: Row, *, expected: int) -> None:
        super().__init__(
            f"{current} was changed by somebody else while you were editing "
            f"(you read version {expected}, it is now {current.version}). "
            "Compare both versions and save again."
        )
        self.current, self.expected = current, expected


def check_version(row: Row, expected: int | None) -> None:
    """
    Refuse a write that was made against an older version of a locked row.

    Args:
        row: the row as read under ``select_for_update``.
        expected: the version the writer saw; None when the writer edits blindly (jobs).

    Raises:
        StaleWrite: the versions differ.
    """
    if expected is not None and row.version != expected:
        raise StaleWrite(row, expected=expected)


def save_changes(row: Row, **changes: Any) -> list[str]:
    """
    Set the given fields on a locked row, count the version up and save only what differs.

    Returns:
        The names of the fields that changed; empty when nothing did and nothing was written.
    """
    changed = [name for name, value in changes.items() if getattr(row, name) != value]
    if changed:
        for name in changed:
            setattr(row, name, changes[name])
        row.version += 1
        row.save(update_fields=[*changed, "version"])
    return changed
