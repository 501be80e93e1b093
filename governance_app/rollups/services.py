"""Pull what changed below into the figures that pages show."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from governance_app.audit import kept
from governance_app.audit.acting import recorded
from governance_app.books import selectors as books
from governance_app.domain.money import exact_sum
from governance_app.people import access
from governance_app.people.models import User
from governance_app.rollups import bridging, cash, portfolio, present, touched, writing
from governance_app.rollups import months as making
from governance_app.rollups.ahead import Odds
from governance_app.rollups.gather import register, value
from governance_app.rollups.gather.rates import ACTUAL, Converter
from governance_app.rollups.models import InitiativeMonth, InitiativeNow, PortfolioMonth
from governance_app.value import services as values

LOCK = "rollups.absorb"


@dataclass(frozen=True, slots=True)
class Absorbed:
    """
    What one pass did: changes taken, initiatives looked at, benefits measured, rows of figures
    that changed. ``is_busy``: another pass holds the lock, and it will look again when done.
    """

    changes: int = 0
    initiatives: int = 0
    benefits: int = 0
    months: int = 0
    now: int = 0
    portfolio: int = 0
    is_busy: bool = False

    def plus(self, more: "Absorbed") -> "Absorbed":
        """Add another pass."""
        counts = {
            name: getattr(self, name) + getattr(more, name)
            for name in ("changes", "initiatives", "benefits", "months", "now", "portfolio")
        }
        return Absorbed(**counts, is_busy=more.is_busy)

    def as_json(self) -> dict[str, int | bool]:
        """Give the counts as JSON."""
        return asdict(self)


@recorded
def absorb(*, by: User, now: dt.datetime) -> Absorbed:
    """
    Make anew what the waiting changes touch, in one transaction; figures that stay the same
    write nothing.

    Args:
        by: the system principal ``rollups``.
        now: the moment of knowing, by the database's clock.
    """
    if not _lock(wait=False):
        return Absorbed(is_busy=True)
    on = timezone.localdate(now)
    found = touched.take()
    if found.series and values.derive(series=found.series, by=by):
        found.add(touched.take())  # what formulas made of new readings
    for benefit in found.benefits:
        values.measure(benefit=benefit, by=by, on=on)
    if found.is_shared:
        values.share_carbon_again(by=by)
    if found.benefits:
        found.add(touched.take())  # what measuring changed
    return _rebuild(found, by=by, now=now)


@recorded
def rebuild(*, by: User, now: dt.datetime) -> Absorbed:
    """
    Make every figure anew from what it is made of; waiting changes count as absorbed.

    Raises:
        Refused: the actor may not change settings.
    """
    access.require(by, "settings.edit")
    _lock(wait=True)
    found = touched.take()
    found.is_everything = found.is_unallocated = True
    return _rebuild(found, by=by, now=now)


def _lock(*, wait: bool) -> bool:
    """Let one pass run at a time, until the end of its transaction."""
    name = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name}(hashtextextended(%s, 0))", [LOCK])
        row = cursor.fetchone()
    return wait or bool(row and row[0])


def _rebuild(found: touched.Touched, *, by: User, now: dt.datetime) -> Absorbed:
    on = timezone.localdate(now)
    setting = present.Setting(
        window=present.Window.on(on, start_month=books.fiscal_start_month(on=on)),
        currency=books.reporting_currency(on=on),
        annual_rate=Decimal(str(books.setting(key="discount_rate", on=on))),
        odds=Odds.read(books.setting(key="stage_probabilities", on=on)),
    )
    is_new_month = (
        InitiativeNow.objects.filter(known_to=None).exclude(through=setting.window.through).exists()
    )
    is_idle = not (found.is_everything or found.is_unallocated or found.initiatives or found.nodes)
    if is_idle and not is_new_month:
        return Absorbed(changes=found.changes, benefits=len(found.benefits))
    converter = Converter(setting.currency)
    changed = _write_months(found.chosen, converter, now)
    entries = register.entries(initiatives=None if is_new_month else found.chosen)
    moved = _write_now(entries, setting, converter, by=by, on=on, now=now)
    sums = _write_portfolio(found, changed, entries, moved, converter, now)
    kept.moved()  # figures are not captured
    return Absorbed(
        changes=found.changes,
        initiatives=len(entries),
        benefits=len(found.benefits),
        months=len(changed),
        now=moved.rows,
        portfolio=sums,
    )


def _write_months(
    chosen: Collection[uuid.UUID] | None, converter: Converter, now: dt.datetime
) -> set[tuple[uuid.UUID, dt.date]]:
    """Write the months that changed; gives them as (initiative, month)."""
    standing = InitiativeMonth.objects.filter(known_to=None)
    if chosen is not None:
        standing = standing.filter(initiative__in=chosen)
    cells = making.cells(initiatives=chosen, converter=converter)
    return writing.supersede(
        InitiativeMonth,
        standing={
            (initiative, month): (pk, digest)
            for initiative, month, pk, digest in standing.values_list(
                "initiative_id", "month", "pk", "digest"
            )
        },
        wanted={key: making.row_of(*key, cell, converter.currency) for key, cell in cells.items()},
        now=now,
    )


@dataclass(frozen=True, slots=True)
class _Moved:
    """How many rows changed, and the places initiatives stood at before."""

    rows: int
    former_paths: dict[uuid.UUID, str]


def _write_now(
    entries: list[register.Entry],
    setting: present.Setting,
    converter: Converter,
    *,
    by: User,
    on: dt.date,
    now: dt.datetime,
) -> _Moved:
    ids = [entry.id for entry in entries]
    columns = [*present.SUMMED, "promised_cost", *cash.PARTS]
    current = InitiativeMonth.objects.filter(known_to=None, initiative__in=ids).order_by("month")
    rows = current.values_list("initiative_id", "month", "reasons", "is_reviewed", *columns)
    months = present.months_by_initiative(list(rows), columns)
    cases = value.cases(initiatives=ids)
    kpis = value.kpis(initiatives=ids)
    dangers = register.dangers(initiatives=ids, on=on, viewer=by, currency=setting.currency)
    waiting = _pending(ids, converter)
    bridges = bridging.month_bridges(
        initiatives=ids, through=setting.window.through, converter=converter
    )
    standing: dict[uuid.UUID, tuple[uuid.UUID, Any]] = {}
    former_paths: dict[uuid.UUID, str] = {}
    before = InitiativeNow.objects.filter(known_to=None, initiative__in=ids)
    for initiative, pk, digest, path in before.values_list("initiative_id", "pk", "digest", "path"):
        standing[initiative] = (pk, digest)
        former_paths[initiative] = path
    wanted = {
        entry.id: present.row_of(
            entry,
            months=months.get(entry.id, []),
            case=cases.get(entry.id),
            kpis=kpis.get(entry.id, []),
            danger=dangers[entry.id],
            pending=waiting.get(entry.id, present.Pending()),
            bridge=bridging.as_json(bridges.get(entry.id, [])),
            setting=setting,
        )
        for entry in entries
    }
    changed = writing.supersede(InitiativeNow, standing=standing, wanted=wanted, now=now)
    return _Moved(len(changed), former_paths)


def _pending(
    initiatives: Collection[uuid.UUID], converter: Converter
) -> dict[uuid.UUID, present.Pending]:
    """Give what waits for finance: by type the sum of claimed, else measured; and the months."""
    amounts: dict[uuid.UUID, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    counts: dict[uuid.UUID, int] = defaultdict(int)
    for row in value.benefit_months(initiatives=initiatives):
        amount = row.claimed if row.claimed is not None else row.measured
        if row.review or amount is None:
            continue
        counts[row.initiative] += 1
        converted = converter.convert(amount, row.currency, row.month, ACTUAL)
        if converted.amount is not None:
            amounts[row.initiative][row.benefit_type].append(converted.amount)
    return {
        each: present.Pending(
            {kind: exact_sum(parts) for kind, parts in amounts[each].items()}, count
        )
        for each, count in counts.items()
    }


def _write_portfolio(
    found: touched.Touched,
    changed: set[tuple[uuid.UUID, dt.date]],
    entries: list[register.Entry],
    moved: _Moved,
    converter: Converter,
    now: dt.datetime,
) -> int:
    """Sum anew above what changed, and what nobody bears where loads, rules or places did."""
    tree = portfolio.Tree.read()
    places = {entry.id: entry.path for entry in entries}
    gone = {
        initiative: path
        for initiative, path in moved.former_paths.items()
        if path != places.get(initiative)
    }
    months: set[dt.date] | None = {month for _, month in changed}
    nodes = {
        node
        for initiative in {initiative for initiative, _ in changed} | set(gone)
        for path in (places.get(initiative, ""), moved.former_paths.get(initiative, ""))
        for node in tree.above(path)
    }
    for node in found.nodes:
        nodes.update(tree.above(tree.paths.get(node, "")))
    if found.is_everything:
        nodes = set(tree.paths)
    if found.is_everything or gone or found.nodes:
        months = None
    total = 0
    if nodes and (months is None or months):
        wanted = portfolio.allocated(nodes=nodes, months=months, tree=tree, converter=converter)
        total += _supersede_portfolio("allocated", wanted, nodes, months, now)
    if found.is_unallocated:
        wanted = portfolio.unallocated(tree=tree, converter=converter)
        total += _supersede_portfolio("unallocated", wanted, None, None, now)
    return total


def _supersede_portfolio(
    part: str,
    wanted: dict[portfolio.Key, dict[str, Any]],
    nodes: Collection[uuid.UUID] | None,
    months: Collection[dt.date] | None,
    now: dt.datetime,
) -> int:
    standing = PortfolioMonth.objects.filter(known_to=None, part=part)
    if nodes is not None:
        standing = standing.filter(node__in=nodes)
    if months is not None:
        standing = standing.filter(month__in=months)
    rows = {
        (node, month, each): (pk, digest)
        for node, month, each, pk, digest in standing.values_list(
            "node_id", "month", "part", "pk", "digest"
        )
    }
    return len(writing.supersede(PortfolioMonth, standing=rows, wanted=wanted, now=now))
