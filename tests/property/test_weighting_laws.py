"""Laws of weighting: only ratios matter, saturated models are shifted exactly, undoing is the inverse map."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.linear_model import LogisticRegression

from riskdec import LogisticRiskModel, compare_weighting, undo_class_weight
from riskdec._base.result import Estimate
from riskdec.diagnostics.slopes.hierarchy import fit_hierarchy
from riskdec.scores.forecasts import Forecasts
from riskdec.scores.sums import sum_by_forecast
from riskdec.weighting.comparison.coefficients import compare_coefficients, find_estimates
from riskdec.weighting.differences import citl_influence, difference, slope_influence
from riskdec.weighting.fitting import fit_scheme
from riskdec.weighting.schemes import Scheme

if TYPE_CHECKING:
    from riskdec.weighting.comparison.rows import WeightingRow

probabilities = arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1))
ratios = st.floats(1e-3, 1e3)
counts = st.lists(st.tuples(st.integers(1, 40), st.integers(1, 40)), min_size=2, max_size=5)


def numbers(row: WeightingRow) -> dict[str, float]:
    """Give all numbers of a row, intervals included."""
    found: dict[str, float] = {}
    for field in fields(row):
        value = getattr(row, field.name)
        if isinstance(value, Estimate):
            found |= {field.name: value.estimate, f"{field.name} low": value.low, f"{field.name} high": value.high}
        elif isinstance(value, float):
            found[field.name] = value
    return found


def saturated(table: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Give a design with one indicator for each cell but the first, and outcomes with these counts per cell."""
    cell = np.repeat(np.arange(len(table)), [a + b for a, b in table])
    y = np.concatenate([np.repeat([0, 1], pair) for pair in table])
    return (cell[:, None] == np.arange(1, len(table))).astype(float), y


def draw(seed: int, n: int = 1200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    return X, (rng.random(n) < 1 / (1 + np.exp(1.8 - X[:, 0] + 0.4 * X[:, 1]))).astype(int)


@given(p=probabilities, ratio=ratios)
def test_undoing_inverts_weighting(p: np.ndarray, ratio: float) -> None:
    weighted = np.minimum(p * ratio / (p * ratio + 1 - p), 1)
    # A risk within rounding of 1 has lost its odds; the error of 1 - q is magnified by the ratio.
    np.testing.assert_allclose(undo_class_weight(weighted, class_weight=(1, ratio)), p, atol=1e-13 * max(ratio, 1))


@given(q=probabilities, first=ratios, second=ratios)
def test_undoing_twice_is_undoing_the_product(q: np.ndarray, first: float, second: float) -> None:
    twice = undo_class_weight(undo_class_weight(q, class_weight=(1, first)), class_weight=(1, second))
    np.testing.assert_allclose(twice, undo_class_weight(q, class_weight=(1, first * second)), atol=1e-9)


@given(q=probabilities, ratio=ratios)
def test_undoing_keeps_the_order_of_risks_and_the_interval(q: np.ndarray, ratio: float) -> None:
    p = undo_class_weight(np.sort(q), class_weight=(1, ratio))
    assert (np.diff(p) >= -1e-15).all()
    assert ((p >= 0) & (p <= 1)).all()


@given(seed=st.integers(0, 2**31), scale=st.floats(1e-6, 1e6), k=st.integers(2, 6))
def test_only_ratios_of_the_weights_matter_in_undoing(seed: int, scale: float, k: int) -> None:
    rng = np.random.default_rng(seed)
    q, weight = rng.dirichlet(np.ones(k), 5), rng.uniform(0.1, 10, k)
    once, again = (undo_class_weight(q, class_weight=w) for w in (weight, weight * scale))
    np.testing.assert_allclose(once, again, rtol=1e-12)
    np.testing.assert_allclose(once.sum(axis=1), 1, rtol=1e-14)


@settings(max_examples=25)
# The event rate of the third cell is the prevalence, so natural weights put its risk at 0.5: rounding must not decide.
@example(table=[(8, 2), (9, 1), (17, 3)], ratio=17 / 4)
@given(table=counts, ratio=st.floats(0.05, 30))
def test_saturated_model_is_shifted_by_the_log_of_the_ratio_and_undone_exactly(
    table: list[tuple[int, int]], ratio: float
) -> None:
    X, y = saturated(table)
    rates = np.array([b / (a + b) for a, b in table])
    assume(np.unique(rates).size > 1)
    sizes = np.array([a + b for a, b in table])
    comparison = compare_weighting(
        LogisticRiskModel(), X, y, schemes=("natural", ratio), X_test=X, y_test=y, n_resamples=2, rng=0
    )
    none, *others = (row for row in comparison.rows if row.repair in ("raw", "undone"))
    before = numbers(none)
    for raw, undone in (others[:2], others[2:]):
        intercept, *slopes = (shift for shift in comparison.coefficients if shift.scheme == raw.scheme)
        assert abs(intercept.shift - np.log(raw.weight_ratio)) < 1e-9
        assert max(abs(slope.shift) for slope in slopes) < 1e-9
        assert raw.agreement_with_mle_cut == 1.0
        assert undone.agreement_with_mle_cut == 1.0
        after = numbers(undone)
        for name in ("mean_risk", "brier", "log_score", "auc", "ici", "citl", "flagged_at_half", "recall_at_half"):
            assert after[name] == pytest.approx(before[name], rel=1e-7, abs=1e-7)
        odds = raw.weight_ratio * rates / (1 - rates)
        assert raw.mean_risk == pytest.approx(np.average(odds / (1 + odds), weights=sizes), rel=1e-9)
    assert not [finding for finding in comparison.findings if finding.code == "RD404" and finding.severity != "good"]


@pytest.mark.parametrize("estimator", [LogisticRiskModel(), LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000)])
def test_class_weights_times_ten_are_the_same_weights(estimator: Any) -> None:
    X, y = draw(1)
    once, tenfold = (
        compare_weighting(
            estimator,
            X,
            y,
            schemes=({0: 2.0 * c, 1: 7.0 * c},),
            costs={"false_positive": 1, "false_negative": 4},
            rng=0,
        )
        for c in (1, 10)
    )
    rtol = 1e-9 if isinstance(estimator, LogisticRiskModel) else 1e-5
    for left, right in zip(once.rows, tenfold.rows, strict=True):
        assert numbers(left) == pytest.approx(numbers(right), rel=rtol, abs=rtol)
    for one, other in zip(once.coefficients, tenfold.coefficients, strict=True):
        assert one.robust_se == pytest.approx(other.robust_se, rel=1e-9)
        assert one.naive_se == pytest.approx(other.naive_se, rel=1e-9)


