"""One against the rest: each part is its binary calibrator, and renormalising is told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import expit, log_softmax, softmax

from riskdec import (
    BetaCalibrator,
    IsotonicCalibrator,
    OneVsRestCalibrator,
    PlattCalibrator,
    TemperatureCalibrator,
)
from riskdec.errors import InputError

if TYPE_CHECKING:
    from riskdec.calibration import BinaryCalibrator

RNG = np.random.default_rng(10)
Z = RNG.normal(0, 1.2, (900, 3))
P = softmax(Z, axis=1)
Y = (0.7 * Z + [0.5, 0.0, -0.5] + RNG.gumbel(size=Z.shape)).argmax(axis=1)
COUNTS = RNG.integers(0, 4, 900)


@pytest.mark.parametrize("binary", [PlattCalibrator(), BetaCalibrator(), IsotonicCalibrator()])
def test_each_outcome_has_its_own_calibrator_and_rows_sum_to_one(binary: BinaryCalibrator) -> None:
    fitted = OneVsRestCalibrator(binary).fit(P, Y)
    alone = [type(binary)().fit(P[:, k], (k == Y).astype(int)).predict_risk(P[:, k]) for k in range(3)]
    risks = np.column_stack(alone)
    np.testing.assert_allclose(fitted.predict_proba(P), risks / risks.sum(axis=1, keepdims=True), rtol=1e-6, atol=1e-9)
    sums = risks.sum(axis=1)
    assert fitted.sums_ == pytest.approx((sums.min(), sums.mean(), sums.max()), rel=1e-6)
    assert fitted.findings_[0].code == "RD509"
    assert fitted.converged_


def test_log_odds_against_the_rest_are_what_a_calibrator_of_logits_gets() -> None:
    shifted = Z + RNG.normal(0, 20, (900, 1))
    by_logit = OneVsRestCalibrator(PlattCalibrator(input="logit"), input="logit").fit(shifted, Y)
    by_proba = OneVsRestCalibrator(PlattCalibrator()).fit(P, Y)
    np.testing.assert_allclose(by_logit.predict_proba(shifted), by_proba.predict_proba(P), rtol=1e-7)
    log_odds = log_softmax(Z, axis=1)[:, 1] - np.log1p(-P[:, 1])
    alone = PlattCalibrator(input="logit").fit(log_odds, (Y == 1).astype(int))
    assert by_logit.calibrators_[1].slope_ == pytest.approx(alone.slope_, rel=1e-9)


def test_two_outcomes_agree_with_the_binary_calibrator() -> None:
    x = RNG.normal(0, 1.5, 600)
    y = (RNG.random(600) < expit(x)).astype(int)
    both = np.column_stack([expit(-x), expit(x)])
    fitted = OneVsRestCalibrator().fit(both, y)
    np.testing.assert_allclose(fitted.predict_risk(both), PlattCalibrator().fit(both, y).predict_risk(both), rtol=1e-9)


class _Never(PlattCalibrator):
    """A calibrator to which nothing ever happens."""

    def _risk(self, score: np.ndarray) -> np.ndarray:
        return np.zeros_like(score)


def test_rows_whose_risks_are_all_zero_get_the_rates_of_the_fit() -> None:
    fitted = OneVsRestCalibrator(_Never()).fit(P, Y, COUNTS)
    rates = np.bincount(Y, COUNTS) / COUNTS.sum()
    np.testing.assert_allclose(fitted.predict_proba(P), np.tile(rates, (900, 1)), rtol=1e-12)


def test_whole_weights_are_repetitions_and_columns_may_be_permuted() -> None:
    weighted = OneVsRestCalibrator(BetaCalibrator()).fit(P, Y, COUNTS)
    repeated = OneVsRestCalibrator(BetaCalibrator()).fit(np.repeat(P, COUNTS, axis=0), np.repeat(Y, COUNTS))
    np.testing.assert_allclose(weighted.predict_proba(P), repeated.predict_proba(P), rtol=1e-9)
    assert weighted.sums_ == pytest.approx(repeated.sums_, rel=1e-9)
    order = np.array([1, 2, 0])
    moved = OneVsRestCalibrator().fit(P[:, order], np.argsort(order)[Y])
    plain = OneVsRestCalibrator().fit(P, Y)
    np.testing.assert_allclose(moved.predict_proba(P[:, order]), plain.predict_proba(P)[:, order], rtol=1e-9)


def test_an_outcome_that_never_happened_and_a_calibrator_of_many_are_refused() -> None:
    with pytest.raises(InputError, match="no row of 2"):
        OneVsRestCalibrator(outcomes=[0, 1, 2]).fit(P, np.minimum(Y, 1))
    with pytest.raises(InputError, match="be a binary calibrator; got OneVsRestCalibrator"):
        OneVsRestCalibrator(OneVsRestCalibrator()).fit(P, Y)


def test_findings_of_the_parts_name_their_outcome() -> None:
    fitted = OneVsRestCalibrator(TemperatureCalibrator()).fit(P[:, [1, 2, 0]], Y)
    assert any(finding.code == "RD502" and "Outcome" in finding.sentence for finding in fitted.findings_)
    assert "TemperatureCalibrator" in str(fitted.summary())


def test_the_event_is_named_or_asked_for() -> None:
    fitted = OneVsRestCalibrator().fit(P, Y)
    with pytest.raises(InputError, match="event"):
        fitted.predict_risk(P)
    np.testing.assert_array_equal(fitted.predict_risk(P, event=2), fitted.predict_proba(P)[:, 2])
    named = OneVsRestCalibrator(event=2).fit(P, Y)
    np.testing.assert_array_equal(named.predict_risk(P), fitted.predict_risk(P, event=2))


def test_limits_are_what_the_limits_of_each_outcome_leave_together() -> None:
    fitted = OneVsRestCalibrator().fit(P, Y)
    each = [one.predict_interval(P[:, k], confidence_level=1 - 0.1 / 3) for k, one in enumerate(fitted.calibrators_)]
    own, rest = each[1], each[0] + each[2]
    wanted = own / (own + rest[:, ::-1])
    np.testing.assert_allclose(fitted.predict_interval(P, event=1, confidence_level=0.9), wanted, atol=1e-12)
    # The furthest that any choice between the limits can bring the share.
    draws = [np.random.default_rng(k).uniform(*ends[:5].T, size=(2000, 5)) for k, ends in enumerate(each)]
    shares = draws[1] / sum(draws)
    assert (shares >= wanted[:5, 0]).all()
    assert (shares <= wanted[:5, 1]).all()


def test_limits_hold_what_a_very_large_sample_gives() -> None:
    rng = np.random.default_rng(0)
    new = RNG.normal(0, 1.2, (20, 3))

    def drawn(n: int) -> tuple[np.ndarray, np.ndarray]:
        z = rng.normal(0, 1.2, (n, 3))
        return z, (0.7 * z + rng.gumbel(size=z.shape)).argmax(axis=1)

    binary = PlattCalibrator(input="logit")
    limit = OneVsRestCalibrator(binary, input="logit").fit(*drawn(400_000)).predict_risk(new, event=0)
    held = []
    for _ in range(60):
        low, high = OneVsRestCalibrator(binary, input="logit").fit(*drawn(500)).predict_interval(new, event=0).T
        held.append(((low <= limit) & (limit <= high)).mean())
    # Bonferroni promises 0.95 at least; 60 samples of dependent points leave about 0.02 of doubt.
    assert np.mean(held) > 0.94


def test_isotonic_limits_are_asked_for_at_a_level_that_is_tabulated() -> None:
    fitted = OneVsRestCalibrator(IsotonicCalibrator()).fit(P, Y)
    assert fitted.predict_interval(P[:5], event=0, confidence_level=0.97).shape == (5, 2)
    with pytest.raises(InputError, match="must be one of 0.9, 0.95, 0.99 for limits of an isotonic fit"):
        fitted.predict_interval(P[:5], event=0)
    outside = fitted.predict_interval([[1.0, 0.0, 0.0]], event=0, confidence_level=0.97)
    assert ((outside >= 0) & (outside <= 1)).all()
