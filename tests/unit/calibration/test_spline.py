"""Spline calibration: the regression on spline columns, its interval, and curves that fall."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit

from riskdec import PlattCalibrator, ScoreSums, SplineCalibrator
from riskdec.calibration.spline import slope_at
from riskdec.errors import InputError, NotFittedError, SeparationWarning
from riskdec.likelihood.splines.basis import spline_basis

RNG = np.random.default_rng(31)
Z = RNG.normal(-0.5, 1.2, 3000)
Y = (RNG.random(3000) < expit(np.where(Z > 0, 2 * Z, 0.5 * Z))).astype(int)


def columns(z: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Truncated cubes as they are written in rcspline.eval(x, knots, inclx = TRUE, norm = 2)."""
    plus = [np.maximum(z - knot, 0) ** 3 for knot in knots]
    t, k = knots, len(knots)
    made = [np.ones(len(z)), z]
    for j in range(k - 2):
        tail = ((t[-2] - t[j]) * plus[-1] - (t[-1] - t[j]) * plus[-2]) / (t[-1] - t[-2])
        made.append((plus[j] + tail) / (t[-1] - t[0]) ** 2)
    return np.column_stack(made)


def test_it_is_the_logistic_regression_on_a_spline_of_the_log_odds() -> None:
    fitted = SplineCalibrator(input="logit").fit(Z, Y)
    np.testing.assert_allclose(fitted.knots_, np.quantile(Z, [0.05, 0.35, 0.65, 0.95]), rtol=1e-12)
    peer = sm.Logit(Y, columns(Z, fitted.knots_)).fit(disp=0, tol=1e-14, maxiter=100)
    np.testing.assert_allclose([fitted.intercept_, *fitted.coef_], peer.params, rtol=1e-6)
    np.testing.assert_allclose(fitted.cov_params(), peer.cov_params(), rtol=1e-5)
    np.testing.assert_allclose(fitted.predict_risk(Z), peer.predict(columns(Z, fitted.knots_)), rtol=1e-8)
    new = np.linspace(-6, 6, 13)
    wanted = peer.get_prediction(columns(new, fitted.knots_)).summary_frame()
    found = fitted.predict_interval(new)
    half = (logit(found[:, 1]) - logit(found[:, 0])) / 2
    X = columns(new, fitted.knots_)
    np.testing.assert_allclose(half, 1.959964 * np.sqrt(np.einsum("ij,jk,ik->i", X, peer.cov_params(), X)), rtol=1e-5)
    np.testing.assert_allclose(fitted.predict_risk(new), wanted["predicted"], rtol=1e-8)
    assert fitted.converged_
    assert fitted.findings_ == ()


def test_probabilities_are_taken_to_their_log_odds() -> None:
    by_logit, by_risk = SplineCalibrator(input="logit").fit(Z, Y), SplineCalibrator().fit(expit(Z), Y)
    np.testing.assert_allclose(by_risk.predict_risk(expit(Z)), by_logit.predict_risk(Z), rtol=1e-8)


def test_importance_weights_bring_the_sandwich_and_leave_the_knots() -> None:
    weight = RNG.gamma(2, 1, 3000)
    fitted = SplineCalibrator(input="logit", weight_kind="importance").fit(Z, Y, weight)
    X = columns(Z, np.quantile(Z, [0.05, 0.35, 0.65, 0.95]))
    peer = sm.GLM(Y, X, family=sm.families.Binomial(), freq_weights=weight).fit(tol=1e-14, maxiter=100)
    bread = np.linalg.inv(X.T @ (X * (weight * peer.fittedvalues * (1 - peer.fittedvalues))[:, None]))
    score = X * (weight * (Y - peer.fittedvalues))[:, None]
    np.testing.assert_allclose(fitted.cov_params(), bread @ (score.T @ score) @ bread, rtol=1e-5)


