"""Folders and servers of their own for the tests of the launcher."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portfolio.up.servers import Servers


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that the database's account can walk into, unlike pytest's own when root."""
    folder = Path(tempfile.mkdtemp(prefix="portfolio-up-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def running(open_folder: Path) -> Iterator[Servers]:
    """Durable servers of this package's tests; the data lives on from test to test."""
    with Servers(open_folder / "shared") as servers:
        yield servers
