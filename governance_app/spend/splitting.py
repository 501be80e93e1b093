"""
Keys that a rule splits: the weights of each month, and the exact parts of each key-month.

Weights are whole numbers (``domain.stepping``); the database cuts amounts by them with the
largest remainder in units of 10^-18, so that the parts of a key-month sum to it exactly.
"""

import datetime as dt
import json
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.backends.utils import CursorWrapper

from governance_app.domain.money import EXACT
from governance_app.domain.rules import FOREVER
from governance_app.domain.stepping import Splitting, Target, Weighted, shares_of, weighted
from governance_app.initiatives.models import Initiative
from governance_app.spend import drivers
from governance_app.spend.closed import first_open_month
from governance_app.spend.models import RuleVersion, SplitShare

AMOUNTS = ("billed", "effective", "contracted", "list", "consumed", "priced")
CELL = ("billing_month", "key_id", "load_id", "charge_month", "currency", "invoice")

Place = tuple[str, dt.date]


def weigh(cursor: CursorWrapper) -> set[Place]:
    """
    Work out the weights of every version that splits keys, in every month that needs them.

    Returns:
        the (version, charge month) pairs whose weights are not what they were; those of a
        closed month stay as they are.
    """
    wanted = _wanted(cursor)
    stored = _stored(cursor)
    if not wanted and not stored:
        return set()
    opened = first_open_month()
    fresh = _weights(cursor, wanted)
    changed = {
        place
        for place in {*fresh, *stored}
        if fresh.get(place) != stored.get(place)
        and not (opened is not None and place[1] < opened and place in stored)
    }
    if not changed:
        return set()
    cursor.execute(
        "DELETE FROM spend_splitshare s USING unnest(%s::uuid[], %s::date[]) AS w(version, month)"
        " WHERE s.rule_version_id = w.version AND s.charge_month = w.month",
        [[place[0] for place in changed], [place[1] for place in changed]],
    )
    SplitShare.objects.bulk_create(
        SplitShare(
            rule_version_id=version, charge_month=month, initiative_id=initiative or None,
            position=position, weight=weight, total=total, share=share, steps=json.loads(steps),
        )
        for version, month in sorted(changed)
        for initiative, position, weight, total, share, steps in fresh.get((version, month), ())
    )  # fmt: skip
    return changed


_Row = tuple[str, int, Decimal, Decimal, Decimal, str]


def _stored(cursor: CursorWrapper) -> dict[Place, list[_Row]]:
    cursor.execute(
        "SELECT rule_version_id::text, charge_month, coalesce(initiative_id::text, ''), position,"
        " weight, total, share, steps::text FROM spend_splitshare ORDER BY 1, 2, position"
    )
    found: dict[Place, list[_Row]] = defaultdict(list)
    for version, month, *row in cursor.fetchall():
        row[-1] = _canonical(json.loads(row[-1]))
        found[version, month].append(tuple(row))
    return dict(found)


def _wanted(cursor: CursorWrapper) -> dict[str, list[dt.date]]:
    """Give the charge months in which each version splits a key that cost something."""
    cursor.execute(
        "SELECT x.rule_version_id::text, min(x.from_month), max(x.until_month)"
        " FROM spend_keysplit x GROUP BY 1"
    )
    stretches = cursor.fetchall()
    if not stretches:
        return {}
    cursor.execute(
        "SELECT charge_month FROM spend_spendallotment UNION"
        " SELECT charge_month FROM redo_cell ORDER BY 1"
    )
    months = [row[0] for row in cursor.fetchall()]
    return {
        version: [month for month in months if since <= month < until]
        for version, since, until in stretches
    }


def _weights(
    cursor: CursorWrapper, wanted: Mapping[str, Sequence[dt.date]]
) -> dict[Place, list[_Row]]:
    versions = {
        str(one.pk): one
        for one in RuleVersion.objects.filter(pk__in=list(wanted)).select_related("rule", "within")
    }
    passing = [
        one
        for one in RuleVersion.objects.exclude(from_pool=None)
        .select_related("rule", "within")
        .order_by("position", "from_month", "pk")
        if one.until_month is None or one.until_month > one.from_month
    ]
    months = sorted({month for some in wanted.values() for month in some})
    used = _Used(cursor, [*versions.values(), *passing], months)
    found: dict[Place, list[_Row]] = {}
    for month in months:
        pools = {
            str(one.from_pool_id): used.splitting(one, month)
            for one in reversed(passing)
            if one.from_month <= month < (one.until_month or FOREVER)
        }
        for version, asked in wanted.items():
            if month in asked:
                parts = weighted(
                    shares_of(used.splitting(versions[version], month), passed_on=pools)
                )
                found[version, month] = [
                    _row(position, one) for position, one in enumerate(parts, 1)
                ]
    return found


def _row(position: int, one: Weighted) -> _Row:
    share = (
        Decimal(one.weight) if one.total == 1 else EXACT.divide(one.weight, one.total)
    ).quantize(Decimal(1).scaleb(-18), context=EXACT)
    return (
        one.part.name, position, Decimal(one.weight), Decimal(one.total), share,
        _canonical([list(way) for way in one.part.steps]),
    )  # fmt: skip


def _canonical(steps: Any) -> str:
    return json.dumps(steps, sort_keys=True)


