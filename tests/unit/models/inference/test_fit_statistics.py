"""Figures of a whole fit: arithmetic of a table, statsmodels, and what is withheld with the reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm

from riskdec import LogisticRiskModel
from riskdec.models.inference import fit_statistics

if TYPE_CHECKING:
    from tests.unit.models.inference.conftest import Rows


def test_likelihood_ratio_of_a_two_by_two_table_is_its_g_statistic() -> None:
    cells = np.array([[30.0, 20.0], [10.0, 40.0]])
    X = np.repeat([[1.0], [1.0], [0.0], [0.0]], cells.ravel().astype(int), axis=0)
    found = fit_statistics(LogisticRiskModel().fit(X, np.repeat([1, 0, 1, 0], [30, 20, 10, 40])).fit_result_)
    # G = 2 sum observed log(observed / expected).
    wanted = 2 * (cells * np.log(cells / np.outer(cells.sum(axis=1), cells.sum(axis=0)) * 100)).sum()
    assert found.lr_chi2 == pytest.approx(wanted, rel=1e-10)
    assert found.df == 1
    assert found.shrinkage == pytest.approx((wanted - 1) / wanted)
    assert found.events_per_parameter == 40
    null = 40 * np.log(0.4) + 60 * np.log(0.6)
    assert found.r2_mcfadden == pytest.approx(-wanted / 2 / null)
    assert found.r2_nagelkerke == pytest.approx((1 - np.exp(-wanted / 100)) / (1 - np.exp(2 * null / 100)))
    assert found.withheld == ""


def test_figures_are_those_of_statsmodels(rows: Rows) -> None:
    found = fit_statistics(rows.fit()[0])
    other = sm.Logit(rows.y, sm.add_constant(rows.X)).fit(disp=0, tol=1e-14)
    assert found.lr_chi2 == pytest.approx(other.llr, rel=1e-9)
    assert found.p_value == pytest.approx(other.llr_pvalue, rel=1e-8)
    assert found.r2_mcfadden == pytest.approx(other.prsquared, rel=1e-9)
    glm = sm.GLM(rows.y, sm.add_constant(rows.X), sm.families.Binomial()).fit(tol=1e-14)
    assert found.r2_cox_snell == pytest.approx(glm.pseudo_rsquared("cs"), rel=1e-8)


def test_shrinkage_is_about_the_slope_on_new_rows(rng: np.random.Generator) -> None:
    # van Houwelingen's heuristic: the slope of the linear predictor on new rows, on average over samples.
    shrinkage, slopes = [], []
    beta = np.r_[0.8, 0.5, np.zeros(8)]
    for _ in range(60):
        X = rng.normal(size=(200, 10))
        y = rng.random(200) < 1 / (1 + np.exp(-X @ beta))
        model = LogisticRiskModel().fit(X, y)
        shrinkage.append(fit_statistics(model.fit_result_).shrinkage)
        new = rng.normal(size=(4000, 10))
        outcome = rng.random(4000) < 1 / (1 + np.exp(-new @ beta))
        slopes.append(LogisticRiskModel().fit((new @ model.coef_[0])[:, None], outcome).coef_[0, 0])
    # Monte Carlo error of either mean about 0.015; the heuristic itself is approximate.
    assert np.mean(shrinkage) == pytest.approx(np.mean(slopes), abs=0.05)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"class_weight": "natural"}, "class weights "),
        ({"groups": np.arange(400) % 50}, "50 groups of dependent rows, so the likelihood is not one of independent"),
        ({"penalty": "flic"}, "estimates by flic, so the likelihood is not at its maximum"),
        ({"fit_intercept": False}, "fitted without an intercept, so a constant risk is not nested in the model"),
    ],
)
def test_figures_that_do_not_hold_are_withheld(rows: Rows, options: dict[str, object], reason: str) -> None:
    found = fit_statistics(rows.fit(**options)[0])
    assert found.withheld.startswith(reason)
    assert [found.lr_chi2, found.p_value, found.r2_nagelkerke, found.shrinkage] == [None] * 4
    assert (found.aic is None) == ("fit_intercept" not in options)
    assert (found.tic is None) == ("penalty" in options)
    text = str(found.summary())
    assert f"withheld: {reason}" in text
    assert "likelihood ratio" not in text


def test_offset_withholds_the_comparison_with_a_constant_risk(rows: Rows) -> None:
    fit = LogisticRiskModel().fit(rows.X, rows.y, offset=np.ones(400)).fit_result_
    assert fit_statistics(fit, has_offset=True).withheld.startswith("fitted with an offset")


def test_more_outcomes_count_all_coefficients(rows: Rows, rng: np.random.Generator) -> None:
    fit = LogisticRiskModel().fit(rows.X, rng.integers(0, 3, 400)).fit_result_
    found = fit_statistics(fit)
    assert found.df == 8
    assert found.events_per_parameter == min(fit.n_by_outcome) / 8


def test_answer_is_told_in_every_form(rows: Rows) -> None:
    found = fit_statistics(rows.fit(class_weight="natural")[0])
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["aic"] is None
    assert told["df"] == 4
    frame = found.frame().set_index("statistic")["value"]
    assert np.isnan(frame["aic"])
    assert frame["tic"] == found.tic
    assert repr(found) == "<FitStatistics: n=400, 4 parameters>"
