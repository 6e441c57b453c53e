"""What costs of two outcomes say at every risk, made with the costs."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from riskdec import CostMatrix, certify_deferral, decide
from riskdec.decisions.zones.risk_rule import Cuts, RiskRule, make_rule


def action_at(rule: Cuts, risk: float, n_actions: int) -> int:
    """Take the steps one after another, in whole numbers that wrap around as the unsigned ones do."""
    size = 2 ** (8 * np.min_scalar_type(n_actions - 1).itemsize)
    taken = [int(step) for step, cut in zip(rule.steps, rule.cuts, strict=True) if risk >= cut]
    return (rule.first + sum(taken)) % size


def drawn_costs(rng: np.random.Generator, n_deferring: int) -> tuple[np.ndarray, list[str], list[str]]:
    """Draw costs of five actions, the last few of which defer."""
    names = [f"action {a}" for a in range(5)]
    return rng.normal(size=(2, 5)), names, names[5 - n_deferring :]


@pytest.mark.parametrize("n_deferring", [0, 1, 2])
def test_rules_choose_what_a_loop_over_actions_finds(n_deferring: int, rng: np.random.Generator) -> None:
    for _ in range(50):
        costs, names, deferring = drawn_costs(rng, n_deferring)
        rule = make_rule(costs, names, deferring)
        deciding = range(5 - n_deferring)
        for risk in rng.random(20):
            expected = (1 - risk) * costs[0] + risk * costs[1]
            assert action_at(rule.cheapest, risk, 5) == min(range(5), key=expected.__getitem__)
            forced = rule.cheapest if rule.forced is None else rule.forced
            assert action_at(forced, risk, 5) == min(deciding, key=expected.__getitem__)
            likelier = costs[int(risk >= 0.5)]
            assert action_at(rule.likeliest, risk, 5) == min(deciding, key=likelier.__getitem__)
        assert (rule.forced is None) == (n_deferring == 0)


def test_regions_and_corner_costs_are_those_of_the_cheapest_action(rng: np.random.Generator) -> None:
    costs, names, _ = drawn_costs(rng, 0)
    rule = make_rule(costs, names, ())
    corners = [0.0, *rule.envelope.cuts.tolist(), 1.0]
    assert rule.corner_costs == pytest.approx([min((1 - p) * a + p * b for a, b in costs.T) for p in corners])
    assert [region.low for region in rule.regions] == corners[:-1]
    assert [region.high for region in rule.regions] == corners[1:]
    assert {region.action for region in rule.regions} | set(rule.never) == set(names)
    assert np.array_equal(np.stack([rule.without, rule.with_event]), costs[:, rule.envelope.actions])


def test_costs_of_two_outcomes_hold_their_rule_and_no_others_do() -> None:
    costs = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)
    again = pickle.loads(pickle.dumps(costs))
    for one in (costs, again):
        assert isinstance(one.by_risk, RiskRule)
        assert one.by_risk.cheapest.cuts == (0.04, 0.4)
        assert not any(array.flags.writeable for array in (*one.by_risk.envelope, one.by_risk.corner_costs))
    assert again == costs
    three = CostMatrix(1 - np.eye(3), outcomes=("a", "b", "c"), actions=("x", "y", "z"))
    assert three.by_risk is None


def test_cut_points_are_found_once_for_many_decisions(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)
    first = decide([0.3], costs)
    monkeypatch.setattr("riskdec.decisions.costs.cost_matrix.make_rule", None)
    second = decide([0.3], costs)
    assert first.regions is not second.regions
    assert first.regions.regions is second.regions.regions
    assert second.action.tolist() == ["defer"]


def test_certificate_makes_its_costs_once() -> None:
    risk = np.linspace(0, 1, 400)
    certificate = certify_deferral((risk > 0.5).astype(int), risk, max_error=0.2)
    assert certificate.apply([0.1]).costs is certificate.apply([0.9]).costs
