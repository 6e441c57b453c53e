"""Weighted and undone risks on held-out rows of real data against R's glm and rms.

The references were made with R 4.2.2 (rms 6.5.0, pROC 1.18.0)::

    plain <- glm(formula, binomial, train, control = glm.control(epsilon = 1e-14, maxit = 100))
    w <- sum(train$y == 0) / sum(train$y == 1)
    fit <- glm(formula, binomial, train, weights = ifelse(y == 1, w, 1), control = ...)
    p <- predict(fit, test, type = "response")                    # natural_weighted
    p <- plogis(predict(fit, test) - log(w))                      # natural_weighted_then_offset_corrected
    coef(glm(y ~ offset(qlogis(p)), binomial))                    # citl, its standard error from vcov
    coef(glm(y ~ qlogis(p), binomial))                            # intercept, slope
    val.prob(p, y)                                                # Brier, C (ROC), Eavg of its lowess
    reliability(reliabilitydiag(p, y))                            # miscalibration (CORP)
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from riskdec import LogisticRiskModel, compare_weighting

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec import WeightingComparison
    from riskdec.weighting import WeightingRow

NAMES = ["german_credit", "pima_mass", "birthwt", "hmda_boston", "bank_marketing"]
# glm stops at a deviance that is right to 1e-14; standard errors come from the step before the last.
RTOL, SE_RTOL = 1e-6, 1e-5
PLACES = {
    "none": "plain",
    "natural": "natural_weighted",
    "natural, undone": "natural_weighted_then_offset_corrected",
}


class Study(NamedTuple):
    """A comparison, and R's answers for its rows."""

    comparison: WeightingComparison
    r: dict[str, Any]

    def row(self, name: str) -> WeightingRow:
        return next(row for row in self.comparison.rows if row.name == name)


@pytest.fixture(scope="module", params=NAMES)
def study(request: pytest.FixtureRequest, shared_data: Path, shared_reference: Path) -> Study:
    r = json.loads((shared_reference / f"{request.param}.json").read_text(encoding="utf-8"))
    rows = pd.read_csv(shared_data / r["data_file"])
    if request.param == "german_credit":
        rows["credit_amount"] /= 1000
    columns = {}
    for term in (part.strip() for part in r["formula"].partition("~")[2].split("+")):
        levels = r["factor_levels"].get(term)
        if levels is None:
            columns[term] = rows[term].to_numpy(dtype=float)
        for level in (levels or [])[1:]:
            columns[f"{term}{level}"] = (rows[term].astype(str) == level).to_numpy(dtype=float)
    X, y = pd.DataFrame(columns), rows[r["outcome"]].to_numpy()
    train, test = (r["split"][f"{part}_rows_zero_based"] for part in ("train", "test"))
    comparison = compare_weighting(
        LogisticRiskModel(), X.iloc[train], y[train], X_test=X.iloc[test], y_test=y[test], rng=0
    )
    return Study(comparison, r["holdout"])


@pytest.mark.parametrize(("name", "place"), PLACES.items())
def test_calibration_of_each_row_agrees_with_glm(study: Study, name: str, place: str) -> None:
    row, r = study.row(name), study.r[place]["recalibration"]
    assert row.mean_risk == pytest.approx(r["mean_pred"], rel=RTOL)
    assert row.observed_rate == pytest.approx(r["mean_obs"], rel=1e-12)
    z = norm.ppf(0.975)
    for found, field in ((row.citl, "citl"), (row.intercept, "intercept"), (row.slope, "slope")):
        assert found.estimate == pytest.approx(r[field], rel=RTOL, abs=1e-7)
        assert found.high - found.low == pytest.approx(2 * z * r[f"{field}_se"], rel=SE_RTOL)


@pytest.mark.parametrize(("name", "place"), PLACES.items())
def test_scores_of_each_row_agree_with_val_prob_and_corp(study: Study, name: str, place: str) -> None:
    row, r = study.row(name), study.r[place]
    assert row.brier == pytest.approx(r["val_prob"]["Brier"], rel=RTOL)
    assert row.log_score == pytest.approx(r["log_loss"], rel=RTOL)
    assert row.miscalibration == pytest.approx(r["corp"]["miscalibration"], rel=RTOL, abs=1e-9)
    # rms ranks the risks in bins of width 0.002; pROC, at hand for the plain fit, ranks the risks themselves.
    assert row.auc == pytest.approx(r["val_prob"]["C (ROC)"], abs=1e-3)
    assert row.ici == pytest.approx(r["val_prob"]["Eavg"], rel=1e-3)


def test_auc_without_weights_agrees_with_proc(study: Study) -> None:
    assert study.row("none").auc == pytest.approx(study.r["plain"]["roc"]["auc"], rel=1e-12)


def test_undoing_leaves_ranks_alone(study: Study) -> None:
    assert study.row("natural, undone").auc == pytest.approx(study.row("natural").auc, rel=1e-12)


def test_coefficients_agree_with_weighted_glm(study: Study) -> None:
    shifts = study.comparison.coefficients
    found = [shift.weighted for shift in shifts]
    np.testing.assert_allclose(found, study.r["natural_weighted"]["train_coef"], rtol=RTOL)
    np.testing.assert_allclose([s.unweighted for s in shifts], study.r["train_coef"], rtol=RTOL)
    assert study.row("natural").weight_ratio == pytest.approx(study.r["natural_weighted"]["natural_weight"], rel=1e-12)
