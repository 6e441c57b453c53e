"""Verdicts: harm is said, and so are no harm and help; the parts of the loss add up to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from riskdec import LogisticRiskModel, compare_weighting

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec import WeightingComparison
    from riskdec.weighting import WeightingRow


def test_harm_is_said_with_what_it_is(right: WeightingComparison, finding: Callable[..., Any]) -> None:
    said = finding(right, "RD411", "'natural'")
    assert said.severity == "issue"
    for words in ("harm", "puts the average risk at", "raises the Brier score by", "makes decisions dearer by"):
        assert words in said.sentence
    assert said.sentence.endswith("and ranks no better.")


def test_no_harm_is_said_plainly(draw: Callable[..., Any], finding: Callable[..., Any]) -> None:
    X, y = draw(51, n=1200)
    comparison = compare_weighting(LogisticRiskModel(), X, y, schemes=(1.05,), rng=0)
    said = finding(comparison, "RD411")
    assert said.severity == "good"
    assert "no harm that these rows tell from chance, in average risk, Brier score, ranking as fitted" in said.sentence


def test_ranking_of_a_right_model_is_no_better(right: WeightingComparison, finding: Callable[..., Any]) -> None:
    said = finding(right, "RD408", "'natural'")
    assert said.severity == "good"
    assert "Weights ranked no better and no worse than none" in said.sentence


def test_ranking_of_a_wrong_model_changes(finding: Callable[..., Any]) -> None:
    # A linear term for a skewed column: weights on the rare event make more of the other one.
    rng = np.random.default_rng(3)
    x, z = rng.lognormal(0, 1.2, size=20_000), rng.normal(size=20_000)
    y = rng.random(20_000) < 1 / (1 + np.exp(3.5 - 1.2 * np.log(x) - z))
    comparison = compare_weighting(LogisticRiskModel(), np.column_stack([x, z]), y, schemes=(15,), rng=0)
    said = finding(comparison, "RD408")
    assert said.severity == "caution"
    change = comparison.rows[3].auc_difference
    assert ("Weights ranked better" in said.sentence) == (change.estimate > 0)


def test_parts_of_the_loss_add_up(right: WeightingComparison, wrong: WeightingComparison) -> None:
    for parts in (*right.loss_parts, *wrong.loss_parts):
        total = parts.shift.estimate + parts.slope.estimate + parts.remaining.estimate
        assert parts.total.estimate == pytest.approx(total, rel=1e-10)


def test_loss_of_a_right_model_is_a_shift_and_no_more(
    right: WeightingComparison, finding: Callable[..., Any], row: Callable[..., WeightingRow]
) -> None:
    parts = right.loss_parts[0]
    assert parts.shift.estimate / parts.total.estimate == pytest.approx(1, abs=0.02)
    assert parts.remaining.low < 0 < parts.remaining.high
    assert finding(right, "RD409", "'natural'").severity == "good"
    difference = row(right, "natural").brier - row(right, "none, recalibrated").brier
    assert parts.total.estimate == pytest.approx(difference, rel=1e-9)


def test_loss_of_a_wrong_model_stays_in_part_for_good(wrong: WeightingComparison, finding: Callable[..., Any]) -> None:
    assert wrong.loss_parts[0].remaining.low > 0
    assert "lost for good" in finding(wrong, "RD409").sentence
    assert finding(wrong, "RD409").severity == "caution"


def test_too_few_events_to_recalibrate_are_told(draw: Callable[..., Any], finding: Callable[..., Any]) -> None:
    X, y = draw(52, n=2000)
    few = np.flatnonzero(y == 1)[:8]
    keep = np.sort(np.concatenate([few, np.flatnonzero(y == 0)[:300]]))
    comparison = compare_weighting(LogisticRiskModel(), X[1000:], y[1000:], X_test=X[keep], y_test=y[keep], rng=0)
    assert {row.repair for row in comparison.rows} == {"raw", "undone"}
    assert comparison.loss_parts == ()
    assert (
        "Too few events, or in too few groups, to recalibrate some of the held-out rows by the others (8 in 308)"
        in finding(comparison, "RD413").sentence
    )
    assert "recalibrated" not in str(comparison.summary().sections[0])


def test_model_that_ranks_nothing_has_a_verdict_too(draw: Callable[..., Any], finding: Callable[..., Any]) -> None:
    X, y = draw(53, n=900)
    comparison = compare_weighting(DummyClassifier(strategy="prior"), X, y, rng=0)
    assert "puts the average risk at 50.0 %" in finding(comparison, "RD411").sentence
    assert comparison.rows[0].auc == 0.5
