"""
The migrated database, kept from one session of tests to the next.

Migrating an empty database takes longer than most tests. A session copies the data folder of an
earlier one, as long as nothing that goes into it has changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from portfolio.up.servers import Servers

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "portfolio_template"
_KEPT_DAYS = 2


def copy_to(folder: Path) -> None:
    """Make a folder of servers that hold the migrated template database."""
    while not (kept := _kept()).exists():
        _make()
    os.utime(kept)
    # cp keeps the account that the database runs as, which shutil does not.
    subprocess.run(["cp", "-a", kept, folder], check=True)


def _kept() -> Path:
    """Name the kept folder after everything that decides what is in it, and after its user."""
    total = hashlib.sha256(str(ROOT).encode())
    sources = [
        *ROOT.glob("governance_app/*/migrations/*.py"),
        ROOT / "governance_app" / "domain" / "stages.py",
        ROOT / "portfolio" / "settings.py",
        ROOT / "portfolio" / "up" / "postgres.py",
        ROOT / "requirements" / "run.txt",
    ]
    for path in sorted(sources):
        total.update(path.read_bytes())
    home = Path(tempfile.gettempdir()) / f"portfolio-tests-{os.getuid()}"
    home.mkdir(mode=0o755, exist_ok=True)
    if home.stat().st_uid != os.getuid():
        raise RuntimeError(f"{home} belongs to somebody else: set TMPDIR to a folder of your own")
    return home / total.hexdigest()[:16]


def _make() -> None:
    """
    Migrate a database as the owner, and keep its folder.

    It is thrown away when another session was quicker, or somebody changed a migration meanwhile.
    """
    kept = _kept()
    _forget_old(kept.parent)
    making = Path(tempfile.mkdtemp(prefix="making-", dir=kept.parent))
    making.chmod(0o755)  # the server may run as another user when we are root
    with Servers(making) as servers:
        servers.create_database(TEMPLATE)
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": servers.owner_url_for(TEMPLATE),
                "DATABASE_APP_ROLE": "portfolio_app",
                "REDIS_URL": servers.redis_url,
                "SECRET_KEY": "only-for-tests",
            },
            check=True,
        )
    try:
        if _kept() == kept:
            making.rename(kept)
    except OSError:  # there is one already
        pass
    shutil.rmtree(making, ignore_errors=True)


def _forget_old(home: Path) -> None:
    """Throw away what no session used for days, and what was never finished."""
    newest = home.stat().st_mtime
    for folder in home.iterdir():
        if newest - folder.stat().st_mtime > _KEPT_DAYS * 86400:
            shutil.rmtree(folder, ignore_errors=True)
