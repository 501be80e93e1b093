"""What a bill costs on its way into the ledger, against PostgreSQL's own COPY of the same lines."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from portfolio.bench import history
from portfolio.bench.bills import Made, write_csv, write_parquet
from portfolio.bench.ground import Ground, Told
from portfolio.bench.ratios import Ratio, of_medians

INITIATIVES = 500
DENSE, SPARSE = 15, 1.5
GIBI = 1 << 30
#: A file ten times as long is measured in fewer rounds: each takes ten times as long.
LONG_ROUNDS = 3

Say = Callable[[str], None]


def measure(*, at: Ground, lines: int, rounds: int, say: Say) -> list[Ratio]:
    """
    Measure loading, archiving and what both need of memory.

    Args:
        lines: of the bill; the ratios of the house are stated for 1,000,000.
        rounds: how often; each ratio is of the medians.
    """
    furnished = at.database()
    at.step("furnish", database=furnished, initiatives=INITIATIVES)
    bench = _Bench(at, furnished, say)
    bills = {
        "csv": bench.bill(Made(lines, DENSE), write_csv, "dense.csv"),
        "parquet": bench.bill(Made(lines, DENSE), write_parquet, "dense.parquet"),
        "sparse": bench.bill(Made(lines, SPARSE), write_csv, "sparse.csv"),
    }
    halves = _halved(bills["csv"])
    took: dict[str, list[Told]] = defaultdict(list)
    for number in range(1, rounds + 1):
        say(f"Round {number} of {rounds}")
        took["copy"].append(bench.copy([bills["csv"]]))
        took["copies"].append(bench.copy(halves))
        took["copy sparse"].append(bench.copy([bills["sparse"]]))
        for name, path in bills.items():
            loaded, archived = bench.load(path)
            took[name].append(loaded)
            took[f"archive {name}"].append(archived)
            say(
                f"  {name}: {loaded.more['loaded']:.2f} s into the ledger,"
                f" {loaded.more['rollups']:.2f} s into figures; archived in"
                f" {archived.seconds:.2f} s; COPY {took['copy'][-1].seconds:.2f} s"
            )
    long = bench.bill(Made(lines * 10, DENSE), write_csv, "long.csv")
    for number in range(1, min(rounds, LONG_ROUNDS) + 1):
        say(f"Ten times the lines, round {number} of {min(rounds, LONG_ROUNDS)}")
        loaded, archived = bench.load(long)
        took["long"].append(loaded)
        took["archive long"].append(archived)
    ratios = _ratios(took)
    ratios += history.measure(at=at, furnished=furnished, lines=lines, rounds=rounds, say=say)
    at.drop(furnished)
    return ratios


class _Bench:
    """The files and databases of one run."""

    def __init__(self, at: Ground, furnished: str, say: Say) -> None:
        self._at, self._furnished, self._say = at, furnished, say

    def bill(self, made: Made, write: Callable[[Made, Path], None], name: str) -> Path:
        """Write a bill and receive it, so that every measurement begins with kept bytes."""
        self._say(f"Writing {name}: {made.lines:,} lines, {made.lines_per_key:g} to a key")
        path = self._at.folder / name
        write(made, path)
        return path

    def copy(self, paths: Sequence[Path]) -> Told:
        """COPY the lines into a table of their own."""
        return self._at.step(
            "copy", database=self._furnished, table="bench_lines", as_owner=True,
            files=[str(path) for path in paths],
        )  # fmt: skip

    def load(self, path: Path) -> tuple[Told, Told]:
        """Load a bill into a fresh ledger, and archive its lines."""
        database = self._at.database(self._furnished)
        kept = self._at.step("keep", database=database, file=str(path)).more["file"]
        loaded = self._at.step("load", database=database, file=kept, called=path.name)
        archived = self._at.step("archive", database=database, delivery=loaded.more["delivery"])
        self._at.drop(database)
        return loaded, archived


def _halved(path: Path) -> list[Path]:
    """Cut a CSV whose lines have no line ends inside into two files of as many bytes."""
    size, halves = path.stat().st_size, []
    with path.open("rb") as stream:
        for number, until in enumerate((size // 2, size)):
            half = path.with_name(f"half-{number}.csv")
            with half.open("wb") as out:
                while stream.tell() < until:
                    out.write(stream.read(min(1 << 20, until - stream.tell())))
                out.write(stream.readline())
            halves.append(half)
    return halves


def _seconds(told: Sequence[Told]) -> list[float]:
    return [one.seconds for one in told]


def _ratios(took: dict[str, list[Told]]) -> list[Ratio]:
    seconds = {name: _seconds(told) for name, told in took.items()}

    def against_two(name: str) -> str:
        return f"{median(seconds[name]) / median(seconds['copies']):.2f} of two sessions"

    ratios = [
        of_medians(
            "load CSV, 15 lines a key / COPY", seconds["csv"], seconds["copy"], target=0.28,
            note=against_two("csv"),
        ),
        of_medians(
            "load Parquet, 15 lines a key / COPY", seconds["parquet"], seconds["copy"],
            target=0.20, note=against_two("parquet"),
        ),
        of_medians(
            "load CSV, 1.5 lines a key / COPY", seconds["sparse"], seconds["copy sparse"],
            target=0.9,
        ),
        of_medians(
            "archive CSV / COPY", seconds["archive csv"], seconds["copy"], target=0.5
        ),
        of_medians(
            "archive Parquet / COPY", seconds["archive parquet"], seconds["copy"], target=0.5
        ),
    ]  # fmt: skip
    rate = median(seconds["long"]) / 10 / median(seconds["csv"])
    ratios.append(
        Ratio(
            "ten times the lines / ten times the seconds", rate, 1.2,
            f"{median(seconds['long']):.2f} s of 10 x {median(seconds['csv']):.2f} s",
        )
    )  # fmt: skip
    for name, title in (
        ("csv", "load CSV"), ("parquet", "load Parquet"), ("sparse", "load CSV, 1.5 lines a key"),
        ("long", "load ten times the lines"), ("archive csv", "archive"),
        ("archive long", "archive ten times the lines"),
    ):  # fmt: skip
        peak = max(one.peak_bytes for one in took[name])
        ratios.append(
            Ratio(f"memory: {title} / 1 GB", peak / GIBI, 1.0, f"{peak / (1 << 20):,.0f} MB")
        )
    return ratios
