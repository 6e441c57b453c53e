from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.special import expit

from riskdec import (
    brier_score,
    calibration_slope,
    cutoff_calibration_error,
    decompose_score,
    diagnose,
    log_score,
    reliability_curve,
    smooth_calibration_error,
    spiegelhalter_test,
)
from riskdec.errors import InputError
from riskdec.scores.ranking import area_under_curve

if TYPE_CHECKING:
    from riskdec.diagnostics import CalibrationReport

# What a calibration report promises to hold at least.
PROMISED = {
    *("n", "prevalence", "brier", "log_score", "auc", "citl", "intercept", "slope", "ici", "e50", "e90", "emax"),
    *("miscalibration", "discrimination", "uncertainty", "smooth_calibration_error", "cutoff_calibration_error"),
    *("spiegelhalter", "findings"),
}


def codes(report: CalibrationReport) -> list[str]:
    return [finding.code for finding in report.findings]


@pytest.fixture
def rows(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    risk = expit(rng.normal(-1, 1, 400))
    return (rng.random(400) < risk).astype(int), risk


def test_report_equals_the_single_functions(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    report = diagnose(y, risk, rng=0)
    assert report.brier == pytest.approx(brier_score(y, risk))
    assert report.log_score == pytest.approx(log_score(y, risk))
    assert report.auc == area_under_curve(y == 1, risk)
    parts = decompose_score(y, risk)
    assert report.miscalibration.estimate == pytest.approx(parts.miscalibration, abs=1e-15)
    assert (report.discrimination, report.uncertainty) == pytest.approx((parts.discrimination, parts.uncertainty))
    slope = calibration_slope(y, risk)
    assert repr(report.citl) == repr(slope.citl)
    assert report.tests == slope.tests
    assert report.spiegelhalter.statistic == spiegelhalter_test(y, risk, rng=0).statistic
    cutoff = cutoff_calibration_error(y, risk, rng=0, n_resamples=200)
    assert report.cutoff_calibration_error.estimate == cutoff.estimate
    # The same seed gives the same null draws.
    assert report.cutoff_calibration_error.p_value == cutoff.p_value
    smooth = smooth_calibration_error(y, risk, rng=0, n_resamples=200)
    assert report.smooth_calibration_error.estimate == pytest.approx(smooth.estimate, abs=1e-11)
    curve = reliability_curve(y, risk, rng=0)
    assert report.curve.to_dict() == curve.to_dict()


def test_report_holds_what_is_promised(rows: tuple[np.ndarray, np.ndarray]) -> None:
    report = diagnose(*rows, costs={"false_positive": 1, "false_negative": 8}, n_resamples=20, rng=0)
    plain = json.loads(json.dumps(report.to_dict()))
    assert set(plain) >= PROMISED
    assert all(set(plain[name]) == {"estimate", "low", "high"} for name in ("citl", "intercept", "slope"))
    assert {"estimate", "low", "high", "null_mean", "p_value"} <= set(plain["ici"])
    assert plain["decision"]["sentence"] == report.decision.sentence  # type: ignore[union-attr]


def test_frame_is_tidy_and_of_the_callers_library(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    costs = {"false_positive": 1, "false_negative": 8}
    frame = diagnose(pd.Series(y), risk, costs=costs, n_resamples=20, rng=0).frame()
    assert list(frame.columns) == ["quantity", "estimate", "low", "high", "null_mean", "p_value"]
    by_name = frame.set_index("quantity")
    assert by_name.loc["n", "estimate"] == 400
    assert by_name.loc["slope", "low"] < by_name.loc["slope", "estimate"]
    assert by_name.loc["ici", "null_mean"] > 0
    assert by_name.loc["regret", "high"] > 0
    assert isinstance(diagnose(pl.Series(y), risk, n_resamples=20, rng=0).frame(), pl.DataFrame)


def test_summary_shows_every_level_and_the_findings(rows: tuple[np.ndarray, np.ndarray]) -> None:
    costs = {"false_positive": 1, "false_negative": 8}
    text = str(diagnose(*rows, costs=costs, n_resamples=20, rng=0).summary())
    for part in (
        "mean: calibration in the large",
        "weak: slope",
        "Moderate calibration",
        "by chance: mean",
        "strong calibration",
        "No monotone recalibration could lower your expected cost",
        "p cannot be below 0.048",
    ):
        assert part in text


@pytest.mark.parametrize("options", [{}, {"confidence_level": 0.8}])
def test_frequency_weights_and_order_change_nothing_to_the_bit(
    options: dict[str, float], rng: np.random.Generator
) -> None:
    risk = rng.random(80).round(1) * 0.9 + 0.05
    y, weight = (rng.random(80) < risk).astype(int), rng.integers(0, 4, 80)
    costs = {"false_positive": 1, "false_negative": 3}
    order = rng.permutation(weight.sum())
    weighted = diagnose(y, risk, sample_weight=weight, costs=costs, n_resamples=30, rng=7, **options)  # type: ignore[arg-type]
    repeated = diagnose(
        np.repeat(y, weight)[order],
        np.repeat(risk, weight)[order],
        costs=costs,
        n_resamples=30,
        rng=7,
        **options,  # type: ignore[arg-type]
    )
    assert weighted.to_dict() == repeated.to_dict()


def test_order_changes_nothing_to_the_bit_with_importance_weights(rng: np.random.Generator) -> None:
    risk = rng.random(80).round(1) * 0.9 + 0.05
    y, weight = (rng.random(80) < risk).astype(int), rng.random(80).round(1)
    order = rng.permutation(80)
    options = {"weight_kind": "importance", "n_resamples": 30, "rng": 7}
    here = diagnose(y, risk, sample_weight=weight, **options)  # type: ignore[arg-type]
    there = diagnose(y[order], risk[order], sample_weight=weight[order], **options)  # type: ignore[arg-type]
    assert here.to_dict() == there.to_dict()


def test_scale_of_importance_weights_changes_nothing(
    rows: tuple[np.ndarray, np.ndarray], rng: np.random.Generator
) -> None:
    y, risk = rows
    weight = rng.random(400)
    first, second = (
        diagnose(y, risk, sample_weight=factor * weight, weight_kind="importance", n_resamples=30, rng=7).frame()
        for factor in (1, 64)
    )
    assert np.allclose(first.iloc[:, 1:], second.iloc[:, 1:], rtol=1e-9, atol=1e-12, equal_nan=True)


def test_label_names_change_nothing(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    named = diagnose(np.where(y == 1, "ill", "well"), risk, event="ill", n_resamples=20, rng=1)
    plain = diagnose(y, risk, n_resamples=20, rng=1)
    columns = diagnose(y, np.column_stack([1 - risk, risk]), n_resamples=20, rng=1)
    assert named.event == "ill"
    assert named.to_dict() | {"event": "1"} == plain.to_dict() == columns.to_dict()


def test_groups_withhold_p_values_that_need_independent_rows(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows
    report = diagnose(y, risk, groups=np.arange(400) // 4, n_resamples=30, rng=0)
    assert report.n_groups == 100
    assert "RD210" in codes(report)
    for error in (report.ici, report.cutoff_calibration_error, report.smooth_calibration_error, report.miscalibration):
        assert math.isnan(error.p_value)
        assert error.null_mean > 0
    assert math.isnan(report.spiegelhalter.p_value)
    assert report.tests[0].p_value == calibration_slope(y, risk, groups=np.arange(400) // 4).tests[0].p_value
    assert "withheld" in str(report.summary())


def test_groups_widen_band_and_interval(rng: np.random.Generator) -> None:
    risk = np.repeat(expit(rng.normal(0, 1, 60)), 10)
    y = np.repeat((rng.random(60) < risk[::10]).astype(int), 10)
    alone, together = (diagnose(y, risk, groups=g, n_resamples=200, rng=0) for g in (None, np.arange(600) // 10))
    widths = [np.mean(r.curve.high - r.curve.low) for r in (alone, together)]  # type: ignore[operator]
    assert widths[1] > 1.5 * widths[0]
    assert together.ici.high > alone.ici.high  # type: ignore[operator]


def test_no_risk_above_one_half_is_explained(rng: np.random.Generator) -> None:
    risk = rng.random(2000) * 0.3
    y = rng.random(2000) < risk
    finding = next(f for f in diagnose(y, risk, n_resamples=30, rng=2).findings if f.code == "RD205")
    assert finding.severity == "good"
    assert "no reason for class weights" in finding.sentence
    assert "Give your costs" in finding.todo
    costs = {"false_positive": 1, "false_negative": 9}
    finding = next(f for f in diagnose(y, risk, costs=costs, n_resamples=30, rng=2).findings if f.code == "RD205")
    assert f"the threshold is 10 % ({(risk >= 0.1).sum():,} rows are at or above it)" in finding.todo
    # Where the risks are wrong nobody is told that they are honest.
    low = diagnose(y, risk / 3, n_resamples=30, rng=2)
    finding = next(f for f in low.findings if f.code == "RD205")
    assert finding.severity == "caution"
    assert "no fault" not in finding.sentence
    assert "RD205" not in codes(diagnose(y, risk + 0.5, n_resamples=30, rng=2))


def test_bent_curve_is_located(rng: np.random.Generator) -> None:
    risk = rng.random(3000) * 0.8 + 0.1
    truth = np.where((risk > 0.3) & (risk < 0.5), risk + 0.25, risk)
    report = diagnose(rng.random(3000) < truth, risk, rng=3)
    finding = next(f for f in report.findings if f.code == "RD203")
    assert "too low" in finding.sentence
    assert report.cutoff_calibration_error.where is not None
    assert report.cutoff_calibration_error.where == pytest.approx((0.3, 0.5), abs=0.1)
    assert report.ici.p_value < 0.01


def test_nothing_is_nan_without_a_finding_that_says_why() -> None:
    cases = {
        "constant": ([0, 1] * 100, [0.4] * 200, "RD207"),
        "one half": ([0, 1] * 100, [0.5] * 200, "RD207"),
        "no events": ([0] * 50, np.linspace(0.1, 0.3, 50), "RD207"),
        "one row": ([1], [0.3], "RD204"),
        "separated": ([0] * 50 + [1] * 50, np.linspace(0.1, 0.9, 100), "RD207"),
        "certain": ([0, 1, 1, 1], [0.0, 1.0, 1.0, 0.0], "RD206"),
        "few": ([0] * 195 + [1] * 5, np.linspace(0.01, 0.05, 200), "RD204"),
    }
    for name, (y, risk, code) in cases.items():
        report = diagnose(y, risk, n_resamples=20, rng=0)
        missing = [v for v in report.to_dict().values() if v is None or (isinstance(v, dict) and None in v.values())]
        assert missing, name
        assert code in codes(report), name
        assert "nan" not in str(report.summary()), name


def test_impossible_events_make_the_log_score_infinite_and_are_reported(rows: tuple[np.ndarray, np.ndarray]) -> None:
    y, risk = rows[0].copy(), rows[1].copy()
    y[0], risk[0] = 1, 0.0
    report = diagnose(y, risk, n_resamples=20, rng=0)
    assert math.isinf(report.log_score)
    finding = next(f for f in report.findings if f.code == "RD206")
    assert finding.severity == "issue"
    assert "the log score is infinite" in finding.sentence
    assert math.isfinite(report.brier)


def test_monte_carlo_tests_keep_their_size(rng: np.random.Generator) -> None:
    # 150 data sets of 200 rows, about 25 expected events, ties and frequency weights; size at most 0.05 plus three
    # Monte Carlo standard errors, 3 * sqrt(0.05 * 0.95 / 150) = 0.053.
    rejected = np.zeros(5)
    for _ in range(150):
        risk = expit(rng.normal(-2.4, 1, 100)).round(2).clip(0.01, 0.99)
        events = rng.binomial(2, risk)
        y, weight = np.repeat([1, 0], 100), np.concatenate([events, 2 - events])
        report = diagnose(y, np.tile(risk, 2), sample_weight=weight, n_resamples=39, rng=rng)
        assert report.spiegelhalter.method == "Monte Carlo"
        rejected += [
            test.p_value <= 0.05
            for test in (
                report.ici,
                report.cutoff_calibration_error,
                report.smooth_calibration_error,
                report.miscalibration,
                report.spiegelhalter,
            )
        ]
    assert (rejected / 150).max() <= 0.05 + 0.053


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_resamples": 1.5}, "n_resamples must be a whole number of at least 1; got 1.5"),
        ({"confidence_level": 0}, "confidence_level must lie strictly between 0 and 1; got 0"),
        ({"sample_weight": [1, 0.5]}, "sample_weight must be whole numbers; got 0.5 at position 1"),
        ({"costs": [[0, 1], [5, 0]]}, "costs must be a CostMatrix, or a dict"),
        ({"groups": [1, np.nan]}, "groups must not be missing"),
    ],
)
def test_diagnose_refuses(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        diagnose([0, 1], [0.2, 0.4], **options)  # type: ignore[arg-type]


def test_diagnose_refuses_unknown_keywords() -> None:
    with pytest.raises(TypeError, match="bins"):
        diagnose([0, 1], [0.2, 0.4], bins=10)  # type: ignore[call-arg]
