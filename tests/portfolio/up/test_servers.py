"""Real servers, started, shared, killed and stopped."""

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from portfolio.up import processes
from portfolio.up.errors import LauncherError
from portfolio.up.servers import Servers


def query(url: str, text: str) -> object:
    """Run one statement and give its first value."""
    with psycopg.connect(url, connect_timeout=5) as connection:
        row = connection.execute(text).fetchone()
    return row[0] if row else None


def is_gone(pid: int) -> bool:
    return processes.wait_until(lambda: not processes.is_running(pid), timeout_seconds=10)


def test_both_servers_answer_on_loopback_alone(running: Servers) -> None:
    assert query(running.app_url, "show listen_addresses") == "127.0.0.1"
    broker = redis.Redis.from_url(running.redis_url)
    assert broker.ping() is True
    assert broker.config_get("bind") == {"bind": "127.0.0.1"}
    broker.close()


def test_passwords_are_needed_and_kept_to_their_owner(running: Servers, open_folder: Path) -> None:
    passwords = open_folder / "shared" / "passwords.json"
    assert stat.S_IMODE(passwords.stat().st_mode) == 0o600
    without = running.app_url.replace(running.app_url.split(":")[2].split("@")[0], "guess")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        query(without, "select 1")
    port = running.redis_url.rpartition(":")[2].partition("/")[0]
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=int(port)).ping()


def test_the_application_role_owns_nothing(running: Servers) -> None:
    with psycopg.connect(running.owner_url) as owner:
        owner.execute("create table if not exists thing (id int primary key)")
        owner.execute("grant select, insert, update, delete on thing to portfolio_app")
    with psycopg.connect(running.app_url, autocommit=True) as app:
        app.execute("insert into thing values (1) on conflict do nothing")
        for refused in (
            "truncate thing",
            "drop table thing",
            "alter table thing disable trigger all",
            "create table another (id int)",
            "create role somebody",
            "set role portfolio_owner",
            "set session_replication_role = replica",
            "copy thing to program 'cat'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(refused)
        assert app.execute("select count(*) from thing").fetchone() == (1,)
        rights = "select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls from pg_roles"
        assert app.execute(f"{rights} where rolname = current_user").fetchone() == (False,) * 4


def test_a_second_user_joins_and_the_last_one_out_stops(open_folder: Path) -> None:
    folder = open_folder / "joined"
    first, second = Servers(folder), Servers(folder)
    first.start()
    second.start()
    pids = first.pids
    assert second.pids == pids
    first.stop()
    assert query(second.app_url, "select 1") == 1
    second.stop()
    assert is_gone(pids["postgres"])
    assert is_gone(pids["valkey"])
    assert is_gone(pids["keeper"])


def test_a_user_killed_without_warning_leaves_no_servers_behind(open_folder: Path) -> None:
    code = (
        "import pathlib, sys, time; from portfolio.up.servers import Servers;"
        "servers = Servers(pathlib.Path(sys.argv[1])); servers.start();"
        "print(servers.pids['postgres'], servers.pids['valkey'], flush=True); time.sleep(60)"
    )
    user = subprocess.Popen(
        [sys.executable, "-c", code, open_folder / "killed"], stdout=subprocess.PIPE, text=True
    )
    assert user.stdout is not None
    pids = [int(part) for part in user.stdout.readline().split()]
    assert all(processes.is_running(pid) for pid in pids)
    user.kill()
    user.communicate()
    assert all(is_gone(pid) for pid in pids)


@pytest.mark.parametrize("victim", ["postgres", "valkey"])
def test_a_killed_server_comes_back_with_everything_committed(
    running: Servers, victim: str
) -> None:
    with psycopg.connect(running.owner_url) as owner:
        owner.execute("create table if not exists kept (what text)")
        owner.execute("insert into kept values (%s)", [victim])
    broker = redis.Redis.from_url(running.redis_url)
    broker.set("kept", victim)
    time.sleep(1.1)  # the append-only file reaches the disk once a second
    os.kill(running.pids[victim], signal.SIGKILL)
    assert is_gone(running.pids[victim])

    def answers() -> bool:
        try:
            return query(running.app_url, "select 1") == 1 and bool(broker.ping())
        except (psycopg.OperationalError, redis.RedisError):
            return False

    assert processes.wait_until(answers, timeout_seconds=15)
    assert query(running.owner_url, f"select count(*) from kept where what = '{victim}'") == 1
    assert broker.get("kept") == victim.encode()
    broker.close()


def test_servers_come_back_on_the_same_addresses_after_their_keeper_was_killed(
    open_folder: Path,
) -> None:
    with Servers(open_folder / "unkept") as servers:
        addresses = servers.app_url, servers.redis_url
        before = servers.pids
        os.kill(before["keeper"], signal.SIGKILL)
        assert all(is_gone(pid) for pid in before.values())
        assert not servers.are_kept()
        servers.stop()
        servers.start()
        assert (servers.app_url, servers.redis_url) == addresses
        assert query(servers.app_url, "select 1") == 1


def test_a_second_start_keeps_the_data(open_folder: Path) -> None:
    folder = open_folder / "again"
    with Servers(folder) as servers, psycopg.connect(servers.owner_url) as owner:
        owner.execute("create table promise as select 42 as amount")
    with Servers(folder) as servers:
        assert query(servers.owner_url, "select amount from promise") == 42


def test_databases_are_cloned_and_dropped_under_their_users(running: Servers) -> None:
    running.create_database("pattern")
    with psycopg.connect(running.owner_url_for("pattern")) as owner:
        owner.execute("create table made as select 7 as figure")
    running.create_database("copy", template="pattern")
    connected = psycopg.connect(running.app_url_for("copy"))
    assert query(running.owner_url_for("copy"), "select figure from made") == 7
    running.drop_database("copy")
    connected.close()
    with pytest.raises(psycopg.OperationalError, match='"copy" does not exist'):
        query(running.app_url_for("copy"), "select 1")
    running.drop_database("pattern")


def test_a_data_folder_of_another_version_is_refused(open_folder: Path) -> None:
    data = open_folder / "old" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")
    os.chown(data, 65534 if os.geteuid() == 0 else -1, -1)
    with pytest.raises(LauncherError, match=r"was made by PostgreSQL 9, and only .*18"):
        Servers(open_folder / "old").start()


def test_forgetful_servers_leave_no_data(open_folder: Path) -> None:
    folder = open_folder / "forgetful"
    with Servers(folder, durable=False) as servers:
        assert query(servers.superuser_url, "show fsync") == "off"
    assert not (folder / "postgres").exists()
