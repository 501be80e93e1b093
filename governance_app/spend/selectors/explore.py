"""
Sums of the ledger by any dimension, exact, never over two currencies.

One statement serves the pages, the exports and the API, so what is exported is what is shown.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Self

import pandas as pd
from django.db import connection

from governance_app.domain.frames import conform
from governance_app.domain.money import EXACT
from governance_app.domain.phrases import in_a_row, month_short, phrase
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend.selectors import remembered

BASES = {"billed": "Billed", "effective": "Effective", "contracted": "Contracted", "list": "List"}

_UNKNOWN = "'(not stated)'"
_BY_MONTH = {"charge": phrase("by charge month"), "billing": phrase("by billing month")}


@dataclass(frozen=True, slots=True)
class _Dimension:
    """
    Something to group by: ``code`` and ``label`` over the tables of ``_FROM``.

    ``raw``: the columns they are made of. Rows are added up by those first, since writing a text
    for each row costs more than adding it up; ``joined`` brings the tables back that code and
    label name, once the sums stand as ``k``.
    """

    title: str
    code: str
    label: str
    raw: tuple[str, ...]
    joined: str = ""


def _stated(title: str, column: str) -> _Dimension:
    """Give a dimension that a bill states in one column, or does not."""
    name = f"k.{column}"
    return _Dimension(title, name, f"coalesce(nullif({name}, ''), {_UNKNOWN})", (name,))


DIMENSIONS: dict[str, _Dimension] = {
    "initiative": _Dimension(
        "Initiative",
        "coalesce(i.key, '')",
        "coalesce(i.key || ' ' || i.name, 'Unallocated')",
        ("s.initiative_id",),
        "LEFT JOIN initiatives_initiative i ON i.id = k.initiative_id",
    ),
    "unit": _Dimension(
        "Unit",
        "coalesce(u.id::text, '')",
        "coalesce(u.name, 'Unallocated')",
        ("i.unit_id",),
        "LEFT JOIN people_scopenode u ON u.id = k.unit_id",
    ),
    "month": _Dimension(
        "Month", "to_char({month}, 'YYYY-MM')", "to_char({month}, 'YYYY-MM')", ("{month} AS month",)
    ),
    "provider": _stated("Provider", "provider"),
    "service": _stated("Service", "service"),
    "category": _stated("Service category", "service_category"),
    "model": _stated("Model", "model"),
    "account": _Dimension(
        "Account",
        "k.account",
        f"coalesce(nullif(k.account_name, ''), nullif(k.account, ''), {_UNKNOWN})",
        ("k.account", "k.account_name"),
    ),
    "region": _stated("Region", "region"),
    "charge": _Dimension(
        "Charge category", "k.charge_category", "k.charge_category", ("k.charge_category",)
    ),
    "pricing": _stated("Pricing category", "pricing_category"),
    "commitment": _Dimension(
        "Commitment",
        "k.commitment_status || '/' || k.commitment",
        "CASE WHEN k.commitment = '' THEN 'No commitment' ELSE"
        " coalesce(nullif(k.commitment_status, ''), 'Bought') || ': ' || k.commitment END",
        ("k.commitment", "k.commitment_status"),
    ),
    "source": _Dimension(
        "Source",
        "f.id::text",
        "f.name",
        ("l.source_id",),
        "JOIN spend_source f ON f.id = k.source_id",
    ),
}


@dataclass(frozen=True, slots=True)
class SpendFilter:
    """
    Which part of the ledger is meant; it stands in the URL of the page that shows it.

    Months are included at both ends. ``dated``: ``charge`` (when it was used) or ``billing``
    (when it was invoiced). ``unit``: id of a unit, with everything below it. ``initiative``: a
    key. ``is_unallocated``: None = both, True = only what no rule allocates. ``search``: part of
    an initiative's key or name, a service, an account or a resource.
    """

    since: date | None = None
    until: date | None = None
    dated: str = "charge"
    unit: str = ""
    initiative: str = ""
    provider: str = ""
    service: str = ""
    category: str = ""
    model: str = ""
    account: str = ""
    source: str = ""
    currency: str = ""
    search: str = ""
    is_unallocated: bool | None = None

    @property
    def month_column(self) -> str:
        return "m.billing_month" if self.dated == "billing" else "m.charge_month"

    def as_json(self) -> dict[str, Any]:
        """Give the filter as it is kept with an export: only what is set."""
        kept: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if value not in ("", None):
                kept[name] = value.isoformat() if isinstance(value, date) else value
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Give a kept filter back."""
        values = dict(kept)
        for name in ("since", "until"):
            if name in values:
                values[name] = date.fromisoformat(values[name])
        return cls(**values)

    def words(self) -> str:
        """Say the filter in words, for titles, passports and control sheets."""
        parts = [_BY_MONTH[self.dated]]
        if self.since or self.until:
            start = month_short(self.since) if self.since else phrase("the beginning")
            end = month_short(self.until) if self.until else phrase("today")
            parts.append(phrase("{first} to {last}", first=start, last=end))
        for name in ("unit", "initiative", "provider", "service", "category", "model", "account",
                     "source", "currency"):  # fmt: skip
            if value := getattr(self, name):
                parts.append(phrase("{what} {name}", what=phrase(name), name=str(value)))
        if self.search:
            parts.append(phrase('search "{words}"', words=self.search))
        if self.is_unallocated is not None:
            only, without = phrase("only unallocated"), phrase("without unallocated")
            parts.append(only if self.is_unallocated else without)
        return in_a_row(",", parts)


