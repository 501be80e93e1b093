"""What a long history costs: restating a month of it, and rules over few keys and over all."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from governance_app.domain.periods import add_months
from portfolio.bench.bills import Made, write_csv
from portfolio.bench.ground import Ground, Told
from portfolio.bench.ratios import Ratio, of_medians

MONTHS = 25
NEWEST = date(2026, 10, 1)
DENSE = 15

Say = Callable[[str], None]


def measure(*, at: Ground, furnished: str, lines: int, rounds: int, say: Say) -> list[Ratio]:
    """
    Measure a ledger of 25 months against one of a single month.

    Args:
        furnished: the database that the ledgers are copies of.
        lines: of each month.
    """
    short = at.database(furnished)
    load(at, short, bill(at, lines, NEWEST, seed=1))
    long = at.database(furnished)
    for back in reversed(range(MONTHS)):
        month = add_months(NEWEST, -back)
        say(f"Loading {month:%b %Y} of the history")
        load(at, long, bill(at, lines, month, seed=1))
    restated = bill(at, lines, NEWEST, seed=2)
    took: dict[str, list[float]] = {"short": [], "long": [], "rule": [], "all": []}
    for number in range(1, rounds + 1):
        say(f"Restating, round {number} of {rounds}")
        for name, database in (("short", short), ("long", long)):
            copy = at.database(database)
            took[name].append(load(at, copy, restated, hours=1).seconds)
            if name == "long":
                at.step("allocate", database=copy, is_full=True)  # the run that rules follow on
                for rules in ("rule", "all"):
                    at.step("touch_keys", database=copy, are_all=rules == "all")
                    shared = at.step("allocate", database=copy, is_full=False)
                    took[rules].append(shared.seconds)
                    say(
                        f"  {shared.more['keys']:,} keys asked, {shared.more['added']:,} shares"
                        f" added: {shared.seconds:.2f} s"
                    )
            at.drop(copy)
    at.drop(short)
    at.drop(long)
    return [
        of_medians(
            f"restate a month, {MONTHS} months of history / 1 month", took["long"], took["short"],
            target=1.2,
        ),
        of_medians(
            f"rule over 1 % of the keys / all keys, {MONTHS} months", took["rule"], took["all"],
            target=0.10,
        ),
    ]  # fmt: skip


def bill(at: Ground, lines: int, month: date, *, seed: int) -> Path:
    """Write the bill of a month, unless it is there."""
    path = at.folder / f"history-{month}-{seed}.csv"
    if not path.exists():
        write_csv(Made(lines, DENSE, month=month, seed=seed), path)
    return path


def load(at: Ground, database: str, path: Path, *, hours: int = 0) -> Told:
    """Keep and load a bill; one that no other measurement needs is thrown away."""
    kept = at.step("keep", database=database, file=str(path)).more["file"]
    told = at.step("load", database=database, file=kept, called=path.name, hours=hours)
    if not path.name.startswith(f"history-{NEWEST}"):
        path.unlink(missing_ok=True)
    return told
