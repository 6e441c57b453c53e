"""Calibration figures against R: rms::val.prob, glm and lowess."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from scipy.stats import chi2, norm

from riskdec import calibration_slope, diagnose, spiegelhalter_test

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec._base.typing import BoolArray, FloatArray
    from riskdec.diagnostics import CalibrationReport

DATA_SETS = ("birthwt", "pima_mass", "german_credit", "hmda_boston", "bank_marketing")
RISKS = ("plain", "natural_weighted", "natural_weighted_then_offset_corrected")

# R 4.2.2, rms 6.5-0 on the rows below, written to a file from numpy:
#   coef(glm(y ~ 1, binomial, offset = qlogis(p)))        calibration in the large
#   v <- val.prob(p, y); v["Intercept"]; v["Slope"]       slope model
#   s <- lowess(p, y, iter = 0); e <- abs(approx(s, xout = p, ties = mean)$y - p)
#   mean(e); quantile(e, c(.5, .9)); max(e)               ICI, E50, E90, Emax
#   v["S:z"]; v["U:Chi-sq"]; v["Brier"]
GOLDEN = {
    "citl": 0.700964299057,
    "intercept": 0.537224008711,
    "slope": 0.823994569608,
    "ici": 0.125267509381,
    "e50": 0.126980801908,
    "e90": 0.139463131119,
    "emax": 0.14424271195,
    "spiegelhalter": 5.96171155572,
    "unreliability": 48.1912640389,
    "brier": 0.217407485507,
}
LOOSE = ("intercept", "slope")
FIRST_RISKS = (0.1312225, 0.22332027, 0.09824326)
FIRST_OUTCOMES = (0, 1, 0, 1, 0, 0, 0, 1)


@pytest.fixture(scope="module")
def golden_rows() -> tuple[BoolArray, FloatArray]:
    rng = np.random.default_rng(20240)
    risk = expit(rng.normal(-1, 1.2, 500))
    is_event = rng.random(500) < expit(0.3 + 0.7 * logit(risk))
    # The stream of a generator is no promise of numpy; these are the rows that R saw.
    assert risk[:3] == pytest.approx(FIRST_RISKS, abs=5e-9)
    assert is_event[:8].tolist() == list(FIRST_OUTCOMES)
    return is_event, risk


def figures(report: CalibrationReport) -> dict[str, float]:
    return {
        "citl": report.citl.estimate,
        "intercept": report.intercept.estimate,
        "slope": report.slope.estimate,
        "ici": report.ici.estimate,
        "e50": report.e50.estimate,
        "e90": report.e90.estimate,
        "emax": report.emax.estimate,
        "spiegelhalter": report.spiegelhalter.statistic,
        "unreliability": report.tests[2].statistic,
        "brier": report.brier,
    }


def test_figures_equal_rms_on_golden_rows(golden_rows: tuple[BoolArray, FloatArray]) -> None:
    ours = figures(diagnose(*golden_rows, n_resamples=1, rng=0))
    # The slope model inside val.prob stops early.
    assert {name: ours.pop(name) for name in LOOSE} == pytest.approx({name: GOLDEN[name] for name in LOOSE}, rel=5e-9)
    assert ours == pytest.approx({name: GOLDEN[name] for name in ours}, rel=1e-10)


def test_single_functions_equal_rms_on_golden_rows(golden_rows: tuple[BoolArray, FloatArray]) -> None:
    slope = calibration_slope(*golden_rows)
    assert slope.citl.estimate == pytest.approx(GOLDEN["citl"], rel=1e-10)
    assert slope.slope.estimate == pytest.approx(GOLDEN["slope"], rel=5e-9)
    test = spiegelhalter_test(*golden_rows)
    assert test.statistic == pytest.approx(GOLDEN["spiegelhalter"], rel=1e-10)


def design(rows: pd.DataFrame, reference: dict[str, Any]) -> FloatArray:
    """Build R's model matrix (treatment coding) from the names of its columns."""
    levels: dict[str, list[str]] = reference["factor_levels"] or {}
    columns = [np.ones(len(rows))]
    for term in reference["holdout"]["train_terms"][1:]:
        factor = next((name for name in levels if term.startswith(name) and term[len(name) :] in levels[name]), None)
        if factor is None:
            # Amounts of the credit data were divided by 1000 in the formula.
            scale = 1000 if term == "credit_amount" else 1
            columns.append(rows[term].to_numpy(float) / scale)
        else:
            columns.append((rows[factor].astype(str) == term[len(factor) :]).to_numpy(float))
    return np.column_stack(columns)