@dataclass(frozen=True, slots=True)
class Cell:
    """
    A group's sums in one currency. ``codes`` and ``labels`` follow the dimensions asked for.

    ``contracted`` and ``list`` are None when a line of the group does not state them.
    """

    codes: tuple[str, ...]
    labels: tuple[str, ...]
    currency: str
    billed: Decimal
    effective: Decimal
    contracted: Decimal | None
    list: Decimal | None
    lines: int
    is_allocated: bool

    def amount(self, basis: str) -> Decimal | None:
        """Give the sum on one cost basis."""
        value: Decimal | None = getattr(self, basis)
        return value


@dataclass(frozen=True, slots=True)
class Amount:
    """A group's sum of one cost in one currency; None when a line of it does not state it."""

    codes: tuple[str, ...]
    labels: tuple[str, ...]
    currency: str
    amount: Decimal | None
    lines: int
    is_allocated: bool


_AMOUNTS = ("billed", "effective", "contracted", "list", "consumed", "priced")
_CELL = ("billing_month", "key_id", "load_id", "charge_month", "currency", "invoice")

#: Key-months ``m`` with who bears them ``s``: whole, in parts, or nobody (no ``initiative_id``).
_FROM = f"""
FROM spend_spendkeymonth km
LEFT JOIN spend_splitpart p ON {" AND ".join(f"p.{name} = km.{name}" for name in _CELL)}
LEFT JOIN spend_keyshare d ON d.key_id = km.key_id
 AND km.charge_month >= d.from_month AND km.charge_month < d.until_month
CROSS JOIN LATERAL (SELECT {", ".join(f"km.{name}" for name in _CELL)}, km.lines,
 {", ".join(f"CASE WHEN p.id IS NULL THEN km.{n} ELSE p.{n} END AS {n}" for n in _AMOUNTS)}) m
CROSS JOIN LATERAL (SELECT coalesce(p.initiative_id, d.initiative_id) AS initiative_id,
 coalesce(p.rule_version_id, d.rule_version_id) AS rule_version_id,
 coalesce(p.share, d.share) AS share) s
JOIN spend_load l ON l.id = m.load_id
JOIN spend_source f ON f.id = l.source_id
JOIN people_scopenode fn ON fn.id = f.node_id
JOIN spend_spendkey k ON k.id = m.key_id
LEFT JOIN initiatives_initiative i ON i.id = s.initiative_id
LEFT JOIN people_scopenode n ON n.id = i.node_id
LEFT JOIN people_scopenode u ON u.id = i.unit_id
"""

#: The same from the sums that each run keeps: thousands of rows where key-months are millions.
#: What nothing asks for is not joined: each join finds one row by its key.
_FROM_SUMS = """
FROM spend_spendallotment m
CROSS JOIN LATERAL (SELECT m.initiative_id) s
LEFT JOIN spend_load l ON l.id = m.load_id
LEFT JOIN spend_source f ON f.id = l.source_id
LEFT JOIN people_scopenode fn ON fn.id = f.node_id
LEFT JOIN spend_spendfacet k ON k.id = m.facet_id
LEFT JOIN initiatives_initiative i ON i.id = m.initiative_id
LEFT JOIN people_scopenode n ON n.id = i.node_id
LEFT JOIN people_scopenode u ON u.id = i.unit_id
"""

