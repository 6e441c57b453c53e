"""Delta-method intervals of risks: every covariance, every method, two classes and more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import norm, t

from riskdec import LogisticRiskModel
from riskdec.errors import InputError

NEWTON: dict[str, Any] = {"disp": 0, "method": "newton", "tol": 1e-14}


@pytest.fixture(name="X")
def _columns(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(300, 2))


@pytest.fixture
def y(rng: np.random.Generator, X: np.ndarray) -> np.ndarray:
    return (rng.random(300) < 1 / (1 + np.exp(1 - X[:, 0]))).astype(int)


def by_hand(model: LogisticRiskModel, X: np.ndarray, covariance: np.ndarray, quantile: float) -> np.ndarray:
    """z'b -+ quantile sqrt(z'Vz), brought to the scale of risks."""
    Z = np.column_stack([np.ones(len(X)), X])
    eta = Z @ model.params.to_numpy()
    half = quantile * np.sqrt(np.array([z @ covariance @ z for z in Z]))
    return 1 / (1 + np.exp(-np.column_stack([eta - half, eta + half])))


@pytest.mark.parametrize("kind", ["model", "robust"])
def test_interval_uses_the_covariance_that_is_asked_for(X: np.ndarray, y: np.ndarray, kind: Any) -> None:
    model = LogisticRiskModel().fit(X, y)
    other = sm.Logit(y, sm.add_constant(X)).fit(cov_type="nonrobust" if kind == "model" else "HC0", **NEWTON)
    wanted = by_hand(model, X, other.cov_params(), norm.ppf(0.975))
    np.testing.assert_allclose(model.risk_interval(X, kind=kind), wanted, rtol=1e-8)
    if kind == "model":
        np.testing.assert_array_equal(model.risk_interval(X), model.risk_interval(X, kind="model"))


@pytest.mark.parametrize("n_groups", [12, 60])
def test_groups_give_cluster_intervals_with_t_where_they_are_few(X: np.ndarray, y: np.ndarray, n_groups: int) -> None:
    groups = np.arange(300) % n_groups
    model = LogisticRiskModel().fit(X, y, groups=groups)
    quantile = t.ppf(0.95, n_groups - 1) if n_groups < 40 else norm.ppf(0.95)
    wanted = by_hand(model, X, model.cov_params("cluster").to_numpy(), quantile)
    np.testing.assert_allclose(model.risk_interval(X, 0.9), wanted, rtol=1e-9)


def test_importance_weights_switch_to_robust_intervals(rng: np.random.Generator, X: np.ndarray, y: np.ndarray) -> None:
    weight = rng.uniform(0.2, 5, size=300)
    model = LogisticRiskModel(weight_kind="importance").fit(X, y, weight)
    np.testing.assert_array_equal(model.risk_interval(X), model.risk_interval(X, kind="robust"))
    wanted = by_hand(model, X, model.cov_params("robust").to_numpy(), norm.ppf(0.975))
    np.testing.assert_allclose(model.risk_interval(X), wanted, rtol=1e-9)


@pytest.mark.parametrize("penalty", ["firth", "flic", "flac"])
def test_penalised_fits_have_intervals_around_their_own_risks(X: np.ndarray, y: np.ndarray, penalty: Any) -> None:
    model = LogisticRiskModel(penalty=penalty).fit(X, y)
    wanted = by_hand(model, X, model.cov_params("model").to_numpy(), norm.ppf(0.975))
    np.testing.assert_allclose(model.risk_interval(X), wanted, rtol=1e-9)


@pytest.mark.parametrize("kind", ["model", "robust", "cluster"])
def test_intervals_of_many_classes_are_the_delta_method_at_numerical_slopes(
    rng: np.random.Generator, X: np.ndarray, kind: Any
) -> None:
    y = (X @ rng.normal(size=(2, 3)) + rng.gumbel(size=(300, 3))).argmax(axis=1)
    model = LogisticRiskModel().fit(X, y, groups=np.arange(300) % 50)
    Z, coef = np.column_stack([np.ones(300), X]), model.fit_result_.coef

    def logit(flat: np.ndarray) -> np.ndarray:
        odds = np.exp(np.column_stack([np.zeros(300), Z @ flat.reshape(2, 3).T]))
        return np.log(odds[:, 1] / (odds[:, 0] + odds[:, 2]))

    steps = 1e-5 * np.eye(6)
    slopes = np.column_stack([(logit(coef.ravel() + h) - logit(coef.ravel() - h)) / 2e-5 for h in steps])
    half = norm.ppf(0.975) * np.sqrt(np.einsum("ij,jk,ik->i", slopes, model.cov_params(kind).to_numpy(), slopes))
    centre = logit(coef.ravel())
    wanted = 1 / (1 + np.exp(-np.column_stack([centre - half, centre + half])))
    np.testing.assert_allclose(model.risk_interval(X, event=1, kind=kind), wanted, rtol=1e-6)


def test_unknown_and_absent_covariances_are_refused(X: np.ndarray, y: np.ndarray) -> None:
    model = LogisticRiskModel().fit(X, y)
    with pytest.raises(InputError, match="kind must be one of 'model', 'robust', 'cluster'; got 'HC9'"):
        model.risk_interval(X, kind="HC9")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="Fit with groups="):
        model.risk_interval(X, kind="cluster")
