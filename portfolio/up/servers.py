"""
The embedded servers of a folder, as everybody uses them: the launcher, commands and tests.

>>> with Servers(Path("var")) as servers:  # doctest: +SKIP
...     servers.app_url
'postgresql://portfolio_app:...@127.0.0.1:40123/portfolio'
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from portfolio.up import processes
from portfolio.up.errors import LauncherError
from portfolio.up.locks import Lock
from portfolio.up.passwords import Passwords, load_passwords
from portfolio.up.places import Places
from portfolio.up.postgres import (
    APP,
    DATABASE,
    OWNER,
    SUPERUSER,
    database_url,
    make_database,
)
from portfolio.up.valkey import redis_url

_STOPS_WITHIN_SECONDS = 30.0
#: What can be embedded.
PARTS = ("postgres", "valkey")


class Servers:
    """
    A user of the embedded PostgreSQL and Valkey of one folder.

    ``start`` starts them, or joins those that run already; ``stop`` leaves, and the last one out
    stops them. ``durable=False`` (tests) trades safety against power cuts for speed and throws
    the data away at the end.
    """

    def __init__(
        self, folder: Path, *, durable: bool = True, parts: Collection[str] = PARTS
    ) -> None:
        """
        Args:
            folder: where their data is.
            durable: whether the data outlives a power cut and the last user.
            parts: which of them are wanted; the other is somewhere else.
        """
        self._places = Places(Path(folder).absolute())
        self._parts = frozenset(parts)
        self._durable = durable
        self._users: Lock | None = None
        self._passwords: Passwords | None = None
        self._said: dict[str, int] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """
        Join the servers of the folder, starting them when nobody uses them.

        Raises:
            LauncherError: a server could not be started; the sentence says why and what to do.
        """
        if self._users is not None:
            return
        self._make_folder()
        gate, users = Lock(self._places.gate_lock), Lock(self._places.users_lock)
        try:
            gate.exclusive()
            users.shared()  # waits while a keeper is stopping
            self._said = self._running_keeper() or self._start_keeper()
        except BaseException:
            users.close()
            raise
        finally:
            gate.close()
        self._users = users
        self._passwords = load_passwords(self._places.passwords)
        if missing := sorted(self._parts - self._running_parts()):
            self.stop()
            raise LauncherError(
                f"The servers of {self._places.folder} run without {' and '.join(missing)}, because"
                " whoever started them set DATABASE_URL or REDIS_URL. Stop that first, or set the"
                " same variables."
            )

    def stop(self) -> None:
        """Leave; when nobody else uses the servers, wait until the keeper has stopped them."""
        users, self._users = self._users, None
        if users is None:
            return
        users.release()
        deadline = time.monotonic() + _STOPS_WITHIN_SECONDS
        while self._keeper_lives() and time.monotonic() < deadline:
            if not users.try_exclusive() and users.try_shared():
                break  # somebody else uses them
            users.release()
            time.sleep(0.02)
        users.close()

    def are_kept(self) -> bool:
        """Tell whether the keeper of the servers lives; it restarts a server that dies."""
        return self._keeper_lives()

    @property
    def superuser_url(self) -> str:
        """The way in that makes databases; nothing but launcher and tests uses it."""
        return self._url(SUPERUSER, "postgres")

    @property
    def owner_url(self) -> str:
        """The way in of the role that owns and migrates the tables."""
        return self.owner_url_for(DATABASE)

    @property
    def app_url(self) -> str:
        """The way in of the role that the application runs as."""
        return self.app_url_for(DATABASE)

    @property
    def redis_url(self) -> str:
        """The way in to Valkey, database 0."""
        return redis_url(self._known_passwords, self._said["valkey_port"])

    @property
    def secret_key(self) -> str:
        """The key that the site signs with, kept in the folder."""
        return self._known_passwords.secret_key

    @property
    def secrets_key(self) -> str:
        """The key that encrypts the secrets of connections, kept in the folder."""
        return self._known_passwords.secrets_key

    @property
    def pids(self) -> dict[str, int]:
        """The numbers of the processes as they were at the start: keeper, postgres, valkey."""
        kept = {part: self._said[f"{part}_pid"] for part in PARTS if part in self._running_parts()}
        return {"keeper": self._said["pid"], **kept}

    def owner_url_for(self, database: str) -> str:
        """Give the owner role's way in to another database of the server."""
        return self._url(OWNER, database)

    def app_url_for(self, database: str) -> str:
        """Give the application role's way in to another database of the server."""
        return self._url(APP, database)

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make a database owned by the owner role, optionally as a copy (milliseconds)."""
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            make_database(connection, name, template)

    def drop_database(self, name: str) -> None:
        """Throw a database away, whoever is connected to it."""
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
            )

    def _make_folder(self) -> None:
        folder = self._places.folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "run").mkdir(exist_ok=True)
            (folder / "log").mkdir(exist_ok=True)
            with contextlib.ExitStack() as locks:
                for path in (self._places.gate_lock, self._places.users_lock):
                    locks.callback(Lock(path).close)
        except PermissionError as error:
            raise LauncherError(
                f"The folder {folder} cannot be written by this user ({error.filename}). Run this "
                f"as its owner, or use another folder: VAR=other make demo."
            ) from error

    def _keeper_lives(self) -> bool:
        """Tell whether a keeper of this folder runs, be it on its way in or out."""
        keeper = Lock(self._places.keeper)
        try:
            return not keeper.try_shared()
        finally:
            keeper.close()

    def _running_parts(self) -> set[str]:
        return {part for part in PARTS if f"{part}_pid" in self._said}

    def _running_keeper(self) -> dict[str, int] | None:
        """Read what the running keeper said; None when there is none to join."""
        if not self._keeper_lives():
            return None
        said: dict[str, int] = json.loads(self._places.keeper.read_text() or "{}")
        return said if said.get("pid") else None

    def _start_keeper(self) -> dict[str, int]:
        command = [
            sys.executable,
            "-m",
            "portfolio.up.keeper",
            str(self._places.folder),
        ]
        if not self._durable:
            command.append("--forgetful")
        command += [f"--without={part}" for part in PARTS if part not in self._parts]
        with self._places.log("keeper").open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=Path(__file__).resolve().parents[2],
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        if process.stdout is None:
            raise RuntimeError("the keeper was started without a pipe")
        with process.stdout:
            line = process.stdout.readline()
        process.wait()
        said = json.loads(line) if line.strip() else {}
        if "pid" in said:
            return dict(said)
        log_path = self._places.log("keeper")
        raise LauncherError(
            said.get("error")
            or f"The embedded servers did not start. The log {log_path} ends:\n"
            f"{processes.last_lines(log_path)}"
        )

    def _url(self, role: str, database: str) -> str:
        return database_url(self._known_passwords, self._said["postgres_port"], role, database)

    @property
    def _known_passwords(self) -> Passwords:
        if self._passwords is None:
            raise LauncherError("The servers have not been started.")
        return self._passwords
