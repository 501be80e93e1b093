"""Rows under a mapping: typed values, and every refusal with its row, column, value and reason."""

import datetime
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from . import dates, values
from .blanks import is_blank
from .fields import FIELDS, NONE_OF_THESE, UNIT_LEVELS, Field
from .mapping import ColumnRule, InventoryMapping
from .table import Row, Table, squeeze


@dataclass(frozen=True)
class Refusal:
    """
    Something in the file that could not be taken.

    A ``whole_row`` refusal keeps the row out; any other sets the one value aside.
    """

    row: int
    column: str
    value: str
    reason: str
    whole_row: bool = False


@dataclass(frozen=True)
class UnitStep:
    """One step of the way to an initiative's unit: a name and perhaps a code."""

    name: str
    code: str = ""


@dataclass
class Record:
    """
    One row as the mapping reads it.

    ``values`` holds plain JSON values by field key, without blanks. ``raw`` is every cell by
    column label, ``extra`` those of columns without a field. ``hash`` covers the trimmed cells.
    """

    number: int
    raw: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    units: tuple[UnitStep, ...] = ()
    extra: dict[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    hash: str = ""
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        return any(refusal.whole_row for refusal in self.refusals)


def read_records(
    table: Table, mapping: InventoryMapping, *, currency: str = ""
) -> Iterator[Record]:
    """
    Read every row of a table under a mapping, misfits included, in file order.

    Args:
        table: the file.
        mapping: checked against the table.
        currency: meant where neither the cell nor the rule names one.
    """
    reader = _Reader(table, mapping, currency)
    misfits = [
        Record(
            misfit.number,
            {str(i + 1): cell for i, cell in enumerate(misfit.cells)},
            refusals=[
                Refusal(misfit.number, "", " | ".join(misfit.cells)[:200], misfit.reason, True)
            ],
        )
        for misfit in table.misfits
    ]
    both: list[Row | Record] = [*table.rows, *misfits]
    for each in sorted(both, key=lambda row: row.number):
        yield each if isinstance(each, Record) else reader.read(each)


class _Reader:
    """Reads rows one by one, with the rules looked up once."""

    def __init__(self, table: Table, mapping: InventoryMapping, currency: str) -> None:
        self.table, self.mapping, self.currency = table, mapping, currency
        self.plan: list[tuple[Field, ColumnRule, dict[str, str]]] = [
            (
                FIELDS[rule.field],
                rule,
                {said.casefold(): choice for said, choice in rule.values.items()},
            )
            for rule in mapping.rules
        ]
        self.unmapped = mapping.unmapped(table)

    def read(self, row: Row) -> Record:
        cells = {column.label: row.cells[column.position] for column in self.table.columns}
        record = Record(row.number, cells)
        record.hash = _hash(cells)
        record.key = tuple(squeeze(cells.get(label, "")) for label in self.mapping.keys)
        record.extra = {label: cells[label] for label in self.unmapped if cells[label].strip()}
        for target, rule, choices in self.plan:
            text = cells[rule.column]
            if is_blank(text) and squeeze(text).casefold() not in choices:
                continue
            try:
                _PARSERS[target.kind](self, record, target, rule, text.strip())
            except ValueError as error:
                record.refusals.append(
                    Refusal(
                        row.number, rule.column, squeeze(text)[:300], f"This {error}.",
                        whole_row=self.mapping.is_strict,
                    )
                )  # fmt: skip
        record.units = _units(record)
        if not record.values.get("name"):
            record.refusals.append(
                Refusal(
                    row.number,
                    self.mapping.rules_for("name")[0].column,
                    squeeze(cells[self.mapping.rules_for("name")[0].column])[:300],
                    "The name is blank; an initiative needs one.",
                    whole_row=True,
                )
            )
        return record

    def text(self, record: Record, target: Field, rule: ColumnRule, text: str) -> None:
        said = squeeze(text)
        if target.max_length and len(said) > target.max_length:
            raise ValueError(f"holds {len(said)} characters; the most is {target.max_length}")
        record.values[target.key] = said

    def long(self, record: Record, target: Field, rule: ColumnRule, text: str) -> None:
        standing = record.values.get(target.key)
        if standing and standing != text:
            text = f"{standing}\n\n{text}"
        record.values[target.key] = text

    def choice(self, record: Record, target: Field, rule: ColumnRule, text: str) -> None:
        chosen = self._chosen(target, rule, text)
        if chosen:
            record.values[target.key] = chosen

    def choices(self, record: Record, target: Field, rule: ColumnRule, text: str) -> None:
        if rule.choice_for(text) is not None:
            parts = [text]
        else:
            parts = values.parse_list(text, rule.separators or ";|\n,")
        found: list[str] = []
        for part in parts:
            chosen = self._chosen(target, rule, part)
            found += [slug for slug in chosen.split(";") if slug]
        if found:
            _unite(record, target.key, [slug for slug in found if slug != NONE_OF_THESE])

    def flag(self, record: Record, target: Field, rule: ColumnRule, text: str) -> None:
        chosen = rule.choice_for(text)
        says_yes = chosen == "yes" if chosen else values.parse_flag(text)
        if says_yes:
            _unite(record, target.part_of, [target.member])

    def date(self, record: Record, target: Field, rule: ColumnRule, text: str) -> None:
        habits = dates.DateHabits(
            rule.date_order, rule.short_dates, self.mapping.fiscal_start_month,
            rule.years_as_dates,
        )  # fmt: skip
        day = dates.parse_date(text, habits)
        record.values[target.key] = day.on.isoformat()
        if day.precision != "day":
            record.values[f"{target.key}.precision"] = day.precision

    def money(self, record: Record, target: Field, rule: ColumnRule, text: str) -> None:
        amount = values.parse_amount(text)
        if amount.value < 0:
            raise ValueError("is negative, which it cannot be")
        if amount.value >= 10**20:
            raise ValueError("is larger than any amount can be")
        unit = amount.currency or rule.currency or self.currency
        if not unit:
            raise ValueError("names no currency; choose one in the mapping")
        record.values[target.key] = f"{amount.value:f}"
        record.values[f"{target.key}.currency"] = unit

    def tags(self, record: Record, target: Field, rule: ColumnRule, text: str) -> None:
        found = [
            tag for tag in values.parse_list(text, rule.separators or ";|\n") if not is_blank(tag)
        ]
        too_long = [tag for tag in found if len(tag) > target.max_length]
        if too_long:
            raise ValueError(f"holds a tag of more than {target.max_length} characters")
        _unite(record, target.key, found)

    def _chosen(self, target: Field, rule: ColumnRule, text: str) -> str:
        chosen = rule.choice_for(text)
        if chosen is not None:
            return chosen
        said = squeeze(text).casefold()
        for slug, words in target.choices.items():
            if said in {slug, words.casefold()}:
                return slug
        raise ValueError("stands for nothing known; say what in the mapping")


_Parser = Callable[[_Reader, Record, Field, ColumnRule, str], None]
_PARSERS: dict[str, _Parser] = {
    "text": _Reader.text,
    "unit": _Reader.text,
    "code": _Reader.text,
    "person": _Reader.text,
    "long": _Reader.long,
    "choice": _Reader.choice,
    "choices": _Reader.choices,
    "flag": _Reader.flag,
    "date": _Reader.date,
    "money": _Reader.money,
    "tags": _Reader.tags,
}


def as_date(text: str) -> datetime.date:
    """Read back a date that ``read_records`` wrote."""
    return datetime.date.fromisoformat(text)


def _units(record: Record) -> tuple[UnitStep, ...]:
    """Take the unit levels out of the values, outermost first; a blank level is skipped."""
    steps = []
    for level in UNIT_LEVELS:
        name = record.values.pop(f"unit.{level}", "")
        code = record.values.pop(f"unit.{level}.code", "")
        if name:
            steps.append(UnitStep(name, code))
    return tuple(steps)


def _unite(record: Record, key: str, items: list[str]) -> None:
    standing = record.values.setdefault(key, [])
    standing += [item for item in items if item not in standing]


def _hash(cells: dict[str, str]) -> str:
    trimmed = {label: squeeze(cell) for label, cell in cells.items() if cell.strip()}
    return hashlib.sha256(json.dumps(trimmed, sort_keys=True).encode()).hexdigest()
