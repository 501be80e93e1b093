"""What a column of a sheet holds, whatever the file is written as."""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl


class Kind(StrEnum):
    """
    Text keeps its zeros and is never a formula; money and quantity are exact decimals; moments
    are in UTC.
    """

    TEXT = "text"
    MONEY = "money"
    QUANTITY = "quantity"
    DATE = "date"
    MONTH = "month"
    MOMENT = "moment"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its name in files for machines, its title in files for people."""

    name: str
    title: str
    kind: Kind = Kind.TEXT
    width: int = 14


DTYPES = {
    Kind.TEXT: pl.String(),
    Kind.MONEY: pl.Decimal(38, 18),
    Kind.QUANTITY: pl.Decimal(38, 18),
    Kind.DATE: pl.Date(),
    Kind.MONTH: pl.Date(),
    Kind.MOMENT: pl.Datetime("us", "UTC"),
    Kind.COUNT: pl.Int64(),
}

#: The cost bases that the control totals of spend are kept for.
BASES = ("billed", "effective")
