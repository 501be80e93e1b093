"""A mapping: how one shape of inventory becomes our fields. Saved as JSON, so it outlives code."""

import hashlib
import json
from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any

from governance_app.domain.errors import Sentence

from .fields import FIELDS, NONE_OF_THESE
from .table import Table, squeeze

SCHEMA = 1
_ORDERS = {"", "mdy", "dmy", "ymd"}


class MappingWrong(Sentence):
    """The mapping cannot be used; says which entry and why."""


@dataclass(frozen=True)
class ColumnRule:
    """
    One column of the file and the field it fills.

    ``values`` translates what cells say (trimmed, any case) to choices of the field; an empty
    choice leaves the field unknown. ``date_order`` and ``short_dates`` say how the column writes
    dates; ``years_as_dates`` reads 14 Jul 1905 as the year 2022, which is what a spreadsheet
    makes of it. ``currency`` is meant where none is written; ``confidence`` 0-1 is how sure the
    proposal was.
    """

    column: str
    field: str
    values: AnyMapping[str, str] = dataclass_field(default_factory=dict)
    date_order: str = ""
    short_dates: str = ""
    years_as_dates: bool = False
    currency: str = ""
    separators: str = ""
    confidence: float = 1.0

    def choice_for(self, text: str) -> str | None:
        """Give the choice a cell stands for, empty for unknown, None when the table lacks it."""
        return {said.casefold(): choice for said, choice in self.values.items()}.get(
            squeeze(text).casefold()
        )


