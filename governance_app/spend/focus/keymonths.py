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

_TEXT = r'"[^"\\\x00-\x1f]*"'
_PAIR = f"{_TEXT}: ?{_TEXT}"
_PAIR_START = r'^"([^"]*)": ?"'
_USUAL_TAGS = rf"^\{{{_PAIR}(?:, ?{_PAIR})*\}}$"

SEPARATOR = "\x1f"
NOTHING = "\x1e"

#: Groups held in memory before they are given away; the ledger adds the parts up.
HELD = 200_000
#: Lines held before they are added up: the more at a time, the fewer sums are added again.
LINES_HELD = 120_000
#: Groups to a line from which adding up saves no memory, so that they are given away at once.
SPARSE = 0.6
#: Groups given away at a time, and keys written out at a time: what a pipe and a list may hold.
GIVEN, WRITTEN = 25_000, 50_000
#: Keys whose digest is remembered while lines are written.
KEYS_SEEN = 2_000_000
_SEEDS = (1, 2)

_WHERE = ("InvoiceId", "billing_month", "charge_month", "BillingCurrency")
_KEYS_AND_WHERE = (*KEY_COLUMNS, *_WHERE)
#: Costs a bill may not know (null); a sum with an unknown part is unknown.
_MAYBE = ("ContractedCost", "ListCost")


@dataclass(frozen=True, slots=True)
class Partial:
    """
    Some key-months of a bill, in the order of their keys; a key comes in one part only.

    ``is_whole``: no other part has any of these key-months, else one may come again; whole parts
    come in the order of their keys too.
    ``keys``: key_id (16 bytes), then ``KEY_COLUMNS`` as text, those no earlier part had.
    ``months``: key_id, InvoiceId ("" for none), billing_month, charge_month, BillingCurrency,
    ``COSTS``, ``QUANTITIES`` (Decimal(38,18), null = unknown) and lines.
    """

    keys: pl.DataFrame
    months: pl.DataFrame
    is_whole: bool = False


class DigestsMeet(RuntimeError):
    """Different keys have the same digest: nothing may be counted under it."""


