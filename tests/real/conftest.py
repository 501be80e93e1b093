"""People for the tests on real data."""

from typing import Any

import pytest


@pytest.fixture
def finance(person: Any) -> Any:
    """A finance partner of the whole organisation."""
    return person("finance_partner", name="Finance Partner")
