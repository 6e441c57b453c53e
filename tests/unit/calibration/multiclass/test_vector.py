"""Vector scaling: laws, the two-outcome cases, covariance, and outcomes that scaling tells apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, softmax

from riskdec import BetaCalibrator, PlattCalibrator, VectorScalingCalibrator
from riskdec.errors import InputError, SeparationError

RNG = np.random.default_rng(7)
Z = RNG.normal(0, 1.2, (900, 3))
Y = (Z * [0.5, 1.0, 1.5] + [0.4, 0.0, -0.4] + RNG.gumbel(size=Z.shape)).argmax(axis=1)
COUNTS = RNG.integers(0, 4, 900)
X = RNG.normal(0, 1.5, 800)
EVENT = (RNG.random(800) < expit(0.3 + 0.6 * X)).astype(int)


def test_sums_of_residuals_are_zero_which_are_the_score_equations() -> None:
    fitted = VectorScalingCalibrator(input="logit").fit(Z, Y)
    residual = softmax(fitted.coef_ * Z + fitted.intercept_, axis=1)
    np.testing.assert_allclose(fitted.predict_proba(Z), residual, rtol=1e-12)
    residual[np.arange(len(Y)), Y] -= 1
    np.testing.assert_allclose(residual.sum(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose((residual * Z).sum(axis=0), 0, atol=1e-9)
    assert fitted.intercept_.sum() == pytest.approx(0, abs=1e-12)
    assert fitted.converged_
    assert fitted.gradient_ < 1e-10


def test_log_odds_of_two_outcomes_give_platt_scaling() -> None:
    vector, platt = (c(input="logit").fit(X, EVENT) for c in (VectorScalingCalibrator, PlattCalibrator))
    np.testing.assert_allclose(vector.predict_risk(X), platt.predict_risk(X), rtol=1e-9)
    np.testing.assert_allclose(vector.predict_interval(X), platt.predict_interval(X), rtol=1e-7)
    assert vector.coef_ == pytest.approx([platt.slope_, platt.slope_], rel=1e-9)


def test_probabilities_of_two_outcomes_give_beta_calibration() -> None:
    vector, beta = (c().fit(expit(X), EVENT) for c in (VectorScalingCalibrator, BetaCalibrator))
    assert [beta.b_, beta.a_] == pytest.approx(vector.coef_, rel=1e-7)
    np.testing.assert_allclose(vector.predict_risk(expit(X)), beta.predict_risk(expit(X)), rtol=1e-8)
    np.testing.assert_allclose(vector.predict_interval(expit(X)), beta.predict_interval(expit(X)), rtol=1e-6)
    both = VectorScalingCalibrator().fit(np.column_stack([expit(-X), expit(X)]), EVENT)
    np.testing.assert_allclose(both.coef_, vector.coef_, rtol=1e-9)
    mirrored = VectorScalingCalibrator(event=0).fit(expit(-X), EVENT)
    np.testing.assert_allclose(mirrored.predict_risk(expit(-X)), 1 - vector.predict_risk(expit(X)), rtol=1e-9)


def test_whole_weights_are_repetitions() -> None:
    weighted = VectorScalingCalibrator(input="logit").fit(Z, Y, COUNTS)
    repeated = VectorScalingCalibrator(input="logit").fit(np.repeat(Z, COUNTS, axis=0), np.repeat(Y, COUNTS))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-9)
    np.testing.assert_allclose(weighted.cov_params(), repeated.cov_params(), rtol=1e-8, atol=1e-14)


def test_the_order_of_columns_changes_nothing() -> None:
    order = np.array([2, 0, 1])
    plain = VectorScalingCalibrator(input="logit").fit(Z, Y)
    moved = VectorScalingCalibrator(input="logit").fit(Z[:, order], np.argsort(order)[Y])
    np.testing.assert_allclose(moved.coef_, plain.coef_[order], rtol=1e-9)
    np.testing.assert_allclose(moved.intercept_, plain.intercept_[order], atol=1e-10)
    both = np.concatenate([order, order + 3])
    np.testing.assert_allclose(moved.cov_params(), plain.cov_params()[np.ix_(both, both)], atol=1e-12)


def test_the_covariance_is_what_repeated_samples_show() -> None:
    # The inverse information where the last shift is fixed at 0, by finite differences, brought to shifts of sum 0.
    fitted = VectorScalingCalibrator(input="logit").fit(Z, Y)

    def score(theta: np.ndarray) -> np.ndarray:
        residual = softmax(theta[:3] * Z + np.append(theta[3:], 0), axis=1)
        residual[np.arange(len(Y)), Y] -= 1
        return np.concatenate([(residual * Z).sum(axis=0), residual.sum(axis=0)[:2]])

    at = np.concatenate([fitted.coef_, fitted.intercept_[:2] - fitted.intercept_[2]])
    steps = 1e-5 * np.eye(5)
    information = np.column_stack([(score(at + h) - score(at - h)) / 2e-5 for h in steps])
    centre = np.zeros((6, 5))
    centre[:3, :3] = np.eye(3)
    centre[3:, 3:] = np.eye(3)[:, :2] - 1 / 3
    np.testing.assert_allclose(
        fitted.cov_params(), centre @ np.linalg.inv(information) @ centre.T, rtol=1e-5, atol=1e-9
    )


def test_importance_weights_bring_the_sandwich_whatever_their_scale() -> None:
    weight = RNG.random(900)
    one = VectorScalingCalibrator(input="logit", weight_kind="importance").fit(Z, Y, weight)
    other = VectorScalingCalibrator(input="logit", weight_kind="importance").fit(Z, Y, 50 * weight)
    np.testing.assert_allclose(one.cov_params(), other.cov_params(), rtol=1e-7, atol=1e-13)
    residual = softmax(one.coef_ * Z + one.intercept_, axis=1)
    p = residual.copy()
    residual[np.arange(len(Y)), Y] -= 1
    design = np.concatenate([np.einsum("ij,jk->ijk", Z, np.eye(3)), np.tile(np.eye(3), (900, 1, 1))], axis=2)
    variance = np.einsum("ij,jk->ijk", p, np.eye(3)) - np.einsum("ij,ik->ijk", p, p)
    information = np.einsum("i,iab,iac,icd->bd", weight, design, variance, design)
    scores = weight[:, None] * np.einsum("iab,ia->ib", design, residual)
    bread = np.linalg.pinv(information)
    expected = bread @ (scores.T @ scores) @ bread
    np.testing.assert_allclose(one.cov_params()[:3, :3], expected[:3, :3], rtol=1e-6)


@pytest.mark.parametrize("n", [60, 20_000])
def test_outcomes_that_scaling_tells_apart_are_an_error(n: int) -> None:
    z = np.random.default_rng(0).normal(size=(n, 3))
    with pytest.raises(SeparationError, match="the scores separate the outcomes"):
        VectorScalingCalibrator(input="logit").fit(z, (z * [1, 2, 3]).argmax(axis=1))


def test_an_outcome_that_never_happened_is_named() -> None:
    with pytest.raises(SeparationError, match="outcome 2 never happened"):
        VectorScalingCalibrator(input="logit", outcomes=[0, 1, 2]).fit(Z, np.minimum(Y, 1))


def test_a_score_that_counts_against_its_outcome_is_told_of() -> None:
    fitted = VectorScalingCalibrator(input="logit").fit(Z * [-1, 1, 1], Y)
    assert fitted.coef_[0] < 0
    assert [finding.code for finding in fitted.findings_] == ["RD502"]


def test_many_outcomes_go_by_conjugate_gradients_to_the_same_optimum(monkeypatch: pytest.MonkeyPatch) -> None:
    direct = VectorScalingCalibrator(input="logit").fit(Z, Y)
    monkeypatch.setattr("riskdec.calibration.multiclass.softmax_newton._MOST_FOR_MATRIX", 1)
    indirect = VectorScalingCalibrator(input="logit").fit(Z, Y)
    assert indirect.converged_
    np.testing.assert_allclose(indirect.coef_, direct.coef_, atol=1e-6)
    np.testing.assert_allclose(indirect.intercept_, direct.intercept_, atol=1e-6)
    with pytest.raises(SeparationError):
        VectorScalingCalibrator(input="logit").fit(Z, Z.argmax(axis=1))


def test_one_column_has_no_names_of_outcomes() -> None:
    with pytest.raises(InputError, match="left out with one score per row"):
        VectorScalingCalibrator(outcomes=[0, 1]).fit(expit(X), EVENT)
