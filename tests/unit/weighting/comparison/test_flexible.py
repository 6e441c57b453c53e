"""The test of whether a gain of weights came from a model of the wrong form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression

from riskdec import LogisticRiskModel, TabularRiskModel, compare_weighting
from riskdec.errors import InputError
from riskdec.weighting.comparison.flexible import choose_flexible

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec import WeightingComparison

COSTS = {"false_positive": 1, "false_negative": 15}


def skewed(seed: int, n: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """A linear term for so skewed a column is wrong; a spline is not."""
    rng = np.random.default_rng(seed)
    x, z = rng.lognormal(0, 1.2, size=n), rng.normal(size=n)
    return np.column_stack([x, z]), rng.random(n) < 1 / (1 + np.exp(3.5 - 1.2 * np.log(x) - z))


@pytest.fixture(scope="module")
def helped() -> WeightingComparison:
    """Weights of 15 make a straight line cheaper."""
    return compare_weighting(LogisticRiskModel(), *skewed(3), schemes=(15,), costs=COSTS, rng=0)


def test_gain_vanishes_with_splines(helped: WeightingComparison, finding: Callable[..., Any]) -> None:
    (check,) = helped.flexible_checks
    assert (check.scheme, check.repair, check.model) == ("ratio 15", "undone", "TabularRiskModel")
    assert check.gain.high < 0
    assert check.verdict == "vanishes"
    # Splines without weights are cheaper than lines with them, and gain nothing from them.
    assert check.against_weighted.high < 0
    assert check.flexible_gain.high >= 0
    said = finding(helped, "RD410")
    assert "The gain vanishes with a model that can bend: the weights bent one of the wrong form" in said.sentence
    assert "it helped decisions (undone); a more flexible model needs no weights" in finding(helped, "RD411").sentence


def test_gain_stays_with_a_model_that_is_wrong_too(finding: Callable[..., Any]) -> None:
    X, y = skewed(4)
    comparison = compare_weighting(
        LogisticRiskModel(), X, y, schemes=(15,), costs=COSTS, flexible=LogisticRegression(C=np.inf), rng=0
    )
    (check,) = comparison.flexible_checks
    assert check.model == "LogisticRegression"
    assert check.verdict == "stays"
    # It is the same model in another package.
    assert check.flexible_gain.estimate == pytest.approx(check.gain.estimate, rel=0.05)
    assert "there is a reason to weight" in finding(comparison, "RD410").sentence


def test_question_stays_open_with_a_model_that_neither_gains_nor_keeps_the_gain(finding: Callable[..., Any]) -> None:
    X, y = skewed(4)
    constant = DummyClassifier(strategy="prior")
    comparison = compare_weighting(LogisticRiskModel(), X, y, schemes=(15,), costs=COSTS, flexible=constant, rng=0)
    (check,) = comparison.flexible_checks
    assert check.verdict == "open"
    assert check.against_weighted.high >= -check.gain.estimate
    assert check.flexible_gain.high >= 0
    assert "the question stays open" in finding(comparison, "RD410").sentence
    assert "did not settle why" in finding(comparison, "RD411").sentence


def test_nothing_is_tried_where_nothing_helped(right: WeightingComparison) -> None:
    assert right.flexible_checks == ()
    assert not [finding for finding in right.findings if finding.code == "RD410"]


def test_luck_of_the_training_rows_is_no_help(finding: Callable[..., Any], draw: Callable[..., Any]) -> None:
    # A model of the right form: the interval takes the fits as given, so it may well exclude 0 by luck.
    found = 0
    for seed in range(8):
        comparison = compare_weighting(LogisticRiskModel(), *draw(seed), costs=COSTS | {"defer": 0.6}, rng=0)
        undone = next(row for row in comparison.rows if row.repair == "undone")
        assert undone.cost_difference is not None
        if undone.cost_difference.high < 0 and comparison.shape_tests[0].p_value >= 0.05:
            found += 1
            assert comparison.flexible_checks == ()
            assert "the luck of the training rows" in finding(comparison, "RD407", "Undone").sentence
    assert found


@pytest.mark.parametrize(
    ("estimator", "expected"),
    [
        (LogisticRiskModel(), "TabularRiskModel(event='ill')"),
        (TabularRiskModel(event="ill", shape="linear", penalty=None), "TabularRiskModel(event='ill')"),
        (TabularRiskModel(), "None"),
        (LogisticRiskModel(formula="y ~ x"), "None"),
        (LogisticRegression(), "None"),
    ],
)
def test_model_to_try_is_the_same_with_splines(estimator: Any, expected: str) -> None:
    assert repr(choose_flexible(estimator, None, np.zeros((3, 1)), "ill")) == expected


def test_sparse_rows_have_no_splines_and_a_given_model_is_checked() -> None:
    assert choose_flexible(LogisticRiskModel(), None, csr_array(np.eye(3)), 1) is None
    with pytest.raises(InputError, match="carry no class weights of its own"):
        choose_flexible(LogisticRiskModel(), LogisticRegression(class_weight="balanced"), np.zeros((3, 1)), 1)
