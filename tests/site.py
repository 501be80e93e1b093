"""The running product for tests: web, one Celery worker and beat on a database of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.db import connections

from portfolio import env
from portfolio.up import processes
from portfolio.up.health import ask_health
from portfolio.up.servers import Servers
from portfolio.up.supervise import Child, Program
from tests.plugin import TEMPLATE


class Site:
    """A site that runs: its address, its processes, its surroundings."""

    def __init__(self, folder: Path, surroundings: Mapping[str, str]) -> None:
        self.folder = folder
        self.env = dict(surroundings)
        self.port = processes.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.children: dict[str, Child] = {}

    def start(self, *names: str) -> None:
        """Start the named processes: web, worker, beat."""
        for name in names:
            self.children[name] = Child(self._program(name))

    def kill(self, name: str) -> None:
        """Kill a process and everything it forked, with -9."""
        import signal

        child = self.children.pop(name)
        os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait(10)

    def stop(self) -> None:
        """Stop whatever still runs."""
        for child in self.children.values():
            child.ask_to_stop()
        for child in self.children.values():
            child.wait_stopped(time.monotonic() + 15)
        self.children.clear()

    def wait_healthy(self, seconds: float = 60) -> None:
        """Wait for /healthz to be green."""
        deadline = time.monotonic() + seconds
        while not (health := ask_health(self.url)).is_well:
            if time.monotonic() > deadline:
                raise TimeoutError(f"not healthy: {health.troubles}\n{self.logs()}")
            time.sleep(0.1)

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a management command against this site."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=env.BASE,
            env=self.env,
            capture_output=True,
            text=True,
            check=check,
            timeout=240,
        )

    def logs(self) -> str:
        """Give the end of every log, for a failing test."""
        return "\n".join(
            f"--- {log.name}\n{processes.last_lines(log)}" for log in self.folder.glob("*.log")
        )

    def _program(self, name: str) -> Program:
        commands: dict[str, list[Any]] = {
            "web": [
                sys.executable, "-m", "granian", "portfolio.wsgi:application", "--interface",
                "wsgi", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1",
                "--no-ws", "--workers-kill-timeout", "3",
            ],
            "worker": [
                sys.executable, "-m", "celery", "-A", "portfolio", "worker", "-l", "INFO",
                "--concurrency", "2",
            ],
            "beat": [
                sys.executable, "-m", "celery", "-A", "portfolio", "beat", "-l", "INFO",
                "--pidfile=", "--schedule", self.folder / "beat",
            ],
        }  # fmt: skip
        surroundings = {**self.env, **({"DATABASE_POOL": "1"} if name == "web" else {})}
        return Program(name, commands[name], surroundings, self.folder / f"{name}.log", env.BASE)


@contextmanager
def running(
    servers: Servers, blocker: Any, folder: Path, name: str, *processes_wanted: str
) -> Iterator[Site]:
    """
    Run a site on a fresh clone of the migrated template.

    Inside, Django's connection of this process points to the same database, so a test can
    set things up through services and look at what the site did.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    database = f"site_{name}_{worker}"
    number = 2 if worker == "main" else 3 + int(worker.removeprefix("gw"))
    broker = f"{servers.redis_url.rsplit('/', 1)[0]}/{number}"
    redis.Redis.from_url(broker).flushdb()  # what another site left there
    servers.drop_database(database)
    servers.create_database(database, template=TEMPLATE)
    var = folder / "var"
    surroundings = {
        **os.environ,
        "VAR": str(var),
        "DATABASE_URL": servers.app_url_for(database),
        "REDIS_URL": broker,
        "FILES_URL": str(var / "files"),
        "FOLDERS_ALLOWED": str(folder),
        "PYTHONPATH": str(env.BASE),
    }
    site = Site(folder, surroundings)
    site.env["SITE_URL"] = site.url
    if "web" in processes_wanted:
        site.manage("collectstatic", "--noinput", "-v0")
    with pytest.MonkeyPatch.context() as patch:
        connections.close_all()
        patch.setitem(settings.DATABASES["default"], "NAME", database)
        patch.setitem(connections["default"].settings_dict, "NAME", database)
        patch.setattr(settings, "FILES_URL", site.env["FILES_URL"])
        patch.setattr(settings, "CELERY_BROKER_URL", site.env["REDIS_URL"])
        current_app._after_fork()  # forget the pools that point to the other broker
        with blocker.unblock():
            try:
                site.start(*processes_wanted)
                yield site
            finally:
                site.stop()
                connections.close_all()
    current_app._after_fork()
    servers.drop_database(database)
