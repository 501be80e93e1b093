"""The one command, from an empty folder to a clean stop, and a second time on the same data."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portfolio import env
from portfolio.demo.accounts import ACCOUNTS, PASSWORD
from portfolio.up import processes
from portfolio.up.health import ask_health
from portfolio.up.servers import Servers

pytestmark = [pytest.mark.flow, pytest.mark.timeout(600)]

STOPS_WITHIN_SECONDS = 10
#: What the session of tests told its own processes must not reach the launcher.
OF_THE_TESTS = {
    "DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_APP_ROLE", "DATABASE_POOL", "REDIS_URL",
    "SECRET_KEY", "SECRETS_KEY", "STATIC_STORAGE", "VAR", "PORT", "HOST", "INVENTORY", "LOG_LEVEL",
}  # fmt: skip


class Launched:
    """A running ``make demo`` and what it says."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.output = folder.parent / f"{port}.out"
        surroundings = {name: text for name, text in os.environ.items() if name not in OF_THE_TESTS}
        command = [sys.executable, "-m", "portfolio.up", "--demo", "--initiatives", "60"]
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [*command, "--port", str(port), "--var", str(folder)],
                cwd=env.BASE,
                env=surroundings,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def said(self) -> str:
        return self.output.read_text()

    def waits_to_say(self, text: str, timeout_seconds: float = 240) -> None:
        """Wait until the launcher says something; fail with all it said."""
        reached = processes.wait_until(
            lambda: text in self.said or self.process.poll() is not None,
            timeout_seconds=timeout_seconds,
            every_seconds=0.1,
        )
        assert reached and text in self.said, self.said

    def child(self, name: str) -> int:
        """Find the process of a program of the site by its command."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                words = (folder / "cmdline").read_text().split("\0")
            except (OSError, IndexError):
                continue
            if int(parent) == self.process.pid and name in words:
                return int(folder.name)
        raise AssertionError(f"{name} does not run under the launcher")

    def stop(self) -> float:
        """Press Ctrl-C; give the seconds until everything had stopped."""
        began_at = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        return time.monotonic() - began_at


@pytest.fixture
def demo() -> Iterator[Launched]:
    """The demo, started in an empty folder on a free port."""
    with tempfile.TemporaryDirectory(prefix="portfolio-demo-") as home:
        Path(home).chmod(0o755)  # the database may run as another user when we are root
        launched = Launched(Path(home) / "var", processes.free_port())
        yield launched
        if launched.process.poll() is None:
            launched.stop()


def get(address: str) -> tuple[int, str]:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.status, answer.read().decode()


def seconds_to_health(said: str) -> float:
    found = re.search(r"Everything answers \((.*?) s\)", said)
    assert found is not None, said
    return float(found[1])


def query(folder: Path, text: str) -> object:
    """Ask the stopped demo's database for one value."""
    with Servers(folder) as servers, psycopg.connect(servers.owner_url) as owner:
        row = owner.execute(text).fetchone()
    assert row is not None
    return row[0]


def wait_well(demo: Launched) -> None:
    """Wait for green health; fail with what is not well and what the launcher said."""
    is_well = processes.wait_until(
        lambda: ask_health(demo.address).is_well, timeout_seconds=120, every_seconds=1
    )
    assert is_well, f"{ask_health(demo.address, timeout_seconds=60).troubles}\n{demo.said}"


def test_the_demo_starts_stops_recovers_and_keeps_its_data(demo: Launched) -> None:
    demo.waits_to_say("Stop it with Ctrl-C")
    for account in ACCOUNTS:
        assert re.search(rf"{re.escape(account.email)} +{account.role}\n", demo.said)
    assert PASSWORD in demo.said
    wait_well(demo)
    status, page = get(f"{demo.address}/")
    assert status == 200
    assert "password" in page  # the way in

    other = Launched(demo.folder, processes.free_port())
    assert other.process.wait(30) == 1
    assert f"already runs at {demo.address}" in other.said

    assert demo.stop() < STOPS_WITHIN_SECONDS, demo.said
    assert demo.process.returncode == 0
    stopped_at = query(demo.folder, "select clock_timestamp()")
    units = query(demo.folder, "select count(*) from people_scopenode where kind = 'unit'")
    assert units == 40

    again = Launched(demo.folder, processes.free_port())
    try:
        again.waits_to_say("Stop it with Ctrl-C")
        assert "The database is up to date" in again.said
        left = (
            f"select count(*) from jobs_job where state = 'running' and started_at < '{stopped_at}'"
        )
        assert query(demo.folder, left) == 0, "a job that was running did not go back"

        os.kill(again.child("worker"), signal.SIGKILL)
        again.waits_to_say("The worker stopped (killed by signal 9). It starts again in 1 s")
        wait_well(again)
        with Servers(demo.folder) as servers:
            pids = servers.pids
            os.kill(pids["postgres"], signal.SIGKILL)
            wait_well(again)

        assert again.stop() < STOPS_WITHIN_SECONDS, again.said
    finally:
        again.process.kill()
        again.process.wait()
    assert not any(processes.is_running(pid) for pid in pids.values())
    kept = query(demo.folder, "select count(*) from people_scopenode where kind = 'unit'")
    assert kept == units
    sys.stdout.write(
        f"health green after {seconds_to_health(demo.said):.1f} s at first, "
        f"{seconds_to_health(again.said):.1f} s later\n"
    )
