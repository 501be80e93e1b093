"""Monte Carlo: seeded, within its ranges, moved together by what is shared."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain import uncertainty
from governance_app.domain.uncertainty import BadRange, Pert, Portfolio, Stream

DRIVERS = {"volume": Pert(60, 100, 120), "price": Pert(0.8, 1.0, 1.1)}
STREAMS = [Stream("benefit", 1000.0, ("volume", "price")), Stream("cost", -700.0, ("volume",))]


def portfolio(count: int = 40, shared: dict[str, Pert] | None = None) -> Portfolio:
    names = shared if shared is not None else {"adoption": Pert(0.5, 0.8, 0.9)}
    generator = np.random.default_rng(3)
    return Portfolio(
        benefits=generator.uniform(100, 200, count),
        costs=generator.uniform(50, 150, count),
        benefit_low=np.full(count, 0.6),
        benefit_high=np.full(count, 1.2),
        cost_low=np.full(count, 0.9),
        cost_high=np.full(count, 1.5),
        shared=names,
        benefit_shares=np.ones((count, len(names)), dtype=bool),
        cost_shares=np.zeros((count, len(names)), dtype=bool),
    )


class TestPert:
    @pytest.mark.parametrize(
        ("pert", "median"),
        # Quantiles of the beta distributions of these shapes, from an independent library.
        [
            (Pert(0, 5, 10), 5.0),
            (Pert(0, 0, 1), 0.12944943670387588),
            (Pert(0, 1, 1), 0.8705505632961241),
        ],
    )
    def test_half_of_all_draws_lie_below_the_median(self, pert: Pert, median: float) -> None:
        assert pert.quantile(np.array([0.5]))[0] == pytest.approx(median, rel=1e-4)

    @given(st.floats(-100, 100), st.floats(0, 100), st.floats(0, 100))
    def test_the_mean_is_that_of_pert(self, low: float, first: float, second: float) -> None:
        pert = Pert(low, low + first, low + first + second)
        middles = (np.arange(4000) + 0.5) / 4000
        width = max(first + second, 1e-9)
        assert pert.quantile(middles).mean() == pytest.approx(pert.mean, abs=2e-3 * width)

    def test_a_likely_value_outside_is_refused(self) -> None:
        with pytest.raises(BadRange, match="outside 1 to 2"):
            Pert(1, 3, 2)


class TestAnInitiative:
    def test_the_same_seed_gives_the_same_answer(self) -> None:
        first = uncertainty.simulate(STREAMS, DRIVERS, seed=11).need()
        reordered = dict(reversed(DRIVERS.items()))
        assert uncertainty.simulate(STREAMS, reordered, seed=11).need() == first
        assert uncertainty.simulate(STREAMS, DRIVERS, seed=12).need() != first

    def test_the_quantiles_stand_in_order_and_the_likely_is_plain(self) -> None:
        found = uncertainty.simulate(STREAMS, DRIVERS, seed=1).need()
        assert found.p10 < found.p50 < found.p90
        assert found.likely == 300
        assert found.draws == 10_000
        assert sum(found.heights) == found.draws

    def test_the_tornado_begins_with_what_moves_most(self) -> None:
        found = uncertainty.simulate(STREAMS, DRIVERS, seed=1).need()
        widths = [swing.width for swing in found.tornado]
        assert widths == sorted(widths, reverse=True)
        assert {swing.driver for swing in found.tornado} == {"volume", "price"}

    def test_a_certain_loss_and_a_certain_gain(self) -> None:
        for worth, share in ((-5.0, 1.0), (5.0, 0.0)):
            streams = [Stream("flow", worth, ("volume",))]
            assert uncertainty.simulate(streams, DRIVERS, seed=1).need().loss_share == share

    @pytest.mark.parametrize(
        ("streams", "drivers", "reason"),
        [
            ([], {}, "There are no cash flows."),
            ([Stream("a", 1.0, ())], {}, "No assumption has a range"),
            ([Stream("a", 1.0, ("x",))], {"x": Pert(-1, 0, 1)}, "The likely value of x is 0"),
        ],
    )
    def test_each_null_has_its_reason(
        self, streams: list[Stream], drivers: dict[str, Pert], reason: str
    ) -> None:
        assert reason in uncertainty.simulate(streams, drivers, seed=1).reason

    def test_a_driver_without_a_range_is_named(self) -> None:
        with pytest.raises(KeyError, match="adoption"):
            uncertainty.simulate([Stream("a", 1.0, ("adoption",))], {}, seed=1)


class TestAPortfolio:
    def test_what_is_shared_widens_the_outcome(self) -> None:
        """Own luck evens out over many initiatives; shared luck does not."""
        alone = uncertainty.simulate_portfolio(portfolio(400, {}), seed=5).need()
        together = uncertainty.simulate_portfolio(portfolio(400), seed=5).need()
        assert together.p90 - together.p10 > 3 * (alone.p90 - alone.p10)
        assert [swing.driver for swing in together.tornado] == ["adoption"]

    def test_it_is_repeatable(self) -> None:
        first = uncertainty.simulate_portfolio(portfolio(), seed=5)
        assert uncertainty.simulate_portfolio(portfolio(), seed=5) == first

    def test_the_mean_is_the_sum_of_the_means(self) -> None:
        made = portfolio(60, {})
        found = uncertainty.simulate_portfolio(made, seed=2, draws=20_000).need()
        gain = (0.6 + 4 + 1.2) / 6 * made.benefits.sum()
        spend = (0.9 + 4 + 1.5) / 6 * made.costs.sum()
        assert found.mean == pytest.approx(gain - spend, rel=5e-3)

    def test_nothing_gives_nothing(self) -> None:
        assert uncertainty.simulate_portfolio(portfolio(0), seed=1).value is None
