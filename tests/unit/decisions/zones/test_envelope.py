"""The lower envelope of cost lines, and the closed forms that follow from it."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.decisions.zones.envelope import cut_point, gray_zone_exists, line_costs, lower_envelope, peak_cost


def test_envelope_gives_chow_zone_for_free_correct_decisions() -> None:
    # lo = d / cfn and hi = 1 - d / cfp (Chow 1970).
    envelope = lower_envelope(np.array([[0.0, 1.0, 0.5], [10.0, 0.0, 0.5]]))
    assert envelope.actions.tolist() == [0, 2, 1]
    assert envelope.cuts == pytest.approx([0.05, 0.5], abs=1e-15)


def test_envelope_orders_actions_by_risk_when_columns_are_in_another_order() -> None:
    envelope = lower_envelope(np.array([[0.5, 1.0, 0.0], [0.5, 0.0, 10.0]]))
    assert envelope.actions.tolist() == [2, 0, 1]
    assert envelope.cuts == pytest.approx([0.05, 0.5], abs=1e-15)


@pytest.mark.parametrize(
    ("costs", "actions"),
    [
        pytest.param([[0, 1], [5, 6]], [0], id="dominated under both outcomes"),
        pytest.param([[0, 0], [5, 6]], [0], id="equal without the event"),
        pytest.param([[0, 1], [5, 5]], [0], id="equal with the event"),
        pytest.param([[0, 0, 1], [1, 1, 0]], [0, 2], id="two equal columns"),
        pytest.param([[0, 2, 1], [2, 0, 1]], [0, 1], id="middle action ties at one point only"),
        pytest.param([[0, 1, 3, 6], [9, 6, 3, 1]], [0, 1, 2, 3], id="all useful"),
    ],
)
def test_envelope_leaves_out_what_is_never_strictly_cheapest(costs: list[list[float]], actions: list[int]) -> None:
    assert lower_envelope(np.array(costs, dtype=float)).actions.tolist() == actions


def test_envelope_has_no_sliver_when_fee_is_break_even_up_to_rounding(rng: np.random.Generator) -> None:
    for cfp, cfn in rng.uniform(0.01, 50, size=(500, 2)):
        fee = cfp * cfn / (cfp + cfn)
        envelope = lower_envelope(np.array([[0.0, cfp, fee], [cfn, 0.0, fee]]))
        assert envelope.actions.tolist() == [0, 1]


@pytest.mark.parametrize("ratio", [1e-20, 1e-12, 1.0, 1e12, 1e20])
def test_risk_of_zero_and_one_get_the_action_that_is_best_for_certain(ratio: float) -> None:
    envelope = lower_envelope(np.array([[0.0, ratio], [1.0, 0.0]]))
    assert envelope.actions[np.searchsorted(envelope.cuts, 0.0, side="right")] == 0
    assert envelope.actions[np.searchsorted(envelope.cuts, 1.0, side="right")] == 1


def test_cuts_that_round_to_one_float_leave_no_empty_region() -> None:
    # Odds of 1e17 and 1e18: both cuts are 1 in double precision, where the last action is the cheapest.
    envelope = lower_envelope(np.array([[0.0, 1e17, 1.1e18], [3.0, 2.0, 1.0]]))
    assert envelope.actions.tolist() == [0, 2]
    assert envelope.cuts.tolist() == [1.0]


def test_cut_point_stays_above_zero_when_quotient_underflows() -> None:
    assert cut_point((0.0, 1e99), (5e-324, 0.0)) > 0


def test_gray_zone_condition_is_a_fee_below_product_over_sum() -> None:
    # d < cfp cfn / (cfp + cfn) = 1 * 9 / 10
    assert gray_zone_exists((0, 9), (0.899, 0.899), (1, 0))
    assert not gray_zone_exists((0, 9), (0.9, 0.9), (1, 0))


def test_peak_cost_is_found_on_a_fine_grid() -> None:
    costs = np.array([[0.0, 2.0, 3.0, 7.0], [9.0, 4.0, 3.5, 1.0]])
    grid = line_costs(costs, np.linspace(0, 1, 100_001)).min(axis=0)
    assert peak_cost(costs) == pytest.approx(grid.max(), abs=1e-3)
    assert peak_cost(costs) >= grid.max()
