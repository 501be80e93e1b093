"""The trail of a small history, and the way in of the role that owns it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from governance_app.people import services as people
from portfolio.up.servers import Servers


@pytest.fixture
def outside(settings: Any, tmp_path: Path) -> Path:
    """Keys and anchors of this test alone."""
    settings.SEAL_KEY = str(tmp_path / "keys" / "seal.pem")
    settings.SEAL_ANCHOR_FILE = str(tmp_path / "anchors" / "seals.jsonl")
    settings.SEAL_ANCHORS = []
    return tmp_path


@pytest.fixture
def happen(organisation: Any, admin: Any) -> Callable[[str], None]:
    """Let something happen that the trail holds: ``happen("Retail")``."""
    return lambda name: people.add_unit(name=name, parent=organisation, by=admin)


@pytest.fixture
def as_owner(servers: Servers) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """Run statements as the role that owns the trail: what a database administrator can do."""
    name = connection.settings_dict["NAME"] or settings.DATABASES["default"]["NAME"]
    with psycopg.connect(servers.owner_url_for(name), autocommit=True) as owner:

        def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
            cursor = owner.execute(statement, values)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

        yield run
