"""Proof of effect: the figures of an independent implementation, to nine digits, and the words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain import effect

SHORT = [
    48.4, 47.15, 49.1, 50.24, 51.47, 49.22, 47.69, 47.03, 49.9, 51.47, 48.55, 45.33, 41.68, 46.6,
    43.61, 39.54, 42.63, 40.27, 41.14, 41.22,
]  # fmt: skip
SHORT_CONTROL = [
    39.29, 40.55, 39.94, 39.41, 40.41, 40.83, 38.36, 39.74, 39.02, 39.83, 38.71, 40.02, 39.96,
    39.7, 38.95, 39.6, 38.91, 38.64, 40.22, 38.89,
]  # fmt: skip
LONG = [
    52.34, 51.23, 45.6, 49.94, 47.0, 49.07, 48.89, 44.62, 47.93, 47.69, 49.92, 45.44, 49.08, 45.2,
    46.54, 45.32, 49.7, 47.74, 51.26, 47.48, 47.69, 47.48, 44.39, 45.26, 43.9, 40.21, 41.18, 40.56,
    41.62, 39.47, 39.7, 40.28, 39.81, 37.67, 40.99, 36.4,
]  # fmt: skip


class TestAgainstAnIndependentImplementation:
    """Newey-West with Bartlett weights, small-sample factor and Student's t."""

    @pytest.mark.parametrize(
        ("readings", "at", "change", "low", "high"),
        [
            (SHORT, 12, -5.970772144522186, -9.97517233, -1.96637196),
            (LONG, 24, -5.4838963768115825, -8.21033114, -2.75746161),
        ],
    )
    def test_interrupted(
        self, readings: list[float], at: int, change: float, low: float, high: float
    ) -> None:
        found = effect.interrupted(readings, change_at=at).need()
        assert found.change == pytest.approx(change, rel=1e-9)
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-8)

    def test_against_control(self) -> None:
        found = effect.against_control(SHORT, SHORT_CONTROL, change_at=12).need()
        assert found.change == pytest.approx(-6.3925, rel=1e-9)
        assert (found.low, found.high) == pytest.approx((-8.22595439, -4.55904561), rel=1e-8)


class TestWords:
    def test_noise_is_said_to_be_noise(self) -> None:
        noise = np.random.default_rng(4).normal(10, 1, 30).tolist()
        found = effect.interrupted(noise, change_at=20).need()
        assert not found.is_distinguishable
        assert "not distinguishable from no effect" in found.in_words(unit="min")

    def test_better_and_worse_follow_the_direction(self) -> None:
        found = effect.interrupted(LONG, change_at=24).need()
        assert found.in_words(unit="min", lower_is_better=True).endswith(": better.")
        assert found.in_words(unit="min").endswith(": worse.")

    @pytest.mark.parametrize(("before", "after"), [(7, 20), (20, 3), (0, 0)])
    def test_too_few_readings_are_counted(self, before: int, after: int) -> None:
        found = effect.interrupted([1.0] * (before + after), change_at=before)
        assert found.value is None
        assert f"{before} before and {after} after" in found.reason

    def test_a_control_with_gaps_is_refused(self) -> None:
        with pytest.raises(ValueError, match="every period"):
            effect.against_control(SHORT, SHORT_CONTROL[1:], change_at=12)


@given(st.floats(-50, 50), st.integers(8, 30), st.integers(4, 30), st.integers(0, 1000))
def test_a_jump_is_found_again(jump: float, before: int, after: int, seed: int) -> None:
    steady = np.random.default_rng(seed).normal(0, 1e-6, before + after)
    steady[before:] += jump
    found = effect.interrupted(steady.tolist(), change_at=before).need()
    assert found.change == pytest.approx(jump, abs=1e-4)
    assert found.low <= found.change <= found.high
