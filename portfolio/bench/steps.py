"""
The steps of measurements, each run alone: ``python -m portfolio.bench.steps NAME ARGUMENTS``,
where a name is of a function here or ``module:function``.

A step prints one line of JSON: its seconds, without starting up, and the peak of its memory.
"""

import datetime as dt
import importlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
from psycopg import sql

Step = Callable[..., dict[str, Any]]
STEPS: dict[str, Step] = {}
NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
SOURCE = "Bench"


def step(function: Step) -> Step:
    """Make a function a step."""
    STEPS[function.__name__] = function
    return function


class Watch:
    """
    Sees the most memory that this process and those it started hold at a time.

    Counted is what each holds for itself; libraries that all of them share are counted nowhere.
    """

    EVERY_SECONDS = 0.05

    def __init__(self) -> None:
        self.peak_bytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> int:
        """Stop watching; gives the peak."""
        self._done.set()
        self._thread.join()
        return self.peak_bytes

    def _watch(self) -> None:
        while not self._done.wait(self.EVERY_SECONDS):
            self.peak_bytes = max(self.peak_bytes, _held(os.getpid()))


def _held(pid: int) -> int:
    """Sum the own memory of a process and its descendants; one that has just ended holds none."""
    place = Path("/proc", str(pid))
    try:
        status = (place / "status").read_text()
        # Each thread has the children that it started.
        told = [each.read_text() for each in place.glob("task/*/children")]
    except OSError:
        return 0
    own = next((line for line in status.splitlines() if line.startswith("RssAnon:")), "RssAnon: 0")
    children = [int(child) for each in told for child in each.split()]
    return int(own.split()[1]) * 1024 + sum(map(_held, children))


@step
def furnish(*, initiatives: int) -> dict[str, Any]:
    """Give a database an organisation, initiatives, a source and rules."""
    from governance_app.initiatives import services as register
    from governance_app.initiatives.services.drafts import Draft
    from governance_app.people import services as people
    from governance_app.people.services import system_user
    from governance_app.spend import services as spend

    by = system_user("command")
    root = people.found_organisation(name="Bench", by=by)
    units = [people.add_unit(name=f"Unit {number}", parent=root, by=by) for number in range(20)]
    drafts = [
        Draft(name=f"Initiative {number}", unit=units[number % 20], stage="idea")
        for number in range(initiatives)
    ]
    made = register.add_many(drafts=drafts, by=by)
    spend.add_source(name=SOURCE, by=by)
    spend.add_rule(name="By tag", dimension="tag", tag="ai-initiative", by=by)
    for number in range(20):
        spend.add_rule(
            name=f"Account {number}", dimension="account", value=f"{number:012}",
            initiative=made[number], by=by,
        )  # fmt: skip
    return {"seconds": 0.0}


@step
def keep(*, file: str) -> dict[str, Any]:
    """Receive a file: its bytes into the file store."""
    from governance_app.files import services as files
    from governance_app.people.services import system_user

    begun = time.perf_counter()
    kept = files.store(content=Path(file), name=Path(file).name, by=system_user("command"))
    return {"seconds": time.perf_counter() - begun, "file": str(kept.pk)}


@step
def load(*, file: str, called: str, hours: int = 0) -> dict[str, Any]:
    """Load a kept file and bring the figures of the pages up to date with it."""
    from governance_app.files.models import StoredFile
    from governance_app.people.services import system_user
    from governance_app.rollups.catching_up import absorb_all
    from governance_app.spend import services as spend
    from governance_app.spend.models import Source

    now = NOW + dt.timedelta(hours=hours)
    kept = StoredFile.objects.get(pk=file)
    source = Source.objects.get(name=SOURCE)
    by, rollups = system_user("command"), system_user("rollups")
    begun = time.perf_counter()
    imported = spend.import_file(source=source, files=[kept], names=[called], by=by, now=now)
    loaded = time.perf_counter()
    absorb_all(by=rollups, clock=lambda: now)
    ended = time.perf_counter()
    outcomes = {one.outcome for one in imported.loads}
    if outcomes != {"current"}:
        raise RuntimeError(f"the bill is not current but {outcomes}")
    return {
        "seconds": ended - begun,
        "loaded": loaded - begun,
        "rollups": ended - loaded,
        "rows": imported.report.rows,
        "billed": {currency: f"{amount:f}" for currency, amount in imported.billed.items()},
        "allocated": {currency: f"{amount:f}" for currency, amount in imported.allocated.items()},
        "delivery": str(imported.delivery_id),
    }


