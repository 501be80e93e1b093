"""Children that die are started again; children that do not listen are killed."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from portfolio.up import processes
from portfolio.up.supervise import Program, Supervisor


class Stage:
    """A supervisor with one program, and what it said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.supervisor = Supervisor(self.said.append)

    def start(self, code: str) -> int:
        """Run Python code as the program ``worker``."""
        self.supervisor.start(
            [
                Program(
                    name="worker",
                    command=[sys.executable, "-c", code],
                    env=dict(os.environ),
                    log=self.folder / "worker.log",
                    cwd=self.folder,
                    stops_within_seconds=1.0,
                )
            ]
        )
        return self.pid

    @property
    def pid(self) -> int:
        return self.supervisor.children[0].process.pid

    def watch_until(self, condition: "object") -> bool:
        """Watch as the launcher does."""
        assert callable(condition)

        def looked() -> bool:
            self.supervisor.watch()
            return bool(condition())

        return processes.wait_until(looked, timeout_seconds=15, every_seconds=0.05)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.supervisor.stop()


def test_a_killed_child_is_started_again_and_said_so(stage: Stage) -> None:
    first = stage.start("import time; time.sleep(60)")
    os.kill(first, signal.SIGKILL)
    assert stage.watch_until(lambda: stage.pid != first)
    assert processes.is_running(stage.pid)
    assert stage.said == [
        f"The worker stopped (killed by signal 9). It starts again in 1 s; "
        f"its log is {stage.folder / 'worker.log'}."
    ]


def test_a_child_that_keeps_dying_waits_longer_each_time(stage: Stage) -> None:
    stage.start("raise SystemExit(3)")
    assert stage.watch_until(lambda: len(stage.said) == 3)
    assert [sentence.split("again in ")[1][:3] for sentence in stage.said] == ["1 s", "2 s", "4 s"]
    assert all("exit code 3" in sentence for sentence in stage.said)


def test_what_a_killed_child_left_behind_is_killed_too(stage: Stage) -> None:
    first = stage.start(
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "open('child', 'w').write(str(child.pid)); time.sleep(60)"
    )
    written = stage.folder / "child"
    assert processes.wait_until(
        lambda: written.exists() and bool(written.read_text()), timeout_seconds=10
    )
    os.kill(first, signal.SIGKILL)
    assert stage.watch_until(lambda: stage.pid != first)
    child = int(written.read_text())
    assert processes.wait_until(lambda: not processes.is_running(child), timeout_seconds=5)


def test_a_child_that_does_not_listen_is_killed_in_time(stage: Stage) -> None:
    stage.start(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "open('ready', 'w'); time.sleep(60)"
    )
    ready = stage.folder / "ready"
    assert processes.wait_until(ready.exists, timeout_seconds=10)
    pid, began_at = stage.pid, time.monotonic()
    stage.supervisor.stop()
    assert 1.0 <= time.monotonic() - began_at < 4.0
    assert not processes.is_running(pid)
    assert stage.said == ["The worker did not stop in time and was killed."]
