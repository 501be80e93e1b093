"""A small ledger with an allocated and an unallocated part."""

from typing import Any

import pytest

from tests.factories import focus
from tests.spend.conftest import NOW, finance, load, source

__all__ = ["NOW", "finance", "load", "source"]


@pytest.fixture
def ledger(load: Any, finance: Any, unit: Any, admin: Any) -> Any:
    """Load 120 messy lines, two thirds of which a tag gives to an initiative."""
    from governance_app.initiatives import services as initiatives
    from governance_app.spend import services

    target = initiatives.add(name="=HYPERLINK(1)", unit=unit, by=admin)
    services.add_rule(
        name="Inference", dimension="service", value="Inference", initiative=target, by=finance
    )
    lines = focus.messy_lines(120, seed=5)
    lines[0]["ResourceId"] = "@SUM(A1)"
    lines[0]["ServiceName"] = "Inference"
    lines[1]["BilledCost"] = "-3.5"
    delivered = load(focus.as_csv(lines))
    services.archive(delivery_id=delivered.delivery_id, by=finance)
    return lines
