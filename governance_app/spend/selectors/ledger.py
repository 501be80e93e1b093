"""The ledger row by row, for exports: out of the database in blocks, never a row at a time."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from django.db import connection

from governance_app.people.models import User
from governance_app.spend.coding import coding
from governance_app.spend.selectors.explore import _FROM, SpendFilter, where

BLOCK_BYTES = 8 << 20

#: Name in the frame -> expression.
COLUMNS = {
    "billing_month": "m.billing_month",
    "charge_month": "m.charge_month",
    "source": "f.name",
    "scope": "l.scope",
    "load": "l.number",
    "issuer": "k.issuer",
    "invoice": "m.invoice",
    "provider": "k.provider",
    "billing_account": "k.billing_account",
    "account": "k.account",
    "account_name": "k.account_name",
    "category": "k.service_category",
    "service": "k.service",
    "charge": "k.charge_category",
    "correction": "k.charge_class",
    "commitment": "k.commitment",
    "commitment_status": "k.commitment_status",
    "region": "k.region",
    "resource": "k.resource",
    "resource_name": "k.resource_name",
    "model": "k.model",
    "tags": "CASE WHEN k.tags = '{}' THEN '' ELSE k.tags::text END",
    "initiative": "coalesce(i.key, '')",
    "name": "coalesce(i.name, 'Unallocated')",
    "unit": "coalesce(u.name, '')",
    "rule": "coalesce(r.name, '')",
    "rule_version": "v.number",
    "share": "coalesce(s.share, 1)",
    "currency": "m.currency",
    "billed": "m.billed",
    "effective": "m.effective",
    "contracted": "m.contracted",
    "list": "m.list",
    "consumed": "m.consumed",
    "priced": "m.priced",
    "consumed_unit": "k.consumed_unit",
    "lines": "m.lines",
}

#: Key-months with who bears them and by which rule.
PARTS = (
    f"{_FROM} LEFT JOIN spend_ruleversion v ON v.id = s.rule_version_id"
    " LEFT JOIN spend_rule r ON r.id = v.rule_id"
)


def expressions() -> tuple[dict[str, str], dict[str, Any]]:
    """Give ``COLUMNS`` and the coding as the rules stand: name -> SQL, and its parameters."""
    coded, values = coding().as_sql()
    return COLUMNS | coded, values


def ledger_frames(
    *, viewer: User, chosen: SpendFilter, schema: Mapping[str, Any]
) -> Iterator[pl.DataFrame]:
    """
    Yield the key-months the viewer may see of what is asked for, with initiative and rule.

    Args:
        schema: names of ``COLUMNS`` and of coding fields wanted, each with its polars type.

    Yields:
        frames of exactly these columns, ordered by billing month, source, service, key.
    """
    condition, values = where(viewer, chosen, of_keys=True)
    columns, coded = expressions()
    wanted = ", ".join(f"{columns[name]} AS {name}" for name in schema)
    query = (
        f"COPY (SELECT {wanted} {PARTS} WHERE {condition}"
        " ORDER BY m.billing_month, f.name, k.service, m.key_id, m.charge_month, m.currency,"
        " m.invoice) TO STDOUT (FORMAT csv)"
    )
    with connection.cursor() as cursor, cursor.copy(query, {**values, **coded}) as copy:
        held: list[bytes] = []
        size = 0
        for row in copy:
            held.append(bytes(row))
            size += len(row)
            if size > BLOCK_BYTES:
                yield _frame(held, schema)
                held, size = [], 0
        yield _frame(held, schema)


def _frame(rows: list[bytes], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Read what COPY gave: each block is whole rows."""
    if not rows:
        return pl.DataFrame(schema=dict(schema))
    text = pl.read_csv(
        io.BytesIO(b"".join(rows)),
        has_header=False,
        new_columns=list(schema),
        schema_overrides=[pl.String] * len(schema),
        infer_schema=False,
    )
    return text.select(
        pl.col(name).fill_null("")
        if dtype == pl.String
        else pl.col(name).str.to_date("%Y-%m-%d")
        if dtype == pl.Date
        else pl.col(name).cast(dtype)
        for name, dtype in schema.items()
    )
