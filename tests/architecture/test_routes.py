"""
The permission table: every route x method x role, generated, and the answer each must give.

A route that is missing here fails the test, so nothing opens by accident.
"""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from governance_app.people.roles import ROLES
from tests.architecture.permission_table import OPEN, SIGNED_IN, TABLE

ROLE_NAMES = [slug for slug in ROLES if slug not in {"system", "connector"}]


def _routes(resolver: Any = None, prefix: str = "") -> dict[str, str]:
    """Give route pattern -> a path to ask, with made-up arguments."""
    found: dict[str, str] = {}
    for each in (resolver or get_resolver()).url_patterns:
        route = prefix + str(each.pattern).lstrip("^").removesuffix("$").removesuffix(r"\Z")
        if isinstance(each, URLResolver):
            found |= _routes(each, route)
        elif isinstance(each, URLPattern):
            found[route] = _example(route)
    return found


def _example(route: str) -> str:
    import re

    def fill(match: "re.Match[str]") -> str:
        kind = match.group(1) or "str"
        return {"uuid": str(uuid.UUID(int=7)), "int": "7", "path": "x", "slug": "x"}.get(
            kind.rstrip(":"), "x"
        )

    path = re.sub(r"<(?:(\w+):)?\w+>", fill, route)
    path = re.sub(r"\(\?P<\w+>[^)]*\)", str(uuid.UUID(int=7)), path)
    return "/" + path.replace("\\.", ".").rstrip("$?").replace("/?", "/")


ROUTES = _routes()


def test_every_route_stands_in_the_table() -> None:
    known = OPEN | SIGNED_IN | set(TABLE)
    assert sorted(set(ROUTES) - known) == [], (
        "add the route to tests/architecture/permission_table.py"
    )
    assert sorted(known - set(ROUTES)) == [], "the table names routes that are gone"


@pytest.mark.django_db
@pytest.mark.parametrize("route", sorted(set(ROUTES) - OPEN))
def test_nobody_gets_in_without_signing_in(route: str) -> None:
    client = Client()
    for method in ("get", "post"):
        response = getattr(client, method)(ROUTES[route])
        to_sign_in = response.status_code == 302 and response["Location"].startswith("/sign-in/")
        assert to_sign_in or response.status_code in {401, 403, 405}, (method, response.status_code)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["", *ROLE_NAMES])
def test_a_page_opens_to_the_roles_that_hold_its_permission(
    person: Callable[..., Any], unit: Any, role: str
) -> None:
    """GET every page as a role granted on one unit: a refusal is 403 with its reason, never 500."""
    client = Client(raise_request_exception=True)
    client.force_login(person(role, unit) if role else person())
    held = ROLES[role].permissions if role else frozenset()
    wrong = []
    for route, permission in sorted(TABLE.items()):
        if route.startswith("api/"):
            continue
        status = client.get(ROUTES[route]).status_code
        allowed = {200, 204, 302, 400, 404, 405} if permission in held else {403, 405}
        if status not in allowed:
            wrong.append((route, permission, status))
    assert wrong == []


@pytest.mark.django_db
def test_reading_pages_writes_nothing(person: Callable[..., Any], ledger_count: Any) -> None:
    client = Client()
    client.force_login(person("administrator"))
    before = ledger_count()
    for route in sorted(set(ROUTES) - OPEN):
        client.get(ROUTES[route])
    from governance_app.audit.models import Event

    written = Event.objects.order_by("-id")[: ledger_count() - before]
    assert [str(e) for e in written if e.op in {"INSERT", "UPDATE", "DELETE"}] == []
