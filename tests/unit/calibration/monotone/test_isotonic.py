"""Isotonic calibration: the rising fit, its interval, and what it says of its certainties."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.base import clone
from statsmodels.stats.proportion import proportion_confint

from riskdec import IsotonicCalibrator, ScoreSums
from riskdec.errors import InputError, NotFittedError

RNG = np.random.default_rng(8)
P = expit(RNG.normal(-1, 1.3, 2000))
Y = (RNG.random(2000) < expit(0.4 + 0.7 * logit(P))).astype(int)


def test_risks_are_event_rates_of_blocks_and_lines_between() -> None:
    # Blocks by hand: 0.1 | 0.3, 0.4, 0.6 | 0.8 with rates 0, 1/3, 1.
    fitted = IsotonicCalibrator().fit([0.8, 0.3, 0.1, 0.6, 0.4], [1, 1, 0, 0, 0])
    assert fitted.knots_.tolist() == [0.1, 0.3, 0.6, 0.8]
    assert fitted.levels_.tolist() == [0, 1 / 3, 1 / 3, 1]
    np.testing.assert_allclose(fitted.predict_risk([0, 0.1, 0.2, 0.45, 0.7, 0.9]), [0, 0, 1 / 6, 1 / 3, 2 / 3, 1])
    np.testing.assert_array_equal(fitted.predict_proba([0.45]), [[1 - 1 / 3, 1 / 3]])


def test_mean_risk_is_the_event_rate_and_risks_rise() -> None:
    fitted = IsotonicCalibrator().fit(P, Y)
    risk = fitted.predict_risk(P)
    assert risk.mean() == pytest.approx(Y.mean(), abs=1e-14)
    assert (np.diff(risk[np.argsort(P)]) >= 0).all()
    assert fitted.converged_
    assert fitted.n_ == 2000


def test_logits_and_probabilities_agree_at_the_scores_of_the_fit() -> None:
    on_logits = IsotonicCalibrator(input="logit").fit(logit(P), Y)
    np.testing.assert_array_equal(on_logits.predict_risk(logit(P)), IsotonicCalibrator().fit(P, Y).predict_risk(P))


def test_interval_is_wilsons_on_the_block_with_the_isotonic_quantile() -> None:
    # 40 rows with 10 events in one block: the scores tell nothing apart.
    y = np.tile([1, 0, 0, 0], 10)
    fitted = IsotonicCalibrator().fit(np.arange(40) / 40, y)
    for level, z in ((0.90, 1.65), (0.95, 2.17), (0.99, 3.14)):
        wanted = proportion_confint(10, 40, alpha=2 * norm.sf(z), method="wilson")
        np.testing.assert_allclose(fitted.predict_interval([0.3], confidence_level=level), [wanted], rtol=1e-12)


def test_interval_between_blocks_is_what_monotony_leaves() -> None:
    score = np.repeat([0.2, 0.4, 0.6], 20)
    y = np.concatenate([np.arange(20) < k for k in (2, 8, 15)])
    fitted = IsotonicCalibrator().fit(score, y)
    at = fitted.predict_interval([0.2, 0.4, 0.6])
    outside = fitted.predict_interval([0.1, 0.3, 0.5, 0.7])
    assert outside[:, 0].tolist() == [0, at[0, 0], at[1, 0], at[2, 0]]
    assert outside[:, 1].tolist() == [at[0, 1], at[1, 1], at[2, 1], 1]
    new = np.linspace(0, 1, 101)
    limits, risk = fitted.predict_interval(new), fitted.predict_risk(new)
    assert (limits[:, 0] <= risk).all()
    assert (risk <= limits[:, 1]).all()


def test_interval_of_importance_weights_counts_effective_rows() -> None:
    score, y = np.full(30, 0.5), np.arange(30) < 6
    weight = np.repeat([1.0, 3.0], 15)
    fitted = IsotonicCalibrator(weight_kind="importance").fit(score, y, weight)
    level, rows = 6 / 60, 60**2 / (15 * 1 + 15 * 9)
    wanted = proportion_confint(level * rows, rows, alpha=2 * norm.sf(2.17), method="wilson")
    np.testing.assert_allclose(fitted.predict_interval([0.5])[0], wanted, rtol=1e-12)


def test_interval_covers_where_the_curve_is_smooth() -> None:
    # A slice of the simulation of the pointwise band: nominal 0.95, at most 3 standard errors below 0.93.
    rng = np.random.default_rng(1)
    at = expit(np.array([-2.0, -1.0, 0.0]))
    covered = np.zeros(3)
    for _ in range(400):
        p = expit(rng.normal(-1, 1, 1000))
        limits = IsotonicCalibrator().fit(p, rng.random(1000) < p).predict_interval(at)
        covered += (limits[:, 0] <= at) & (at <= limits[:, 1])
    assert (covered / 400 >= 0.93 - 3 * np.sqrt(0.93 * 0.07 / 400)).all()


def test_certain_risks_are_told_with_their_rows() -> None:
    fitted = IsotonicCalibrator().fit([0.1, 0.2, 0.5, 0.6, 0.9], [0, 0, 1, 0, 1])
    (finding,) = fitted.findings_
    assert finding.code == "RD504"
    assert "exactly 0 up to 0.2 (2 rows without an event) and exactly 1 from 0.9 on (1 rows" in finding.sentence
    assert "RD504" in str(fitted.summary())
    mixed = np.repeat([0.3, 0.7], 4), [0, 1, 0, 0, 1, 1, 1, 0]
    assert IsotonicCalibrator().fit(*mixed).findings_ == ()


def test_reversed_scores_carry_no_signal() -> None:
    fitted = IsotonicCalibrator().fit(np.repeat([0.8, 0.5, 0.2], 4), np.arange(12) % 4 < np.repeat([1, 2, 3], 4))
    assert [finding.code for finding in fitted.findings_] == ["RD502"]
    assert fitted.predict_risk([0.1, 0.9]).tolist() == [0.5, 0.5]
    assert "RD502" in [finding.code for finding in IsotonicCalibrator().fit(1 - P, Y).findings_]


def test_constant_scores_give_the_event_rate() -> None:
    fitted = IsotonicCalibrator().fit([0.4, 0.4, 0.4, 0.4], [0, 1, 0, 0])
    assert fitted.predict_risk([0.0, 0.4, 1.0]).tolist() == [0.25, 0.25, 0.25]
    assert [finding.code for finding in fitted.findings_] == ["RD502"]


def test_two_rows_are_enough() -> None:
    fitted = IsotonicCalibrator().fit([0.2, 0.6], [0, 1])
    np.testing.assert_allclose(fitted.predict_risk([0.1, 0.2, 0.4, 0.6, 0.9]), [0, 0, 0.5, 1, 1])


def test_probabilities_of_0_and_1_are_scores_like_others() -> None:
    fitted = IsotonicCalibrator().fit([0, 0, 0.5, 1, 1], [0, 1, 0, 1, 1])
    np.testing.assert_allclose(fitted.predict_risk([0, 0.5, 1]), [1 / 3, 1 / 3, 1])


@pytest.mark.parametrize("score", [np.inf, -np.inf, np.nan])
def test_logits_must_be_finite(score: float) -> None:
    with pytest.raises(InputError, match="scores must be finite"):
        IsotonicCalibrator(input="logit").fit([0.0, score, 1.0], [0, 1, 1])
    with pytest.raises(InputError, match="scores must be finite"):
        IsotonicCalibrator(input="logit").fit([0.0, 1.0], [0, 1]).predict_risk([score])


@pytest.mark.parametrize("outcome", [0, 1])
def test_one_outcome_is_refused(outcome: int) -> None:
    with pytest.raises(InputError, match="y_true must hold events and non-events"):
        IsotonicCalibrator().fit([0.2, 0.6], [outcome, outcome])
    with pytest.raises(InputError, match="y_true must hold events and non-events"):
        IsotonicCalibrator().fit([0.2, 0.6], [0, 1], [1, 0])


def test_level_without_a_known_quantile_is_refused() -> None:
    with pytest.raises(InputError, match="confidence_level must be one of 0.9, 0.95, 0.99"):
        IsotonicCalibrator().fit([0.2, 0.6], [0, 1]).predict_interval([0.5], confidence_level=0.8)


def test_calibrator_is_cloned_pickled_and_asks_for_a_fit() -> None:
    fitted = IsotonicCalibrator(input="logit", event="ill").fit(logit(P), np.where(Y, "ill", "well"))
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(copy.predict_proba(logit(P)), fitted.predict_proba(logit(P)))
    assert fitted.classes_.tolist() == ["ill", "well"]
    np.testing.assert_array_equal(fitted.predict_proba(logit(P))[:, 0], fitted.predict_risk(logit(P)))
    with pytest.raises(NotFittedError):
        clone(fitted).predict_interval([0.5])


def test_merged_sums_teach_what_all_rows_teach() -> None:
    parts = [ScoreSums.from_rows(P[part], Y[part]) for part in (slice(0, 700), slice(700, 2000))]
    from_sums = IsotonicCalibrator().fit_sums(parts[0] + parts[1])
    np.testing.assert_array_equal(from_sums.levels_, IsotonicCalibrator().fit(P, Y).levels_)
