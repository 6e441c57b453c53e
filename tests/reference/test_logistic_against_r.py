"""Logistic regression on real data against R's glm, sandwich and brglm2.

The references were made with R 4.2.2 (sandwich 3.0.2, brglm2 0.9)::

    fit <- glm(formula, binomial, data, control = glm.control(epsilon = 1e-14, maxit = 100))
    coef(fit); sqrt(diag(vcov(fit))); logLik(fit); sqrt(diag(vcovHC(fit, type = "HC0")))
    glm(formula, binomial, data, weights = ifelse(y == 1, n0 / n1, 1)); vcovHC(., type = "HC0")
    glm(formula, binomial, data, method = "brglmFit", type = "AS_mean")
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from riskdec import LogisticRiskModel

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ["german_credit", "pima_mass", "birthwt", "hmda_boston", "bank_marketing"]
# R takes its standard errors from the step before the last: its digits stop at 3e-7. statsmodels gives the others.
R_ERRORS = 1e-6


class Study(NamedTuple):
    """Rows coded as R codes them, and R's answers."""

    name: str
    X: pd.DataFrame
    y: np.ndarray
    r: dict[str, Any]

    def glm(self, field: str, place: str = "glm") -> np.ndarray:
        return np.array(self.r[place][field], dtype=float)


@pytest.fixture
def study(request: pytest.FixtureRequest, shared_data: Path, shared_reference: Path) -> Study:
    name = request.param
    r = json.loads((shared_reference / f"{name}.json").read_text(encoding="utf-8"))
    rows = pd.read_csv(shared_data / r["data_file"]).drop(index=r["rows_excluded_zero_based"])
    if name == "german_credit":
        rows["credit_amount"] /= 1000
    columns = {}
    for term in r["formula"].partition("~")[2].split(" + "):
        levels = r["factor_levels"].get(term.strip())
        if levels is None:
            columns[term.strip()] = rows[term.strip()].to_numpy(dtype=float)
        for level in (levels or [])[1:]:
            columns[f"{term.strip()}{level}"] = (rows[term.strip()].astype(str) == level).to_numpy(dtype=float)
    X = pd.DataFrame(columns)
    assert ["(Intercept)", *X.columns] == r["glm"]["terms"]
    return Study(name, X, rows[r["outcome"]].to_numpy(), r)


everywhere = pytest.mark.parametrize("study", NAMES, indirect=True)


@everywhere
def test_maximum_likelihood_agrees_with_glm(study: Study) -> None:
    model = LogisticRiskModel().fit(study.X, study.y)
    np.testing.assert_allclose(model.params, study.glm("coef"), rtol=1e-9)
    np.testing.assert_allclose(model.bse, study.glm("se"), rtol=R_ERRORS)
    assert model.fit_result_.log_likelihood == pytest.approx(study.r["glm"]["loglik"], rel=1e-12)
    assert -2 * model.fit_result_.null_log_likelihood == pytest.approx(study.r["glm"]["null_deviance"], rel=1e-11)
    np.testing.assert_allclose(model.conf_int(), study.glm("wald_ci_95"), rtol=10 * R_ERRORS, atol=1e-9)
    np.testing.assert_allclose(model.predict_risk(study.X)[:10], study.r["fitted_first10"], rtol=1e-9)
    size = np.sqrt(np.diag(study.glm("vcov")))
    covariance = model.cov_params() / np.outer(size, size)
    np.testing.assert_allclose(covariance, study.glm("vcov") / np.outer(size, size), atol=10 * R_ERRORS)


@everywhere
def test_robust_errors_agree_with_sandwich(study: Study) -> None:
    model = LogisticRiskModel().fit(study.X, study.y)
    found = model.fit_result_.standard_errors("robust")
    np.testing.assert_allclose(found, study.glm("unweighted_se_hc0", "natural_weights"), rtol=R_ERRORS)


@everywhere
def test_natural_weights_agree_with_weighted_glm_and_its_sandwich(study: Study) -> None:
    model = LogisticRiskModel(class_weight="natural").fit(study.X, study.y)
    r = study.r["natural_weights"]
    np.testing.assert_allclose(model.params, study.glm("coef", "natural_weights"), rtol=1e-9)
    np.testing.assert_allclose(model.bse, study.glm("se_hc0", "natural_weights"), rtol=R_ERRORS)
    # R does not scale the weights; ours sum to the number of rows, which the model's own errors show.
    assert model.fit_result_.by_class is not None
    low, high = model.fit_result_.by_class
    assert high / low == pytest.approx(r["natural_weight"], rel=1e-13)
    naive = model.fit_result_.standard_errors("model") * np.sqrt(low)
    np.testing.assert_allclose(naive, study.glm("se_model", "natural_weights"), rtol=R_ERRORS)
    assert model.fit_result_.log_likelihood / low == pytest.approx(r["weighted_loglik"], rel=1e-11)


@everywhere
def test_whole_weights_agree_with_repeated_rows_in_r(study: Study) -> None:
    r = study.r["natural_weights"]["integer_weight"]
    model = LogisticRiskModel().fit(study.X, study.y, sample_weight=np.where(study.y == 1, r["weight"], 1))
    np.testing.assert_allclose(model.params, r["coef"], rtol=1e-9)
    np.testing.assert_allclose(model.bse, r["se_model"], rtol=R_ERRORS)
    # R's sandwich squares the weight, as for importance weights; class weights give the same estimates.
    weights = {0: 1, 1: r["weight"]}
    robust = LogisticRiskModel(class_weight=weights).fit(study.X, study.y)
    np.testing.assert_allclose(robust.bse, r["se_hc0"], rtol=R_ERRORS)


@pytest.mark.parametrize("study", NAMES[:4], indirect=True)
def test_firth_agrees_with_brglm2(study: Study) -> None:
    model = LogisticRiskModel(penalty="firth").fit(study.X, study.y)
    np.testing.assert_allclose(model.params, study.glm("firth_coef", "bias_reduced"), rtol=R_ERRORS)
    np.testing.assert_allclose(model.bse, study.glm("firth_se", "bias_reduced"), rtol=R_ERRORS)


@everywhere
def test_maximum_likelihood_agrees_with_statsmodels_where_r_is_short_of_digits(study: Study) -> None:
    model = LogisticRiskModel().fit(study.X, study.y)
    other = sm.Logit(study.y, sm.add_constant(study.X)).fit(disp=0, method="newton", tol=1e-14)
    np.testing.assert_allclose(model.params, other.params, rtol=1e-9)
    np.testing.assert_allclose(model.bse, other.bse, rtol=1e-9)


def test_spector_and_mazzeo_agree_with_the_textbook() -> None:
    # Greene, Econometric Analysis, 5th ed., table 21.1; in R: glm(GRADE ~ GPA + TUCE + PSI, binomial, spector)
    rows = sm.datasets.spector.load_pandas().data
    model = LogisticRiskModel().fit(rows[["GPA", "TUCE", "PSI"]], rows["GRADE"])
    np.testing.assert_array_equal(model.params.round(3), [-13.021, 2.826, 0.095, 2.379])
    np.testing.assert_array_equal(model.bse.round(3), [4.931, 1.263, 0.142, 1.065])
    assert round(model.fit_result_.log_likelihood, 3) == -12.890
    other = sm.Logit(rows["GRADE"], sm.add_constant(rows[["GPA", "TUCE", "PSI"]])).fit(disp=0, tol=1e-14)
    np.testing.assert_allclose(model.params, other.params, rtol=1e-9)
    np.testing.assert_allclose(model.bse, other.bse, rtol=1e-9)
