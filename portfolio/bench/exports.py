"""What lines cost on their way out: CSV over HTTP, workbooks and Parquet against their peers."""

from collections import defaultdict
from collections.abc import Callable
from statistics import median

from portfolio.bench.bills import Made, write_csv
from portfolio.bench.ground import Ground, Told
from portfolio.bench.ratios import Ratio, of_medians

INITIATIVES = 500
LINES_PER_KEY = 15
#: The peer takes minutes for a million rows and its time grows with them: it writes this many.
PEER_ROWS = 100_000
MOST_BYTES = 600 << 20
TABLE = "bench_lines"
SHEET = "lines"
DECIMALS = ["share", "consumed", "billed", "effective", "contracted", "list"]

Say = Callable[[str], None]


def measure(*, at: Ground, lines: int, rounds: int, say: Say) -> list[Ratio]:
    """
    Measure every line with its initiative as CSV over HTTP, as workbook and as Parquet.

    Args:
        lines: of the bill; the ratios of the house are stated for 1,000,000.
        rounds: how often; each ratio is of the medians.
    """
    database = at.database()
    at.step("furnish", database=database, initiatives=INITIATIVES)
    bill = at.folder / "exports.csv"
    say(f"Writing {bill.name}: {lines:,} lines")
    write_csv(Made(lines, LINES_PER_KEY), bill)
    kept = at.step("keep", database=database, file=str(bill)).more["file"]
    loaded = at.step("load", database=database, file=kept, called=bill.name)
    at.step("archive", database=database, delivery=loaded.more["delivery"])
    rows = at.folder / "rows.csv"
    at.step("export", database=database, sheet=SHEET, file_format="csv", into=str(rows))
    at.step(
        "ready", database=database, as_owner=True, file=str(rows), table=TABLE, decimals=DECIMALS
    )
    peer_rows = min(lines, PEER_ROWS)
    took: dict[str, list[Told]] = defaultdict(list)
    for number in range(1, rounds + 1):
        say(f"Round {number} of {rounds}")
        took["copy"].append(at.step("copy_out", database=database, table=TABLE))
        took["http"].append(at.step("fetch", database=database, sheet=SHEET))
        for name in ("csv", "parquet", "xlsx"):
            took[name].append(at.step("export", database=database, sheet=SHEET, file_format=name))
        took["peer"].append(
            at.step(
                "xlsxwriter_peer", database=database, table=TABLE, rows=peer_rows,
                decimals=DECIMALS, path=str(at.folder / "peer.xlsx"),
            )
        )  # fmt: skip
        said = ", ".join(f"{name} {told[-1].seconds:.2f} s" for name, told in took.items())
        say(f"  {said}")
    at.drop(database)
    return _ratios(took, lines / peer_rows)


def _ratios(took: dict[str, list[Told]], scale: float) -> list[Ratio]:
    seconds = {name: [one.seconds for one in told] for name, told in took.items()}
    peer = [one * scale for one in seconds["peer"]]
    peak = median([one.peak_bytes for one in took["xlsx"]])
    return [
        of_medians(
            "CSV over HTTP / COPY TO STDOUT", seconds["http"], seconds["copy"], target=1.15
        ),
        of_medians(
            "XLSX / XlsxWriter, constant memory", seconds["xlsx"], peer, target=0.2,
            note=f"the peer's time at {1 / scale:.0%} of the rows, scaled",
        ),
        Ratio(
            "XLSX, memory / 600 MB", peak / MOST_BYTES, 1.0, f"{peak / (1 << 20):.0f} MB"
        ),
        of_medians("Parquet / CSV", seconds["parquet"], seconds["csv"], target=1.0),
    ]  # fmt: skip
