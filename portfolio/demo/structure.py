"""Units, people and exchange rates of the company."""

import math
from datetime import date
from decimal import Decimal

from governance_app.domain.periods import add_months
from portfolio.demo.accounts import ACCOUNTS
from portfolio.demo.dice import draw
from portfolio.demo.names import people_names, slug
from portfolio.demo.processes import DIVISIONS
from portfolio.demo.shapes import Person, Rate, Unit

DOMAIN = "meridian.example"

#: Posts in a department and in a division, and how many people hold each.
_DEPARTMENT_POSTS = (
    ("owner", "Head of {unit}", 1),
    ("owner", "Manager, {unit}", 2),
    ("technical", "Lead data scientist, {unit}", 1),
)
_DIVISION_POSTS = (
    ("sponsor", "Managing director, {unit}", 1),
    ("sponsor", "Chief operating officer, {unit}", 1),
    ("manager", "AI program manager, {unit}", 2),
    ("technical", "Engineering manager, {unit}", 1),
    ("finance", "Finance business partner, {unit}", 1),
    ("risk", "Risk partner, {unit}", 1),
)
_GROUP_POSTS = (
    ("sponsor", "Chief executive officer"),
    ("sponsor", "Chief information officer"),
    ("finance", "Chief financial officer"),
    ("finance", "Group controller"),
    ("risk", "Chief risk officer"),
    ("risk", "Head of model risk"),
    ("risk", "Data protection officer"),
    ("manager", "Head of the AI office"),
    ("manager", "Portfolio lead, AI office"),
    ("technical", "Chief data scientist"),
    ("technical", "Head of machine-learning platform"),
    ("technical", "Enterprise architect"),
)


def units() -> list[Unit]:
    """List the divisions, each followed by its departments."""
    rows: list[Unit] = []
    for division in DIVISIONS:
        rows.append(Unit(division.code, division.name, None, division.source))
        rows.extend(
            Unit(department.code, department.name, division.code, division.source)
            for department in division.departments
        )
    return rows


def people(seed: int) -> list[Person]:
    """
    Invent about two hundred people, each with a post in the group, a division or department.

    Those who can sign in take the first seat of their post.
    """
    posts: list[tuple[str, str, str]] = [("", post, title) for post, title in _GROUP_POSTS]
    for unit in units():
        table = _DEPARTMENT_POSTS if unit.parent_code else _DIVISION_POSTS
        for post, title, count in table:
            posts.extend((unit.code, post, title.format(unit=unit.name)) for _ in range(count))
    names = people_names(draw(seed, "people"), len(posts))
    seats = {(account.unit_code, account.post): account for account in ACCOUNTS if account.post}
    taken = {account.email for account in ACCOUNTS}
    rows: list[Person] = []
    for name, (unit_code, post, title) in zip(names, posts, strict=True):
        account = seats.pop((unit_code, post), None)
        if account is not None:
            rows.append(Person(account.email, account.name, account.title, unit_code, post))
            continue
        email = f"{slug(name)}@{DOMAIN}"
        if email in taken:
            email = f"{slug(name)}.{len(rows)}@{DOMAIN}"
        taken.add(email)
        rows.append(Person(email, name, title, unit_code, post))
    return rows


def rates(seed: int, months: list[date], year_end: date) -> list[Rate]:
    """
    Invent what a euro and a pound were worth in US dollars, per month and kind.

    Averages wave slowly; the closing rate lies a little off; the budget rate of a year is the
    average of the October before, rounded to two places, and runs to `year_end`.
    """
    rows: list[Rate] = []
    for base, middle in (("EUR", 1.11), ("GBP", 1.29)):
        random = draw(seed, "rate", base)
        averages: dict[date, Decimal] = {}
        first = add_months(months[0], -12)
        month, step = first, 0
        while month <= year_end:
            value = middle * (1 + 0.045 * math.sin(step / 5.3) + random.gauss(0, 0.006))
            averages[month] = Decimal(f"{value:.4f}")
            month, step = add_months(month, 1), step + 1
        for month, average in averages.items():
            if months[0] <= month <= months[-1]:
                closing = Decimal(f"{float(average) * (1 + random.gauss(0, 0.008)):.4f}")
                rows.append(Rate(base, month, "average", average))
                rows.append(Rate(base, month, "closing", closing))
            if month >= months[0]:
                before = date(month.year - 1, 10, 1)
                planned = averages.get(before, averages[first])
                rows.append(Rate(base, month, "budget", Decimal(f"{planned:.2f}")))
    return rows
