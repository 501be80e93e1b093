"""
Which initiative bears which key: rules asked in order, on keys, in the database.

Never on lines: a key stands for all its lines, and rules start on the first of a charge month.
Keys that one initiative bears whole have a share; keys that are split have their exact parts
per key-month. Called by services, inside their transaction.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from governance_app.domain.money import EXACT
from governance_app.domain.rules import ALWAYS, FOREVER
from governance_app.initiatives.models import Initiative
from governance_app.spend import allotting, matching, splitting
from governance_app.spend.closed import first_open_month
from governance_app.spend.ledger import announce
from governance_app.spend.matching import DIMENSIONS, TAG
from governance_app.spend.models import AllocationBalance, AllocationRun, Delivery, RuleVersion

__all__ = [
    "ALWAYS", "DIMENSIONS", "FOREVER", "TAG", "Changed", "InvariantBroken", "Moved", "allocated_of",
    "balance", "lock_rules", "settle", "share_all_keys", "share_new_keys",
]  # fmt: skip

#: Another transaction may have added an initiative and not told yet when the last run looked.
LATE = timedelta(hours=1)


class InvariantBroken(RuntimeError):
    """Allocated and unallocated do not sum to the source: the run must not commit."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What a run gave to an initiative, or took from it; None = unallocated."""

    initiative: uuid.UUID | None
    currency: str
    billed: Decimal
    effective: Decimal


@dataclass(frozen=True, slots=True)
class Changed:
    """
    What a run did: shares added and removed, the keys it asked about, the billing months it
    touched, what moved between initiatives, and what was asked, to be stored with the run.
    """

    added: int
    removed: int
    keys: int
    months: tuple[date, ...]
    moved: tuple[Moved, ...] = ()
    asked: dict[str, Any] = field(default_factory=dict)


def lock_rules(cursor: CursorWrapper, *, alone: bool) -> None:
    """Wait until no run changes shares (``alone``: nor uses them) in another transaction."""
    name = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    cursor.execute(f"SELECT {name}(hashtextextended('spend.rules', 0))")


def share_new_keys(cursor: CursorWrapper) -> int:
    """Share the keys in ``new_key`` by the rules; returns how many shares were added."""
    allotting.add_facets(cursor, keys="new_key")
    matching.want(cursor, matching.load_rules(cursor), keys="new_key")
    cursor.execute(
        "INSERT INTO spend_keyshare (key_id, from_month, until_month, initiative_id,"
        " rule_version_id, share) SELECT key_id, from_month, until_month, initiative_id,"
        " rule_version_id, 1 FROM want_share WHERE initiative_id IS NOT NULL"
    )
    whole = cursor.rowcount
    cursor.execute(
        "INSERT INTO spend_keysplit (key_id, from_month, until_month, rule_version_id)"
        " SELECT key_id, from_month, until_month, rule_version_id FROM want_share"
        " WHERE initiative_id IS NULL"
    )
    return whole + cursor.rowcount


def share_all_keys(cursor: CursorWrapper, *, last: AllocationRun | None = None) -> Changed:
    """
    Share keys anew, changing only what differs, and announce the initiatives touched.

    Args:
        last: the last run after rules changed; only what changed since then is asked again.
            None asks every key.
    """
    # A change touches few keys of many: look them up rather than read every partition.
    cursor.execute("SET LOCAL random_page_cost = 1.1")
    settle(cursor)
    allotting.open_difference(cursor)
    asked = matching.load_rules(cursor)
    count = _ask(cursor, asked, last)
    matching.want(cursor, asked, keys="touched_key")
    _keep_closed(cursor)
    added, removed = _compare(cursor)
    allotting.note_whole(cursor, joined=_MOVED, sign=-1)
    allotting.note_parts(cursor, joined=_MOVED, sign=-1)
    cursor.execute("DELETE FROM spend_splitpart p USING moved_key t WHERE p.key_id = t.key_id")
    _replace(cursor)
    allotting.note_whole(cursor, joined=_MOVED, sign=1)
    allotting.apply_difference(cursor)
    if _has_splits(cursor):
        allotting.make_cells(cursor)
        allotting.list_cells(cursor, joined=_MOVED)
        _split_again(cursor)
    else:
        _announce_difference(cursor)
    cursor.execute("SELECT DISTINCT billing_month FROM difference ORDER BY 1")
    months = tuple(row[0] for row in cursor.fetchall())
    return Changed(
        added=added,
        removed=removed,
        keys=count,
        months=months,
        moved=_moved(cursor),
        asked={
            "rules": asked.said,
            "synonyms": asked.synonyms,
            "recent": sorted(_recent(timezone.now())),
        },
    )


