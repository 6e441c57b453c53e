"""Certified expected cost: the betting limit and its door."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.decisions import CostMatrix, decide, evaluate_decisions
from riskdec.decisions.certificates import certify_cost
from riskdec.decisions.certificates.betting import upper_mean
from riskdec.decisions.certificates.exact import upper_error
from riskdec.errors import InputError

COSTS = CostMatrix.binary(false_positive=1, false_negative=4, defer=0.3)
RNG = np.random.default_rng(3)
RISK = RNG.beta(0.4, 0.8, 1500)
Y = RNG.random(1500) < RISK
DECISIONS = decide(RISK, COSTS)


def test_mean_is_the_realised_cost_and_limit_lies_above() -> None:
    certificate = certify_cost(Y, DECISIONS)
    assert certificate.mean_cost == pytest.approx(evaluate_decisions(Y, DECISIONS).mean_realised_cost)
    assert certificate.mean_cost < certificate.upper < certificate.hoeffding
    assert (certificate.max_cost, certificate.certified) == (None, None)


def test_level_is_certified_from_the_limit_on() -> None:
    upper = certify_cost(Y, DECISIONS).upper
    assert certify_cost(Y, DECISIONS, max_cost=upper).certified
    refused = certify_cost(Y, DECISIONS, max_cost=upper * 0.99)
    assert not refused.certified
    assert "is not certified" in str(refused.summary())
    assert "lowest level that these cases can certify" in str(refused.summary())


def test_limit_scales_with_the_unit_of_the_costs() -> None:
    scaled = CostMatrix(COSTS.costs * 7 - 2, outcomes=COSTS.outcomes, actions=COSTS.actions)
    certificate = certify_cost(Y, decide(RISK, scaled))
    assert certificate.upper == pytest.approx(7 * certify_cost(Y, DECISIONS).upper - 2)


def test_limit_of_zeros_and_ones_is_not_sharper_than_the_exact_one() -> None:
    for errors in (0, 5, 60):
        limit = upper_mean(np.array([0.0, 1.0]), np.array([200.0 - errors, errors]), 0.0, 1.0, 0.1)
        exact = upper_error(errors, 200, 0.1)
        assert exact < limit < exact + 0.08


@pytest.mark.parametrize("n", [30, 300])
def test_limit_is_too_low_with_probability_delta_at_most(n: int) -> None:
    rng = np.random.default_rng(n)
    values, shares = np.array([0.0, 0.3, 1.0, 4.0]), np.array([0.5, 0.2, 0.2, 0.1])
    low = [
        upper_mean(values, rng.multinomial(n, shares).astype(float), 0.0, 4.0, 0.1) < shares @ values
        for _ in range(1000)
    ]
    assert np.mean(low) <= 0.1


def test_weights_equal_repetition_and_groups_give_one_row_each() -> None:
    weight = np.random.default_rng(0).integers(0, 3, 1500)
    weighted = certify_cost(Y, DECISIONS, sample_weight=weight)
    repeated = certify_cost(np.repeat(Y, weight), decide(np.repeat(RISK, weight), COSTS))
    assert weighted.upper == pytest.approx(repeated.upper)
    assert certify_cost(Y, DECISIONS, groups=np.arange(1500) // 3).n == 500


def test_importance_weights_and_foreign_answers_are_refused() -> None:
    with pytest.raises(InputError, match="importance weights"):
        certify_cost(Y, DECISIONS, sample_weight=np.ones(1500), weight_kind="importance")
    with pytest.raises(InputError, match="decisions must be Decisions"):
        certify_cost(Y, RISK)


def test_rows_that_shared_a_capacity_are_refused() -> None:
    together = decide(RISK, COSTS, capacity={"defer": 20})
    with pytest.raises(InputError, match="row by row"):
        certify_cost(Y, together)
    assert certify_cost(Y, together.policy().decide(RISK)).n == 1500
