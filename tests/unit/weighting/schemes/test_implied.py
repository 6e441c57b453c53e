"""The costs that class weights assume."""

from __future__ import annotations

import pytest

from riskdec import implied_costs
from riskdec.errors import InputError


@pytest.mark.parametrize("ratio", [0.2, 1, 9, 250])
def test_implied_costs_put_the_threshold_where_the_weights_do(ratio: float) -> None:
    costs = implied_costs(ratio)
    assert costs.costs.tolist() == [[0, 1], [ratio, 0]]
    assert costs.regions().thresholds.tolist() == pytest.approx([1 / (1 + ratio)], rel=1e-14)


@pytest.mark.parametrize("ratio", [0, -1, float("inf"), "3"])
def test_implied_costs_need_a_positive_ratio(ratio: object) -> None:
    with pytest.raises(InputError, match="weight_ratio must be a number above 0"):
        implied_costs(ratio)  # type: ignore[arg-type]  # wrong on purpose
