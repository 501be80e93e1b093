"""High tiers take a fresh password, stand-ins take training; both are on record."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from governance_app.books import services as books
from governance_app.compliance.models import TierNow
from governance_app.gates import selectors, services
from governance_app.gates.models import Delegation, GateDecision, Training
from governance_app.gates.services import GateRefused, PasswordTooOld
from governance_app.people.access import Refused
from tests.gates.test_deciding import Unchanged
from tests.gates.world import World

pytestmark = pytest.mark.django_db


def high(world: World) -> Any:
    row = world.initiative()
    TierNow.objects.filter(initiative=row).update(tier="high")
    return world.asked(row)


def ago(minutes: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(minutes=minutes)


@pytest.mark.parametrize("given", [None, 16, -5])
def test_a_high_tier_is_not_decided_without_a_fresh_password(
    world: World, given: int | None
) -> None:
    request = high(world)
    moment = None if given is None else ago(given)
    with Unchanged(), pytest.raises(PasswordTooOld, match="in the last 15 minutes"):
        world.decide(request, world.board[0], authenticated_at=moment)


def test_when_and_from_where_is_noted_with_the_decision(world: World) -> None:
    request, moment = high(world), ago(3)
    world.decide(request, world.board[0], authenticated_at=moment, ip="10.1.2.3")
    made = GateDecision.objects.get()
    assert (made.authenticated_at, made.ip) == (moment, "10.1.2.3")


def test_a_low_tier_needs_none_and_the_setting_rules(world: World) -> None:
    request = world.asked(world.initiative())
    world.decide(request, world.board[0], authenticated_at=None)
    assert selectors.minutes_asked(request=request, on=timezone.localdate()) == 0
    books.set_value(
        key="gate_fresh_password", from_on=timezone.localdate(), by=world.admin,
        value={"minutes": 5, "tiers": ["minimal"], "risk_level": None},
    )  # fmt: skip
    with pytest.raises(PasswordTooOld, match="in the last 5 minutes"):
        world.decide(request, world.board[1], authenticated_at=ago(6))
    world.decide(request, world.board[1], authenticated_at=ago(4))


# --- training -----------------------------------------------------------------------------------


@pytest.fixture
def strict(world: World) -> World:
    books.set_value(
        key="gate_training", from_on=dt.date(2020, 1, 2), value={"days": 365}, by=world.admin
    )
    return world


def delegated(world: World, days: int = 7) -> Delegation:
    today = timezone.localdate()
    return services.delegate(
        taker=world.board[1], node=world.organisation, by=world.board[0],
        from_on=today, until_on=today + dt.timedelta(days=days), reason="On leave.",
    )  # fmt: skip


def trained(world: World, days_ago: int, **more: Any) -> Training:
    return services.note_training(
        **{
            "person": world.board[1], "by": world.officer, "reference": "Course of May",
            "trained_on": timezone.localdate() - dt.timedelta(days=days_ago), **more,
        }
    )  # fmt: skip


def test_nobody_stands_in_untrained_or_longer_than_the_training_counts(strict: World) -> None:
    with Unchanged(), pytest.raises(GateRefused, match="was not trained to decide for others"):
        delegated(strict)
    trained(strict, 360)
    with Unchanged(), pytest.raises(GateRefused, match="which counts until"):
        delegated(strict)
    assert delegated(strict, days=5).taker == strict.board[1]
    trained(strict, 2)
    told = selectors.training_of(person=strict.board[1], on=timezone.localdate())
    assert told.is_needed and told.counts
    assert told.row is not None and told.row.noted_by == strict.officer


def test_training_is_noted_by_somebody_else_with_a_proof(strict: World) -> None:
    with Unchanged(), pytest.raises(GateRefused, match="Somebody else notes"):
        trained(strict, 1, by=strict.board[1])
    with Unchanged(), pytest.raises(GateRefused, match="has not come yet"):
        trained(strict, -1)
    with Unchanged(), pytest.raises(GateRefused, match="Name the course"):
        trained(strict, 1, reference=" ")
    with Unchanged(), pytest.raises(Refused):
        trained(strict, 1, by=strict.manager)
    trained(strict, 1)
    with Unchanged(), pytest.raises(GateRefused, match="is noted already"):
        trained(strict, 1)
