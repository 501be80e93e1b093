"""
What could come of it: Monte Carlo over PERT drivers, seeded and repeatable. METHOD section 4.

A driver is a factor around its likely value; a stream of money is worth its likely present value
times the factors of its drivers. The same driver in two streams, or in two initiatives, is drawn
once: what is shared moves together. With simulation a discount rate carries no risk premium.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from governance_app.domain.figures import Figure, Null
from governance_app.domain.phrases import phrase

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

DRAWS = 10_000
#: Places of the mode (in a portfolio, to the nearest 64th of the range) and points of the
#: distribution at which quantiles are kept.
_MODES, _POINTS = 65, 513
#: Initiatives drawn together: their draws stay near the processor.
_BLOCK = 16


class BadRange(ValueError):
    """A range whose likely value does not lie between its ends."""


@dataclass(frozen=True, slots=True)
class Pert:
    """
    A PERT distribution: the smallest, the likeliest and the largest value of a driver.

    Its mean is (low + 4 likely + high) / 6; it is a beta distribution of shapes
    1 + 4 (likely - low)/(high - low) and 1 + 4 (high - likely)/(high - low).
    """

    low: float
    likely: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.likely <= self.high:
            raise BadRange(
                f"The likely value {self.likely:g} lies outside {self.low:g} to {self.high:g}."
            )

    @property
    def mean(self) -> float:
        """The value to expect."""
        return (self.low + 4 * self.likely + self.high) / 6

    @property
    def mode_place(self) -> float:
        """Where the likely value lies between the ends, 0 to 1."""
        width = self.high - self.low
        return (self.likely - self.low) / width if width else 0.5

    def quantile(self, shares: Floats) -> Floats:
        """
        Give the values below which the shares of all draws lie.

        >>> Pert(0, 5, 10).quantile(np.array([0.0, 0.5, 1.0])).round(4)
        array([ 0.,  5., 10.])
        """
        table = _quantiles(self.mode_place)
        found = np.interp(shares, np.linspace(0, 1, len(table)), table)
        return self.low + (self.high - self.low) * found


@lru_cache(maxsize=1024)
def _quantiles(mode_place: float) -> Floats:
    """Tabulate the quantiles of the beta distribution on [0, 1] with this mode."""
    x = np.linspace(0, 1, 8193)
    with np.errstate(divide="ignore"):
        density = x ** (4 * mode_place) * (1 - x) ** (4 - 4 * mode_place)
    steps = (density[1:] + density[:-1]) / 2
    reached = np.concatenate([[0.0], np.cumsum(steps)])
    shares = np.linspace(0, 1, _POINTS)
    found: Floats = np.interp(shares, reached / reached[-1], x)
    return found


@dataclass(frozen=True, slots=True)
class Stream:
    """
    Money of one kind: its likely present value and the drivers it is proportional to.

    ``worth``: positive for a benefit, negative for a cost.
    """

    name: str
    worth: float
    drivers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Swing:
    """What one driver does to the result between its P10 and its P90, all others likely."""

    driver: str
    at_p10: float
    at_p90: float

    @property
    def width(self) -> float:
        """How far the result moves."""
        return abs(self.at_p90 - self.at_p10)


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What could come of it, in the currency of the streams.

    ``p10``: in one case of ten the result is lower. ``loss_share``: of draws below 0.
    ``tornado``: the drivers by how far each moves the result, widest first.
    """

    draws: int
    seed: int
    likely: float
    mean: float
    p10: float
    p50: float
    p90: float
    loss_share: float
    tornado: tuple[Swing, ...] = ()
    heights: tuple[int, ...] = ()
    edges: tuple[float, ...] = ()


