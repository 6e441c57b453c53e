"""Multinomial logistic regression against statsmodels' MNLogit and scikit-learn, on real and simulated data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression

from riskdec import LogisticRiskModel

# The step that is below the tolerance squares the error of the one before it.
NEWTON = {"disp": 0, "method": "newton", "tol": 1e-10, "maxiter": 200}


def anes96() -> tuple[pd.DataFrame, np.ndarray]:
    """Party identification, seven classes, of the American National Election Study 1996."""
    data = sm.datasets.anes96.load_pandas()
    return data.exog, data.endog.to_numpy().astype(int)


def fair() -> tuple[pd.DataFrame, np.ndarray]:
    """Fair's survey: no affair, little time in affairs, or much of it."""
    data = sm.datasets.fair.load_pandas().data
    level = np.digitize(data["affairs"], [1e-9, 1.0])
    return data.drop(columns="affairs"), np.array(["none", "some", "often"])[level]


def simulated() -> tuple[pd.DataFrame, np.ndarray]:
    """Four classes by Gumbel's maxima, labels that are numbers apart."""
    rng = np.random.default_rng(7)
    X = pd.DataFrame(rng.normal(size=(3000, 4)), columns=list("abcd"))
    eta = X.to_numpy() @ rng.normal(size=(4, 4)) + [0, 1, -1, 0.5]
    return X, np.array([-2, 0, 7, 50])[(eta - np.log(-np.log(rng.random((3000, 4))))).argmax(axis=1)]


DATA = {"anes96": anes96, "fair": fair, "simulated": simulated}


def mnlogit(X: pd.DataFrame, y: np.ndarray, **more: Any) -> Any:
    codes = np.unique(y, return_inverse=True)[1]
    return sm.MNLogit(codes, sm.add_constant(X)).fit(**NEWTON, **more)


def errors_of(result: Any) -> np.ndarray:
    return np.sqrt(np.diag(result.cov_params()))


@pytest.mark.parametrize("name", DATA)
def test_maximum_likelihood_equals_mnlogit(name: str) -> None:
    X, y = DATA[name]()
    model, other = LogisticRiskModel().fit(X, y), mnlogit(X, y)
    np.testing.assert_allclose(model.params, other.params, rtol=1e-9)
    np.testing.assert_allclose(model.bse, other.bse, rtol=1e-9)
    size = errors_of(other)
    np.testing.assert_allclose(
        model.cov_params() / np.outer(size, size), other.cov_params() / np.outer(size, size), atol=1e-9
    )
    np.testing.assert_allclose(model.conf_int(), other.conf_int(), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(model.conf_int(0.9), other.conf_int(0.1), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(model.fit_result_.p_values().T, other.pvalues, rtol=1e-6, atol=1e-300)
    assert model.fit_result_.log_likelihood == pytest.approx(other.llf, rel=1e-12)
    assert model.fit_result_.null_log_likelihood == pytest.approx(other.llnull, rel=1e-7)
    np.testing.assert_allclose(model.predict_proba(X), other.predict(), rtol=1e-9)


@pytest.mark.parametrize("name", DATA)
def test_frames_have_the_form_of_mnlogit(name: str) -> None:
    X, y = DATA[name]()
    model, other = LogisticRiskModel().fit(X, y), mnlogit(X, y)
    assert model.params.shape == other.params.shape
    assert list(model.params.index) == ["Intercept", *other.params.index[1:]]
    assert list(model.params.columns) == model.classes_.tolist()[1:]
    # (outcome, term) with the terms running fastest, as there.
    terms = ["const" if term == "Intercept" else term for term in model.cov_params().index.get_level_values(1)]
    assert terms == list(other.cov_params().index.get_level_values(1))
    assert terms == list(other.conf_int().index.get_level_values(1))


@pytest.mark.parametrize("name", DATA)
def test_robust_and_cluster_covariance_equal_mnlogit(name: str) -> None:
    X, y = DATA[name]()
    groups = np.arange(len(y)) // 3
    model = LogisticRiskModel().fit(X, y, groups=groups)
    robust = mnlogit(X, y, cov_type="HC0")
    np.testing.assert_allclose(model.fit_result_.standard_errors("robust").ravel(), errors_of(robust), rtol=1e-9)
    cluster = mnlogit(X, y, cov_type="cluster", cov_kwds={"groups": groups})
    np.testing.assert_allclose(model.bse.to_numpy().T.ravel(), errors_of(cluster), rtol=1e-9)


def test_no_intercept_equals_mnlogit_without_constant() -> None:
    X, y = simulated()
    model = LogisticRiskModel(fit_intercept=False).fit(X, y)
    other = sm.MNLogit(np.unique(y, return_inverse=True)[1], X).fit(**NEWTON)
    np.testing.assert_allclose(model.params, other.params, rtol=1e-9)
    np.testing.assert_allclose(model.bse, other.bse, rtol=1e-9)


def test_counted_rows_equal_repeated_rows_of_mnlogit() -> None:
    X, y = anes96()
    counts = np.random.default_rng(1).integers(0, 4, len(y))
    again = np.repeat(np.arange(len(y)), counts)
    model, other = LogisticRiskModel().fit(X, y, sample_weight=counts), mnlogit(X.iloc[again], y[again])
    np.testing.assert_allclose(model.params, other.params, rtol=1e-9)
    np.testing.assert_allclose(model.bse, other.bse, rtol=1e-9)


@pytest.mark.parametrize("name", DATA)
def test_probabilities_equal_scikit_learn_without_penalty(name: str) -> None:
    X, y = DATA[name]()
    Z = (X - X.mean()) / X.std()
    other = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000, solver="newton-cholesky").fit(Z, y)
    model = LogisticRiskModel().fit(X, y)
    np.testing.assert_array_equal(model.classes_, other.classes_)
    np.testing.assert_allclose(model.predict_proba(X), other.predict_proba(Z), atol=1e-8)
    np.testing.assert_array_equal(model.predict(X), other.predict(Z))


def test_balanced_weights_equal_scikit_learn() -> None:
    X, y = fair()
    Z = (X - X.mean()) / X.std()
    other = LogisticRegression(
        C=np.inf, tol=1e-12, max_iter=10_000, solver="newton-cholesky", class_weight="balanced"
    ).fit(Z, y)
    for scheme in ("balanced", "natural"):
        model = LogisticRiskModel(class_weight=scheme).fit(X, y)  # type: ignore[arg-type]
        np.testing.assert_allclose(model.predict_proba(X), other.predict_proba(Z), atol=1e-8)
