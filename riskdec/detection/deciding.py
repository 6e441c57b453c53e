"""From the risk maps of a scene to regions with actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_number, refuse
from riskdec._base.findings import Finding, sort_findings
from riskdec._base.table import number
from riskdec.decisions import CostMatrix, decide
from riskdec.decisions import Regions as RiskRegions
from riskdec.decisions.costs.cost_input import as_cost_matrix, negative_and_positive
from riskdec.detection.answer import Detections
from riskdec.detection.suppression import find_regions, log_none_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec.decisions import Decisions
    from riskdec.detection.risk_map import RiskMap
    from riskdec.detection.suppression import Regions

# Regions down to this share of the lowest cut are listed, so that a reader sees what was cleared narrowly.
_LISTED = 0.1
# A scene whose windows hold an object more often than this on average is not one of rare objects.
_NOT_RARE = 0.01
# A scene may well hold a few objects, and several times the usual number; beyond this its risks are doubtful.
_TIMES, _FEW = 10, 5


def detect_on_maps(
    maps: Sequence[RiskMap], costs: CostMatrix | Mapping[str, Any], *, min_risk: float | None, separation: float
) -> Detections:
    """Find regions on the maps of one scene and decide on them; see `SlidingWindowDetector.detect`."""
    matrix = scene_costs(costs)
    apart = check_number(separation, name="separation", low=0, high=10, open_low=True)
    least = (
        _lowest_cut(matrix) * _LISTED if min_risk is None else check_number(min_risk, name="min_risk", low=0, high=1)
    )
    regions = find_regions(maps, separation=apart, min_risk=least)
    decisions, clears = decide(regions.risk, matrix, keep_cost=True), _clearing(matrix)
    boxes = [maps[k].boxes(cell)[0] for k, cell in zip(regions.level.tolist(), regions.cell, strict=True)]
    expected = sum(one.expected_objects for one in maps)
    return Detections(
        boxes=np.array(boxes, dtype=np.float64).reshape(-1, 4),
        scale=np.array([maps[k].scale for k in regions.level.tolist()], dtype=np.float64),
        peak_risk=regions.peak,
        risk=regions.risk,
        expected_in_region=regions.expected,
        decisions=decisions,
        scene_risk=float(-np.expm1(sum(log_none_of(one.risk) for one in maps))),
        expected_objects=expected,
        expected_cleared=_cleared(expected, regions, decisions, clears),
        clearing=matrix.actions[clears],
        n_windows=sum(one.n_windows for one in maps),
        image_shape=maps[0].image_shape,
        min_risk=least,
        evaluation=maps[0].evaluation,
        findings=_findings(maps, expected, decisions),
    )


def scene_costs(costs: CostMatrix | Mapping[str, Any]) -> CostMatrix:
    """Give costs per region; those given as a dict get names that fit detections.

    Raises
    ------
    InputError
        For costs that vary or are ranges, and other than two outcomes.

    Examples
    --------
    >>> scene_costs({"false_positive": 1, "false_negative": 9, "defer": 0.5}).regions()
    <Regions: clear below 5.56 %, defer 5.56 % to 50 %, alarm from 50 %>
    """
    if isinstance(costs, Mapping):
        costs = {"outcomes": ("nothing", "object"), "actions": ("clear", "alarm"), **costs}
    matrix = as_cost_matrix(costs)
    if len(matrix.outcomes) != 2:
        rule = "be for two outcomes: nothing and an object"
        raise refuse("costs", rule, f"{len(matrix.outcomes)}", "Merge the outcomes.")
    return matrix


def _lowest_cut(costs: CostMatrix) -> float:
    """Give the smallest risk at which something else is cheapest than at risk 0; 1 where there is none."""
    regions = costs.regions()
    return float(regions.thresholds[0]) if isinstance(regions, RiskRegions) and len(regions.thresholds) else 1.0


def _cleared(expected: float, regions: Regions, decisions: Decisions, clears: int) -> float:
    """Give the expected number of objects in windows of no region, and of regions that are cleared."""
    acts = decisions.action_index != clears
    return max(expected - float(regions.expected[acts].sum()), 0.0)


def _clearing(costs: CostMatrix) -> int:
    """Give the action for places that hold nothing."""
    if len(costs.deciding) == 2:
        return negative_and_positive(costs)[0]
    return int(costs.costs[0].argmin())


def _findings(maps: Sequence[RiskMap], expected: float, decisions: Decisions) -> tuple[Finding, ...]:
    found = [finding for finding in decisions.findings if finding.code != "RD305"]
    n_windows = sum(one.n_windows for one in maps)
    assumed = [one.deploy_prevalence * one.n_windows for one in maps if one.deploy_prevalence is not None]
    usual = sum(assumed) if assumed else None
    sentence = f"The risks of {n_windows:,} windows add up to {number(expected, 3)} objects in this scene."
    if usual is None and expected > _NOT_RARE * n_windows:
        sentence += " Risks from training on as many objects as background say so of every scene."
        todo = "Pass train_prevalence and deploy_prevalence (see riskdec.window_prevalence)."
        found.append(Finding(code="RD702", severity="caution", sentence=sentence, todo=todo))
    if usual is not None and expected > _TIMES * usual + _FEW:
        sentence += f" At the prevalence that was assumed ({usual / n_windows:.2g}), {number(usual, 3)} are usual."
        todo = "If many scenes are so: train with hard negatives, and calibrate on labelled scenes."
        found.append(Finding(code="RD702", severity="caution", sentence=sentence, todo=todo))
    return sort_findings(found)
