"""The Dirichlet map: its objective, its limits, weights, order of columns, and the choice of a strength."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, log_softmax, softmax

from riskdec import DirichletCalibrator, VectorScalingCalibrator
from riskdec.errors import InputError, SeparationError

RNG = np.random.default_rng(8)
Z = RNG.normal(0, 1.2, (700, 3))
MIX = np.array([[1.0, 0.4, 0.0], [0.0, 0.7, 0.0], [-0.3, 0.0, 1.2]])
Y = (Z @ MIX.T + RNG.gumbel(size=Z.shape)).argmax(axis=1)
COUNTS = RNG.integers(0, 4, 700)


def objective(W: np.ndarray, b: np.ndarray, strength: float, shift: float) -> float:
    k = len(b)
    loss = -log_softmax(Z @ W.T + b, axis=1)[np.arange(len(Y)), Y].mean()
    off = (W**2).sum() - (np.diag(W) ** 2).sum()
    return float(loss + strength / (k * (k - 1)) * off + shift / k * (b**2).sum())


def test_the_objective_as_written_is_flat_at_the_estimate() -> None:
    fitted = DirichletCalibrator(input="logit", off_diagonal_penalty=0.3, intercept_penalty=0.1).fit(Z, Y)
    h = 1e-5
    for k in range(3):
        up, down = fitted.intercept_.copy(), fitted.intercept_.copy()
        up[k], down[k] = up[k] + h, down[k] - h
        slope = (objective(fitted.coef_, up, 0.3, 0.1) - objective(fitted.coef_, down, 0.3, 0.1)) / (2 * h)
        assert abs(slope) < 1e-9
        for j in range(3):
            moved = h * np.outer(np.eye(3)[k], np.eye(3)[j])
            higher = objective(fitted.coef_ + moved, fitted.intercept_, 0.3, 0.1)
            lower = objective(fitted.coef_ - moved, fitted.intercept_, 0.3, 0.1)
            assert abs(higher - lower) / (2 * h) < 1e-9
    np.testing.assert_allclose(
        fitted.predict_proba(Z), softmax(Z @ fitted.coef_.T + fitted.intercept_, axis=1), rtol=1e-12
    )
    assert fitted.converged_


def test_a_strong_penalty_leaves_the_diagonal_and_a_weak_one_finds_the_mixture() -> None:
    strong = DirichletCalibrator(input="logit", off_diagonal_penalty=1e8, intercept_penalty=0).fit(Z, Y)
    vector = VectorScalingCalibrator(input="logit").fit(Z, Y)
    np.testing.assert_allclose(np.diag(strong.coef_), vector.coef_, rtol=1e-6)
    np.testing.assert_allclose(strong.predict_proba(Z), vector.predict_proba(Z), atol=1e-6)
    z = RNG.normal(0, 1.2, (40_000, 3))
    y = (z @ MIX.T + RNG.gumbel(size=z.shape)).argmax(axis=1)
    weak = DirichletCalibrator(input="logit", off_diagonal_penalty=1e-6).fit(z, y)
    # Columns are known up to a constant.
    centred = weak.coef_ - weak.coef_.mean(axis=0)
    np.testing.assert_allclose(centred, MIX - MIX.mean(axis=0), atol=0.06)


def test_the_order_of_columns_changes_nothing() -> None:
    order = np.array([2, 0, 1])
    plain = DirichletCalibrator(input="logit").fit(Z, Y)
    moved = DirichletCalibrator(input="logit").fit(Z[:, order], np.argsort(order)[Y])
    np.testing.assert_allclose(moved.coef_, plain.coef_[np.ix_(order, order)], atol=1e-10)
    np.testing.assert_allclose(moved.intercept_, plain.intercept_[order], atol=1e-10)


def test_whole_weights_are_repetitions_and_scales_of_importance_weights_do_not_matter() -> None:
    weighted = DirichletCalibrator(input="logit").fit(Z, Y, COUNTS)
    repeated = DirichletCalibrator(input="logit").fit(np.repeat(Z, COUNTS, axis=0), np.repeat(Y, COUNTS))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-10)
    np.testing.assert_allclose(weighted.cov_params(), repeated.cov_params(), atol=1e-12)
    weight = RNG.random(700)
    one = DirichletCalibrator(input="logit", weight_kind="importance").fit(Z, Y, weight)
    other = DirichletCalibrator(input="logit", weight_kind="importance").fit(Z, Y, 9 * weight)
    np.testing.assert_allclose(one.coef_, other.coef_, atol=1e-10)
    np.testing.assert_allclose(one.cov_params(), other.cov_params(), atol=1e-12)


def test_probabilities_are_taken_to_their_logarithms() -> None:
    p = softmax(Z, axis=1)
    by_proba = DirichletCalibrator().fit(p, Y)
    by_log = DirichletCalibrator(input="logit").fit(np.log(p), Y)
    np.testing.assert_allclose(by_proba.coef_, by_log.coef_, atol=1e-10)


def test_limits_hold_what_other_samples_give() -> None:
    # The covariance is that of the penalised estimate around its own mean: limits at 95 % against 400 other samples.
    rng = np.random.default_rng(9)
    truth = softmax(Z @ MIX.T, axis=1)
    fits = []
    first = DirichletCalibrator(input="logit", off_diagonal_penalty=0.1).fit(Z, Y)
    for _ in range(400):
        y = (np.log(truth) + rng.gumbel(size=truth.shape)).argmax(axis=1)
        fits.append(DirichletCalibrator(input="logit", off_diagonal_penalty=0.1).fit(Z, y).predict_risk(Z[:5], event=1))
    low, high = first.predict_interval(Z[:5], event=1).T
    width = np.log(high / (1 - high)) - np.log(low / (1 - low))
    drawn = np.array(fits)
    spread = np.log(drawn / (1 - drawn)).std(axis=0)
    # 400 draws know a standard deviation to 3.5 %; the covariance belongs to one of the samples.
    np.testing.assert_allclose(width / (2 * 1.96), spread, rtol=0.2)


def test_an_outcome_that_never_happened_gets_a_small_probability() -> None:
    fitted = DirichletCalibrator(input="logit", outcomes=[0, 1, 2]).fit(Z, np.minimum(Y, 1))
    assert fitted.converged_
    assert fitted.predict_proba(Z)[:, 2].mean() < 0.05
    with pytest.raises(SeparationError, match="never happened"):
        DirichletCalibrator(input="logit", outcomes=[0, 1, 2], intercept_penalty=0).fit(Z, np.minimum(Y, 1))


def test_rows_that_the_diagonal_tells_apart_are_an_error() -> None:
    with pytest.raises(SeparationError, match="the scores separate the outcomes"):
        DirichletCalibrator(input="logit").fit(Z, Z.argmax(axis=1))


def test_the_default_strengths_are_those_of_normal_priors_and_fade_with_the_number_of_rows() -> None:
    fitted = DirichletCalibrator(input="logit").fit(Z, Y)
    assert fitted.off_diagonal_penalty_ == pytest.approx(6 / (2 * 700 * 0.05**2))
    assert fitted.intercept_penalty_ == pytest.approx(3 / (2 * 700 * 0.5**2))
    # Minus the log of the priors' densities, over n: the penalty as it is added to the mean loss.
    W, b = np.array([[0, 0.1, -0.2], [0.3, 0, 0], [0, 0, 0]]), np.array([0.2, -0.1, -0.1])
    prior = ((W**2).sum() / (2 * 0.05**2) + (b**2).sum() / (2 * 0.5**2)) / 700
    penalty = fitted.off_diagonal_penalty_ / 6 * (W**2).sum() + fitted.intercept_penalty_ / 3 * (b**2).sum()
    assert penalty == pytest.approx(prior)
    counted = DirichletCalibrator(input="logit").fit(Z, Y, COUNTS)
    assert counted.off_diagonal_penalty_ == pytest.approx(6 / (2 * COUNTS.sum() * 0.05**2))


def test_cross_fitting_prefers_a_weak_penalty_with_many_rows_and_a_strong_one_where_there_is_nothing_to_mix() -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(0, 1.2, (6_000, 3))
    mixed = (z @ MIX.T + rng.gumbel(size=z.shape)).argmax(axis=1)
    plain = (z[:300] + rng.gumbel(size=(300, 3))).argmax(axis=1)
    weak = DirichletCalibrator(input="logit", off_diagonal_penalty="cv").fit(z, mixed)
    strong = DirichletCalibrator(input="logit", off_diagonal_penalty="cv").fit(z[:300], plain)
    assert weak.off_diagonal_penalty_ < 0.1
    assert strong.off_diagonal_penalty_ >= 1
    assert "Penalties" in str(weak.summary())


def test_many_outcomes_go_by_conjugate_gradients_to_the_same_optimum(monkeypatch: pytest.MonkeyPatch) -> None:
    direct = DirichletCalibrator(input="logit").fit(Z, Y)
    monkeypatch.setattr("riskdec.calibration.multiclass.softmax_newton._MOST_FOR_MATRIX", 1)
    indirect = DirichletCalibrator(input="logit").fit(Z, Y)
    assert indirect.converged_
    np.testing.assert_allclose(indirect.coef_, direct.coef_, atol=1e-6)


def test_a_covariance_of_too_many_parameters_is_withheld_with_the_reason() -> None:
    k = 55
    z = RNG.normal(0, 1.5, (3_000, k))
    y = (z + RNG.gumbel(size=z.shape)).argmax(axis=1)
    fitted = DirichletCalibrator(input="logit", outcomes=range(k)).fit(z, y)
    assert fitted.converged_
    with pytest.raises(InputError, match="at most 2,500 for a covariance; got 3080"):
        fitted.cov_params()


def test_one_column_is_two() -> None:
    x = RNG.normal(0, 1.5, 500)
    y = np.where(RNG.random(500) < expit(x), "ill", "well")
    one = DirichletCalibrator(event="ill").fit(expit(x), y)
    two = DirichletCalibrator(event="ill").fit(np.column_stack([expit(x), expit(-x)]), y)
    assert one.classes_.tolist() == ["ill", "well"]
    np.testing.assert_allclose(one.predict_risk(expit(x)), two.predict_risk(np.column_stack([expit(x), expit(-x)])))
    np.testing.assert_allclose(one.coef_, two.coef_, atol=1e-9)


@pytest.mark.parametrize("strength", [0, -1, "gcv", np.nan])
def test_a_penalty_that_is_none_is_refused(strength: object) -> None:
    with pytest.raises(InputError, match="off_diagonal_penalty must be a number above 0"):
        DirichletCalibrator(off_diagonal_penalty=strength).fit(softmax(Z, axis=1), Y)
