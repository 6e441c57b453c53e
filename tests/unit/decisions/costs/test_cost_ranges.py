"""Ranges of costs: regrets by enumeration of corners, zones by brute force, the three rules."""

from __future__ import annotations

import itertools
import pickle
from typing import Any

import numpy as np
import pytest

from riskdec.decisions import CostMatrix, CostRanges, decide, evaluate_decisions
from riskdec.errors import InputError

RISK = np.linspace(0, 1, 401)
RANGES = CostRanges.binary(false_positive=(1, 2), false_negative=(10, 30), defer=0.5)
PLAIN = CostRanges.binary(false_positive=(1, 2), false_negative=(10, 20))


def corners(ranges: CostRanges) -> list[np.ndarray]:
    """Every table whose entries lie at the ends of their ranges."""
    ends = np.stack([ranges.low.ravel(), ranges.high.ravel()])
    tables = itertools.product(*(sorted({float(a), float(b)}) for a, b in ends.T))
    return [np.reshape(table, ranges.low.shape) for table in tables]


@pytest.mark.parametrize("seed", range(5))
def test_largest_regret_is_that_of_the_worst_corner(seed: int) -> None:
    rng = np.random.default_rng(seed)
    low = rng.random((2, 3))
    high = low + rng.random((2, 3))
    names: dict[str, Any] = {"outcomes": ("a", "b"), "actions": ("x", "y", "z")}
    ranges = CostRanges(CostMatrix.quietly(low, *names.values(), None), CostMatrix.quietly(high, *names.values(), None))
    proba = np.column_stack([1 - RISK, RISK])
    worst = np.zeros((len(RISK), 3))
    for table in corners(ranges):
        expected = proba @ table
        worst = np.maximum(worst, expected - expected.min(axis=1, keepdims=True))
    assert ranges.largest_regret(RISK) == pytest.approx(worst, abs=1e-12)
    linked = CostRanges.from_draws(corners(ranges), **names)
    assert linked.largest_regret(RISK) == pytest.approx(worst, abs=1e-12)


def test_zones_of_two_actions_are_those_of_the_closed_form() -> None:
    # a / (a + e) = 1 / 21 and b / (b + c) = 2 / 12.
    assert [zone.action for zone in PLAIN.zones()] == ["negative", "ambiguous", "positive"]
    assert [zone.high for zone in PLAIN.zones()][:2] == pytest.approx([1 / 21, 1 / 6])


@pytest.mark.parametrize("linked", [False, True], ids=["ranges", "draws"])
def test_zones_are_where_all_corners_agree(linked: bool) -> None:
    ranges = RANGES
    if linked:
        ranges = CostRanges.from_draws(corners(RANGES), outcomes=RANGES.outcomes, actions=RANGES.actions)
    zones = ranges.zones()
    winners = np.array([(np.column_stack([1 - RISK, RISK]) @ table).argmin(axis=1) for table in corners(RANGES)])
    agreed = (winners == winners[0]).all(axis=0)
    for risk, same, winner in zip(RISK, agreed, winners[0], strict=True):
        if min(abs(risk - zone.low) for zone in zones) < 1e-9:
            continue
        zone = next(z for z in zones if z.low <= risk <= z.high)
        assert zone.action == (RANGES.actions[winner] if same else "ambiguous")


def test_least_regret_of_two_actions_uses_midpoints() -> None:
    action = decide(RISK, PLAIN, rule="minimax_regret").action_index
    act = RISK * (10 + 20) >= (1 - RISK) * (1 + 2)
    clear = np.abs(RISK * 30 - (1 - RISK) * 3) > 1e-9
    assert (action[clear] == act[clear]).all()


def test_robust_rule_defers_in_doubt_and_needs_an_action_for_it() -> None:
    decisions = decide(RISK, RANGES, rule="robust")
    for risk, action in zip(RISK, decisions.action, strict=True):
        zone = next(z for z in RANGES.zones() if z.low <= risk < z.high or z.high == 1)
        assert action == ("defer" if zone.action == "ambiguous" else zone.action)
    assert "RD323" in {finding.code for finding in decisions.findings}
    assert decisions.regions is None
    with pytest.raises(InputError, match="have an action that defers for rule='robust'"):
        decide(RISK, PLAIN, rule="robust")


