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


def test_more_outcomes_are_refused(rows: Rows, rng: np.random.Generator) -> None:
    labels = rng.integers(0, 3, 400)
    model = LogisticRiskModel().fit(rows.X, labels)
    given = open_fitted_rows(model, rows.X, labels)
    with pytest.raises(InputError, match=r"^the fit must have two outcomes; got 3\. With more, cov_params"):
        robust_errors(model.fit_result_, given)
    with pytest.raises(InputError, match="^kind must be one of 'HC0', 'HC1', 'HC3'; got 'HC2'"):
        robust_errors(*rows.fit(), kind="HC2")


def test_answer_is_told_in_every_form(rows: Rows) -> None:
    found = robust_errors(*rows.fit(), confidence_level=0.9)
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["kind"] == "HC3"
    assert list(found.frame()["term"]) == ["Intercept", *rows.X.columns]
    assert repr(found) == "<RobustErrors: HC3 errors of 5 coefficients, n=400>"
    assert "90 % low" in str(found.summary())
