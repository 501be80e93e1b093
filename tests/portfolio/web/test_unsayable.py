"""No text of the database holds NUL: whoever sends one hears it, on pages and in the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative, LogEntry
from governance_app.people import services as people

pytestmark = pytest.mark.django_db

Person = Callable[..., Any]
SAID = "No text may hold the character NUL."


@pytest.mark.parametrize("path", ["/portfolio/?q=a%00b", "/inbox/?kind=%00"])
def test_a_page_says_so(person: Person, path: str) -> None:
    client = Client()
    client.force_login(person("program_manager"))
    answer = client.get(path)
    assert answer.status_code == 400
    assert SAID in answer.content.decode()


def test_a_form_says_so_and_nothing_changes(person: Person, unit: Any) -> None:
    manager = person("program_manager")
    claims = initiatives.add(name="Claims triage", unit=unit, by=manager)
    client = Client()
    client.force_login(manager)
    answer = client.post(f"/initiatives/{claims.key}/log/add/", {"kind": "issue", "title": "a\x00"})
    assert answer.status_code == 400 and SAID in answer.content.decode()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    "body",
    [{"name": "a\x00"}, {"name": "a", "tags": ["b", "c\x00"]}, {"name": "a", "extra": {"\x00": 1}}],
)
def test_the_api_says_so_and_nothing_changes(person: Person, unit: Any, body: Any) -> None:
    user = person("program_manager")
    _, secret = people.add_token(user=user, name="t", by=user)
    answer = Client().post(
        "/api/v1/initiatives/",
        {**body, "unit": str(unit.pk)},
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert answer.status_code == 400, answer.content
    assert not Initiative.objects.exists()
    asked = Client().get(
        "/api/v1/initiatives/?search=%00", headers={"Authorization": f"Bearer {secret}"}
    )
    assert asked.status_code == 400 and SAID in asked.content.decode()
