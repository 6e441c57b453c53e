"""Flagging batches: p-values by counting, Benjamini and Hochberg by scipy, false discoveries by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from riskdec import flag_batch
from riskdec.errors import InputError

RNG = np.random.default_rng(9)
RISK = np.round(RNG.beta(0.4, 0.8, 500), 2)
Y = RNG.random(500) < RISK
NEW = np.round(RNG.beta(0.4, 0.8, 120), 2)


def test_p_values_and_flags_are_those_of_the_definition() -> None:
    batch = flag_batch(Y, RISK, NEW, max_fdr=0.25)
    by_hand = [(1 + np.sum(~Y & (risk <= RISK))) / 501 for risk in NEW]
    assert batch.p_value == pytest.approx(by_hand)
    assert np.array_equal(batch.flagged, false_discovery_control(batch.p_value) <= 0.25)
    assert batch.flagged.any()


def test_false_discoveries_keep_to_the_limit_on_average() -> None:
    rng = np.random.default_rng(10)
    shares = []
    for _ in range(1500):
        risk = rng.beta(0.4, 0.8, 150)
        new = rng.beta(0.4, 0.8, 60)
        event = rng.random(60) < new
        flagged = flag_batch(rng.random(150) < risk, risk, new, max_fdr=0.2).flagged
        shares.append((flagged & ~event).sum() / max(flagged.sum(), 1))
    assert np.mean(shares) <= 0.2 + 3 * np.std(shares) / np.sqrt(1500)


def test_nothing_to_flag_and_weights() -> None:
    nothing = flag_batch(Y, RISK, [0.0, 0.01], max_fdr=0.01)
    assert not nothing.flagged.any()
    assert np.isnan(nothing.expected_share)
    weight = RNG.integers(0, 3, 500)
    weighted = flag_batch(Y, RISK, NEW, max_fdr=0.1, sample_weight=weight)
    repeated = flag_batch(np.repeat(Y, weight), np.repeat(RISK, weight), NEW, max_fdr=0.1)
    assert weighted.p_value == pytest.approx(repeated.p_value)
    assert "promise about batches" in str(weighted.summary())
    with pytest.raises(InputError, match="importance weights"):
        flag_batch(Y, RISK, NEW, max_fdr=0.1, sample_weight=weight, weight_kind="importance")
