"""Fixtures everybody uses: a database of one's own, people with roles, a small organisation."""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import TransactionTestCase

from portfolio.up.servers import Servers
from tests.plugin import TEMPLATE

TODAY = dt.date(2026, 11, 21)
#: Run in the environment of the peers, not in ours.
collect_ignore = ["servers/run_bqemulator.py", "servers/run_sftp.py"]


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, servers: Servers, django_db_blocker: Any
) -> Iterator[None]:
    """
    Clone the migrated template for this worker and connect to it as the application's role.

    Tests that commit get a fresh clone afterwards: the application may not TRUNCATE.
    """
    name = f"test_{getattr(request.config, 'workerinput', {}).get('workerid', 'main')}"

    def use_fresh_clone(*_: Any) -> None:
        with django_db_blocker.unblock():
            connections.close_all()
            servers.drop_database(name)
            servers.create_database(name, template=TEMPLATE)

    with pytest.MonkeyPatch.context() as patch:
        use_fresh_clone()
        patch.setitem(settings.DATABASES["default"], "NAME", name)
        patch.setitem(connections["default"].settings_dict, "NAME", name)
        patch.setenv("DATABASE_URL", servers.app_url_for(name))
        patch.setattr(TransactionTestCase, "_fixture_teardown", use_fresh_clone)
        yield
        with django_db_blocker.unblock():
            connections.close_all()
        servers.drop_database(name)


@pytest.fixture(autouse=True)
def _no_leftovers(
    request: pytest.FixtureRequest, settings: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Keep files and mail of one test away from the next; a running site keeps its own."""
    if "site" in request.fixturenames:
        yield
        return
    settings.FILES_URL = str(tmp_path_factory.mktemp("files"))
    settings.EMAIL_FILE_PATH = str(tmp_path_factory.mktemp("mail"))
    yield


@pytest.fixture
def admin(db: None) -> Any:
    """The system principal that sets things up."""
    from governance_app.people.services import system_user

    return system_user("setup")


@pytest.fixture
def organisation(admin: Any) -> Any:
    """The root of the tree."""
    from governance_app.people import services

    return services.found_organisation(name="Meridian Group", by=admin)


@pytest.fixture
def unit(organisation: Any, admin: Any) -> Any:
    """A business unit."""
    from governance_app.people import services

    return services.add_unit(name="Retail banking", parent=organisation, by=admin)


@pytest.fixture
def other_unit(organisation: Any, admin: Any) -> Any:
    """A business unit that nobody in a test is granted unless it says so."""
    from governance_app.people import services

    return services.add_unit(name="Insurance", parent=organisation, by=admin)


@pytest.fixture
def person(organisation: Any, admin: Any) -> Callable[..., Any]:
    """Make a person: ``person("auditor")`` organisation-wide, ``person("executive", unit)``."""
    from governance_app.people import services

    count = 0

    def make(role: str = "", node: Any = None, name: str = "", password: str | None = None) -> Any:
        nonlocal count
        count += 1
        label = name or f"{role or 'nobody'} {count}"
        user = services.add_user(
            email=f"{label.replace(' ', '.').lower()}@example.com",
            name=label.title(),
            password=password,
            by=admin,
        )
        if role:
            services.grant(user=user, role=role, node=node or organisation, by=admin)
        return user

    return make


@pytest.fixture
def ledger_count(db: None) -> Callable[[], int]:
    """Count the trail's events: a refusal must leave the number alone."""

    def count() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ledger.event")
            return int(cursor.fetchone()[0])

    return count


@pytest.fixture(scope="session")
def environment(django_db_setup: None) -> dict[str, str]:
    """The environment of a child process that works on this worker's database."""
    return {**os.environ}
