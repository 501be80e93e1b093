"""Requests made up from the committed document: the API never breaks and answers as it says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from governance_app.initiatives import services as initiatives
from governance_app.people import services as people
from portfolio.wsgi import application

pytestmark = pytest.mark.django_db

DOCUMENT = Path(__file__).parents[3] / "docs" / "openapi.yaml"

schema = schemathesis.openapi.from_path(DOCUMENT)
schema.app = application


@pytest.fixture
def kept_open() -> Iterator[None]:
    """Let every request use the test's transaction, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(kept_open: None, unit: Any, admin: Any, person: Any) -> dict[str, str]:
    """The header of somebody who may do most things, in a portfolio that holds something."""
    user = person("program_manager")
    for role in ("finance_partner", "administrator"):
        people.grant(user=user, role=role, node=unit.parent, by=admin)
    _, secret = people.add_token(user=user, name="conformance", by=user)
    initiatives.add(name="Claims triage", unit=unit, by=admin)
    return {"Authorization": f"Bearer {secret}"}


@schema.include(path_regex=r"^/api/v1/").parametrize()
@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_the_document_says(case: Any, token: dict[str, str]) -> None:
    # What fits the document may still make no sense; services say so with 400 or 422.
    case.call_and_validate(headers=token, excluded_checks=[positive_data_acceptance])
