"""What connections cost: a full registry, many due in one minute, a large bill from a bucket."""

import contextlib
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median, quantiles

from portfolio.bench import registries
from portfolio.bench.answering import bucket, vendor
from portfolio.bench.bills import Made, write_parquet
from portfolio.bench.ground import Ground, StepFailed, Told
from portfolio.bench.peers import mlflow_server
from portfolio.bench.pulling import EVERY_SECONDS
from portfolio.bench.ratios import Ratio, of_medians

#: The sizes for which the bounds of the house are stated, at this many lines.
FULL_LINES = 1_000_000
MODELS, VERSIONS = 10_000, 3
DUE = 200
MONTH_BYTES = 1 << 30
#: Clouds bill by the hour: what runs through a month is one key and hundreds of lines.
LINES_PER_KEY = 150
#: The registry's bound: a sync beside the calls that it cannot do without.
OVER_CALLS = 1.3
#: Where a run writes down itself: its job, and its row, which counts each batch.
OF_A_RUN = frozenset({"jobs_job", "connectors_syncrun"})
MOST_BYTES = 600 << 20
#: How much slower the slowest pages may answer while connections run.
PAGES_SLOWER = 4.0
STEP = "portfolio.bench.pulling:"
MONTH = date(2026, 10, 1)
EXPORT = "focus"

Say = Callable[[str], None]


def measure(*, at: Ground, lines: int, rounds: int, say: Say) -> list[Ratio]:
    """
    Measure reading a registry, many connections due at once, and a month of bills from S3.

    Args:
        lines: 1,000,000 for the sizes that the bounds are stated for; fewer shrink all three.
        rounds: how often; each ratio is of the medians.
    """
    share = min(1.0, lines / FULL_LINES)
    furnished = at.database()
    at.step("furnish", database=furnished, initiatives=50)
    ratios = [
        *registry(at, furnished, max(50, int(MODELS * share)), rounds, say),
        *month(at, furnished, int(MONTH_BYTES * share), rounds, say),
        *due(at, furnished, max(20, int(DUE * share)), say),
    ]
    at.drop(furnished)
    return ratios


def registry(at: Ground, furnished: str, models: int, rounds: int, say: Say) -> list[Ratio]:
    """Read a full registry for the first time, and again with nothing changed."""
    say(f"An MLflow registry of {models:,} models with {VERSIONS} versions each")
    folder = at.folder / "mlflow"
    folder.mkdir()
    bare: list[float] = []
    took: dict[str, list[Told]] = {"first": [], "again": []}
    with mlflow_server(folder) as server:
        registries.fill(folder / "mlflow.db", models=models, versions=VERSIONS)
        hosts, settings = [server.host_port], {"address": server.url}
        _, calls = registries.bare_calls(server.url)  # the server's own caches
        for number in range(1, rounds + 1):
            database = at.database(furnished)
            connection = at.step(
                f"{STEP}connect", database=database, plugin="mlflow", name="Registry",
                settings=settings, hosts=hosts,
            ).more["connection"]  # fmt: skip
            for name in ("first", "again"):
                bare.append(registries.bare_calls(server.url)[0])
                told = at.step(f"{STEP}sync", database=database, connection=connection, hosts=hosts)
                took[name].append(told)
            bare.append(registries.bare_calls(server.url)[0])
            at.drop(database)
            say(
                f"Round {number} of {rounds}: {calls} calls {median(bare):.2f} s; first sync"
                f" {took['first'][-1].seconds:.2f} s ({took['first'][-1].more['computed']:.2f} s of"
                f" processor); again {took['again'][-1].seconds:.2f} s"
                f" ({took['again'][-1].more['computed']:.2f} s)"
            )
    wrote = max(
        sum(count for table, count in told.more["events"].items() if table not in OF_A_RUN)
        for told in took["again"]
    )
    return [
        of_medians(
            "MLflow, first sync / the bare calls", [t.seconds for t in took["first"]], bare,
            target=OVER_CALLS, note=f"{models:,} models, {calls} calls",
        ),
        of_medians(
            "MLflow, nothing changed / the bare calls", [t.seconds for t in took["again"]], bare,
            target=OVER_CALLS,
        ),
        Ratio(
            "MLflow, nothing changed: events of the trail beside the run's own", float(wrote), 0.0,
            f"{wrote} events",
        ),
    ]  # fmt: skip


