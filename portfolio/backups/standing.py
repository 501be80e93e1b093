"""What a database holds in figures, to be compared before and after."""

from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]

#: Each gives one text that must be the same in the copy: amounts to the last digit.
TOTALS = {
    "loads": "SELECT coalesce(sum(billed), 0)::text FROM spend_loadtotal",
    "key months": "SELECT coalesce(sum(billed), 0)::text || ' ' ||"
    " coalesce(sum(effective), 0)::text FROM spend_spendkeymonth",
    "balances": "SELECT coalesce(sum(source_total), 0)::text || ' ' ||"
    " coalesce(sum(allocated), 0)::text FROM spend_allocationbalance",
    "triggers": "SELECT count(*)::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND NOT c.relispartition",
}
#: Each gives rows only where the ledger does not hold; the text of a row says where.
INVARIANTS = {
    "what is allocated and what is not do not sum to the source": (
        "SELECT billing_month::text || ' ' || currency FROM spend_allocationbalance"
        " WHERE source_total <> allocated + unallocated"
    ),
    "the key-months of a current load do not sum to what was counted in its lines": (
        "SELECT l.id::text || ' ' || t.currency FROM spend_currentload c"
        " JOIN spend_load l ON l.id = c.load_id JOIN spend_loadtotal t ON t.load_id = l.id"
        " LEFT JOIN (SELECT load_id, currency, sum(billed) AS billed, sum(lines) AS lines"
        "  FROM spend_spendkeymonth GROUP BY 1, 2) k"
        " ON k.load_id = l.id AND k.currency = t.currency"
        " WHERE (coalesce(k.billed, 0), coalesce(k.lines, 0)) IS DISTINCT FROM (t.billed, t.lines)"
    ),
}
_TABLES = (
    "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname IN ('public', 'ledger') AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    " ORDER BY 1, 2"
)


def counts(connection: Connection) -> dict[str, int]:
    """Count the rows of every table."""
    found = {}
    for schema, table in connection.execute(_TABLES).fetchall():
        name = sql.Identifier(schema, table)
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone()
        found[f"{schema}.{table}"] = int(row[0]) if row else 0
    return found


def totals(connection: Connection) -> dict[str, str]:
    """Give the totals that must be the same in a copy."""
    found = {}
    for name, query in TOTALS.items():
        row = connection.execute(query).fetchone()  # type: ignore[call-overload]
        found[name] = str(row[0]) if row else ""
    return found


def broken_invariants(connection: Connection) -> list[str]:
    """Say where the ledger does not hold; empty when it does."""
    return [
        f"In the ledger {says}: {row[0]}."
        for says, query in INVARIANTS.items()
        for row in connection.execute(f"{query} LIMIT 5").fetchall()  # type: ignore[call-overload]
    ]


def checks(counted: dict[str, int], summed: dict[str, str]) -> str:
    """
    Give a statement that fails when a copy holds anything else.

    It runs in the transaction that makes the copy, so a copy that differs is never committed.
    """
    lines = ["DO $check$", "DECLARE", "    found text;", "BEGIN"]
    for name, rows in counted.items():
        schema, table = name.split(".", 1)
        counting = f'SELECT count(*)::text INTO found FROM "{schema}"."{table}";'  # noqa: S608
        lines.append(f"    {counting}")
        lines.append(_refuse(str(rows), f"{name} holds % rows instead of {rows}"))
    for name, said in summed.items():
        if name in TOTALS:
            lines.append(f"    EXECUTE $q${TOTALS[name]}$q$ INTO found;")
            lines.append(_refuse(said, f"{name} are % instead of {said}"))
    return "\n".join([*lines, "END $check$;"])


def _refuse(said: str, sentence: str) -> str:
    return (
        f"    IF found IS DISTINCT FROM '{said}' THEN\n"
        f"        RAISE EXCEPTION '{sentence}', found;\n    END IF;"
    )
