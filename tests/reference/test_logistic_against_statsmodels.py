"""Logistic regression against statsmodels' Logit and GLM: every kind of weight, offset and covariance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.tools.sm_exceptions import SpecificationWarning

from riskdec import LogisticRiskModel

if TYPE_CHECKING:
    import pandas as pd

NEWTON = {"disp": 0, "method": "newton", "tol": 1e-14, "maxiter": 100}
IRLS = {"tol": 1e-14, "tol_criterion": "params"}
BINOMIAL = sm.families.Binomial()


class Rows(NamedTuple):
    """Person-years of the RAND Health Insurance Experiment."""

    X: pd.DataFrame
    y: np.ndarray
    design: pd.DataFrame
    person: np.ndarray


@pytest.fixture(scope="module")
def rows() -> Rows:
    data = sm.datasets.randhie.load_pandas().data
    X = data.drop(columns="mdvis")
    # People are runs of rows with equal characteristics.
    traits = X[["idp", "physlm", "disea", "hlthg", "hlthf", "hlthp"]].to_numpy()
    person = np.r_[0, (traits[1:] != traits[:-1]).any(axis=1).cumsum()]
    return Rows(X, (data["mdvis"] >= 10).to_numpy().astype(int), sm.add_constant(X), person)


@pytest.fixture(scope="module")
def counts(rows: Rows) -> np.ndarray:
    return np.random.default_rng(1).integers(1, 5, len(rows.y))


def assert_same(model: LogisticRiskModel, other: Any) -> None:
    np.testing.assert_allclose(model.params, other.params, rtol=1e-9)
    np.testing.assert_allclose(model.bse, other.bse, rtol=1e-9)
    size = np.sqrt(np.diag(other.cov_params()))
    found, wanted = model.cov_params() / np.outer(size, size), other.cov_params() / np.outer(size, size)
    np.testing.assert_allclose(found, wanted, atol=1e-9)


def test_maximum_likelihood_equals_logit_on_all_covariates(rows: Rows) -> None:
    model = LogisticRiskModel().fit(rows.X, rows.y)
    other = sm.Logit(rows.y, rows.design).fit(**NEWTON)
    assert_same(model, other)
    assert model.fit_result_.log_likelihood == pytest.approx(other.llf, rel=1e-12)
    assert model.fit_result_.null_log_likelihood == pytest.approx(other.llnull, rel=1e-7)
    np.testing.assert_allclose(model.conf_int(), other.conf_int(), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(model.conf_int(0.9), other.conf_int(0.1), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(model.fit_result_.p_values(), other.pvalues, rtol=1e-6, atol=1e-300)
    np.testing.assert_allclose(model.predict_risk(rows.X), other.predict(), rtol=1e-9)


def test_maximum_likelihood_equals_glm(rows: Rows) -> None:
    assert_same(LogisticRiskModel().fit(rows.X, rows.y), sm.GLM(rows.y, rows.design, BINOMIAL).fit(**IRLS))


def test_robust_covariance_equals_hc0(rows: Rows) -> None:
    model = LogisticRiskModel().fit(rows.X, rows.y)
    other = sm.Logit(rows.y, rows.design).fit(cov_type="HC0", **NEWTON)
    np.testing.assert_allclose(model.fit_result_.standard_errors("robust"), other.bse, rtol=1e-9)
    np.testing.assert_allclose(model.conf_int(kind="robust"), other.conf_int(), rtol=1e-7, atol=1e-9)


def test_cluster_covariance_equals_statsmodels(rows: Rows) -> None:
    model = LogisticRiskModel().fit(rows.X, rows.y, groups=rows.person)
    other = sm.Logit(rows.y, rows.design).fit(cov_type="cluster", cov_kwds={"groups": rows.person}, **NEWTON)
    assert_same(model, other)
    plain = LogisticRiskModel().fit(rows.X, rows.y)
    assert (model.bse / plain.bse).iloc[1:].between(1.3, 1.7).all()


def test_frequency_weights_and_offset_equal_glm(rows: Rows, counts: np.ndarray) -> None:
    offset = np.random.default_rng(2).normal(size=len(rows.y)) / 3
    model = LogisticRiskModel().fit(rows.X, rows.y, sample_weight=counts, offset=offset)
    other = sm.GLM(rows.y, rows.design, BINOMIAL, freq_weights=counts, offset=offset).fit(**IRLS)
    assert_same(model, other)
    assert model.fit_result_.log_likelihood == pytest.approx(other.llf, rel=1e-12)


def test_robust_covariance_of_counts_equals_that_of_repeated_rows(rows: Rows, counts: np.ndarray) -> None:
    model = LogisticRiskModel().fit(rows.X, rows.y, sample_weight=counts, groups=rows.person)
    again = np.repeat(np.arange(len(rows.y)), counts)
    logit = sm.Logit(rows.y[again], rows.design.iloc[again])
    robust = logit.fit(cov_type="HC0", **NEWTON)
    np.testing.assert_allclose(model.fit_result_.standard_errors("robust"), robust.bse, rtol=1e-9)
    assert_same(model, logit.fit(cov_type="cluster", cov_kwds={"groups": rows.person[again]}, **NEWTON))


def test_importance_weights_equal_glm_with_variance_weights_and_hc0(rows: Rows) -> None:
    # Of statsmodels' two kinds, var_weights enter the sandwich squared; freq_weights would count rows.
    weight = np.random.default_rng(3).uniform(0.2, 3, len(rows.y))
    model = LogisticRiskModel(weight_kind="importance").fit(rows.X, rows.y, sample_weight=weight)
    assert_same(model, sm.GLM(rows.y, rows.design, BINOMIAL, var_weights=weight).fit(cov_type="HC0", **IRLS))


def test_natural_weights_equal_glm_with_variance_weights_and_hc0(rows: Rows) -> None:
    ratio = (rows.y == 0).sum() / (rows.y == 1).sum()
    model = LogisticRiskModel(class_weight="natural").fit(rows.X, rows.y)
    weight = np.where(rows.y == 1, ratio, 1.0)
    assert_same(model, sm.GLM(rows.y, rows.design, BINOMIAL, var_weights=weight).fit(cov_type="HC0", **IRLS))


def test_clusters_and_importance_weights_equal_glm(rows: Rows) -> None:
    weight = np.random.default_rng(4).uniform(0.2, 3, len(rows.y))
    model = LogisticRiskModel(weight_kind="importance").fit(rows.X, rows.y, weight, groups=rows.person)
    glm = sm.GLM(rows.y, rows.design, BINOMIAL, var_weights=weight)
    with pytest.warns(SpecificationWarning):  # statsmodels is not sure of itself; its formula is the right one
        other = glm.fit(cov_type="cluster", cov_kwds={"groups": rows.person}, **IRLS)
    assert_same(model, other)


def test_few_clusters_use_the_t_distribution(rows: Rows) -> None:
    groups = np.arange(len(rows.y)) % 12
    model = LogisticRiskModel().fit(rows.X, rows.y, groups=groups)
    kwds = {"groups": groups, "df_correction": True}
    other = sm.Logit(rows.y, rows.design).fit(cov_type="cluster", cov_kwds=kwds, use_t=True, **NEWTON)
    assert_same(model, other)
    np.testing.assert_allclose(model.conf_int(), other.conf_int(), rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(model.fit_result_.p_values(), other.pvalues, rtol=1e-7)


def test_no_intercept_equals_logit_without_constant(rows: Rows) -> None:
    model = LogisticRiskModel(fit_intercept=False).fit(rows.X, rows.y)
    assert_same(model, sm.Logit(rows.y, rows.X).fit(**NEWTON))


@pytest.mark.parametrize("seed", range(5))
def test_badly_scaled_columns_equal_logit_on_standardised_ones(seed: int) -> None:
    # statsmodels itself fails in these units, so it is asked in others and its answer is converted.
    rng = np.random.default_rng(seed)
    Z = rng.normal(size=(600, 5))
    y = (rng.random(600) < 1 / (1 + np.exp(1.5 - Z[:, 0] + 0.5 * Z[:, 3]))).astype(int)
    scale, centre = 10.0 ** rng.integers(-10, 11, size=5), rng.normal(size=5) * 100
    other = sm.Logit(y, sm.add_constant(Z)).fit(**NEWTON)
    model = LogisticRiskModel().fit((Z + centre) * scale, y)
    T = np.eye(6)
    T[1:, 1:] = np.diag(1 / scale)
    T[0, 1:] = -centre
    covariance = T @ other.cov_params() @ T.T
    np.testing.assert_allclose(model.params, T @ other.params, rtol=1e-9)
    np.testing.assert_allclose(model.bse, np.sqrt(np.diag(covariance)), rtol=1e-9)
