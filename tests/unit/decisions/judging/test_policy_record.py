"""A policy: round trip, prices on new rows, margins, promises kept and broken."""

from __future__ import annotations

import json

import numpy as np
import pytest

from riskdec.decisions import CostMatrix, Policy, decide
from riskdec.errors import InputError

COSTS = {"false_positive": 1, "false_negative": 8, "defer": 0.3}
RNG = np.random.default_rng(0)
RISK = RNG.beta(1, 4, 2_000)
OUTCOME = RNG.random(2_000) < RISK


def test_policy_from_its_text_alone_takes_the_same_actions() -> None:
    policy = decide(RISK, COSTS, capacity={"defer": 100}).policy()
    again = Policy.from_json(policy.to_json())
    assert (again.decide(RISK).action_index == policy.decide(RISK).action_index).all()
    assert again.to_dict() == policy.to_dict()
    assert again.promised_cost == policy.promised_cost


def test_without_limits_a_policy_decides_as_decide_does() -> None:
    decisions = decide(RISK, COSTS)
    assert (decisions.policy().decide(RISK).action_index == decisions.action_index).all()


def test_prices_give_back_the_assignment_and_the_other_rules() -> None:
    decisions = decide(RISK, COSTS, capacity={"defer": 100, "positive": 700})
    again = decisions.policy().decide(RISK)
    assert (again.action_index != decisions.action_index).sum() <= 2
    assert (again.forced_index == decisions.forced_index).all()
    assert (again.majority_index == decisions.majority_index).all()


def test_margin_keeps_new_batches_within_the_limit() -> None:
    # 200 batches of as many new rows: without the margin half of them exceed the limit, with it about 5 %.
    decisions = decide(RISK, COSTS, capacity={"defer": 100})
    plain, careful = decisions.policy(), decisions.policy(margin=0.95)
    new = np.random.default_rng(1).choice(RISK, (200, 2_000))
    over = [np.mean([p.decide(batch).counts[2] > 100 for batch in new]) for p in (plain, careful)]
    assert 0.35 < over[0] < 0.65
    assert over[1] <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_promise_is_kept_by_calibrated_risks_and_broken_by_others() -> None:
    policy = decide(RISK, COSTS).policy()
    kept = policy.check(RISK, OUTCOME)
    assert kept.findings[0].severity == "good"
    assert kept.realised_cost == kept.evaluation.mean_realised_cost
    broken = policy.check(RISK / 10, OUTCOME)
    assert broken.findings[0].severity == "issue"
    assert "diagnose them" in broken.findings[0].todo


def test_cost_is_a_line_in_the_prevalence_through_the_realised_one() -> None:
    check = decide(RISK, COSTS).policy().check(RISK, OUTCOME)
    at = np.interp(OUTCOME.mean(), check.prevalence, check.cost_at_prevalence)
    assert at == pytest.approx(check.realised_cost)
    assert np.diff(check.cost_at_prevalence, 2) == pytest.approx(0, abs=1e-12)
    json.dumps(check.to_dict(), allow_nan=False)


def test_policy_of_three_outcomes_round_trips() -> None:
    costs = CostMatrix(
        [[0, 3, 40], [8, 0, 15], [200, 60, 0]], outcomes=("a", "b", "c"), actions=("x", "y", "z")
    ).with_defer(6)
    proba = RNG.dirichlet([6, 3, 1], 500)
    decisions = decide(proba, costs, capacity={"defer": 50})
    again = Policy.from_json(decisions.policy().to_json()).decide(proba)
    assert (again.action_index != decisions.action_index).sum() <= 1
    assert decisions.policy().check(proba, RNG.integers(0, 3, 500)).cost_at_prevalence.size == 0


def test_policies_are_refused_with_reason() -> None:
    with pytest.raises(InputError, match="text must be JSON that Policy.to_json wrote"):
        Policy.from_json("{")
    with pytest.raises(InputError, match="hold a policy of schema 1"):
        Policy.from_json('{"kind": "Model"}')
    with pytest.raises(InputError, match="the same for all rows to make a policy"):
        decide(RISK, CostMatrix.binary(false_positive=1, false_negative=RISK + 1)).policy()
    with pytest.raises(InputError, match="margin must come with decisions under limits"):
        decide(RISK, COSTS).policy(margin=0.9)
    with pytest.raises(InputError, match="the risks must be kept"):
        decide(RISK, COSTS, keep_cost=False).policy()
