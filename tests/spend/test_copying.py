"""What goes in by binary COPY comes out of PostgreSQL to the last digit."""

import datetime as dt
import uuid
from decimal import Decimal

import polars as pl
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance_app.spend.copying import Field, encoded

pytestmark = pytest.mark.django_db

MOST = Decimal("99999999999999999999.999999999999999999")
FIELDS = (
    Field("id", "id"),
    Field("code", "int4"),
    Field("day", "date"),
    Field("currency", "code"),
    Field("amount", "numeric"),
    Field("lines", "int8"),
)
amounts = st.none() | st.decimals(
    min_value=-MOST, max_value=MOST, places=18, allow_nan=False, allow_infinity=False
)


def through(rows: list[tuple]) -> list[tuple]:
    frame = pl.DataFrame(
        rows,
        schema={
            "id": pl.Binary,
            "code": pl.Int32,
            "day": pl.Date,
            "currency": pl.String,
            "amount": pl.Decimal(38, 18),
            "lines": pl.Int64,
        },
        orient="row",
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.copied")
        cursor.execute(
            "CREATE TEMP TABLE copied (at serial, id uuid, code int, day date,"
            " currency varchar(3), amount numeric, lines bigint)"
        )
        with cursor.copy(
            "COPY copied (id, code, day, currency, amount, lines) FROM STDIN (FORMAT binary)"
        ) as copy:
            for block in encoded(frame, FIELDS):
                copy.write(block)
        cursor.execute(
            "SELECT id, code, day, currency, nullif(amount, 'NaN'), lines FROM copied ORDER BY at"
        )
        return cursor.fetchall()


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.uuids(),
            st.integers(-(2**31), 2**31 - 1),
            st.dates(dt.date(1900, 1, 1), dt.date(2199, 1, 1)),
            st.text("ABCXYZ", min_size=3, max_size=3),
            amounts,
            st.integers(-(2**62), 2**62),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_every_value_survives(rows):
    assert through([(row[0].bytes, *row[1:]) for row in rows]) == rows


@pytest.mark.parametrize(
    "text",
    ["0", "-0.000000000000000001", "0.000000000000000001", "1", "-1", "9999.9999", "10000",
     "18446744073.709551616", "-18446744073.709551615", str(MOST), f"-{MOST}"],
)  # fmt: skip
def test_the_edges_of_the_encoding(text):
    row = (uuid.UUID(int=7), 1, dt.date(2000, 1, 1), "USD", Decimal(text), 1)
    assert through([(row[0].bytes, *row[1:])]) == [row]


def test_more_rows_than_a_block():
    row = (uuid.UUID(int=7).bytes, 1, dt.date(2026, 5, 1), "USD", Decimal("-1.5"), 1)
    assert len(through([row] * 70_000)) == 70_000
