"""Regions of three outcomes: a partition of the triangle that agrees with deciding."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.decisions import CostMatrix, SimplexRegions, decide
from riskdec.errors import CostMatrixWarning

COSTS = CostMatrix(
    [[0, 3, 40], [8, 0, 15], [200, 60, 0]],
    outcomes=("healthy", "mild", "severe"),
    actions=("send home", "observe", "operate"),
).with_defer(6)


def found(costs: CostMatrix) -> SimplexRegions:
    regions = costs.regions()
    assert isinstance(regions, SimplexRegions)
    return regions


@pytest.mark.parametrize("seed", range(6))
def test_areas_are_the_shares_of_uniform_probabilities(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.random((3, int(rng.integers(2, 6))))
    costs = CostMatrix.quietly(table, ("a", "b", "c"), tuple("uvwxyz"[: table.shape[1]]), None)
    regions = found(costs)
    assert sum(region.area for region in regions.regions) == pytest.approx(1)
    share = decide(rng.dirichlet([1, 1, 1], 100_000), costs).counts / 100_000
    areas = {region.action: region.area for region in regions.regions}
    for name, observed in zip(costs.actions, share, strict=True):
        assert observed == pytest.approx(areas.get(name, 0.0), abs=4 * np.sqrt(0.25 / 100_000))


def test_corners_cost_no_more_than_any_other_action() -> None:
    for region in found(COSTS).regions:
        cost = np.array(region.corners) @ COSTS.costs
        own = cost[:, COSTS.actions.index(region.action)]
        assert (own <= cost.min(axis=1) + 1e-9).all()


def test_actions_that_are_never_cheapest_are_named() -> None:
    with pytest.warns(CostMatrixWarning, match="never the cheapest"):
        costs = COSTS.with_defer(30, name="wait")
    assert found(costs).never == ("wait",)


def test_frame_holds_every_corner() -> None:
    regions = found(COSTS)
    frame = regions.frame()
    assert len(frame) == sum(len(region.corners) for region in regions.regions)
    assert frame[["healthy", "mild", "severe"]].sum(axis=1).to_numpy() == pytest.approx(1)
