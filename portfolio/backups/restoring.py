"""Making an installation of a backup: all of it, or nothing."""

import datetime as dt
import importlib
import re
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import fsspec
import psycopg
from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from governance_app.audit.sealing import anchors
from governance_app.audit.sealing.keys import key_file
from governance_app.domain.errors import Sentence
from governance_app.files import storage
from portfolio.backups import keys, programs, standing
from portfolio.backups.archive import ANCHORS, DUMP, Manifest, Reader

Say = Callable[[str], None]
Connection = psycopg.Connection[tuple[object, ...]]

#: Throws away every table, sequence, view and function of ours; what extensions own stays.
_EMPTY = """
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS ledger CASCADE;
DO $empty$
DECLARE each record;
BEGIN
    FOR each IN
        SELECT c.relname, CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
            WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
            AND c.relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT EXISTS (
                SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass
                AND (d.deptype = 'e' OR d.deptype = 'i' AND c.relkind = 'S'))
    LOOP
        EXECUTE format('DROP %s IF EXISTS public.%I CASCADE', each.kind, each.relname);
    END LOOP;
    FOR each IN
        SELECT p.oid::regprocedure AS name FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass
            AND d.deptype = 'e')
    LOOP
        EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', each.name);
    END LOOP;
END $empty$;
"""
_GRANTING = ("0001_initial", "0002_seals")


@dataclass
class Restored:
    """What a restore did, and what a person has to do besides."""

    manifest: Manifest
    to_do: list[str] = field(default_factory=list)


def restore(
    path: Path, *, url: str, is_replacing: bool = False, keys_file: Path | None = None, say: Say
) -> Restored:
    """
    Put what an archive holds in place of what is here.

    Every member is checked first. Stored files come before the database, and go again should the
    database not follow; the database changes in one transaction, which counts and sums what it
    made and commits only when that is what was backed up.

    Args:
        path: the archive.
        url: the database as the role that shall own the tables.
        is_replacing: throw away what the installation holds; otherwise it must hold nothing.
        keys_file: the keys that were kept beside the archive.

    Raises:
        Sentence: it was refused or failed, and nothing was changed.
    """
    told = keys.read(keys_file) if keys_file else None
    archive = Reader(path)
    try:
        archive.check()
        say("Every part of the backup is as it was made.")
        with psycopg.connect(url, connect_timeout=10) as connection:
            _refuse_unfit(connection, archive.manifest)
            if not is_replacing:
                _refuse_full(connection)
            found = programs.find(
                "psql", "pg_restore", server_major=programs.server_major(connection)
            )
        _refuse_company(url)
        added = _put_files(archive)
        try:
            _load(archive, found, url)
        except BaseException:
            for sha256 in added:
                filesystem, place = fsspec.core.url_to_fs(storage.address(sha256))
                filesystem.rm(place)
            raise
        say(f"The database is as it was on {archive.manifest.made_at}.")
        _put_beside(archive)
    finally:
        archive.close()
    restored = Restored(archive.manifest)
    if told is not None:
        restored.to_do += keys.take(told)
    if missing := sorted(set(archive.manifest.secrets) - keys.present()):
        restored.to_do.append(
            f"Secrets of connections were sealed with a key that is not here: {', '.join(missing)}."
            " Restore again with --keys, add that key to SECRETS_KEY, or enter the secrets again."
        )
    return restored


def _refuse_unfit(connection: Connection, manifest: Manifest) -> None:
    """Refuse what this version or this server cannot hold."""
    disk = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    unknown = [f"{app} {name}" for app, name in manifest.migrations if (app, name) not in disk]
    if unknown:
        raise Sentence(
            f"The backup was made by a newer version of this product: it holds {unknown[-1]}."
            " Install that version and restore there."
        )
    if manifest.postgres > programs.server_major(connection):
        raise Sentence(
            f"The backup was made on PostgreSQL {manifest.postgres}; this server is"
            f" {programs.server_major(connection)}. Restore on {manifest.postgres} or newer."
        )
    role = settings.DATABASE_APP_ROLE
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        raise Sentence(
            f"The role {role}, which runs the application, is not on this server. Create it first:"
            " docs/how-to/two-roles.md."
        )


