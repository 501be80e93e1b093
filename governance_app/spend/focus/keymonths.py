"""
Lines into key-months: exact sums per combination of descriptive columns.

A key is identified by a 128-bit digest of its canonical form, so that several readers need
no common allocator of numbers; the ledger verifies that equal digests are equal keys.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from governance_app.domain.errors import Sentence
from governance_app.spend.focus import values
from governance_app.spend.focus.columns import COSTS, KEY_COLUMNS, QUANTITIES
from governance_app.spend.focus.judge import MONEY
from governance_app.spend.focus.report import Report

SEPARATOR = "\x1f"
NOTHING = "\x1e"

#: Groups held in memory before they are given away; the ledger adds the parts up.
HELD = 300_000

_WHERE = ("InvoiceId", "billing_month", "charge_month", "BillingCurrency")
#: Costs a bill may not know (null); a sum with an unknown part is unknown.
_MAYBE = ("ContractedCost", "ListCost")


@dataclass(frozen=True, slots=True)
class Partial:
    """
    Some key-months of a bill; the same key-month may come again in a later part.

    ``keys``: key_id (16 bytes), then ``KEY_COLUMNS`` as text. ``months``: key_id, InvoiceId
    ("" for none), billing_month, charge_month, BillingCurrency, ``COSTS``, ``QUANTITIES``
    (Decimal(38,18), null = unknown) and lines.
    """

    keys: pl.DataFrame
    months: pl.DataFrame


class KeyMonths:
    """Adds up batches of lines, giving parts away when too many groups are held."""

    def __init__(self, report: Report, *, held: int = HELD) -> None:
        self.report, self.held = report, held
        self._parts: list[pl.DataFrame] = []
        self._groups = 0
        self._tags: dict[str, str | None] = {}

    def add(self, lines: pl.DataFrame) -> Iterator[Partial]:
        """Add lines as ``Judge.lines`` gives them; yields parts when memory asks for it."""
        grouped = _grouped(
            lines.with_columns(pl.lit(1, pl.Int64).alias("lines")), (*KEY_COLUMNS, *_WHERE)
        )
        self._parts.append(grouped)
        self._groups += grouped.height
        if self._groups > self.held:
            merged = _grouped(pl.concat(self._parts), (*KEY_COLUMNS, *_WHERE))
            if merged.height * 2 > self.held:
                self._parts, self._groups = [], 0
                yield self._partial(merged)
            else:
                self._parts, self._groups = [merged], merged.height

    def rest(self) -> Iterator[Partial]:
        """Give what is still held."""
        if self._parts:
            merged = _grouped(pl.concat(self._parts), (*KEY_COLUMNS, *_WHERE))
            self._parts, self._groups = [], 0
            yield self._partial(merged)

    def key_ids(self, lines: pl.DataFrame) -> pl.Series:
        """Give the key of each line, as the parts name it."""
        tagged = lines.with_columns(self._canonical_tags(lines["Tags"])).select(KEY_COLUMNS)
        keys = tagged.unique(maintain_order=True)
        keys = keys.with_columns(digests(keys, file=self.report.file).alias("key_id"))
        return tagged.join(
            keys, on=KEY_COLUMNS, how="left", nulls_equal=True, maintain_order="left"
        )["key_id"]

    def _partial(self, groups: pl.DataFrame) -> Partial:
        tagged = groups.with_columns(self._canonical_tags(groups["Tags"]))
        keys = tagged.select(KEY_COLUMNS).unique(maintain_order=True)
        keys = keys.with_columns(digests(keys, file=self.report.file).alias("key_id"))
        joined = tagged.join(keys, on=KEY_COLUMNS, how="left", nulls_equal=True)
        months = _grouped(
            joined.with_columns(pl.col("InvoiceId").fill_null("")), ("key_id", *_WHERE)
        )
        return Partial(keys.select("key_id", *KEY_COLUMNS), months)

    def _canonical_tags(self, series: pl.Series) -> pl.Series:
        distinct = series.drop_nulls().unique().to_list()
        bad = 0
        for text in distinct:
            if text not in self._tags:
                try:
                    self._tags[text] = values.canonical_tags(values.read_tags(text))
                except values.Unreadable as error:
                    self._tags[text] = None
                    self.report.remark(
                        f'Tags "{text[:80]}" {error}; such lines are counted without tags.'
                    )
                    bad += 1
        read = {text: self._tags[text] for text in distinct}
        if len(self._tags) > self.held:
            self._tags.clear()
        return series.replace_strict(
            pl.Series(list(read), dtype=pl.String),
            pl.Series(list(read.values()), dtype=pl.String),
            default=None,
            return_dtype=pl.String,
        ).alias("Tags")


def digests(keys: pl.DataFrame, *, file: str = "") -> pl.Series:
    """
    Give the 128-bit digest of each key: blake2b over its columns in ``KEY_COLUMNS`` order.

    Raises:
        Sentence: a value holds the separator, so that two keys could look the same.
    """
    texts = keys.select(
        pl.concat_str(
            [pl.col(column).fill_null(NOTHING) for column in KEY_COLUMNS], separator=SEPARATOR
        ).alias("text")
    )["text"]
    odd = texts.str.count_matches(SEPARATOR, literal=True) != len(KEY_COLUMNS) - 1
    if odd.any() or texts.str.contains("\x00", literal=True).any():
        raise Sentence(
            f"{file or 'The file'} holds control characters inside names or ids, which no bill "
            "has. It was damaged on the way; export it again.",
            file=file,
        )
    return pl.Series(
        [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts.to_list()],
        dtype=pl.Binary,
    )


def _grouped(frame: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    sums = [pl.col(name).sum() for name in ("BilledCost", "EffectiveCost", "lines")]
    for name in _MAYBE:
        column = pl.col(name).cast(MONEY)
        sums.append(
            pl.when(column.null_count() == 0).then(column.sum()).otherwise(None).alias(name)
        )
    for name in QUANTITIES:
        column = pl.col(name).cast(MONEY)
        sums.append(pl.when(column.count() > 0).then(column.sum()).otherwise(None).alias(name))
    return (
        frame.group_by(by)
        .agg(sums)
        .select(*by, *(pl.col(name).cast(MONEY) for name in (*COSTS, *QUANTITIES)), "lines")
    )
