"""An initiative with people around it."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from governance_app.domain.periods import add_months
from governance_app.domain.records import CaseLineRecord, Reading
from governance_app.initiatives import services as initiatives
from governance_app.value import services

START = dt.date(2026, 1, 1)


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Any:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def manager(person: Callable[..., Any], unit: Any) -> Any:
    """Edits the value of the unit's initiatives."""
    return person("program_manager", unit)


@pytest.fixture
def finance(person: Callable[..., Any]) -> Any:
    return person("finance_partner")


@pytest.fixture
def contributor(person: Callable[..., Any], unit: Any) -> Any:
    """Sees the initiative and may not edit its value."""
    return person("contributor", unit)


@pytest.fixture
def kpi(initiative: Any, manager: Any) -> Any:
    """Handling time falls from 20 minutes; each minute a month is worth 1,000."""
    return services.add_kpi(
        initiative=initiative,
        name="Handling time",
        unit="min",
        direction="lower",
        baseline=Decimal(20),
        baseline_month=dt.date(2025, 12, 1),
        target=Decimal(10),
        target_on=dt.date(2026, 12, 31),
        unit_value=Decimal(1000),
        currency="USD",
        attribution=Decimal("0.8"),
        population="Claims handlers",
        by=manager,
    )


@pytest.fixture
def readings(kpi: Any, manager: Any) -> list[Reading]:
    """January to March: 18, 16, 15 minutes."""
    points = [
        Reading(dt.date(2026, month, 20), Decimal(value), f"report-{month}")
        for month, value in ((1, 18), (2, 16), (3, 15))
    ]
    services.record_kpi_readings(kpi=kpi, points=points, by=manager)
    return points


@pytest.fixture
def benefit(kpi: Any, initiative: Any, manager: Any) -> Any:
    return services.add_benefit(
        initiative=initiative,
        name="Faster handling",
        benefit_type="hard",
        value_type="operational_efficiency",
        starts_month=START,
        ends_month=dt.date(2026, 12, 1),
        currency="USD",
        kpi=kpi,
        by=manager,
    )


@pytest.fixture
def lines() -> list[CaseLineRecord]:
    """Build 1,000 in January, run 100 and gain 300 in each of the six months after."""
    months = [add_months(START, place) for place in range(1, 7)]
    return [
        CaseLineRecord("cost", "build", START, Decimal(1000), False, "capex"),
        *(CaseLineRecord("cost", "run", month, Decimal(100)) for month in months),
        *(CaseLineRecord("benefit", "hard", month, Decimal(300)) for month in months),
    ]