def _recent(at: datetime) -> set[str]:
    """Give the keys of initiatives that came since a while before a moment."""
    fresh = Initiative.objects.filter(created_at__gt=at - LATE)
    return {key.lower() for key in fresh.values_list("key", flat=True)}


_MOVED = "JOIN moved_key t ON t.key_id = m.key_id"


def _ask(cursor: CursorWrapper, asked: matching.AskedRules, last: AllocationRun | None) -> int:
    """Put the keys that have to be asked into ``touched_key``; returns how many there are."""
    cursor.execute("DROP TABLE IF EXISTS pg_temp.touched_key")
    if last is None or not last.asked:
        cursor.execute(
            "CREATE TEMP TABLE touched_key ON COMMIT DROP AS SELECT id AS key_id FROM"
            " spend_spendkey; ANALYZE touched_key"
        )
        allotting.add_facets(cursor, keys="touched_key")
    else:
        said = last.asked
        changed = matching.changed_versions(said["rules"], asked.said)
        if said["synonyms"] != asked.synonyms:
            changed |= {rule.name for rule in asked.rules.asked if _looks_at_tags(rule)}
        ids = {uuid.UUID(one) for one in changed}
        matching.touched_by(cursor, matching.load_rules(cursor, only=ids), versions=ids)
        keys = _recent(last.created_at) - set(said.get("recent", ()))
        named = {
            version.pk
            for name, version in asked.versions.items()
            if version.takes_key and name not in changed
        }
        if keys and named:
            narrowed = matching.load_rules(cursor, only=named, keys=keys)
            matching.add_touched(cursor, narrowed)
    cursor.execute("SELECT count(*) FROM touched_key")
    return int(cursor.fetchone()[0])


def _looks_at_tags(rule: Any) -> bool:
    return any(one.place[0] == TAG for one in rule.conditions)


def _keep_closed(cursor: CursorWrapper) -> None:
    """Let the shares of closed charge months stand as they are, whatever the rules say now."""
    opened = first_open_month()
    if opened is None:
        return
    cursor.execute(
        "DELETE FROM want_share WHERE until_month <= %(opened)s;"
        " UPDATE want_share SET from_month = %(opened)s WHERE from_month < %(opened)s;"
        " INSERT INTO want_share SELECT s.key_id, s.from_month, least(s.until_month, %(opened)s),"
        " s.initiative_id, s.rule_version_id FROM spend_keyshare s"
        " JOIN touched_key t ON t.key_id = s.key_id WHERE s.from_month < %(opened)s;"
        " INSERT INTO want_share SELECT s.key_id, s.from_month, least(s.until_month, %(opened)s),"
        " NULL, s.rule_version_id FROM spend_keysplit s"
        " JOIN touched_key t ON t.key_id = s.key_id WHERE s.from_month < %(opened)s",
        {"opened": opened},
    )
    # Neighbours that say the same are one stretch again.
    cursor.execute(
        "CREATE TEMP TABLE want_joined ON COMMIT DROP AS SELECT key_id, min(from_month) AS"
        " from_month, max(until_month) AS until_month, initiative_id, rule_version_id FROM ("
        "  SELECT *, count(*) FILTER (WHERE is_start) OVER (PARTITION BY key_id ORDER BY"
        "   from_month) AS island FROM ("
        "   SELECT *, (lag(until_month) OVER o, lag(initiative_id) OVER o,"
        "    lag(rule_version_id) OVER o) IS DISTINCT FROM"
        "    (from_month, initiative_id, rule_version_id) AS is_start"
        "   FROM want_share WINDOW o AS (PARTITION BY key_id ORDER BY from_month)) a) b"
        " GROUP BY key_id, island, initiative_id, rule_version_id;"
        " TRUNCATE want_share;"
        " INSERT INTO want_share SELECT key_id, from_month, until_month, initiative_id,"
        " rule_version_id FROM want_joined; DROP TABLE want_joined"
    )


_SAME = (
    "w.key_id = s.key_id AND w.from_month = s.from_month AND w.until_month = s.until_month"
    " AND w.rule_version_id = s.rule_version_id"
)


