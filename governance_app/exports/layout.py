"""A named layout at work: which columns, in which order, under which headings, how spelled."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import polars as pl

from governance_app.domain.money import EXACT, round_half_up
from governance_app.exports.columns import Column, Kind
from governance_app.exports.models import ColumnSet
from governance_app.exports.writers.csv_file import Spelling


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file and how they are spelled; made from a sheet and a column set."""

    columns: tuple[Column, ...]
    #: Column of the file -> column of the sheet, or the fixed value.
    sources: Mapping[str, str]
    fixed: Mapping[str, str]
    spelling: Spelling

    def over(
        self, frames: Iterator[pl.DataFrame], *, currency: str, amounts: Sequence[str]
    ) -> Iterator[pl.DataFrame]:
        """Yield the frames laid out; rounded amounts still sum to the rounded total."""
        rounding = _Rounding(self.spelling.decimal_places)
        for frame in frames:
            rounded = rounding.over(frame, currency, amounts) if amounts else frame
            yield rounded.select(
                pl.lit(self.fixed[column.name], dtype=pl.String).alias(column.name)
                if column.name in self.fixed
                else pl.col(self.sources[column.name]).alias(column.name)
                for column in self.columns
            )


def laid_out(columns: Sequence[Column], asked: ColumnSet) -> Layout:
    """Lay a sheet's columns out as a column set asks."""
    known = {column.name: column for column in columns}
    made: list[Column] = []
    sources: dict[str, str] = {}
    fixed: dict[str, str] = {}
    for at, entry in enumerate(asked.columns):
        heading = entry["heading"]
        if "value" in entry:
            name = f"fixed {at}"
            made.append(Column(name, heading, Kind.TEXT, max(len(heading), 10)))
            fixed[name] = entry["value"]
            continue
        name = entry["name"] if entry["name"] not in sources else f"{entry['name']} {at}"
        made.append(replace(known[entry["name"]], name=name, title=heading))
        sources[name] = entry["name"]
    return Layout(
        columns=tuple(made),
        sources=sources,
        fixed=fixed,
        spelling=Spelling(
            delimiter=asked.delimiter,
            decimal_mark=asked.decimal_mark,
            decimal_places=asked.decimal_places,
            date_format=asked.date_format,
            has_bom=asked.has_bom,
            headings=tuple(column.title for column in made),
        ),
    )


class _Rounding:
    """
    Rounds amounts row by row so that the rows so far sum to their exact sum rounded.

    Each row differs from its exact amount by less than one unit of the last place, and all of
    them add up to the rounded whole. METHOD section 1.
    """

    def __init__(self, places: int | None) -> None:
        self.places = places
        self.sums: dict[tuple[Any, str], tuple[Decimal, Decimal]] = {}

    def over(self, frame: pl.DataFrame, currency: str, amounts: Sequence[str]) -> pl.DataFrame:
        if self.places is None:
            return frame
        currencies = frame[currency].to_list()
        return frame.with_columns(
            pl.Series(
                name,
                [
                    self._rounded((code, name), amount)
                    for code, amount in zip(currencies, frame[name].to_list(), strict=True)
                ],
                dtype=frame.schema[name],
            )
            for name in amounts
        )

    def _rounded(self, place: tuple[Any, str], amount: Decimal | None) -> Decimal | None:
        if amount is None:
            return None
        assert self.places is not None
        exact, given = self.sums.get(place, (Decimal(0), Decimal(0)))
        exact = EXACT.add(exact, amount)
        until_now = round_half_up(exact, self.places)
        self.sums[place] = exact, until_now
        return EXACT.subtract(until_now, given)