def simulate(
    streams: Sequence[Stream],
    drivers: Mapping[str, Pert],
    *,
    seed: int,
    draws: int = DRAWS,
    bins: int = 40,
) -> Figure[Outcome]:
    """
    Draw what an initiative may be worth.

    Args:
        streams: present values at the likely value of every driver.
        drivers: name -> distribution of a factor's own value; a stream is scaled by
            value / likely. A likely value of 0 cannot scale anything.
        seed: the same seed gives the same draws; so does the name of a driver in any order.
        draws: at least 10,000 for a figure that is shown.

    Returns:
        null without streams or without a driver that varies.

    >>> drivers = {"volume": Pert(50, 100, 120)}
    >>> made = simulate([Stream("benefit", 900.0, ("volume",)), Stream("cost", -700.0, ())],
    ...                 drivers, seed=7).need()
    >>> made.likely, [swing.driver for swing in made.tornado], made.p10 < made.p50 < made.p90
    (200.0, ['volume'], True)
    """
    used = sorted({name for stream in streams for name in stream.drivers})
    unknown = [name for name in used if name not in drivers]
    if unknown:
        raise KeyError(f"No range is given for {', '.join(unknown)}.")
    varying = [name for name in used if drivers[name].low < drivers[name].high]
    if not streams:
        return Null("There are no cash flows.")
    if not varying:
        return Null("No assumption has a range, so there is nothing to simulate.")
    for name in varying:
        if drivers[name].likely == 0:
            return Null(
                phrase(
                    "The likely value of {name} is 0, so its range cannot scale an amount.",
                    name=name,
                )
            )
    factors = {name: _factors(drivers[name], name, seed, draws) for name in varying}
    total = np.zeros(draws)
    for stream in streams:
        amount = np.full(draws, stream.worth)
        for name in stream.drivers:
            if name in factors:
                amount *= factors[name]
        total += amount
    likely = sum(stream.worth for stream in streams)
    return Figure(
        _outcome(total, likely, seed=seed, tornado=_tornado(streams, drivers, varying), bins=bins)
    )


def _factors(pert: Pert, name: str, seed: int, draws: int) -> Floats:
    """Draw a driver by its own stream of random numbers, so that no other driver shifts it."""
    generator = np.random.default_rng([seed, *name.encode()])
    return pert.quantile(generator.random(draws)) / pert.likely


def _tornado(
    streams: Sequence[Stream], drivers: Mapping[str, Pert], varying: Sequence[str]
) -> tuple[Swing, ...]:
    swings = []
    for name in varying:
        low, high = drivers[name].quantile(np.array([0.1, 0.9])) / drivers[name].likely
        moved = sum(stream.worth for stream in streams if name in stream.drivers)
        still = sum(stream.worth for stream in streams if name not in stream.drivers)
        swings.append(Swing(name, still + moved * float(low), still + moved * float(high)))
    return tuple(sorted(swings, key=lambda swing: (-swing.width, swing.driver)))


def _outcome(
    total: Floats, likely: float, *, seed: int, tornado: tuple[Swing, ...] = (), bins: int = 40
) -> Outcome:
    p10, p50, p90 = (float(value) for value in np.quantile(total, (0.1, 0.5, 0.9)))
    heights, edges = np.histogram(total, bins=bins)
    return Outcome(
        draws=len(total),
        seed=seed,
        likely=likely,
        mean=float(total.mean()),
        p10=p10,
        p50=p50,
        p90=p90,
        loss_share=float((total < 0).mean()),
        tornado=tornado,
        heights=tuple(int(height) for height in heights),
        edges=tuple(float(edge) for edge in edges),
    )


@dataclass(frozen=True, slots=True)
class Portfolio:
    """
    Initiatives as arrays: likely present values and how far each may vary on its own.

    ``benefits`` and ``costs`` are positive. ``benefit_low`` and ``benefit_high`` are factors of
    the likely value (0.6 and 1.2 for "40 % less to 20 % more"), likewise for costs.
    ``shared`` names the drivers common to all; ``benefit_shares`` and ``cost_shares`` say, by
    initiative and shared driver, whether it moves the benefits or the costs.
    """

    benefits: Floats
    costs: Floats
    benefit_low: Floats
    benefit_high: Floats
    cost_low: Floats
    cost_high: Floats
    shared: Mapping[str, Pert]
    benefit_shares: NDArray[np.bool_]
    cost_shares: NDArray[np.bool_]