class KeyMonths:
    """Adds up batches of lines, giving parts away when too many groups are held."""

    def __init__(self, report: Report, *, held: int = HELD, lines_held: int = LINES_HELD) -> None:
        self.report, self.held, self.lines_held = report, held, lines_held
        self._lines: list[pl.DataFrame] = []
        self._waiting = 0
        self._parts: list[pl.DataFrame] = []
        self._groups = 0
        self._has_given = False
        self._tags: dict[str, str | None] = {}
        self._seen = pl.DataFrame(
            schema={**{f"{seed}": pl.UInt64 for seed in _SEEDS}, "key_id": pl.Binary}
        )
        self._given = pl.DataFrame(schema={"key_id": pl.Binary, "check": pl.UInt64})

    def add(self, lines: pl.DataFrame) -> Iterator[Partial]:
        """Add lines as ``Judge.lines`` gives them; yields parts when memory asks for it."""
        self._lines.append(
            lines.select(*_KEYS_AND_WHERE, *COSTS, *QUANTITIES, pl.lit(1, pl.Int64).alias("lines"))
        )
        self._waiting += lines.height
        if self._waiting >= self.lines_held:
            yield from self._group()

    def rest(self) -> Iterator[Partial]:
        """Give what is still held."""
        has_given = self._has_given
        grouped = self._take_waiting()
        if grouped is not None:
            self._parts.append(grouped)
        if self._parts:
            merged = self._merged()
            self._parts, self._groups = [], 0
            yield from self._give(merged, is_whole=not has_given)

    def _group(self) -> Iterator[Partial]:
        """Add up the waiting lines."""
        waiting = self._waiting
        grouped = self._take_waiting()
        if grouped is None:
            return
        if grouped.height > waiting * SPARSE and grouped.height * 2 > self.held:
            yield from self._give(grouped, is_whole=False)
            return
        self._parts.append(grouped)
        self._groups += grouped.height
        if self._groups > self.held:
            merged = self._merged()
            if merged.height * 2 > self.held:
                self._parts, self._groups = [], 0
                yield from self._give(merged, is_whole=False)
            else:
                self._parts, self._groups = [merged], merged.height

    def _take_waiting(self) -> pl.DataFrame | None:
        if not self._lines:
            return None
        lines, self._lines, self._waiting = pl.concat(self._lines), [], 0
        return added_up(lines, _KEYS_AND_WHERE)

    def _merged(self) -> pl.DataFrame:
        if len(self._parts) == 1:
            return self._parts[0]
        return added_up(pl.concat(self._parts), _KEYS_AND_WHERE)

    def key_ids(self, lines: pl.DataFrame) -> pl.Series:
        """Give the key of each line, as the parts name it."""
        return self._named(lines.select(KEY_COLUMNS))[0]

    def _named(self, written: pl.DataFrame) -> tuple[pl.Series, pl.DataFrame]:
        """
        Give the key of each row, and the keys that came for the first time, with their id.

        A key is looked up by 128 bits of two hashes of its columns, so that it is written out and
        digested once and not whenever it comes again.
        """
        marks = pl.DataFrame([written.hash_rows(seed).alias(f"{seed}") for seed in _SEEDS])
        names = marks.columns
        if self._seen.height > KEYS_SEEN:
            self._seen = self._seen.clear()
        ids = marks.join(self._seen, on=names, how="left", maintain_order="left")["key_id"]
        missed = marks.with_row_index("at").filter(ids.is_null())
        unseen = missed.unique(names)
        came = written[unseen["at"]]
        came = came.with_columns(self._canonical_tags(came["Tags"]))
        came = came.select(digests(came, file=self.report.file).alias("key_id"), *KEY_COLUMNS)
        if missed.height:
            named = unseen.select(names).with_columns(came["key_id"])
            self._seen = pl.concat([self._seen, named])
            found = missed.join(named, on=names, how="left", maintain_order="left")["key_id"]
            ids = found if missed.height == marks.height else ids.scatter(missed["at"], found)
        return ids, came

    def _give(self, groups: pl.DataFrame, *, is_whole: bool) -> Iterator[Partial]:
        self._has_given = True
        ids, came = self._named(groups.select(KEY_COLUMNS))
        keys = self._new_of(came).sort("key_id")
        months = groups.select(
            ids, pl.col("InvoiceId").fill_null(""), *_WHERE[1:], *COSTS, *QUANTITIES, "lines"
        ).sort("key_id")
        if months["key_id"].n_unique() < months.height:  # in two spellings, or in two months
            months = added_up(months, ("key_id", *_WHERE)).sort("key_id")
        # A key has one key-month or more, so that it comes no later than they do.
        for start in range(0, months.height, GIVEN):
            yield Partial(keys.slice(start, GIVEN), months.slice(start, GIVEN), is_whole)

    def _new_of(self, keys: pl.DataFrame) -> pl.DataFrame:
        """Leave out the keys that an earlier part gave away; a second hash verifies each."""
        keys = keys.unique()  # tags in two spellings
        checked = keys.select("key_id", keys.select(KEY_COLUMNS).hash_rows().alias("check"))
        known = checked.join(self._given, on="key_id", how="inner")
        if (
            checked["key_id"].n_unique() < checked.height
            or (known["check"] != known["check_right"]).any()
        ):
            raise DigestsMeet("Two keys of a bill have one digest.")
        self._given = pl.concat([self._given, checked.join(known, on="key_id", how="anti")])
        return keys.join(known, on="key_id", how="anti") if known.height else keys

    def _canonical_tags(self, series: pl.Series) -> pl.Series:
        """Give the tags in the one spelling that equal tags have."""
        distinct = series.drop_nulls().unique()
        if not len(distinct):
            return series.alias("Tags")
        usual = _usual_tags(distinct)
        unusual = distinct.filter(usual.is_null()).to_list()
        for text in unusual:
            if text not in self._tags:
                try:
                    self._tags[text] = values.canonical_tags(values.read_tags(text))
                except values.Unreadable as error:
                    self._tags[text] = None
                    self.report.remark(
                        f'Tags "{text[:80]}" {error}; such lines are counted without tags.'
                    )
        read = pl.DataFrame({"text": distinct, "tags": usual})
        slowly = pl.DataFrame(
            {"text": unusual, "tags": [self._tags[text] for text in unusual]},
            schema={"text": pl.String, "tags": pl.String},
        )
        if len(self._tags) > self.held:
            self._tags.clear()
        read = pl.concat([read.filter(pl.col("tags").is_not_null()), slowly])
        return series.replace_strict(
            read["text"], read["tags"], default=None, return_dtype=pl.String
        ).alias("Tags")


