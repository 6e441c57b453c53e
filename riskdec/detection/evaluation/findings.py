"""What an evaluation on scenes has to say beside its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import Finding, sort_findings
from riskdec._base.table import count, number, percent

if TYPE_CHECKING:
    from riskdec.detection.evaluation.promise import PromisedPrecision
    from riskdec.detection.evaluation.resampling import ResampledBy
    from riskdec.detection.evaluation.scans import SceneScans
    from riskdec.detection.evaluation.window_calibration import WindowCalibration

# Half-width of the interval of calibration in the large from which its estimate says little.
_WIDE = 0.15
# Copies of an original in the scenes from which sharing matters.
_SHARED = 1.5


def scene_findings(
    scans: SceneScans,
    calibration: WindowCalibration,
    promise: PromisedPrecision | None,
    *,
    resampled_by: ResampledBy,
) -> tuple[Finding, ...]:
    """Collect the findings of an evaluation."""
    found = [_about_level(calibration), _about_slope(calibration)]
    if promise is not None:
        found.append(_about_promise(promise))
    lost = int(np.isnan(scans.object_score).sum())
    if lost:
        sentence = f"{count(lost)} of {count(scans.n_objects)} objects have no window of their own."
        todo = "They are missing in the calibration, and in recall unless a region near them finds them."
        found.append(Finding(code="RD713", severity="caution", sentence=sentence, todo=todo))
    n_sources = len(np.unique(scans.object_source))
    if scans.has_sources and scans.n_objects > _SHARED * n_sources and resampled_by == "scene":
        sentence = f"{count(scans.n_objects)} objects are copies of {count(n_sources)} originals: scenes share them."
        todo = "Intervals by scene are for these originals; resample='scene and source' speaks of others too."
        found.append(Finding(code="RD714", severity="caution", sentence=sentence, todo=todo))
    return sort_findings(one for one in found if one is not None)


def _about_level(calibration: WindowCalibration) -> Finding:
    citl = calibration.citl
    if np.isnan(citl.estimate):
        return Finding(code="RD710", severity="not applicable", sentence="The level of the risks cannot be assessed.")
    ratio = calibration.expected_objects / calibration.observed_objects
    sentence = f"The risks of windows add up to {number(ratio, 3)} times the objects (citl {number(citl.estimate, 3)})."
    half = (citl.high - citl.low) / 2
    if citl.low <= 0 <= citl.high:
        wide = f" Its interval of +-{number(half, 2)} is wide." if half > _WIDE else ""
        todo = "More scenes tell more; plan_scenes says how many." if wide else ""
        return Finding(code="RD710", severity="caution" if wide else "good", sentence=sentence + wide, todo=todo)
    todo = "Shift to the prevalence of scenes, and calibrate on labelled scenes (calibrate_scans)."
    return Finding(code="RD710", severity="issue", sentence=sentence, todo=todo)


def _about_slope(calibration: WindowCalibration) -> Finding | None:
    slope = calibration.slope
    if np.isnan(slope.estimate) or slope.low <= 1 <= slope.high:
        return None
    way = "too extreme" if slope.estimate < 1 else "too flat"
    sentence = (
        f"The slope of {number(slope.estimate, 3)} says that risks are {way}: no shift of the prior repairs that."
    )
    todo = "Calibrate on labelled scenes (calibrate_scans)."
    return Finding(code="RD711", severity="issue", sentence=sentence, todo=todo)


def _about_promise(promise: PromisedPrecision) -> Finding:
    sentence = (
        f"The balanced test set promised a precision of {percent(promise.promised_precision)}; "
        f"of the windows flagged in the scenes {percent(promise.window_precision)} hold an object, "
        f"of the alarms {percent(promise.alarm_precision)}."
    )
    todo = "Precision belongs to a prevalence: report it on scenes, and choose the threshold by costs there."
    kept = promise.window_precision >= promise.promised_precision / 2
    return Finding(code="RD712", severity="good" if kept else "issue", sentence=sentence, todo="" if kept else todo)