def _compare(cursor: CursorWrapper) -> tuple[int, int]:
    """Hold what is wanted against what is there; ``moved_key`` lists the keys that differ."""
    cursor.execute(
        "DROP TABLE IF EXISTS pg_temp.gone_share, pg_temp.come_share, pg_temp.gone_split,"
        " pg_temp.come_split, pg_temp.moved_key"
    )
    for name, table, borne in (
        ("share", "spend_keyshare", " AND w.initiative_id = s.initiative_id"),
        ("split", "spend_keysplit", " AND w.initiative_id IS NULL"),
    ):
        whole = "IS NOT NULL" if name == "share" else "IS NULL"
        cursor.execute(
            f"CREATE TEMP TABLE gone_{name} ON COMMIT DROP AS SELECT s.* FROM {table} s"
            " JOIN touched_key t ON t.key_id = s.key_id"
            f" WHERE NOT EXISTS (SELECT FROM want_share w WHERE {_SAME}{borne})"
        )
        cursor.execute(
            f"CREATE TEMP TABLE come_{name} ON COMMIT DROP AS SELECT w.* FROM want_share w"
            f" WHERE w.initiative_id {whole}"
            f" AND NOT EXISTS (SELECT FROM {table} s WHERE {_SAME}{borne})"
        )
    cursor.execute(
        "CREATE TEMP TABLE moved_key ON COMMIT DROP AS SELECT key_id FROM gone_share UNION"
        " SELECT key_id FROM come_share UNION SELECT key_id FROM gone_split UNION"
        " SELECT key_id FROM come_split; ANALYZE moved_key; ANALYZE gone_share; ANALYZE gone_split"
    )
    cursor.execute(
        "SELECT (SELECT count(*) FROM come_share) + (SELECT count(*) FROM come_split),"
        " (SELECT count(*) FROM gone_share) + (SELECT count(*) FROM gone_split)"
    )
    added, removed = cursor.fetchone()
    return int(added), int(removed)


def _replace(cursor: CursorWrapper) -> None:
    """Take away the shares that are no longer wanted and add those that are."""
    cursor.execute(
        "DELETE FROM spend_keyshare s USING gone_share g WHERE s.key_id = g.key_id"
        " AND s.from_month = g.from_month AND s.initiative_id = g.initiative_id"
    )
    cursor.execute(
        "DELETE FROM spend_keysplit s USING gone_split g WHERE s.key_id = g.key_id"
        " AND s.from_month = g.from_month"
    )
    cursor.execute(
        "INSERT INTO spend_keyshare (key_id, from_month, until_month, initiative_id,"
        " rule_version_id, share)"
        " SELECT key_id, from_month, until_month, initiative_id, rule_version_id, 1 FROM come_share"
    )
    cursor.execute(
        "INSERT INTO spend_keysplit (key_id, from_month, until_month, rule_version_id)"
        " SELECT key_id, from_month, until_month, rule_version_id FROM come_split"
    )


def settle(cursor: CursorWrapper) -> None:
    """
    Bring sums and parts in step with the loads that are current now.

    Loads that went take theirs along, loads that came bring theirs; where they change what a
    driver measures, the splits by it are cut again in every load of that month.
    """
    allotting.open_difference(cursor)
    cursor.execute(
        "SELECT l.id FROM spend_load l"
        " WHERE NOT EXISTS (SELECT FROM spend_currentload c WHERE c.load_id = l.id)"
        " AND EXISTS (SELECT FROM spend_spendallotment a WHERE a.load_id = l.id)"
    )
    gone = [row[0] for row in cursor.fetchall()]
    if gone:
        announce(
            cursor,
            "SELECT initiative_id FROM spend_spendallotment WHERE load_id = ANY(%s)"
            " AND initiative_id IS NOT NULL",
            [gone],
        )
        cursor.execute("DELETE FROM spend_spendallotment WHERE load_id = ANY(%s)", [gone])
        cursor.execute("DELETE FROM spend_splitpart WHERE load_id = ANY(%s)", [gone])
    cursor.execute(
        "SELECT load_id, period FROM spend_currentload c WHERE NOT EXISTS"
        " (SELECT FROM spend_spendallotment a WHERE a.load_id = c.load_id)"
    )
    come = cursor.fetchall()
    if not gone and not come:
        return
    loads, months = [row[0] for row in come], sorted({row[1] for row in come})
    if loads:
        allotting.note_whole(
            cursor,
            joined="JOIN spend_load l ON l.id = m.load_id AND m.load_id = ANY(%s)"
            " AND m.billing_month = ANY(%s)",
            values=[loads, months],
            sign=1,
        )
        allotting.apply_difference(cursor)
    if _has_splits(cursor):
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('spend.splits', 0))")
        allotting.make_cells(cursor)
        if loads:
            allotting.list_cells(
                cursor,
                joined="AND m.load_id = ANY(%s) AND m.billing_month = ANY(%s)",
                values=[loads, months],
            )
        _split_again(cursor)
    else:
        _announce_difference(cursor)


