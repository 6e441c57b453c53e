"""The best of all thresholds, against trying every cut."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec import CostMatrix, best_threshold, decide, evaluate_decisions
from riskdec.errors import InputError

COSTS = {"false_positive": 1, "false_negative": 4}


def cost_at(y: np.ndarray, risk: np.ndarray, cut: float, weight: np.ndarray | None = None) -> float:
    acted = risk >= cut
    return float(np.average(acted * (1 - y) + 4 * ~acted * y, weights=weight))


@pytest.mark.parametrize("digits", [1, 2, 15])
@pytest.mark.parametrize("seed", range(5))
def test_no_cut_is_cheaper(seed: int, digits: int) -> None:
    rng = np.random.default_rng(seed)
    risk = np.round(rng.random(60), digits)
    y = (rng.random(60) < risk).astype(int)
    best = best_threshold(y, risk, COSTS)
    every = [cost_at(y, risk, cut) for cut in (*np.unique(risk), np.inf)]
    assert best.mean_cost == pytest.approx(min(every), abs=1e-12)
    assert cost_at(y, risk, best.threshold) == pytest.approx(best.mean_cost, abs=1e-12)
    assert best.n_cuts == np.unique(risk).size + 1
    assert (best.act_on_all, best.act_on_none) == pytest.approx((cost_at(y, risk, 0), cost_at(y, risk, 2)))


def test_implied_threshold_costs_what_decide_costs() -> None:
    rng = np.random.default_rng(1)
    risk = np.append(np.round(rng.random(200), 2), [0.2, 0.2])
    y = (rng.random(202) < risk).astype(int)
    best = best_threshold(y, risk, COSTS)
    assert best.bayes_threshold == 0.2
    realised = evaluate_decisions(y, decide(risk, COSTS)).mean_realised_cost
    assert best.bayes_mean_cost == pytest.approx(realised)


@pytest.mark.parametrize("kind", ["frequency", "importance"])
def test_weights_equal_repetition(kind: str) -> None:
    rng = np.random.default_rng(2)
    risk, weight = rng.random(80), rng.integers(0, 4, 80)
    y = (rng.random(80) < risk).astype(int)
    weighted = best_threshold(y, risk, COSTS, sample_weight=weight, weight_kind=kind)
    repeated = best_threshold(np.repeat(y, weight), np.repeat(risk, weight), COSTS)
    assert weighted.threshold == repeated.threshold
    assert weighted.mean_cost == pytest.approx(repeated.mean_cost)


def test_ends_are_among_the_cuts() -> None:
    assert best_threshold([0, 0, 1], [0.9, 0.8, 0.1], {"false_positive": 100, "false_negative": 1}).threshold == np.inf
    assert best_threshold([1, 1, 0], [0.1, 0.2, 0.9], {"false_positive": 1, "false_negative": 100}).threshold == 0
    assert "none" in str(
        best_threshold([0, 0, 1], [0.9, 0.8, 0.1], {"false_positive": 9, "false_negative": 1}).summary()
    )


def test_neighbouring_floats_can_be_cut_apart() -> None:
    low = 0.3
    high = np.nextafter(low, 1)
    best = best_threshold([0, 1], [low, high], COSTS)
    assert low < best.threshold <= high
    assert best.mean_cost == 0


def test_minus_zero_is_zero() -> None:
    assert best_threshold([0, 1, 0], [-0.0, 0.5, 0.0], COSTS).mean_cost == 0


def test_actions_in_any_order_and_a_deferring_one() -> None:
    costs = CostMatrix([[1, 0.2, 0], [0, 0.2, 4]], outcomes=("no", "yes"), actions=("act", "defer", "wait"))
    best = best_threshold([0, 0, 1], [0.1, 0.4, 0.6], costs)
    assert best.mean_cost == 0
    assert best.bayes_threshold == 0.2


def test_costs_without_a_threshold_are_refused() -> None:
    with pytest.raises(InputError, match="two outcomes and two actions"):
        best_threshold([0, 1], [0.1, 0.2], CostMatrix(1 - np.eye(3), outcomes=tuple("abc"), actions=tuple("xyz")))
