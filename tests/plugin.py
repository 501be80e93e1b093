"""
Starts the servers that tests need, before Django reads its settings.

Loaded by ``-p tests.plugin`` (pyproject.toml). A real PostgreSQL and Valkey run on free
ports for the whole session; xdist workers use the controller's. The schema is migrated
once, as the owner, into a template database that every worker clones in milliseconds and
later sessions find again (``tests/template.py``).
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portfolio.up.servers import Servers
from tests import template
from tests.template import TEMPLATE

_HANDED_DOWN = "PORTFOLIO_TEST_SERVERS"

_servers: Servers | None = None
_folder: Path | None = None


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Begin before pytest-django, which reads the settings in the same hook."""
    if _HANDED_DOWN not in os.environ:
        _start()
    return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Spread the files that start a site or a peer evenly over the run.

    Side by side they would wait for each other's browsers and workers, and last of all they would
    leave one worker idle; the run goes through files in this order (``--no-loadscope-reorder``).
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    long = [each for each in files.values() if any(map(_is_long, each))]
    short = [each for each in files.values() if not any(map(_is_long, each))]
    spread = sorted(
        [((place + 0.5) / len(some), kind, each)
         for kind, some in enumerate((long, short)) for place, each in enumerate(some)],
        key=lambda one: one[:2],
    )  # fmt: skip
    items[:] = [item for _, _, each in spread for item in each]


def _is_long(item: pytest.Item) -> bool:
    return any(item.iter_markers("flow")) or any(item.iter_markers("peer"))


def _start() -> None:
    """Start the servers and say in the environment where they are."""
    global _servers, _folder
    _folder = Path(tempfile.mkdtemp(prefix="portfolio-tests-"))
    _folder.chmod(0o755)  # the server may run as another user when we are root
    template.copy_to(_servers_folder())
    _servers = Servers(_servers_folder(), durable=False)
    _servers.start()
    (_folder / "var" / "static").mkdir(parents=True)
    environment = {
        "VAR": str(_folder / "var"),
        "DATABASE_URL": _servers.app_url_for(TEMPLATE),
        "DATABASE_APP_ROLE": "portfolio_app",
        "REDIS_URL": _servers.redis_url,
        "SECRET_KEY": "only-for-tests",
        "STATIC_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage",
        "LOG_LEVEL": "WARNING",
    }
    os.environ.update(environment)
    os.environ[_HANDED_DOWN] = json.dumps({"folder": str(_servers_folder()), "template": TEMPLATE})


def pytest_unconfigure() -> None:
    """Stop the servers that this process started."""
    global _servers
    if _servers is not None:
        os.environ.pop(_HANDED_DOWN, None)
        _servers.stop()
        _servers = None
        shutil.rmtree(_folder or "", ignore_errors=True)


def joined() -> Servers:
    """Give the session's servers, for this process to use."""
    if _servers is not None:
        return _servers
    servers = Servers(Path(json.loads(os.environ[_HANDED_DOWN])["folder"]), durable=False)
    servers.start()
    return servers


def _servers_folder() -> Path:
    assert _folder is not None
    return _folder / "servers"


@pytest.fixture(scope="session")
def servers() -> Servers:
    """The session's PostgreSQL and Valkey."""
    return joined()
