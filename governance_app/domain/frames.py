"""
The columns of every frame that crosses from a selector to a chart, a page or an export.

A frame is a pandas DataFrame whose columns are exactly those listed here, in this order.
Add a frame here first; the selector ends with ``conform`` and the chart may rely on it.

Kinds: ``date`` datetime.date (a month is its first day), ``money`` Decimal (in the currency of
the ``currency`` column or of the frame), ``number`` float, ``count`` int, ``text`` str,
``flag`` bool. A missing date, money or number is None; text is never missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import pandas as pd

Kind = Literal["date", "money", "number", "count", "text", "flag"]

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "date": date,
    "money": Decimal,
    "number": (float, int),
    "count": int,
    "text": str,
    "flag": bool,
}

_NEVER_MISSING = ("count", "text", "flag")


@dataclass(frozen=True, slots=True)
class Frame:
    """What one row of a frame is, how rows are ordered, and its columns with their kinds."""

    row: str
    order: str
    columns: Mapping[str, Kind]


class BadFrame(ValueError):
    """A frame that does not have the columns or the values its entry here lists."""


FRAMES: dict[str, Frame] = {
    "value_months": Frame(
        row="one month of an initiative, in its reporting currency",
        order="month",
        columns={
            "month": "date",
            "cost_planned": "money",
            "promised": "money",
            "claimed": "money",
            "measured": "money",
            "validated": "money",
            "banked": "money",
        },
    ),
    "kpi_readings": Frame(
        row="one reading of a KPI as known now, with its path from baseline to target",
        order="kpi, period_on",
        columns={
            "kpi": "text",
            "unit": "text",
            "period_on": "date",
            "value": "number",
            "expected": "number",
            "baseline": "number",
            "target": "number",
        },
    ),
    "spend_months": Frame(
        row="what an initiative bears in a month and a billing currency, exactly as billed",
        order="initiative's number, month, currency",
        columns={
            "initiative": "text",
            "name": "text",
            "unit": "text",
            "month": "date",
            "currency": "text",
            "billed": "money",
            "effective": "money",
            "contracted": "money",
            "list": "money",
            "lines": "count",
        },
    ),
    "initiative_life": Frame(
        row="one month of an initiative as the pages show it, in the reporting currency",
        order="month",
        columns={
            "month": "date",
            "cost": "money",
            "budget": "money",
            "promised_cost": "money",
            "promised": "money",
            "claimed": "money",
            "measured": "money",
            "validated": "money",
            "banked": "money",
        },
    ),
    "year_months": Frame(
        row="one month of a fiscal year over a scope, in the reporting currency",
        order="month",
        columns={
            "month": "date",
            "promised": "money",
            "budget": "money",
            "spend": "money",
            "measured": "money",
            "validated": "money",
            "banked": "money",
            "forecast": "money",
            "forecast_low": "money",
            "forecast_high": "money",
        },
    ),
    "risk_register": Frame(
        row="one risk that the viewer may see",
        order="worst first, then initiative and title",
        columns={
            "initiative": "text",
            "category": "text",
            "title": "text",
            "inherent": "number",
            "residual": "number",
            "level": "text",
            "points": "number",
            "appetite": "number",
            "is_above_appetite": "flag",
            "confidence": "text",
            "owner": "text",
            "reviewed_on": "date",
            "review_due_on": "date",
        },
    ),
}


def conform(name: str, rows: Iterable[Mapping[str, Any]] | pd.DataFrame) -> pd.DataFrame:
    """
    Make the named frame from rows, in the listed order of columns.

    Args:
        name: key of ``FRAMES``.
        rows: mappings or a DataFrame with at least the listed columns; others are dropped.

    Raises:
        BadFrame: a column is missing or holds a value of another kind; names both.

    >>> frame = conform("kpi_readings", [])
    >>> list(frame.columns)[:3], len(frame)
    (['kpi', 'unit', 'period_on'], 0)
    """
    spec = FRAMES[name]
    records: Sequence[Mapping[str, Any]]
    if isinstance(rows, pd.DataFrame):
        missing = [column for column in spec.columns if column not in rows.columns]
        records = [] if missing else rows.to_dict("records")  # type: ignore[assignment]
        if missing:
            raise BadFrame(f"Frame {name} lacks {', '.join(missing)}.")
    else:
        records = list(rows)
    data = {
        column: pd.Series(
            [_checked(name, column, kind, record) for record in records], dtype=object
        )
        for column, kind in spec.columns.items()
    }
    return pd.DataFrame(data, columns=list(spec.columns))


def _checked(name: str, column: str, kind: Kind, record: Mapping[str, Any]) -> Any:
    """Give one value, or refuse it with its place."""
    if column not in record:
        raise BadFrame(f"Frame {name} lacks {column}.")
    value = record[column]
    if value is None and kind not in _NEVER_MISSING:
        return None
    if not isinstance(value, _TYPES[kind]):
        raise BadFrame(f"Frame {name}, column {column}: {value!r} is no {kind}.")
    return value
