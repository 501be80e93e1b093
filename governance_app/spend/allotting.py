"""
The sums that pages, rollups and balances read: facet x load x month x who bears it.

They follow the key-months: a load brings its own, a change of shares takes away what the keys
it touches summed to and adds what they sum to now. The difference, exact, is also what a
preview shows. Called by services, inside their transaction.
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper

from governance_app.spend.models.key import FACET_FIELDS
from governance_app.spend.splitting import CELL

_PLACE = (
    "load_id", "facet_id", "billing_month", "charge_month", "currency", "initiative_id",
    "rule_version_id",
)  # fmt: skip
#: Those of a place that are never null.
_SURE = ("load_id", "facet_id", "billing_month", "charge_month", "currency")
_SUMS = (
    "billed", "effective", "contracted", "list", "consumed", "gross_billed", "gross_effective",
    "contracted_gaps", "list_gaps", "lines", "first_lines", "parts",
)  # fmt: skip

_SHARED = (
    "s.key_id = m.key_id AND m.charge_month >= s.from_month AND m.charge_month < s.until_month"
)
_SPLIT = "x.key_id = m.key_id AND m.charge_month >= x.from_month AND m.charge_month < x.until_month"


def _summed(number: str) -> str:
    return (
        "sum(m.billed), sum(m.effective), coalesce(sum(m.contracted), 0), coalesce(sum(m.list), 0),"
        " coalesce(sum(m.consumed), 0), sum(abs(m.billed)), sum(abs(m.effective)),"
        " count(*) FILTER (WHERE m.contracted IS NULL), count(*) FILTER (WHERE m.list IS NULL),"
        f" sum(m.lines), sum(CASE WHEN {number} = 1 THEN m.lines ELSE 0 END), count(*)"
    )


def open_difference(cursor: CursorWrapper) -> None:
    """Make the table that collects what is taken away and what is added."""
    cursor.execute(
        "DROP TABLE IF EXISTS pg_temp.difference;"
        "CREATE TEMP TABLE difference (LIKE spend_spendallotment) ON COMMIT DROP;"
        "ALTER TABLE difference DROP COLUMN id, ADD COLUMN is_applied boolean DEFAULT false"
    )


def note_whole(
    cursor: CursorWrapper, *, joined: str, values: Sequence[Any] = (), sign: int
) -> None:
    """
    Note what key-months sum to that one initiative bears whole, or nobody.

    Args:
        joined: a join that narrows the key-months ``m``, and conditions.
    """
    _note(
        cursor,
        f"SELECT m.load_id, k.facet_id, m.billing_month, m.charge_month, m.currency,"
        f" s.initiative_id, s.rule_version_id, {_summed('1')}"
        f" FROM spend_spendkeymonth m {joined}"
        " JOIN spend_spendkey k ON k.id = m.key_id"
        f" LEFT JOIN spend_keyshare s ON {_SHARED}"
        f" WHERE NOT EXISTS (SELECT FROM spend_keysplit x WHERE {_SPLIT})"
        " GROUP BY 1, 2, 3, 4, 5, 6, 7",
        values,
        sign,
    )


def note_parts(
    cursor: CursorWrapper, *, joined: str, values: Sequence[Any] = (), sign: int
) -> None:
    """Note what parts ``m`` of split key-months sum to."""
    _note(
        cursor,
        f"SELECT m.load_id, k.facet_id, m.billing_month, m.charge_month, m.currency,"
        f" m.initiative_id, m.rule_version_id, {_summed('m.number')}"
        f" FROM spend_splitpart m {joined} JOIN spend_spendkey k ON k.id = m.key_id"
        " GROUP BY 1, 2, 3, 4, 5, 6, 7",
        values,
        sign,
    )


def _note(cursor: CursorWrapper, query: str, values: Sequence[Any], sign: int) -> None:
    names = ", ".join((*_PLACE, *_SUMS))
    signed = ", ".join((*_PLACE, *(f"{sign} * {name}" for name in _SUMS)))
    cursor.execute(
        f"INSERT INTO difference ({names}) SELECT {signed} FROM ({query}) AS found ({names})",
        list(values),
    )


def apply_difference(cursor: CursorWrapper) -> None:
    """Bring the sums up to date with what was noted since the last time."""
    names = ", ".join((*_PLACE, *_SUMS))
    place = ", ".join(_PLACE)
    sums = ", ".join(f"sum({name})" for name in _SUMS)
    added = ", ".join(f"{name} = spend_spendallotment.{name} + excluded.{name}" for name in _SUMS)
    moved = " OR ".join(f"sum({name}) <> 0" for name in _SUMS)
    noted = " AND ".join(f"a.{name} = d.{name}" for name in _SURE)
    cursor.execute(
        f"INSERT INTO spend_spendallotment ({names}) SELECT {place}, {sums} FROM difference"
        f" WHERE NOT is_applied GROUP BY {place} HAVING {moved}"
        f" ON CONFLICT ({place}) DO UPDATE SET {added}"
    )
    # What may have come to nothing stands where something was noted; no other sum is looked at.
    cursor.execute(
        "DELETE FROM spend_spendallotment a USING difference d WHERE NOT d.is_applied"
        f" AND a.parts = 0 AND {noted}"
    )
    cursor.execute("UPDATE difference SET is_applied = true WHERE NOT is_applied")


def add_facets(cursor: CursorWrapper, *, keys: str) -> None:
    """Add the facets of some keys that are not known yet."""
    columns = ", ".join(FACET_FIELDS)
    # Ids are sorted, not the texts that they stand for: any key of a facet has all of them.
    cursor.execute(
        f"INSERT INTO spend_spendfacet (id, {columns})"
        f" SELECT one.facet_id, {', '.join(f'k.{name}' for name in FACET_FIELDS)}"
        " FROM (SELECT DISTINCT ON (k.facet_id) k.facet_id, k.id"
        f"  FROM {keys} n JOIN spend_spendkey k ON k.id = n.key_id"
        "  WHERE NOT EXISTS (SELECT FROM spend_spendfacet f WHERE f.id = k.facet_id)"
        "  ORDER BY k.facet_id) AS one"
        " JOIN spend_spendkey k ON k.id = one.id ORDER BY one.facet_id ON CONFLICT (id) DO NOTHING"
    )


def make_cells(cursor: CursorWrapper) -> None:
    """Make the empty list of key-months that are to be cut again."""
    cursor.execute(
        "DROP TABLE IF EXISTS pg_temp.redo_cell;"
        "CREATE TEMP TABLE redo_cell (number int GENERATED ALWAYS AS IDENTITY,"
        " billing_month date, key_id uuid, load_id uuid, charge_month date, currency varchar(3),"
        " invoice text, rule_version_id uuid) ON COMMIT DROP"
    )


def list_cells(
    cursor: CursorWrapper, *, joined: str, values: Sequence[Any] = (), where: str = "TRUE"
) -> None:
    """Add split key-months ``m`` to the list, each once."""
    cell = ", ".join(f"m.{name}" for name in CELL)
    listed = " AND ".join(f"c.{name} = m.{name}" for name in CELL)
    cursor.execute(
        f"INSERT INTO redo_cell ({', '.join(CELL)}, rule_version_id) SELECT {cell},"
        f" x.rule_version_id FROM spend_keysplit x JOIN spend_spendkeymonth m ON {_SPLIT} {joined}"
        f" WHERE ({where}) AND NOT EXISTS (SELECT FROM redo_cell c WHERE {listed})",
        list(values),
    )
    cursor.execute("ANALYZE redo_cell")


#: Joins the parts ``m`` of the listed key-months.
OF_CELLS = "JOIN redo_cell c ON " + " AND ".join(f"c.{name} = m.{name}" for name in CELL)
