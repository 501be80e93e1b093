"""Numbers in words people use, for pages and charts; the program writes them the same way."""

from governance_app.domain.spelling import (
    MINUS,
    MONTHS,
    NBSP,
    SYMBOLS,
    Number,
    day,
    day_short,
    decimal_of,
    duration,
    listed,
    money,
    money_exact,
    month,
    percent,
    plain,
    plural,
    rounded,
    short,
    since,
    symbol,
)

__all__ = [
    "MINUS", "MONTHS", "NBSP", "SYMBOLS", "Number", "day", "day_short", "decimal_of", "duration",
    "listed", "money", "money_exact", "month", "percent", "plain", "plural", "rounded", "short",
    "since", "symbol",
]  # fmt: skip
