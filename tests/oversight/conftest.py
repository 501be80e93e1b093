"""The world of the gates, for the rounds over it."""

from tests.gates.conftest import bare, world

__all__ = ["bare", "world"]
