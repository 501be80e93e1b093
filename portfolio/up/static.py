"""Collect the static files when they changed, which takes seconds, and not otherwise."""

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from portfolio import env
from portfolio.up import processes
from portfolio.up.errors import LauncherError
from portfolio.up.places import Places

_LOCK = env.BASE / "requirements" / "run.txt"


def collect_static(places: Places, surroundings: Mapping[str, str]) -> bool:
    """
    Bring the collected static files up to date; True when there was something to do.

    Raises:
        LauncherError: collecting failed; the sentence ends with its log.
    """
    stamp = places.folder / "run" / "static.stamp"
    now = _digest()
    if stamp.exists() and stamp.read_text() == now:
        return False
    log = places.log("collectstatic")
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--clear", "-v0"]
    with log.open("ab") as out:
        done = subprocess.run(
            command, cwd=env.BASE, env=surroundings, stdout=out, stderr=out, check=False
        )
    if done.returncode != 0:
        raise LauncherError(
            f"The static files could not be collected. The log {log} ends:\n"
            f"{processes.last_lines(log)}"
        )
    stamp.write_text(now)
    return True


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
