"""
What the company planned to spend and what it spent, by initiative, month and source.

Budgets and charges are exact decimals. A charge is what one source billed for one initiative
(or for nobody) in a month; `bills.py` splits it into lines whose sum is the charge.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from governance_app.domain.periods import add_months, month_range, months_between
from portfolio.demo.dice import CENT, draw, money
from portfolio.demo.shapes import Budget, Charge, Initiative, Rate
from portfolio.demo.showcase import SHOWCASES

#: Budget of the whole group in the first month of history and its growth per month, US dollars,
#: for a company of FULL_COUNT initiatives; a smaller company gets its part.
FIRST_MONTH, GROWTH, FULL_COUNT = 850_000.0, 83_000.0, 1200
STEP = Decimal("1E-10")

#: How far above budget a division ends its fiscal year; Operations stays below.
OVERRUN = {
    "RB": 0.27,
    "INS": 0.06,
    "BB": 0.15,
    "WEA": 0.10,
    "OPS": -0.09,
    "TEC": 0.17,
    "CRP": 0.24,
}
CLOUDS = ("aws", "azure-us", "azure-eu", "gcp")
EURO_SOURCES = frozenset({"azure-eu"})
#: Sources that bill whole cents.
CENT_SOURCES = frozenset({"labour", "vendors"})

_INTENSITY = {"idea": 0.0, "assessment": 0.08, "pilot": 0.5, "scaling": 1.15, "production": 1.0}
SHARES = {show.name: show.share for show in SHOWCASES if show.share is not None}
_ACCOUNTS = 22
_RUNAWAYS, _RUNAWAY, _STEADY = 0.12, 4.0, 0.6
#: Month of the history in which a compute savings plan was bought.
_PLAN_FROM = 12
_IN_ACCOUNT, _SHARED, _WRONG = 0.19, 0.05, 0.005


@dataclass(frozen=True)
class Money:
    """Budgets, charges, the dedicated account of some initiatives, and the plan behind them."""

    budgets: tuple[Budget, ...]
    charges: tuple[Charge, ...]
    account_of: dict[str, str]
    plan: dict[str, dict[date, Decimal]]


def build(
    seed: int,
    initiatives: Sequence[Initiative],
    months: Sequence[date],
    rates: Sequence[Rate],
) -> Money:
    """
    Plan and spend.

    Args:
        initiatives: the tree; only rows of kind initiative spend.
        months: complete months of history, oldest first.
        rates: rates to US dollars; the average of a month turns euro bills into dollars.
    """
    spenders = [row for row in initiatives if row.kind == "initiative"]
    ahead = month_range(months[0], date(months[-1].year, 12, 1))
    plan = _plan(seed, spenders, ahead, months)
    budgets = tuple(
        Budget(row.key, row.unit_code, month, amount)
        for row in spenders
        for month, amount in plan[row.key].items()
    )
    averages = {(r.base, r.month): r.value for r in rates if r.kind == "average"}
    actual = _actual(seed, spenders, plan, months)
    account_of = _accounts(spenders, actual)
    charges = _charges(seed, spenders, actual, months, averages, account_of)
    return Money(budgets, charges, account_of, plan)


def totals(charges: Sequence[Charge]) -> Mapping[tuple[str, date], Decimal]:
    """Sum charges by source and month, in the currency of the source."""
    sums: dict[tuple[str, date], Decimal] = defaultdict(Decimal)
    for charge in charges:
        sums[charge.source, charge.month] += charge.amount
    return sums


def stage_in(row: Initiative, month: date) -> str | None:
    """Give the stage at the end of a month, None before the first move."""
    found, after = None, add_months(month, 1)
    for move in row.moves:
        if move.on < after:
            found = move.to_stage
    return found


def _weight(row: Initiative, month: date) -> float:
    stage = stage_in(row, month)
    if stage is None or stage == "retired" or row.flags & {"no_spend", "zero_cost"}:
        return 0.0
    weight = row.size * _INTENSITY[stage]
    if stage == "production" and row.live_on is not None:
        weight *= 1 + 0.015 * min(30, max(0, months_between(row.live_on, month)))
    return weight


def _plan(
    seed: int, rows: Sequence[Initiative], ahead: Sequence[date], months: Sequence[date]
) -> dict[str, dict[date, Decimal]]:
    """Spread the group's budget of each month over what is alive in it."""
    plan: dict[str, dict[date, Decimal]] = {row.key: {} for row in rows}
    part = len(rows) / FULL_COUNT
    for index, month in enumerate(ahead):
        group = (FIRST_MONTH + GROWTH * index) * part
        # After the history nobody knows which will start; those of the last month go on.
        weights = {row.key: _weight(row, min(month, months[-1])) for row in rows}
        total = sum(weights.values()) or 1.0
        fixed = {
            row.key: SHARES[row.name] * min(1.0, weights[row.key] / row.size)
            for row in rows
            if row.name in SHARES and weights[row.key] > 0
        }
        left = max(0.2, 1.0 - sum(fixed.values()))
        rest = total - sum(weights[key] for key in fixed)
        for row in rows:
            share = fixed.get(row.key)
            if share is None:
                share = left * weights[row.key] / rest if rest > 0 else 0.0
            amount = money(group * share, CENT)
            if amount:
                plan[row.key][month] = amount
    return plan


