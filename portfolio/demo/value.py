"""Business cases, KPIs and the benefits that finance has and has not accepted."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from random import Random

from governance_app.domain.periods import add_months, last_day, month_of, month_range
from portfolio.demo.dice import draw, lognormal, money
from portfolio.demo.money import SHARES
from portfolio.demo.shapes import (
    Assumption,
    Benefit,
    BenefitMonth,
    Case,
    CaseLine,
    Initiative,
    Kpi,
    Person,
)
from portfolio.demo.techniques import MEASURES, MINUTE_RATE, TECHNIQUES, Measure

#: Promised benefit of the fiscal year to date, as a multiple of its budget.
PROMISED_TO_BUDGET = 3.2
_HORIZON, _LONGEST, _AHEAD = 36, 60, 15
_RAMP = 6
_DOLLAR = Decimal(1)
_HAIR = Decimal("0.000001")
_TROUBLED = {"above_appetite", "over_budget", "past_box", "rejected"}
_KINDS = ("hard", "avoided", "soft")
_KIND_WEIGHTS = (70, 18, 12)
_BENEFIT_MONTHS = 60
_ASSUMPTIONS = (
    "Volumes stay as they are; {users} keep four of five outputs.",
    "Half of the freed time is taken out of the roster within a year.",
    "Model prices fall by a tenth a year; volumes grow by three per cent.",
    "The old system is switched off one quarter after go-live.",
)


@dataclass(frozen=True)
class Value:
    """Cases, KPIs and benefits of the company."""

    cases: tuple[Case, ...]
    kpis: tuple[Kpi, ...]
    benefits: tuple[Benefit, ...]


def build(
    seed: int,
    initiatives: Sequence[Initiative],
    months: Sequence[date],
    plan: Mapping[str, Mapping[date, Decimal]],
    people: Sequence[Person],
) -> Value:
    """
    Invent what was promised and what came of it.

    Args:
        plan: planned spend by initiative key and month; cases promise in proportion to it.
        people: finance people among them validate and approve.
    """
    rows = [row for row in initiatives if row.kind == "initiative"]
    finance = [person.email for person in people if person.post == "finance"]
    promises = _promises(seed, rows, months, plan)
    cases, kpis, benefits = [], [], []
    for row in rows:
        steady = promises.get(row.key)
        found = _kpis(seed, row, months, steady)
        kpis += found
        case = _case(seed, row, months, plan[row.key], steady, finance)
        if case is not None:
            main = found[0] if found and steady else None
            cases.append(replace(case, rests_on=_rests_on(seed, row, main)))
        is_used = row.live_on is not None or row.stage == "scaling"
        if found and steady and is_used and row.stage != "pilot":
            benefits.append(_benefit(seed, row, months, steady, found[0], finance))
    return Value(tuple(cases), tuple(kpis), tuple(benefits))


def go_live(row: Initiative) -> date | None:
    """Give the month from which benefits were promised: while scaling they begin to come."""
    if row.stage == "scaling":
        return month_of(next(m.on for m in reversed(row.moves) if m.to_stage == "scaling"))
    return month_of(row.planned_live_on) if row.planned_live_on else None


def _last_month(start: date, months: Sequence[date]) -> date:
    """Give the last month of a case: three years, longer where those are nearly over."""
    passed = (months[-1].year - start.year) * 12 + months[-1].month - start.month
    length = min(_LONGEST, max(_HORIZON, passed + _AHEAD))
    return add_months(start, length - 1)


def _promises(
    seed: int,
    rows: Sequence[Initiative],
    months: Sequence[date],
    plan: Mapping[str, Mapping[date, Decimal]],
) -> dict[str, Decimal]:
    """Give the steady monthly benefit each case promises, scaled so that the year adds up."""
    raw: dict[str, float] = {}
    year = [month for month in months if month.year == months[-1].year]
    for row in rows:
        if go_live(row) is None or "no_sign_change" in row.flags:
            continue
        random = draw(seed, "promise", row.key)
        level = max((float(amount) for amount in plan[row.key].values()), default=0.0)
        if not level:
            level = lognormal(random, 2500, 0.5)
        lift = {"pilot": 1.5, "scaling": 0.9}.get(row.stage, 1.0)
        if row.fate.startswith("stopped"):
            lift = 0.7
        ratio = lognormal(random, 1.5, 0.35)
        if row.name in SHARES and not row.flags & _TROUBLED:
            ratio = random.uniform(1.8, 2.4)  # what decides the year was chosen with care
        if row.flags & {"never_pays_back", "loss"}:
            ratio = 0.45
        raw[row.key] = level * lift * ratio
    promised = sum(
        raw[row.key] * ramp(go_live(row), month)
        for row in rows
        if row.key in raw
        for month in year
        if _is_promised(row, month, months)
    )
    budget = sum(float(plan[row.key].get(month, 0)) for row in rows for month in year)
    scale = PROMISED_TO_BUDGET * budget / promised if promised else 1.0
    return {key: max(_DOLLAR, money(value * scale, _DOLLAR)) for key, value in raw.items()}


def _is_promised(row: Initiative, month: date, months: Sequence[date]) -> bool:
    start = _case_start(row)
    return start is not None and month <= _last_month(start, months)


def ramp(start: date | None, month: date) -> float:
    """Give the share of the steady benefit reached in a month: straight up over half a year."""
    if start is None or month < start:
        return 0.0
    passed = (month.year - start.year) * 12 + month.month - start.month + 1
    return min(1.0, passed / _RAMP)


def _case_start(row: Initiative) -> date | None:
    for stage in ("pilot", "assessment", "production"):
        for move in row.moves:
            if move.to_stage == stage:
                return month_of(move.on)
    return None


def _case(
    seed: int,
    row: Initiative,
    months: Sequence[date],
    plan: Mapping[date, Decimal],
    steady: Decimal | None,
    finance: Sequence[str],
) -> Case | None:
    start = _case_start(row)
    if start is None or "no_case" in row.flags:
        return None
    random = draw(seed, "case", row.key)
    # What ran before the history was taken into the register with a case from its first month.
    horizon = month_range(max(start, months[0]), _last_month(start, months))
    live = go_live(row) or add_months(start, 8)
    lines: list[CaseLine] = []
    if "zero_cost" not in row.flags:
        lines += _costs(random, row, horizon, live, plan)
    if steady is not None and "no_sign_change" not in row.flags:
        for month in horizon:
            amount = money(float(steady) * ramp(live, month), _DOLLAR)
            if amount:
                lines.append(CaseLine("benefit", benefit_type(seed, row), month, amount))
    is_approved = "draft_case" not in row.flags and row.stage != "assessment"
    return Case(
        key=row.key,
        lines=tuple(line for line in lines if line.amount),
        go_live_month=live,
        assumptions=random.choice(_ASSUMPTIONS).format(users=row.users or "the team"),
        rests_on=(),
        written_by=row.business_owner,
        approved_by=random.choice(finance) if is_approved else None,
        yearly_benefit=(steady or Decimal(0)) * 12,
    )


def _rests_on(seed: int, row: Initiative, kpi: Kpi | None) -> tuple[Assumption, ...]:
    """
    State the factors of the promise with their ranges: steady adoption x effect x price.

    Adoption and the price of running it move in every case together.
    """
    if kpi is None or kpi.unit_value is None or kpi.target is None:
        return ()
    random = draw(seed, "rests", row.key)
    effect = abs(kpi.target - kpi.baseline)
    price = kpi.unit_value * kpi.attribution

    def around(name: str, likely: Decimal, low: float, high: float, **about: str) -> Assumption:
        ends = (money(float(likely) * share, _HAIR) for share in (low, high))
        bottom, top = ends
        return Assumption(name, min(bottom, likely), likely, max(top, likely), **about)

    return (
        around(
            "People who use it", Decimal(1), random.uniform(0.55, 0.8), 1.05, unit="share",
            factor="adoption", driver="Adoption of assistants" if row.is_generative else "",
            evidence="Survey of the pilot group" if random.random() < 0.6 else "",
        ),
        around(
            f"{kpi.name} gets better by", effect, random.uniform(0.4, 0.7),
            random.uniform(1.1, 1.4), unit=kpi.unit, factor="unit_effect",
            evidence="Three months of the pilot" if random.random() < 0.5 else "",
        ),
        around(
            "Worth of one unit a month", price, random.uniform(0.85, 0.95),
            random.uniform(1.02, 1.1), unit="USD", factor="price",
            evidence="Loaded rates of controlling, 2026",
        ),
        around(
            "Price of running it", Decimal(1), 0.7, random.uniform(1.2, 1.6), unit="of plan",
            moves="cost", driver="Price of models" if row.is_generative else "Price of cloud",
        ),
    )  # fmt: skip


def _costs(
    random: Random,
    row: Initiative,
    horizon: Sequence[date],
    live: date,
    plan: Mapping[date, Decimal],
) -> list[CaseLine]:
    """Split planned spend into categories; beyond the known plan the last level goes on."""
    hope = random.uniform(0.82, 1.02)
    level = max((float(amount) for amount in plan.values()), default=0.0)
    if not level:
        level = lognormal(random, 1800, 0.4)
    lines = []
    for month in horizon:
        known = float(plan[month]) if month in plan else None
        if row.stage == "retired" or known is None:
            known = level * (1.0 if month >= live else 0.5)
        amount = known * hope
        if month < live:
            parts = {"build": 0.38, "people": 0.55, "data": 0.07}
        else:
            parts = {"run": 0.74, "people": 0.26}
        if month == horizon[0]:
            lines.append(CaseLine("cost", "build", month, money(level * 1.5 * hope, _DOLLAR)))
        if month == live:
            lines.append(CaseLine("cost", "change", month, money(amount * 0.8, _DOLLAR)))
        lines += [
            CaseLine("cost", category, month, money(amount * part, _DOLLAR))
            for category, part in parts.items()
        ]
    return lines


def _kpis(seed: int, row: Initiative, months: Sequence[date], steady: Decimal | None) -> list[Kpi]:
    """Give one KPI that carries the money and, for most, a second one that does not."""
    start = _case_start(row)
    if start is None or row.stage == "assessment" or row.fate == "stopped in assessment":
        return []
    random = draw(seed, "kpi", row.key)
    technique = TECHNIQUES[row.technique]
    main = _kpi(random, row, MEASURES[technique.measure], technique.measure, months, steady)
    if random.random() < 0.3:
        return [main]
    other = _kpi(random, row, MEASURES[technique.second], technique.second, months, None)
    return [main, other]


def _kpi(
    random: Random,
    row: Initiative,
    measure: Measure,
    slug: str,
    months: Sequence[date],
    steady: Decimal | None,
) -> Kpi:
    places = Decimal(1).scaleb(-measure.places)
    low, high = measure.start
    baseline = money(random.uniform(low, high), places)
    step = random.uniform(*measure.step) * (float(baseline) if measure.relative else 1.0)
    sign = 1 if measure.direction == "higher" else -1
    target = money(float(baseline) + sign * step, places)
    if measure.unit == "%":
        target = min(target, Decimal("97.0"))
    attribution = Decimal(str(random.choice((0.6, 0.7, 0.8, 0.9, 1.0, 1.0))))
    unit_value = None
    if steady is not None:
        unit_value = money(steady / (abs(target - baseline) * attribution), Decimal("0.01"))
    start = _first_reading(row)
    live = go_live(row) or add_months(start, 8)
    return Kpi(
        key=row.key,
        series_key=slug.replace("_", "-"),
        name=measure.name,
        unit=measure.unit,
        direction=measure.direction,
        baseline=baseline,
        value_type=TECHNIQUES[row.technique].value_type,
        population=f"{row.users[:1].upper()}{row.users[1:]} using {row.name}"[:300],
        baseline_month=add_months(start, -1),
        target=target,
        target_on=last_day(add_months(live, 11)),
        unit_value=unit_value,
        attribution=attribution,
        readings=_readings(random, row, months, baseline, target, places, start),
    )


def _first_reading(row: Initiative) -> date:
    start = _case_start(row)
    if start is None:
        raise ValueError(f"{row.key} has no case and so nothing to read.")
    return start


def _reached(random: Random, row: Initiative) -> float:
    """Give the share of the way to its target that an initiative gets."""
    if "worse" in row.flags:
        return random.uniform(-0.5, -0.15)
    if "loss" in row.flags or row.fate.startswith("stopped"):
        return random.uniform(-0.05, 0.4)
    if row.stage == "pilot":
        return random.uniform(0.1, 0.85)
    middle = 0.72 if "at_risk" in row.flags else 1.03
    return max(-0.1, min(1.45, random.gauss(middle, 0.24)))


def _readings(
    random: Random,
    row: Initiative,
    months: Sequence[date],
    baseline: Decimal,
    target: Decimal,
    places: Decimal,
    start: date,
) -> tuple[tuple[date, Decimal], ...]:
    reached = _reached(random, row)
    if "no_readings" in row.flags:
        return ()
    step = float(target - baseline)
    last = months[-1]
    if row.ended_on is not None:
        last = min(last, month_of(row.ended_on))
    if "stale" in row.flags:
        last = add_months(last, -4)
    go = month_of(row.live_on) if row.live_on else go_live(row) or add_months(start, 8)
    found = []
    for month in month_range(max(start, months[0]), last):
        since = (month.year - go.year) * 12 + month.month - go.month
        way = reached / (1 + math.exp(-(since + 1) / 2.2))
        if row.stage == "pilot" or row.fate == "stopped in pilot":
            passed = (month.year - start.year) * 12 + month.month - start.month
            way = reached * min(1.0, passed / 5)
        drift = -0.012 * max(0, since - 14)
        noise = random.gauss(0, 0.045)
        value = float(baseline) + step * (way + (drift + noise) * min(1.0, abs(way) + 0.3))
        if random.random() < 0.02 and month != last:
            continue
        found.append((last_day(month), max(places, money(value, places))))
    return tuple(found)


def _benefit(
    seed: int,
    row: Initiative,
    months: Sequence[date],
    steady: Decimal,
    kpi: Kpi,
    finance: Sequence[str],
) -> Benefit:
    random = draw(seed, "benefit", row.key)
    technique = TECHNIQUES[row.technique]
    started = month_of(row.live_on) if row.live_on else go_live(row) or months[-1]
    if row.stage == "scaling":
        started = month_of(next(m.on for m in reversed(row.moves) if m.to_stage == "scaling"))
    first = max(started, months[0])
    last = min(months[-1], month_of(row.ended_on)) if row.ended_on else months[-1]
    optimism = random.uniform(0.88, 1.25)
    lag = random.choice((1, 1, 1, 2))
    kind = benefit_type(seed, row)
    bank_share = {"hard": random.uniform(0.55, 0.85), "avoided": random.uniform(0.2, 0.5)}.get(
        kind, 0.0
    )
    accepted = random.uniform(0.84, 0.99)
    validator = random.choice(finance)
    readings = {month_of(on): value for on, value in kpi.readings}
    for month in list(readings):  # a month that was missed is told by the one before
        readings.setdefault(add_months(month, 1), readings[month])
    rows = []
    for month in month_range(first, last):
        rows.append(
            _benefit_month(
                random, row, month, months[-1], kpi, readings.get(month), steady, optimism,
                lag, accepted, bank_share, validator, started,
            )
        )  # fmt: skip
    return Benefit(
        key=row.key,
        name=f"{kpi.name}: {_WORDS[kind]}",
        kind=kind,
        value_type=technique.value_type,
        series_key=kpi.series_key,
        starts_month=started,
        ends_month=add_months(started, _BENEFIT_MONTHS - 1),
        owner=row.business_owner,
        months=tuple(rows),
    )


def benefit_type(seed: int, row: Initiative) -> str:
    """Say whether an initiative's benefit is hard, avoided or soft: METHOD section 3."""
    return draw(seed, "kind", row.key).choices(_KINDS, _KIND_WEIGHTS)[0]


