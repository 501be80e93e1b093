"""
Meridian Group, an invented company, made whole from a seed and a day.

Nothing here reads a clock or a database: the same seed, day and size give the same company to
the last decimal.
"""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from portfolio.demo import activity, money, registry, risks, structure, tree, value
from portfolio.demo.dice import draw, history
from portfolio.demo.shapes import Company, Initiative, Kpi, Update
from portfolio.demo.showcase import SHOWCASES

NAME = "Meridian Group"
LABEL = "invented demo data"
SEED = 2026
INITIATIVES = 1200


def build(*, as_of: date, seed: int = SEED, initiatives: int = INITIATIVES) -> Company:
    """
    Invent the company as of a day.

    Args:
        as_of: the story ends on this day; bills and readings cover the 36 whole months before.
        seed: another seed is another company.
        initiatives: how many of kind initiative; portfolios and programmes come on top. At
            least as many as there are showcases, so that every state stays present.
    """
    if initiatives < len(SHOWCASES):
        raise ValueError(f"Every state needs {len(SHOWCASES)} initiatives, not {initiatives}.")
    months = history(as_of)
    units = tuple(structure.units())
    people = tuple(structure.people(seed))
    rates = tuple(structure.rates(seed, months, date(months[-1].year, 12, 1)))
    rows = tree.build(seed, as_of, initiatives, people)
    spent = money.build(seed, rows, months, rates)
    worth = value.build(seed, rows, months, spent.plan, people)
    main = {kpi.key: kpi for kpi in reversed(worth.kpis) if kpi.unit_value is not None}
    rows = tuple(_with_words(seed, row, main.get(row.key)) for row in rows)
    updates = {row.key: activity.updates(seed, as_of, row) for row in rows}
    rows = tuple(_with_sentence(row, updates) for row in rows)
    return Company(
        name=NAME,
        seed=seed,
        as_of=as_of,
        months=tuple(months),
        units=units,
        people=people,
        initiatives=rows,
        updates=updates,
        comments={row.key: activity.comments(seed, as_of, row) for row in rows},
        milestones={row.key: activity.milestones(seed, as_of, row) for row in rows},
        dependencies=activity.dependencies(seed, rows),
        budgets=spent.budgets,
        cases=worth.cases,
        kpis=worth.kpis,
        benefits=worth.benefits,
        risks=risks.build(seed, as_of, rows),
        appetites=risks.appetites(),
        charges=spent.charges,
        rates=rates,
        registry=registry.build(seed, as_of, rows),
        accounts_by_key=spent.account_of,
    )


def _with_words(seed: int, row: Initiative, kpi: Kpi | None) -> Initiative:
    """Add what a person would know of the process: its volume and the time it takes."""
    volume = value.yearly_volume(kpi) if kpi else None
    if kpi is None or volume is None or volume < 200:
        return row
    said = _people_say(volume)
    minutes = kpi.baseline.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    random = draw(seed, "words", row.key)
    sentence = random.choice(
        (
            f"About {said} a year, {minutes} minutes each today.",
            f"Today each takes {minutes} minutes, {said} times a year.",
            f"Volume: {said} a year at {minutes} minutes.",
        )
    )
    return replace(row, purpose=f"{row.purpose} {sentence}")


def _people_say(count: int) -> str:
    """
    Round to two figures, with commas.

    >>> _people_say(1089908)
    '1,100,000'
    """
    step = 10 ** max(0, len(str(count)) - 2)
    return f"{round(count / step) * step:,}"


def _with_sentence(row: Initiative, updates: dict[str, tuple[Update, ...]]) -> Initiative:
    found = updates.get(row.key)
    return replace(row, status_sentence=found[-1].sentence) if found and row.status else row
