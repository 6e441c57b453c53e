"""The quick smoother is lowess on single rows where they are few, and close to it where they are many."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.diagnostics.curves.lowess import lowess
from riskdec.resampling.smoothing import MOST_GROUPS, Curve, distances, group_starts, smooth_rates


def risks_and_outcomes(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    risk = np.sort(1 / (1 + np.exp(-rng.normal(-1.5, 1, n))))
    return risk, (rng.random(n) < risk**1.3).astype(float)


@pytest.mark.parametrize(("n", "tolerance"), [(60, 1e-3), (5000, 2e-3)])
def test_curve_is_lowess(rng: np.random.Generator, n: int, tolerance: float) -> None:
    risk, y = risks_and_outcomes(n, rng)
    weight = rng.integers(1, 4, n).astype(float)
    curve = smooth_rates(risk, y, weight, group_starts(n))
    # R fits lines a hundredth of the range apart, and joins them.
    exact = np.interp(curve.risk, risk, lowess(risk, weight, (weight * y)[None, :])[0])
    np.testing.assert_allclose(curve.rate, exact, atol=tolerance)


def test_rows_without_weight_do_not_count(rng: np.random.Generator) -> None:
    risk, y = risks_and_outcomes(100, rng)
    weight = rng.integers(0, 2, 100).astype(float)
    kept = weight > 0
    all_rows = smooth_rates(risk, y, weight, group_starts(100))
    some = smooth_rates(risk[kept], y[kept], weight[kept], group_starts(int(kept.sum())))
    np.testing.assert_allclose(all_rows.rate, some.rate, rtol=1e-12)


def test_straight_lines_are_kept(rng: np.random.Generator) -> None:
    risk = np.sort(rng.random(900))
    curve = smooth_rates(risk, 0.2 + 0.5 * risk, np.ones(900), group_starts(900))
    np.testing.assert_allclose(curve.rate, 0.2 + 0.5 * curve.risk, rtol=1e-9)


def test_one_risk_gives_the_mean() -> None:
    curve = smooth_rates(np.full(50, 0.3), np.r_[np.ones(10), np.zeros(40)], np.ones(50), group_starts(50))
    np.testing.assert_allclose(curve.rate, 0.2)


def test_groups_are_few_and_cover_all_rows() -> None:
    assert group_starts(10).tolist() == list(range(10))
    starts = group_starts(100_000)
    assert len(starts) == MOST_GROUPS
    assert starts[0] == 0
    assert np.ptp(np.diff(np.r_[starts, 100_000])) <= 1


def test_distances_are_weighted() -> None:
    curve = Curve(np.array([0.1, 0.2, 0.3]), np.array([0.1, 0.3, 0.6]), np.array([6.0, 3.0, 1.0]))
    mean, median, high, largest = distances(curve)
    assert mean == pytest.approx((3 * 0.1 + 1 * 0.3) / 10)
    assert 0 < median < 0.1
    assert 0.1 < high < 0.3
    assert largest == pytest.approx(0.3)
