"""
The steps of measurements, each run alone: ``python -m portfolio.bench.steps NAME ARGUMENTS``.

A step prints one line of JSON: its seconds, without starting up, and the peak of its memory.
"""

import datetime as dt
import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

Step = Callable[..., dict[str, Any]]
STEPS: dict[str, Step] = {}
NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
SOURCE = "Bench"


def step(function: Step) -> Step:
    """Make a function a step."""
    STEPS[function.__name__] = function
    return function


def peak_bytes() -> int:
    """Give the most memory that this process has held at a time."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this system does not say how much memory a process held")


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
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.execute(_typed_table(table))

    def one(file: str, has_header: bool) -> None:
        with psycopg.connect(**reach) as connection, connection.cursor() as cursor:
            sentence = f"COPY {table} FROM STDIN (FORMAT csv{', HEADER' if has_header else ''})"
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
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        connection.execute(f"DROP TABLE {table}")
    return {"seconds": seconds, "rows": row[0] if row else 0}


def _typed_table(table: str) -> str:
    from portfolio.bench.bills import COLUMNS, DECIMALS, MOMENTS

    kinds = dict.fromkeys(COLUMNS, "text")
    kinds |= dict.fromkeys(DECIMALS, "numeric") | dict.fromkeys(MOMENTS, "timestamptz")
    kinds |= dict.fromkeys(("Tags", "SkuPriceDetails"), "jsonb")
    columns = ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())
    return f"CREATE TABLE {table} ({columns})"


def main() -> int:
    """Run the step that the arguments name and say what it took."""
    django.setup()
    name, arguments = sys.argv[1], json.loads(sys.argv[2])
    told = STEPS[name](**arguments)
    sys.stdout.write(json.dumps({**told, "peak_bytes": peak_bytes()}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
