"""Requests made up from the document: the API never breaks and answers as it says."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings

from governance_app.initiatives import services as initiatives
from governance_app.people import services as people
from portfolio.wsgi import application

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def kept_open() -> Iterator[None]:
    """Let every request use the test's transaction, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def described(kept_open: None, unit: Any, admin: Any, person: Any) -> Iterator[Any]:
    """The document as the live application gives it, to somebody who may do most things."""
    user = person("program_manager")
    for role in ("finance_partner", "administrator"):
        people.grant(user=user, role=role, node=unit.parent, by=admin)
    _, secret = people.add_token(user=user, name="conformance", by=user)
    initiatives.add(name="Claims triage", unit=unit, by=admin)
    headers = {"Authorization": f"Bearer {secret}"}
    schema = schemathesis.openapi.from_wsgi("/api/schema/", application, headers=headers)
    schema.headers = headers
    yield schema


schema = schemathesis.pytest.from_fixture("described")


@schema.include(path_regex=r"^/api/v1/").parametrize()
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_the_document_says(case: Any, described: Any) -> None:
    case.call_and_validate(headers=described.headers)