_WORDS = {
    "hard": "budget released",
    "avoided": "hiring and spending avoided",
    "soft": "time freed",
}


def _benefit_month(
    random: Random,
    row: Initiative,
    month: date,
    now: date,
    kpi: Kpi,
    reading: Decimal | None,
    steady: Decimal,
    optimism: float,
    lag: int,
    accepted: float,
    bank_share: float,
    validator: str,
    started: date,
) -> BenefitMonth:
    claimed = money(float(steady) * ramp(started, month) * optimism, _DOLLAR)
    age = (now.year - month.year) * 12 + now.month - month.month
    measured = None
    if reading is not None and kpi.unit_value is not None:
        sign = 1 if kpi.direction == "higher" else -1
        measured = money(sign * (reading - kpi.baseline) * kpi.unit_value * kpi.attribution)
    blank = BenefitMonth(month, claimed, measured, None, None, False, None, "")
    if measured is None or age < lag:
        return blank
    if ("rejected" in row.flags and age < 7) or random.random() < 0.03:
        note = random.choice(_REJECTED)
        return replace(blank, is_rejected=True, validator=validator, note=note)
    validated = max(Decimal(0), money(float(measured) * accepted, _DOLLAR))
    banked = None
    if age >= lag + 1 and bank_share:
        banked = money(float(validated) * bank_share, _DOLLAR)
    return replace(blank, validated=validated, banked=banked, validator=validator)


_REJECTED = (
    "Baseline includes a month with an outage.",
    "The freed time cannot be found in the roster.",
    "Counted by another initiative for the same population.",
    "Evidence file does not match the reading.",
)


def yearly_volume(kpi: Kpi) -> int | None:
    """
    Give the cases a year that a time KPI's money implies at the loaded rate of a minute.

    One minute less per case is worth `unit_value` a month.
    """
    if kpi.unit != "min" or kpi.unit_value is None:
        return None
    return int(kpi.unit_value * 12 / MINUTE_RATE)
