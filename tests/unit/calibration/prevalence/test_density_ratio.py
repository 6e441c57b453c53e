"""Recalibration on labelled rows: against statsmodels, and what its covariance is made of."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize
from scipy.special import expit, logit, softmax

from riskdec.calibration.prevalence.density_ratio import (
    Recalibration,
    ratio_from_calibrated,
    ratio_from_labelled,
    recalibrate,
)
from riskdec.calibration.prevalence.rows import Rows
from riskdec.errors import InputError


def rows(proba: np.ndarray, codes: np.ndarray, weight: np.ndarray | None = None) -> Rows:
    weight = np.ones(len(proba)) if weight is None else weight
    return Rows(proba, weight, "frequency", None, codes.astype(np.intp), are_risks=False)


def draw(seed: int, n: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    event = rng.random(n) < share
    risk = expit(0.5 + 1.8 * (1.5 * (rng.normal(size=n) + 1.5 * event) - 1.125))
    return np.column_stack([1 - risk, risk]), event


def test_two_outcomes_are_the_logistic_regression_on_the_log_odds() -> None:
    proba, event = draw(1, 500, 0.4)
    weight = np.random.default_rng(0).integers(1, 4, 500)
    fitted = recalibrate(rows(proba, event, weight.astype(float)), None)
    model = sm.GLM(
        event.astype(float), sm.add_constant(logit(proba[:, 1])), family=sm.families.Binomial(), freq_weights=weight
    )
    np.testing.assert_allclose([fitted.shifts[1], fitted.slope], model.fit(tol=1e-12).params, atol=1e-8)


def test_three_outcomes_are_the_maximum_of_their_likelihood() -> None:
    rng = np.random.default_rng(2)
    codes = rng.choice(3, 600, p=[0.5, 0.3, 0.2])
    proba = softmax(1.7 * (rng.normal(size=(600, 3)) + 1.5 * np.eye(3)[codes]), axis=1)
    fitted = recalibrate(rows(proba, codes), None)

    def loss(theta: np.ndarray) -> float:
        q = softmax(theta[2] * np.log(proba) + np.append(0, theta[:2]), axis=1)
        return -float(np.log(q[np.arange(600), codes]).sum())

    best = minimize(loss, [0, 0, 1], method="BFGS", options={"gtol": 1e-6}).x
    np.testing.assert_allclose([*fitted.shifts[1:], fitted.slope], best, atol=1e-5)


def test_variance_of_the_constant_is_that_of_sampling_by_outcome() -> None:
    # Prentice and Pyke: the variance of the intercept less 1/events + 1/non-events, at the truth of the model.
    proba, event = draw(3, 20_000, 0.3)
    fitted = recalibrate(rows(proba, event), None)
    model = sm.Logit(event.astype(float), sm.add_constant(logit(proba[:, 1]))).fit(disp=False)
    expected = model.cov_params()[0, 0] - 1 / event.sum() - 1 / (~event).sum()
    assert fitted.covariance[0, 0] == pytest.approx(expected, rel=0.1)
    assert fitted.covariance[1, 1] == pytest.approx(model.cov_params()[1, 1], rel=0.1)


def test_density_ratios_are_the_same_whatever_the_mix_of_the_labelled_rows() -> None:
    fits = [recalibrate(rows(*draw(seed, 200_000, share)), None) for seed, share in ((4, 0.1), (5, 0.6))]
    proba = draw(6, 50, 0.5)[0]
    first, second = (np.log(ratio_from_labelled(proba, fit)) for fit in fits)
    np.testing.assert_allclose(first[:, 1] - first[:, 0], second[:, 1] - second[:, 0], atol=0.15)


def test_calibrated_scores_need_no_recalibration() -> None:
    proba = draw(7, 30, 0.5)[0]
    train = np.array([0.7, 0.3])
    as_it_is = Recalibration(np.zeros(2), 1.0, train, np.zeros((2, 2)), 0.0)
    np.testing.assert_allclose(ratio_from_labelled(proba, as_it_is), ratio_from_calibrated(proba, train), rtol=1e-12)


def test_test_of_calibration_keeps_its_level_at_the_prevalence_that_is_said() -> None:
    rng = np.random.default_rng(8)
    rejected = 0
    for _ in range(300):
        event = rng.random(400) < 0.5
        risk = expit(1.5 * (rng.normal(size=400) + 1.5 * event) - 1.125 + logit(0.2))
        fitted = recalibrate(rows(np.column_stack([1 - risk, risk]), event), np.array([0.8, 0.2]))
        rejected += fitted.wald > 5.991
    assert rejected / 300 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_separated_and_constant_scores_are_refused() -> None:
    for proba in ([0.1, 0.2, 0.8, 0.9], [0.4, 0.4, 0.4, 0.4]):
        p = np.array(proba)
        with pytest.raises(InputError, match="y_proba_calibration must overlap between the outcomes, and differ"):
            recalibrate(rows(np.column_stack([1 - p, p]), np.array([0, 0, 1, 1])), None)
