"""The evaluation of a detector on scenes with known truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec._base.checks import check_integer, check_level, check_number, check_option, check_rng, refuse
from riskdec._base.result import Estimate
from riskdec.detection.evaluation.answer import SceneEvaluation
from riskdec.detection.evaluation.cost import cost_scenes
from riskdec.detection.evaluation.findings import scene_findings
from riskdec.detection.evaluation.froc import make_froc
from riskdec.detection.evaluation.promise import compare_promise
from riskdec.detection.evaluation.resampling import draw_weights, percentile_limits
from riskdec.detection.evaluation.scans import SceneScans, scan_scenes
from riskdec.detection.evaluation.window_calibration import calibrate_windows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from riskdec._base.typing import ArrayLike, FloatArray, RngLike
    from riskdec.datasets.scene import Scene
    from riskdec.decisions import CostMatrix
    from riskdec.detection.evaluation.resampling import Draws, ResampledBy
    from riskdec.detection.mining import ScansScenes
    from riskdec.detection.risk_map import RiskMap


def evaluate_scenes(
    detector: ScansScenes | Sequence[Sequence[RiskMap]] | SceneScans,
    scenes: Sequence[Scene] | None = None,
    *,
    costs: CostMatrix | Mapping[str, Any] | None = None,
    balanced: tuple[ArrayLike, ArrayLike] | None = None,
    threshold: float = 0.5,
    false_alarms: Sequence[float] = (0.1, 0.5, 1.0, 2.0, 5.0),
    ignore: float = 0.0,
    object_size: float | None = None,
    separation: float = 0.5,
    min_risk: float = 1e-4,
    resample: ResampledBy = "scene",
    confidence_level: float = 0.95,
    n_resamples: int = 500,
    rng: RngLike = 0,
) -> SceneEvaluation:
    """Judge a detector on whole scenes: recall and false alarms, calibration of windows, cost.

    Parameters
    ----------
    detector : SlidingWindowDetector, sequence of what `risk_map` gave, or SceneScans
        The detector, the maps of all scenes, or scenes that were scanned before (then without `scenes`).
    scenes : sequence of Scene
        Scenes with known truth that nothing was fitted to.
    costs : CostMatrix or mapping, optional
        As in `SlidingWindowDetector.detect`, for cost, alarms and deferrals per scene. An object that no region finds
        costs what a missed object costs.
    balanced : (y_true, y_proba), optional
        Outcomes and risks of a balanced test set of windows, for the comparison of what it promised with what the
        scenes gave. Leave it out for a detector that shifts the risks.
    threshold : float
        At which the two are compared.
    false_alarms : sequence of float
        Mean false alarms per scene at which the recall is given.
    ignore, object_size, separation, min_risk : float
        As in `scan_scenes`; not used for scenes that were scanned before.
    resample : {"scene", "scene and source"}
        What the intervals draw. Where scenes share originals they are not independent: "scene and source" draws
        scenes and originals of the objects.
    confidence_level : float
        Level of the intervals.
    n_resamples : int
        Number of resamples.
    rng : int, Generator or None
        Seed or generator of the resamples.

    Returns
    -------
    SceneEvaluation

    Raises
    ------
    InputError
        Without scenes or objects, for several scales where scenes have no sizes of their objects, and for originals
        that scenes do not name.

    Notes
    -----
    A region finds an object whose centre lies within `separation` windows of its peak along both axes, whatever the
    scale of either; the surest region chooses first. A further region on an object that was found is neither a hit nor
    a false alarm.

    Calibration in the large a and slope b are the maximum likelihood estimates of ``logit P(object) = a + logit p`` and
    ``a + b logit p`` over all windows, from counts in bins of log odds 0.05 wide; the windows with log odds below -14
    are one bin. Each object has one window, of one scale (see `scan_scenes`), so that window risks add up to the number
    of objects.

    See Also
    --------
    certify_alarms : A threshold with a promise about scenes to come.
    plan_scenes : How many scenes are needed.

    References
    ----------
    D. P. Chakraborty, Recent advances in observer performance methodology: jackknife free-response ROC (JAFROC),
    Radiation Protection Dosimetry 114 (2005), 26-31 (the free-response curve).
    """
    level = check_level(confidence_level)
    n = check_integer(n_resamples, name="n_resamples", low=1)
    at = tuple(check_number(one, name="false_alarms", low=0) for one in false_alarms)
    scans = _scans(detector, scenes, ignore=ignore, object_size=object_size, separation=separation, min_risk=min_risk)
    check_option(resample, ("scene", "scene and source"), name="resample")
    if resample == "scene and source" and not scans.has_sources:
        raise refuse("resample", "be 'scene' where scenes do not name sources", repr(resample))
    if not scans.n_objects:
        raise refuse("scenes", "hold an object", f"{scans.n_scenes} scenes without any")
    draws = draw_weights(scans, by=resample, n_resamples=n, rng=check_rng(rng))
    froc, recall = make_froc(scans, draws, at=at, level=level)
    calibration = calibrate_windows(scans, draws, level)
    spent = None if costs is None else cost_scenes(scans, costs)
    cost, alarms, deferrals = (None, None, None) if spent is None else (_mean(one, draws, level) for one in spent)
    promise = None if balanced is None else compare_promise(scans, *balanced, threshold=threshold)
    n_windows = int(scans.n_windows.sum())
    return SceneEvaluation(
        n_scenes=scans.n_scenes,
        n_objects=scans.n_objects,
        n_windows=n_windows,
        prevalence=calibration.observed_objects / n_windows,
        froc=froc,
        false_alarms=at,
        recall=recall,
        calibration=calibration,
        cost=cost,
        alarms=alarms,
        deferrals=deferrals,
        promise=promise,
        resampled_by=resample,
        n_resamples=n,
        confidence_level=level,
        findings=scene_findings(scans, calibration, promise, resampled_by=resample),
    )


def _scans(
    detector: ScansScenes | Sequence[Sequence[RiskMap]] | SceneScans,
    scenes: Sequence[Scene] | None,
    *,
    ignore: float,
    object_size: float | None,
    separation: float,
    min_risk: float,
) -> SceneScans:
    if isinstance(detector, SceneScans):
        if scenes is not None:
            raise refuse("scenes", "be left out for scenes that were scanned before", "both")
        return detector
    if scenes is None:
        raise refuse("scenes", "be given with a detector", "None")
    return scan_scenes(
        detector, scenes, ignore=ignore, object_size=object_size, separation=separation, min_risk=min_risk
    )


def _mean(per_scene: FloatArray, draws: Draws, level: float) -> Estimate:
    drawn = draws.scene @ per_scene / len(per_scene)
    low, high = percentile_limits(drawn, level)
    return Estimate(estimate=float(per_scene.mean()), low=low, high=high, confidence_level=level)
