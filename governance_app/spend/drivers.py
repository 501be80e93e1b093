"""
How much of a driver each initiative used in a charge month: cost, tokens, requests, seats.

Direct cost is the effective cost that rules send to one initiative whole, in the reporting
currency at the average rate of the month. Tokens and requests are what an initiative's own
metered series say, and where it has none what its own bill lines count. Seats are read from a
series: the last value known in or before the month.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal

from django.db.backends.utils import CursorWrapper

from governance_app.books import selectors as books
from governance_app.domain.money import EXACT
from governance_app.domain.periods import add_months

#: Driver -> initiative id -> quantity.
Quantities = dict[str, Decimal]

#: Driver -> the units a series or a bill line may be counted in -> how many that is.
UNITS: dict[str, dict[str, Decimal]] = {
    "tokens": {
        "token": Decimal(1), "tokens": Decimal(1),
        "1k tokens": Decimal(1000), "1,000 tokens": Decimal(1000), "1000 tokens": Decimal(1000),
        "thousand tokens": Decimal(1000), "k tokens": Decimal(1000),
        "1m tokens": Decimal(1_000_000), "1,000,000 tokens": Decimal(1_000_000),
        "million tokens": Decimal(1_000_000), "m tokens": Decimal(1_000_000),
    },
    "requests": {
        "request": Decimal(1), "requests": Decimal(1), "call": Decimal(1), "calls": Decimal(1),
        "api calls": Decimal(1), "1k requests": Decimal(1000), "thousand requests": Decimal(1000),
        "1m requests": Decimal(1_000_000), "million requests": Decimal(1_000_000),
    },
    "seats": {
        "seat": Decimal(1), "seats": Decimal(1), "user": Decimal(1), "users": Decimal(1),
        "licence": Decimal(1), "licences": Decimal(1), "license": Decimal(1),
        "licenses": Decimal(1),
    },
}  # fmt: skip


def quantities(
    cursor: CursorWrapper, *, driver: str, months: Collection[dt.date]
) -> Mapping[dt.date, Quantities | None]:
    """
    Give who used how much in each month, by initiative id; negative use counts as none.

    None instead of a month's quantities: a rate that is missing keeps it from being told.
    """
    if not months:
        return {}
    if driver == "cost":
        return _costs(cursor, sorted(months))
    found: dict[dt.date, Quantities | None] = {
        month: _positive(used) for month, used in _metered(cursor, driver, sorted(months)).items()
    }
    return {month: found.get(month) or {} for month in months}


def _costs(
    cursor: CursorWrapper, months: Collection[dt.date]
) -> Mapping[dt.date, Quantities | None]:
    cursor.execute(
        "SELECT a.charge_month, a.initiative_id::text, a.currency, sum(a.effective)"
        " FROM spend_spendallotment a JOIN spend_ruleversion v ON v.id = a.rule_version_id"
        " WHERE v.kind = 'direct' AND v.from_pool_id IS NULL AND a.initiative_id IS NOT NULL"
        " AND a.charge_month = ANY(%s) GROUP BY 1, 2, 3",
        [list(months)],
    )
    rows = cursor.fetchall()
    found: dict[dt.date, dict[str, Decimal]] = {month: {} for month in months}
    unknown: set[dt.date] = set()
    rates = _rates({(currency, month) for month, _, currency, _ in rows})
    for month, initiative, currency, amount in rows:
        rate = rates.get((currency, month))
        if rate is None:
            unknown.add(month)
            continue
        at = found[month]
        at[initiative] = EXACT.add(at.get(initiative, Decimal(0)), EXACT.multiply(amount, rate))
    return {month: None if month in unknown else _positive(used) for month, used in found.items()}


def _rates(wanted: Collection[tuple[str, dt.date]]) -> dict[tuple[str, dt.date], Decimal]:
    """Give what is known of the average rates into the reporting currency."""
    found: dict[tuple[str, dt.date], Decimal] = {}
    if not wanted:
        return found
    quote = books.reporting_currency(on=max(month for _, month in wanted))
    known = books.rates_into(quote=quote)
    for currency, month in wanted:
        if currency == quote:
            found[currency, month] = Decimal(1)
        elif (currency, month, "average") in known:
            found[currency, month] = known[currency, month, "average"].value
    return found


def _metered(
    cursor: CursorWrapper, driver: str, months: Collection[dt.date]
) -> dict[dt.date, Quantities]:
    units = UNITS[driver]
    found: dict[dt.date, Quantities] = defaultdict(dict)
    until = add_months(max(months), 1)
    cursor.execute(
        "SELECT s.initiative_id::text, lower(btrim(s.unit)),"
        " date_trunc('month', p.period_on)::date,"
        " sum(p.value), (array_agg(p.value ORDER BY p.period_on DESC))[1]"
        " FROM readings_series s JOIN readings_point p ON p.series_id = s.id"
        " AND p.known_to IS NULL AND p.period_on < %s"
        " WHERE lower(btrim(s.unit)) = ANY(%s) GROUP BY s.id, 1, 2, 3 ORDER BY 3, 1",
        [until, sorted(units)],
    )
    rows = cursor.fetchall()
    has_series = {row[0] for row in rows}
    if driver == "seats":
        for month in months:
            held: dict[tuple[str, str], Decimal] = {}
            for initiative, unit, at, _, last in rows:
                if at <= month:
                    held[initiative, unit] = EXACT.multiply(last, units[unit])
            for (initiative, _), amount in held.items():
                known = found[month].get(initiative, Decimal(0))
                found[month][initiative] = EXACT.add(known, amount)
        return found
    for initiative, unit, at, amount, _ in rows:
        if at in months:
            known = found[at].get(initiative, Decimal(0))
            found[at][initiative] = EXACT.add(known, EXACT.multiply(amount, units[unit]))
    cursor.execute(
        "SELECT a.charge_month, a.initiative_id::text, lower(btrim(f.consumed_unit)),"
        " sum(a.consumed) FROM spend_spendallotment a"
        " JOIN spend_spendfacet f ON f.id = a.facet_id"
        " JOIN spend_ruleversion v ON v.id = a.rule_version_id"
        " WHERE v.kind = 'direct' AND v.from_pool_id IS NULL AND a.initiative_id IS NOT NULL"
        " AND a.charge_month = ANY(%s) AND lower(btrim(f.consumed_unit)) = ANY(%s)"
        " GROUP BY 1, 2, 3",
        [list(months), sorted(units)],
    )
    for month, initiative, unit, amount in cursor.fetchall():
        if initiative in has_series:
            continue
        known = found[month].get(initiative, Decimal(0))
        found[month][initiative] = EXACT.add(known, EXACT.multiply(amount, units[unit]))
    return found


def _positive(used: Mapping[str, Decimal]) -> Quantities:
    return {name: amount for name, amount in sorted(used.items()) if amount > 0}
