"""Hard, avoided, soft and qualitative benefits never share a figure: METHOD section 3."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from governance_app.rollups import selectors
from governance_app.rollups.models import InitiativeMonth, InitiativeNow, PortfolioMonth
from governance_app.rollups.selectors.passports import passport
from governance_app.value import services as value

pytestmark = pytest.mark.django_db

SEP = dt.date(2026, 9, 1)
WORTH = {"hard": 1000, "avoided": 200, "soft": 30, "qualitative": 4}


@pytest.fixture
def initiative(world: Any) -> Any:
    return world.initiative()


@pytest.fixture
def of_every_type(world: Any, initiative: Any) -> Any:
    """One benefit of each type, claimed and validated for September."""
    for kind, amount in WORTH.items():
        benefit = value.add_benefit(
            initiative=initiative, name=kind, benefit_type=kind,
            value_type="operational_efficiency", starts_month=SEP, ends_month=SEP,
            currency="USD", by=world.manager,
        )  # fmt: skip
        value.claim(benefit=benefit, months={SEP: Decimal(amount)}, by=world.manager)
        world.validate(benefit, SEP, str(amount))
    world.absorb()
    return initiative


def test_each_type_has_columns_of_its_own(of_every_type: Any) -> None:
    month = InitiativeMonth.objects.get(initiative=of_every_type, month=SEP, known_to=None)
    assert (month.validated, month.validated_avoided, month.validated_soft) == (1000, 200, 30)
    assert (month.claimed, month.claimed_avoided, month.claimed_soft) == (1000, 200, 30)
    now = InitiativeNow.objects.get(initiative=of_every_type, known_to=None)
    assert (now.validated_to_date, now.validated_avoided_to_date) == (1000, 200)


def test_they_add_up_apart_over_the_portfolio(of_every_type: Any) -> None:
    sums = PortfolioMonth.objects.filter(month=SEP, known_to=None, part="allocated")
    assert sums.exists()
    for row in sums:
        assert (row.validated, row.validated_avoided, row.validated_soft) == (1000, 200, 30)


def test_the_ladder_shows_them_beside_the_headline(of_every_type: Any, world: Any) -> None:
    at = selectors.moment(now=world.now)
    found = selectors.ladder(viewer=world.finance, as_of=at)
    assert found is not None
    assert found.rungs["validated"].value == 1000
    assert found.avoided["validated"].value == 200
    assert found.soft["validated"].value == 30
    assert "banked" not in found.soft


@pytest.mark.parametrize(
    ("figure", "worth"),
    [("validated", 1000), ("validated_avoided", 200), ("validated_soft", 30)],
)
def test_a_passport_names_its_type_and_lists_only_it(
    of_every_type: Any, world: Any, figure: str, worth: int
) -> None:
    paper = passport(
        figure=figure, subject=f"{of_every_type.key}@2026-09", viewer=world.finance,
        as_of=selectors.moment(now=world.now),
    )  # fmt: skip
    assert paper.value == worth
    assert paper.parts_sum == worth
    kind = {1000: "hard", 200: "avoided", 30: "soft"}[worth]
    assert kind in paper.title
    assert all(f", {kind}:" in line.label for line in paper.lines)


def test_what_waits_is_told_by_type(world: Any, initiative: Any) -> None:
    for kind in ("hard", "avoided"):
        benefit = value.add_benefit(
            initiative=initiative, name=kind, benefit_type=kind,
            value_type="operational_efficiency", starts_month=SEP, ends_month=SEP,
            currency="USD", by=world.manager,
        )  # fmt: skip
        value.claim(benefit=benefit, months={SEP: Decimal(WORTH[kind])}, by=world.manager)
    world.absorb()
    now = InitiativeNow.objects.get(initiative=initiative, known_to=None)
    assert (now.pending_benefit, now.pending_avoided, now.pending_months) == (1000, 200, 2)
