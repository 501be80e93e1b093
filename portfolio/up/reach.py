"""Places that the database's account can reach when root's own folders are closed to it."""

import hashlib
import os
import shutil
from pathlib import Path

from portfolio.up.accounts import Account
from portfolio.up.installations import PostgresInstallation

ELSEWHERE = Path("/var/lib/ai-portfolio")


def data_folder(wanted: Path, account: Account | None) -> Path:
    """
    Give the folder that really holds the data of ``wanted``.

    That is ``wanted`` itself, unless the account cannot walk down to it (a checkout under
    ``/root``): then a folder under /var/lib that belongs to this ``wanted`` alone.
    """
    if account is None or account.can_reach(wanted.parent):
        return wanted
    digest = hashlib.sha256(str(wanted.resolve()).encode()).hexdigest()[:12]
    return _open_folder(ELSEWHERE) / f"{wanted.name}-{digest}"


def reachable_installation(
    installation: PostgresInstallation, account: Account | None
) -> PostgresInstallation:
    """Give an installation that the account can run: this one, or a copy of it under /var/lib."""
    if account is None or account.can_reach(installation.folder / "bin"):
        return installation
    copy = _open_folder(ELSEWHERE) / f"postgresql-{installation.version}"
    if not copy.exists():
        unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
        shutil.copytree(installation.folder, unfinished, symlinks=True)
        try:
            unfinished.rename(copy)
        except OSError:  # another start was quicker; its copy is the same
            shutil.rmtree(unfinished)
    return PostgresInstallation(copy, installation.version)


def _open_folder(folder: Path) -> Path:
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder.chmod(0o755)
    return folder
