"""
The lines of a delivery as sorted Parquet: every canonical and every received column.

Canonical columns are typed (money decimal128(38,18), moments UTC); columns FOCUS does not know
are kept as the text they came as. Each batch is sorted by key and written as row groups of its
own, so memory stays bounded and the statistics of a row group still narrow a search down.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from governance_app.spend.focus import values
from governance_app.spend.focus.ahead import ahead
from governance_app.spend.focus.bill import Bill, Progress
from governance_app.spend.focus.columns import AI_COLUMNS, BY_NAME, CANONICAL, Kind
from governance_app.spend.focus.judge import MAY_BE_FINER, MONEY, Judge
from governance_app.spend.focus.keymonths import KeyMonths

#: The ledger's key of a line: what drill-down filters by.
KEY_ID = "x_SpendKey"
SORTED_BY = ("ServiceName", "SubAccountId", "ResourceId", "ChargePeriodStart")
ROW_GROUP = 50_000
_SCOPE, _MONTH = "\x00scope", "\x00month"

Place = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Archived:
    """One written file: the lines of a scope and billing month."""

    path: Path
    rows: int


def write_archives(
    bill: Bill,
    folder: Path,
    *,
    place: Callable[[str], str] = str,
    wanted: Sequence[Place],
    progress: Progress | None = None,
) -> dict[Place, Archived]:
    """
    Write the lines of some scopes and billing months, each to a Parquet file of its own.

    Args:
        bill: freshly opened; its lines are read once more, with all their columns.
        folder: where the files go, named by number.
        place: gives the scope of a billing account's lines.
        wanted: the (scope, billing month) pairs to write; other lines are left out.
    """
    others = [name for name in bill.report.unknown_columns if name != KEY_ID]
    schema = _schema(others)
    writers: dict[Place, tuple[pq.ParquetWriter, Path]] = {}
    rows: dict[Place, int] = {}
    keys = KeyMonths(bill.report)
    try:
        for at, part in ahead(_parts(bill, others, keys, place, progress)):
            if at not in wanted:
                continue
            if at not in writers:
                path = folder / f"{len(writers)}.parquet"
                writers[at] = (_writer(path, schema), path)
            table = part.sort(SORTED_BY, nulls_last=True).select(schema.names).to_arrow()
            writers[at][0].write_table(table.cast(schema), row_group_size=ROW_GROUP)
            rows[at] = rows.get(at, 0) + part.height
    finally:
        for writer, _ in writers.values():
            writer.close()
    return {at: Archived(path, rows[at]) for at, (_, path) in writers.items()}


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Write what repeats as dictionaries, and the least and most of what lines are sought by."""
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=[field.name for field in schema if pa.types.is_string(field.type)],
        write_statistics=[*SORTED_BY, KEY_ID],
    )


def _parts(
    bill: Bill,
    others: Sequence[str],
    keys: KeyMonths,
    place: Callable[[str], str],
    progress: Progress | None,
) -> Iterator[tuple[Place, pl.DataFrame]]:
    """Give the whole lines of each batch, apart by scope and billing month."""
    for judge, batch in bill.batches():
        lines = _whole_lines(judge, batch.frame, judge.lines(batch), others, keys)
        named = {one: place(one) for one in lines["BillingAccountId"].unique().to_list()}
        months = lines[_MONTH].unique().to_list()
        if len(set(named.values())) == 1 and len(months) == 1:
            yield (next(iter(named.values())), months[0]), lines
        else:
            scopes = pl.col("BillingAccountId").replace(named).alias(_SCOPE)
            parts = lines.with_columns(scopes).partition_by(_SCOPE, _MONTH, as_dict=True)
            yield from (((str(key[0]), key[1]), part) for key, part in parts.items())  # type: ignore[misc]
        if progress is not None:
            progress(bill.report.rows)


def _schema(others: Sequence[str]) -> pa.Schema:
    kinds: Mapping[Kind, pa.DataType] = {
        Kind.TEXT: pa.string(),
        Kind.JSON: pa.string(),
        Kind.DECIMAL: pa.decimal128(38, values.PLACES),
        Kind.MOMENT: pa.timestamp("us", "UTC"),
    }
    fields = [(name, kinds[BY_NAME[name].kind]) for name in CANONICAL]
    fields += [(name, pa.string()) for name in ("ProviderName", "PublisherName", *AI_COLUMNS)]
    known = {name for name, _ in fields}
    fields += [(name, pa.string()) for name in others if name not in known]
    fields.append((KEY_ID, pa.binary(16)))
    return pa.schema(fields)


def _whole_lines(
    judge: Judge,
    received: pl.DataFrame,
    lines: pl.DataFrame,
    others: Sequence[str],
    keys: KeyMonths,
) -> pl.DataFrame:
    """Put the columns that counting did not need beside the judged ones."""
    kept = received if lines.height == received.height else received[lines["place"]]
    made: list[pl.Series] = []
    for name in (*CANONICAL, "ProviderName", "PublisherName", *AI_COLUMNS):
        kind = BY_NAME[name].kind if name in BY_NAME else Kind.TEXT
        if kind is Kind.MOMENT:
            made.append(lines[f"{name}_at"].dt.replace_time_zone("UTC").alias(name))
        elif name in lines.columns and lines[name].dtype == MONEY:
            made.append(lines[name])
        elif name == "HostProviderName" and judge.reading.host_is_provider:
            host = _other(judge, kept, name, kind)
            made.append(host.fill_null(lines["ServiceProviderName"]).alias(name))
        elif name in lines.columns and kind is not Kind.DECIMAL:
            made.append(lines[name].cast(pl.String))
        else:
            made.append(_other(judge, kept, name, kind))
    made += [
        (
            kept[name].cast(pl.String)
            if name in kept.columns
            else pl.repeat(None, kept.height, dtype=pl.String, eager=True)
        ).alias(name)
        for name in others
    ]
    whole = pl.DataFrame(made)
    return whole.with_columns(
        keys.key_ids(lines).alias(KEY_ID), lines["billing_month"].alias(_MONTH)
    )


def _other(judge: Judge, kept: pl.DataFrame, name: str, kind: Kind) -> pl.Series:
    sources = [
        source for source in judge.mapped.sources.get(name, (name,)) if source in kept.columns
    ]
    dtype = MONEY if kind is Kind.DECIMAL else pl.String
    if not sources:
        return pl.repeat(None, kept.height, dtype=dtype, eager=True).alias(name)
    series = kept[sources[0]]
    if kind is Kind.DECIMAL and series.dtype == pl.String:
        return _read_money(series).alias(name)
    return series.cast(dtype).alias(name)


def _read_money(series: pl.Series) -> pl.Series:
    """Read a decimal no figure is made of; an unreadable one is null here, text in its file."""

    def read(text: str) -> object:
        try:
            return values.to_places(values.read_decimal(text))
        except values.Unreadable:
            return None

    plainly = series.cast(MONEY, strict=False)
    unusual = (plainly.is_null() | series.str.contains(MAY_BE_FINER)) & series.is_not_null()
    if not unusual.any():
        return plainly
    distinct = series.filter(unusual).unique().to_list()
    slowly = series.replace_strict(
        pl.Series(distinct, dtype=pl.String),
        pl.Series([read(text) for text in distinct], dtype=MONEY),
        default=None,
        return_dtype=MONEY,
    )
    return pl.select(pl.when(unusual).then(slowly).otherwise(plainly)).to_series()
