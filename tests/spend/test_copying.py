"""What goes in by binary COPY comes out of PostgreSQL to the last digit."""

import datetime as dt
import uuid
from decimal import Decimal

import polars as pl
import pyarrow as pa
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
# Written out: ``st.decimals`` rounds to 28 digits on its way, and then beyond the largest.
amounts = st.none() | st.integers(-(10**38) + 1, 10**38 - 1).map(lambda n: Decimal(f"{n}e-18"))


def through(rows: list[tuple]) -> list[tuple]:
    ids, codes, days, currencies, sums, counts = zip(*rows, strict=True)
    frame = pl.DataFrame(
        {
            "id": pl.Series(ids, dtype=pl.Binary),
            "code": pl.Series(codes, dtype=pl.Int32),
            "day": pl.Series(days, dtype=pl.Date),
            "currency": pl.Series(currencies, dtype=pl.String),
            "amount": pl.Series(pa.array(sums, pa.decimal128(38, 18))),
            "lines": pl.Series(counts, dtype=pl.Int64),
        }
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
