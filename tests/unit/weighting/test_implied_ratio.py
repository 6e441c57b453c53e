"""The weight ratio of costs is the inverse of the costs of a weight ratio."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskdec import CostMatrix, implied_costs, implied_ratio
from riskdec.errors import InputError


@given(ratio=st.floats(1e-3, 1e3))
def test_ratio_comes_back(ratio: float) -> None:
    assert implied_ratio(implied_costs(ratio)) == pytest.approx(ratio, rel=1e-14)


@given(
    alarm=st.floats(0.1, 10),
    miss=st.floats(0.1, 100),
    right=st.floats(-1, 0.05),
    shift=st.floats(-5, 5),
    times=st.floats(0.1, 10),
)
def test_costs_and_the_costs_of_their_ratio_decide_alike(
    alarm: float, miss: float, right: float, shift: float, times: float
) -> None:
    # Neither another zero of each row nor another unit changes a decision.
    table = [[times * (0 + shift), times * (alarm + shift)], [times * miss, times * right]]
    costs = CostMatrix(table, outcomes=("no event", "event"), actions=("negative", "positive"))
    ours, theirs = implied_costs(implied_ratio(costs)).regions(), costs.regions()
    assert ours.thresholds == pytest.approx(theirs.thresholds, rel=1e-9)


def test_order_of_actions_does_not_matter() -> None:
    turned = CostMatrix([[5, 0], [0, 50]], outcomes=("no", "yes"), actions=("treat", "wait"))
    assert implied_ratio(turned) == 10


def test_deferring_has_no_weight_ratio() -> None:
    with pytest.raises(InputError, match="two actions that decide; got 2 outcomes"):
        implied_ratio({"false_positive": 1, "false_negative": 15, "defer": 0.6})


@pytest.mark.filterwarnings("ignore::riskdec.errors.CostMatrixWarning")
def test_an_action_that_is_always_best_has_no_weight_ratio() -> None:
    costs = CostMatrix([[0, -1], [5, 0]], outcomes=("no", "yes"), actions=("wait", "treat"))
    with pytest.raises(InputError, match="no weight stands for that"):
        implied_ratio(costs)
