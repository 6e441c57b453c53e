"""Calibrators of K outcomes against scikit-learn, netcal, dirichletcal, scipy's minimisers, and networks' forecasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from riskdec import DirichletCalibrator, TemperatureCalibrator, VectorScalingCalibrator, binned_calibration_error

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(12)
Z = RNG.normal(0, 1.4, (3_000, 5))
Y = (0.6 * Z + RNG.gumbel(size=Z.shape)).argmax(axis=1)


class GivenScores(ClassifierMixin, BaseEstimator):
    """A fitted classifier whose rows are its logits."""

    def __init__(self, n_outcomes: int = 5) -> None:
        self.n_outcomes = n_outcomes
        self.classes_ = np.arange(n_outcomes)

    def fit(self, X: np.ndarray, y: np.ndarray) -> GivenScores:
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def predict(self, X: np.ndarray) -> np.ndarray:
        return X.argmax(axis=1)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        return softmax(X, axis=1)


class GivenLogits(GivenScores):
    """The same with a decision function."""

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        return X


@pytest.mark.parametrize("kind", [GivenScores, GivenLogits])
def test_temperature_equals_scikit_learn(kind: type[GivenScores]) -> None:
    peer = CalibratedClassifierCV(FrozenEstimator(kind()), method="temperature").fit(Z, Y)
    ours = TemperatureCalibrator(input="logit").fit(Z, Y)
    np.testing.assert_allclose(ours.predict_proba(Z), peer.predict_proba(Z), atol=1e-6)
    weight = RNG.random(len(Y))
    with pytest.warns(UserWarning, match="only be used for the calibration itself"):
        peer = CalibratedClassifierCV(FrozenEstimator(kind()), method="temperature").fit(Z, Y, sample_weight=weight)
    ours = TemperatureCalibrator(input="logit", weight_kind="importance").fit(Z, Y, weight)
    np.testing.assert_allclose(ours.predict_proba(Z), peer.predict_proba(Z), atol=1e-6)


def test_temperature_of_two_outcomes_equals_scikit_learn_through_probabilities() -> None:
    z, y = Z[:, :2], (Z[:, 1] + RNG.logistic(size=len(Z)) > Z[:, 0]).astype(int)
    peer = CalibratedClassifierCV(FrozenEstimator(GivenScores(2)), method="temperature").fit(z, y)
    ours = TemperatureCalibrator().fit(softmax(z, axis=1), y)
    np.testing.assert_allclose(ours.predict_proba(softmax(z, axis=1)), peer.predict_proba(z), atol=1e-6)


@pytest.mark.filterwarnings("ignore")
def test_temperature_equals_netcal() -> None:
    scaling = pytest.importorskip("netcal.scaling")
    p = softmax(Z, axis=1)
    peer = scaling.TemperatureScaling().fit(p, Y)
    np.testing.assert_allclose(TemperatureCalibrator().fit(p, Y).predict_proba(p), peer.transform(p), atol=1e-5)


def test_temperature_equals_probmetrics() -> None:
    calibrators = pytest.importorskip("probmetrics.calibrators")
    peer = calibrators.get_calibrator("temp-scaling")
    p = softmax(Z, axis=1)
    peer.fit(p, Y)
    np.testing.assert_allclose(TemperatureCalibrator().fit(p, Y).predict_proba(p), peer.predict_proba(p), atol=1e-6)


def test_vector_scaling_equals_an_independent_minimiser() -> None:
    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        eta = theta[:5] * Z + theta[5:]
        residual = softmax(eta, axis=1)
        residual[np.arange(len(Y)), Y] -= 1
        gradient = np.concatenate([(residual * Z).mean(axis=0), residual.mean(axis=0)])
        return -float(log_softmax(eta, axis=1)[np.arange(len(Y)), Y].mean()), gradient

    peer = minimize(loss, np.repeat([1.0, 0.0], 5), jac=True, method="BFGS", options={"gtol": 1e-10}).x
    ours = VectorScalingCalibrator(input="logit").fit(Z, Y)
    np.testing.assert_allclose(ours.coef_, peer[:5], atol=1e-7)
    np.testing.assert_allclose(ours.intercept_, peer[5:] - peer[5:].mean(), atol=1e-7)


@pytest.mark.parametrize(("strength", "shift"), [(0.01, 0.3), (2.0, 0.0)])
def test_dirichlet_equals_an_independent_minimiser_of_the_objective_as_written(strength: float, shift: float) -> None:
    k = 5
    off = 1 - np.eye(k)

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        W, b = theta[: k * k].reshape(k, k), theta[k * k :]
        eta = Z @ W.T + b
        residual = softmax(eta, axis=1)
        residual[np.arange(len(Y)), Y] -= 1
        value = -log_softmax(eta, axis=1)[np.arange(len(Y)), Y].mean()
        value += strength / (k * (k - 1)) * (off * W**2).sum() + shift / k * (b**2).sum()
        slope = residual.T @ Z / len(Y) + 2 * strength / (k * (k - 1)) * off * W
        return float(value), np.concatenate([slope.ravel(), residual.mean(axis=0) + 2 * shift / k * b])

    start = np.concatenate([np.eye(k).ravel(), np.zeros(k)])
    peer = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 2000}).x
    ours = DirichletCalibrator(input="logit", off_diagonal_penalty=strength, intercept_penalty=shift).fit(Z, Y)
    np.testing.assert_allclose(ours.coef_, peer[: k * k].reshape(k, k), atol=1e-6)
    np.testing.assert_allclose(ours.intercept_, peer[k * k :] - (peer[k * k :].mean() if shift == 0 else 0), atol=1e-6)


# dirichletcal 0.5.3, Python 3.12, on the rows that `_waves` makes:
#   m = FullDirichletCalibrator(reg_lambda=.05, reg_mu=.05, reg_norm=True, ref_row=False, optimizer="newton").fit(p, y)
#   m.calibrator_.weights_; m.predict_proba(p)[[0, 1, 100]]; the same with reg_lambda=1, reg_mu=.2
DIRICHLETCAL = {
    (0.05, 0.05): (
        [
            [0.41074479, 0.07035486, 0.00940319, -0.11457204],
            [0.23205962, 0.40322788, -0.00940319, -0.10187859],
            [-0.23205962, -0.07035486, 0.94650951, 0.21645062],
        ],
        [
            [0.56135362, 0.28368455, 0.15496183],
            [0.46713726, 0.33548675, 0.197376],
            [0.22292825, 0.20674218, 0.57032956],
        ],
    ),
    (1.0, 0.2): (
        [
            [0.47598637, 0.05996717, 0.00144577, -0.05926446],
            [0.13951761, 0.46124667, -0.00144577, -0.10872279],
            [-0.13951761, -0.05996717, 0.82038061, 0.16798725],
        ],
        [
            [0.58423077, 0.23655643, 0.17921279],
            [0.47650758, 0.30755503, 0.21593739],
            [0.22929608, 0.23696589, 0.53373803],
        ],
    ),
}


def _waves() -> tuple[np.ndarray, np.ndarray]:
    i, k = np.arange(1, 241)[:, None], np.arange(3)[None, :]
    z = 1.5 * np.sin(1.3 * i * (k + 1) + k)
    y = (0.6 * z[:, [1, 0, 2]] + z + 2 * np.cos(2.7 * i + 1.9 * k * i)).argmax(axis=1)
    return softmax(z, axis=1), y


@pytest.mark.parametrize("strengths", list(DIRICHLETCAL))
def test_dirichlet_equals_dirichletcal_with_the_penalty_of_the_paper_and_no_reference_row(
    strengths: tuple[float, float],
) -> None:
    p, y = _waves()
    assert np.bincount(y).tolist() == [76, 64, 100]
    ours = DirichletCalibrator(off_diagonal_penalty=strengths[0], intercept_penalty=strengths[1]).fit(p, y)
    weights, proba = DIRICHLETCAL[strengths]
    np.testing.assert_allclose(np.column_stack([ours.coef_, ours.intercept_]), weights, atol=2e-8)
    np.testing.assert_allclose(ours.predict_proba(p)[[0, 1, 100]], proba, atol=2e-8)


@pytest.mark.parametrize(
    ("network", "raw_loss", "raw_error"), [("lenet5", 1.36987, 0.10789), ("wrn16_4", 0.3778, 0.05372)]
)
def test_networks_become_calibrated_on_images_that_were_held_out(
    shared_data: Path, network: str, raw_loss: float, raw_error: float
) -> None:
    """The raw figures are those told beside the data; scikit-learn's temperature is the reference."""
    data = np.load(shared_data / "cifar10_test_probs.npz")
    p, y = data[network].astype(np.float64), data["y"]
    p /= p.sum(axis=1, keepdims=True)

    def log_loss(q: np.ndarray, y: np.ndarray) -> float:
        return -float(np.log(q[np.arange(len(y)), y]).mean())

    def top_label_error(q: np.ndarray, y: np.ndarray) -> float:
        right = (q.argmax(axis=1) == y).astype(int)
        return binned_calibration_error(right, q.max(axis=1), n_bins=15, binning="equal_width").estimate

    # The figures told were made with probabilities of at least 1e-12.
    assert log_loss(np.maximum(p, 1e-12), y) == pytest.approx(raw_loss, abs=1e-5)
    half, rest = slice(0, None, 2), slice(1, None, 2)
    temperature = TemperatureCalibrator().fit(p[half], y[half])
    peer = CalibratedClassifierCV(FrozenEstimator(GivenLogits(10)), method="temperature").fit(np.log(p[half]), y[half])
    np.testing.assert_allclose(temperature.predict_proba(p[rest]), peer.predict_proba(np.log(p[rest])), atol=1e-5)
    assert temperature.temperature_ > 1.2
    losses = [log_loss(p[rest], y[rest])]
    for calibrator in (temperature, VectorScalingCalibrator().fit(p[half], y[half])):
        q = calibrator.predict_proba(p[rest])
        losses.append(log_loss(q, y[rest]))
    assert losses[0] > losses[1] > losses[2]
    assert log_loss(DirichletCalibrator().fit(p[half], y[half]).predict_proba(p[rest]), y[rest]) < losses[1]
    assert top_label_error(p, y) == pytest.approx(raw_error, abs=2e-4)
    assert top_label_error(temperature.predict_proba(p[rest]), y[rest]) < 0.5 * top_label_error(p[rest], y[rest])
