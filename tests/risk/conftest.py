"""An initiative, a risk officer and a control to work with."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from governance_app.domain.records import ControlRecord
from governance_app.initiatives import services as initiatives
from governance_app.risk import services

ON = dt.date(2026, 11, 20)


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Any:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def officer(person: Any) -> Any:
    return person("risk_officer")


@pytest.fixture
def contributor(person: Any, unit: Any) -> Any:
    return person("contributor", unit)


@pytest.fixture
def control() -> ControlRecord:
    """Worth 0.56, two steps of likelihood, for 180 days from 21 October."""
    return ControlRecord(
        title="Bias test",
        kind="prevent",
        design=Decimal("0.8"),
        operating=Decimal("0.7"),
        evidence_on=dt.date(2026, 10, 21),
        evidence_ref="QA-77",
        max_age_days=180,
    )


@pytest.fixture
def risk(initiative: Any, officer: Any, control: ControlRecord) -> Any:
    """The example of the method: 4 and 4, reviewed 200 days ago, one control."""
    return services.add_risk(
        initiative=initiative,
        category="bias",
        title="Older claimants are triaged later",
        likelihood=4,
        impact=4,
        reviewed_on=ON - dt.timedelta(days=200),
        review_days=180,
        controls=[control],
        on=ON,
        by=officer,
    )
