"""Migrate as the owner role when there is something to migrate, and skip quickly otherwise."""

import hashlib
import json
import sys
from collections.abc import Callable, Mapping

import psycopg

from portfolio import env
from portfolio.up import processes
from portfolio.up.errors import LauncherError
from portfolio.up.places import Places
from portfolio.up.static import digest_of


def migrate(
    places: Places,
    surroundings: Mapping[str, str],
    should_stop: Callable[[], bool] = lambda: False,
) -> bool:
    """
    Apply what is missing; True when migrations were run.

    They are run when the files of a migration or the lock changed since the last time, or when
    the database's own list is not the one left behind then (another database, a restore).

    Raises:
        LauncherError: a migration failed or the database cannot be reached.
    """
    stamp = places.folder / "run" / "migrated.json"
    if stamp.exists() and json.loads(stamp.read_text()) == _standing(surroundings):
        return False
    log = places.log("migrate")
    command = [sys.executable, "manage.py", "migrate", "--noinput", "--skip-checks"]
    process = processes.spawn(command, log=log, env=surroundings, cwd=env.BASE)
    if not processes.finish(process, should_stop):
        return False
    if process.returncode != 0:
        raise LauncherError(
            f"The database could not be migrated. The log {log} ends:\n"
            f"{processes.last_lines(log, 12)}"
        )
    stamp.write_text(json.dumps(_standing(surroundings)))
    return True


def _standing(surroundings: Mapping[str, str]) -> dict[str, str]:
    files = sorted(env.BASE.glob("governance_app/*/migrations/*.py"))
    return {
        "files": digest_of([*files, env.BASE / "requirements" / "run.txt"]),
        "database": _applied(surroundings["DATABASE_URL"]),
    }


def _applied(owner_url: str) -> str:
    """Digest the database's list of applied migrations; empty for an empty database."""
    try:
        with psycopg.connect(owner_url, connect_timeout=10) as connection:
            if connection.execute("select to_regclass('django_migrations')").fetchone() == (None,):
                return ""
            rows = connection.execute(
                "select app, name, applied::text from django_migrations order by id"
            ).fetchall()
    except psycopg.OperationalError as error:
        raise LauncherError(f"The database cannot be reached: {error}".strip()) from error
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
