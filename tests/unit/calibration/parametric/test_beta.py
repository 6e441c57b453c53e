"""Beta calibration: the constrained optimum, its special cases, and the authors' own package."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from riskdec import BetaCalibrator, PlattCalibrator, ScoreSums

RNG = np.random.default_rng(8)
P = RNG.beta(0.8, 2.0, 1200).clip(1e-6, 1 - 1e-6)
Y = (RNG.random(1200) < expit(0.5 * np.log(P) - 1.6 * np.log1p(-P) - 0.2)).astype(int)


def loss(theta: np.ndarray, p: np.ndarray, y: np.ndarray) -> float:
    eta = theta[0] * np.log(p) - theta[1] * np.log1p(-p) + theta[2]
    return float(np.logaddexp(0, eta).sum() - eta @ y)


def constrained(p: np.ndarray, y: np.ndarray) -> np.ndarray:
    found = minimize(loss, [1.0, 1.0, 0.0], args=(p, y), bounds=[(0, None), (0, None), (None, None)], tol=1e-14)
    return np.asarray(found.x)


def test_it_is_the_constrained_maximum_inside_the_limits() -> None:
    beta = BetaCalibrator().fit(P, Y)
    assert [beta.a_, beta.b_, beta.c_] == pytest.approx(constrained(P, Y), abs=2e-4)
    best = loss(np.array([beta.a_, beta.b_, beta.c_]), P, Y)
    assert best <= loss(constrained(P, Y), P, Y) + 1e-9
    assert beta.cov_params().shape == (3, 3)


@pytest.mark.parametrize("seed", range(12))
def test_it_is_the_constrained_maximum_on_the_limits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    p = rng.beta(1, 1, 60).clip(1e-3, 1 - 1e-3)
    y = (rng.random(60) < expit(rng.normal(0, 1, 60) - rng.uniform(-1, 1) * np.log(p))).astype(int)
    beta = BetaCalibrator().fit(p, y)
    ours = np.array([beta.a_, beta.b_, beta.c_])
    assert (ours[:2] >= 0).all()
    assert loss(ours, p, y) <= loss(constrained(p, y), p, y) + 1e-8
    held = ours[:2] == 0
    assert np.isnan(np.diag(beta.cov_params())[:2][held]).all()


def test_one_slope_is_platt_scaling() -> None:
    line = BetaCalibrator(parameters="ac").fit(P, Y)
    platt = PlattCalibrator().fit(P, Y)
    assert line.a_ == line.b_ == pytest.approx(platt.slope_, rel=1e-9)
    assert line.c_ == pytest.approx(platt.intercept_, rel=1e-8)
    np.testing.assert_allclose(line.predict_interval(P[:50]), platt.predict_interval(P[:50]), rtol=1e-8)


def test_one_half_stays_one_half_at_the_constrained_maximum() -> None:
    through = BetaCalibrator(parameters="ab").fit(P, Y)
    assert through.predict_risk([0.5]) == pytest.approx([0.5], abs=1e-15)
    assert through.c_ == pytest.approx((through.a_ - through.b_) * np.log(2))

    def tied(theta: np.ndarray) -> float:
        return float(loss(np.array([*theta, (theta[0] - theta[1]) * np.log(2)]), P, Y))

    best = minimize(tied, [1.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-12}).x
    assert [through.a_, through.b_] == pytest.approx(best, abs=1e-5)
    covariance = through.cov_params()
    assert np.isfinite(covariance[:2, :2]).all()
    assert np.isnan(covariance[2]).all()
    assert f"{through.c_:.4f}"[:5] in str(through.summary())


def test_logits_stand_for_their_probabilities_even_far_out() -> None:
    z = np.log(P) - np.log1p(-P)
    by_logit, by_risk = BetaCalibrator(input="logit").fit(z, Y), BetaCalibrator().fit(P, Y)
    assert by_logit.a_ == pytest.approx(by_risk.a_, rel=1e-8)
    assert by_logit.predict_risk([-800.0, 800.0]).tolist() == pytest.approx([0.0, 1.0])


def test_no_signal_is_a_verdict() -> None:
    beta = BetaCalibrator().fit(1 - P, Y)
    assert (beta.a_, beta.b_) == (0, 0)
    assert [finding.code for finding in beta.findings_] == ["RD502"]
    np.testing.assert_allclose(beta.predict_risk(P), Y.mean())
    assert np.isfinite(beta.predict_interval(P)).all()


def test_sums_weights_and_rows_agree() -> None:
    score, counts = P.round(2).clip(0.01, 0.99), RNG.integers(1, 4, 1200)
    whole = BetaCalibrator().fit(score, Y, counts)
    repeated = BetaCalibrator().fit(np.repeat(score, counts), np.repeat(Y, counts))
    merged = BetaCalibrator().fit_sums(ScoreSums.from_rows(score, Y, counts))
    for other in (repeated, merged):
        assert [other.a_, other.b_, other.c_] == pytest.approx([whole.a_, whole.b_, whole.c_], rel=1e-9)


def test_it_equals_the_authors_package() -> None:
    betacal = pytest.importorskip("betacal")
    peer = betacal.BetaCalibration(parameters="abm").fit(P.reshape(-1, 1), Y)
    # Theirs is scikit-learn's logistic regression with a weak penalty, stopped at a gradient of 1e-4.
    np.testing.assert_allclose(BetaCalibrator().fit(P, Y).predict_risk(P), peer.predict(P), atol=2e-3)
