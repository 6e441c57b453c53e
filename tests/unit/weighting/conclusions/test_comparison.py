"""What is concluded from a comparison: each finding with the numbers that it rests on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from riskdec import LogisticRiskModel, compare_weighting
from riskdec.errors import SeparationWarning

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec import WeightingComparison
    from riskdec._base.result import Estimate
    from riskdec.weighting import WeightingRow


def excludes_zero(estimate: Estimate) -> bool:
    return estimate.low > 0 or estimate.high < 0


def test_weights_shift_risks_of_a_right_model_and_undoing_shifts_them_back(
    right: WeightingComparison, row: Callable[..., WeightingRow], finding: Callable[..., Any]
) -> None:
    natural = row(right, "natural")
    assert natural.mean_risk > 3 * natural.observed_rate
    assert excludes_zero(natural.mean_error)
    assert finding(right, "RD401", "'natural'").severity == "issue"
    shift = next(s for s in right.coefficients if s.scheme == "natural" and s.name == "Intercept")
    assert abs(shift.shift - np.log(natural.weight_ratio)) < 4 * shift.shift_se
    assert row(right, "natural, undone").mean_risk == pytest.approx(row(right, "none").mean_risk, rel=0.03)
    assert finding(right, "RD403", "'natural'").severity == "good"
    assert natural.agreement_with_mle_cut > 0.95


def test_right_model_is_not_accused_of_a_changed_shape(right: WeightingComparison, finding: Callable[..., Any]) -> None:
    assert [test.p_value > 0.05 for test in right.shape_tests] == [True, True]
    sentence = finding(right, "RD404", "'natural'")
    assert sentence.severity == "good"
    assert "no slope moved by more than chance" in sentence.sentence


def test_misspecified_model_is_found_out(
    wrong: WeightingComparison, row: Callable[..., WeightingRow], finding: Callable[..., Any]
) -> None:
    undone = row(wrong, "natural, undone")
    assert not excludes_zero(row(wrong, "none").mean_error)
    assert excludes_zero(undone.mean_error)
    assert excludes_zero(undone.citl)
    assert "that is still off" in finding(wrong, "RD405").sentence
    assert finding(wrong, "RD405").severity == "caution"
    assert wrong.shape_tests[0].p_value < 1e-6
    assert "the form of the model is not that of the data" in finding(wrong, "RD404").sentence


def test_undoing_is_never_said_to_make_the_mean_right(right: WeightingComparison, finding: Callable[..., Any]) -> None:
    sentence = finding(right, "RD405", "'natural'").sentence
    assert "proves nothing" in sentence
    assert "exact only for an unpenalised model that contains the true log-odds" in sentence


def test_naive_errors_are_set_beside_robust_ones(right: WeightingComparison, finding: Callable[..., Any]) -> None:
    slopes = [s for s in right.coefficients if s.scheme == "natural" and s.name != "Intercept"]
    factors = [s.robust_se / s.naive_se for s in slopes]
    assert min(factors) > 1.2
    sentence = finding(right, "RD402", "'natural'").sentence
    assert "scaled to mean one" in sentence
    assert f"{np.median(factors):.3g} times too small" in sentence


def test_bayes_decisions_on_weighted_risks_count_costs_twice(
    right: WeightingComparison, row: Callable[..., WeightingRow], finding: Callable[..., Any], costs: dict[str, float]
) -> None:
    raw = row(right, "natural")
    assert raw.cost_difference is not None
    assert raw.mean_realised_cost is not None
    assert raw.cost_difference.low > 0
    assert "costs count twice" in finding(right, "RD407", "As fitted, decisions cost more than").sentence
    assert raw.mean_realised_cost > row(right, "natural, undone").mean_realised_cost + 0.1
    assert "difference" in finding(right, "RD407", "Undone, decisions cost neither more nor less").sentence


def test_help_of_weights_is_said_when_they_helped(
    row: Callable[..., WeightingRow], finding: Callable[..., Any]
) -> None:
    # A linear term for a very skewed column: the weighted fit is bent to be right near the cut of 1 / 16.
    rng = np.random.default_rng(3)
    x, z = rng.lognormal(0, 1.2, size=20_000), rng.normal(size=20_000)
    y = rng.random(20_000) < 1 / (1 + np.exp(3.5 - 1.2 * np.log(x) - z))
    costs = {"false_positive": 1, "false_negative": 15}
    comparison = compare_weighting(LogisticRiskModel(), np.column_stack([x, z]), y, schemes=(15,), costs=costs, rng=0)
    change = row(comparison, "ratio 15, undone").cost_difference
    assert change is not None
    assert change.high < 0
    said = finding(comparison, "RD407", "Undone, decisions cost less")
    assert "Weighting helped here" in said.sentence
    assert "more flexible model" in said.todo


def test_balanced_is_said_to_be_the_same_fit_as_natural(
    draw: Callable[..., Any], row: Callable[..., WeightingRow], finding: Callable[..., Any]
) -> None:
    X, y = draw(15, n=1500)
    comparison = compare_weighting(LogisticRiskModel(), X, y, schemes=("natural", "balanced"), rng=0)
    assert "the same fit as 'natural'" in finding(comparison, "RD401", "'balanced'").sentence
    assert row(comparison, "balanced").brier == pytest.approx(row(comparison, "natural").brier, rel=1e-12)


def test_ratio_of_one_is_said_to_be_no_weight(draw: Callable[..., Any], row: Callable[..., WeightingRow]) -> None:
    X, y = draw(16, n=1500)
    comparison = compare_weighting(LogisticRiskModel(), X, y, schemes=(1,), rng=0)
    assert [f.severity for f in comparison.findings if f.code == "RD401"] == ["not applicable"]
    assert row(comparison, "ratio 1").brier_difference.estimate == pytest.approx(0, abs=1e-15)


def test_separated_data_are_said_to_have_no_maximum_likelihood_fit(
    draw: Callable[..., Any], finding: Callable[..., Any]
) -> None:
    X, y = draw(17, n=1500)
    X[:, 2] = (y == 1) & (np.arange(1500) % 3 == 0)
    with pytest.warns(SeparationWarning):
        comparison = compare_weighting(LogisticRiskModel(), X, y, rng=0)
    assert "'none', 'natural'" in finding(comparison, "RD406").sentence
    assert comparison.shape_tests == ()


def test_risks_of_exactly_0_and_1_are_named_as_the_obstacle(
    draw: Callable[..., Any], finding: Callable[..., Any]
) -> None:
    X, y = draw(18, n=1000)
    comparison = compare_weighting(DecisionTreeClassifier(random_state=0), X, y, rng=0)
    assert comparison.rows[0].citl.to_dict()["estimate"] is None
    assert "every risk is exactly 0 or 1" in finding(comparison, "RD207").sentence
    assert "was given probability 0 happened" in finding(comparison, "RD206").sentence
    assert "log-odds expected to move by about" in finding(comparison, "RD401").sentence
    assert finding(comparison, "RD404").severity == "not applicable"
    assert finding(comparison, "RD405").severity in ("caution", "good")
    json.dumps(comparison.to_dict(), allow_nan=False)
    assert "not available" in str(comparison.summary())


def test_missing_precision_has_a_finding(
    draw: Callable[..., Any], row: Callable[..., WeightingRow], finding: Callable[..., Any]
) -> None:
    X, y = draw(19, n=1500)
    comparison = compare_weighting(LogisticRegression(C=np.inf), 0.01 * X[:, :1] ** 2, y, rng=0)
    assert np.isnan(row(comparison, "none").precision_at_half)
    assert "'none'" in finding(comparison, "RD205").sentence