def _refuse_full(connection: Connection) -> None:
    """Refuse an installation in which somebody has worked."""
    for table, words in (
        ("people_user", "people"),
        ("initiatives_initiative", "initiatives"),
        ("files_storedfile", "stored files"),
        ("spend_load", "bills"),
    ):
        if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() == (None,):
            continue
        only = sql.SQL(" WHERE kind = 'person'") if table == "people_user" else sql.SQL("")
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)) + only
        row = connection.execute(query).fetchone()
        if row and row[0]:
            raise Sentence(
                f"This installation is not empty: it holds {row[0]:,} {words}. Restore into an"
                " empty one, or throw away what is here with --replace."
            )


def _refuse_company(url: str) -> None:
    """Refuse while somebody else works in the database."""
    connections.close_all()
    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
        ).fetchone()
    if row and row[0]:
        raise Sentence(
            f"{row[0]} other connections use the database. Stop web, worker and beat first."
        )


def _put_files(archive: Reader) -> list[str]:
    """Store the files that are not here yet; give those that were added."""
    added = []
    for name in archive.names("files/"):
        sha256, size = archive.manifest.members[name]
        filesystem, place = fsspec.core.url_to_fs(storage.address(sha256))
        if filesystem.exists(place) and filesystem.size(place) == size:
            continue
        with archive.open(name) as stream:
            storage.put(stream, sha256, size)
        added.append(sha256)
    return added


def _load(archive: Reader, found: list[Path], url: str) -> None:
    """Load the dump in one transaction that ends with what it must hold."""
    psql, pg_restore = found
    with tempfile.TemporaryDirectory(prefix="restore-") as folder:
        place = Path(folder)
        dump = place / DUMP
        with archive.open(DUMP) as stream, dump.open("wb") as out:
            while chunk := stream.read(1 << 20):
                out.write(chunk)
        owner = psycopg.conninfo.conninfo_to_dict(url)["user"]
        before, after, data = (place / name for name in ("empty.sql", "after.sql", "data.sql"))
        before.write_text(_EMPTY)
        _run([pg_restore, "--no-owner", "--no-privileges", f"--file={data}", dump])
        after.write_text(
            _privileges(pg_restore, dump, archive.manifest, owner=str(owner))
            + standing.checks(archive.manifest.counts, archive.manifest.totals)
        )
        _run(
            [
                psql, "--no-psqlrc", "--quiet", "--no-password", "--single-transaction",
                "--variable=ON_ERROR_STOP=1", "--output=/dev/null",
                f"--file={before}", f"--file={data}", f"--file={after}",
            ],
            url,
        )  # fmt: skip


def _privileges(pg_restore: Path, dump: Path, manifest: Manifest, *, owner: str) -> str:
    """Give what was granted, under the names that the roles have here."""
    listed = subprocess.run(
        [pg_restore, "--list", dump], capture_output=True, text=True, check=True
    )
    chosen = [line for line in listed.stdout.splitlines() if re.search(r" (DEFAULT )?ACL ", line)]
    wanted = dump.with_suffix(".list")
    wanted.write_text("\n".join(chosen) + "\n")
    granted = subprocess.run(
        [pg_restore, "--no-owner", f"--use-list={wanted}", "--file=-", dump],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    app = settings.DATABASE_APP_ROLE
    names = {manifest.owner_role: owner, manifest.app_role: app}
    pattern = re.compile("|".join(rf'"?\b{re.escape(name)}\b"?' for name in names))
    granted = pattern.sub(lambda match: f'"{names[match.group().strip(chr(34))]}"', granted)
    seeing = "SET search_path = public;\n"  # a dump leaves it empty
    if app == owner:
        return seeing
    first = [
        importlib.import_module(f"governance_app.audit.migrations.{name}").GRANTS
        for name in _GRANTING
        if ["audit", name] in manifest.migrations
    ]
    revoked = "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;\n"
    return revoked + granted + seeing + "".join(grants.format(role=f'"{app}"') for grants in first)


def _run(command: list[str | Path], url: str = "") -> None:
    done = subprocess.run(
        command,
        env=programs.environment(url) if url else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Sentence(
            "The database could not be restored; it is as it was."
            f" {Path(command[0]).name} says: {done.stderr.strip()[-800:]}"
        )


def _put_beside(archive: Reader) -> None:
    """Put anchors and public keys in place; anchors that were here are kept under a dated name."""
    for name in archive.names("keys/"):
        with archive.open(name) as stream:
            file = key_file().parent / Path(name).name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(stream.read())
    file = anchors.anchor_file()
    if file.exists():
        stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%d-%H%M%S")
        file.rename(file.with_name(f"{file.name}.before-{stamp}"))
    anchors.begin_again()
    if ANCHORS in archive.manifest.members:
        file.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(ANCHORS) as stream:
            file.write_bytes(stream.read())