class _Used:
    """What versions split to, and by how much, read once for all months."""

    def __init__(
        self,
        cursor: CursorWrapper,
        versions: Sequence[RuleVersion],
        months: Sequence[dt.date],
    ) -> None:
        self._drivers = {
            driver: drivers.quantities(cursor, driver=driver, months=months)
            for driver in sorted({one.driver for one in versions if one.driver})
        }
        self._targets: dict[uuid.UUID, list[Target]] = defaultdict(list)
        ids = [one.pk for one in versions]
        cursor.execute(
            "SELECT t.rule_version_id, t.initiative_id::text, t.pool_id::text, t.share"
            " FROM spend_ruletarget t WHERE t.rule_version_id = ANY(%s) ORDER BY 1, t.position",
            [ids],
        )
        for version, initiative, pool, share in cursor.fetchall():
            name = pool or initiative
            self._targets[version].append(Target(name, pool is not None, share))
        self._paths: dict[str, str] = {}
        if any(one.kind == "driver" and not self._targets[one.pk] for one in versions):
            self._paths = {
                str(pk): path
                for pk, path in Initiative.objects.order_by("number").values_list(
                    "pk", "node__path"
                )
            }

    def splitting(self, version: RuleVersion, month: dt.date) -> Splitting:
        """Give what a version does with a month."""
        targets = list(self._targets[version.pk])
        if version.kind == RuleVersion.Kind.DIRECT and version.initiative_id:
            targets = [Target(str(version.initiative_id))]
        elif version.kind == RuleVersion.Kind.POOL and version.pool_id:
            targets = [Target(str(version.pool_id), is_pool=True)]
        used: Mapping[str, Decimal] | None = None
        if version.driver:
            quantities = self._drivers[version.driver].get(month)
            if not targets and quantities:
                within = version.within.path if version.within else ""
                targets = [
                    Target(name)
                    for name, path in self._paths.items()
                    if name in quantities and path.startswith(within)
                ]
            names = {one.name for one in targets}
            used = {name: amount for name, amount in (quantities or {}).items() if name in names}
        return Splitting(
            label=str(version.pk),
            kind=version.kind,  # type: ignore[arg-type]
            targets=tuple(targets),
            driver=version.driver,
            is_even_at_zero=version.when_zero == RuleVersion.WhenZero.EVEN,
            quantities=used,
        )


def cut(cursor: CursorWrapper) -> int:
    """
    Cut the key-months in ``redo_cell`` into their parts; returns how many parts that made.

    Each amount by itself: whole units times weight over total, then one unit more for those
    with the largest remainders, equal ones in the order of the targets. A month without
    weights stays unallocated in one part.
    """
    quotient = ", ".join(
        f"div(abs(m.{name}) * 1e18 * w.weight, w.total) AS q_{name},"
        f" mod(abs(m.{name}) * 1e18 * w.weight, w.total) AS r_{name}"
        for name in AMOUNTS
    )
    cell = ", ".join(CELL)
    ranked = ", ".join(
        f"row_number() OVER (PARTITION BY cell ORDER BY r_{name} DESC, position) AS n_{name},"
        f" sum(q_{name}) OVER (PARTITION BY cell) AS s_{name}"
        for name in AMOUNTS
    )
    made = ", ".join(
        f"sign({name}) * (q_{name} + CASE WHEN n_{name} <= abs({name}) * 1e18 - s_{name}"
        f" THEN 1 ELSE 0 END) * 1e-18 AS {name}"
        for name in AMOUNTS
    )
    plain = ", ".join(f"m.{name}" for name in AMOUNTS)
    same = " AND ".join(f"m.{name} = c.{name}" for name in CELL)
    months = "m.billing_month IN (SELECT DISTINCT billing_month FROM redo_cell)"
    # Six sorts of the same wide rows: on disk they take many times as long.
    cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL jit = off; ANALYZE spend_splitshare")
    cursor.execute(
        f"""
        INSERT INTO spend_splitpart ({cell}, initiative_id, rule_version_id, number, share,
            {", ".join(AMOUNTS)}, lines)
        WITH crossed AS (
            SELECT c.number AS cell, m.billing_month, m.key_id, m.load_id, m.charge_month,
                m.currency, m.invoice, {plain}, m.lines, w.initiative_id, c.rule_version_id,
                w.position, w.share,
                {quotient}
            FROM redo_cell c JOIN spend_spendkeymonth m ON {same} AND {months}
            JOIN spend_splitshare w ON w.rule_version_id = c.rule_version_id
             AND w.charge_month = c.charge_month
        ),
        ranked AS (SELECT *, {ranked} FROM crossed)
        SELECT {cell}, initiative_id, rule_version_id, position, share, {made}, lines FROM ranked
        UNION ALL
        SELECT m.billing_month, m.key_id, m.load_id, m.charge_month, m.currency, m.invoice,
            NULL, c.rule_version_id, 1, 1, {plain}, m.lines
        FROM redo_cell c JOIN spend_spendkeymonth m ON {same} AND {months}
        WHERE NOT EXISTS (SELECT FROM spend_splitshare w
            WHERE w.rule_version_id = c.rule_version_id AND w.charge_month = c.charge_month)
        """
    )
    count = cursor.rowcount
    cursor.execute("RESET work_mem; RESET jit")
    return count


def places(changed: Collection[Place]) -> tuple[list[str], list[dt.date]]:
    """Give places as the two arrays a statement takes."""
    return [place[0] for place in changed], [place[1] for place in changed]
