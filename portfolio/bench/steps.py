"""
The steps of measurements, each run alone: ``python -m portfolio.bench.steps NAME ARGUMENTS``.

A step prints one line of JSON: its seconds, without starting up, and the peak of its memory.
"""

import datetime as dt
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
        children = (place / "task" / str(pid) / "children").read_text().split()
    except OSError:
        return 0
    own = next((line for line in status.splitlines() if line.startswith("RssAnon:")), "RssAnon: 0")
    return int(own.split()[1]) * 1024 + sum(_held(int(child)) for child in children)


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
def load(*, file: str, name: str, hours: int = 0) -> dict[str, Any]:
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
    imported = spend.import_file(source=source, files=[kept], names=[name], by=by, now=now)
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


def main() -> int:
    """Run the step that the arguments name and say what it took."""
    django.setup()
    name, arguments = sys.argv[1], json.loads(sys.argv[2])
    watch = Watch()
    told = STEPS[name](**arguments)
    sys.stdout.write(json.dumps({**told, "peak_bytes": watch.end()}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