def held_out(name: str, risks: str, data: Path, reference: dict[str, Any]) -> tuple[BoolArray, FloatArray]:
    rows = pd.read_csv(data / f"{name}.csv.gz").iloc[reference["split"]["test_rows_zero_based"]]
    holdout = reference["holdout"]
    X = design(rows, reference)
    plain = X @ np.array(holdout["train_coef"])
    assert expit(plain[:10]) == pytest.approx(holdout["p_first10"], rel=1e-9)
    weighted = X @ np.array(holdout["natural_weighted"]["train_coef"])
    shift = np.log(holdout["natural_weighted"]["natural_weight"])
    linear = {RISKS[0]: plain, RISKS[1]: weighted, RISKS[2]: weighted - shift}[risks]
    return rows[reference["outcome"]].to_numpy() == 1, expit(linear)


@pytest.mark.parametrize("risks", RISKS)
@pytest.mark.parametrize("name", DATA_SETS)
def test_figures_equal_r_on_held_out_rows(name: str, risks: str, shared_data: Path, shared_reference: Path) -> None:
    reference = json.loads((shared_reference / f"{name}.json").read_text())
    there = reference["holdout"][risks]
    report = diagnose(*held_out(name, risks, shared_data, reference), n_resamples=1, rng=0)

    val_prob, glm, corp = there["val_prob"], there["recalibration"], there["corp"]
    # val.prob's own slope model stops at 1e-8, glm's at 1e-14.
    assert report.ici.estimate == pytest.approx(val_prob["Eavg"], rel=1e-9)
    assert report.e90.estimate == pytest.approx(val_prob["E90"], rel=1e-9)
    assert report.emax.estimate == pytest.approx(val_prob["Emax"], rel=1e-9)
    assert report.spiegelhalter.statistic == pytest.approx(val_prob["S:z"], rel=1e-8)
    assert report.brier == pytest.approx(val_prob["Brier"], rel=1e-12)
    assert report.citl.estimate == pytest.approx(glm["citl"], rel=1e-9)
    assert report.intercept.estimate == pytest.approx(glm["intercept"], rel=1e-8)
    assert report.slope.estimate == pytest.approx(glm["slope"], rel=1e-9)
    assert report.tests[2].statistic == pytest.approx(glm["lr_unreliability_chisq_2df"], rel=1e-8)
    assert report.mean_risk == pytest.approx(glm["mean_pred"], rel=1e-12)
    assert report.miscalibration.estimate == pytest.approx(corp["miscalibration"], rel=1e-9)
    assert report.discrimination == pytest.approx(corp["discrimination"], rel=1e-9)
    assert report.uncertainty == pytest.approx(corp["uncertainty"], rel=1e-12)
    assert report.log_score == pytest.approx(there["log_loss"], rel=1e-12)
    for estimate, se in ((report.citl, "citl_se"), (report.intercept, "intercept_se"), (report.slope, "slope_se")):
        assert (estimate.high - estimate.low) / (2 * 1.959963984540054) == pytest.approx(glm[se], rel=1e-7)
    if risks == "plain":
        # pROC counts ties one half; val.prob's C comes from ranks of rounded risks.
        assert report.auc == pytest.approx(there["roc"]["auc"], rel=1e-12)


