"""Loaded frameworks, an initiative, who classifies and who reviews."""

import datetime as dt
from typing import Any

import pytest

from governance_app.compliance import services
from governance_app.initiatives import services as initiatives

ON = dt.date(2026, 11, 20)

#: A chatbot of the house that answers customers: nothing prohibited, nothing of Annex III.
CHATBOT: dict[str, Any] = {
    "S1": "yes", "S2": "yes", "S3": "none", "R1": ["deployer"], "R2": "no",
    **{f"P{number}": "no" for number in range(1, 10)},
    "H1": "no", "H3": ["none"],
    "T1": "yes", "T2": "no", "T3": "no", "T4": "no", "T5": "no", "G1": "no",
    "E1": "no", "E2": "no",
}  # fmt: skip
#: A score that decides on credit of people.
CREDIT: dict[str, Any] = {
    **CHATBOT, "R1": ["provider", "deployer"], "H3": ["5b"], "H4": "yes", "F1": "none", "T1": "no",
}  # fmt: skip


@pytest.fixture
def libraries(admin: Any) -> Any:
    return services.load_shipped(by=admin)


@pytest.fixture
def initiative(unit: Any, admin: Any, libraries: Any) -> Any:
    return initiatives.add(
        name="Claims triage", unit=unit, by=admin, stage="pilot", ai_type="generative"
    )


@pytest.fixture
def manager(person: Any, unit: Any) -> Any:
    return person("program_manager", unit)


@pytest.fixture
def officer(person: Any) -> Any:
    return person("risk_officer")
