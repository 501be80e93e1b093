"""PostgreSQL refuses to run as root: find the account it runs as, and paths that one can reach."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from portfolio.up.errors import LauncherError

OWN_ACCOUNT = "ai-portfolio"


class PopenOptions(TypedDict, total=False):
    """The part of Popen's arguments that changes the account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """An account of this machine that a server runs as instead of root."""

    name: str
    uid: int
    gid: int

    def popen_options(self) -> PopenOptions:
        """Give the arguments that make Popen drop to this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_reach(self, path: Path) -> bool:
        """Tell whether the account may walk down to ``path`` (its existing part)."""
        resolved = path.resolve()
        existing = [folder for folder in (resolved, *resolved.parents) if folder.is_dir()]
        return all(self._can_enter(folder) for folder in existing)

    def _can_enter(self, folder: Path) -> bool:
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def account_for(data: Path) -> Account | None:
    """
    Choose the account that PostgreSQL runs as.

    Returns:
        None for an ordinary user, who runs it as himself. For root: the owner of an existing data
        folder, else ``postgres``, else ``nobody``, else an account made for it.

    Raises:
        LauncherError: the data folder belongs to somebody else.
    """
    owner = data.stat().st_uid if (data / "PG_VERSION").exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner != os.geteuid():
            raise LauncherError(
                f"The database in {data} belongs to the user {_name(owner)}. Run this as that "
                f"user or as root, or use another folder: VAR=other make demo."
            )
        return None
    if owner:
        entry = pwd.getpwuid(owner)
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for name in ("postgres", "nobody", OWN_ACCOUNT):
        account = _find(name)
        if account:
            return account
    return _make_account()


def _find(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _make_account() -> Account:
    useradd = shutil.which("useradd")
    if useradd:
        subprocess.run([useradd, "--system", "--no-create-home", OWN_ACCOUNT], check=True)
    account = _find(OWN_ACCOUNT)
    if account is None:
        raise LauncherError(
            "PostgreSQL cannot run as root and this machine has neither the user postgres nor "
            "nobody. Run this as an ordinary user."
        )
    return account


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
