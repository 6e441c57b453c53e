"""Venn-Abers calibration: both fits, the merged risk, and the guarantee."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from riskdec import IsotonicCalibrator, ScoreSums, VennAbersCalibrator
from riskdec.errors import InputError, NotFittedError

RNG = np.random.default_rng(12)
P = expit(RNG.normal(-1, 1.3, 600)).round(2)
Y = (RNG.random(600) < P).astype(int)
NEW = np.concatenate([[0.0, 1.0], P[:20], P[:20] + 0.005])
COUNTS = RNG.integers(0, 4, 600)
GAMMA = RNG.gamma(2, 1, 600)


def with_one_more_row(at: float, outcome: int, weight: np.ndarray) -> float:
    fit = IsotonicRegression().fit(np.append(P, at), np.append(Y, outcome), sample_weight=np.append(weight, 1.0))
    return float(fit.predict([at])[0])


@pytest.mark.parametrize(
    ("kind", "weight", "used"),
    [
        ("frequency", None, np.ones(600)),
        ("frequency", COUNTS, COUNTS),
        # The new row has the mean weight.
        ("importance", GAMMA, GAMMA / GAMMA.mean()),
        ("importance", 7 * GAMMA, GAMMA / GAMMA.mean()),
    ],
)
def test_both_risks_are_isotonic_fits_with_one_more_row(kind: str, weight: np.ndarray | None, used: np.ndarray) -> None:
    fitted = VennAbersCalibrator(weight_kind=kind).fit(P, Y, weight)
    found = fitted.predict_interval(NEW)
    for outcome in (0, 1):
        wanted = [with_one_more_row(at, outcome, used) for at in NEW]
        np.testing.assert_allclose(found[:, outcome], wanted, atol=1e-12)
    np.testing.assert_allclose(fitted.predict_risk(NEW), found[:, 1] / (1 - found[:, 0] + found[:, 1]), rtol=1e-15)


def test_merged_risk_has_the_same_regret_under_either_outcome_fit() -> None:
    # Under the log score: ln((1 - p0) / (1 - p)) if the row has no event, ln(p1 / p) if it has.
    fitted = VennAbersCalibrator().fit(P, Y)
    (low, high), risk = fitted.predict_interval(NEW).T, fitted.predict_risk(NEW)
    np.testing.assert_allclose(np.log((1 - low) / (1 - risk)), np.log(high / risk), atol=1e-12)


def test_isotonic_risk_lies_between_both_and_no_merged_risk_is_certain() -> None:
    fitted, steps = VennAbersCalibrator().fit(P, Y), IsotonicCalibrator().fit(P, Y).predict_risk(P)
    low, high = fitted.predict_interval(P).T
    assert (low <= steps).all()
    assert (steps <= high).all()
    merged = fitted.predict_risk(np.linspace(0, 1, 101))
    assert (np.diff(merged) >= 0).all()
    assert 0 < merged[0] < merged[-1] < 1


def test_risk_of_the_right_outcome_is_calibrated() -> None:
    # Theorem 1 of Vovk, Petej and Fedorova (2015) in the mean: E[Y] = E[p_Y] exactly, over rows and new row.
    rng = np.random.default_rng(0)
    difference = []
    for _ in range(3000):
        score = rng.random(16)
        y = rng.random(16) < score**2
        if y[1:].any() and not y[1:].all():
            both = VennAbersCalibrator().fit(score[1:], y[1:]).predict_interval(score[:1])[0]
            difference.append(float(y[0]) - both[int(y[0])])
    # Rows of one outcome are left out, which moves the mean by less than a thousandth.
    assert abs(np.mean(difference)) < 3 * np.std(difference) / np.sqrt(len(difference)) + 1e-3


def test_scores_count_by_their_order_alone() -> None:
    on_logits = VennAbersCalibrator(input="logit").fit(logit(P.clip(0.001, 0.999)), Y)
    plain = VennAbersCalibrator().fit(P.clip(0.001, 0.999), Y)
    new = np.linspace(0.001, 0.999, 301) + 1e-5
    np.testing.assert_array_equal(on_logits.predict_interval(logit(new)), plain.predict_interval(new))


def test_constant_and_reversed_scores_carry_no_signal() -> None:
    constant = VennAbersCalibrator().fit([0.4] * 9, [1] * 3 + [0] * 6)
    assert constant.predict_interval([0.3, 0.4, 0.5]).tolist() == [[0, 0.4], [0.3, 0.4], [0.3, 1]]
    assert [finding.code for finding in constant.findings_] == ["RD502"]
    reversed_scores = VennAbersCalibrator().fit(1 - P, Y)
    assert [finding.code for finding in reversed_scores.findings_] == ["RD502"]
    assert "RD502" in str(reversed_scores.summary())
    assert VennAbersCalibrator().fit(P, Y).findings_ == ()


def test_two_rows_and_probabilities_of_0_and_1() -> None:
    # By hand: with (0, 0) added p0 is 0; with (0, 1) the score 0 has one event in two; and so on.
    fitted = VennAbersCalibrator().fit([0, 1], [0, 1])
    assert fitted.predict_interval([0, 0.5, 1]).tolist() == [[0, 0.5], [0, 1], [0.5, 1]]
    assert fitted.predict_risk([0, 0.5, 1]) == pytest.approx([1 / 3, 1 / 2, 2 / 3])


def test_what_is_no_score_or_one_outcome_is_refused() -> None:
    with pytest.raises(InputError, match="y_true must hold events and non-events"):
        VennAbersCalibrator().fit([0.2, 0.6], [1, 1])
    with pytest.raises(InputError, match="scores must be finite"):
        VennAbersCalibrator(input="logit").fit([-np.inf, 0.6], [0, 1])
    with pytest.raises(InputError, match="whole numbers"):
        VennAbersCalibrator().fit([0.2, 0.6], [0, 1], [0.5, 1])
    with pytest.raises(NotFittedError):
        VennAbersCalibrator().predict_interval([0.5])


def test_calibrator_keeps_no_rows_and_is_pickled() -> None:
    rng = np.random.default_rng(2)
    score = rng.random(50_000)
    fitted = VennAbersCalibrator().fit(score, rng.random(50_000) < score)
    text = pickle.dumps(fitted)
    assert len(text) < 100_000
    np.testing.assert_array_equal(pickle.loads(text).predict_risk(score), fitted.predict_risk(score))


def test_merged_sums_teach_what_all_rows_teach() -> None:
    parts = [ScoreSums.from_rows(P[part], Y[part], COUNTS[part]) for part in (slice(0, 100), slice(100, 600))]
    from_sums = VennAbersCalibrator().fit_sums(parts[0] + parts[1])
    whole = VennAbersCalibrator().fit(P, Y, COUNTS)
    np.testing.assert_array_equal(from_sums.predict_interval(NEW), whole.predict_interval(NEW))
    assert from_sums.n_ == whole.n_ == COUNTS.sum()
