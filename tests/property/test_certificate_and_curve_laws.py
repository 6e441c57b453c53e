"""Laws of certificates, decision curves and cost curves that hold for all data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskdec.decisions import best_threshold, cost_curve, decide, decision_curve
from riskdec.decisions.certificates.applying import zone_decisions
from riskdec.decisions.certificates.fixed_sequence import certified_range, find_prefixes

NAMES = {"outcomes": ("no", "yes"), "actions": ("wait", "treat", "defer")}
PARTS = 64


@st.composite
def outcomes_and_risks(draw: Any) -> tuple[np.ndarray, np.ndarray]:
    """Draw both outcomes at least once, and risks in sixty-fourths, so that ties are frequent."""
    n = draw(st.integers(2, 40))
    y = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)))
    y[:2] = 0, 1
    risk = np.array(draw(st.lists(st.integers(0, PARTS), min_size=n, max_size=n))) / PARTS
    return y, risk


@given(outcomes_and_risks(), st.integers(1, PARTS - 1), st.integers(1, PARTS - 1))
def test_zone_is_the_cheapest_rule_under_its_own_costs(
    data: tuple[np.ndarray, np.ndarray], one: int, other: int
) -> None:
    low, high = sorted((one / PARTS, other / PARTS))
    decisions = zone_decisions(data[1], low, high, **NAMES)
    expected = (1 - data[1])[:, None] * decisions.costs.costs[0] + data[1][:, None] * decisions.costs.costs[1]
    # At the cuts themselves two actions cost the same.
    chosen = expected[np.arange(data[1].size), decisions.action_index]
    assert chosen == pytest.approx(expected.min(axis=1), abs=1e-9)
    inside = np.abs(data[1][:, None] - [low, high]).min(axis=1) > 1e-9
    assert np.array_equal(decide(data[1], decisions.costs).action_index[inside], decisions.action_index[inside])


@given(outcomes_and_risks(), st.floats(0.05, 0.6), st.floats(0.05, 0.6))
def test_a_looser_limit_never_certifies_fewer_of_the_cuts_it_tests(
    data: tuple[np.ndarray, np.ndarray], limit: float, delta: float
) -> None:
    y, risk = data
    prefixes = find_prefixes(risk, y == 1, np.ones(y.size), np.ones(y.size))
    passed = certified_range(prefixes, limit, delta)
    for place in passed:
        inside = risk <= prefixes.key[place]
        assert prefixes.size[place] == inside.sum()
        assert prefixes.errors[place] == y[inside].sum()
    assert passed.stop <= prefixes.size.size


@given(outcomes_and_risks())
def test_net_benefit_lies_between_its_limits_and_no_model_beats_knowing(data: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = data
    curve = decision_curve(y, {"m": risk, "truth": y.astype(float)}, thresholds=[1 / 64, 0.25, 0.5, 0.9])
    assert curve.net_benefit[1] == pytest.approx(y.mean())
    assert (curve.net_benefit[0] <= y.mean() + 1e-12).all()
    assert (curve.treat_all <= y.mean() + 1e-12).all()
    assert (curve.low[0] <= curve.net_benefit[0] + 1e-12).all()
    assert (curve.high[0] >= curve.net_benefit[0] - 1e-12).all()


@given(outcomes_and_risks(), st.sampled_from([0.0, 1 / 64, 0.125, 0.5, 1.0]))
def test_the_choice_to_defer_never_hurts_where_risks_are_the_truth(
    data: tuple[np.ndarray, np.ndarray], fee: float
) -> None:
    # Both outcomes of every risk in exact proportion: the sample is calibrated for certain.
    steps = (data[1] * PARTS).astype(int)
    risk = np.repeat(steps / PARTS, PARTS)
    y = np.concatenate([np.arange(PARTS) < step for step in steps])
    if y.all() or not y.any():
        return
    curve = decision_curve(y, {"m": risk}, thresholds=[0.125, 0.5, 0.75], defer=fee)
    assert (curve.net_benefit[1] >= curve.net_benefit[0] - 1e-12).all()


@given(outcomes_and_risks())
def test_cost_averaged_over_thresholds_is_the_brier_score(data: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = data
    # Between neighbours of the grid no risk changes sides, and the cost is a straight line: midpoints are exact.
    middle = (np.arange(PARTS) + 0.5) / PARTS
    curve = cost_curve(y, {"m": risk}, thresholds=middle)
    assert curve.cost[0].mean() == pytest.approx(np.mean((risk - y) ** 2), abs=1e-12)
    assert curve.average[0] == pytest.approx(np.mean((risk - y) ** 2), abs=1e-12)


@given(outcomes_and_risks(), st.integers(1, 20), st.integers(1, 20))
def test_best_threshold_is_never_dearer_than_the_implied_one_or_a_constant(
    data: tuple[np.ndarray, np.ndarray], false_positive: int, false_negative: int
) -> None:
    best = best_threshold(*data, {"false_positive": false_positive, "false_negative": false_negative})
    for other in (best.bayes_mean_cost, best.act_on_all, best.act_on_none):
        assert best.mean_cost <= other + 1e-12
