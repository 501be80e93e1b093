"""Programs that speak to the API with a token."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from governance_app.initiatives import services as initiatives
from governance_app.people import services as people


@pytest.fixture
def program(person: Callable[..., Any]) -> Callable[..., APIClient]:
    """Give a client with the token of a person in a role: ``program("executive", unit)``."""

    def make(role: str = "", node: Any = None, **details: Any) -> APIClient:
        user = person(role, node, **details)
        _, secret = people.add_token(user=user, name="script", by=user)
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        client.person = user  # type: ignore[attr-defined]
        return client

    return make


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Any:
    """An initiative in pilot."""
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")