def simulate_portfolio(portfolio: Portfolio, *, seed: int, draws: int = DRAWS) -> Figure[Outcome]:
    """
    Draw what a portfolio may be worth, its initiatives moved by what they share.

    Each initiative has a factor of its own on benefits and on costs; a shared driver multiplies
    everything it moves by the same factor in a draw. Memory does not grow with initiatives.

    Returns:
        null without initiatives. The tornado holds the shared drivers.
    """
    count = len(portfolio.benefits)
    if count == 0:
        return Null("There are no cash flows.")
    names = list(portfolio.shared)
    factors = [_factors(portfolio.shared[name], name, seed, draws) for name in names]
    total = np.zeros(draws)
    sides = (
        (portfolio.benefits, portfolio.benefit_low, portfolio.benefit_high,
         portfolio.benefit_shares, 1.0),
        (portfolio.costs, portfolio.cost_low, portfolio.cost_high, portfolio.cost_shares, -1.0),
    )  # fmt: skip
    moved = np.zeros(len(names))
    for number, (worth, low, high, shares, sign) in enumerate(sides):
        generator = np.random.default_rng([seed, number])
        patterns, which = np.unique(shares, axis=0, return_inverse=True)
        for place, pattern in enumerate(patterns):
            rows = which.reshape(-1) == place
            part = sign * _own(worth[rows], low[rows], high[rows], generator, draws)
            for driver in np.nonzero(pattern)[0]:
                part *= factors[driver]
                moved[driver] += sign * float(worth[rows].sum())
            total += part
    likely = float(portfolio.benefits.sum() - portfolio.costs.sum())
    swings = []
    for place, name in enumerate(names):
        pert = portfolio.shared[name]
        ends = pert.quantile(np.array([0.1, 0.9])) / pert.likely
        swings.append(Swing(name, *(likely + moved[place] * (float(end) - 1) for end in ends)))
    tornado = tuple(sorted(swings, key=lambda swing: (-swing.width, swing.driver)))
    return Figure(_outcome(total, likely, seed=seed, tornado=tornado))


def _own(
    worth: Floats, low: Floats, high: Floats, generator: np.random.Generator, draws: int
) -> Floats:
    """Sum, draw by draw, the worth of each initiative times a factor of its own around 1."""
    if ((low > 1) | (high < 1)).any():
        raise BadRange("The likely value, a factor of 1, lies outside the range of an initiative.")
    width = high - low
    place = np.divide(1 - low, width, out=np.full(len(width), 0.5), where=width > 0)
    modes = np.rint(place * (_MODES - 1)).astype(np.int64)
    table = np.stack([_quantiles(mode / (_MODES - 1)) for mode in range(_MODES)])
    values = (worth[:, None] * (low[:, None] + width[:, None] * table[modes])).astype(np.float32)
    slopes = np.diff(values, axis=1)
    starts = (np.arange(_BLOCK) * _POINTS)[:, None]
    total = np.zeros(draws)
    for first in range(0, len(worth), _BLOCK):
        rows = values[first : first + _BLOCK]
        height = len(rows)
        point = generator.random((height, draws), dtype=np.float32)
        point *= _POINTS - 1
        cell = point.astype(np.int32)
        point -= cell
        cell += starts[:height].astype(np.int32)
        base = rows.reshape(-1).take(cell)
        climb = np.pad(slopes[first : first + _BLOCK], ((0, 0), (0, 1))).reshape(-1).take(cell)
        climb *= point
        climb += base
        total += climb.sum(axis=0, dtype=np.float64)
    return total
