"""
Lines as received into canonical lines, and what is wrong with them.

Everything here works on whole columns; what the fast path cannot read is read once per
distinct value by ``values``. No line is counted before every column it needs has been judged.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from governance_app.domain.periods import add_months
from governance_app.spend.focus import values
from governance_app.spend.focus.columns import (
    AI_COLUMNS,
    CHARGE_CATEGORIES,
    COSTS,
    KEY_COLUMNS,
    MOMENTS,
    NEVER_NULL,
    QUANTITIES,
    UNIT_PRICES,
)
from governance_app.spend.focus.readers import Batch
from governance_app.spend.focus.report import SHOWN, Problem, Report, shown
from governance_app.spend.focus.versions import Mapped

MONEY = pl.Decimal(38, values.PLACES)

#: Canonical columns the ledger's figures are made of.
COUNTED = tuple(
    dict.fromkeys(
        (*KEY_COLUMNS, "InvoiceId", "BillingCurrency", *MOMENTS, *COSTS, *QUANTITIES, *UNIT_PRICES)
    )
)
DETAILS = "SkuPriceDetails"

_CURRENCY = re.compile(r"[A-Z]{3}\Z", re.ASCII)
#: An amount that may have more decimals than are counted.
MAY_BE_FINER = rf"[eE]|\.[0-9]{{{values.PLACES + 1}}}"
_USUAL_MOMENT = r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
_MONTH_OF = {"BillingPeriodStart": "billing_month", "ChargePeriodStart": "charge_month"}

#: A bill for a month further ahead than this is a typing error, not a prepayment.
MONTHS_AHEAD = 13
LONGEST_ID = 200
CACHED = 200_000
#: Refused lines whose reasons are remembered, to hand them back one by one.
REFUSED_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Reading:
    """
    How a source wants its files read.

    ``on``: the day of reading, against which wrong months are told. ``is_day_first``: slashed
    dates are day/month/year. ``host_is_provider``: an absent HostProviderName is the provider
    (clouds' own services) instead of unknown (software sold on a cloud).
    """

    on: date
    is_day_first: bool = False
    host_is_provider: bool = False


class Judge:
    """Judges the batches of one file, keeping what it has read of distinct values."""

    def __init__(self, mapped: Mapped, reading: Reading, report: Report) -> None:
        self.mapped, self.reading, self.report = mapped, reading, report
        #: row -> why its line was refused, for the first REFUSED_KEPT of them.
        self.refusals: dict[int, str] = {}
        self._moments: dict[str, values.Moment | str] = {}
        self._details: dict[str, dict[str, str]] = {}
        self._last_month = add_months(reading.on.replace(day=1), MONTHS_AHEAD)

    @property
    def needed(self) -> tuple[str, ...]:
        """The received columns that counting needs; the others are read by the archive only."""
        wanted = (*COUNTED, DETAILS)
        return tuple(
            dict.fromkeys(name for target in wanted for name in self.mapped.sources.get(target, ()))
        )

    def lines(self, batch: Batch, *, for_counting: bool = False) -> pl.DataFrame:
        """
        Give the countable lines of a batch; the report takes the others.

        Each test first asks the whole column whether anything is wrong at all; only then it
        looks which lines are.

        Args:
            for_counting: leave out what sums are not made of (``<name>_at``, ``place``).

        Returns:
            one row per line: ``COUNTED`` (money as Decimal(38,18), moments left as text), plus
            ``billing_month`` and ``charge_month`` (Date), the moments as ``<name>_at`` (UTC),
            ``row`` and ``place`` (index in the batch), in file order.
        """
        for problem in batch.ragged:
            self.report.add(
                [problem], of=1, column=problem.column, reason=problem.reason, is_refused=True
            )
            self.refusals.setdefault(problem.row, f"The line {problem.reason}")
        self.report.rows += batch.frame.height + len(batch.ragged)
        self.report.refused_rows += len(batch.ragged)
        # A ragged line is counted as refused above; the frame holds only whole ones.
        frame = self._canonical(batch.frame).with_columns(
            batch.rows.alias("row"), pl.int_range(pl.len(), dtype=pl.UInt32).alias("place")
        )
        refused = pl.repeat(False, frame.height, eager=True, dtype=pl.Boolean)

        for column in NEVER_NULL:
            if frame[column].null_count():
                empty = frame[column].is_null()
                refused |= empty
                self._found(frame, empty, column, "is empty")
        read, suspect = _quickly(frame)
        for column in (*COSTS, *QUANTITIES):
            if column not in suspect:
                continue
            money, bad = self._money(frame, column)
            read = read.with_columns(money.alias(column))
            refused |= bad
        for column in UNIT_PRICES:
            if column in frame.columns:
                self._note_negative(frame, column)
        frame = frame.with_columns(read.get_columns())
        frame, bad = self._judge_moments(frame, for_counting=for_counting)
        refused |= bad
        refused |= self._judge_currency(frame)
        self._note_odd_categories(frame)
        for column in ("InvoiceId", "BillingAccountId"):
            if (frame[column].str.len_bytes().max() or 0) <= LONGEST_ID:  # type: ignore[operator]
                continue
            long = (frame[column].str.len_chars() > LONGEST_ID).fill_null(False)
            if long.any():
                refused |= long
                self._found(frame, long, column, f"is longer than {LONGEST_ID} characters")
        frame = self._with_ai(self._with_currency(frame))
        if refused.any():
            self.report.refused_rows += int(refused.sum())
            frame = frame.filter(~refused)
        return frame

    def _note_odd_categories(self, frame: pl.DataFrame) -> None:
        series = frame["ChargeCategory"]
        odd = set(series.drop_nulls().unique().to_list()) - set(CHARGE_CATEGORIES)
        if odd:
            self._found(
                frame,
                series.is_in(list(odd)).fill_null(False),
                "ChargeCategory",
                f"is none of {', '.join(CHARGE_CATEGORIES)}",
                is_refused=False,
            )

    def _with_currency(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Write currencies as FOCUS does, where some are not."""
        if all(_CURRENCY.match(one) for one in frame["BillingCurrency"].drop_nulls().unique()):
            return frame
        return frame.with_columns(pl.col("BillingCurrency").str.strip_chars().str.to_uppercase())

    def _canonical(self, received: pl.DataFrame) -> pl.DataFrame:
        chosen = []
        for target in (*COUNTED, DETAILS):
            sources = [pl.col(name) for name in self.mapped.sources.get(target, ())]
            if sources:
                chosen.append(
                    (sources[0] if len(sources) == 1 else pl.coalesce(sources)).alias(target)
                )
            elif target not in UNIT_PRICES:
                chosen.append(pl.lit(None, pl.String).alias(target))
        return received.select(chosen)

    def _found(
        self,
        frame: pl.DataFrame,
        mask: pl.Series,
        column: str,
        reason: str,
        *,
        is_refused: bool = True,
    ) -> None:
        """Report the masked lines: the first places by row, and how many there are."""
        said = column
        sources = self.mapped.sources.get(column, ())
        if sources and column not in sources:
            said = sources[0]
        series = frame[column]
        rows = frame["row"].filter(mask).head(SHOWN).to_list()
        if is_refused and (room := REFUSED_KEPT - len(self.refusals)) > 0:
            for row in frame["row"].filter(mask).head(room).to_list():
                self.refusals.setdefault(row, f"{said} {reason}")
        held = series.filter(mask).head(SHOWN).to_list()
        self.report.add(
            [
                Problem(row, said, shown(value), reason, is_refused)
                for row, value in zip(rows, held, strict=True)
            ],
            of=int(mask.sum()),
            column=said,
            reason=reason,
            is_refused=is_refused,
        )

    def _money(self, frame: pl.DataFrame, column: str) -> tuple[pl.Series, pl.Series]:
        """Read an amount column; the second series marks the lines it refuses."""
        series = frame[column]
        none = pl.repeat(False, frame.height, eager=True, dtype=pl.Boolean)
        if series.dtype != pl.String:
            money = series.cast(MONEY)
            bad = (money.abs() >= values.LARGEST).fill_null(False)
            if bad.any():
                self._found(frame, bad, column, "is beyond 10^15, more than any bill line")
            return money, bad
        money = series.cast(MONEY, strict=False)
        present = series.is_not_null()
        slow = (money.is_null() & present) | (money.abs() >= values.LARGEST).fill_null(False)
        # The cast rounds without a word: texts that may hold more than 18 decimals are read slowly.
        slow |= (
            (series.str.len_bytes() > values.PLACES + 2)
            | series.str.contains("e", literal=True)
            | series.str.contains("E", literal=True)
        ).fill_null(False)
        if not slow.any():
            return money, none
        texts = series.filter(slow).unique().to_list()
        read: dict[str, Decimal | None] = {}
        reasons: dict[str, list[str]] = {}
        rounded: list[str] = []
        for text in texts:
            try:
                exact = values.read_decimal(text)
            except values.Unreadable as error:
                read[text] = None
                reasons.setdefault(str(error), []).append(text)
                continue
            read[text] = values.to_places(exact)
            if read[text] != exact:
                rounded.append(text)
        slowly = series.replace_strict(
            pl.Series(list(read), dtype=pl.String),
            pl.Series(list(read.values()), dtype=MONEY),
            default=None,
            return_dtype=MONEY,
        )
        money = pl.select(pl.when(slow).then(slowly).otherwise(money)).to_series()
        bad = none
        for reason, wrong in reasons.items():
            mask = series.is_in(wrong).fill_null(False)
            bad = bad | mask
            self._found(frame, mask, column, reason)
        if rounded:
            mask = series.is_in(rounded).fill_null(False)
            self._found(
                frame,
                mask,
                column,
                "has more than 18 decimals and is counted rounded to 18",
                is_refused=False,
            )
        return money, bad

    def _note_negative(self, frame: pl.DataFrame, column: str) -> None:
        """Real bills do carry negative unit prices; no figure is made of them, so say it only."""
        series = frame[column]
        if series.dtype == pl.String:
            negative = series.str.starts_with("-")
            if not negative.any():
                return
            mask = negative & ~series.str.contains(r"^-[0.]+$")
        else:
            mask = series < 0
        mask = mask.fill_null(False)
        if mask.any():
            self._found(
                frame, mask, column, "is negative, which a unit price cannot be", is_refused=False
            )

    def _judge_moments(
        self, frame: pl.DataFrame, *, for_counting: bool
    ) -> tuple[pl.DataFrame, pl.Series]:
        refused = pl.repeat(False, frame.height, eager=True, dtype=pl.Boolean)
        if for_counting and (months := self._months_of_sound(frame)) is not None:
            return frame.with_columns(months), refused
        made: list[pl.Series] = []
        for column in MOMENTS:
            series = frame[column]
            read = self._read_moments(series)
            for reason in read["reason"].drop_nulls().unique(maintain_order=True).to_list():
                mask = series.is_in(read.filter(reason=reason)["text"].implode())
                mask = mask.fill_null(False)
                refused |= mask
                self._found(frame, mask, column, reason)
            made.append(_looked_up(series, read, "at").alias(f"{column}_at"))
            if column in _MONTH_OF:
                made.append(_looked_up(series, read, "month").alias(_MONTH_OF[column]))
        frame = frame.with_columns(made)
        late = (frame["billing_month"] > self._last_month).fill_null(False)
        if late.any():
            refused |= late
            self._found(
                frame,
                late,
                "BillingPeriodStart",
                f"is after {self._last_month:%B %Y}, too far ahead for a bill of {self.reading.on}",
            )
        for start, end in (MOMENTS[:2], MOMENTS[2:]):
            backward = (frame[f"{end}_at"] < frame[f"{start}_at"]).fill_null(False)
            if backward.any():
                refused |= backward
                self._found(frame, backward, end, f"is before {start}")
        return frame, refused

    def _months_of_sound(self, frame: pl.DataFrame) -> list[pl.Series] | None:
        """Give billing and charge month of each line; None when a line's moments are not sound."""
        months: list[pl.Series] = []
        reads: dict[str, pl.DataFrame] = {}
        for column in MOMENTS:
            reads[column] = read = self._read_moments(frame[column])
            if read["reason"].null_count() < read.height:
                return None
            if column in _MONTH_OF:
                if column == "BillingPeriodStart" and (
                    (read["month"] > self._last_month).fill_null(False).any()
                ):
                    return None
                months.append(_looked_up(frame[column], read, "month").alias(_MONTH_OF[column]))
        for start, end in (MOMENTS[:2], MOMENTS[2:]):
            texts = pl.concat([reads[start]["text"], reads[end]["text"]])
            if texts.str.contains(_USUAL_MOMENT).all():  # then texts are in the order of time
                backward = frame[end] < frame[start]
            else:
                at = (_looked_up(frame[one], reads[one], "at") for one in (end, start))
                backward = next(at) < next(at)
            if backward.fill_null(False).any():
                return None
        return months

    def _read_moments(self, series: pl.Series) -> pl.DataFrame:
        """
        Read the distinct moments of a column.

        Returns:
            text, at (UTC, without a zone), month (Date) and reason: why it cannot be read, or null.
        """
        texts = series.drop_nulls().unique()
        read = pl.DataFrame({"text": texts}).with_columns(
            pl.when(pl.col("text").str.contains(_USUAL_MOMENT))
            .then(
                pl.col("text").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False, time_unit="us")
            )
            .alias("at"),
            pl.lit(None, pl.String).alias("reason"),
        )
        usual = read.filter(pl.col("at").is_not_null()).with_columns(
            pl.col("at").dt.date().dt.month_start().alias("month")
        )
        unusual = read.filter(pl.col("at").is_null())["text"].to_list()
        for text in unusual:
            if text not in self._moments:
                self._moments[text] = self._moment(text)
        known = {text: self._moments[text] for text in unusual}
        if len(self._moments) > CACHED:
            self._moments.clear()
        slowly = pl.DataFrame(
            [
                (text, None, None, moment)
                if isinstance(moment, str)
                else (text, moment.at.replace(tzinfo=None), moment.month, None)
                for text, moment in known.items()
            ],
            schema={
                "text": pl.String, "at": pl.Datetime("us"), "month": pl.Date, "reason": pl.String,
            },
            orient="row",
        )  # fmt: skip
        return pl.concat([usual.select(slowly.columns), slowly])

    def _moment(self, text: str) -> values.Moment | str:
        try:
            return values.read_moment(text, day_first=self.reading.is_day_first)
        except values.Unreadable as error:
            return str(error)

    def _judge_currency(self, frame: pl.DataFrame) -> pl.Series:
        series = frame["BillingCurrency"]
        wrong = [
            text
            for text in series.drop_nulls().unique().to_list()
            if not re.fullmatch(r"\s*[A-Za-z]{3}\s*", text, re.ASCII)
        ]
        mask = series.is_in(wrong).fill_null(False)
        if wrong:
            self._found(frame, mask, "BillingCurrency", "is not a currency code such as USD")
        return mask

    def _with_ai(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Fill the model and token columns from SkuPriceDetails where the file has no own."""
        details = frame[DETAILS]
        distinct = details.drop_nulls().unique()
        telling = distinct.filter(distinct.str.contains("Model|Token")).to_list()
        if not telling:
            return frame.drop(DETAILS)
        for text in telling:
            if text not in self._details:
                self._details[text] = values.read_ai_details(text)
        filled = []
        for column in AI_COLUMNS:
            if column in frame.columns:
                read = {t: self._details[t][column] for t in telling if column in self._details[t]}
                if read:
                    taken = _replaced(details, read, str, pl.String)
                    filled.append(pl.coalesce(pl.col(column), taken).alias(column))
        if len(self._details) > CACHED:
            self._details.clear()
        return frame.with_columns(filled).drop(DETAILS)


def _quickly(frame: pl.DataFrame) -> tuple[pl.DataFrame, set[str]]:
    """
    Read the amounts as most bills write them, all columns at once.

    Returns:
        the amounts, and the columns in which something must be looked at more closely.
    """
    names = [name for name in (*COSTS, *QUANTITIES) if name in frame.columns]
    money = frame.select(pl.col(names).cast(MONEY, strict=False))
    suspect = _may_be_finer(frame, [name for name in names if frame[name].dtype == pl.String])
    bounds = money.select(
        *(pl.col(name).max().alias(f"most {name}") for name in names),
        *(pl.col(name).min().alias(f"least {name}") for name in names),
    ).row(0, named=True)
    for name in names:
        most, least = bounds[f"most {name}"], bounds[f"least {name}"]
        if (
            money[name].null_count() != frame[name].null_count()
            or (most is not None and most >= values.LARGEST)
            or (least is not None and least <= -values.LARGEST)
        ):
            suspect.add(name)
    return money, suspect


def _may_be_finer(frame: pl.DataFrame, texts: Sequence[str]) -> set[str]:
    """Tell in which columns an amount may have more decimals than the cast keeps."""
    if not texts:
        return set()
    lengths = [pl.col(name).str.len_bytes().max().alias(name) for name in texts]
    joined = pl.concat_str(texts, ignore_nulls=True)
    told = frame.select(*lengths, joined.str.contains("[eE]").any().alias("")).row(0, named=True)
    found = {name for name in texts if told[""] and frame[name].str.contains("[eE]").any()}
    for name in texts:
        if (told[name] or 0) > values.PLACES + 1:
            long = frame[name].filter(frame[name].str.len_bytes() > values.PLACES + 1)
            if long.str.contains(MAY_BE_FINER).any():
                found.add(name)
    return found


def _looked_up(series: pl.Series, read: pl.DataFrame, column: str) -> pl.Series:
    """Give what was read of each text of a series."""
    if read.height == 1 and not series.null_count():
        return pl.repeat(read[column][0], len(series), dtype=read[column].dtype, eager=True)
    return series.replace_strict(
        read["text"], read[column], default=None, return_dtype=read[column].dtype
    )


def _replaced(
    series: pl.Series, read: dict[str, Any], part: Callable[[Any], Any], dtype: Any
) -> pl.Series:
    return series.replace_strict(
        pl.Series(list(read), dtype=pl.String),
        pl.Series([part(value) for value in read.values()], dtype=dtype),
        default=None,
        return_dtype=dtype,
    )


def first_refusal(report: Report) -> str:
    """Say in one sentence why a file is refused: how many lines, and the first of them."""
    first = report.first_refused
    lines = "line" if report.rows == 1 else "lines"
    start = f"{report.file}: {report.refused_rows:,} of {report.rows:,} {lines} cannot be counted"
    return f"{start}. {first.sentence}" if first else f"{start}."
