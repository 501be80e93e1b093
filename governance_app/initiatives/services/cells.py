"""Changing many cells of the portfolio table in one go, and taking that back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.errors import Sentence
from governance_app.initiatives import cells
from governance_app.initiatives.models import Initiative, TableChange
from governance_app.initiatives.services import register
from governance_app.people import access
from governance_app.people.models import User

#: Told after each initiative: how many are done, and of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class RowChange:
    """What one initiative shall hold: cell -> text, made from the version its writer saw."""

    initiative: Initiative
    version: int | None
    cells: Mapping[str, str]


@recorded
def change_cells(
    *,
    changes: Sequence[RowChange],
    by: User,
    sentence: str = "",
    progress: Progress | None = None,
) -> TableChange:
    """
    Change cells of several initiatives in one transaction: all of them, or none.

    Args:
        changes: at most ``cells.MOST_ROWS``, each initiative once.
        sentence: what this was, for the list of changes; made from the cells when left out.

    Returns:
        What was changed, from which it can be taken back.

    Raises:
        Sentence: a cell cannot hold its text (names the initiative), or nothing would change.
        StaleWrite: somebody changed one of the initiatives meanwhile.
        Refused: ``by`` may not edit one of them.
    """
    if len(changes) > cells.MOST_ROWS:
        raise Sentence(
            f"{len(changes):,} initiatives are too many at once; the most is {cells.MOST_ROWS:,}."
            " Use an import."
        )
    kept = []
    for count, change in enumerate(_in_order(changes), start=1):
        if held := _apply(change, by):
            kept.append(held)
        if progress is not None:
            progress(count, len(changes))
    if not kept:
        raise Sentence("Every cell holds that already; nothing was changed.")
    return TableChange.objects.create(
        made_by=by, sentence=(sentence or _sentence(kept))[:300], cells=kept
    )


@recorded
def undo_change(*, change: TableChange, by: User, progress: Progress | None = None) -> TableChange:
    """
    Put every cell of a change back to what it held before: all of them, or none.

    Raises:
        Sentence: somebody else made it, it was taken back already, or a cell was changed since.
        Refused: ``by`` may no longer edit one of the initiatives.
    """
    row = TableChange.objects.select_for_update().get(pk=change.pk)
    if row.made_by_id != by.pk:
        raise Sentence("Only the person who made a change can take it back.")
    if row.undone_at is not None:
        raise Sentence("This was taken back already.")
    for count, kept in enumerate(row.cells, start=1):
        here = register.lock(Initiative.objects.get(key=kept["key"]))
        for name, (_before, after) in kept["cells"].items():
            if cells.text_of(here, name) != after:
                label = cells.CELLS[name].label.lower()
                raise Sentence(f"{here.key}: {label} was changed again since; change it by hand.")
        texts = {name: before for name, (before, _after) in kept["cells"].items()}
        _apply(RowChange(here, None, texts), by)
        if progress is not None:
            progress(count, len(row.cells))
    save_changes(row, undone_at=timezone.now())
    return row


def _in_order(changes: Sequence[RowChange]) -> list[RowChange]:
    """Lock in one order, so that two changes at once wait instead of blocking each other."""
    return sorted(changes, key=lambda change: change.initiative.number)


def _apply(change: RowChange, by: User) -> dict[str, Any] | None:
    """Change one initiative; give what it held and holds, or None when nothing differs."""
    access.require(by, "initiative.edit", change.initiative)
    row = register.lock(change.initiative)
    check_version(row, change.version)
    before = {name: cells.text_of(row, name) for name in change.cells}
    try:
        values = {name: cells.read(name, text) for name, text in change.cells.items()}
        unit = values.pop("unit", None)
        if values:
            row = register.edit(initiative=row, by=by, **values)
        if unit is not None:
            row = register.move_unit(initiative=row, unit=unit, by=by)
    except access.Refused:
        raise
    except Sentence as refusal:
        raise Sentence(f"{change.initiative.key}: {refusal}") from refusal
    after = {name: cells.text_of(row, name) for name in change.cells}
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if not changed:
        return None
    return {"key": row.key, "version": row.version, "cells": changed}


def _sentence(kept: Sequence[Mapping[str, Any]]) -> str:
    names = dict.fromkeys(name for row in kept for name in row["cells"])
    labels = ", ".join(cells.CELLS[name].label.lower() for name in names)
    if len(kept) == 1:
        return f"{kept[0]['key']}: {labels}"
    return f"{labels.capitalize()} of {len(kept)} initiatives"
