"""What the sums of value cost: returns against a loop, simulation against drawing, funding."""

import resource
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from governance_app.domain import batch, funding, uncertainty
from portfolio.bench import governing
from portfolio.bench.ground import Ground
from portfolio.bench.ratios import Ratio, of_medians

#: The sizes for which the bounds of the house are stated.
INITIATIVES, MONTHS = 50_000, 60
DRAWS, DRAWN = 10_000, 10_000
CANDIDATES, YEARS = 10_000, 5
#: A bill of so many lines is the whole size; a smaller ``--lines`` makes all of this smaller too.
WHOLE_LINES = 1_000_000
#: Initiatives beside which a single reading is timed, how many times as many, and how often.
FEW, MORE_TIMES, READINGS = 1_000, 10, 15
GIBI = 1 << 30
#: Rows of the loop that is timed; it is the same work for every row.
LOOPED = 5_000
#: Share of initiatives whose flows change sign more than once.
UNEVEN = 0.1

Say = Callable[[str], None]


def measure(*, at: Ground, lines: int, rounds: int, say: Say) -> list[Ratio]:
    """
    Measure the sums, which need no server, and what a single reading costs.

    Args:
        lines: of a bill, which says how large everything is: 1,000,000 is the whole size.
    """
    share = min(1.0, lines / WHOLE_LINES)
    return [
        *returns(rounds=rounds, say=say, initiatives=max(500, round(INITIATIVES * share))),
        *simulation(rounds=rounds, say=say, initiatives=max(100, round(DRAWN * share))),
        scenario(rounds=rounds, say=say, candidates=max(500, round(CANDIDATES * share))),
        one_reading(at=at, share=share, say=say),
    ]