_COSTS = ("billed", "effective", "contracted", "list")
#: Costs that a bill may leave out.
_UNSTATED = ("contracted", "list")


def _sum_of(cost: str) -> str:
    """Sum a cost of key-months, and count those that do not state it."""
    if cost not in _UNSTATED:
        return f"sum(m.{cost}) AS {cost}"
    return f"sum(m.{cost}) AS {cost}, count(*) FILTER (WHERE m.{cost} IS NULL) AS {cost}_gaps"


def _sum_of_sums(cost: str) -> str:
    """Do the same with sums that are kept with their counts."""
    if cost not in _UNSTATED:
        return f"sum(m.{cost}) AS {cost}"
    return f"sum(m.{cost}) AS {cost}, sum(m.{cost}_gaps) AS {cost}_gaps"


def _of_cell(cost: str) -> str:
    """Sum a cost of grouped rows: one that some of them do not state is not stated."""
    if cost not in _UNSTATED:
        return f"sum(k.{cost})"
    return f"CASE WHEN sum(k.{cost}_gaps) > 0 THEN NULL ELSE sum(k.{cost}) END"


class Read(NamedTuple):
    """Where to read and how to sum there: FROM, a cost with its gaps, the lines."""

    source: str
    sum_of: Callable[[str], str]
    lines: str

    def grouped(self, raw: Sequence[str], condition: str, costs: Sequence[str] = _COSTS) -> str:
        """Give the sums by some columns, by currency, and by whether anybody bears them."""
        columns = [*raw, "m.currency", "s.initiative_id IS NOT NULL AS is_allocated"]
        places = ", ".join(str(number) for number in range(1, len(columns) + 1))
        return (
            f"(SELECT {', '.join((*columns, *map(self.sum_of, costs)))}, {self.lines} AS lines"
            f" {self.source} WHERE {condition} GROUP BY {places}) AS k"
        )


_CELL_SUMS = f"{', '.join(map(_of_cell, _COSTS))}, sum(k.lines), k.is_allocated"


def read_from(chosen: SpendFilter, by: Sequence[str] = ()) -> Read:
    """
    Give where to read and what to sum: the kept sums, unless a search looks at resources.

    A line that several initiatives bear counts for each of them, and once where initiatives
    are not told apart.
    """
    if chosen.search:
        return Read(_FROM, _sum_of, "sum(m.lines)")
    is_told_apart = chosen.initiative or chosen.unit or {"initiative", "unit"} & {*by}
    lines = "lines" if is_told_apart else "first_lines"
    return Read(_FROM_SUMS, _sum_of_sums, f"sum(m.{lines})")


#: Filter field -> condition; the value goes in as a parameter of the same name.
_CONDITIONS = {
    "since": "{month} >= %(since)s",
    "until": "{month} <= %(until)s",
    "unit": "n.path LIKE '%%' || replace(%(unit)s, '-', '') || '/%%'",
    "initiative": "i.key = %(initiative)s",
    "provider": "k.provider = %(provider)s",
    "service": "k.service = %(service)s",
    "category": "k.service_category = %(category)s",
    "model": "k.model = %(model)s",
    "account": "k.account = %(account)s",
    "source": "f.id::text = %(source)s",
    "currency": "m.currency = %(currency)s",
    "search": "(i.key ILIKE %(like)s OR i.name ILIKE %(like)s OR k.service ILIKE %(like)s"
    " OR k.account_name ILIKE %(like)s OR k.account ILIKE %(like)s"
    " OR k.resource_name ILIKE %(like)s OR k.resource ILIKE %(like)s)",
}


#: The keys that an initiative has ever borne a part of: each is looked up in each month, where
#: the planner would rather read whole months.
_KEYS_OF_INITIATIVE = """km.key_id = ANY(ARRAY(
 SELECT d.key_id FROM spend_keyshare d JOIN initiatives_initiative i ON i.id = d.initiative_id
 WHERE i.key = %(initiative)s
 UNION SELECT p.key_id FROM spend_splitpart p JOIN initiatives_initiative i
 ON i.id = p.initiative_id WHERE i.key = %(initiative)s))"""


#: The bills that hold something of these charge months, so that the others are not opened.
_BILLED = """km.billing_month = ANY(ARRAY(
 SELECT DISTINCT a.billing_month FROM spend_spendallotment a WHERE {span}))"""


