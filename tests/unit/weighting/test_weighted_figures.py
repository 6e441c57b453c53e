"""Figures under importance weights beside scikit-learn, statsmodels and plain sums."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

from riskdec import (
    LogisticRiskModel,
    balance_recall,
    balanced_weights,
    compare_weighting,
    cutoff_calibration_error,
    decide,
    decompose_score,
    diagnose,
    effective_number_weights,
    natural_weights,
    sweep_weights,
)
from riskdec.weighting.balance.judging import Judge, effective_counts
from riskdec.weighting.differences import citl_influence, difference, slope_influence
from riskdec.weighting.judging import HeldOut, judge_risks
from riskdec.weighting.units import RowWeights

COSTS = {"false_positive": 1, "false_negative": 4, "defer": 0.45}
Z = 1.959964


class Rows(NamedTuple):
    X: np.ndarray
    y: np.ndarray
    w: np.ndarray


def draw(seed: int, n: int) -> Rows:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    y = (rng.random(n) < expit(X[:, 0] - 1.2)).astype(int)
    return Rows(X, y, rng.gamma(2.0, 1.0, n))


@pytest.fixture(scope="module")
def rows() -> tuple[Rows, Rows]:
    return draw(1, 900), draw(2, 600)


@pytest.fixture(scope="module")
def risks(rows: tuple[Rows, Rows]) -> dict[str, np.ndarray]:
    """Risks without a scheme and under natural weights, by scikit-learn."""
    (X, y, w), test = rows
    ratio = w[y == 0].sum() / w[y == 1].sum()
    product = w * np.where(y == 1, ratio, 1.0)
    found = {}
    for name, weight in (("none", w), ("natural", product)):
        fit = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(X, y, sample_weight=weight)
        found[name] = fit.predict_proba(test.X)[:, 1]
    found["natural, undone"] = found["natural"] / (found["natural"] + (1 - found["natural"]) * ratio)
    return found


@pytest.fixture(scope="module")
def options(rows: tuple[Rows, Rows]) -> dict[str, Any]:
    training, test = rows
    weights = {"sample_weight": training.w, "sample_weight_test": test.w, "weight_kind": "importance"}
    return {"X_test": test.X, "y_test": test.y, "costs": COSTS, "rng": 0} | weights


@pytest.fixture(scope="module")
def comparison(rows: tuple[Rows, Rows], options: dict[str, Any]) -> Any:
    model = LogisticRiskModel(weight_kind="importance")
    return compare_weighting(model, rows[0].X, rows[0].y, n_resamples=400, **options)


NAMES = ["none", "natural", "natural, undone"]


@pytest.mark.parametrize("name", NAMES)
def test_scores_of_a_comparison_are_weighted(name: str, comparison: Any, rows: Any, risks: Any) -> None:
    row, (_, y, w), risk = next(row for row in comparison.rows if row.name == name), rows[1], risks[name]
    flagged = risk >= 0.5
    expected = {
        "mean_risk": np.average(risk, weights=w),
        "observed_rate": np.average(y, weights=w),
        "brier": brier_score_loss(y, risk, sample_weight=w),
        "log_score": log_loss(y, risk, sample_weight=w),
        "auc": roc_auc_score(y, risk, sample_weight=w),
        "flagged_at_half": np.average(flagged, weights=w),
        "precision_at_half": precision_score(y, flagged, sample_weight=w, zero_division=np.nan),
        "recall_at_half": recall_score(y, flagged, sample_weight=w),
        "f_at_half": f1_score(y, flagged, sample_weight=w),
        "recall_at_threshold": recall_score(y, risk >= 0.2, sample_weight=w),
        "precision_at_threshold": precision_score(y, risk >= 0.2, sample_weight=w),
    }
    for figure, value in expected.items():
        assert getattr(row, figure) == pytest.approx(value, rel=1e-5), figure
    ratio = row.weight_ratio if name == "natural" else 1.0
    same = np.average(flagged == (risks["none"] >= 1 / (1 + ratio)), weights=w)
    assert row.agreement_with_mle_cut == pytest.approx(same, rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_calibration_of_a_comparison_is_weighted(name: str, comparison: Any, rows: Any, risks: Any) -> None:
    row, (_, y, w), risk = next(row for row in comparison.rows if row.name == name), rows[1], risks[name]
    family, design = sm.families.Binomial(), sm.add_constant(logit(risk))
    scaled = w / w.mean()
    line = sm.GLM(y, design, family, freq_weights=scaled).fit(tol=1e-12)
    shift = sm.GLM(y, np.ones(len(y)), family, offset=logit(risk), freq_weights=scaled).fit(tol=1e-12)
    assert row.citl.estimate == pytest.approx(shift.params[0], rel=1e-4, abs=1e-6)
    assert [row.intercept.estimate, row.slope.estimate] == pytest.approx(line.params, rel=1e-4)
    fitted = line.fittedvalues
    bread = np.linalg.inv(design.T @ (design * (scaled * fitted * (1 - fitted))[:, None]))
    scores = design * (scaled * (y - fitted))[:, None]
    error = np.sqrt(np.diag(bread @ (scores.T @ scores) @ bread))
    assert (row.slope.high - row.slope.low) / 2 == pytest.approx(Z * error[1], rel=1e-4)
    weights = {"sample_weight": w, "weight_kind": "importance"}
    error_of_cut = cutoff_calibration_error(y, risk, n_resamples=2, **weights).estimate
    assert row.cutoff_error == pytest.approx(error_of_cut, rel=1e-5)
    order = np.argsort(risk)
    path = np.append(0, np.cumsum((w * (y - risk))[order])) / w.sum()
    assert row.cutoff_error == pytest.approx(np.ptp(path), rel=1e-5)
    parts = decompose_score(y, risk, sample_weight=w)
    assert row.miscalibration == pytest.approx(parts.miscalibration, rel=1e-4)
    assert row.discrimination == pytest.approx(parts.discrimination, rel=1e-4)
    assert row.ici == pytest.approx(diagnose(y, risk, n_resamples=2, rng=0, **weights).ici.estimate, rel=1e-4)


@pytest.mark.parametrize("name", NAMES[1:])
def test_costs_and_their_differences_are_weighted(name: str, comparison: Any, rows: Any, risks: Any) -> None:
    row, (_, y, w) = next(row for row in comparison.rows if row.name == name), rows[1]
    table = np.array([[0, 1, 0.45], [4, 0, 0.45]])
    chosen = {key: decide(risk, COSTS).action_index for key, risk in risks.items()}
    paid = {key: table[y, action] for key, action in chosen.items()}
    assert row.mean_realised_cost == pytest.approx(np.average(paid[name], weights=w), rel=1e-9)
    promised = (1 - risks[name]) * table[0, chosen[name]] + risks[name] * table[1, chosen[name]]
    assert row.mean_expected_cost == pytest.approx(np.average(promised, weights=w), rel=1e-5)
    change = paid[name] - paid["none"]
    mean = np.average(change, weights=w)
    error = np.sqrt(len(y) / (len(y) - 1) * np.sum((w * (change - mean)) ** 2)) / w.sum()
    found = row.cost_difference
    assert [found.estimate, found.low, found.high] == pytest.approx(
        [mean, mean - Z * error, mean + Z * error], rel=1e-5
    )


def test_shifts_of_coefficients_are_those_of_weighted_estimating_equations(comparison: Any, rows: Any) -> None:
    X, y, w = rows[0]
    scaled, design = w / w.mean(), sm.add_constant(X)
    ratio = w[y == 0].sum() / w[y == 1].sum()
    influence, coef = [], []
    for by_class in (np.ones(len(y)), np.where(y == 1, ratio, 1.0)):
        weight = scaled * by_class
        fit = sm.GLM(y, design, sm.families.Binomial(), freq_weights=weight).fit(tol=1e-12)
        mean = fit.fittedvalues
        bread = np.linalg.inv(design.T @ (design * (weight * mean * (1 - mean))[:, None]))
        influence.append((design * (weight * (y - mean))[:, None]) @ bread)
        coef.append(fit.params)
    error = np.sqrt(((influence[1] - influence[0]) ** 2).sum(axis=0))
    found = comparison.coefficients
    np.testing.assert_allclose([one.shift for one in found], coef[1] - coef[0], rtol=1e-6)
    np.testing.assert_allclose([one.shift_se for one in found], error, rtol=1e-6)
    np.testing.assert_allclose(
        [one.unweighted_se for one in found], np.sqrt((influence[0] ** 2).sum(axis=0)), rtol=1e-6
    )


def test_resampled_interval_of_weighted_precision_has_the_width_of_its_linearisation(
    comparison: Any, rows: Any, risks: Any
) -> None:
    row, (_, y, w) = next(row for row in comparison.rows if row.name == "natural, undone"), rows[1]
    row = next(row for row in comparison.rows if row.name == "natural")
    parts = []
    for name in ("none", "natural"):
        flagged = risks[name] >= 0.5
        precision = np.average(y[flagged], weights=w[flagged])
        parts.append(w * flagged * (y - precision) / (w * flagged).sum())
    error = np.sqrt(((parts[1] - parts[0]) ** 2).sum())
    found = row.precision_at_half_difference
    assert (found.high - found.low) / (2 * Z * error) == pytest.approx(1, abs=0.2)
    auc = next(row for row in comparison.rows if row.name == "natural, undone").auc_difference
    assert auc.low <= auc.estimate <= auc.high


def test_influence_values_solve_the_weighted_equations(rows: Any, risks: Any) -> None:
    _, y, w = rows[1]
    weights, eta = RowWeights(w / w.mean(), "importance"), logit(risks["natural"])
    held_out = HeldOut(y == 1, None, None, 0.95, weights)
    base = judge_risks(risks["natural"], held_out)
    citl, slope = base.citl.value, base.slope.value
    line = (
        citl_influence(y == 1, eta, citl, weights),
        slope_influence(y == 1, eta, base.hierarchy.intercept.estimate, slope, weights),
    )
    for place in (0, 17, 400):
        more = w / w.mean()
        more[place] += 1e-4
        moved = judge_risks(risks["natural"], held_out._replace(weights=RowWeights(more, "importance")))
        # A little more weight on one row moves an estimate by its influence value.
        step = 1e-4 / len(y)
        assert (moved.citl.value - citl) / step == pytest.approx(line[0][place], rel=5e-3)
        assert (moved.slope.value - slope) / step == pytest.approx(line[1][place], rel=5e-3)


def test_sweep_is_weighted(rows: Any, options: dict[str, Any], risks: Any) -> None:
    (X, y, w), test = rows
    sweep = sweep_weights(LogisticRiskModel(weight_kind="importance"), X, y, ratios=[0.5, 3.0], **options)
    assert sweep.natural_ratio == pytest.approx(w[y == 0].sum() / w[y == 1].sum(), rel=1e-9)
    table = np.array([[0, 1, 0.45], [4, 0, 0.45]])
    for j, ratio in enumerate(sweep.weight_ratio):
        product = w * np.where(y == 1, ratio, 1.0)
        fit = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(X, y, sample_weight=product)
        assert sweep.coefficients[j] == pytest.approx([fit.intercept_[0], *fit.coef_[0]], abs=1e-5)
        risk = fit.predict_proba(test.X)[:, 1]
        for flagged, prefix in ((risk >= 0.5, ""), (risks["none"] >= 1 / (1 + ratio), "threshold_")):
            expected = [
                precision_score(test.y, flagged, sample_weight=test.w),
                recall_score(test.y, flagged, sample_weight=test.w),
                np.average(flagged, weights=test.w),
            ]
            found = [getattr(sweep, prefix + name)[j] for name in ("precision", "recall", "flagged")]
            assert found == pytest.approx(expected, rel=1e-9)
            assert getattr(sweep, f"{prefix}cost")[j] == pytest.approx(
                np.average(table[test.y, flagged.astype(int)], weights=test.w), rel=1e-9
            )
        same = (risk >= 0.5) == (risks["none"] >= 1 / (1 + ratio))
        assert sweep.agreement[j] == pytest.approx(np.average(same, weights=test.w), rel=1e-9)
        assert sweep.mean_risk[j] == pytest.approx(np.average(risk, weights=test.w), rel=1e-5)
        paid = table[test.y, decide(risk, COSTS).action_index]
        assert sweep.believed_cost[j] == pytest.approx(np.average(paid, weights=test.w), rel=1e-9)
        held_out = HeldOut(test.y == 1, None, None, 0.95, RowWeights(test.w / test.w.mean(), "importance"))
        judged = judge_risks(risk, held_out).hierarchy
        for name, one in (("citl", judged.citl), ("slope", judged.slope)):
            found = [getattr(sweep, f"{name}{end}")[j] for end in ("", "_low", "_high")]
            assert found == pytest.approx([one.estimate, one.low, one.high], rel=1e-4, abs=1e-5)
    at = sweep.unweighted
    assert sweep.recall_difference[at] == pytest.approx(0, abs=1e-12)
    assert sweep.recall_difference_se[at] == pytest.approx(0, abs=1e-12)


def test_balance_is_weighted() -> None:
    rng = np.random.default_rng(5)
    labels = rng.choice(3, 1500, p=[0.6, 0.25, 0.15])
    X, w = rng.normal(size=(1500, 2)) + 1.3 * (labels[:, None] == np.arange(2)), rng.gamma(2.0, 1.0, 1500)
    learner = LogisticRegression(C=np.inf, tol=1e-9, max_iter=1000)
    test = {"X_test": X[900:], "y_test": labels[900:], "sample_weight_test": w[900:]}
    found = balance_recall(
        learner, X[:900], labels[:900], sample_weight=w[:900], weight_kind="importance", rng=0, **test
    )
    plain, offsets = found.arms[0], found.arm("offsets")
    assert offsets is not None
    assert offsets.accuracy_change.estimate == pytest.approx(
        offsets.accuracy.estimate - plain.accuracy.estimate, rel=1e-9
    )
    # The plain fit sees what was dealt to it, which only the sums of recalls and accuracies tell.
    share = np.array([w[900:][labels[900:] == k].sum() for k in range(3)]) / w[900:].sum()
    assert share @ plain.recall == pytest.approx(plain.accuracy.estimate, rel=1e-9)


def test_weighted_recalls_and_their_errors_are_those_of_ratios_of_sums() -> None:
    rng = np.random.default_rng(6)
    codes, w = rng.choice(3, 500, p=[0.5, 0.3, 0.2]), rng.gamma(2.0, 1.0, 500)
    chosen = np.where(rng.random(500) < 0.7, codes, rng.integers(0, 3, 500))
    weights = RowWeights(w, "importance")
    judge = Judge(codes=codes, groups=None, costs=None, confidence_level=0.95, weights=weights)
    recall = recall_score(codes, chosen, average=None, sample_weight=w)
    np.testing.assert_allclose(judge.recalls(chosen), recall, rtol=1e-12)
    hits = (chosen == codes).astype(float)
    assert judge.mean(hits).estimate == pytest.approx(accuracy_score(codes, chosen, sample_weight=w))
    # Every row a group of its own: the sandwich, up to its factors for few groups.
    alone = Judge(codes=codes, groups=np.arange(500), costs=None, confidence_level=0.95, weights=weights)
    np.testing.assert_allclose(judge.errors(chosen), alone.errors(chosen), rtol=0.01)
    expected = [w[codes == k].sum() ** 2 / (w[codes == k] ** 2).sum() for k in range(3)]
    np.testing.assert_allclose(effective_counts(codes, weights), expected, rtol=1e-12)


def test_difference_of_weighted_means_is_that_of_rows_written_out() -> None:
    rng = np.random.default_rng(7)
    parts, times, groups = rng.normal(size=60), rng.integers(1, 4, 60), rng.integers(0, 12, 60)
    written = np.repeat(np.arange(60), times)
    mean = float(np.average(parts, weights=times))
    for numbers in (None, groups):
        given = None if numbers is None else numbers[written]
        repeated = difference(mean, parts[written], given, 0.9)
        weighted = difference(mean, parts, numbers, 0.9, RowWeights(times.astype(float)))
        assert (weighted.low, weighted.high) == pytest.approx((repeated.low, repeated.high), rel=1e-12)


def test_sizes_of_classes_are_sums_of_weights() -> None:
    y, w = np.array([0, 0, 0, 1, 2]), np.array([1.0, 2.0, 0.5, 2.0, 0.0])
    assert natural_weights(y, sample_weight=w) == {0: 2.0, 1: 3.5}
    assert balanced_weights(y, sample_weight=w) == {0: 5.5 / 7, 1: 5.5 / 4}
    times = np.array([1, 2, 4, 3, 0])
    written = np.repeat(y, times)
    by_hand = effective_number_weights(written, beta=0.9)
    assert effective_number_weights(y, beta=0.9, sample_weight=times) == by_hand
    one = effective_number_weights(y, beta=0.9, sample_weight=w, weight_kind="importance")
    other = effective_number_weights(y, beta=0.9, sample_weight=9 * w, weight_kind="importance")
    assert one == pytest.approx(other, rel=1e-12)
