"""Calibration of window risks: level and slope by maximum likelihood on bins of log odds, resampled by scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit

from riskdec._base.result import Estimate
from riskdec.decisions.certificates.exact import upper_errors
from riskdec.detection.evaluation.reading import EDGES, N_BINS
from riskdec.detection.evaluation.resampling import percentile_limits
from riskdec.detection.evaluation.scans import bin_log_odds

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.detection.evaluation.resampling import Draws
    from riskdec.detection.evaluation.scans import SceneScans

_STEPS = 60
_TOLERANCE = 1e-10
# Log odds move by this much at most in a step: far from the maximum the information says too little.
_LONGEST = 2.0
# Less information than this is left only where risks separate the windows, and the slope runs away.
_SEPARATED = 1e-4


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class WindowCalibration:
    """How right the risks of windows are.

    Attributes
    ----------
    citl, slope, intercept : Estimate
        Calibration in the large (log odds by which risks are too low), slope, and the intercept beside the slope;
        intervals by resampling scenes. nan where there is no maximum.
    expected_objects, observed_objects : float
        Sum of the risks, and windows with an object.
    information : float
        Sum of ``p (1 - p)`` over all windows, p the risks with the shift ``citl``: what the precision of ``citl``
        rests on.
    risk, rate : ndarray of shape (g,)
        Mean risk of the windows in groups of one unit of log odds, and the share of them that hold an object.
    low, high : ndarray of shape (g,)
        Exact limits of that share, windows taken as independent.
    windows, objects : ndarray of shape (g,)
        Windows of each group, and those with an object among them.
    """

    citl: Estimate
    slope: Estimate
    intercept: Estimate
    expected_objects: float
    observed_objects: float
    information: float
    risk: FloatArray
    rate: FloatArray
    low: FloatArray
    high: FloatArray
    windows: FloatArray
    objects: FloatArray


class Cells(NamedTuple):
    """Windows in bins: log odds (B,), and in each of R resamples the windows and the objects of each bin (R, B)."""

    log_odds: FloatArray
    windows: FloatArray
    objects: FloatArray


def calibrate_windows(scans: SceneScans, draws: Draws, level: float) -> WindowCalibration:
    """Estimate the calibration of all windows, with intervals from resamples."""
    ones = np.ones((1, scans.n_scenes)), np.ones((1, scans.n_objects))
    all_cells = sum_cells(scans, *ones)
    drawn = sum_cells(scans, draws.scene, draws.object)
    citl, line = fit_shift(all_cells), fit_line(all_cells)
    shifts, lines = fit_shift(drawn), fit_line(drawn)
    risk = expit(all_cells.log_odds + np.nan_to_num(citl[0]))
    return WindowCalibration(
        citl=_estimate(citl[0], shifts, level),
        slope=_estimate(line[0, 1], lines[:, 1], level),
        intercept=_estimate(line[0, 0], lines[:, 0], level),
        expected_objects=scans.expected_objects,
        observed_objects=float(all_cells.objects.sum()),
        information=float(all_cells.windows[0] @ (risk * (1 - risk))),
        **_groups(all_cells, level),
    )


def sum_cells(scans: SceneScans, scene_weight: FloatArray, object_weight: FloatArray) -> Cells:
    """Add up windows and objects of each bin under weights of scenes (R, S) and objects (R, n)."""
    has_window = ~np.isnan(scans.object_score)
    place = np.searchsorted(EDGES, scans.object_score[has_window], side="right")
    which = np.zeros((len(place), N_BINS))
    which[np.arange(len(place)), place] = 1
    objects = object_weight[:, has_window] @ which
    return Cells(bin_log_odds(scans), scene_weight @ scans.negatives + objects, objects)


def fit_shift(cells: Cells) -> FloatArray:
    """Give the shift of the log odds that makes risks add up to the objects, per resample: shape (R,).

    nan where there is no object, or nothing else.
    """
    total, events = cells.windows.sum(axis=1), cells.objects.sum(axis=1)
    shift = np.zeros(len(total))
    for _ in range(_STEPS):
        risk = expit(cells.log_odds + shift[:, None])
        score = events - (cells.windows * risk).sum(axis=1)
        information = (cells.windows * risk * (1 - risk)).sum(axis=1)
        step = np.clip(_divide(score, information), -_LONGEST, _LONGEST)
        shift += step
        if np.abs(step).max(initial=0) < _TOLERANCE:
            break
    return np.where((events > 0) & (events < total), shift, np.nan)


def fit_line(cells: Cells) -> FloatArray:
    """Give intercept and slope of the log odds, per resample: shape (R, 2); nan where there is no maximum."""
    z = cells.log_odds
    coef = np.stack([fit_shift(cells), np.ones(len(cells.windows))], axis=1)
    coef[np.isnan(coef)] = 0
    step = np.full_like(coef, np.inf)
    for _ in range(_STEPS):
        risk = expit(coef[:, :1] + coef[:, 1:] * z)
        left, spread = cells.objects - cells.windows * risk, cells.windows * risk * (1 - risk)
        score = np.stack([left.sum(axis=1), left @ z], axis=1)
        a, b, c = spread.sum(axis=1), spread @ z, spread @ z**2
        determinant = a * c - b * b
        step = np.stack([c * score[:, 0] - b * score[:, 1], a * score[:, 1] - b * score[:, 0]], axis=1)
        step = _divide(step, determinant[:, None])
        # A slope that would more than halve or double is kept from it; the intercept goes along.
        step *= np.minimum(1, 0.5 * np.maximum(coef[:, 1:], 0.2) / np.maximum(np.abs(step[:, 1:]), 1e-300))
        coef = coef + step
        if np.abs(step).max(initial=0) < _TOLERANCE:
            break
    risk = expit(coef[:, :1] + coef[:, 1:] * z)
    left_over = (cells.windows * risk * (1 - risk)).sum(axis=1)
    found = (np.abs(step).max(axis=1) < 1e-6) & (left_over > _SEPARATED)
    return np.where(found[:, None], coef, np.nan)


def _groups(cells: Cells, level: float) -> dict[str, FloatArray]:
    """Merge bins to groups of one unit of log odds, for a picture."""
    place = np.floor(cells.log_odds).astype(int)
    place -= place.min()
    windows, objects, expected = (
        np.bincount(place, weights=one).astype(np.float64)
        for one in (cells.windows[0], cells.objects[0], cells.windows[0] * expit(cells.log_odds))
    )
    some = windows > 0
    windows, objects, expected = windows[some], objects[some], expected[some]
    alpha = (1 - level) / 2
    return {
        "risk": expected / windows,
        "rate": objects / windows,
        "low": 1 - upper_errors(windows - objects, windows, alpha),
        "high": upper_errors(objects, windows, alpha),
        "windows": windows,
        "objects": objects,
    }


def _divide(above: FloatArray, below: FloatArray) -> FloatArray:
    return np.divide(above, below, out=np.zeros_like(above), where=np.broadcast_to(below > 0, above.shape))


def _estimate(value: float, drawn: FloatArray, level: float) -> Estimate:
    low, high = percentile_limits(drawn, level)
    return Estimate(estimate=float(value), low=low, high=high, confidence_level=level)