@step
def archive(*, delivery: str) -> dict[str, Any]:
    """Write the lines of a delivery, as the follow-up job of a load does."""
    from governance_app.people.services import system_user
    from governance_app.spend import services as spend

    by = system_user("command")
    begun = time.perf_counter()
    made = spend.archive(delivery_id=delivery, by=by)
    return {"seconds": time.perf_counter() - begun, "rows": sum(one.rows for one in made)}


@step
def touch_keys(*, are_all: bool = False) -> dict[str, Any]:
    """Add rules that move one key in a hundred (accounts whose keys have no tag), or every key."""
    from governance_app.initiatives.models import Initiative
    from governance_app.people.services import system_user
    from governance_app.spend import services as spend

    by = system_user("command")
    one, other = Initiative.objects.order_by("pk")[:2]
    if are_all:
        spend.add_rule(
            name="Everything",
            dimension="provider",
            value="AWS",
            initiative=other,
            position=1,
            by=by,
        )
        return {"seconds": 0.0}
    for account in range(100, 107):  # 7 of 200 accounts, and 3 keys of 10 have no tag
        spend.add_rule(
            name=f"Late account {account}", dimension="account", value=f"{account:012}",
            initiative=one, by=by,
        )  # fmt: skip
    return {"seconds": 0.0}


@step
def allocate(*, is_full: bool) -> dict[str, Any]:
    """Share keys by the rules, all of them or those that changes may touch."""
    from governance_app.people.services import system_user
    from governance_app.spend import services as spend

    by = system_user("command")
    begun = time.perf_counter()
    run = spend.allocate(by=by, is_full=is_full)
    seconds = time.perf_counter() - begun
    if run is None:
        raise RuntimeError("nothing was allocated")
    return {
        "seconds": seconds,
        "keys": run.keys_touched,
        "added": run.shares_added,
        "removed": run.shares_removed,
    }


@step
def copy(*, files: list[str], table: str) -> dict[str, Any]:
    """COPY CSV files into one typed table with all their columns, one session each."""
    import psycopg
    from django.conf import settings

    told = settings.DATABASES["default"]
    reach = {
        "host": told["HOST"], "port": told["PORT"], "user": told["USER"],
        "password": told["PASSWORD"], "dbname": told["NAME"],
    }  # fmt: skip
    with psycopg.connect(**reach, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))
        connection.execute(_typed_table(table))

    def one(file: str, has_header: bool) -> None:
        with psycopg.connect(**reach) as connection, connection.cursor() as cursor:
            sentence = sql.SQL("COPY {} FROM STDIN (FORMAT csv, HEADER {})").format(
                sql.Identifier(table), sql.Literal(has_header)
            )
            with Path(file).open("rb") as stream, cursor.copy(sentence) as copying:
                while block := stream.read(1 << 20):
                    copying.write(block)

    threads = [
        threading.Thread(target=one, args=(file, number == 0)) for number, file in enumerate(files)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    with psycopg.connect(**reach, autocommit=True) as connection:
        counted = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        row = connection.execute(counted).fetchone()
        connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(table)))
    return {"seconds": seconds, "rows": row[0] if row else 0}


def _typed_table(table: str) -> sql.Composed:
    from portfolio.bench.bills import COLUMNS, DECIMALS, MOMENTS

    kinds = dict.fromkeys(COLUMNS, "text")
    kinds |= dict.fromkeys(DECIMALS, "numeric") | dict.fromkeys(MOMENTS, "timestamptz")
    kinds |= dict.fromkeys(("Tags", "SkuPriceDetails"), "jsonb")
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in kinds.items()
    )
    return sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(table), columns)


@step
def export(*, sheet: str, file_format: str, into: str = "") -> dict[str, Any]:
    """Make an export as its job does, from the wish to the kept file with proven totals."""
    import shutil

    from governance_app.exports import services as exports
    from governance_app.files.selectors import local_path
    from governance_app.people.services import system_user
    from governance_app.spend.selectors import SpendFilter

    by = system_user("command")
    begun = time.perf_counter()
    asked = exports.request(
        sheet=sheet, file_format=file_format, chosen=SpendFilter(), is_now=True, by=by
    )
    made = exports.make(export_id=asked.pk, by=by, now=NOW)
    seconds = time.perf_counter() - begun
    assert made.file is not None
    if into:
        shutil.copyfile(local_path(file=made.file), into)
    return {"seconds": seconds, "rows": made.rows, "bytes": made.file.size}


