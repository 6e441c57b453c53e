"""Robust standard errors of a fit: HC0 is the model's own, HC3 the careful one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.inference import open_fitted_rows, robust_errors

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows


@pytest.mark.parametrize("options", [{}, {"class_weight": "natural"}, {"penalty": "flic"}, {"fit_intercept": False}])
def test_hc0_is_the_robust_covariance_of_the_fit(rows: Rows, options: dict[str, object]) -> None:
    fit, given = rows.fit(**options)
    found = robust_errors(fit, given, kind="HC0")
    np.testing.assert_allclose(found.covariance, fit.robust_covariance, rtol=1e-6, atol=1e-10)
    limits = fit.intervals(kind="robust")
    np.testing.assert_allclose(np.c_[found.low, found.high], limits, rtol=1e-6)
    np.testing.assert_allclose(found.p_value, fit.p_values("robust"), rtol=1e-5)


@pytest.mark.parametrize("kind", ["HC1", "HC3"])
@pytest.mark.parametrize("class_weight", [None, {0: 1, 1: 4}])
def test_covariance_is_that_of_least_squares_on_the_working_response(
    rows: Rows, kind: str, class_weight: dict[int, float] | None
) -> None:
    # The weighted fit is least squares with weights w p (1 - p) on its working response: HC of statsmodels' WLS.
    fit, given = rows.fit(class_weight=class_weight)
    eta = given.linear_predictors(fit.coef)[:, 0]
    risk = 1 / (1 + np.exp(-eta))
    weight = 1.0 if given.weights.single is None else given.weights.single
    working = eta + (rows.y - risk) / (risk * (1 - risk))
    other = sm.WLS(working, sm.add_constant(given.X), weights=weight * risk * (1 - risk)).fit()
    found = robust_errors(fit, given, kind=kind)
    np.testing.assert_allclose(found.std_err, getattr(other, f"{kind}_se"), rtol=1e-7)


def test_few_events_of_weighted_fits_need_hc3(rng: np.random.Generator) -> None:
    # Size of the robust Wald test of a column without effect, natural weights, about 35 events in 700 rows; 400
    # repetitions, Monte Carlo error 0.011. HC0 rejects too often, HC3 hardly.
    rejected = {"HC0": 0, "HC3": 0}
    for _ in range(400):
        X = rng.normal(size=(700, 2))
        y = rng.random(700) < 1 / (1 + np.exp(3.4 - X[:, 0]))
        model = LogisticRiskModel(class_weight="natural").fit(X, y)
        given = open_fitted_rows(model, X, y)
        for kind in rejected:
            rejected[kind] += robust_errors(model.fit_result_, given, kind=kind).p_value[2] < 0.05
    assert rejected["HC3"] < rejected["HC0"]
    assert rejected["HC3"] / 400 == pytest.approx(0.05, abs=0.035)


@pytest.mark.parametrize("options", [{}, {"class_weight": {0: 1, 1: 2, 2: 3}}])
def test_hc3_of_many_outcomes_is_made_of_steps_without_each_row(
    rows: Rows, rng: np.random.Generator, options: dict[str, object]
) -> None:
    # One Newton step from the estimate without row i moves it by -(I - z V z')^-1 z r: the jackknife of one step.
    X, labels = rows.X.to_numpy()[:80, [0, 3]], rng.integers(0, 3, 80)
    model = LogisticRiskModel(**options).fit(X, labels)
    Z, proba = np.column_stack([np.ones(80), X]), model.predict_proba(X)[:, 1:]
    weight = np.array(model.fit_result_.by_class or (1.0, 1.0, 1.0))[labels]
    designs = [np.kron(np.eye(2), z) for z in Z]
    information = [w * D.T @ (np.diag(p) - np.outer(p, p)) @ D for D, p, w in zip(designs, proba, weight, strict=True)]
    residual = (labels[:, None] == [1, 2]) - proba
    total, wanted = sum(information), np.zeros((6, 6))
    for D, r, w, own in zip(designs, residual, weight, information, strict=True):
        step = np.linalg.solve(total - own, w * D.T @ r)
        wanted += np.outer(step, step)
    found = robust_errors(model.fit_result_, open_fitted_rows(model, X, labels), kind="HC3")
    size = np.sqrt(np.diag(wanted))
    np.testing.assert_allclose(found.covariance / np.outer(size, size), wanted / np.outer(size, size), atol=1e-8)
    assert found.terms == tuple(model.fit_result_.coefficient_names)


def test_many_outcomes_have_hc0_and_hc1_of_the_fit(rows: Rows, rng: np.random.Generator) -> None:
    labels = rng.integers(0, 3, 400)
    model = LogisticRiskModel().fit(rows.X, labels)
    given = open_fitted_rows(model, rows.X, labels)
    hc0, hc1 = (robust_errors(model.fit_result_, given, kind=kind) for kind in ("HC0", "HC1"))
    np.testing.assert_allclose(hc0.covariance, model.fit_result_.robust_covariance, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(hc1.covariance, 400 / 390 * hc0.covariance, rtol=1e-12)
    np.testing.assert_allclose(hc0.p_value, model.fit_result_.p_values("robust").ravel(), rtol=1e-5)


def test_unknown_kinds_are_refused(rows: Rows) -> None:
    with pytest.raises(InputError, match="^kind must be one of 'HC0', 'HC1', 'HC3'; got 'HC2'"):
        robust_errors(*rows.fit(), kind="HC2")


def test_answer_is_told_in_every_form(rows: Rows) -> None:
    found = robust_errors(*rows.fit(), confidence_level=0.9)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["kind"] == "HC3"
    assert list(found.frame()["term"]) == ["Intercept", *rows.X.columns]
    assert repr(found) == "<RobustErrors: HC3 errors of 5 coefficients, n=400>"
    assert "90 % low" in str(found.summary())
