"""Experts and tests: what asking costs, by enumeration and by simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskdec.decisions import CostMatrix, decide
from riskdec.errors import CostMatrixWarning, InputError

BINARY = CostMatrix.binary(false_positive=1, false_negative=4)


def test_expert_zone_is_that_of_the_closed_form() -> None:
    # d0 = c + (1 - sp) cfp = 0.1, d1 = c + (1 - se) cfn = 0.45; lo = d0 / (d0 + cfn - d1), hi = (cfp - d0) / (...).
    costs = BINARY.with_expert(fee=0.05, confusion=[[0.95, 0.05], [0.1, 0.9]])
    assert costs.costs[:, 2] == pytest.approx([0.1, 0.45])
    assert costs.regions().thresholds == pytest.approx([0.1 / (0.1 + 4 - 0.45), 0.9 / (0.9 + 0.45)])


def test_test_costs_its_price_and_what_its_result_leads_to() -> None:
    costs = BINARY.with_test("biopsy", price=0.1, sensitivity=0.9, specificity=0.8)
    rng = np.random.default_rng(0)
    n, risk = 400_000, 0.3
    ill = rng.random(n) < risk
    positive = rng.random(n) < np.where(ill, 0.9, 0.2)
    simulated = 0.1 + np.where(ill & ~positive, 4, 0) + np.where(~ill & positive, 1, 0)
    expected = (1 - risk) * costs.costs[0, 2] + risk * costs.costs[1, 2]
    assert abs(simulated.mean() - expected) < 4 * simulated.std() / np.sqrt(n)


def test_perfect_free_expert_costs_what_knowing_costs() -> None:
    with pytest.warns(CostMatrixWarning, match="never costs less than 'expert'"):
        costs = BINARY.with_expert(fee=0, confusion=[[1, 0], [0, 1]])
    assert costs.costs[:, 2].tolist() == [0, 0]


def test_expert_of_three_outcomes_follows_its_confusion() -> None:
    table = np.array([[0, 3, 40], [8, 0, 15], [200, 60, 0]])
    costs = CostMatrix(table, outcomes=("a", "b", "c"), actions=("x", "y", "z"))
    confusion = np.array([[0.8, 0.2, 0], [0.1, 0.8, 0.1], [0, 0.3, 0.7]])
    asked = costs.with_expert("ward", fee=2, confusion=confusion)
    assert asked.deferring == ("ward",)
    assert asked.costs[:, 3] == pytest.approx([2 + 0.2 * 3, 2 + 0.8 + 1.5, 2 + 0.3 * 60])


def test_actions_after_a_test_can_be_named() -> None:
    costs = CostMatrix([[0, 1, 3], [9, 4, 0]], outcomes=("healthy", "ill"), actions=("wait", "pill", "operate"))
    scan: dict[str, Any] = {"price": 0.2, "sensitivity": 1, "specificity": 1}
    # A perfect scan leaves no use for the pill.
    with pytest.warns(CostMatrixWarning, match="'pill'"):
        assert costs.with_test("scan", **scan, then=("pill", "wait")).costs[:, 3] == pytest.approx([0.2, 4.2])
    with pytest.warns(CostMatrixWarning, match="'pill'"):
        assert costs.with_test("scan", **scan).costs[:, 3] == pytest.approx([0.2, 0.2])


def test_several_ways_of_deferring_share_the_gray_zone() -> None:
    costs = CostMatrix.binary(false_positive=1, false_negative=30, defer=0.5).with_test(
        "biopsy", price=0.3, sensitivity=0.95, specificity=0.9
    )
    zone = costs.regions().gray_zone
    assert zone is not None
    assert zone.action == "biopsy or defer"
    decisions = decide(np.linspace(0, 1, 101), costs)
    assert decisions.deferral_rate == pytest.approx(decisions.counts[[2, 3]].sum() / 101)
    assert set(np.unique(decisions.forced_index)) == {0, 1}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: BINARY.with_expert(fee=1, confusion=[[1, 0]]), r"confusion must have one row per outcome.*\(1, 2\)"),
        (lambda: BINARY.with_expert(fee=1, confusion=[[0.5, 0.6], [0, 1]]), "shares that add up to one; got 0.5"),
        (lambda: BINARY.with_test("t", price=1, sensitivity=1.2, specificity=1), "sensitivity must be .* at most 1"),
        (lambda: BINARY.with_test("t", price=np.nan, sensitivity=1, specificity=1), "price must be a number; got nan"),
        (
            lambda: BINARY.with_test("t", price=1, sensitivity=1, specificity=1, then=("x", "negative")),
            "then must name two of the actions that decide",
        ),
        (
            lambda: CostMatrix(1 - np.eye(3), outcomes=("a", "b", "c"), actions=("x", "y", "z")).with_test(
                "t", price=1, sensitivity=1, specificity=1
            ),
            "outcomes must be two for a test",
        ),
    ],
)
def test_deferrals_are_refused_with_reason(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
