"""A backup becomes a whole installation on another cluster; a damaged one changes nothing."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as site
from django.db import connection

from governance_app.audit.sealing import making
from governance_app.files import services as files
from governance_app.people import services as people
from portfolio import env
from portfolio.backups import standing
from portfolio.up.servers import Servers
from tests.factories import focus

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


def manage(told: dict[str, str], *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run a command with some surroundings."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DATABASE_APP_ROLE"}
    }
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=env.BASE,
        env={**clean, **told},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the database's account can walk into."""
    made = Path(tempfile.mkdtemp(prefix="portfolio-backup-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def source(
    folder: Path, settings: Any, servers: Servers, organisation: Any, admin: Any
) -> dict[str, str]:
    """An installation with people, a bill, a file and a sealed trail; how commands reach it."""
    from governance_app.spend import services as spend

    var = folder / "source"
    var.mkdir()
    settings.FILES_URL = str(var / "files")
    settings.SEAL_KEY = str(var / "keys" / "seal.pem")
    settings.SEAL_ANCHOR_FILE = str(var / "anchors" / "seals.jsonl")
    unit = people.add_unit(name="Retail", parent=organisation, by=admin)
    person = people.add_user(email="a@example.com", name="A", password="a" * 20, by=admin)
    people.grant(user=person, role="finance_partner", node=organisation, by=admin)
    bill = spend.add_source(name="Cloud", by=person)
    content = focus.as_csv([focus.line(BilledCost=f"0.{n:012d}1") for n in range(60)])
    spend.import_file(
        source=bill, files=[files.store(content=content, name="bill.csv", by=person)],
        by=person, now=NOW,
    )  # fmt: skip
    making.seal_waiting()
    people.rename_node(node=unit, name="Retail banking", by=admin)
    making.seal_waiting()
    name = str(connection.settings_dict["NAME"])
    return {
        "VAR": str(var),
        "DATABASE_URL": servers.app_url_for(name),
        "DATABASE_OWNER_URL": servers.owner_url_for(name),
        "DATABASE_APP_ROLE": "portfolio_app",
        "REDIS_URL": os.environ["REDIS_URL"],
        "SECRETS_KEY": "k" * 40,
    }


def test_a_backup_becomes_the_same_installation_on_a_fresh_cluster(
    source: dict[str, str], folder: Path
) -> None:
    archive, keys = folder / "all.tar", folder / "keys.json"
    done = manage(source, "backup", "-o", archive, "--keys", keys, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["files"] >= 1
    assert archive.stat().st_mode & 0o777 == keys.stat().st_mode & 0o777 == 0o600
    with tarfile.open(archive) as tar:
        assert not [name for name in tar.getnames() if name.endswith(".pem")]
    assert b"PRIVATE KEY" not in archive.read_bytes() and "k" * 40 in keys.read_text()

    target = {"VAR": str(folder / "target"), "SECRET_KEY": "x" * 50}
    done = manage(target, "restore", archive, "--into-empty", "--keys", keys)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The trail is whole" in done.stdout and "the ledger holds" in done.stdout

    with Servers(folder / "target") as servers:
        with (
            psycopg.connect(source["DATABASE_OWNER_URL"]) as before,
            psycopg.connect(servers.owner_url) as after,
        ):
            counted, now = standing.counts(before), standing.counts(after)
            # the note that it was restored, waiting for its seal, and who wrote it
            changed = {name for name in now if now[name] != counted.get(name)}
            assert changed <= {"ledger.event", "ledger.pending", "public.audit_change"}
            assert standing.totals(after) == standing.totals(before)
            assert standing.broken_invariants(after) == []
        with psycopg.connect(servers.app_url, autocommit=True) as app:
            for refused in (
                "TRUNCATE people_user",
                "DELETE FROM ledger.event",
                "INSERT INTO ledger.pending VALUES (1)",
                "ALTER TABLE people_user DISABLE TRIGGER ALL",
                "DELETE FROM django_migrations",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute(refused)
            events = "SELECT count(*) FROM ledger.event"
            (count,) = app.execute(events).fetchone() or (0,)
            app.execute("UPDATE people_scopenode SET code = 'x'")
            (more,) = app.execute(events).fetchone() or (0,)
            assert more > count, "the trail goes on"
            assert app.execute("SELECT spend_make_month('2031-01-01')").fetchone()
    stored = sorted(path.name for path in (folder / "source/files").rglob("*") if path.is_file())
    copied = sorted(path.name for path in (folder / "target/files").rglob("*") if path.is_file())
    assert stored == copied
    assert "PRIVATE KEY" in (folder / "target/keys/seal.pem").read_text()
    done = manage(target, "audit_verify", "--seal", "--json")
    assert done.returncode == 0, done.stdout
    done = manage(target, "restore", archive)
    assert done.returncode == 1 and "This installation is not empty" in done.stderr
    done = manage(target, "restore", archive, "--replace", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["reasons"] == [] and told["to_do"] == []


def test_a_damaged_backup_and_a_busy_database_change_nothing(
    source: dict[str, str], folder: Path
) -> None:
    archive = folder / "all.tar"
    assert manage(source, "backup", "-o", archive).returncode == 0
    whole = archive.read_bytes()
    with psycopg.connect(source["DATABASE_OWNER_URL"]) as owner:
        before = standing.counts(owner)
    at = whole.index(b"PGDMP") + 5_000
    for damaged, says in (
        (whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], "is damaged"),
        (whole[: len(whole) // 2], "Nothing was restored"),
        (b"not an archive" * 100, "is no backup of this product"),
    ):
        archive.write_bytes(damaged)
        done = manage(source, "restore", archive, "--replace")
        assert done.returncode == 1 and says in done.stderr, done.stderr
    archive.write_bytes(whole)
    connection.close()
    with psycopg.connect(source["DATABASE_URL"]):
        done = manage(source, "restore", archive, "--replace")
    assert done.returncode == 1 and "other connections use the database" in done.stderr
    with psycopg.connect(source["DATABASE_OWNER_URL"]) as owner:
        assert standing.counts(owner) == before
    assert not list(folder.glob("*.part"))


def test_a_copy_that_differs_is_never_committed(source: dict[str, str], folder: Path) -> None:
    archive = folder / "all.tar"
    assert manage(source, "backup", "-o", archive).returncode == 0
    lying = folder / "lying.tar"
    with tarfile.open(archive) as tar, tarfile.open(lying, "w") as out:
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            if member.name == "manifest.json":
                told = json.load(content)
                told["counts"]["public.people_user"] += 1
                text = json.dumps(told).encode()
                member.size = len(text)
                import io

                content = io.BytesIO(text)  # type: ignore[assignment]
            out.addfile(member, content)
    connection.close()
    shutil.rmtree(folder / "source/files")
    done = manage(source, "restore", lying, "--replace")
    assert done.returncode == 1 and "people_user holds" in done.stderr, done.stderr
    assert not [path for path in (folder / "source/files").rglob("*") if path.is_file()]
    with psycopg.connect(source["DATABASE_OWNER_URL"]) as owner:
        row = owner.execute("SELECT sum(billed) FROM spend_loadtotal").fetchone()
        assert row is not None and row[0] > Decimal(0)


def test_a_stored_file_that_is_missing_or_damaged_stops_the_backup(
    source: dict[str, str], folder: Path
) -> None:
    victim = next(path for path in (folder / "source/files").rglob("*") if path.is_file())
    content = victim.read_bytes()
    victim.write_bytes(content[:-1] + b"?")
    done = manage(source, "backup", "-o", folder / "all.tar")
    assert done.returncode == 1 and "does not hold what it was stored with" in done.stderr
    victim.unlink()
    done = manage(source, "backup", "-o", folder / "all.tar")
    assert done.returncode == 1 and "is missing in" in done.stderr
    assert not list(folder.glob("all.tar*"))


def test_missing_programs_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from governance_app.domain.errors import Sentence
    from portfolio.backups import programs

    with pytest.raises(Sentence, match=r"No pg_dump of PostgreSQL 99 or newer was found \("):
        programs.find("pg_dump", server_major=99)
    monkeypatch.setattr(programs, "_folders", list)
    with pytest.raises(Sentence, match="install postgresql-client-18"):
        programs.find("pg_dump", server_major=18)
    assert site.DATABASE_APP_ROLE == "portfolio_app"
