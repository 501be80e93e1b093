"""
Every bill line with who bears it, out of the archives: for exports.

What a key-month gives each initiative is known exactly; the lines of it split that amount again,
so that the lines of an initiative sum to its months to the last digit. METHOD section 6.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
import pyarrow.parquet as pq
from django.db import connection

from governance_app.domain.allocation import from_units, to_units
from governance_app.domain.errors import Sentence
from governance_app.files import selectors as files
from governance_app.people.models import User
from governance_app.spend.coding import FIELDS
from governance_app.spend.focus.archive import KEY_ID
from governance_app.spend.models import LoadArchive
from governance_app.spend.selectors.explore import SpendFilter, where
from governance_app.spend.selectors.ledger import COLUMNS, PARTS, expressions

#: Lines read at a time.
BATCH = 32_768
#: What adds up, and so is split: column of the archive -> amount of the key-month.
SPLIT = {
    "BilledCost": "billed",
    "EffectiveCost": "effective",
    "ContractedCost": "contracted",
    "ListCost": "list",
    "ConsumedQuantity": "consumed",
    "PricingQuantity": "priced",
}
#: What stands with each line besides what the bill says: who bears it, and its coding.
BORNE = ("initiative", "name", "unit", "rule", "rule_version", "share", *FIELDS)
_MONEY = pl.Decimal(38, 18)
_PLACE = (KEY_ID, "charge_month", "invoice", "currency")
_NEEDED = ("ChargePeriodStart", "InvoiceId", "BillingCurrency", KEY_ID)


class LinesWaiting(Sentence):
    """The lines of a load are not in its archive yet; waiting helps."""


@dataclass(frozen=True, slots=True)
class LoadLines:
    """The lines of one load: where it comes from, and its frames."""

    load_id: uuid.UUID
    source: str
    scope: str
    number: int
    frames: Iterator[pl.DataFrame]


def line_frames(
    *, viewer: User, chosen: SpendFilter, columns: Sequence[str]
) -> Iterator[LoadLines]:
    """
    Yield the lines of what is asked for, load by load, with who bears them.

    Args:
        columns: names of the archive's columns that are wanted; one that an archive lacks is
            null in its frames.

    Yields:
        frames of ``columns`` and ``BORNE``, in the order of the archive. A line that several
        initiatives bear stands once for each, with its part of every amount in ``SPLIT``.

    Raises:
        LinesWaiting: names how many loads have no archive yet.
    """
    condition, values = where(viewer, chosen, of_keys=True)
    loads = _loads(condition, values)
    archives = _archives(loads)
    for load_id, _, source, scope, number in loads:
        parts = _parts(load_id, condition, values)
        frames = _load_frames(archives[load_id], parts, columns)
        yield LoadLines(load_id, source, scope, number, frames)


def line_columns(*, viewer: User, chosen: SpendFilter) -> tuple[str, ...]:
    """Give every column that the archives of what is asked for hold, in their order."""
    names: dict[str, None] = {}
    for archive in _archives(_loads(*where(viewer, chosen, of_keys=True))).values():
        names |= dict.fromkeys(pq.read_schema(files.local_path(file=archive.file)).names)
    names.pop(KEY_ID, None)
    return tuple(names)


def _loads(condition: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT l.id, l.period, f.name, l.scope, l.number {PARTS} WHERE {condition}"
            " ORDER BY l.period, f.name, l.scope, l.id",
            values,
        )
        return cursor.fetchall()


def _archives(loads: Sequence[tuple[Any, ...]]) -> dict[uuid.UUID, LoadArchive]:
    """
    Give the archive of each load.

    Raises:
        LinesWaiting: a load has none yet.
    """
    found = LoadArchive.objects.filter(load__in=[row[0] for row in loads]).select_related("file")
    archives = {one.load_id: one for one in found}
    missing = [row for row in loads if row[0] not in archives]
    if missing:
        what = "load is" if len(missing) == 1 else "loads are"
        raise LinesWaiting(
            f"The lines of {len(missing)} {what} still being archived, the first of {missing[0][2]}"
            f" for {missing[0][1]:%B %Y}. Ask again in a minute."
        )
    return archives


def _parts(load_id: uuid.UUID, condition: str, values: dict[str, Any]) -> "_Parts":
    """Give who bears each key-month of a load: alone, or a part of every amount of it."""
    alone = _copied(
        dict.fromkeys(BORNE, ""),
        f"l.id = %(load)s AND p.id IS NULL AND {condition}",
        load_id,
        values,
    )
    amounts = {f"part_{name}": COLUMNS[name] for name in SPLIT.values()}
    amounts |= {f"whole_{name}": f"km.{name}" for name in SPLIT.values()}
    split = _copied(
        amounts, f"l.id = %(load)s AND p.id IS NOT NULL AND {condition}", load_id, values
    ).with_columns(pl.col(name).cast(_MONEY) for name in amounts)
    return _Parts(alone, split)


def _copied(
    more: dict[str, str], condition: str, load_id: uuid.UUID, values: dict[str, Any]
) -> pl.DataFrame:
    columns, coded = expressions()
    wanted = {name: columns[name] for name in BORNE} | {k: v for k, v in more.items() if v}
    query = (
        "COPY (SELECT replace(m.key_id::text, '-', ''), m.charge_month, m.invoice, m.currency,"
        f" {', '.join(wanted.values())} {PARTS} WHERE {condition}) TO STDOUT (FORMAT csv)"
    )
    asked = {**values, **coded, "load": load_id}
    with connection.cursor() as cursor, cursor.copy(query, asked) as copy:
        content = b"".join(bytes(block) for block in copy)
    heads = [*_PLACE, *wanted]
    if content:
        read = pl.read_csv(content, has_header=False, new_columns=heads, infer_schema=False)
    else:
        read = pl.DataFrame(schema=dict.fromkeys(heads, pl.String))
    return read.with_columns(
        pl.col(KEY_ID).str.decode("hex"),
        pl.col("charge_month").str.to_date("%Y-%m-%d"),
        pl.col("invoice", "initiative", "name", "unit", "rule", *FIELDS).fill_null(""),
        pl.col("rule_version").cast(pl.Int64),
        pl.col("share").cast(_MONEY),
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    alone: pl.DataFrame
    split: pl.DataFrame


def _load_frames(
    archive: LoadArchive, parts: _Parts, columns: Sequence[str]
) -> Iterator[pl.DataFrame]:
    shared = _Shared(parts.split)
    with pq.ParquetFile(files.local_path(file=archive.file)) as source:
        held = set(source.schema_arrow.names)
        wanted = [name for name in dict.fromkeys((*columns, *SPLIT, *_NEEDED)) if name in held]
        for batch in source.iter_batches(batch_size=BATCH, columns=wanted):
            lines = pl.DataFrame(pl.from_arrow(batch)).with_columns(
                pl.col("ChargePeriodStart").dt.replace_time_zone(None).dt.date().dt.truncate("1mo")
                .alias("charge_month"),
                pl.col("InvoiceId").fill_null("").alias("invoice"),
                pl.col("BillingCurrency").alias("currency"),
            )  # fmt: skip
            found = lines.join(parts.alone, on=_PLACE, how="inner", maintain_order="left")
            if parts.split.height:
                found = pl.concat([found, shared.of(lines).select(found.columns)])
            absent = [pl.lit(None).alias(name) for name in columns if name not in held]
            yield found.with_columns(absent).select(*columns, *BORNE)


class _Shared:
    """
    Splits lines that several bear: of the lines of a key-month, the first k together give an
    initiative the share of their sum that it has of the whole, so all of them give it its part.
    """

    def __init__(self, split: pl.DataFrame) -> None:
        self.split = split
        #: (column, key-month, initiative) -> sum of the lines so far, and what of it was given.
        self.so_far: dict[tuple[Any, ...], tuple[int, int]] = {}

    def of(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Give the parts of lines, each with its part of every amount."""
        joined = lines.join(self.split, on=_PLACE, how="inner", maintain_order="left")
        places = joined.select(*_PLACE, "initiative").rows()
        made = []
        for name, amount in SPLIT.items():
            if name in lines.columns:
                rows = joined.select(name, f"part_{amount}", f"whole_{amount}", "share").rows()
                parts = [
                    self._part((name, *place), *row)
                    for place, row in zip(places, rows, strict=True)
                ]
                made.append(pl.Series(name, parts, dtype=_MONEY))
        return joined.with_columns(made)

    def _part(
        self,
        place: tuple[Any, ...],
        amount: Decimal | None,
        part: Decimal | None,
        whole: Decimal | None,
        share: Decimal,
    ) -> Decimal | None:
        if amount is None:
            return None
        if part is None or not whole:
            part, whole = share, Decimal(1)
        summed, given = self.so_far.get(place, (0, 0))
        summed += to_units(amount)
        until_now = summed * to_units(part) // to_units(whole)
        self.so_far[place] = summed, until_now
        return from_units(until_now - given)
