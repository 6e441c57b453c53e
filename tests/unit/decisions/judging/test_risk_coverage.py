"""Selective evaluation: areas by enumeration of tie orders, costs with deferred cases counted."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from riskdec import CostMatrix, decide, evaluate_decisions, risk_coverage
from riskdec.errors import InputError


@pytest.mark.parametrize("seed", range(6))
def test_areas_are_means_over_all_orders_of_ties(seed: int) -> None:
    rng = np.random.default_rng(seed)
    risk = rng.choice([0.1, 0.25, 0.4, 0.7, 0.9], 6)
    y = rng.integers(0, 2, 6)
    wrong = ((risk >= 0.5) != y).astype(float)
    doubt = np.round(np.minimum(risk, 1 - risk), 6)
    areas = []
    for order in itertools.permutations(range(6)):
        ranked = doubt[list(order)]
        if (np.diff(ranked) < 0).any():
            continue
        sums = np.cumsum(wrong[list(order)])
        areas.append(((sums / np.arange(1, 7)).mean(), sums.mean() / 6))
    aurc, augrc = np.mean(areas, axis=0)
    curve = risk_coverage(y, np.where(risk > 0.5, 1 - doubt, doubt))
    assert curve.aurc == pytest.approx(aurc)
    assert curve.augrc == pytest.approx(augrc)


def test_total_cost_counts_the_deferred() -> None:
    rng = np.random.default_rng(7)
    risk = np.round(rng.beta(1, 2, 300), 2)
    y = (rng.random(300) < risk).astype(int)
    costs = CostMatrix.binary(false_positive=1, false_negative=4, defer=[0.2, 0.5])
    curve = risk_coverage(y, risk, costs)
    evaluation = evaluate_decisions(y, decide(risk, costs))
    # The rule of least expected cost decides exactly where deciding is expected to save something.
    at = int(np.argmin(np.abs(curve.coverage - evaluation.coverage)))
    assert curve.coverage[at] == pytest.approx(evaluation.coverage)
    assert curve.total_cost[at] == pytest.approx(evaluation.mean_realised_cost)
    assert curve.best_cost <= evaluation.mean_realised_cost + 1e-12
    assert curve.total_cost[-1] == pytest.approx(curve.forced_cost)
    assert "deferring whatever is hard" in str(curve.summary())


def test_free_deferral_defers_all() -> None:
    costs = CostMatrix.from_dict(
        {"costs": [[0, 1, -1], [1, 0, -1]], "outcomes": ["0", "1"], "actions": ["n", "p", "defer"], "defer": "defer"}
    )
    curve = risk_coverage([0, 1, 0], [0.2, 0.7, 0.9], costs)
    assert (curve.best_coverage, curve.best_cost) == (0, -1)


def test_without_a_price_of_deferring_totals_do_not_exist() -> None:
    curve = risk_coverage([0, 1, 1], [0.2, 0.4, 0.9])
    assert np.isnan(curve.total_cost).all()
    assert np.isnan(curve.best_cost)
    assert curve.to_dict()["best_cost"] is None
    curve.plot()


def test_weights_equal_repetition_and_importance_is_refused() -> None:
    rng = np.random.default_rng(8)
    risk, weight = rng.random(50), rng.integers(0, 3, 50)
    y = (rng.random(50) < risk).astype(int)
    weighted = risk_coverage(y, risk, sample_weight=weight)
    repeated = risk_coverage(np.repeat(y, weight), np.repeat(risk, weight))
    assert weighted.to_dict() == repeated.to_dict()
    with pytest.raises(InputError, match="importance weights"):
        risk_coverage(y, risk, sample_weight=weight, weight_kind="importance")


def test_three_outcomes_need_costs_only() -> None:
    costs = CostMatrix(1 - np.eye(3), outcomes=("a", "b", "c"), actions=("x", "y", "z")).with_defer(0.3)
    proba = np.random.default_rng(9).dirichlet(np.ones(3), 60)
    y = np.random.default_rng(10).integers(0, 3, 60)
    curve = risk_coverage(y, proba, costs)
    assert curve.forced_cost == pytest.approx(np.mean(proba.argmax(axis=1) != y))
    assert len(curve.frame()) == len(curve.coverage)
    curve.plot()
