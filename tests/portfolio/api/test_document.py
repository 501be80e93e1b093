"""The OpenAPI document: committed, true, and browsable."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.yaml"


def test_the_committed_document_is_what_the_code_says() -> None:
    text = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=text)
    assert COMMITTED.read_text() == text.getvalue(), (
        "write it anew: manage.py spectacular --validate --file docs/openapi.yaml"
    )


@pytest.mark.django_db
def test_document_and_pages_are_for_those_signed_in(
    client: Any, person: Callable[..., Any]
) -> None:
    for address in ("/api/schema/", "/api/docs/"):
        assert client.get(address).status_code == 401
    client.force_login(person("executive"))
    assert client.get("/api/schema/").status_code == 200
    page = client.get("/api/docs/")
    assert page.status_code == 200
    # The site runs no script that stands in a page: the policy would refuse it.
    assert b"<script>" not in page.content and b"swagger-ui" in page.content