def _has_splits(cursor: CursorWrapper) -> bool:
    cursor.execute(
        "SELECT EXISTS (SELECT FROM spend_keysplit) OR EXISTS (SELECT FROM spend_splitshare)"
    )
    return bool(cursor.fetchone()[0])


def _split_again(cursor: CursorWrapper) -> None:
    """Weigh, and cut the listed key-months and those whose weights changed."""
    changed = splitting.weigh(cursor)
    if changed:
        versions, months = splitting.places(changed)
        cursor.execute(
            "DROP TABLE IF EXISTS pg_temp.reweighed; CREATE TEMP TABLE reweighed"
            " (rule_version_id uuid, charge_month date) ON COMMIT DROP"
        )
        cursor.execute(
            "INSERT INTO reweighed SELECT * FROM unnest(%s::uuid[], %s::date[])",
            [versions, months],
        )
        allotting.list_cells(
            cursor,
            joined="JOIN reweighed w ON w.rule_version_id = x.rule_version_id"
            " AND w.charge_month = m.charge_month",
        )
    allotting.note_parts(cursor, joined=allotting.OF_CELLS, sign=-1)
    cursor.execute(
        "DELETE FROM spend_splitpart m USING redo_cell c WHERE "
        + " AND ".join(f"c.{name} = m.{name}" for name in splitting.CELL)
    )
    if splitting.cut(cursor):
        allotting.note_parts(cursor, joined=allotting.OF_CELLS, sign=1)
    allotting.apply_difference(cursor)
    _announce_difference(cursor)


def _announce_difference(cursor: CursorWrapper) -> None:
    announce(cursor, "SELECT initiative_id FROM difference WHERE initiative_id IS NOT NULL")


def _moved(cursor: CursorWrapper) -> tuple[Moved, ...]:
    """Give what went to whom, net."""
    cursor.execute(
        "SELECT initiative_id, currency, sum(billed), sum(effective) FROM difference"
        " GROUP BY 1, 2 HAVING sum(billed) <> 0 OR sum(effective) <> 0"
        " ORDER BY sum(billed) DESC, 1, 2"
    )
    return tuple(Moved(*row) for row in cursor.fetchall())


def allocated_of(cursor: CursorWrapper, *, loads: Sequence[uuid.UUID]) -> dict[str, Decimal]:
    """Give what of some loads is allocated, billed, by currency; after they were balanced."""
    cursor.execute(
        "SELECT currency, sum(billed) FROM spend_spendallotment"
        " WHERE load_id = ANY(%s) AND initiative_id IS NOT NULL GROUP BY 1",
        [list(loads)],
    )
    return dict(cursor.fetchall())


_BALANCES = """
WITH stated AS (
    SELECT c.source_id, c.period AS billing_month, t.currency, sum(t.billed) AS billed,
           sum(t.effective) AS effective, sum(t.contracted) AS contracted, sum(t.list) AS list
    FROM spend_currentload c JOIN spend_loadtotal t ON t.load_id = c.load_id
    WHERE c.period = ANY(%(months)s) GROUP BY 1, 2, 3
),
counted AS (
    SELECT l.source_id, m.billing_month, m.currency, m.initiative_id IS NOT NULL AS is_allocated,
           sum(m.billed) AS billed, sum(m.effective) AS effective,
           sum(m.contracted) AS contracted, sum(m.list) AS list
    FROM spend_spendallotment m JOIN spend_load l ON l.id = m.load_id
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
    asked: dict[str, Any] | None = None,
    keys: int = 0,
) -> AllocationRun:
    """
    Settle, and write a run with its balances: allocated + unallocated = source, exactly.

    Raises:
        InvariantBroken: for a source, month, currency and basis they do not sum; with the numbers.
    """
    settle(cursor)
    in_order = RuleVersion.objects.order_by("position", "from_month", "pk")
    run = AllocationRun.objects.create(
        cause=cause,
        delivery=delivery,
        months=list(months),
        rules=list(in_order.values_list("pk", flat=True)),
        asked=asked or {},
        keys_touched=keys,
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