@pytest.mark.parametrize("risks", RISKS)
@pytest.mark.parametrize("name", DATA_SETS)
def test_other_indices_of_val_prob_follow_from_the_report(
    name: str, risks: str, shared_data: Path, shared_reference: Path
) -> None:
    reference = json.loads((shared_reference / f"{name}.json").read_text())
    val_prob = reference["holdout"][risks]["val_prob"]
    is_event, risk = held_out(name, risks, shared_data, reference)
    report = diagnose(is_event, risk, n_resamples=1, rng=0)
    n, share = report.n, report.prevalence
    null = -(share * np.log(share) + (1 - share) * np.log1p(-share))
    # D, R squared (Nagelkerke's) and Q compare the risks as given with the prevalence, U with the recalibrated risks.
    gain, unreliability = 2 * n * (null - report.log_score), report.tests[2].statistic
    assert gain == pytest.approx(val_prob["D:Chi-sq"], rel=1e-8)
    assert (gain - 1) / n == pytest.approx(val_prob["D"], rel=1e-8)
    assert (1 - np.exp(-gain / n)) / (1 - np.exp(-2 * null)) == pytest.approx(val_prob["R2"], rel=1e-8)
    assert unreliability == pytest.approx(val_prob["U:Chi-sq"], rel=1e-8)
    assert (unreliability - 2) / n == pytest.approx(val_prob["U"], rel=1e-8, abs=1e-12)
    assert (gain - 1 - unreliability + 2) / n == pytest.approx(val_prob["Q"], rel=1e-8)
    assert chi2.sf(unreliability, 2) == pytest.approx(val_prob["U:p"], rel=1e-8, abs=1e-14)
    assert report.intercept.estimate == pytest.approx(val_prob["Intercept"], rel=1e-6)
    assert report.slope.estimate == pytest.approx(val_prob["Slope"], rel=1e-6)
    assert 2 * norm.sf(abs(report.spiegelhalter.statistic)) == pytest.approx(val_prob["S:p"], rel=1e-7, abs=1e-14)
    # val.prob ranks rounded risks: ties that are none move its C in the fourth decimal.
    assert report.auc == pytest.approx(val_prob["C (ROC)"], abs=1e-3)
    assert 2 * report.auc - 1 == pytest.approx(val_prob["Dxy"], abs=2e-3)


@pytest.mark.parametrize("name", ["logistic", "emos", "ens", "epc"])
def test_published_forecasts_have_the_corp_figures_of_r(name: str, shared_data: Path, shared_reference: Path) -> None:
    # r-cran-iso's pava on rows ordered by forecast; Brier score of fit and forecast.
    there = json.loads((shared_reference / "precip_niamey_2016.json").read_text())["forecasts"]
    rows = pd.read_csv(shared_data / "precip_niamey_2016.csv.gz")
    found, forecast = there[name], rows[name].to_numpy()
    report = diagnose(rows["obs"].to_numpy(), forecast, n_resamples=1, rng=0)
    for figure in ("miscalibration", "discrimination", "uncertainty", "brier"):
        value = getattr(report, figure)
        assert getattr(value, "estimate", value) == pytest.approx(found[figure], rel=1e-12), figure
    assert report.auc == pytest.approx(found["roc"]["auc"], rel=1e-12)
    order, fitted = found["isotonic"]["order_zero_based"], found["isotonic"]["fitted"]
    place = np.searchsorted(report.curve.risk, forecast[order])
    assert report.curve.event_rate[place] == pytest.approx(fitted, abs=1e-12)


def test_rows_of_the_fit_are_recognised_as_in_r(shared_data: Path, shared_reference: Path) -> None:
    there = json.loads((shared_reference / "dca_cancer.json").read_text())
    rows = pd.read_csv(shared_data / "dca_cancer.csv.gz")
    report = diagnose(rows["cancer"], rows["cancerpredmarker"], n_resamples=1, rng=0)
    # The published risks are the fit on these very rows: citl 0 and slope 1 by construction.
    assert report.citl.estimate == pytest.approx(there["recalibration_of_cancerpredmarker"]["citl"], abs=1e-8)
    assert report.slope.estimate == pytest.approx(there["recalibration_of_cancerpredmarker"]["slope"], abs=1e-9)
    assert report.ici.estimate == pytest.approx(there["val_prob"]["Eavg"], rel=1e-9)
    assert "RD211" in {finding.code for finding in report.findings}
