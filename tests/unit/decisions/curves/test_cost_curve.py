"""Cost curves: each threshold by hand, the averages against integrals, the Brier identity."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from riskdec import brier_score, cost_curve
from riskdec.errors import InputError

RNG = np.random.default_rng(12)
RISK = np.round(RNG.beta(1, 2, 300), 2)
Y = (RNG.random(300) < RISK).astype(int)


def test_cost_at_each_threshold_is_counted_by_hand() -> None:
    grid = np.array([0.1, 0.25, 0.9])
    curve = cost_curve(Y, {"m": RISK}, thresholds=grid)
    for j, t in enumerate(grid):
        acted = t <= RISK
        assert curve.cost[0, j] == pytest.approx(np.mean(2 * t * acted * (1 - Y) + 2 * (1 - t) * ~acted * Y), abs=1e-15)
    assert curve.act_on_all == pytest.approx(2 * grid * (1 - Y.mean()))
    assert curve.act_on_none == pytest.approx(2 * (1 - grid) * Y.mean())


def test_cost_averaged_over_all_thresholds_is_the_brier_score() -> None:
    # The cost is linear between neighbouring risks: the trapezoid rule between them, just inside, is exact.
    ends = np.unique(np.concatenate([[0.0], RISK, [1.0]]))
    low, high = np.nextafter(ends[:-1], 1), ends[1:]
    inside = np.unique(np.concatenate([low[low < high], high[(high > 0) & (high < 1)], [np.nextafter(1.0, 0)]]))
    curve = cost_curve(Y, {"m": RISK}, thresholds=inside)
    at = dict(zip(inside.tolist(), curve.cost[0].tolist(), strict=True))
    right = [min(end, np.nextafter(1.0, 0)) for end in high]
    area = sum((b - a) * (at[a] + at[b]) / 2 for a, b in zip(low.tolist(), right, strict=True))
    assert area == pytest.approx(np.mean((RISK - Y) ** 2), abs=1e-12)
    assert curve.average[0] == pytest.approx(brier_score(Y, RISK), abs=1e-12)


@pytest.mark.parametrize("density", [(1.0, 1.0), (2.0, 18.0), (0.5, 0.5), (3.0, 1.0)])
def test_average_is_the_integral_over_the_density(density: tuple[float, float]) -> None:
    for y, p in ((0, 0.3), (1, 0.3), (0, 0.95), (1, 0.02)):

        def integrand(t: float, y: int = y, p: float = p) -> float:
            return float((2 * t * (1 - y) if p >= t else 2 * (1 - t) * y) * beta.pdf(t, *density))

        parts = [quad(integrand, a, b, limit=200)[0] for a, b in ((0, p), (p, 1))]
        rows = cost_curve([y, 1 - y], {"m": [p, 1 - y]}, density=density)
        assert 2 * rows.average[0] == pytest.approx(sum(parts), abs=1e-6)


def test_weights_equal_repetition() -> None:
    weight = RNG.integers(0, 3, 300)
    weighted = cost_curve(Y, {"m": RISK}, sample_weight=weight, density=(2, 5))
    repeated = cost_curve(np.repeat(Y, weight), {"m": np.repeat(RISK, weight)}, density=(2, 5))
    assert weighted.cost == pytest.approx(repeated.cost)
    assert weighted.average == pytest.approx(repeated.average)


def test_density_and_thresholds_are_checked() -> None:
    with pytest.raises(InputError, match="density must be a number above 0"):
        cost_curve(Y, {"m": RISK}, density=(0, 1))
    with pytest.raises(InputError, match="strictly between"):
        cost_curve(Y, {"m": RISK}, thresholds=[0])
    with pytest.raises(InputError, match="at least one model"):
        cost_curve(Y, {})


def test_answer_says_what_the_average_is() -> None:
    assert "the Brier score" in str(cost_curve(Y, {"m": RISK}).summary())
    assert "beta distribution (2, 18)" in str(cost_curve(Y, {"m": RISK}, density=(2, 18)).summary())
    assert len(cost_curve(Y, {"m": RISK}).frame()) == 99
