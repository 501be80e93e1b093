"""
A SQL query against a PostgreSQL database: rows as readings of initiatives.

Speaks PostgreSQL's protocol, which Redshift, AlloyDB, Aurora, CockroachDB and Timescale answer
too. The query runs in a read-only transaction with a deadline and a cap on its rows; *Test*
says when the account could write. ``{since}`` and ``{until}`` in the query stand for days.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Errand,
    PassingError,
    PermanentError,
    Plugin,
    Refusal,
    Setting,
    SettingKind,
    tried,
)
from governance_app.connectors.billing import exact
from governance_app.connectors.http import reachable
from governance_app.domain.records import Reading, ReadingRecord

CONNECT_S = 10
STATEMENT_MS = 120_000
MOST_ROWS = 200_000
ROWS_A_BATCH = 5000
KNOWN = frozenset({"series", "day", "value", "initiative", "name", "unit", "source_ref"})
_SCHEMES = ("postgresql", "postgres")

#: Tables the account may change, leaving its own temporary ones out; one is enough to know.
_WRITABLE = """
SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%%'
AND n.nspname <> 'information_schema'
AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') LIMIT 1
"""


class SqlQuery(Plugin):
    """Runs one statement a run; a correction is another value for a day."""

    name = "sql_query"
    title = "SQL query"
    summary = "Rows of a query against a PostgreSQL database, read only, as readings."
    brings = (Brings.READINGS,)
    settings = (
        Setting(
            "database_url", "Database address", is_secret=True, is_required=True,
            help="postgresql://reader:password@host:5432/name?sslmode=require",
        ),
        Setting(
            "query", "Query", SettingKind.LINES, is_required=True,
            help="Answers series, day and value; may answer initiative, name, unit, source_ref,"
            " and any other column as a label.",
        ),
        Setting("initiative", "Initiative", help="Such as AI-142, for rows that name none."),
    )  # fmt: skip

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        _parts(str(cleaned["database_url"]))
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """Connect, look whether the account could write, and run the query."""
        checks = [tried("Database answers", lambda: _version(errand), needs="CONNECT")]
        if checks[-1].is_ok:
            checks.append(tried("Account can only read", lambda: _only_reads(errand)))
            checks.append(
                tried(
                    "Query answers",
                    lambda: f"{len(list(_rows(errand, most=100)))} row(s) or more.",
                    needs="SELECT on the tables it names and USAGE of their schemas",
                )
            )
        return checks

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the readings of the answer, some thousand at a time."""
        records: list[ReadingRecord] = []
        refused: list[Refusal] = []
        for number, row in enumerate(_rows(errand, most=MOST_ROWS), 1):
            try:
                records.append(_record(errand, row))
            except (KeyError, ValueError, TypeError, ArithmeticError) as error:
                refused.append(Refusal(f"Row {number}", f"No reading in it: {error}."))
            if len(records) == ROWS_A_BATCH:
                yield Batch("Rows", records=tuple(records), refused=tuple(refused))
                records, refused = [], []
        yield Batch("Rows", records=tuple(records), refused=tuple(refused))


def _parts(address: str) -> tuple[str, int]:
    """
    Give host and port of a database address.

    Raises:
        PermanentError: it is of another kind, or names no host.
    """
    try:
        read = urlsplit(address)
        host, port = read.hostname or "", read.port or 5432
    except ValueError:
        host, port = "", 0
    if not host or read.scheme not in _SCHEMES or "," in host or host.startswith(("/", "%2f")):
        raise PermanentError(
            "Database address must be of the form postgresql://user:password@host:5432/name."
        )
    return host, port


def _connected(errand: Errand) -> Any:
    """
    Connect to the address that was looked at, for reading only.

    Raises:
        PermanentError: wrong account or database, or an address that may not be reached.
        PassingError: the database is not there now.
    """
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    address = str(errand.settings["database_url"])
    host, port = _parts(address)
    places = reachable(host, port, errand.reach)
    try:
        known = conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        raise PermanentError("The database address cannot be read.") from None
    allowed: dict[str, Any] = {
        name: known[name] for name in ("user", "password", "dbname", "sslmode") if name in known
    }
    try:
        connection = psycopg.connect(
            **allowed,
            host=host,
            hostaddr=places[0],
            port=port,
            connect_timeout=CONNECT_S,
            application_name="ai-portfolio",
            options=f"-c statement_timeout={STATEMENT_MS} -c default_transaction_read_only=on",
        )
    except psycopg.OperationalError as error:
        raise _said(error, host) from None
    connection.read_only = True
    return connection


