"""Row capture: the database itself writes every change into the ledger."""

import pgtrigger
from django.db import models


class _LedgerTrigger(pgtrigger.Trigger):
    """
    A trigger that calls a function of the ledger's owner.

    pgtrigger would create a function that runs as the application and can be skipped
    with ``pgtrigger.ignore``; ours is ``SECURITY DEFINER`` in a schema that the
    application may only read, so the application can neither skip nor forge it.
    """

    func = "RETURN NULL;"  # required by pgtrigger; never called, see render_execute
    call = ""

    def __init__(self, *left_out: str, name: str | None = None) -> None:
        self.left_out = left_out
        super().__init__(name=name)

    def render_execute(self, model: models.Model) -> str:
        arguments = ", ".join(f"'{column}'" for column in self.left_out)
        return f"ledger.{self.call}({arguments})"


class Capture(_LedgerTrigger):
    name = "capture"
    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    call = "capture"


class GuardTruncate(_LedgerTrigger):
    name = "guard_truncate"
    level = pgtrigger.Statement
    when = pgtrigger.Before
    operation = pgtrigger.Truncate
    call = "refuse_truncate"


def capture(*left_out: str) -> list[pgtrigger.Trigger]:
    """
    Give the triggers of a captured model, for its ``Meta.triggers``.

    Args:
        left_out: columns whose values never enter the ledger (secrets, hashes).
    """
    return [Capture(*left_out), GuardTruncate()]
