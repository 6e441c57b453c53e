"""Indices are those of independent implementations, and count rows by their weights."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import somersd
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from riskdec.decisions import CostMatrix, decide, evaluate_decisions
from riskdec.likelihood import fit_binomial
from riskdec.resampling.performance import INDICES, RankedRisks, gini_mean_differences, largest_logistic_error


def named(indices: np.ndarray) -> dict[str, float]:
    return dict(zip(INDICES, indices.tolist(), strict=True))


@pytest.fixture
def risk(rng: np.random.Generator) -> np.ndarray:
    # Rounded: there are ties.
    return np.round(1 / (1 + np.exp(-rng.normal(-1, 1.2, 300))), 2).clip(0.01, 0.99)


@pytest.fixture
def y(risk: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return rng.random(300) < 0.8 * risk


def test_indices_are_those_of_others(risk: np.ndarray, y: np.ndarray) -> None:
    found = named(RankedRisks(risk, y).measure(np.ones(300)).indices)
    assert found["auc"] == pytest.approx(roc_auc_score(y, risk))
    assert found["dxy"] == pytest.approx(somersd(y, risk).statistic)
    assert found["brier"] == pytest.approx(brier_score_loss(y, risk))
    assert found["log_score"] == pytest.approx(log_loss(y, risk))
    line = fit_binomial(np.log(risk / (1 - risk))[:, None], y)
    assert [found["intercept"], found["slope"]] == pytest.approx(line.coef.tolist(), abs=1e-8)
    rate = y.mean()
    null = 300 * (rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
    ratio = 2 * (line.log_likelihood - null)
    assert found["r2"] == pytest.approx((1 - np.exp(-ratio / 300)) / (1 - np.exp(2 * null / 300)))
    assert found["discrimination_index"] == pytest.approx((ratio - 1) / 300)
    assert np.isnan(found["realised_cost"])


def test_weights_count_rows(risk: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> None:
    weight = rng.integers(0, 4, 300)
    repeated = np.repeat(np.arange(300), weight)
    once = RankedRisks(risk, y).measure(weight.astype(float))
    often = RankedRisks(risk[repeated], y[repeated]).measure(np.ones(len(repeated)))
    smooth = [INDICES.index(name) for name in ("ici", "e50", "e90", "emax")]
    np.testing.assert_allclose(np.delete(once.indices, smooth), np.delete(often.indices, smooth), rtol=1e-8)
    # Groups of neighbouring rows are cut elsewhere.
    np.testing.assert_allclose(once.indices[smooth], often.indices[smooth], atol=0.02)


def test_order_of_rows_does_not_matter(risk: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> None:
    turned = rng.permutation(300)
    one = RankedRisks(risk, y).measure(np.ones(300)).indices
    other = RankedRisks(risk[turned], y[turned]).measure(np.ones(300)).indices
    smooth = [INDICES.index(name) for name in ("ici", "e50", "e90", "emax")]
    np.testing.assert_allclose(np.delete(one, smooth), np.delete(other, smooth), rtol=1e-9)


def test_a_maximum_needs_no_recalibration(rng: np.random.Generator) -> None:
    X = rng.normal(size=(300, 2))
    y = rng.random(300) < 1 / (1 + np.exp(-X[:, 0]))
    fit = fit_binomial(X, y, tol=1e-12)
    risk = 1 / (1 + np.exp(-fit.linear_predictor))
    ranked = RankedRisks(risk, y, eta=fit.linear_predictor)
    np.testing.assert_allclose(
        ranked.measure(np.ones(300), is_maximum=True).indices, ranked.measure(np.ones(300)).indices, atol=1e-9
    )


def test_certain_risks_are_counted_and_finite(y: np.ndarray) -> None:
    ranked = RankedRisks(np.where(y, 1.0, np.linspace(0, 1, 300)), y)
    assert ranked.n_certain == int(y.sum()) + int((~y)[[0, -1]].sum())
    assert np.isfinite(named(ranked.measure(np.ones(300)).indices)["log_score"])


def test_costs_are_those_of_the_decisions(risk: np.ndarray, y: np.ndarray) -> None:
    costs = CostMatrix.binary(false_positive=1, false_negative=6, defer=0.5)
    found = named(RankedRisks(risk, y, costs=costs).measure(np.ones(300)).indices)
    assert found["realised_cost"] == pytest.approx(evaluate_decisions(y, decide(risk, costs)).mean_realised_cost)


def test_gini_mean_difference_is_the_mean_over_pairs(rng: np.random.Generator) -> None:
    values = np.sort(rng.normal(size=30))
    pairs = np.abs(values[:, None] - values)
    found = gini_mean_differences((values,), np.ones(30))[0]
    assert found == pytest.approx(pairs.sum() / (30 * 29))


def test_largest_logistic_error_is_zero_on_the_diagonal() -> None:
    assert largest_logistic_error(0.0, 1.0) == pytest.approx(0, abs=1e-12)
    assert largest_logistic_error(0.0, 1e-9) == pytest.approx(0.5, abs=1e-3)