def test_names_of_the_labels_change_nothing() -> None:
    X, y = draw(2)
    plain = compare_weighting(LogisticRiskModel(), X, y, rng=0)
    for labels, event in (((False, True), None), (("a", "b"), "b"), (("z", "b"), "b"), ((2, 1), 1), ((1.0, 2.0), 2.0)):
        named = np.array(labels)[y]
        other = compare_weighting(LogisticRiskModel(event=event), X, named, rng=0)
        for left, right in zip(plain.rows, other.rows, strict=True):
            assert numbers(left) == pytest.approx(numbers(right), rel=1e-9, abs=1e-9)
        for one, two in zip(plain.coefficients, other.coefficients, strict=True):
            assert one.weighted == pytest.approx(two.weighted, rel=1e-9)


def test_turning_the_event_round_turns_signs_and_keeps_scores() -> None:
    X, y = draw(3)
    parts = {"X_test": X[1::2], "rng": 0}
    one = compare_weighting(LogisticRiskModel(), X[::2], y[::2], y_test=y[1::2], **parts)
    other = compare_weighting(LogisticRiskModel(), X[::2], 1 - y[::2], y_test=1 - y[1::2], **parts)
    for left, right in zip(one.rows, other.rows, strict=True):
        if left.repair not in ("raw", "undone"):
            continue  # rows are dealt into parts in another order
        assert left.mean_risk == pytest.approx(1 - right.mean_risk, rel=1e-9)
        assert left.citl.estimate == pytest.approx(-right.citl.estimate, rel=1e-8, abs=1e-9)
        assert left.weight_ratio == pytest.approx(1 / right.weight_ratio, rel=1e-12)
        for name in ("brier", "log_score", "auc"):
            assert getattr(left, name) == pytest.approx(getattr(right, name), rel=1e-9)
        assert left.slope.estimate == pytest.approx(right.slope.estimate, rel=1e-8)
    for a, b in zip(one.coefficients, other.coefficients, strict=True):
        assert a.weighted == pytest.approx(-b.weighted, rel=1e-8)
        assert a.robust_se == pytest.approx(b.robust_se, rel=1e-8)


def test_on_the_fitted_rows_only_the_unweighted_fit_balances_its_residuals() -> None:
    # Its score equation makes them sum to zero; nothing does so for undone risks of a model of the wrong form.
    rng = np.random.default_rng(4)
    X = rng.normal(size=(4000, 1))
    y = rng.random(4000) < 1 / (1 + np.exp(2.5 - X[:, 0] - 0.7 * X[:, 0] ** 2))
    rows = compare_weighting(LogisticRiskModel(), X, y, X_test=X, y_test=y, rng=0).rows
    none, raw, undone = (rows[0], *[row for row in rows if row.scheme == "natural"][:2])
    assert abs(none.mean_error.estimate) < 1e-9
    assert raw.mean_error.estimate > 0.1
    assert undone.mean_error.estimate < -0.005