@step
def fetch(*, sheet: str) -> dict[str, Any]:
    """Fetch an export over HTTP while it is read, to the last byte."""
    import http.client
    from wsgiref.simple_server import WSGIRequestHandler, make_server

    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.test import Client

    from governance_app.people.services import system_user

    class Silent(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    client = Client()
    client.force_login(system_user("command"))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    asking = http.client.HTTPConnection("127.0.0.1", server.server_port)

    def ask(since: str) -> int:
        asking.request(
            "GET", f"/reports/stream/{sheet}/csv/?since={since}&until=2100-12",
            headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}"},
        )  # fmt: skip
        answer, size = asking.getresponse(), 0
        while block := answer.read(1 << 20):
            size += len(block)
        if answer.status != 200:
            raise RuntimeError(f"the page answered {answer.status}")
        return size

    ask("2100-12")  # a site that has just started imports its pages with the first answer
    begun = time.perf_counter()
    size = ask("1990-01")
    seconds = time.perf_counter() - begun
    server.shutdown()
    return {"seconds": seconds, "bytes": size}


@step
def ready(*, file: str, table: str, decimals: list[str]) -> dict[str, Any]:
    """Put the rows of an exported CSV into a table, ready to be copied out of it."""
    import psycopg

    begun = time.perf_counter()
    with psycopg.connect(**_reach()) as connection, Path(file).open("rb") as stream:
        names = stream.readline().decode("utf-8-sig").strip().split(",")
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(
                sql.Identifier(name), sql.SQL("numeric(38,18)" if name in decimals else "text")
            )
            for name in names
        )
        connection.execute(sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(table), columns))
        statement = sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(sql.Identifier(table))
        with connection.cursor().copy(statement) as copying:
            while block := stream.read(1 << 20):
                copying.write(block)
        grant = sql.SQL("GRANT SELECT ON {} TO PUBLIC").format(sql.Identifier(table))
        connection.execute(grant)
    return {"seconds": time.perf_counter() - begun}


@step
def copy_out(*, table: str) -> dict[str, Any]:
    """COPY a ready table to the client, to the last byte."""
    import psycopg

    statement = sql.SQL("COPY {} TO STDOUT (FORMAT csv, HEADER)").format(sql.Identifier(table))
    begun, size = time.perf_counter(), 0
    with psycopg.connect(**_reach()) as connection, connection.cursor().copy(statement) as copying:
        for block in copying:
            size += len(block)
    return {"seconds": time.perf_counter() - begun, "bytes": size}


@step
def xlsxwriter_peer(*, table: str, rows: int, decimals: list[str], path: str) -> dict[str, Any]:
    """Write rows of a ready table with XlsxWriter in its constant-memory mode."""
    import psycopg
    import xlsxwriter

    statement = sql.SQL("SELECT * FROM {} LIMIT {}").format(
        sql.Identifier(table), sql.Literal(rows)
    )
    begun = time.perf_counter()
    with psycopg.connect(**_reach()) as connection, connection.cursor("rows") as cursor:
        cursor.itersize = 5_000
        cursor.execute(statement)
        book = xlsxwriter.Workbook(path, {"constant_memory": True})
        page, is_number = book.add_worksheet(), None
        for at, row in enumerate(cursor):
            if is_number is None:
                assert cursor.description is not None
                is_number = [one.name in decimals for one in cursor.description]
            for place, value in enumerate(row):
                if value is None or value == "":
                    continue
                if is_number[place]:
                    page.write_number(at, place, value)
                else:
                    page.write_string(at, place, value)
        book.close()
    return {"seconds": time.perf_counter() - begun}


def _reach() -> dict[str, Any]:
    from django.conf import settings

    told = settings.DATABASES["default"]
    return {
        "host": told["HOST"], "port": told["PORT"], "user": told["USER"],
        "password": told["PASSWORD"], "dbname": told["NAME"],
    }  # fmt: skip


def main() -> int:
    """Run the step that the arguments name and say what it took."""
    django.setup()
    name, arguments = sys.argv[1], json.loads(sys.argv[2])
    module, _, function = name.partition(":")
    work = getattr(importlib.import_module(module), function) if function else STEPS[name]
    watch = Watch()
    told = work(**arguments)
    sys.stdout.write(json.dumps({**told, "peak_bytes": watch.end()}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