def _billed(chosen: SpendFilter) -> list[str]:
    """Narrow key-months by the bill where only the month of use is asked for."""
    if chosen.dated == "billing":
        return []
    span = [
        f"a.charge_month {sign} %({name})s"
        for name, sign in (("since", ">="), ("until", "<="))
        if getattr(chosen, name)
    ]
    return [_BILLED.format(span=" AND ".join(span))] if span else []


def where(
    viewer: User, chosen: SpendFilter, *, of_keys: bool = False
) -> tuple[str, dict[str, Any]]:
    """
    Give the condition of what the viewer may see of what is asked for, with its parameters.

    Allocated spend is seen where the initiative is, unallocated where its source is.

    Args:
        of_keys: the condition is for ``_FROM`` and not for ``_FROM_SUMS``.
    """
    values: dict[str, Any] = {}
    paths = access.scope_paths(viewer, "money.view")
    if not paths:
        return "FALSE", {}
    conditions = []
    if paths != ("",):
        values["paths"] = [f"{path}%" for path in paths]
        conditions.append(
            "(n.path LIKE ANY(%(paths)s)"
            " OR (s.initiative_id IS NULL AND fn.path LIKE ANY(%(paths)s)))"
        )
    for name, condition in _CONDITIONS.items():
        value = getattr(chosen, name)
        if value:
            conditions.append(condition.format(month=chosen.month_column))
            values[name] = value
    if chosen.search:
        escaped = chosen.search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values["like"] = f"%{escaped}%"
    if of_keys:
        conditions += _billed(chosen)
        if chosen.initiative:
            conditions.append(_KEYS_OF_INITIATIVE)
    if chosen.is_unallocated is not None:
        conditions.append(f"s.initiative_id IS {'' if chosen.is_unallocated else 'NOT '}NULL")
    return " AND ".join(conditions) or "TRUE", values


def loose_where(viewer: User, chosen: SpendFilter) -> tuple[str, dict[str, Any]]:
    """Give the condition for key-months ``km`` without shares: where their source is seen."""
    paths = access.scope_paths(viewer, "money.view")
    if not paths:
        return "FALSE", {}
    values: dict[str, Any] = {}
    conditions = []
    if paths != ("",):
        values["paths"] = [f"{path}%" for path in paths]
        conditions.append("fn.path LIKE ANY(%(paths)s)")
    month = chosen.month_column.replace("m.", "km.")
    for name in ("since", "until", "provider", "service", "category", "model", "account",
                 "source", "currency"):  # fmt: skip
        if value := getattr(chosen, name):
            conditions.append(_CONDITIONS[name].format(month=month).replace("m.curr", "km.curr"))
            values[name] = value
    conditions += _billed(chosen)
    return " AND ".join(conditions) or "TRUE", values


def breakdown(*, viewer: User, by: Sequence[str], chosen: SpendFilter | None = None) -> list[Cell]:
    """
    Sum the ledger by some dimensions, and always by currency.

    Args:
        by: names of ``DIMENSIONS``, at least one.

    Returns:
        one cell per group and currency, ordered by the dimensions' labels and the currency.
    """
    sql, values = _by(viewer, by, chosen or SpendFilter(), _COSTS)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [Cell(*_folded(row, by)) for row in cursor.fetchall()]


def amounts(*, viewer: User, by: Sequence[str], chosen: SpendFilter, basis: str) -> list[Amount]:
    """Sum one cost of the ledger as :func:`breakdown` does; the answer is kept for the next."""
    found = remembered.asked(*_by(viewer, by, chosen, (basis,)))
    return [Amount(*_folded(row, by)) for row in found]


def _folded(row: Sequence[Any], by: Sequence[str]) -> tuple[Any, ...]:
    """Put the codes and the labels of a row together."""
    width = 2 * len(by)
    return tuple(row[0:width:2]), tuple(row[1:width:2]), *row[width:]