def _actual(
    seed: int,
    rows: Sequence[Initiative],
    plan: Mapping[str, Mapping[date, Decimal]],
    months: Sequence[date],
) -> dict[tuple[str, date], float]:
    """Turn plan into spend: a division's overrun grows over the year, single plans are noisy."""
    actual: dict[tuple[str, date], float] = {}
    year = months[-1].year
    elapsed = months[-1].month
    for row in rows:
        random = draw(seed, "spend", row.key)
        own = random.gauss(1.0, 0.05)
        if "over_budget" in row.flags:
            own = random.uniform(1.15, 1.5)
        elif "under_budget" in row.flags:
            own = random.uniform(0.55, 0.8)
        overrun = OVERRUN[row.unit_code.split("-")[0]]
        # A few run away and most keep close to plan; both together make the division's overrun.
        if row.name not in SHARES:
            overrun *= _RUNAWAY if random.random() < _RUNAWAYS else _STEADY
        for month in months:
            planned = plan[row.key].get(month)
            if planned is None:
                continue
            progress = month.month / elapsed if month.year == year else 0.12
            factor = own * (1 + overrun * progress) * random.gauss(1.0, 0.06)
            actual[row.key, month] = float(planned) * max(0.2, factor)
    return actual


def _accounts(
    rows: Sequence[Initiative], actual: Mapping[tuple[str, date], float]
) -> dict[str, str]:
    """Give the biggest spenders a cloud account of their own."""
    sums: dict[str, float] = defaultdict(float)
    for (key, _), amount in actual.items():
        sums[key] += amount
    biggest = sorted(sums, key=lambda key: (-sums[key], key))[:_ACCOUNTS]
    sources = {row.key: row.source for row in rows}
    return {
        key: account_id(sources[key], 100 + number) for number, key in enumerate(biggest, start=1)
    }


def account_id(source: str, number: int) -> str:
    """Give the id of a cloud sub-account in the manner of its source."""
    if source == "aws":
        return f"0{48_200_000_000 + number * 7919:011d}"
    if source == "gcp":
        return f"meridian-ai-{number:03d}"
    return f"5b1e7c2a-0000-4a00-8000-{number:012d}"


def mix(row: Initiative, stage: str | None) -> dict[str, float]:
    """Give the share of each source in the spend of an initiative at a stage."""
    people = {"assessment": 0.85, "pilot": 0.52, "scaling": 0.34}.get(stage or "", 0.2)
    vendor = 0.3 if row.vendor else 0.0
    model = 0.34 if row.is_generative else 0.0
    cloud = max(0.08, 1 - people - vendor - model * (1 - people))
    shares = {"labour": people, row.source: cloud}
    if row.deployment_target == "on_premises":
        shares = {"labour": people + cloud * 0.7, row.source: cloud * 0.3}
    if vendor:
        shares["vendors"] = vendor
    if model:
        shares[model_source(row)] = model * (1 - people)
    total = sum(shares.values())
    return {source: share / total for source, share in shares.items()}


def model_source(row: Initiative) -> str:
    """Give the model provider an initiative buys from; the same one all its life."""
    return draw(0, "model", row.key).choice(("openai", "openai", "anthropic"))


