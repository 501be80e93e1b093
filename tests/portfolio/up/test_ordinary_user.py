"""Nobody needs to be root: an ordinary user runs the servers as himself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from portfolio import env
from portfolio.up.accounts import Account

NOBODY = Account("nobody", 65534, 65534)
SCRIPT = """
import os, pathlib, sys
import psycopg
from portfolio.up.servers import Servers
with Servers(pathlib.Path(sys.argv[1])) as servers, psycopg.connect(servers.app_url) as app:
    print(os.geteuid(), app.execute("select current_user").fetchone()[0])
"""


def _python_for_all() -> str | None:
    """Find an interpreter of this version that everybody on the machine may run."""
    candidates = (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}")
    for candidate in candidates:
        if Path(candidate).exists() and NOBODY.can_reach(Path(candidate).resolve().parent):
            return candidate
    return None


@pytest.fixture
def python_for_all() -> str:
    """The interpreter, or a skip with the reason."""
    if os.geteuid() != 0:
        pytest.skip("run by an ordinary user, whom every other test proves")
    python = _python_for_all()
    if python is None or not NOBODY.can_reach(env.BASE):
        pytest.skip("no Python of this version is within reach of an ordinary user")
    return python


def run_as_nobody(python: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Start and stop servers in a folder as an ordinary user."""
    return subprocess.run(
        [python, "-c", SCRIPT, folder],
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "PYTHONPATH": os.pathsep.join([str(env.BASE), *filter(None, sys.path)]),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **NOBODY.popen_options(),
    )


def test_an_ordinary_user_runs_the_servers_as_himself(
    python_for_all: str, open_folder: Path
) -> None:
    folder = open_folder / "ordinary"
    folder.mkdir()
    os.chown(folder, NOBODY.uid, NOBODY.gid)
    done = run_as_nobody(python_for_all, folder)
    assert done.stdout.split() == ["65534", "portfolio_app"], done.stderr
    assert (folder / "postgres").stat().st_uid == NOBODY.uid
    shutil.rmtree(folder)


def test_a_folder_of_root_is_refused_with_a_sentence(
    python_for_all: str, open_folder: Path
) -> None:
    folder = open_folder / "roots"
    folder.mkdir(mode=0o755)
    done = run_as_nobody(python_for_all, folder)
    assert done.returncode == 1
    assert f"The folder {folder} cannot be written by this user" in done.stderr
    assert not any(folder.iterdir())
