"""Taking a listing over in one statement: what is missing is inserted, what differs updated."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from governance_app.audit.rows import Row
from governance_app.domain.ids import uuid7


def merge(
    kind: type[Row],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: tuple[str, ...],
    at_first: Mapping[str, Any] | None = None,
) -> tuple[int, int]:
    """
    Make the table say what a listing says; rows that say so already are not touched.

    The comparison happens in the database, so a listing without news reads and writes no row.

    Args:
        rows: values by column name, the columns of ``key`` among them; no key twice.
        at_first: further columns that a new row starts with.

    Returns:
        How many rows were inserted, and how many changed.
    """
    if not rows:
        return 0, 0
    optional = {field.column for field in kind._meta.concrete_fields if field.null}
    types = {field.column: field.db_type(connection) for field in kind._meta.concrete_fields}
    values = [column for column in rows[0] if column not in key]
    named = ["id", *key, *values, *(at_first or {})]
    shape = ", ".join(f'"{column}" {types[column]}' for column in named)
    wanted = [{"id": uuid7(), **row, **(at_first or {})} for row in rows]
    text = json.dumps(wanted, default=_plain, allow_nan=False)
    same = " AND ".join(
        f't."{column}" IS NOT DISTINCT FROM w."{column}"'
        if column in optional
        else f't."{column}" = w."{column}"'
        for column in key
    )
    sets = ", ".join(f'"{column}" = w."{column}"' for column in values)
    before = ", ".join(f't."{column}"' for column in values)
    after = ", ".join(f'w."{column}"' for column in values)
    quoted = ", ".join(f'"{column}"' for column in named)
    table = connection.ops.quote_name(kind._meta.db_table)
    # Names of tables and columns are those of our own models, never of input.
    statement = f"""
        WITH wanted AS MATERIALIZED (
            SELECT * FROM jsonb_to_recordset(%s::jsonb) AS w({shape})
        ), changed AS (
            UPDATE {table} t SET {sets}, version = t.version + 1 FROM wanted w
            WHERE {same} AND ({before}) IS DISTINCT FROM ({after}) RETURNING 1
        ), added AS (
            INSERT INTO {table} ({quoted}, created_at, version)
            SELECT {quoted}, statement_timestamp(), 1 FROM wanted w
            WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE {same}) RETURNING 1
        )
        SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM changed)
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [text])
        new, changed = cursor.fetchone()
    return int(new), int(changed)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no place in a listing")