def _charges(
    seed: int,
    rows: Sequence[Initiative],
    actual: Mapping[tuple[str, date], float],
    months: Sequence[date],
    averages: Mapping[tuple[str, date], Decimal],
    account_of: Mapping[str, str],
) -> tuple[Charge, ...]:
    charges: list[Charge] = []
    by_key = {row.key: row for row in rows}
    for month in months:
        sums: dict[str, float] = defaultdict(float)
        for row in rows:
            spent = actual.get((row.key, month))
            if spent is None:
                continue
            for source, share in mix(row, stage_in(row, month)).items():
                sums[source] += spent * share
                charges += _of_initiative(
                    seed, row, source, month, spent * share, averages, account_of
                )
        for source, total in sums.items():
            charges += _of_nobody(seed, source, month, total, averages)
        if sums["aws"] and month >= months[_PLAN_FROM]:
            amount = money(sums["aws"] * 0.03, STEP)
            charges.append(Charge("aws", month, None, "none", "purchase", amount))
    charges += _refund(seed, by_key, actual, months, averages)
    return tuple(charges)


def _of_initiative(
    seed: int,
    row: Initiative,
    source: str,
    month: date,
    dollars: float,
    averages: Mapping[tuple[str, date], Decimal],
    account_of: Mapping[str, str],
) -> list[Charge]:
    if dollars < 0.01:
        return []
    own = _IN_ACCOUNT if row.key in account_of and source == row.source else 0.0
    parts = [("tag", 1 - own), ("account", own)] if own else [("tag", 1.0)]
    if not own and source in CLOUDS and draw(seed, "typo", row.key, source).random() < _WRONG * 4:
        parts = [("wrong", 1.0)]
    return [
        Charge(
            source, month, row.key, how, "usage",
            _billed(dollars * part, source, month, averages),
        )
        for how, part in parts
    ]  # fmt: skip


def _of_nobody(
    seed: int,
    source: str,
    month: date,
    total: float,
    averages: Mapping[tuple[str, date], Decimal],
) -> list[Charge]:
    """Give what a source bills without saying for whom: shared services, tax and credits."""
    random = draw(seed, "shared", source, month)
    parts: list[tuple[str, str, float]] = []
    if source in CLOUDS:
        parts.append(("none", "usage", total * _SHARED * random.uniform(1.3, 2.1)))
        if random.random() < 0.55:
            parts.append(("none", "credit", -total * random.uniform(0.004, 0.016)))
    elif source in {"openai", "anthropic"}:
        parts.append(("none", "usage", total * _SHARED * random.uniform(0.4, 1.0)))
    if source in {"aws", "azure-us", "openai", "anthropic"}:
        parts.append(("none", "tax", total * 0.0065))
    return [
        Charge(source, month, None, how, kind, _billed(amount, source, month, averages))
        for how, kind, amount in parts
        if abs(amount) >= 0.01
    ]


def _refund(
    seed: int,
    by_key: Mapping[str, Initiative],
    actual: Mapping[tuple[str, date], float],
    months: Sequence[date],
    averages: Mapping[tuple[str, date], Decimal],
) -> list[Charge]:
    """Give those flagged a month in which credits exceed their cost, and the clouds corrections."""
    charges = []
    for row in by_key.values():
        spent = {month: actual[row.key, month] for month in months if (row.key, month) in actual}
        if "refund" in row.flags and len(spent) > 3:
            month = sorted(spent)[-2]
            credit = _billed(-1.4 * spent[month], row.source, month, averages)
            charges.append(Charge(row.source, month, row.key, "tag", "credit", credit))
    random = draw(seed, "corrections")
    for month in months[3::4]:
        before = add_months(month, -1)
        alive = sorted(key for key, m in actual if m == before)
        for key in random.sample(alive, min(3, len(alive))):
            row = by_key[key]
            amount = -actual[key, before] * random.uniform(0.02, 0.08)
            charges.append(
                Charge(
                    row.source, month, key, "tag", "correction",
                    _billed(amount, row.source, month, averages),
                )
            )  # fmt: skip
    return [charge for charge in charges if charge.amount]


def _billed(
    dollars: float, source: str, month: date, averages: Mapping[tuple[str, date], Decimal]
) -> Decimal:
    """Turn dollars into the currency and the smallest step of a source."""
    amount = dollars
    if source in EURO_SOURCES:
        amount = dollars / float(averages["EUR", month])
    return money(amount, CENT if source in CENT_SOURCES else STEP)
