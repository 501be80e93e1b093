"""As root the database runs as somebody else, who must be able to reach its programs and data."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portfolio.up import reach
from portfolio.up.accounts import Account, account_for
from portfolio.up.installations import PostgresInstallation
from portfolio.up.servers import Servers

NOBODY = Account("nobody", 65534, 65534)

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands servers to others")


@pytest.fixture
def closed(open_folder: Path) -> Iterator[Path]:
    """A folder that only its owner enters, such as /root."""
    folder = open_folder / "closed"
    folder.mkdir(mode=0o700, exist_ok=True)
    yield folder


@needs_root
def test_servers_start_from_a_folder_that_only_root_enters(closed: Path) -> None:
    with (
        Servers(closed / "var", durable=False) as servers,
        psycopg.connect(servers.superuser_url) as connection,
    ):
        row = connection.execute("show data_directory").fetchone()
        assert row is not None
        moved = Path(row[0])
        assert moved.parent == reach.ELSEWHERE
        assert moved.stat().st_uid != 0
    assert not moved.exists()


@needs_root
def test_programs_out_of_reach_are_copied_once(closed: Path, open_folder: Path) -> None:
    (closed / "pg" / "bin").mkdir(parents=True)
    (closed / "pg" / "bin" / "postgres").write_text("program")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "ELSEWHERE", open_folder / "elsewhere")
        installation = PostgresInstallation(closed / "pg", "18.6")
        first = reach.reachable_installation(installation, NOBODY)
        assert first.folder == open_folder / "elsewhere" / "postgresql-18.6"
        assert first.program("postgres").read_text() == "program"
        assert NOBODY.can_reach(first.folder)
        first.program("postgres").write_text("same copy")
        second = reach.reachable_installation(installation, NOBODY)
        assert second.program("postgres").read_text() == "same copy"


def test_what_is_within_reach_stays_where_it_is(open_folder: Path) -> None:
    installation = PostgresInstallation(open_folder, "18.6")
    assert reach.reachable_installation(installation, NOBODY) is installation
    assert reach.data_folder(open_folder / "postgres", NOBODY) == open_folder / "postgres"


@needs_root
def test_data_keeps_the_account_that_made_it(open_folder: Path) -> None:
    data = open_folder / "kept-account"
    data.mkdir()
    (data / "PG_VERSION").write_text("18\n")
    os.chown(data, NOBODY.uid, NOBODY.gid)
    assert account_for(data) == NOBODY
