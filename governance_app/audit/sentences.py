"""How an event reads: one sentence, and the fields that changed."""

import re
from dataclasses import dataclass
from typing import Any

from django.apps import apps

VERBS = {"INSERT": "Added", "UPDATE": "Changed", "DELETE": "Deleted"}
_SILENT = {"version", "id", "created_at"}
_NAMED_BY = ("name", "title", "key", "email", "sentence", "code", "slug", "kind", "month")


@dataclass(frozen=True)
class Difference:
    """One field before and after; None where there was no row."""

    field: str
    before: str | None
    after: str | None


def thing(table: str) -> str:
    """
    Give the words for a table: its model's name.

    >>> thing("unknown_table")
    'unknown table'
    """
    for model in apps.get_models():
        if model._meta.db_table == table:
            return str(model._meta.verbose_name)
    return table.replace("_", " ")


def sentence(
    op: str, table: str, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> str:
    """
    Say in words what a row change did: ``Changed scope node: name, code``.

    Notes carry a sentence of their own; this is for what the trigger saw.
    """
    verb, words = VERBS.get(op, op.capitalize()), thing(table)
    if op == "UPDATE":
        fields = ", ".join(_words(field) for field in (after or {}) if field not in _SILENT)
        return f"{verb} {words}: {fields}" if fields else f"{verb} {words}"
    row = after or before or {}
    name = next((str(row[field]) for field in _NAMED_BY if row.get(field)), "")
    return f"{verb} {words} {name[:120]}".rstrip()


def differences(before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[Difference]:
    """Give the fields that differ, in the order of their names, values as text."""
    fields = sorted({*(before or {}), *(after or {})} - _SILENT)
    return [Difference(_words(f), _text(before, f), _text(after, f)) for f in fields]


def _text(row: dict[str, Any] | None, field: str) -> str | None:
    if row is None:
        return None
    value = row.get(field)
    return "" if value is None else str(value)


def _words(field: str) -> str:
    return re.sub(r"_id$", "", field).replace("_", " ")