@dataclass(frozen=True)
class Reading:
    """What to ask of the reader; empty or 0 means find it in each file."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_row: int = 0


@dataclass(frozen=True)
class InventoryMapping:
    """
    A whole mapping.

    ``keys`` are the columns that together tell rows apart, as well as they can; rows that
    repeat are told apart by an occurrence number. ``is_strict`` refuses a whole row for one
    unreadable value; otherwise the value is set aside, reported, and the row comes in without.
    ``fiscal_start_month`` reads texts such as FY2025.
    """

    name: str
    rules: tuple[ColumnRule, ...]
    keys: tuple[str, ...]
    reading: Reading = Reading()
    is_strict: bool = False
    fiscal_start_month: int = 1
    columns: tuple[str, ...] = ()

    def rules_for(self, field_key: str) -> tuple[ColumnRule, ...]:
        """Give the columns that fill a field, in file order."""
        return tuple(rule for rule in self.rules if rule.field == field_key)

    def rule_of(self, column: str) -> ColumnRule | None:
        """Give what a column is mapped to, or None."""
        return next((rule for rule in self.rules if rule.column == column), None)

    def unmapped(self, table: Table) -> list[str]:
        """List the columns of a file that no field takes; they are kept beside the fields."""
        taken = {rule.column for rule in self.rules}
        return [column.label for column in table.columns if column.label not in taken]

    def named(self, name: str) -> "InventoryMapping":
        """Give the same mapping under another name."""
        return replace(self, name=name)


def signature(columns: Iterable[str]) -> str:
    """Give the digest of a set of column labels: the shape of an inventory."""
    text = json.dumps(sorted(squeeze(label).casefold() for label in columns))
    return hashlib.sha256(text.encode()).hexdigest()


def check(mapping: InventoryMapping, table: Table | None = None) -> None:
    """
    Refuse a mapping that cannot work, and one that the file does not fit.

    Raises:
        MappingWrong: names the entry.
    """
    if not mapping.rules_for("name"):
        raise MappingWrong("Choose the column that holds the name of each initiative.")
    if not mapping.keys:
        raise MappingWrong("Choose at least one column that tells the rows apart.")
    seen: set[str] = set()
    for rule in mapping.rules:
        known = FIELDS.get(rule.field)
        if known is None:
            raise MappingWrong(
                f"It is mapped to {rule.field}, which is no field of an initiative.",
                column=rule.column,
            )
        if rule.field in seen and not known.takes_many:
            raise MappingWrong(
                f"{known.label} is filled from two columns; this is the second. Choose one.",
                column=rule.column,
            )
        seen.add(rule.field)
        for said, choice in rule.values.items():
            parts = [part for part in choice.split(";") if part]
            wrong = [p for p in parts if p not in known.choices and p != NONE_OF_THESE]
            if known.choices and wrong:
                raise MappingWrong(
                    f"“{said}” stands for {wrong[0]}, which {known.label}"
                    f" does not know. It knows: {', '.join(known.choices)}.",
                    column=rule.column,
                    value=said,
                )
        if rule.date_order not in _ORDERS:
            raise MappingWrong(
                f"The order of dates is mdy, dmy or ymd, not {rule.date_order}.",
                column=rule.column,
            )
    levels = [level for level in (1, 2, 3) if mapping.rules_for(f"unit.{level}")]
    if levels and levels != list(range(1, len(levels) + 1)):
        raise MappingWrong("Unit levels must start at level 1 and leave none out.")
    if table is not None:
        absent = [rule.column for rule in mapping.rules if not table.has(rule.column)]
        absent += [key for key in mapping.keys if not table.has(key) and key not in absent]
        if absent:
            raise MappingWrong(
                f"There is no column {absent[0]}, which the mapping {mapping.name}"
                " needs. Use another mapping, or correct this one.",
                file=table.file,
                column=absent[0],
            )


def to_json(mapping: InventoryMapping) -> dict[str, Any]:
    """Write a mapping as plain data; ``from_json`` reads it back the same."""
    return {
        "schema": SCHEMA,
        "name": mapping.name,
        "reading": {key: value for key, value in vars(mapping.reading).items() if value},
        "is_strict": mapping.is_strict,
        "fiscal_start_month": mapping.fiscal_start_month,
        "keys": list(mapping.keys),
        "columns": list(mapping.columns),
        "rules": [_rule_json(rule) for rule in mapping.rules],
    }


def from_json(data: Any) -> InventoryMapping:
    """
    Read a mapping from plain data.

    Raises:
        MappingWrong: it is no mapping, of a later schema, or holds an unknown entry.
    """
    if not isinstance(data, dict) or "rules" not in data:
        raise MappingWrong("This is not a mapping: it has no rules.")
    if data.get("schema") != SCHEMA:
        raise MappingWrong(
            f"This mapping has schema {data.get('schema')}; this version reads schema {SCHEMA}."
        )
    try:
        return InventoryMapping(
            name=str(data.get("name", "")),
            rules=tuple(_rule(each) for each in data["rules"]),
            keys=tuple(str(key) for key in data.get("keys", ())),
            reading=Reading(**data.get("reading", {})),
            is_strict=bool(data.get("is_strict", False)),
            fiscal_start_month=_month(data.get("fiscal_start_month", 1)),
            columns=tuple(str(label) for label in data.get("columns", ())),
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise MappingWrong(f"This mapping cannot be read: {error}.") from None


def _rule_json(rule: ColumnRule) -> dict[str, Any]:
    said: dict[str, Any] = {"column": rule.column, "field": rule.field}
    optional = {
        "values": dict(rule.values),
        "date_order": rule.date_order,
        "short_dates": rule.short_dates,
        "years_as_dates": rule.years_as_dates,
        "currency": rule.currency,
        "separators": rule.separators,
    }
    said.update({key: value for key, value in optional.items() if value})
    if rule.confidence < 1:
        said["confidence"] = rule.confidence
    return said


def _rule(data: dict[str, Any]) -> ColumnRule:
    rule = ColumnRule(**data)
    return replace(rule, values={squeeze(str(k)): str(v or "") for k, v in rule.values.items()})


def _month(value: Any) -> int:
    month = int(value)
    if not 1 <= month <= 12:
        raise MappingWrong(f"A fiscal year starts in month 1 to 12, not {month}.")
    return month


def strict(mapping: InventoryMapping) -> InventoryMapping:
    """Give the same mapping, refusing a whole row for one unreadable value."""
    return replace(mapping, is_strict=True)
