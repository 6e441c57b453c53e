from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest

from riskdec import CostMatrix, MulticlassCalibrationReport, brier_score, decide, diagnose, log_score
from riskdec.errors import InputError

NAMES = ("cat", "dog", "eel")


def draw(rng: np.random.Generator, n: int = 300, temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Draw outcomes from probabilities, and give probabilities that are too extreme where the temperature is high."""
    logits = rng.normal([0.5, 0.0, -0.5], 1, (n, 3))
    truth = softmax(logits)
    codes = (rng.random(n)[:, None] > truth.cumsum(axis=1)[:, :-1]).sum(axis=1)
    return np.array(NAMES)[codes], softmax(temperature * logits)


def softmax(logits: np.ndarray) -> np.ndarray:
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def figures(report: MulticlassCalibrationReport) -> list[float]:
    error = report.canonical_error
    return [error.estimate, error.null_mean, error.null_high, error.p_value]


def codes(report: MulticlassCalibrationReport) -> set[tuple[str, str]]:
    return {(finding.code, finding.severity) for finding in report.findings}


def test_each_outcome_is_the_binary_report_of_its_column(rng: np.random.Generator) -> None:
    y, proba = draw(rng)
    report = diagnose(y, proba, n_resamples=20, rng=0)
    assert isinstance(report, MulticlassCalibrationReport)
    assert [outcome.name for outcome in report.outcomes] == list(NAMES)
    for k, outcome in enumerate(report.outcomes):
        wanted = diagnose(y == NAMES[k], proba[:, k], n_resamples=20, rng=0)
        assert outcome.report.slope.to_dict() == wanted.slope.to_dict()
        assert outcome.report.ici.estimate == pytest.approx(wanted.ici.estimate)
        assert outcome.report.miscalibration.estimate == wanted.miscalibration.estimate
    top = diagnose(np.array(NAMES)[proba.argmax(axis=1)] == y, proba.max(axis=1), n_resamples=20, rng=0)
    assert (report.accuracy, report.mean_confidence) == pytest.approx((top.prevalence, top.mean_risk))
    assert report.top_label.slope.to_dict() == top.slope.to_dict()


def test_scores_are_those_of_the_scores_room_and_add_up(rng: np.random.Generator) -> None:
    y, proba = draw(rng)
    report = diagnose(y, proba, n_resamples=5, rng=0)
    assert report.brier == pytest.approx(brier_score(y, proba))
    assert report.log_score == pytest.approx(log_score(y, proba))
    assert report.miscalibration - report.discrimination + report.uncertainty == pytest.approx(report.brier)


def test_two_columns_stay_a_binary_report(rng: np.random.Generator) -> None:
    risk = rng.random(100)
    y = rng.random(100) < risk
    report = diagnose(y, np.column_stack([1 - risk, risk]), n_resamples=5, rng=0)
    assert not isinstance(report, MulticlassCalibrationReport)
    with pytest.raises(InputError, match="outcomes must be left out with fewer than three columns"):
        diagnose(y, risk, outcomes=[0, 1])


def test_named_event_is_set_against_all_others(rng: np.random.Generator) -> None:
    y, proba = draw(rng)
    report = diagnose(y, proba, event="dog", n_resamples=5, rng=0)
    assert report.event == "dog"
    assert report.to_dict() == diagnose(y == "dog", proba[:, 1], n_resamples=5, rng=0).to_dict() | {"event": "dog"}


@pytest.mark.parametrize("weight_kind", ["frequency", "importance"])
def test_order_of_rows_and_columns_changes_nothing(weight_kind: str, rng: np.random.Generator) -> None:
    y, proba = draw(rng, 120)
    weight = rng.integers(1, 4, 120)
    rows, columns = rng.permutation(120), np.array([2, 0, 1])
    options = {"weight_kind": weight_kind, "n_resamples": 10, "rng": 5}
    here = diagnose(y, proba, sample_weight=weight, **options)
    there = diagnose(y[rows], proba[rows], sample_weight=weight[rows], **options)
    assert figures(here) == pytest.approx(figures(there), rel=1e-9, abs=1e-15)
    assert here.recalibration.slope.estimate == pytest.approx(there.recalibration.slope.estimate)
    assert here.outcomes[0].report.to_dict() == there.outcomes[0].report.to_dict()
    turned = diagnose(y, proba[:, columns], sample_weight=weight, outcomes=[NAMES[k] for k in columns], **options)
    assert [outcome.name for outcome in turned.outcomes] == [NAMES[k] for k in columns]
    assert turned.recalibration.slope.to_dict() == pytest.approx(here.recalibration.slope.to_dict())
    for k, column in enumerate(columns):
        ours, theirs = turned.recalibration.intercepts[k], here.recalibration.intercepts[column]
        assert ours.to_dict() == pytest.approx(theirs.to_dict(), abs=1e-9)
    assert [test.statistic for test in turned.recalibration.tests] == pytest.approx(
        [test.statistic for test in here.recalibration.tests]
    )


def test_frequency_weights_equal_repeated_rows(rng: np.random.Generator) -> None:
    y, proba = draw(rng, 150)
    weight = rng.integers(0, 4, 150)
    first = diagnose(y, proba, sample_weight=weight, n_resamples=15, rng=3)
    second = diagnose(np.repeat(y, weight), np.repeat(proba, weight, axis=0), n_resamples=15, rng=3)
    weighted, repeated = first.to_dict(), second.to_dict()
    for ours, theirs in zip(weighted["outcomes"], repeated["outcomes"], strict=True):
        for name in ("p_value", "p_adjusted"):
            assert ours.pop(name) == pytest.approx(theirs.pop(name))
        assert ours == theirs
    assert weighted["top_label"] == repeated["top_label"]
    assert weighted["n"] == repeated["n"]
    assert figures(first) == pytest.approx(figures(second), rel=1e-9, abs=1e-15)
    assert weighted["recalibration"]["slope"] == pytest.approx(repeated["recalibration"]["slope"])


def test_extreme_probabilities_are_found_at_every_level(rng: np.random.Generator) -> None:
    y, proba = draw(rng, 1500, temperature=1.6)
    report = diagnose(y, proba, rng=0)
    assert {("RD221", "issue"), ("RD222", "issue"), ("RD223", "issue")} <= codes(report)
    assert report.recalibration.slope.low < 1 / 1.6 < report.recalibration.slope.high
    assert report.canonical_error.p_value < 0.01
    text = str(report.summary())
    for part in ("Each outcome against all others", "likeliest outcome alone", "common slope", "temperature"):
        assert part in text


def test_right_probabilities_are_called_compatible(rng: np.random.Generator) -> None:
    report = diagnose(*draw(rng, 1000), rng=0)
    assert ("RD223", "good") in codes(report)
    assert "issue" not in {severity for _, severity in codes(report)}


def test_right_confidence_alone_is_not_taken_for_calibration(rng: np.random.Generator) -> None:
    # The likeliest outcome is right as often as said; the second and the third are exchanged.
    n = 3000
    proba = np.array([0.6, 0.3, 0.1]) + rng.uniform(-0.08, 0.08, (n, 1)) * [1, -1, 0]
    truth = proba[:, [0, 2, 1]]
    y = (rng.random(n)[:, None] > truth.cumsum(axis=1)[:, :-1]).sum(axis=1)
    report = diagnose(y, proba, rng=0)
    finding = next(f for f in report.findings if f.code == "RD222")
    assert finding.severity == "caution"
    assert "top label alone would have missed it" in finding.sentence


def test_groups_withhold_what_needs_independent_rows(rng: np.random.Generator) -> None:
    y, proba = draw(rng, 400)
    report = diagnose(y, proba, groups=np.arange(400) // 4, n_resamples=10, rng=0)
    assert report.n_groups == 100
    assert math.isnan(report.canonical_error.p_value)
    assert all(test.name.endswith("(Wald)") for test in report.recalibration.tests)
    assert ("RD210", "caution") in codes(report)
    json.dumps(report.to_dict(), allow_nan=False)


def test_impossible_outcomes_are_counted_not_dropped(rng: np.random.Generator) -> None:
    y, proba = draw(rng, 200)
    proba[0], y[0] = [0.0, 1.0, 0.0], "cat"
    report = diagnose(y, proba, n_resamples=5, rng=0)
    assert math.isinf(report.log_score)
    finding = next(f for f in report.findings if f.code == "RD206")
    assert finding.severity == "issue"
    assert "2 probabilities are exactly 0 and 1 exactly 1; 1 outcomes of probability 0 happened" in finding.sentence
    assert math.isnan(report.recalibration.slope.estimate)
    assert "whose logarithm is infinite" in report.recalibration.obstacle
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False))["log_score"] is None


def test_rare_outcomes_are_not_assessable_together(rng: np.random.Generator) -> None:
    y, proba = draw(rng, 200)
    keep = (y != "eel") | (np.cumsum(y == "eel") <= 4)
    report = diagnose(y[keep], proba[keep], n_resamples=5, rng=0)
    assert "the outcome eel has 4 rows" in report.recalibration.obstacle
    assert ("RD207", "not applicable") in codes(report)
    assert any(f.code == "RD204" and "eel" in f.sentence for f in report.findings)


def test_costs_are_promised_and_realised(rng: np.random.Generator) -> None:
    y, proba = draw(rng, 2000, temperature=3.0)
    costs = CostMatrix([[0, 3], [8, 0], [9, 1]], outcomes=NAMES, actions=("leave", "act"))
    report = diagnose(y, proba, costs=costs, n_resamples=5, rng=0)
    decisions = decide(proba, costs)
    assert report.cost is not None
    assert report.cost.promised == pytest.approx(decisions.mean_expected_cost)
    paid = np.array([[0, 3], [8, 0], [9, 1]])[[NAMES.index(label) for label in y], decisions.action_index]
    assert report.cost.realised == pytest.approx(paid.mean())
    assert report.cost.gap.low > 0
    assert any(f.code == "RD224" and "cost more than" in f.sentence for f in report.findings)
    turned = diagnose(y, proba[:, ::-1], outcomes=NAMES[::-1], costs=costs, n_resamples=5, rng=0)
    assert turned.cost is not None
    assert turned.cost.gap.to_dict() == pytest.approx(report.cost.gap.to_dict())
    assert turned.cost.realised == pytest.approx(report.cost.realised)


def test_columns_of_a_frame_are_found_by_name(rng: np.random.Generator) -> None:
    y, proba = draw(rng, 200)
    frame = pd.DataFrame(proba[:, ::-1], columns=NAMES[::-1])
    by_name = diagnose(y, frame, n_resamples=5, rng=0)
    assert by_name.brier == pytest.approx(diagnose(y, proba, n_resamples=5, rng=0).brier)
    answer = diagnose(pl.Series(y), proba, n_resamples=5, rng=0)
    assert isinstance(answer.frame(), pl.DataFrame)
    assert answer.frame()["outcome"].to_list() == list(NAMES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda y, p: (y, p * 1.1), r"rows of y_proba must sum to 1 .*got 1.1.* at position 0 \(30 of 30\)"),
        (lambda y, p: (y, np.r_[[[1.2, -0.2, 0]], p[1:]]), "y_proba must lie in .0, 1.; got 1.2 at position .0, 0."),
        (lambda y, p: (np.where(y == "eel", "cat", y), p), "y_true must hold one label per column of y_proba"),
        (lambda y, p: (np.r_[y, y], p), "y_true must have one entry per row"),
        (lambda y, p: (y[:0], p[:0]), "y_true must have at least one row"),
    ],
)
def test_bad_probabilities_are_refused(change, message, rng: np.random.Generator) -> None:  # type: ignore[no-untyped-def]
    y, proba = draw(rng, 30)
    y[:3] = NAMES
    with pytest.raises(InputError, match=message):
        diagnose(*change(y, proba), n_resamples=2)


def test_bad_outcomes_are_refused(rng: np.random.Generator) -> None:
    y, proba = draw(rng, 30)
    with pytest.raises(InputError, match="outcomes must name one label per column"):
        diagnose(y, proba, outcomes=["cat", "dog"])
    with pytest.raises(InputError, match="y_true must hold labels among the outcomes .*'ant'.*; got 'cat'"):
        diagnose(y, proba, outcomes=["ant", "dog", "eel"])
    with pytest.raises(InputError, match="y_proba must have at most 100 columns; got 101"):
        diagnose(np.arange(101), np.full((101, 101), 1 / 101))
    with pytest.raises(InputError, match="costs must have one outcome for each of the 3 labels"):
        diagnose(y, proba, costs={"false_positive": 1, "false_negative": 2}, n_resamples=2)
