"""Frames carry exactly the columns that are listed for them."""

from datetime import date
from decimal import Decimal

import pytest

from governance_app.domain import frames

ROW = {
    "kpi": "Churn",
    "unit": "%",
    "period_on": date(2026, 1, 1),
    "value": 4.5,
    "expected": None,
    "baseline": 6.0,
    "target": 3.0,
}


def test_columns_come_in_the_listed_order_and_others_are_dropped() -> None:
    frame = frames.conform("kpi_readings", [{"extra": 1, **dict(reversed(ROW.items()))}])
    assert list(frame.columns) == list(frames.FRAMES["kpi_readings"].columns)
    assert frame["expected"].tolist() == [None]


def test_a_missing_column_is_named() -> None:
    with pytest.raises(frames.BadFrame, match="kpi_readings lacks kpi"):
        frames.conform("kpi_readings", [{}])


def test_a_value_of_another_kind_is_named() -> None:
    with pytest.raises(frames.BadFrame, match="column value: Decimal\\('1'\\) is no number"):
        frames.conform("kpi_readings", [{**ROW, "value": Decimal(1)}])
    with pytest.raises(frames.BadFrame, match="column unit: None is no text"):
        frames.conform("kpi_readings", [{**ROW, "unit": None}])