def _by(
    viewer: User, by: Sequence[str], chosen: SpendFilter, costs: Sequence[str]
) -> tuple[str, dict[str, Any]]:
    """Ask for codes and labels, currency, the costs, lines, and whether anybody bears them."""
    condition, values = where(viewer, chosen, of_keys=bool(chosen.search))
    dimensions = [DIMENSIONS[name] for name in by]
    raw = dict.fromkeys(
        column.format(month=chosen.month_column) for one in dimensions for column in one.raw
    )
    parts = [part.format(month="k.month") for one in dimensions for part in (one.code, one.label)]
    joined = " ".join(dict.fromkeys(one.joined for one in dimensions))
    width = 2 * len(by)
    return (
        f"SELECT {', '.join(parts)}, k.currency, {', '.join(map(_of_cell, costs))},"
        f" sum(k.lines), k.is_allocated"
        f" FROM {read_from(chosen, by).grouped([*raw], condition, costs)} {joined}"
        f" GROUP BY {', '.join(parts)}, k.currency, k.is_allocated"
        f" ORDER BY {', '.join(str(2 * n + 2) for n in range(len(by)))},"
        f" {width + 1}, {width + len(costs) + 3}"
    ), values


def totals(*, viewer: User, chosen: SpendFilter | None = None) -> list[Cell]:
    """Sum what is asked for: per currency one cell allocated and one not, where there is any."""
    chosen = chosen or SpendFilter()
    condition, values = where(viewer, chosen)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT k.currency, {_CELL_SUMS} FROM {read_from(chosen).grouped((), condition)}"
            " GROUP BY k.currency, k.is_allocated ORDER BY 1, 7 DESC",
            values,
        )
        return [Cell((), (), *row) for row in cursor.fetchall()]


def initiative_months(
    *,
    viewer: User,
    chosen: SpendFilter | None = None,
    initiatives: Sequence[uuid.UUID] | None = None,
) -> pd.DataFrame:
    """
    Give allocated spend by initiative, month and currency.

    Returns:
        frame ``spend_months``, ordered by key, month, currency.
    """
    chosen = replace(chosen or SpendFilter(), is_unallocated=False)
    condition, values = where(viewer, chosen)
    if initiatives is not None:
        condition += " AND i.id = ANY(%(ids)s)"
        values["ids"] = list(initiatives)
    names = (
        "initiative", "name", "unit", "month", "currency", "billed", "effective", "contracted",
        "list", "lines",
    )  # fmt: skip
    grouped = read_from(chosen, ("initiative",)).grouped(
        ("s.initiative_id", f"{chosen.month_column} AS month"), condition
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT i.key, i.name, u.name, k.month, k.currency, {_CELL_SUMS} FROM {grouped}"
            " JOIN initiatives_initiative i ON i.id = k.initiative_id"
            " LEFT JOIN people_scopenode u ON u.id = i.unit_id"
            " GROUP BY i.id, u.name, k.month, k.currency, k.is_allocated"
            " ORDER BY i.number, k.month, k.currency",
            values,
        )
        rows = [dict(zip(names, (*row[:9], int(row[9])), strict=True)) for row in cursor.fetchall()]
    return conform("spend_months", rows)


def unallocated(*, viewer: User, chosen: SpendFilter | None = None) -> list[Cell]:
    """Give what no rule allocates, by source and month; the source's owner answers for it."""
    return breakdown(
        viewer=viewer,
        by=("source", "month"),
        chosen=replace(chosen or SpendFilter(), is_unallocated=True),
    )


@dataclass(frozen=True, slots=True)
class Origin:
    """What one load brings to a figure: its version, its files and its sums in its currency."""

    source: str
    owner: str
    scope: str
    period: date
    month: date
    version: int
    files: tuple[str, ...]
    currency: str
    billed: Decimal
    effective: Decimal
    lines: int


_ORIGIN = tuple(Origin.__slots__)


def origins(*, viewer: User, chosen: SpendFilter | None = None) -> list[Origin]:
    """Give the loads a figure is made of, largest first: what its passport lists."""
    chosen = chosen or SpendFilter()
    condition, values = where(viewer, chosen)
    read = read_from(chosen)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.name, coalesce(max(o.name), ''), l.scope, l.period,"
            f" {chosen.month_column}, l.number,"
            " (SELECT array_agg(d.name ORDER BY d.position) FROM spend_deliveryfile d"
            "  WHERE d.delivery_id = l.delivery_id),"
            f" m.currency, sum(m.billed), sum(m.effective), {read.lines} {read.source}"
            f" LEFT JOIN people_user o ON o.id = f.owner_id WHERE {condition}"
            f" GROUP BY f.name, l.scope, l.period, {chosen.month_column}, l.number, l.delivery_id,"
            " m.currency ORDER BY sum(abs(m.billed)) DESC, 1, 3, 4, 5",
            values,
        )
        rows = cursor.fetchall()
    return [
        Origin(**{**dict(zip(_ORIGIN, row, strict=True)), "files": tuple(row[6] or ())})
        for row in rows
    ]


