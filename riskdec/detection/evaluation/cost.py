"""What the actions on regions cost, scene by scene."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.decisions import decide
from riskdec.detection.deciding import scene_costs
from riskdec.detection.evaluation.reading import FALSE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import FloatArray
    from riskdec.decisions import CostMatrix
    from riskdec.detection.evaluation.scans import SceneScans


class SceneCosts(NamedTuple):
    """Realised cost, alarms and deferrals of each scene, shape (S,)."""

    cost: FloatArray
    alarms: FloatArray
    deferrals: FloatArray


def cost_scenes(scans: SceneScans, costs: CostMatrix | Mapping[str, float]) -> SceneCosts:
    """Act on every region by expected cost, and add up what the actions cost on the true state.

    An object that no region found is cleared, and costs what a missed object costs. A second region on the same object
    adds only what it costs to defer. Background that is cleared costs its own entry once per region, and nothing
    where no region stands.
    """
    named = scene_costs(costs)
    matrix = named.costs
    clear, alarm = int(np.argmin(matrix[0])), int(np.argmin(matrix[1]))
    n_regions = len(scans.region_risk)
    action = decide(scans.region_risk, named).action_index.astype(np.intp) if n_regions else np.empty(0, np.intp)
    found = scans.region_object
    price = np.where(found == FALSE, matrix[0, action], np.where(found >= 0, matrix[1, action], 0.0))
    is_deferral = (action != clear) & (action != alarm)
    again = (found < FALSE) & is_deferral
    price[again] = matrix[0, action[again]]
    n = scans.n_scenes
    seen = np.zeros(scans.n_objects, dtype=bool)
    seen[found[found >= 0]] = True
    missed = np.bincount(scans.object_scene[~seen], minlength=n) * matrix[1, clear]
    return SceneCosts(
        cost=np.bincount(scans.region_scene, weights=price, minlength=n) + missed,
        alarms=np.bincount(scans.region_scene, weights=action == alarm, minlength=n).astype(np.float64),
        deferrals=np.bincount(scans.region_scene, weights=is_deferral, minlength=n).astype(np.float64),
    )