def test_order_of_the_held_out_rows_changes_nothing() -> None:
    X, y = draw(5)
    order = np.random.default_rng(0).permutation(600)
    fixed = {"costs": {"false_positive": 1, "false_negative": 9}, "groups_test": np.arange(600) // 3, "rng": 0}
    one = compare_weighting(LogisticRiskModel(), X[:600], y[:600], X_test=X[600:], y_test=y[600:], **fixed)
    fixed["groups_test"] = fixed["groups_test"][order]
    other = compare_weighting(
        LogisticRiskModel(), X[:600], y[:600], X_test=X[600:][order], y_test=y[600:][order], **fixed
    )
    for left, right in zip(one.rows, other.rows, strict=True):
        assert numbers(left) == pytest.approx(numbers(right), rel=1e-9, abs=1e-12)


def test_groups_of_one_row_are_independent_rows_up_to_the_quantile() -> None:
    d = np.random.default_rng(6).normal(size=400)
    alone, grouped = difference(d.mean(), d, None, 0.95), difference(d.mean(), d, np.arange(400), 0.95)
    # 97.5 % points: 1.959964 normal, 1.965927 of t with 399 degrees of freedom (qt(.975, 399) in R).
    assert (grouped.high - grouped.low) / (alone.high - alone.low) == pytest.approx(1.965927 / 1.959964, rel=1e-6)


def test_repeating_every_row_in_its_group_changes_no_cluster_interval() -> None:
    rng = np.random.default_rng(7)
    d, groups = rng.normal(size=90), np.arange(90) // 3
    once = difference(d.mean(), d, groups, 0.9)
    twice = difference(d.mean(), np.tile(d, 2), np.tile(groups, 2), 0.9)
    assert twice.to_dict() == pytest.approx(once.to_dict(), rel=1e-12)


def jackknife_error(estimates: np.ndarray) -> np.ndarray:
    """Give the standard error from leave-one-out estimates (Quenouille, Tukey)."""
    g = len(estimates)
    return np.sqrt((g - 1) / g * ((estimates - estimates.mean(axis=0)) ** 2).sum(axis=0))


@pytest.mark.parametrize("grouped", [False, True])
def test_standard_errors_of_shifts_agree_with_leaving_out_one_row_or_group(grouped: bool) -> None:
    X, y = draw(8, n=400)
    groups = np.arange(400) // 4 if grouped else None
    none = Scheme(name="none", labels=(0, 1), weights=(1.0, 1.0))
    five = Scheme(name="ratio 5", labels=(0, 1), weights=(1.0, 5.0))

    def estimates(keep: np.ndarray, scheme: Scheme) -> Any:
        fitted = fit_scheme(LogisticRiskModel(), X[keep], y[keep], scheme, is_event=y[keep] == 1, groups=None)
        part = None if groups is None else np.unique(groups[keep], return_inverse=True)[1]
        return find_estimates(fitted, X[keep], is_event=y[keep] == 1, event=1, groups=part)

    everything = np.ones(400, dtype=bool)
    shifts, _ = compare_coefficients(five, estimates(everything, five), estimates(everything, none))
    units = np.arange(400) if groups is None else groups
    left_out = np.array(
        [estimates(units != unit, five).fit.coef - estimates(units != unit, none).fit.coef for unit in np.unique(units)]
    )
    # The jackknife differs in the second order, by about the inverse number of events.
    np.testing.assert_allclose([s.shift_se for s in shifts], jackknife_error(left_out), rtol=0.06)


def test_intervals_of_differences_of_citl_and_slope_agree_with_leaving_out_one_row() -> None:
    X, y = draw(9, n=400)
    is_event = y == 1
    risk = {w: LogisticRiskModel(class_weight={0: 1, 1: w}).fit(X**3 / 3 + X, y).predict_risk(X) for w in (1, 5)}

    def hierarchy(w: int, keep: np.ndarray) -> np.ndarray:
        rows = Forecasts(is_event[keep], risk[w][keep], None, "frequency", None, event=1)
        found = fit_hierarchy(sum_by_forecast(rows.risk, rows.is_event), rows, confidence_level=0.95)
        return np.array([found.citl.estimate, found.intercept.estimate, found.slope.estimate])

    def change(keep: np.ndarray) -> np.ndarray:
        return hierarchy(5, keep) - hierarchy(1, keep)

    everything = np.ones(400, dtype=bool)
    parts = []
    for w in (1, 5):
        citl, intercept, slope = hierarchy(w, everything)
        log_odds = np.log(risk[w] / (1 - risk[w]))
        influence = citl_influence(is_event, log_odds, citl), slope_influence(is_event, log_odds, intercept, slope)
        parts.append(influence)
    errors = jackknife_error(np.array([change(np.arange(400) != i) for i in range(400)]))
    estimate = change(everything)
    for place, j in ((0, 0), (1, 2)):
        found = difference(estimate[j], parts[1][place] - parts[0][place], None, 0.95)
        assert (found.high - found.low) / 2 / 1.959964 == pytest.approx(errors[j], rel=0.06)
