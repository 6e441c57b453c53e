from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, t
from statsmodels.stats.meta_analysis import combine_effects

from riskdec.diagnostics.groups.random_effects import leave_one_out, random_effects

ESTIMATE = np.array([0.31, -0.22, 0.75, 0.10, -0.55, 0.42])
VARIANCE = np.array([0.04, 0.09, 0.12, 0.02, 0.06, 0.05])


def test_mean_spread_and_interval_agree_with_statsmodels() -> None:
    ours = random_effects(ESTIMATE, VARIANCE, confidence_level=0.95)
    # Paule and Mandel's iteration; the Hartung-Knapp variance is that of statsmodels' sd_eff_w_re_hksj.
    theirs = combine_effects(ESTIMATE, VARIANCE, method_re="iterated", use_t=True, atol=1e-12, maxiter=500)
    assert ours.tau.estimate**2 == pytest.approx(theirs.tau2, rel=1e-6)
    assert ours.mean.estimate == pytest.approx(theirs.mean_effect_re, rel=1e-6)
    error = max(theirs.sd_eff_w_re_hksj, theirs.sd_eff_w_re)
    assert ours.mean.high - ours.mean.estimate == pytest.approx(t.ppf(0.975, 5) * error, rel=1e-5)
    assert ours.q == pytest.approx(theirs.q, rel=1e-9)
    assert ours.p_value == pytest.approx(chi2.sf(theirs.q, 5), rel=1e-9)


def test_interval_of_tau_inverts_q() -> None:
    found = random_effects(ESTIMATE, VARIANCE, confidence_level=0.9)

    def q(tau: float) -> float:
        weight = 1 / (VARIANCE + tau**2)
        mean = np.average(ESTIMATE, weights=weight)
        return float(weight @ (ESTIMATE - mean) ** 2)

    assert q(found.tau.low) == pytest.approx(chi2.ppf(0.95, 5), rel=1e-6)
    assert q(found.tau.high) == pytest.approx(chi2.ppf(0.05, 5), rel=1e-6)
    assert q(found.tau.estimate) == pytest.approx(5, rel=1e-6)


def test_equal_groups_have_no_spread() -> None:
    found = random_effects(np.full(4, 0.3), np.full(4, 0.01), confidence_level=0.95)
    assert (found.tau.estimate, found.tau.low, found.mean.estimate) == pytest.approx((0, 0, 0.3))
    # Never narrower than the weights alone give: 4 groups of variance 0.01.
    assert found.mean.high - 0.3 == pytest.approx(t.ppf(0.975, 3) * 0.05)


def test_two_groups_have_no_prediction_interval() -> None:
    found = random_effects(np.array([0.0, 1.0]), np.array([0.1, 0.1]), confidence_level=0.95)
    assert np.isnan(found.prediction.low)
    assert found.to_dict()["prediction"] == {"estimate": 0.5, "low": None, "high": None}


def test_leaving_one_out_is_pooling_the_others() -> None:
    means, distances = leave_one_out(ESTIMATE, VARIANCE)
    others = np.arange(6) != 2
    found = random_effects(ESTIMATE[others], VARIANCE[others], confidence_level=0.95)
    assert means[2] == pytest.approx(found.mean.estimate)
    error = 1 / (1 / (VARIANCE[others] + found.tau.estimate**2)).sum()
    spread = np.sqrt(VARIANCE[2] + found.tau.estimate**2 + error)
    assert distances[2] == pytest.approx((ESTIMATE[2] - means[2]) / spread)
    assert leave_one_out(ESTIMATE[:2], VARIANCE[:2])[0].tolist() == pytest.approx(ESTIMATE[1::-1].tolist())


def test_intervals_cover() -> None:
    # 600 times 8 groups with tau = 0.4: coverage at least 0.95 - 3 se, se = sqrt(0.95 * 0.05 / 600) = 0.009; the
    # prediction interval is approximate and gets 0.02 more.
    rng = np.random.default_rng(12)
    hits = np.zeros(3)
    for _ in range(600):
        variance = rng.uniform(0.02, 0.1, 8)
        truth = rng.normal(0.2, 0.4, 9)
        found = random_effects(truth[:8] + rng.normal(0, np.sqrt(variance)), variance, confidence_level=0.95)
        hits += [
            found.mean.low <= 0.2 <= found.mean.high,
            found.tau.low <= 0.4 <= found.tau.high,
            found.prediction.low <= truth[8] <= found.prediction.high,
        ]
    assert (hits[:2] / 600 >= 0.95 - 0.027).all()
    assert hits[2] / 600 >= 0.95 - 0.047
