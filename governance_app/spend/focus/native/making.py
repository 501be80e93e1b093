"""FOCUS columns out of a vendor's: each is one expression over named received columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from governance_app.spend.focus.versions import folded

#: Gives a received column by its folded name; a column the file does not have is null.
Columns = Callable[[str], pl.Expr]


@dataclass(frozen=True, slots=True)
class Made:
    """How a FOCUS column is made: of which received columns (folded names), by what."""

    of: tuple[str, ...]
    by: Callable[[Columns], pl.Expr]


def taken(*names: str) -> Made:
    """Take a column as it is: the first of some that says something."""
    return Made(names, lambda column: pl.coalesce(*(column(name) for name in names)))


def always(value: str) -> Made:
    """Say the same on every line."""
    return Made((), lambda column: pl.lit(value))


def mapped(name: str, known: Mapping[str, str], otherwise: str) -> Made:
    """Translate the values of a column, whatever their case."""
    lower = {value.lower(): target for value, target in known.items()}
    return Made(
        (name,),
        lambda column: (
            column(name)
            .str.to_lowercase()
            .replace_strict(lower, default=otherwise, return_dtype=pl.String)
        ),
    )


@dataclass(frozen=True)
class Making:
    """A converter that is a table of what is made how."""

    title: str
    made: Mapping[str, Made]
    #: folded name -> the received one.
    received: Mapping[str, str]
    remarks: tuple[str, ...] = ()
    makes: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "makes", tuple(self.made))

    def needed(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Name the received columns that some FOCUS columns are made of."""
        names = (name for target in columns for name in self.made[target].of)
        return tuple(dict.fromkeys(self.received[name] for name in names if name in self.received))

    def convert(self, frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
        """Add FOCUS columns, as text; a received column of the same name gives way."""

        def column(name: str) -> pl.Expr:
            received = self.received.get(name)
            if received is None or received not in frame.columns:
                return pl.lit(None, pl.String)
            return pl.col(received).cast(pl.String)

        return frame.with_columns(
            self.made[target].by(column).cast(pl.String).alias(target) for target in columns
        )


def by_folded(columns: Sequence[str]) -> dict[str, str]:
    """Give the received columns by the name they are compared by."""
    return {folded(name): name for name in columns}
