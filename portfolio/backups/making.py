"""Making a backup while the product runs."""

import datetime as dt
import hashlib
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
from django.conf import settings

from governance_app.audit.sealing import anchors
from governance_app.audit.sealing.keys import key_file
from governance_app.domain.errors import Sentence
from governance_app.files import storage
from portfolio.backups import keys, programs, standing
from portfolio.backups.archive import ANCHORS, DUMP, MANIFEST, Manifest, Writer, digest_of

Say = Callable[[str], None]


def make(path: Path, *, url: str, say: Say) -> Manifest:
    """
    Write one archive of the database, the stored files, the anchors and the public keys.

    All of it is of one moment: the dump and the figures share a snapshot, and stored files are
    written before the rows that name them and never deleted.

    Args:
        path: where the archive goes; it appears when it is whole.
        url: the database as the role that owns the tables.

    Raises:
        Sentence: a program is missing, a stored file is missing or damaged, the disk is full.
    """
    with tempfile.TemporaryDirectory(prefix="backup-", dir=path.parent) as folder:
        dump = Path(folder) / DUMP
        with psycopg.connect(url, connect_timeout=10) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            (snapshot,) = connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
            _dump(connection, url, snapshot, dump)
            say(f"The database is dumped ({dump.stat().st_size / 1e6:,.1f} MB).")
            manifest = _manifest(connection)
            files = connection.execute("SELECT sha256, size FROM files_storedfile ORDER BY 1")
            stored = [(str(sha256), int(size)) for sha256, size in files.fetchall()]
        manifest.members[DUMP] = digest_of(dump)
        beside = _beside(manifest.counts["ledger.seal"])
        for name, content in beside.items():
            manifest.members[name] = [hashlib.sha256(content).hexdigest(), len(content)]
        manifest.members |= {f"files/{sha256}": [sha256, size] for sha256, size in stored}
        with Writer(path) as writer:
            writer.add_bytes(MANIFEST, manifest.as_bytes())
            with dump.open("rb") as stream:
                writer.add(DUMP, stream, dump.stat().st_size, sha256=manifest.members[DUMP][0])
            for name, content in beside.items():
                writer.add_bytes(name, content)
            for sha256, size in stored:
                _add_stored(writer, sha256, size)
        say(f"{len(stored):,} stored files were added.")
    return manifest


def _dump(
    connection: psycopg.Connection[tuple[object, ...]], url: str, snapshot: object, to: Path
) -> None:
    (program,) = programs.find("pg_dump", server_major=programs.server_major(connection))
    done = subprocess.run(
        [
            program,
            "--format=custom",
            "--compress=gzip:3",
            f"--snapshot={snapshot}",
            f"--file={to}",
            "--no-password",
        ],
        env=programs.environment(url),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Sentence(f"The database could not be dumped: {done.stderr.strip()[-500:]}")


def _manifest(connection: psycopg.Connection[tuple[object, ...]]) -> Manifest:
    owner = connection.execute("SELECT current_user").fetchone()
    applied = connection.execute("SELECT app, name FROM django_migrations ORDER BY id").fetchall()
    return Manifest(
        made_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        postgres=programs.server_major(connection),
        owner_role=str(owner[0]) if owner else "",
        app_role=settings.DATABASE_APP_ROLE,
        migrations=[[str(app), str(name)] for app, name in applied],
        counts=standing.counts(connection),
        totals=standing.totals(connection),
        secrets=keys.needed(),
    )


def _beside(seals: int) -> dict[str, bytes]:
    """
    Give what proves the trail without the database: public keys and anchors, no secret.

    Args:
        seals: how many the dump holds; a head that was anchored since is left out.
    """
    found = {
        f"keys/{file.name}": file.read_bytes()
        for file in sorted(key_file().parent.glob("seal-*.pub"))
    }
    kept = [
        line.text for line in anchors.lines() if not line.seal or line.seal.head.number <= seals
    ]
    if kept:
        found[ANCHORS] = "".join(f"{text}\n" for text in kept).encode()
    return found


def _add_stored(writer: Writer, sha256: str, size: int) -> None:
    try:
        with storage.open_content(sha256) as stream:
            writer.add(f"files/{sha256}", stream, size, sha256=sha256)
    except FileNotFoundError:
        raise Sentence(
            f"The stored file {sha256[:12]} is missing in {settings.FILES_URL}; nothing was backed"
            " up."
        ) from None
