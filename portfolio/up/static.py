"""Collect the static files when they changed, which takes seconds, and not otherwise."""

import hashlib
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from portfolio import env
from portfolio.up import processes
from portfolio.up.errors import LauncherError
from portfolio.up.places import Places

_LOCK = env.BASE / "requirements" / "run.txt"


class Collecting:
    """Collection under way, beside whatever else is being started."""

    def __init__(self, places: Places, surroundings: Mapping[str, str]) -> None:
        self._stamp = places.folder / "run" / "static.stamp"
        self._log = places.log("collectstatic")
        self._digest = _digest()
        self._process: subprocess.Popen[bytes] | None = None
        if self._stamp.exists() and self._stamp.read_text() == self._digest:
            return
        command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "-v0"]
        self._process = processes.spawn(command, log=self._log, env=surroundings, cwd=env.BASE)

    def finish(self, should_stop: Callable[[], bool]) -> bool:
        """
        Wait for the end; True when there was something to do and it was done.

        Raises:
            LauncherError: collecting failed; the sentence ends with its log.
        """
        if self._process is None or not processes.finish(self._process, should_stop):
            return False
        if self._process.returncode != 0:
            raise LauncherError(
                f"The static files could not be collected. The log {self._log} ends:\n"
                f"{processes.last_lines(self._log)}"
            )
        self._stamp.write_text(self._digest)
        return True

    def stop(self) -> None:
        """Give up, when the launcher stops before it was done."""
        if self._process is not None:
            processes.stop(self._process, signal.SIGTERM, timeout_seconds=5)


def _digest() -> str:
    """
    Digest what the collected files depend on: our own files, the lock (it names every wheel that
    files come from), and the settings, which choose the finders.
    """
    ours = [path for path in (env.BASE / "static").rglob("*") if path.is_file()]
    ours += [_LOCK, env.BASE / "portfolio" / "settings.py"]
    return digest_of(ours)


def digest_of(paths: list[Path]) -> str:
    """Digest names and contents of files, in the order of their names."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path}\n".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
