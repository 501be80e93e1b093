"""
Which initiative bears which key: rules asked in order, on keys, in the database.

Never on lines: a key stands for all its lines, and rules start on the first of a charge month.
Called by services, inside their transaction.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from django.db.backends.utils import CursorWrapper

from governance_app.domain.money import EXACT
from governance_app.spend.ledger import announce
from governance_app.spend.models import AllocationBalance, AllocationRun, Delivery, RuleVersion

ALWAYS = date(2000, 1, 1)
FOREVER = date(9999, 1, 1)

#: What a rule may look at -> column of the key. Tags are looked up by their name.
DIMENSIONS = {
    "provider": "provider",
    "billing account": "billing_account",
    "account": "account",
    "service": "service",
    "model": "model",
    "resource": "resource",
    "region": "region",
    "credential": "credential",
    "principal": "principal",
}
TAG = "tag"


class InvariantBroken(RuntimeError):
    """Allocated and unallocated do not sum to the source: the run must not commit."""


@dataclass(frozen=True, slots=True)
class Changed:
    """How many shares a run added and removed, and the billing months they touch."""

    added: int
    removed: int
    months: tuple[date, ...]


def lock_rules(cursor: CursorWrapper, *, alone: bool) -> None:
    """Wait until no run changes shares (``alone``: nor uses them) in another transaction."""
    name = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    cursor.execute(f"SELECT {name}(hashtextextended('spend.rules', 0))")


def share_new_keys(cursor: CursorWrapper) -> int:
    """Share the keys in ``new_key`` by the rules; returns how many shares were added."""
    _want(cursor, keys="new_key")
    cursor.execute(
        "INSERT INTO spend_keyshare (key_id, from_month, until_month, initiative_id,"
        " rule_version_id, share)"
        " SELECT key_id, from_month, until_month, initiative_id, rule_version_id, 1 FROM want_share"
    )
    return cursor.rowcount


def share_all_keys(cursor: CursorWrapper) -> Changed:
    """Share every key anew, changing only what differs, and announce the initiatives touched."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.gone_share, pg_temp.come_share")
    _want(cursor, keys="(SELECT id AS key_id FROM spend_spendkey)")
    same = (
        "w.key_id = s.key_id AND w.from_month = s.from_month AND w.until_month = s.until_month"
        " AND w.initiative_id = s.initiative_id AND w.rule_version_id = s.rule_version_id"
    )
    cursor.execute(
        "CREATE TEMP TABLE gone_share ON COMMIT DROP AS SELECT s.key_id, s.from_month,"
        " s.initiative_id FROM spend_keyshare s"
        f" WHERE NOT EXISTS (SELECT FROM want_share w WHERE {same})"
    )
    cursor.execute(
        "CREATE TEMP TABLE come_share ON COMMIT DROP AS SELECT w.* FROM want_share w"
        f" WHERE NOT EXISTS (SELECT FROM spend_keyshare s WHERE {same})"
    )
    cursor.execute(
        "DELETE FROM spend_keyshare s USING gone_share g WHERE s.key_id = g.key_id"
        " AND s.from_month = g.from_month AND s.initiative_id = g.initiative_id"
    )
    removed = cursor.rowcount
    cursor.execute(
        "INSERT INTO spend_keyshare (key_id, from_month, until_month, initiative_id,"
        " rule_version_id, share)"
        " SELECT key_id, from_month, until_month, initiative_id, rule_version_id, 1 FROM come_share"
    )
    added = cursor.rowcount
    announce(
        cursor,
        "SELECT initiative_id FROM gone_share UNION SELECT initiative_id FROM come_share",
    )
    cursor.execute(
        "SELECT DISTINCT billing_month FROM spend_spendkeymonth WHERE key_id IN"
        " (SELECT key_id FROM gone_share UNION SELECT key_id FROM come_share) ORDER BY 1"
    )
    return Changed(added, removed, tuple(row[0] for row in cursor.fetchall()))


def _want(cursor: CursorWrapper, *, keys: str) -> None:
    """
    Put what the rules want for some keys into ``want_share``.

    Each dimension that a rule looks at is one join; per stretch of months in which the same
    rules apply the first match wins, and equal neighbouring stretches become one.
    """
    cursor.execute(
        "DROP TABLE IF EXISTS pg_temp.want_share, pg_temp.asked_rule, pg_temp.stretch;"
        "CREATE TEMP TABLE asked_rule (rule_version_id uuid, position int, from_month date,"
        " until_month date, dimension text, tag text, value text, takes_key boolean,"
        " initiative_id uuid) ON COMMIT DROP;"
        "CREATE TEMP TABLE want_share (key_id uuid, from_month date, until_month date,"
        " initiative_id uuid, rule_version_id uuid) ON COMMIT DROP;"
        "CREATE TEMP TABLE stretch (number int, from_month date, until_month date) ON COMMIT DROP"
    )
    asked = list(RuleVersion.objects.order_by("position", "from_month", "pk"))
    if not asked:
        return
    rows = []
    for order, version in enumerate(asked):
        (condition,) = version.conditions
        rows.append(
            (
                version.pk, order, version.from_month, version.until_month or FOREVER,
                condition["dimension"], condition.get("tag", "").casefold(),
                condition["value"].strip().lower(), version.takes_key, version.initiative_id,
            )
        )  # fmt: skip
    cursor.executemany("INSERT INTO asked_rule VALUES (%s,%s,%s,%s,%s,%s,%s,%s,%s)", rows)
    edges = sorted({edge for row in rows for edge in (row[2], row[3])})
    cursor.executemany(
        "INSERT INTO stretch VALUES (%s,%s,%s)",
        [(number, *pair) for number, pair in enumerate(pairwise(edges))],
    )
    matches = " UNION ALL ".join(
        _match(dimension, keys) for dimension in sorted({r[4] for r in rows})
    )
    cursor.execute(
        f"""
        INSERT INTO want_share
        WITH matched AS ({matches}),
        won AS (
            SELECT DISTINCT ON (m.key_id, t.number)
                m.key_id, t.number, t.from_month, t.until_month, m.rule_version_id, m.initiative_id
            FROM matched m JOIN stretch t
              ON t.from_month >= m.from_month AND t.until_month <= m.until_month
            ORDER BY m.key_id, t.number, m.position, m.initiative_id
        ),
        islands AS (
            SELECT *, number - row_number() OVER (
                PARTITION BY key_id, rule_version_id, initiative_id ORDER BY number
            ) AS island FROM won
        )
        SELECT key_id, min(from_month), max(until_month), initiative_id, rule_version_id
        FROM islands GROUP BY key_id, rule_version_id, initiative_id, island
        """
    )
    cursor.execute("CREATE INDEX ON want_share (key_id); ANALYZE want_share")


