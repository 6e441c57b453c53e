"""AIC, BIC and TIC against statsmodels and their laws, and the fits that have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.inference import aic, bic, tic
from riskdec.models.inference.information_criteria import effective_parameters

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows


def test_criteria_are_those_of_statsmodels(rows: Rows) -> None:
    fit, _ = rows.fit()
    other = sm.Logit(rows.y, sm.add_constant(rows.X)).fit(disp=0, tol=1e-14)
    assert aic(fit) == pytest.approx(other.aic, rel=1e-12)
    assert bic(fit) == pytest.approx(other.bic, rel=1e-12)
    # A: minus the Hessian; B: the sum of the outer products of the scores.
    scores = other.model.score_obs(other.params)
    penalty = np.trace(np.linalg.solve(-other.model.hessian(other.params), scores.T @ scores))
    assert effective_parameters(fit) == pytest.approx(penalty, rel=1e-7)
    assert tic(fit) == pytest.approx(-2 * other.llf + 2 * penalty, rel=1e-10)


def test_right_model_has_as_many_effective_parameters_as_coefficients(rng: np.random.Generator) -> None:
    X = rng.normal(size=(50_000, 4))
    y = rng.random(50_000) < 1 / (1 + np.exp(1 - X[:, 0]))
    assert effective_parameters(LogisticRiskModel().fit(X, y).fit_result_) == pytest.approx(5, rel=0.05)


def test_counts_equal_repeated_rows(rows: Rows, rng: np.random.Generator) -> None:
    counts = rng.integers(1, 4, 400)
    one = LogisticRiskModel().fit(rows.X, rows.y, counts).fit_result_
    other = (
        LogisticRiskModel().fit(rows.X.loc[np.repeat(np.arange(400), counts)], np.repeat(rows.y, counts)).fit_result_
    )
    for criterion in (aic, bic, tic):
        assert criterion(one) == pytest.approx(criterion(other), rel=1e-9)


def test_tic_of_class_weights_does_not_depend_on_their_scale(rows: Rows) -> None:
    one, other = (rows.fit(class_weight={0: a, 1: 3 * a})[0] for a in (1, 50))
    assert tic(one) == pytest.approx(tic(other), rel=1e-10)
    assert tic(one) == pytest.approx(-2 * one.log_likelihood + 2 * effective_parameters(one))


@pytest.mark.filterwarnings("ignore::riskdec.errors.CollinearityWarning")
def test_aliased_columns_cost_nothing(rows: Rows) -> None:
    fit, _ = rows.fit()
    twice, _ = rows._replace(X=rows.X.assign(months=12 * rows.X["age"])).fit()
    for criterion in (aic, bic, tic):
        assert criterion(twice) == pytest.approx(criterion(fit), rel=1e-9)


def test_fits_without_criteria_are_refused(rows: Rows) -> None:
    weighted, grouped, firth = (
        rows.fit(**options)[0]
        for options in ({"class_weight": "natural"}, {"groups": np.arange(400) % 50}, {"penalty": "firth"})
    )
    rule = "^the fit must weigh independent rows by counts, or not at all, for "
    with pytest.raises(InputError, match=rule + r"AIC; got class weights .*\. Use tic, which allows for it"):
        aic(weighted)
    with pytest.raises(InputError, match=rule + r"BIC; got 50 groups of dependent rows\."):
        bic(grouped)
    assert np.isfinite(tic(grouped))
    for criterion, name in ((aic, "AIC"), (bic, "BIC"), (tic, "TIC")):
        message = f"^the fit must be a maximum of the likelihood for {name}; got estimates by firth. Compare penalised"
        with pytest.raises(InputError, match=message):
            criterion(firth)