def choices(*, viewer: User, dimension: str) -> list[tuple[str, str]]:
    """Give the (code, label) pairs of a dimension that the viewer may filter by."""
    asked = DIMENSIONS[dimension]
    whole = _KEYS_IN_USE if asked.code.startswith("k.") else ""
    found = _distinct(viewer, f"{asked.code}, {asked.label}", whole)
    return sorted(found, key=lambda pair: pair[1].lower())


def currencies(*, viewer: User) -> list[str]:
    """Give the currencies the viewer sees something billed in, by code."""
    found = _distinct(viewer, "m.currency", "FROM spend_loadtotal m JOIN spend_currentload c"
                      " ON c.load_id = m.load_id")  # fmt: skip
    return sorted(code for (code,) in found)


_KEYS_IN_USE = (
    "FROM spend_spendfacet k WHERE EXISTS"
    " (SELECT FROM spend_spendallotment m WHERE m.facet_id = k.id)"
)


def _distinct(viewer: User, columns: str, whole: str = "") -> list[Any]:
    """
    Give what there is in some columns of what the viewer may see, adding nothing up.

    Args:
        whole: where to read for somebody who sees everything, without asking whose it is.
    """
    chosen = SpendFilter()
    condition, values = where(viewer, chosen)
    source = whole if whole and condition == "TRUE" else f"{_FROM_SUMS} WHERE {condition}"
    columns = columns.format(month=chosen.month_column)
    return remembered.asked(f"SELECT DISTINCT {columns} {source}", values)


def months_held(*, dated: str = "charge") -> tuple[date, date] | None:
    """Give the first and the last month the ledger holds; None while it is empty."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(period), max(period) FROM spend_currentload c WHERE EXISTS"
            " (SELECT FROM spend_spendallotment m WHERE m.load_id = c.load_id)"
            if dated == "billing"
            else "SELECT min(charge_month), max(charge_month) FROM spend_spendallotment"
        )
        first, last = cursor.fetchone()
    return (first, last) if first is not None else None


def budget_months(
    *, viewer: User, chosen: SpendFilter | None = None
) -> dict[tuple[date, str], Decimal]:
    """Give the budget in force by (month, currency), of the units and initiatives asked for."""
    chosen = chosen or SpendFilter()
    paths = access.scope_paths(viewer, "money.view")
    if not paths:
        return {}
    conditions, values = ["TRUE"], {"paths": [f"{path}%" for path in paths]}
    values |= {"since": chosen.since, "until": chosen.until, "unit": chosen.unit.replace("-", "")}  # type: ignore[dict-item]
    if chosen.since:
        conditions.append("b.month >= %(since)s")
    if chosen.until:
        conditions.append("b.month <= %(until)s")
    if chosen.unit:
        conditions.append("n.path LIKE '%%' || %(unit)s || '/%%'")
    if chosen.initiative:
        conditions.append("n.id = (SELECT node_id FROM initiatives_initiative WHERE key = %(key)s)")
        values["key"] = chosen.initiative  # type: ignore[assignment]
    if chosen.currency:
        conditions.append("b.currency = %(currency)s")
        values["currency"] = chosen.currency  # type: ignore[assignment]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.month, b.currency, sum(b.amount) FROM spend_budget b JOIN ("
            "  SELECT DISTINCT ON (fiscal_year) id FROM spend_budgetplan"
            "  ORDER BY fiscal_year, number DESC) p ON p.id = b.plan_id"
            " JOIN people_scopenode n ON n.id = b.node_id AND n.path LIKE ANY(%(paths)s)"
            f" WHERE {' AND '.join(conditions)} GROUP BY 1, 2",
            values,
        )
        return {(month, currency): amount for month, currency, amount in cursor.fetchall()}


def summed(cells: Sequence[Cell], basis: str) -> dict[str, Decimal]:
    """Sum cells per currency on one basis; a currency with an unstated part is left out."""
    sums: dict[str, Decimal | None] = {}
    for cell in cells:
        amount, known = cell.amount(basis), sums.get(cell.currency, Decimal(0))
        sums[cell.currency] = None if amount is None or known is None else EXACT.add(known, amount)
    return {currency: amount for currency, amount in sums.items() if amount is not None}
