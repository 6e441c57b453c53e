"""Prevalence without labels: intervals, labelled rows, groups, weights, findings, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit, logit, softmax
from scipy.stats import chi2

from riskdec import adjust_prevalence, estimate_prevalence
from riskdec.errors import InputError


def log_odds(rng: np.random.Generator, event: np.ndarray, distance: float = 1.5) -> np.ndarray:
    """Draw normal scores and give their log-odds at even prevalence."""
    return distance * (rng.normal(size=len(event)) + distance * event) - distance**2 / 2


def draw(seed: int, n: int, prevalence: float, distance: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    event = rng.random(n) < prevalence
    return event, log_odds(rng, event, distance)


def codes(answer: Any) -> set[str]:
    return {finding.code for finding in answer.findings}


def test_limits_are_where_the_likelihood_ratio_reaches_its_quantile() -> None:
    p = expit(draw(1, 1500, 0.08)[1])
    found = estimate_prevalence(p, train=0.5, confidence_level=0.9).prevalence

    def value(q: float) -> float:
        return float(np.log((1 - q) * (1 - p) + q * p).sum())

    height = value(found.estimate) - chi2.ppf(0.9, 1) / 2
    low, high = (
        brentq(lambda q: value(q) - height, 1e-4, found.estimate),
        brentq(lambda q: value(q) - height, found.estimate, 0.9),
    )
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-8), pytest.approx(high, abs=1e-8))


def test_training_prevalence_only_moves_the_scores() -> None:
    _, L = draw(2, 3000, 0.1)
    first = estimate_prevalence(expit(L), train=0.5).prevalence
    second = estimate_prevalence(expit(L + logit(0.2)), train=0.2).prevalence
    assert second.estimate == pytest.approx(first.estimate, abs=1e-10)
    assert (second.low, second.high) == (pytest.approx(first.low, abs=1e-8), pytest.approx(first.high, abs=1e-8))


def test_columns_of_two_and_risks_agree_and_order_of_outcomes_is_only_an_order() -> None:
    p = expit(draw(3, 500, 0.3)[1])
    risk = estimate_prevalence(p, train=0.4)
    columns = estimate_prevalence(np.column_stack([p, 1 - p]), train=(0.4, 0.6))
    for one, two in zip(risk.shares, reversed(columns.shares), strict=True):
        assert [one.estimate, one.low, one.high] == pytest.approx([two.estimate, two.low, two.high], abs=1e-8)


def test_end_of_the_range_has_an_interval_with_one_end() -> None:
    p = expit(draw(4, 400, 0.0, 2.5)[1])
    answer = estimate_prevalence(p, train=0.5)
    assert answer.prevalence.estimate == answer.prevalence.low == 0
    assert 0 < answer.prevalence.high < 0.03
    assert "RD524" in codes(answer)
    np.testing.assert_array_equal(answer.adjust(p), np.zeros(400))


def test_profile_of_three_outcomes_is_the_maximum_over_the_others() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(600, 2)) + np.array([[0, 0], [1.5, 0], [0, 1.5]])[rng.choice(3, 600, p=[0.7, 0.2, 0.1])]
    p = softmax(np.column_stack([np.zeros(600), 1.5 * x - 1.125]), axis=1)
    answer = estimate_prevalence(p, train=[1 / 3] * 3)
    q = np.array([share.estimate for share in answer.shares])
    top = np.log(p @ q).sum()
    for k, share in enumerate(answer.shares):
        for limit in (share.low, share.high):
            grid = np.linspace(0, 1 - limit, 4001)
            others = [j for j in range(3) if j != k]
            mixtures = limit * p[:, [k]] + p[:, [others[0]]] * grid + p[:, [others[1]]] * (1 - limit - grid)
            assert 2 * (top - np.log(mixtures).sum(axis=0).max()) == pytest.approx(chi2.ppf(0.95, 1), abs=1e-3)


def test_integer_weights_are_repetitions_and_rows_of_weight_zero_absent() -> None:
    p = expit(draw(6, 300, 0.2)[1])
    weight = np.random.default_rng(0).integers(0, 4, 300)
    weighted = estimate_prevalence(p, train=0.5, sample_weight=weight)
    repeated = estimate_prevalence(np.repeat(p, weight), train=0.5)
    for one, two in zip(weighted.shares, repeated.shares, strict=True):
        assert [one.estimate, one.low, one.high] == pytest.approx([two.estimate, two.low, two.high], abs=1e-9)


def test_integer_weights_of_labelled_rows_are_repetitions() -> None:
    event, L = draw(7, 200, 0.5)
    weight = np.random.default_rng(0).integers(0, 4, 200)
    rows, p = np.repeat(np.arange(200), weight), expit(draw(8, 500, 0.1)[1])
    for method in ("likelihood", "confusion"):
        weighted = estimate_prevalence(
            p, method=method, y_true_calibration=event, y_proba_calibration=expit(L), sample_weight_calibration=weight
        )
        repeated = estimate_prevalence(
            p, method=method, y_true_calibration=event[rows], y_proba_calibration=expit(L)[rows]
        )
        first, second = weighted.prevalence, repeated.prevalence
        assert [first.estimate, first.low, first.high] == pytest.approx([second.estimate, second.low, second.high])
        assert weighted.label_shift is not None
        assert repeated.label_shift is not None


def test_only_ratios_of_importance_weights_matter() -> None:
    p = expit(draw(9, 300, 0.2)[1])
    weight = np.random.default_rng(0).uniform(0.1, 4, 300)
    first, second = (
        estimate_prevalence(p, train=0.5, sample_weight=c * weight, weight_kind="importance").prevalence
        for c in (1, 100)
    )
    assert [first.estimate, first.low, first.high] == pytest.approx(
        [second.estimate, second.low, second.high], abs=1e-7
    )


def test_copies_in_a_group_are_no_evidence() -> None:
    p = expit(draw(10, 400, 0.2)[1])
    rows = np.repeat(np.arange(400), 4)
    once = estimate_prevalence(p, train=0.5).prevalence
    copied = estimate_prevalence(p[rows], train=0.5, groups=rows).prevalence
    alone = estimate_prevalence(p[rows], train=0.5).prevalence
    assert copied.estimate == pytest.approx(once.estimate, abs=1e-9)
    assert copied.high - copied.low == pytest.approx(once.high - once.low, rel=0.1)
    assert alone.high - alone.low == pytest.approx((once.high - once.low) / 2, rel=0.1)


@pytest.mark.parametrize("method", ["likelihood", "confusion"])
def test_labelled_rows_repair_scores_that_are_far_too_extreme(method: Any) -> None:
    _, L = draw(11, 4000, 0.05)
    labelled, Lc = draw(12, 2000, 0.5)
    distorted, distorted_c = expit(1 + 2.5 * L), expit(1 + 2.5 * Lc)
    given = estimate_prevalence(
        distorted, train=0.5, method=method, y_true_calibration=labelled, y_proba_calibration=distorted_c
    )
    assert given.prevalence.low < 0.05 < given.prevalence.high
    raw = estimate_prevalence(distorted, train=0.5).prevalence
    assert raw.low > 0.1
    if method == "likelihood":
        assert given.slope == pytest.approx(0.4, abs=0.05)
        (finding,) = [finding for finding in given.findings if finding.code == "RD523"]
        assert "As given they would make the prevalence of the event" in finding.sentence
        # Adjusted risks are right at the new prevalence: they average it, on other rows too.
        _, other = draw(13, 20_000, 0.05)
        assert given.adjust(expit(1 + 2.5 * other)).mean() == pytest.approx(given.prevalence.estimate, abs=0.01)


def test_lines_of_the_log_odds_change_no_estimate_with_labelled_rows() -> None:
    _, L = draw(14, 800, 0.2)
    labelled, Lc = draw(15, 300, 0.4)
    first, second = (
        estimate_prevalence(expit(a + b * L), y_true_calibration=labelled, y_proba_calibration=expit(a + b * Lc))
        for a, b in ((0, 1), (0.7, 1.8))
    )
    assert second.prevalence.estimate == pytest.approx(first.prevalence.estimate, abs=1e-7)
    assert second.prevalence.high == pytest.approx(first.prevalence.high, abs=1e-6)


def test_labelled_rows_widen_the_interval_by_their_own_uncertainty() -> None:
    _, L = draw(16, 1000, 0.2)
    widths = []
    for n in (100, 1000, 100_000):
        labelled, Lc = draw(17, n, 0.5)
        found = estimate_prevalence(expit(L), y_true_calibration=labelled, y_proba_calibration=expit(Lc)).prevalence
        widths.append(found.high - found.low)
    without = estimate_prevalence(expit(L), train=0.5).prevalence
    assert widths[0] > widths[1] > widths[2]
    assert widths[2] == pytest.approx(without.high - without.low, rel=0.05)


def test_scores_calibrated_at_train_are_not_complained_about() -> None:
    labelled, Lc = draw(18, 1000, 0.5)
    answer = estimate_prevalence(
        expit(draw(19, 1000, 0.2)[1] + logit(0.1)),
        train=0.1,
        y_true_calibration=labelled,
        y_proba_calibration=expit(Lc + logit(0.1)),
    )
    assert not {"RD522", "RD523", "RD527"} & codes(answer)


def test_covariate_shift_is_refused_in_words() -> None:
    labelled, Lc = draw(20, 2000, 0.5)
    rng = np.random.default_rng(0)
    middling = expit(rng.normal(0, 0.3, 2000))
    answer = estimate_prevalence(middling, y_true_calibration=labelled, y_proba_calibration=expit(Lc))
    assert answer.label_shift is not None
    assert answer.label_shift.p_value < 1e-6
    (finding,) = [finding for finding in answer.findings if finding.code == "RD522"]
    assert finding.severity == "issue"
    assert "Do not use the estimate" in finding.todo


def test_without_labels_the_assumptions_are_said() -> None:
    (finding,) = [f for f in estimate_prevalence([0.1, 0.6], train=0.5).findings if f.code == "RD527"]
    assert "calibrated at the training prevalence" in finding.sentence


def test_confusion_solves_the_equation_of_means() -> None:
    _, L = draw(21, 600, 0.3)
    labelled, Lc = draw(22, 400, 0.5)
    p, pc = expit(L), expit(Lc)
    answer = estimate_prevalence(p, method="confusion", y_true_calibration=labelled, y_proba_calibration=pc)
    low, high = pc[~labelled].mean(), pc[labelled].mean()
    assert answer.prevalence.estimate == pytest.approx((p.mean() - low) / (high - low), rel=1e-12)
    # The limits: where the difference of means is as many standard errors from 0 as the quantile says.
    for q in (answer.prevalence.low, answer.prevalence.high):
        variance = p.var() / 600 + sum(
            share**2 * part.var() / len(part) for share, part in ((q, pc[labelled]), (1 - q, pc[~labelled]))
        )
        off = p.mean() - q * high - (1 - q) * low
        assert off**2 / variance == pytest.approx(chi2.ppf(0.95, 1), rel=1e-9)
    with pytest.raises(InputError, match="train must be known to adjust probabilities"):
        answer.adjust(p)


def test_confusion_of_three_outcomes_stays_in_the_simplex() -> None:
    rng = np.random.default_rng(23)
    centre = np.array([[0, 0], [1.5, 0], [0, 1.5]])

    def proba(y: np.ndarray) -> np.ndarray:
        x = rng.normal(size=(len(y), 2)) + centre[y]
        return softmax(np.column_stack([np.zeros(len(y)), 1.5 * x - 1.125]), axis=1)

    y = rng.choice(3, 3000, p=[0.6, 0.4, 0.0])
    labelled = rng.choice(3, 900)
    for method in ("likelihood", "confusion"):
        answer = estimate_prevalence(
            proba(y), method=method, y_true_calibration=labelled, y_proba_calibration=proba(labelled)
        )
        q = np.array([share.estimate for share in answer.shares])
        assert q.sum() == pytest.approx(1, abs=1e-9)
        assert (q >= 0).all()
        for share, truth in zip(answer.shares, [0.6, 0.4, 0.0], strict=True):
            assert share.low - 0.01 <= truth <= share.high + 0.01


def test_labels_of_any_kind_are_sorted_to_the_columns() -> None:
    event, L = draw(24, 300, 0.5)
    p = expit(L)
    words = np.where(event, "ill", "healthy")
    by_word = estimate_prevalence(p, y_true_calibration=words, y_proba_calibration=p, event="ill").prevalence
    assert (
        by_word.estimate == estimate_prevalence(p, y_true_calibration=event, y_proba_calibration=p).prevalence.estimate
    )
    columns = estimate_prevalence(
        np.column_stack([1 - p, p]), y_true_calibration=words, y_proba_calibration=np.column_stack([1 - p, p])
    )
    assert columns.prevalence.estimate == pytest.approx(by_word.estimate, abs=1e-9)


def test_adjusted_probabilities_are_those_of_the_shift() -> None:
    p = expit(draw(25, 2000, 0.05)[1])
    answer = estimate_prevalence(p, train=0.5)
    shifted = adjust_prevalence(p, train=0.5, target=answer.prevalence.estimate)
    np.testing.assert_allclose(answer.adjust(p), shifted, rtol=1e-12)
    # The condition of the maximum: adjusted probabilities average the estimate.
    assert shifted.mean() == pytest.approx(answer.prevalence.estimate, abs=1e-10)


def test_scores_that_say_little_leave_every_prevalence_open() -> None:
    p = 0.5 + 1e-3 * np.random.default_rng(0).normal(size=30)
    answer = estimate_prevalence(p, train=0.5)
    assert (answer.prevalence.low, answer.prevalence.high) == (0, 1)
    assert "RD525" in codes(answer)


def test_summary_and_dictionary_hold_the_answer() -> None:
    event, L = draw(26, 500, 0.2)
    answer = estimate_prevalence(expit(L), train=0.5, y_true_calibration=event, y_proba_calibration=expit(L))
    text = str(answer)
    assert "Scores recalibrated on the labelled rows" in text
    assert "Label shift: chi-square" in text
    plain = answer.to_dict()
    assert plain["shares"][1]["estimate"] == answer.prevalence.estimate
    assert plain["label_shift"]["df"] == 3
    assert repr(answer).startswith("<PrevalenceEstimate: ")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "train must be given where there are no labelled rows; got None"),
        ({"train": 0}, "train must be above 0 and below 1"),
        ({"train": 0.5, "method": "magic"}, "method must be one of 'likelihood', 'confusion'"),
        ({"method": "confusion"}, 'y_true_calibration must be given for method="confusion"'),
        ({"train": 0.5, "y_true_calibration": [0, 1]}, "must be given together; got one of them"),
        (
            {"y_true_calibration": [0, 0], "y_proba_calibration": [0.1, 0.2]},
            "hold every outcome; got no row of outcome 1",
        ),
        (
            {"y_true_calibration": [0, 1], "y_proba_calibration": [[0.2, 0.8], [0.5, 0.5]]},
            "y_proba_calibration must have the shape of y_proba",
        ),
        (
            {"y_true_calibration": [0, 1, 0], "y_proba_calibration": [0.1, 0.9, 0.2]},
            "y_proba_calibration must overlap between the outcomes",
        ),
        (
            {"y_true_calibration": [0, 1, 0], "y_proba_calibration": [0.0, 0.9, 0.2]},
            "y_proba_calibration must lie strictly between 0 and 1; got 0.0 at position 0",
        ),
        ({"train": 0.5, "groups": [1, 1, 1]}, "groups must hold at least two groups; got one group"),
    ],
)
def test_bad_input_is_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        estimate_prevalence([0.2, 0.5, 0.6], **options)


def test_scores_that_say_nothing_are_refused() -> None:
    with pytest.raises(InputError, match="y_proba must differ from train in some rows"):
        estimate_prevalence([0.5, 0.5], train=0.5)
    with pytest.raises(InputError, match="prevalence must be asked of two outcomes; got 3"):
        _ = estimate_prevalence([[0.2, 0.3, 0.5], [0.5, 0.3, 0.2]], train=[0.3, 0.3, 0.4]).prevalence


def test_adjusting_certain_rows_of_an_outcome_that_does_not_occur_is_refused() -> None:
    event, L = draw(27, 300, 0.5)
    none = expit(draw(28, 300, 0.0, 1.5)[1] - 6)
    answer = estimate_prevalence(none, y_true_calibration=event, y_proba_calibration=expit(L))
    assert answer.prevalence.estimate == 0
    np.testing.assert_array_equal(answer.adjust([0.2, 0.9]), [0, 0])
    with pytest.raises(InputError, match="leave some probability to an outcome that occurs at the target"):
        answer.adjust([0.2, 1.0])


def test_mean_beyond_that_of_either_outcome_is_an_issue() -> None:
    event, L = draw(29, 200, 0.5)
    answer = estimate_prevalence(
        np.full(400, 0.999), method="confusion", y_true_calibration=event, y_proba_calibration=expit(L)
    )
    assert answer.prevalence.low == answer.prevalence.high == 1
    assert any("no prevalence is compatible" in f.sentence for f in answer.findings if f.code == "RD522")