def _match(dimension: str, keys: str) -> str:
    """Give the query that matches keys by one dimension; the value may name the initiative."""
    if dimension == TAG:
        found = (
            f"SELECT n.key_id, lower(t.key) AS tag, btrim(t.value) AS value FROM {keys} n"
            " JOIN spend_spendkey k ON k.id = n.key_id"
            " CROSS JOIN LATERAL jsonb_each_text(k.tags) AS t(key, value)"
        )
    else:
        found = (
            f"SELECT n.key_id, '' AS tag, btrim(k.{DIMENSIONS[dimension]}) AS value FROM {keys} n"
            " JOIN spend_spendkey k ON k.id = n.key_id"
        )
    return f"""
        SELECT f.key_id, r.position, r.from_month, r.until_month, r.rule_version_id,
               coalesce(r.initiative_id, i.id) AS initiative_id
        FROM ({found}) f
        JOIN asked_rule r ON r.dimension = '{dimension}' AND r.tag = f.tag
         AND (r.takes_key OR r.value = lower(f.value))
        LEFT JOIN initiatives_initiative i ON r.takes_key AND i.key = upper(f.value)
        WHERE r.initiative_id IS NOT NULL OR i.id IS NOT NULL
    """


_BALANCES = """
WITH stated AS (
    SELECT c.source_id, c.period AS billing_month, t.currency, sum(t.billed) AS billed,
           sum(t.effective) AS effective, sum(t.contracted) AS contracted, sum(t.list) AS list
    FROM spend_currentload c JOIN spend_loadtotal t ON t.load_id = c.load_id
    WHERE c.period = ANY(%(months)s) GROUP BY 1, 2, 3
),
counted AS (
    SELECT l.source_id, m.billing_month, m.currency, s.key_id IS NOT NULL AS is_allocated,
           sum(m.billed) AS billed, sum(m.effective) AS effective,
           sum(m.contracted) AS contracted, sum(m.list) AS list
    FROM spend_spendkeymonth m JOIN spend_load l ON l.id = m.load_id
    LEFT JOIN spend_keyshare s ON s.key_id = m.key_id
     AND m.charge_month >= s.from_month AND m.charge_month < s.until_month
    WHERE m.billing_month = ANY(%(months)s) GROUP BY 1, 2, 3, 4
)
SELECT st.source_id, st.billing_month, st.currency, b.basis, b.stated,
       coalesce(b.allocated, 0), coalesce(b.unallocated, 0)
FROM stated st
LEFT JOIN counted a ON a.is_allocated AND (a.source_id, a.billing_month, a.currency)
    = (st.source_id, st.billing_month, st.currency)
LEFT JOIN counted u ON NOT u.is_allocated AND (u.source_id, u.billing_month, u.currency)
    = (st.source_id, st.billing_month, st.currency)
CROSS JOIN LATERAL (VALUES
    ('billed', st.billed, a.billed, u.billed),
    ('effective', st.effective, a.effective, u.effective),
    ('contracted', st.contracted, a.contracted, u.contracted),
    ('list', st.list, a.list, u.list)
) AS b(basis, stated, allocated, unallocated)
WHERE b.stated IS NOT NULL
ORDER BY 1, 2, 3, 4
"""


def balance(
    cursor: CursorWrapper,
    *,
    cause: str,
    months: Sequence[date],
    added: int,
    removed: int,
    delivery: Delivery | None = None,
) -> AllocationRun:
    """
    Write a run with its balances: allocated + unallocated = source, exactly.

    Raises:
        InvariantBroken: for a source, month, currency and basis they do not sum; with the numbers.
    """
    asked = RuleVersion.objects.order_by("position", "from_month", "pk")
    run = AllocationRun.objects.create(
        cause=cause,
        delivery=delivery,
        months=list(months),
        rules=list(asked.values_list("pk", flat=True)),
        shares_added=added,
        shares_removed=removed,
    )
    cursor.execute(_BALANCES, {"months": list(months)})
    rows: list[tuple[uuid.UUID, date, str, str, Decimal, Decimal, Decimal]] = cursor.fetchall()
    for source, month, currency, basis, stated, allocated, unallocated in rows:
        if stated != EXACT.add(allocated, unallocated):
            raise InvariantBroken(
                f"{source} {month} {basis}: {allocated} allocated + {unallocated} unallocated"
                f" is not {stated} {currency}."
            )
    AllocationBalance.objects.bulk_create(
        AllocationBalance(
            run=run, source_id=source, billing_month=month, currency=currency, basis=basis,
            source_total=stated, allocated=allocated, unallocated=unallocated,
        )
        for source, month, currency, basis, stated, allocated, unallocated in rows
    )  # fmt: skip
    return run