def _rows(errand: Errand, *, most: int) -> Iterator[dict[str, Any]]:
    """
    Run the query; yield its rows by column name.

    Raises:
        PermanentError: it is wrong, tries to write, or has more rows than are read.
        PassingError: the database breaks off or takes too long.
    """
    import psycopg
    from psycopg.rows import dict_row

    host, _ = _parts(str(errand.settings["database_url"]))
    window = errand.window
    query = str(errand.settings["query"]).strip().rstrip(";")
    query = query.replace("{since}", f"DATE '{window.since}'")
    query = query.replace("{until}", f"DATE '{window.until}'")
    with _connected(errand) as connection:
        try:
            with connection.cursor(name="ai_portfolio", row_factory=dict_row) as cursor:
                cursor.itersize = ROWS_A_BATCH
                cursor.execute(query)
                for number, row in enumerate(cursor, 1):
                    if number > most:
                        if most < MOST_ROWS:
                            return
                        raise PermanentError(
                            f"The query answers more than {MOST_ROWS:,} rows. Sum or narrow it."
                        )
                    yield row
        except psycopg.errors.QueryCanceled as error:
            seconds = STATEMENT_MS // 1000
            raise PassingError(f"The query did not answer within {seconds} s.") from error
        except psycopg.OperationalError as error:
            raise _said(error, host) from None
        except psycopg.Error as error:
            raise PermanentError(f"The query is refused: {_first_line(error)}") from None


def _record(errand: Errand, row: Mapping[str, Any]) -> ReadingRecord:
    missing = [name for name in ("series", "day", "value") if row.get(name) is None]
    if missing:
        raise ValueError(f"{' and '.join(missing)} is missing")
    day = row["day"]
    if isinstance(day, dt.datetime):
        day = day.date()
    if not isinstance(day, dt.date):
        day = dt.date.fromisoformat(str(day)[:10])
    value = row["value"]
    labels = {
        str(name): str(each) for name, each in row.items() if name not in KNOWN and each is not None
    }
    return ReadingRecord(
        initiative_key=str(row.get("initiative") or errand.settings["initiative"]).strip().upper(),
        series_key=str(row["series"]),
        name=str(row.get("name") or row["series"]),
        unit=str(row.get("unit") or ""),
        labels=labels,
        reading=Reading(
            day,
            value if isinstance(value, Decimal) else exact(value),
            str(row.get("source_ref") or "SQL query"),
        ),
    )


def _version(errand: Errand) -> str:
    with _connected(errand) as connection:
        row = connection.execute("SELECT current_user, current_database()").fetchone()
    return f"Signed in as {row[0]} to {row[1]}."


def _only_reads(errand: Errand) -> str:
    with _connected(errand) as connection:
        is_super = connection.execute(
            "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        writable = connection.execute(_WRITABLE).fetchone()
    if is_super and is_super[0]:
        raise PermanentError("The account is a superuser. Use one that may only SELECT.")
    if writable:
        raise PermanentError(f"The account could change {writable[0]}. Use one that may only read.")
    return "It may change no table."


def _said(error: Exception, host: str) -> PermanentError | PassingError:
    """Tell a wrong account from a database that is not there; never show the address."""
    text = _first_line(error)
    wrong = ("password", "authentication", "does not exist", "no pg_hba", "permission denied")
    if any(word in text for word in wrong):
        said = text.split("FATAL:")[-1].strip()
        return PermanentError(f"{host} does not accept the account: {said}")
    return PassingError(f"{host} cannot be reached now.")


def _first_line(error: Exception) -> str:
    return " ".join(str(error).strip().splitlines()[:1])[:300]
