"""With one address given, only the other server is embedded."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from portfolio import env
from portfolio.up import processes
from portfolio.up.errors import LauncherError
from portfolio.up.servers import Servers
from portfolio.up.surroundings import wanted_servers

BOTH = {"DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": "redis://b"}


@pytest.mark.parametrize(
    ("given", "embedded"),
    [
        ([], {"postgres", "valkey"}),
        (["DATABASE_URL"], {"valkey"}),
        (["REDIS_URL"], {"postgres"}),
        (["DATABASE_URL", "REDIS_URL"], set()),
    ],
)
def test_what_has_no_address_is_embedded(
    monkeypatch: pytest.MonkeyPatch, given: list[str], embedded: set[str]
) -> None:
    for name, value in BOTH.items():
        if name in given:
            monkeypatch.setenv(name, value)
        else:
            monkeypatch.delenv(name, raising=False)
    assert wanted_servers() == embedded


def test_only_the_database_is_started(open_folder: Path) -> None:
    folder = open_folder / "database-only"
    with Servers(folder, parts=["postgres"]) as servers:
        with psycopg.connect(servers.app_url) as app:
            assert app.execute("select 1").fetchone() == (1,)
        assert set(servers.pids) == {"keeper", "postgres"}
        assert not (folder / "valkey").exists() and not (folder / "log" / "valkey.log").exists()
        with pytest.raises(LauncherError, match="run without valkey, because whoever started"):
            Servers(folder).start()
        assert servers.are_kept(), "the refused one took nothing away"
        pids = servers.pids
    assert processes.wait_until(
        lambda: not any(map(processes.is_running, pids.values())), timeout_seconds=10
    )
    with Servers(folder) as servers:
        assert set(servers.pids) == {"keeper", "postgres", "valkey"}


def test_only_the_broker_is_started(open_folder: Path) -> None:
    folder = open_folder / "broker-only"
    with Servers(folder, parts=["valkey"]) as servers:
        broker = redis.Redis.from_url(servers.redis_url)
        assert broker.ping()
        broker.close()
        assert set(servers.pids) == {"keeper", "valkey"}
        assert not (folder / "postgres").exists()


def test_a_command_uses_the_given_database_and_embeds_the_broker(
    open_folder: Path, running: Servers
) -> None:
    folder = open_folder / "mixed"
    told = {key: value for key, value in os.environ.items() if key not in {*BOTH, "VAR"}}
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json"],
        cwd=env.BASE,
        env={**told, "VAR": str(folder), "DATABASE_URL": running.app_url},
        capture_output=True,
        text=True,
        check=False,
    )
    found = {each["name"]: each["state"] for each in json.loads(done.stdout)}
    assert found["database"] == "well" and found["broker"] == "well", done.stdout
    assert not (folder / "postgres").exists() and (folder / "valkey").exists()
