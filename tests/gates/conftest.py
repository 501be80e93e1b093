"""Fixtures of the gates: a world with people, and one with the recommended policy in force."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.gates.world import World


@pytest.fixture
def bare(organisation: Any, unit: Any, person: Callable[..., Any], admin: Any) -> World:
    """People without a policy."""
    return World.make(organisation, unit, person, admin)


@pytest.fixture
def world(bare: World) -> World:
    """People under the recommended policy, the board deciding."""
    bare.start()
    return bare


@pytest.fixture
def itself(world: World) -> World:
    """The same with a unit that decides itself."""
    world.decides_itself()
    return world
