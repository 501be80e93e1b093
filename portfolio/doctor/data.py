"""The data: database, its two roles, migrations, static files, stored files."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from governance_app.audit.sealing.proof import standing
from portfolio.doctor.findings import Finding, weak, well, wrong
from portfolio.web.health import pending_migrations

OLDEST, NEWEST = 15, 18
_CLOCKS_APART_SECONDS = 5.0
_SEAL_LATE_SECONDS = 300.0


def examine() -> Iterator[Finding]:
    """Look at the database and the folders; without a database only at the folders."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield wrong(
            "database",
            f"It does not answer: {str(error).strip().splitlines()[0]}.",
            "Check DATABASE_URL, or unset it to use the embedded one.",
        )
    else:
        yield _version()
        yield _clocks()
        yield _migrations()
        yield _roles()
        yield _trail()
        yield _seals()
    yield _static()
    yield _files()


def _one(query: str) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row: tuple[object, ...] = cursor.fetchone()
    return row


def _version() -> Finding:
    major = connection.pg_version // 10000  # type: ignore[attr-defined]
    says = f"PostgreSQL {major} answers."
    if OLDEST <= major <= NEWEST:
        return well("database", says)
    return weak("database", says, f"Use PostgreSQL {OLDEST} to {NEWEST}, which is tested.")


def _clocks() -> Finding:
    (there,) = _one("SELECT clock_timestamp()")
    assert isinstance(there, dt.datetime)
    apart = abs((dt.datetime.now(dt.UTC) - there).total_seconds())
    says = f"The database's clock is {apart:.1f} s away from this machine's."
    if apart > _CLOCKS_APART_SECONDS:
        return weak("clocks", says, "Let both machines follow the same time server.")
    return well("clocks", says)


def _migrations() -> Finding:
    pending = pending_migrations()
    if not pending:
        return well("migrations", "All are applied.")
    return wrong(
        "migrations",
        f"{len(pending)} wait to be applied, first {pending[0]}.",
        "Run python manage.py migrate with the owner's DATABASE_URL.",
    )


def _roles() -> Finding:
    """Find out whether the application's role could change tables or skip the trail."""
    name = "two roles"
    role, is_superuser = _one(
        "SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    (owned,) = _one(
        "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = "
        "'public'::regnamespace AND pg_has_role(relowner, 'USAGE')"
    )
    if is_superuser or owned:
        why = "is a superuser" if is_superuser else f"owns {owned} tables"
        return wrong(
            name,
            f"The application signs in as {role}, which {why} and could switch the trail off.",
            "Migrate as one role and run as another: docs/how-to/two-roles.md.",
        )
    return well(name, f"The application signs in as {role}, which owns nothing.")


def _trail() -> Finding:
    (can_write,) = _one(
        "SELECT coalesce(bool_or(has_table_privilege(c.oid, right_)), false) FROM pg_class c, "
        "unnest(array['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) right_ "
        "WHERE c.relnamespace = to_regnamespace('ledger') AND c.relkind IN ('r', 'p')"
    )
    if can_write:
        return wrong(
            "trail",
            "The application's role may write or delete entries of the trail.",
            "Revoke its rights on schema ledger, or migrate as another role.",
        )
    return well("trail", "The application may read the trail and cannot change it.")


def _seals() -> Finding:
    """Find out whether events wait too long for their seal."""
    try:
        sealed = standing()
    except DatabaseError:
        return weak("seals", "They cannot be read.", "Apply the migrations first.")
    if sealed.lag_seconds > _SEAL_LATE_SECONDS:
        return weak(
            "seals",
            f"{sealed.waiting:,} events wait since {sealed.waiting_since:%Y-%m-%d %H:%M} to be"
            " sealed.",
            "Start worker and beat, or seal now: python manage.py audit_verify --seal.",
        )
    if sealed.up_to is None:
        return well("seals", "Nothing waits to be sealed.")
    return well("seals", f"The trail is sealed up to {sealed.up_to:%Y-%m-%d %H:%M:%S %Z}.")


def _static() -> Finding:
    if (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        return well("static files", f"They are collected in {settings.STATIC_ROOT}.")
    return wrong(
        "static files",
        f"None are collected in {settings.STATIC_ROOT}: pages have no style.",
        "Run python manage.py collectstatic --noinput.",
    )


def _files() -> Finding:
    """Write and read a byte where received files go."""
    import fsspec

    name = "stored files"
    place = f"{str(settings.FILES_URL).rstrip('/')}/doctor"
    try:
        with fsspec.open(place, "wb", auto_mkdir=True) as out:
            out.write(b"1")
        with fsspec.open(place, "rb") as back:
            back.read()
        fsspec.core.url_to_fs(place)[0].rm(place)
    except (OSError, ImportError, ValueError) as error:
        return wrong(
            name,
            f"{settings.FILES_URL} cannot be written: {error}.",
            "Check FILES_URL and the rights of this user on it.",
        )
    return well(name, f"{settings.FILES_URL} can be written and read.")