def test_curve_that_falls_is_told_with_the_stretch() -> None:
    z = np.linspace(-3, 3, 4000)
    y = RNG.random(4000) < expit(-(z**2) + 1)
    fitted = SplineCalibrator(input="logit").fit(z, y)
    (finding,) = fitted.findings_
    assert finding.code == "RD505"
    risk = fitted.predict_risk(z)
    top = z[risk.argmax()]
    low, high = (float(x) for x in finding.sentence.split("between ")[1].split(" (")[0].split(" to "))
    assert low == pytest.approx(top, abs=0.02)
    assert high == 3
    assert "RD505" in str(fitted.summary())


def test_slope_is_the_derivative_of_the_curve() -> None:
    knots, coef = np.array([-1.0, 0.5, 1.0, 4.0]), np.array([0.7, -1.2, 2.5])
    x = np.linspace(-3, 6, 181)
    step = 1e-6
    curve = (spline_basis(x + step, knots) - spline_basis(x - step, knots)) @ coef / (2 * step)
    np.testing.assert_allclose(slope_at(x, knots, coef), curve, atol=1e-8)


def test_few_distinct_scores_give_fewer_knots_or_a_line() -> None:
    score = np.repeat([0.2, 0.4, 0.6, 0.8], 50)
    y = RNG.random(200) < score
    line = SplineCalibrator().fit(score, y)
    assert len(line.knots_) == 0
    assert [finding.code for finding in line.findings_] == ["RD506"]
    np.testing.assert_allclose(line.predict_risk(score), PlattCalibrator().fit(score, y).predict_risk(score), rtol=1e-9)
    assert "a straight line" in str(line.summary())


def test_constant_scores_give_the_event_rate() -> None:
    fitted = SplineCalibrator().fit([0.4] * 8, [0, 1] * 4)
    np.testing.assert_allclose(fitted.predict_risk([0.4]), [0.5], rtol=1e-12)
    assert [finding.code for finding in fitted.findings_] == ["RD506"]


def test_separated_outcomes_fall_back_to_firth() -> None:
    score = np.linspace(0.05, 0.95, 60)
    with pytest.warns(SeparationWarning, match="RD503"):
        fitted = SplineCalibrator().fit(score, score > 0.5)
    assert "RD503" in [finding.code for finding in fitted.findings_]
    assert np.isfinite(fitted.predict_risk(score)).all()


def test_certain_scores_are_kept_inside_or_lie_far_out() -> None:
    p = expit(Z)
    seen = SplineCalibrator().fit(np.append(p, [0.0, 1.0]), np.append(Y, [0, 1]))
    assert [finding.code for finding in seen.findings_] == ["RD508"]
    unseen = SplineCalibrator().fit(p, Y)
    risk = unseen.predict_risk([0.0, 1e-300, 1.0])
    assert np.isfinite(risk).all()
    assert risk[0] <= risk[1] < 1e-3
    assert risk[2] > 0.999
    np.testing.assert_array_equal(unseen.predict_interval([0.0, 1.0]), [[0, 1], [0, 1]])


def test_sums_pickles_and_refusals() -> None:
    p = expit(Z).round(3)
    whole = SplineCalibrator().fit(p, Y)
    sums = ScoreSums.from_rows(p[:1000], Y[:1000]) + ScoreSums.from_rows(p[1000:], Y[1000:])
    np.testing.assert_allclose(SplineCalibrator().fit_sums(sums).predict_risk(p), whole.predict_risk(p), rtol=1e-9)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(whole)).predict_risk(p), whole.predict_risk(p))
    with pytest.raises(NotFittedError):
        SplineCalibrator().predict_interval(p)
    with pytest.raises(InputError, match="n_knots must be a whole number of at least 3"):
        SplineCalibrator(n_knots=2).fit(p, Y)
    with pytest.raises(InputError, match="scores must be finite"):
        SplineCalibrator(input="logit").fit([0.0, np.inf], [0, 1])
    with pytest.raises(InputError, match="y_true must hold events and non-events"):
        SplineCalibrator().fit([0.2, 0.6], [0, 0])
