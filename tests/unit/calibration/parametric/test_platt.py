"""Platt scaling: laws, other implementations, and verdicts where there is nothing to scale."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit

from riskdec import PlattCalibrator, ScoreSums
from riskdec.errors import InputError, NotFittedError, SeparationWarning

RNG = np.random.default_rng(5)
Z = RNG.normal(-1, 1.3, 1500)
Y = (RNG.random(1500) < expit(0.4 + 0.7 * Z)).astype(int)
COUNTS = RNG.integers(0, 4, 1500)


def test_it_is_the_logistic_regression_on_the_log_odds() -> None:
    platt = PlattCalibrator(input="logit").fit(Z, Y)
    peer = sm.Logit(Y, sm.add_constant(Z)).fit(disp=0, tol=1e-12)
    assert [platt.intercept_, platt.slope_] == pytest.approx(peer.params, rel=1e-8)
    assert platt.cov_params() == pytest.approx(peer.cov_params(), rel=1e-6)
    assert platt.converged_
    assert platt.findings_ == ()
    np.testing.assert_allclose(platt.predict_proba(Z)[:, 1], peer.predict(sm.add_constant(Z)), rtol=1e-8)


def test_probabilities_are_taken_to_their_log_odds() -> None:
    by_logit = PlattCalibrator(input="logit").fit(Z, Y)
    by_risk = PlattCalibrator().fit(expit(Z), Y)
    both = PlattCalibrator().fit(np.column_stack([1 - expit(Z), expit(Z)]), Y)
    assert by_risk.slope_ == pytest.approx(by_logit.slope_, rel=1e-10)
    assert both.slope_ == pytest.approx(by_logit.slope_, rel=1e-8)


def test_a_logit_shift_and_a_scale_are_undone_whatever_they_are() -> None:
    plain = PlattCalibrator(input="logit").fit(Z, Y)
    changed = PlattCalibrator(input="logit").fit(3 * Z + 5, Y)
    np.testing.assert_allclose(changed.predict_risk(3 * Z + 5), plain.predict_risk(Z), rtol=1e-9)


def test_the_mean_risk_is_the_event_rate_of_the_fit() -> None:
    platt = PlattCalibrator(input="logit").fit(Z, Y, COUNTS)
    assert np.average(platt.predict_risk(Z), weights=COUNTS) == pytest.approx(np.average(Y, weights=COUNTS), abs=1e-10)


def test_whole_weights_are_repetitions_and_importance_weights_bring_the_sandwich() -> None:
    weighted = PlattCalibrator(input="logit").fit(Z, Y, COUNTS)
    repeated = PlattCalibrator(input="logit").fit(np.repeat(Z, COUNTS), np.repeat(Y, COUNTS))
    assert weighted.slope_ == pytest.approx(repeated.slope_, rel=1e-12)
    assert weighted.cov_params() == pytest.approx(repeated.cov_params(), rel=1e-10)
    assert weighted.n_ == repeated.n_ == COUNTS.sum()
    importance = RNG.random(1500)
    robust = PlattCalibrator(input="logit", weight_kind="importance").fit(Z, Y, importance)
    design = sm.add_constant(Z)
    peer = sm.GLM(Y, design, family=sm.families.Binomial(), freq_weights=importance).fit(tol=1e-12)
    residual = importance * (Y - peer.fittedvalues)
    bread = np.linalg.inv(design.T @ (design * (importance * peer.fittedvalues * (1 - peer.fittedvalues))[:, None]))
    meat = (design * residual[:, None] ** 2).T @ design
    assert robust.cov_params() == pytest.approx(bread @ meat @ bread, rel=1e-6)


def test_sums_merge_and_teach_what_the_rows_teach() -> None:
    score = np.round(expit(Z), 2).clip(0.01, 0.99)
    parts = [ScoreSums.from_rows(score[cut], Y[cut]) for cut in (slice(0, 400), slice(400, 1500))]
    merged = PlattCalibrator().fit_sums(parts[0] + parts[1])
    whole = PlattCalibrator().fit(score, Y)
    assert merged.slope_ == pytest.approx(whole.slope_, rel=1e-11)
    assert merged.cov_params() == pytest.approx(whole.cov_params(), rel=1e-10)
    assert merged.n_ == whole.n_
    with pytest.raises(InputError, match="input of the sums"):
        PlattCalibrator(input="logit").fit_sums(parts[0])


def test_smoothed_targets_are_those_of_platt() -> None:
    smooth = PlattCalibrator(input="logit", smooth_targets=True).fit(Z, Y)
    n1, n0 = Y.sum(), (1 - Y).sum()
    target = np.where(Y == 1, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    peer = sm.GLM(target, sm.add_constant(Z), family=sm.families.Binomial()).fit(tol=1e-13)
    assert [smooth.intercept_, smooth.slope_] == pytest.approx(peer.params, rel=1e-8)
    # Targets keep separated outcomes apart by a finite slope.
    apart = PlattCalibrator(input="logit", smooth_targets=True).fit([-2.0, -1.0, 1.0, 2.0], [0, 0, 1, 1])
    assert apart.findings_ == ()
    assert 0 < apart.slope_ < 10


def test_scikit_learn_fits_the_same_line_with_its_targets() -> None:
    from sklearn.calibration import _SigmoidCalibration

    peer = _SigmoidCalibration().fit(Z, Y)
    ours = PlattCalibrator(input="logit", smooth_targets=True).fit(Z, Y)
    # LBFGS stops at a gradient of 1e-5 or so; its sigmoid is 1 / (1 + exp(a z + b)).
    assert [-peer.b_, -peer.a_] == pytest.approx([ours.intercept_, ours.slope_], abs=2e-4)


def test_scores_without_signal_give_the_event_rate_and_say_so() -> None:
    against = PlattCalibrator(input="logit").fit(-Z, Y)
    assert against.slope_ == 0
    assert against.converged_
    np.testing.assert_allclose(against.predict_risk(Z), Y.mean())
    (finding,) = against.findings_
    assert (finding.code, finding.severity) == ("RD502", "issue")
    assert "other class" in finding.todo
    flat = PlattCalibrator(input="logit").fit(np.zeros(1500), Y)
    assert flat.slope_ == 0
    assert flat.intercept_ == pytest.approx(logit(Y.mean()))
    assert np.isfinite(flat.predict_interval(Z)).all()


def test_separated_scores_give_a_finite_line_and_a_warning() -> None:
    with pytest.warns(SeparationWarning, match="RD503.*separate the outcomes"):
        apart = PlattCalibrator(input="logit").fit([-2.0, -1.0, 1.0, 2.0], [0, 0, 1, 1])
    assert 0 < apart.slope_ < 10
    assert apart.findings_[0].code == "RD503"


def test_intervals_hold_the_true_curve_as_often_as_they_say() -> None:
    rng = np.random.default_rng(11)
    points, hits, repeats = np.array([-3.0, -1.0, 1.0]), np.zeros(3), 400
    for _ in range(repeats):
        z = rng.normal(-1, 1, 400)
        y = (rng.random(400) < expit(0.2 + 0.8 * z)).astype(int)
        limits = PlattCalibrator(input="logit").fit(z, y).predict_interval(points)
        truth = expit(0.2 + 0.8 * points)
        hits += (limits[:, 0] <= truth) & (truth <= limits[:, 1])
    # 400 repeats: standard error .011.
    assert (np.abs(hits / repeats - 0.95) < 0.035).all()


def test_labels_and_order_do_not_matter_and_the_event_may_sort_first() -> None:
    plain = PlattCalibrator(input="logit").fit(Z, Y)
    order = RNG.permutation(len(Z))
    assert PlattCalibrator(input="logit").fit(Z[order], Y[order]).slope_ == pytest.approx(plain.slope_, rel=1e-12)
    named = PlattCalibrator(input="logit", event="bad").fit(Z, np.where(Y == 1, "bad", "good"))
    assert named.classes_.tolist() == ["bad", "good"]
    np.testing.assert_allclose(named.predict_proba(Z)[:, 0], plain.predict_risk(Z), rtol=1e-12)
    np.testing.assert_allclose(named.predict_risk(Z, event="good"), 1 - plain.predict_risk(Z), rtol=1e-12)
    two = PlattCalibrator(input="logit", event="bad").fit(np.column_stack([Z, 0 * Z]), np.where(Y == 1, "bad", "good"))
    assert two.slope_ == pytest.approx(plain.slope_, rel=1e-12)


def test_it_prints_pickles_and_asks_to_be_fitted() -> None:
    platt = PlattCalibrator(input="logit").fit(Z, Y)
    text = str(platt.summary())
    assert "Platt scaling on log-odds" in text
    assert "Fitted on 1,500 rows." in text
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(platt)).predict_risk(Z), platt.predict_risk(Z))
    with pytest.raises(NotFittedError, match="PlattCalibrator must be fitted first"):
        PlattCalibrator().predict_risk([0.5])
    with pytest.raises(NotFittedError, match="PlattCalibrator must be fitted first"):
        PlattCalibrator().predict_interval([0.5])