def test_expected_cost_uses_the_means_and_realised_cost_too() -> None:
    decisions = decide(RISK, RANGES)
    mean = CostMatrix.binary(false_positive=1.5, false_negative=20, defer=0.5)
    assert decisions.costs == mean
    assert (decisions.action_index == decide(RISK, mean).action_index).all()
    assert evaluate_decisions(RISK > 0.5, decisions).mean_realised_cost >= 0


def test_interval_of_a_risk_matters_to_the_other_rules_only() -> None:
    costs = {"false_positive": 1, "false_negative": 15, "defer": 0.6}
    ends = np.column_stack([np.maximum(RISK - 0.05, 0), np.minimum(RISK + 0.05, 1)])
    expected = decide(RISK, costs, risk_interval=ends)
    assert (expected.action_index == decide(RISK, costs).action_index).all()
    assert [f.code for f in expected.findings if f.severity == "caution"] == ["RD322"]
    robust = decide(RISK, costs, risk_interval=ends, rule="robust").action_index
    best = np.array([decide(np.linspace(a, b, 301), costs).action_index for a, b in ends])
    same = (best == best[:, :1]).all(axis=1)
    # At an end of an interval two actions may cost the same.
    clear = np.all([np.abs(ends - cut).min(axis=1) > 1e-9 for cut in (0.04, 0.4)], axis=0)
    assert (robust[clear] == np.where(same, best[:, 0], 2)[clear]).all()


def test_regret_within_an_interval_is_largest_at_an_end() -> None:
    costs = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)
    low, high = 0.02, 0.5
    inside = np.linspace(low, high, 1001)
    expected = np.column_stack([1 - inside, inside]) @ costs.costs
    worst = (expected - expected.min(axis=1, keepdims=True)).max(axis=0)
    chosen = decide([0.1], costs, risk_interval=[[low, high]], rule="minimax_regret").action_index[0]
    assert chosen == worst.argmin()


def test_support_is_the_share_of_costs_under_which_an_action_is_best() -> None:
    # At a risk of 0.1 acting is best where 0.1 cfn > 0.9 cfp, with cfp uniform on (1, 2) and cfn on (10, 20).
    share = PLAIN.support([0.1], n_draws=20_000, rng=0)[0]
    cfp = np.linspace(1, 2, 100_001)
    exact = np.clip((20 - 9 * cfp) / 10, 0, 1).mean()
    assert share.sum() == pytest.approx(1)
    assert share[1] == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 20_000))


def test_ranges_print_and_travel() -> None:
    assert "10 to 30" in str(RANGES)
    assert "Whatever the costs are within their ranges" in RANGES.sentences()[-1]
    assert (pickle.loads(pickle.dumps(RANGES)).high == RANGES.high).all()
    assert RANGES.to_dict()["low"][1][0] == 10


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: CostRanges.binary(false_positive=(2, 1), false_negative=1), "a range must have its low end first"),
        (lambda: decide([0.1], PLAIN, risk_interval=[[0.2, 0.3]]), "y_proba must lie in its risk_interval; got 0.1"),
        (lambda: decide([0.1], PLAIN, risk_interval=[[0.2, 0.1]]), "run from low to high within"),
        (lambda: decide([0.1], PLAIN, rule="regret"), "rule must be one of 'expected', 'minimax_regret', 'robust'"),  # type: ignore[arg-type]
        (lambda: decide([0.1], PLAIN, rule="minimax_regret", capacity={"positive": 1}), "capacity must come with"),
        (
            lambda: decide([0.1], CostMatrix.binary(false_positive=np.ones(1), false_negative=1), rule="robust"),
            "costs must be the same for all rows with intervals",
        ),
        (lambda: CostRanges(1, 2), "low must be a CostMatrix"),  # type: ignore[arg-type]
    ],
)
def test_ranges_are_refused_with_reason(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