def one_reading(*, at: Ground, share: float, say: Say) -> Ratio:
    """Measure what one KPI reading costs among few initiatives and among many."""
    few = max(50, round(FEW * share))
    many = few * MORE_TIMES
    took = []
    for count in (few, many):
        say(f"Single readings among {count:,} initiatives")
        database = at.database()
        at.step(governing.FILL, database=database, initiatives=count)
        at.step(governing.SETTLE, database=database, as_owner=True)
        told = at.step(governing.READINGS, database=database, count=READINGS).more["each"]
        took.append(sorted(told)[len(told) // 2])
        at.drop(database)
    return Ratio(
        f"one reading among {MORE_TIMES} times the initiatives / among few", took[1] / took[0], 1.5,
        f"{took[1] * 1000:.1f} ms of {many:,}, {took[0] * 1000:.1f} ms of {few:,}",
    )  # fmt: skip


def returns(*, rounds: int, say: Say, initiatives: int = INITIATIVES) -> list[Ratio]:
    """Measure the returns of many initiatives against a loop over pyxirr."""
    from pyxirr import irr

    say(f"Returns of {initiatives:,} initiatives over {MONTHS} months")
    flows = _flows(initiatives)
    benefits, costs = np.maximum(flows, 0.0), np.maximum(-flows, 0.0)
    looped = flows[: min(LOOPED, initiatives)]
    took: dict[str, list[float]] = {"rates": [], "loop": [], "rest": []}
    for _ in range(rounds):
        took["rates"].append(_seconds(lambda: batch.irrs(flows)))
        seconds = _seconds(lambda: [irr(row) for row in looped])
        took["loop"].append(seconds * initiatives / len(looped))
        took["rest"].append(
            _seconds(
                lambda: (
                    batch.roi_ratios(benefits, costs),
                    batch.worths(flows, 0.008),
                    batch.paybacks(flows),
                )
            )
        )
    bound = [seconds / 4 for seconds in took["loop"]]
    return [
        of_medians("IRR of many / loop over pyxirr", took["rates"], took["loop"], target=0.25),
        of_medians("ROI, NPV, payback / bound of the IRR", took["rest"], bound, target=0.2),
    ]


def simulation(
    *, rounds: int, say: Say, draws: int = DRAWS, initiatives: int = DRAWN
) -> list[Ratio]:
    """Measure a simulated portfolio against drawing as many normals."""
    say(f"{draws:,} draws of {initiatives:,} initiatives")
    portfolio = _portfolio(initiatives)
    generator = np.random.default_rng(1)
    block = max(1, initiatives // 10)

    def normals() -> None:
        for _ in range(0, initiatives, block):
            generator.standard_normal((block, draws))

    ours, theirs = [], []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for number in range(rounds):
        ours.append(
            _seconds(lambda: uncertainty.simulate_portfolio(portfolio, seed=number, draws=draws))  # noqa: B023
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    for _ in range(rounds):
        theirs.append(_seconds(normals))
    return [
        of_medians("simulated portfolio / drawing normals", ours, theirs, target=8),
        Ratio(
            "memory: simulated portfolio / 1 GB", peak / GIBI, 1.0,
            f"{(peak - before) / (1 << 20):,.0f} MB more than before",
        ),
    ]  # fmt: skip


def scenario(*, rounds: int, say: Say, candidates: int = CANDIDATES) -> Ratio:
    """Measure choosing what to fund, proven within 1 %, against ten seconds."""
    say(f"What to fund of {candidates:,} candidates")
    problem = _problem(candidates)
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        choice = funding.choose(problem, gap=0.01)
        took.append(time.perf_counter() - begun)
        if not choice.is_proven or funding.breaks(problem, choice.funded):
            raise RuntimeError("the choice is not proven or breaks a limit")
    return of_medians(
        "funding scenario / 10 s", took, [10.0], target=1.0, note=f"gap {choice.gap:.2%}"
    )


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _flows(initiatives: int) -> NDArray[np.float64]:
    """Months of building, then of earning; some cost again later."""
    generator = np.random.default_rng(7)
    flows = np.zeros((initiatives, MONTHS))
    flows[:, :12] = -generator.uniform(1e3, 1e5, (initiatives, 12))
    flows[:, 12:] = generator.uniform(0, 6e4, (initiatives, MONTHS - 12))
    uneven = generator.random(initiatives) < UNEVEN
    flows[uneven, 36] = -1e5
    return flows


def _portfolio(initiatives: int) -> uncertainty.Portfolio:
    generator = np.random.default_rng(7)
    return uncertainty.Portfolio(
        benefits=generator.uniform(1e5, 1e6, initiatives),
        costs=generator.uniform(1e5, 5e5, initiatives),
        benefit_low=generator.uniform(0.3, 1, initiatives),
        benefit_high=generator.uniform(1, 1.5, initiatives),
        cost_low=generator.uniform(0.8, 1, initiatives),
        cost_high=generator.uniform(1, 2, initiatives),
        shared={
            "adoption": uncertainty.Pert(0.5, 0.8, 0.95),
            "hourly rate": uncertainty.Pert(40, 60, 70),
            "price of tokens": uncertainty.Pert(0.2, 0.5, 1),
        },
        benefit_shares=generator.random((initiatives, 3)) < 0.5,
        cost_shares=generator.random((initiatives, 3)) < 0.3,
    )


def _problem(candidates: int) -> funding.Problem:
    """Four limits in each of five years, must-dos, exclusions, dependencies and alternatives."""
    generator = np.random.default_rng(7)
    limits = []
    for year in range(YEARS):
        for name, share in (("budget", 0.3), ("people", 0.35), ("risk", 0.4), ("compute", 0.35)):
            uses = generator.lognormal(10, 1, candidates)
            limits.append(funding.Limit(f"{name} {2027 + year}", float(uses.sum() * share), uses))
    pairs = generator.integers(0, candidates, (candidates // 20, 2))
    groups = generator.permutation(candidates)[: candidates // 100 * 3].reshape(-1, 3)
    return funding.Problem(
        values=generator.lognormal(12, 1, candidates),
        limits=tuple(limits),
        must=frozenset(range(20)),
        never=frozenset(range(30, 60)),
        needs=tuple((int(one), int(other)) for one, other in pairs if one != other),
        either=tuple(tuple(int(place) for place in group) for group in groups),
    )