def _usual_tags(distinct: pl.Series) -> pl.Series:
    """
    Give the canonical spelling of tags that are a JSON object of plain texts, null for the others.

    A plain text has no escapes, so that sorting pairs of texts is all there is to do.

    >>> _usual_tags(pl.Series(['{"b":"2", "a":"1"}', '{"a":1}', '{"a":"1","a":"2"}'])).to_list()
    ['{"a":"1","b":"2"}', None, None]
    """
    text, pair = pl.col("text"), pl.col("pair")
    numbered = pl.DataFrame({"text": distinct.alias("text")}).with_row_index("at")
    pairs = (
        numbered.filter(text.str.contains(_USUAL_TAGS))
        .select("at", text.str.extract_all(_PAIR).alias("pair"))
        .explode("pair")
        # Between name and value stands the lowest character there is: pairs sort as names do.
        .with_columns(pair.str.replace(_PAIR_START, "${1}\x01"))
        .sort("at", "pair")
    )
    name = pair.str.split_exact("\x01", 1).struct.field("field_0")
    twice = pairs.filter((name == name.shift()) & (pl.col("at") == pl.col("at").shift()))["at"]
    written = (
        pairs.filter(~pl.col("at").is_in(twice.unique().implode()))
        .with_columns(pair.str.replace("\x01", '":"', literal=True))
        .group_by("at")
        .agg(pair.str.join(',"'))
        .select("at", pl.format('{{"{}}}', pair).alias("tags"))
    )
    return numbered.join(written, on="at", how="left", maintain_order="left")["tags"]


def digests(keys: pl.DataFrame, *, file: str = "") -> pl.Series:
    """
    Give the 128-bit digest of each key: blake2b over its columns in ``KEY_COLUMNS`` order.

    Raises:
        Sentence: a value holds the separator, so that two keys could look the same.
    """
    written = pl.concat_str(
        [pl.col(column).fill_null(NOTHING) for column in KEY_COLUMNS], separator=SEPARATOR
    )
    found: list[bytes] = []
    for some in keys.select(KEY_COLUMNS).iter_slices(WRITTEN):
        texts = some.select(written.alias("text"))["text"]
        odd = texts.str.count_matches(SEPARATOR, literal=True) != len(KEY_COLUMNS) - 1
        if odd.any() or texts.str.contains("\x00", literal=True).any():
            raise Sentence(
                f"{file or 'The file'} holds control characters inside names or ids, which no "
                "bill has. It was damaged on the way; export it again.",
                file=file,
            )
        found += [
            hashlib.blake2b(text, digest_size=16).digest()
            for text in texts.cast(pl.Binary).to_list()
        ]
    return pl.Series(found, dtype=pl.Binary)


def added_up(frame: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """Sum a frame by some columns; what is the same everywhere is not compared line by line."""
    same = [name for name in by if _is_same_everywhere(frame[name])]
    by_some = [name for name in by if name not in same] or [by[0]]
    sums = [pl.col(name).sum() for name in ("BilledCost", "EffectiveCost", "lines")]
    for name in _MAYBE:
        column = pl.col(name).cast(MONEY)
        sums.append(
            pl.when(column.null_count() == 0).then(column.sum()).otherwise(None).alias(name)
            if frame[name].null_count()
            else column.sum()
        )
    for name in QUANTITIES:
        column = pl.col(name).cast(MONEY)
        sums.append(
            pl.when(column.count() > 0).then(column.sum()).otherwise(None).alias(name)
            if frame[name].null_count()
            else column.sum()
        )
    grouped = frame.lazy().group_by(by_some).agg(sums).collect(engine="streaming")
    return grouped.select(
        *(
            pl.lit(frame[name][0], frame[name].dtype).alias(name)
            if name in same and name not in by_some
            else pl.col(name)
            for name in by
        ),
        *(pl.col(name).cast(MONEY) for name in (*COSTS, *QUANTITIES)),
        "lines",
    )


def _is_same_everywhere(series: pl.Series) -> bool:
    count = len(series)
    if series.dtype == pl.Binary:
        return False
    if not count or series.null_count() == count:
        return bool(count)
    # Most columns that differ do so soon: look at a few before looking at all.
    if any(series[place] != series[0] for place in (count - 1, count // 2, count // 3)):
        return False
    return not series.null_count() and bool((series == series[0]).all())
