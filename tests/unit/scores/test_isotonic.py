from __future__ import annotations

import numpy as np
import pytest

from riskdec.scores.isotonic import isotonic_fit, pool_violators


def test_violators_are_pooled_to_weighted_means() -> None:
    level, blocks = pool_violators(np.array([0.0, 2.0, 0.0, 3.0]), np.array([1.0, 2.0, 2.0, 3.0]))
    assert level == pytest.approx([0, 0.5, 0.5, 1])
    assert blocks.tolist() == [0, 1, 3, 4]


def test_tied_points_share_one_level_whatever_their_order() -> None:
    x, y = np.array([0.3, 0.1, 0.3, 0.2]), np.array([0.0, 0.0, 1.0, 1.0])
    fit = isotonic_fit(x, y)
    assert fit.x.tolist() == [0.1, 0.2, 0.3]
    assert fit.level == pytest.approx([0, 2 / 3, 2 / 3])
    again = isotonic_fit(x[::-1], y[::-1])
    assert again.level.tolist() == fit.level.tolist()


def test_fit_satisfies_the_min_max_formula(rng: np.random.Generator) -> None:
    # The fit at i is max over r <= i of min over s >= i of the weighted mean of r..s.
    for _ in range(20):
        weight = rng.integers(1, 5, 12).astype(float)
        events = rng.binomial(weight.astype(int), 0.4).astype(float)
        w, e = np.concatenate([[0], weight.cumsum()]), np.concatenate([[0], events.cumsum()])
        wanted = [
            max(min((e[s + 1] - e[r]) / (w[s + 1] - w[r]) for s in range(i, 12)) for r in range(i + 1))
            for i in range(12)
        ]
        assert pool_violators(events, weight)[0] == pytest.approx(wanted, abs=1e-14)


@pytest.mark.parametrize("scale", [1.0, -3.0])
def test_fit_of_zeros_and_ones_equals_the_weighted_one(scale: float, rng: np.random.Generator) -> None:
    # Without weights zeros and ones take a path of their own; numbers outside [0, 1] are sorted another way.
    x, y = scale * rng.random(300).round(2), rng.integers(0, 2, 300).astype(float)
    quick, slow = isotonic_fit(x, y), isotonic_fit(x, y, np.ones(300))
    for ours, theirs in zip(quick, slow, strict=True):
        assert ours.tolist() == theirs.tolist()
