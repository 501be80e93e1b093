"""What governing costs: guardrails of everything live, verdicts, and pages over many risks."""

import statistics
from collections.abc import Callable, Sequence

from portfolio.bench import governing
from portfolio.bench.ground import Ground
from portfolio.bench.ratios import Ratio

#: The size for which the bounds of the house are stated: with five risks each, 50,000 of them.
INITIATIVES = 10_000
#: A bill of so many lines is the whole size; a smaller ``--lines`` makes all of this smaller too.
WHOLE_LINES = 1_000_000
LOOK_SECONDS, VERDICT_SECONDS = 30.0, 0.050
VERDICTS, OPENED, CHANGED = 200, 40, 0.01
PAGES = {"heat map": "/risk/", "coverage": "/compliance/"}
#: p95 of a page over p95 of a signed-in page of one sentence.
BUDGET = 8.0

Say = Callable[[str], None]


def measure(*, at: Ground, lines: int, rounds: int, say: Say) -> list[Ratio]:
    """
    Measure guardrails, verdicts and pages at one size.

    Args:
        lines: of a bill, which says how large everything is: 1,000,000 is the whole size.
        rounds: how often the guardrails are looked at anew; the others have counts of their own.
    """
    count = max(200, round(INITIATIVES * min(1.0, lines / WHOLE_LINES)))
    say(f"{count:,} live initiatives with {count * governing.RISKS:,} risks")
    filled = at.database()
    at.step(governing.FILL, database=filled, initiatives=count)
    at.step(governing.SETTLE, database=filled, as_owner=True)
    whole, again, few = [], [], []
    for number in range(1, rounds + 1):
        say(f"Round {number} of {rounds}")
        database = at.database(filled)
        first = at.step(governing.LOOK, database=database)
        if first.more["judged"] != count:
            raise RuntimeError(f"{first.more['judged']} of {count} were judged")
        whole.append(first.seconds)
        again.append(at.step(governing.LOOK, database=database).seconds)
        moved = at.step(governing.MOVE, database=database, share=CHANGED).more["moved"]
        told = at.step(governing.LOOK, database=database)
        if told.more["judged"] != moved:
            raise RuntimeError(f"{told.more['judged']} judged, {moved} had changed")
        few.append(told.seconds)
        at.drop(database)
    say("Verdicts")
    at.step(governing.LOOK, database=filled)
    asked = at.step(governing.VERDICTS, database=filled, count=min(VERDICTS, count)).more["each"]
    say("Pages")
    opened = at.step(
        governing.PAGES, database=filled, addresses=list(PAGES.values()), times=OPENED
    ).more["each"]
    at.drop(filled)
    size = f"{count:,} initiatives"
    middle, quiet = statistics.median(whole), statistics.median(again)
    sentence = p95(opened["sentence"])
    return [
        Ratio(
            "all guardrails anew / 30 s", middle / LOOK_SECONDS, 1.0, f"{middle:.2f} s; {size}"
        ),
        Ratio(
            "guardrails, 1 % changed / all anew", statistics.median(few) / middle, 0.5,
            f"{statistics.median(few):.2f} s; nothing changed {quiet:.2f} s; {size}",
        ),
        Ratio(
            "gate verdict, p95 / 50 ms", p95(asked) / VERDICT_SECONDS, 1.0,
            f"{p95(asked) * 1000:.1f} ms of {len(asked)}; {size}",
        ),
        *(
            Ratio(
                f"{name}, p95 / page of one sentence", p95(opened[address]) / sentence, BUDGET,
                f"{p95(opened[address]) * 1000:.0f} ms of {sentence * 1000:.1f} ms; "
                f"{count * governing.RISKS:,} risks",
            )
            for name, address in PAGES.items()
        ),
    ]  # fmt: skip


def p95(seconds: Sequence[float]) -> float:
    """
    Give the time that 95 of 100 stay below.

    >>> p95([float(n) for n in range(1, 101)])
    95.05
    """
    return statistics.quantiles(seconds, n=100, method="inclusive")[94]
