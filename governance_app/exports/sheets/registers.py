"""Sheets of registers: inventories as regulators want them, third parties, risks, incidents."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

import polars as pl

from governance_app.compliance import selectors as compliance
from governance_app.compliance.models import Library
from governance_app.compliance.reading import EU_AI_ACT, OMB, THIRD_PARTIES, content_of, shipped
from governance_app.domain.frameworks import InventoryColumn
from governance_app.exports.columns import DTYPES, Column, Kind
from governance_app.exports.sheets.base import Controls, Sheet
from governance_app.people.models import User
from governance_app.risk import selectors as risk
from governance_app.spend.selectors import SpendFilter

#: Rows that are written at a time.
BATCH = 1000
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


class _Register(Sheet):
    """A sheet without amounts: its rows are a register, in the columns of the register."""

    amounts: ClassVar[Mapping[str, str]] = {}

    def controls(self, *, viewer: User, chosen: SpendFilter) -> Controls:
        """Give nothing to sum: a register holds no amounts that a ledger could prove."""
        return {}

    def frames(self, *, viewer: User, chosen: SpendFilter) -> Iterator[pl.DataFrame]:
        columns = self.columns
        schema = {column.name: DTYPES[column.kind] for column in columns}
        batch: list[tuple[Any, ...]] = []
        for cells in self.rows(viewer):
            batch.append(
                tuple(_cell(column, cell) for column, cell in zip(columns, cells, strict=True))
            )
            if len(batch) == BATCH:
                yield pl.DataFrame(batch, schema=schema, orient="row")
                batch = []
        yield pl.DataFrame(batch, schema=schema, orient="row")

    def rows(self, viewer: User) -> Iterable[tuple[Any, ...]]:
        """Give the rows in the order of the columns."""
        raise NotImplementedError


def _cell(column: Column, cell: Any) -> Any:
    if column.kind == Kind.TEXT:
        return "" if cell is None else cell.isoformat() if isinstance(cell, dt.date) else str(cell)
    return cell


def _columns(key: str) -> tuple[InventoryColumn, ...]:
    """Give the columns of the library that counts; before any is loaded, those shipped."""
    row = Library.objects.filter(key=key, is_current=True).select_related("file").first()
    return (content_of(row) if row is not None else shipped(key)).columns


def _named(columns: Iterable[InventoryColumn]) -> tuple[Column, ...]:
    """Name each column once for machines, by its title."""
    seen: dict[str, int] = {}
    named = []
    for column in columns:
        name = _NOT_A_WORD.sub("_", column.title.lower()).strip("_")[:60]
        seen[name] = seen.get(name, 0) + 1
        unique = name if seen[name] == 1 else f"{name}_{seen[name]}"
        kind = Kind.DATE if column.source.endswith("_on") else Kind.TEXT
        named.append(Column(unique, column.title, kind, 24))
    return tuple(named)


class _Inventory(_Register):
    """The regulatory inventory of one scheme; its columns stand in the framework's file."""

    scheme: ClassVar[str]

    @property
    def columns(self) -> tuple[Column, ...]:  # type: ignore[override]
        """The columns as the current version of the framework names them."""
        return _named(_columns(self.scheme))

    def rows(self, viewer: User) -> Iterable[tuple[Any, ...]]:
        for entry in compliance.inventory(viewer=viewer, scheme=self.scheme):
            yield entry.cells


class EuRegister(_Inventory):
    """Every initiative with what the EU's register of AI systems asks, and its tier and duties."""

    name = "eu_register"
    title = "EU AI Act inventory"
    scheme = EU_AI_ACT


class OmbInventory(_Inventory):
    """Every initiative in the columns of the yearly inventory of US federal AI use cases."""

    name = "omb_inventory"
    title = "OMB AI use case inventory"
    scheme = OMB


class ThirdPartyRegister(_Register):
    """The register of contractual arrangements on ICT services, in the columns DORA asks for."""

    name = "third_party_register"
    title = "Third-party register"

    @property
    def columns(self) -> tuple[Column, ...]:  # type: ignore[override]
        """The columns as the current version of the questionnaire names them."""
        return _named(_columns(THIRD_PARTIES))

    def rows(self, viewer: User) -> Iterable[tuple[Any, ...]]:
        _, rows = compliance.third_party_register(viewer=viewer)
        yield from rows


class RiskRegister(_Register):
    """Every open risk, worst first."""

    name = "risk_register"
    title = "Risk register"
    columns = (
        Column("initiative", "Initiative", width=12),
        Column("category", "Category", width=18),
        Column("title", "Risk", width=50),
        Column("inherent", "Inherent", Kind.COUNT, 9),
        Column("residual", "Residual", Kind.COUNT, 9),
        Column("level", "Level", width=14),
        Column("appetite", "Appetite", Kind.COUNT, 9),
        Column("is_above_appetite", "Above appetite", width=14),
        Column("confidence", "Confidence", width=11),
        Column("owner", "Owner", width=22),
        Column("reviewed_on", "Reviewed on", Kind.DATE, 12),
        Column("review_due_on", "Review due on", Kind.DATE, 12),
    )

    def rows(self, viewer: User) -> Iterable[tuple[Any, ...]]:
        for row in risk.register_rows(viewer=viewer):
            above = "yes" if row["is_above_appetite"] else "no"
            kept = {**row, "is_above_appetite": above}
            yield tuple(kept[column.name] for column in self.columns)


class Incidents(_Register):
    """Every incident, open ones first."""

    name = "incidents"
    title = "Incidents"
    columns = (
        Column("key", "Incident", width=10),
        Column("initiative", "Initiative", width=12),
        Column("title", "What happened", width=50),
        Column("severity", "Severity", width=10),
        Column("state", "State", width=10),
        Column("occurred_at", "Happened", Kind.MOMENT, 18),
        Column("aware_at", "Known here", Kind.MOMENT, 18),
        Column("closed_at", "Closed", Kind.MOMENT, 18),
        Column("owner", "Led by", width=22),
        Column("cause", "Cause", width=40),
        Column("lessons", "What was learned", width=40),
    )

    def rows(self, viewer: User) -> Iterable[tuple[Any, ...]]:
        for row in risk.incidents(viewer=viewer).iterator(chunk_size=BATCH):
            yield (
                row.key, row.initiative.key, row.title, row.get_severity_display(),
                row.get_state_display(), _utc(row.occurred_at), _utc(row.aware_at),
                _utc(row.closed_at), row.owner.name if row.owner else "", row.cause, row.lessons,
            )  # fmt: skip


def _utc(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.astimezone(dt.UTC) if moment else None