def month(at: Ground, furnished: str, size: int, rounds: int, say: Say) -> list[Ratio]:
    """Bring a month in Parquet home from a bucket, and look at the memory it takes."""
    path = at.folder / "month.snappy.parquet"
    lines = _lines_for(size, path)
    say(f"Writing a month of {lines:,} lines in Parquet")
    write_parquet(Made(lines, LINES_PER_KEY, MONTH), path)
    place = f"{EXPORT}/{{}}/BILLING_PERIOD={MONTH:%Y-%m}/{EXPORT}"
    key, manifest = f"{place.format('data')}-00001.snappy.parquet", at.folder / "manifest.json"
    manifest.write_text(json.dumps({"dataFiles": [f"s3://bills/{key}"]}))
    files = {key: path, f"{place.format('metadata')}-Manifest.json": manifest}
    took: list[Told] = []
    with bucket(files) as address:
        hosts = [address.removeprefix("http://")]
        settings = {
            "bucket": "bills", "export": EXPORT, "access_key_id": "key",
            "secret_access_key": "secret", "endpoint": address,
        }  # fmt: skip
        for number in range(1, rounds + 1):
            database = at.database(furnished)
            connection = at.step(
                f"{STEP}connect", database=database, plugin="aws_focus", name="AWS",
                settings=settings, hosts=hosts,
            ).more["connection"]  # fmt: skip
            told = at.step(f"{STEP}sync", database=database, connection=connection, hosts=hosts)
            if told.more["read"] != lines:
                raise StepFailed(f"{told.more['read']:,} of {lines:,} lines arrived")
            took.append(told)
            at.drop(database)
            say(
                f"Round {number} of {rounds}: {told.seconds:.1f} s; the worker held"
                f" {told.more['own_bytes'] >> 20} MB, with its reader {told.peak_bytes >> 20} MB"
            )
    path.unlink()
    own = max(told.more["own_bytes"] for told in took)
    both = max(told.peak_bytes for told in took)
    shown = f"{size / (1 << 30):.2f} GB, {lines:,} lines, {LINES_PER_KEY} to a key"
    return [
        Ratio(
            "memory: a month from S3, the worker / 600 MB", own / MOST_BYTES, 1.0,
            f"{own >> 20} MB; {shown}",
        ),
        Ratio(
            "memory: a month from S3, the worker and its reader / 1 GB", both / (1 << 30), 1.0,
            f"{both >> 20} MB",
        ),
    ]  # fmt: skip


def due(at: Ground, furnished: str, count: int, say: Say) -> list[Ratio]:
    """Let many connections be due at one moment, on a running site that people look at."""
    say(f"{count} connections due at once")
    database = at.database(furnished)
    with vendor() as address:
        hosts = [address.removeprefix("http://")]
        at.step(f"{STEP}connect_many", database=database, count=count, address=address, hosts=hosts)
        cookie = at.step(f"{STEP}sign_in", database=database).more["cookie"]
        with at.site(database, OUTBOUND_ALLOWED=",".join(hosts)) as site:
            _asked(site, cookie, seconds=3)  # what a site that has just started imports
            with _looking(site, cookie) as quiet:
                time.sleep(15)
            moment = at.step(f"{STEP}make_due", database=database, in_seconds=1).more["at"]
            with _looking(site, cookie) as busy:
                told = _waited(at, database, moment, count)
    at.drop(database)
    waits, runs, done = told.more["waits"], told.more["runs"], told.more["done"]
    if done < count or len(waits) < count:
        raise StepFailed(f"{done} of {count} were done: {told.more['failed']}")
    say(f"The last of {len(waits)} began after {waits[-1]:.1f} s; pages {len(busy)} times")
    return [
        Ratio(
            "due at once: the last start / its slot", waits[-1] / EVERY_SECONDS, 1.0,
            f"{waits[-1]:.1f} s of {EVERY_SECONDS} s, {count} connections",
        ),
        Ratio(
            "due at once: runs / slots taken", runs / max(told.more["slots"], 1), 1.0,
            f"{runs} runs",
        ),
        Ratio(
            "due at once: p95 of pages / p95 when quiet", _p95(busy) / _p95(quiet), PAGES_SLOWER,
            f"{_p95(busy) * 1000:.0f} ms of {_p95(quiet) * 1000:.0f} ms",
        ),
    ]  # fmt: skip


def _lines_for(size: int, path: Path) -> int:
    """Give how many lines make a file of a size, from a small one."""
    few = 50_000
    write_parquet(Made(few, LINES_PER_KEY, MONTH), path)
    return int(size / path.stat().st_size * few)


def _waited(at: Ground, database: str, moment: str, count: int) -> Told:
    """Wait until each has run, at most for two of their turns; the first turn alone counts."""
    until = time.monotonic() + 2 * EVERY_SECONDS
    while True:
        told = at.step(f"{STEP}started", database=database, at=moment)
        if told.more["done"] >= count or told.more["failed"] or time.monotonic() > until:
            return told
        time.sleep(2)


@contextlib.contextmanager
def _looking(site: str, cookie: str) -> Iterator[list[float]]:
    """Look at pages all the while; gives the list that their seconds are put into."""
    took: list[float] = []
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(0.1):
            took.append(_ask(f"{site}/connections/", cookie))
            took.append(_ask(f"{site}/", cookie))

    looker = threading.Thread(target=look)
    looker.start()
    try:
        yield took
    finally:
        is_over.set()
        looker.join()


def _asked(site: str, cookie: str, *, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        _ask(f"{site}/connections/", cookie)
        _ask(f"{site}/", cookie)


def _ask(address: str, cookie: str) -> float:
    begun = time.perf_counter()
    asked = urllib.request.Request(address, headers={"Cookie": cookie})  # noqa: S310  (our own)
    with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
        answer.read()
    return time.perf_counter() - begun


def _p95(took: list[float]) -> float:
    return quantiles(took, n=20)[-1]
