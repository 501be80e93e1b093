"""The embedded PostgreSQL: make its data folder once, start it, keep two roles apart in it."""

import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg
from psycopg import sql

from portfolio.up import processes
from portfolio.up.accounts import account_for
from portfolio.up.errors import LauncherError
from portfolio.up.installations import postgres_installation
from portfolio.up.passwords import Passwords
from portfolio.up.reach import data_folder, reachable_installation

SUPERUSER = "postgres"
OWNER = "portfolio_owner"
APP = "portfolio_app"
DATABASE = "portfolio"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # TCP alone: socket paths end at 107 characters
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
}
# For tests: a power cut may lose the data, nothing else changes.
_FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
_READY_WITHIN_SECONDS = 60.0
_STOPS_WITHIN_SECONDS = 20.0
_PORTS_TRIED = 5


class Postgres:
    """
    One PostgreSQL server over one data folder, on a free loopback port.

    ``start`` adopts a server that already runs on the folder. The superuser makes databases; the
    role ``portfolio_owner`` owns and migrates them; ``portfolio_app`` only signs in.
    """

    def __init__(self, data: Path, *, log: Path, passwords: Passwords, durable: bool) -> None:
        self._account = account_for(data_folder(data, account_for(data)))
        self.data = data_folder(data, self._account)
        self.port = 0
        self._installation = postgres_installation(self.data)
        self._log = log
        self._passwords = passwords
        self._durable = durable
        self._process: processes.Process | None = None

    @property
    def pid(self) -> int | None:
        """The number of the postmaster, or None when none was started."""
        return self._process.pid if self._process else None

    def is_running(self) -> bool:
        """Tell whether the postmaster lives."""
        return self._process is not None and self._process.poll() is None

    def start(self, preferred_port: int = 0) -> None:
        """
        Make the data folder if there is none, run the server, and see to database and roles.

        Raises:
            LauncherError: it could not be made or did not answer; the sentence ends with its log.
        """
        self._installation = reachable_installation(self._installation, self._account)
        if not (self.data / "PG_VERSION").exists():
            self._make_data_folder()
        if not self._adopt():
            self._launch(preferred_port)
        self._see_to_roles()

    def restart(self) -> None:
        """Run it again on the same port after it died, so that the URLs given out stay true."""
        self._run(self.port)

    def stop(self) -> None:
        """Stop it: SIGINT disconnects everybody (SIGTERM would wait for forgotten sessions)."""
        if self._process is not None:
            processes.stop(self._process, signal.SIGINT, timeout_seconds=_STOPS_WITHIN_SECONDS)
            self._process = None

    def url(self, role: str, database: str) -> str:
        """Give the connection URL of a role."""
        return database_url(self._passwords, self.port, role, database)

    def _make_data_folder(self) -> None:
        """Run initdb beside the final place and rename, so that a half-made folder never counts."""
        unfinished = self.data.with_name(f"{self.data.name}.new")
        subprocess.run(["rm", "-rf", str(unfinished)], check=True)
        unfinished.mkdir(parents=True, mode=0o700)
        password_file = unfinished.with_suffix(".password")
        password_file.unlink(missing_ok=True)
        descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(self._passwords.superuser)
        if self._account:
            os.chown(unfinished, self._account.uid, self._account.gid)
            os.chown(password_file, self._account.uid, self._account.gid)
        command: list[str | Path] = [
            self._installation.program("initdb"),
            f"--pgdata={unfinished}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            *([] if self._durable else ["--no-sync"]),
        ]
        process = processes.spawn(command, log=self._log, account=self._account)
        code = process.wait()
        password_file.unlink()
        if code != 0:
            raise LauncherError(
                f"The database folder {self.data} could not be made. Its log {self._log} ends:\n"
                f"{processes.last_lines(self._log)}"
            )
        unfinished.rename(self.data)

    def _adopt(self) -> bool:
        """Take over a server that runs on the folder since its launcher was killed."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid, port = int(lines[0]), int(lines[3])
        except (OSError, IndexError, ValueError):
            return False
        if not processes.is_running(pid):
            return False
        self.port = port
        self._process = processes.Orphan(pid)
        try:
            self._wait_until_ready()
        except LauncherError:  # the number belongs to another process by now
            self._process = None
            return False
        return True

    def _launch(self, preferred_port: int) -> None:
        for attempt in range(1, _PORTS_TRIED + 1):
            try:
                self._run(processes.free_port(preferred_port if attempt == 1 else 0))
            except LauncherError:
                if attempt == _PORTS_TRIED or "could not bind" not in processes.last_lines(
                    self._log, 10
                ):
                    raise
            else:
                return

    def _run(self, port: int) -> None:
        self.port = port
        settings = {
            **_SETTINGS,
            "port": str(port),
            **({} if self._durable else _FORGETFUL),
        }
        command: list[str | Path] = [
            self._installation.program("postgres"),
            "-D",
            self.data,
        ]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        self._process = processes.spawn(
            command,
            log=self._log,
            account=self._account,
            parent_death_signal=signal.SIGINT,
        )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_WITHIN_SECONDS
        while self.is_running() and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise LauncherError(
            f"PostgreSQL did not start. Its log {self._log} ends:\n"
            f"{processes.last_lines(self._log)}"
        )

    def _see_to_roles(self) -> None:
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            make_roles(
                connection,
                owner_password=self._passwords.owner,
                app_password=self._passwords.app,
            )
            make_database(connection, DATABASE)


def database_url(passwords: Passwords, port: int, role: str, database: str) -> str:
    """Give the connection URL of a role on an embedded server."""
    password = {
        SUPERUSER: passwords.superuser,
        OWNER: passwords.owner,
        APP: passwords.app,
    }[role]
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"


def make_roles(
    connection: psycopg.Connection[tuple[object, ...]],
    *,
    owner_password: str,
    app_password: str,
) -> None:
    """Make the two roles where they are missing; neither is a superuser nor a member of another."""
    for role, password in ((OWNER, owner_password), (APP, app_password)):
        known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
        if not known:
            connection.execute(
                sql.SQL(
                    "create role {} login nosuperuser nocreatedb nocreaterole password {}"
                ).format(sql.Identifier(role), sql.Literal(password))
            )


def make_database(
    connection: psycopg.Connection[tuple[object, ...]],
    name: str,
    template: str | None = None,
) -> None:
    """Make a database owned by the owner role, where it is missing; optionally a copy."""
    known = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
    if not known:
        connection.execute(
            sql.SQL("create database {} owner {} template {} strategy file_copy").format(
                sql.Identifier(name),
                sql.Identifier(OWNER),
                sql.Identifier(template or "template1"),
            )
        )
