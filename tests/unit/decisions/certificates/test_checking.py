"""A certificate held against later cases: counts, exact tests, groups, verdicts."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import binomtest

from riskdec.decisions import evaluate_decisions
from riskdec.decisions.certificates import certify_deferral, certify_rates
from riskdec.errors import InputError

RNG = np.random.default_rng(1)
RISK = RNG.beta(0.4, 0.8, 2000)
Y = RNG.random(2000) < RISK
NEW = RNG.beta(0.4, 0.8, 3000)
Y_NEW = RNG.random(3000) < NEW
SIDES = certify_deferral(Y, RISK, max_error={"negative": 0.05, "positive": 0.2}, confidence_level=0.9)


def test_counts_are_those_of_the_decisions() -> None:
    certificate = certify_deferral(Y, RISK, max_error=0.05, confidence_level=0.9)
    check = certificate.check(NEW, Y_NEW)
    confusion = evaluate_decisions(Y_NEW, certificate.apply(NEW)).confusion
    (both,) = check.promises
    assert (both.errors, both.n) == (confusion[1, 0] + confusion[0, 1], confusion[:, :2].sum())
    assert check.coverage == pytest.approx(both.n / 3000)
    negative, positive = SIDES.check(NEW, Y_NEW).promises
    confusion = evaluate_decisions(Y_NEW, SIDES.apply(NEW)).confusion
    assert (negative.errors, negative.n) == (confusion[1, 0], confusion[:, 0].sum())
    assert (positive.errors, positive.n) == (confusion[0, 1], confusion[:, 1].sum())


def test_p_values_and_limits_are_those_of_the_binomial_test() -> None:
    for promise in SIDES.check(NEW, Y_NEW).promises:
        exact = binomtest(promise.errors, promise.n, promise.limit, alternative="greater")
        assert promise.p_value == pytest.approx(exact.pvalue)
        limits = binomtest(promise.errors, promise.n).proportion_ci(0.95, method="exact")
        assert (promise.low, promise.high) == pytest.approx(tuple(limits))


def test_rates_given_the_outcome_are_taken_over_that_outcome() -> None:
    certificate = certify_rates(Y, RISK, min_recall=0.9, max_false_positive_rate=0.1, confidence_level=0.9)
    missed, false = certificate.check(NEW, Y_NEW).promises
    assert (missed.errors, missed.n) == ((NEW[Y_NEW] < certificate.low).sum(), Y_NEW.sum())
    assert (false.errors, false.n) == ((NEW[~Y_NEW] >= certificate.high).sum(), (~Y_NEW).sum())


def test_cases_of_the_same_kind_keep_the_promise_and_others_break_it() -> None:
    kept = SIDES.check(NEW, Y_NEW)
    assert [finding.severity for finding in kept.findings] == ["good"]
    flipped = Y_NEW ^ (np.random.default_rng(0).random(3000) < 0.3)
    broken = SIDES.check(NEW, flipped)
    assert broken.findings[0].severity == "issue"
    assert "was promised" in str(broken.summary())
    assert json.loads(json.dumps(broken.to_dict()))["promises"][0]["p_value"] < 1e-6
    assert broken.frame().shape == (2, 7)
    assert "at most 5 %" in repr(broken)


def test_weights_equal_repetition_and_groups_give_one_row_each() -> None:
    weight = np.random.default_rng(0).integers(0, 3, 3000)
    weighted = SIDES.check(NEW, Y_NEW, sample_weight=weight)
    assert weighted.to_dict() == SIDES.check(np.repeat(NEW, weight), np.repeat(Y_NEW, weight)).to_dict()
    assert SIDES.check(NEW, Y_NEW, groups=np.arange(3000) // 3).n == 1000


def test_nothing_decided_breaks_no_promise() -> None:
    check = SIDES.check(np.full(50, 0.5), np.arange(50) % 2)
    assert [(p.n, p.errors, p.p_value) for p in check.promises] == [(0, 0, 1.0)] * 2
    with pytest.raises(InputError, match="importance weights"):
        SIDES.check(NEW, Y_NEW, sample_weight=np.ones(3000), weight_kind="importance")
