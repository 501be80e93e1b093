"""Where measuring happens: own servers in a folder of their own, a fresh database each time."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portfolio import env
from portfolio.up import processes
from portfolio.up.health import ask_health
from portfolio.up.programs import commands
from portfolio.up.servers import Servers
from portfolio.up.supervise import Program, Supervisor

_EMPTY = "bench_empty"
_ROLE = "portfolio_app"
HEALTHY_WITHIN_SECONDS = 90.0


class StepFailed(RuntimeError):
    """A step of a measurement ended badly; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a step says: seconds, the peak of its memory, and what else it found out."""

    seconds: float
    peak_bytes: int
    more: dict[str, Any]


class Ground:
    """Servers with a migrated database that is copied for each measurement."""

    def __init__(self, folder: Path, servers: Servers) -> None:
        self.folder, self._servers = folder, servers
        self._databases = 0

    def database(self, template: str = _EMPTY) -> str:
        """Make a database that is a copy of another one; gives its name."""
        self._databases += 1
        name = f"bench_{self._databases}"
        self._servers.create_database(name, template)
        return name

    def drop(self, database: str) -> None:
        """Throw a database away."""
        self._servers.drop_database(database)

    def step(self, step: str, *, database: str, as_owner: bool = False, **arguments: Any) -> Told:
        """
        Run a function of ``portfolio.bench.steps``, or ``module:function``, in a process of its
        own.

        Raises:
            StepFailed: it ended badly.
        """
        # Not communicate() on a fork of a large process: the child's peak would be ours.
        done = subprocess.run(
            [sys.executable, "-m", "portfolio.bench.steps", step, json.dumps(arguments)],
            cwd=env.BASE,
            env=self._surroundings(database, as_owner=as_owner),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StepFailed(f"{step}: {done.stderr.strip()[-2000:]}")
        told = json.loads(done.stdout.strip().splitlines()[-1])
        return Told(told.pop("seconds"), told.pop("peak_bytes"), told)

    def migrate(self) -> None:
        """Make the empty database that the others are copies of."""
        self._servers.create_database(_EMPTY)
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"],
            cwd=env.BASE,
            env=self._surroundings(_EMPTY, as_owner=True),
            check=True,
        )

    @contextmanager
    def site(self, database: str, **told: str) -> Iterator[str]:
        """
        Run web, worker and beat over a database; gives the address of the site.

        Args:
            told: further environment variables.

        Raises:
            StepFailed: it did not become healthy.
        """
        port = processes.free_port()
        address, folder = f"http://127.0.0.1:{port}", self.folder / "run"
        surroundings = {
            **self._surroundings(database, as_owner=False), "SITE_URL": address, **told
        }  # fmt: skip
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
            cwd=env.BASE, env=surroundings, check=True,
        )  # fmt: skip
        started = commands(
            host="127.0.0.1", port=port, web_workers=1, worker_processes=2, folder=folder
        )
        supervisor = Supervisor(say=lambda sentence: None)
        supervisor.start(
            [
                Program(name, command, surroundings, folder / f"{name}.log", env.BASE)
                for name, command in started.items()
            ]
        )
        try:
            until = time.monotonic() + HEALTHY_WITHIN_SECONDS
            while not (health := ask_health(address)).is_well:
                if time.monotonic() > until:
                    raise StepFailed(f"The site is not healthy: {health.troubles}")
                time.sleep(0.2)
            yield address
        finally:
            supervisor.stop()

    def _surroundings(self, database: str, *, as_owner: bool) -> dict[str, str]:
        url = self._servers.owner_url_for if as_owner else self._servers.app_url_for
        return {
            **os.environ,
            "DATABASE_URL": url(database),
            "DATABASE_APP_ROLE": _ROLE,
            "REDIS_URL": self._servers.redis_url,
            "SECRET_KEY": self._servers.secret_key,
            "SECRETS_KEY": self._servers.secrets_key,
            "DJANGO_SETTINGS_MODULE": "portfolio.settings",
            "VAR": str(self.folder / "var"),
            "LOG_LEVEL": "WARNING",
        }


@contextmanager
def ground() -> Iterator[Ground]:
    """Start servers in a temporary folder, migrate a database, and take all of it down again."""
    with tempfile.TemporaryDirectory(prefix="portfolio-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server may run as another user when we are root
        (folder / "var" / "static").mkdir(parents=True)
        with Servers(folder / "servers") as servers:
            made = Ground(folder, servers)
            made.migrate()
            yield made
