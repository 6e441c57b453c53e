"""Before any scene is scanned: what a balanced test set means for scenes, and how many scenes are needed."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_level, check_number, check_outcome, check_risks, refuse
from riskdec._base.frames import frame_kind
from riskdec._base.result import Framed
from riskdec._base.table import Table, count, number, percent
from riskdec.decisions.certificates.exact import upper_errors
from riskdec.scores.isotonic import isotonic_fit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import ArrayLike, BoolArray, FloatArray

# Variance of calibration in the large beside 1 / sum p(1 - p): windows of a scene are not independent, and the
# calibrator has an error of its own. Between 1.0 and 1.7 in the scenes it was measured on, with a reserve.
DESIGN_EFFECT = 2.1


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class ScenePlan(Framed):
    """What to expect in scenes from a test set of windows.

    `frame` gives one line per recall: threshold, false alarms with their upper limit, precision.

    Attributes
    ----------
    recall : ndarray of shape (m,)
        Share of the objects' windows flagged.
    threshold : ndarray of shape (m,)
        Of the risk on the test set.
    false_alarms : ndarray of shape (m,)
        Expected false windows per scene at that threshold.
    false_alarms_high : ndarray of shape (m,)
        Their upper limit: what so few negatives cannot exclude.
    precision : ndarray of shape (m,)
        Share of flagged windows that hold an object, in scenes.
    windows_per_scene, objects_per_scene : float
        As given.
    n_negatives : int
        Negatives of the test set.
    information_per_scene : float
        Sum of ``p (1 - p)`` over the windows of a scene, expected or as given.
    half_width : float
        Wanted half-width of the interval of calibration in the large.
    n_scenes : int
        Scenes that give it: as many to calibrate on, and as many to test on.
    confidence_level : float
        Level of the limits.
    """

    recall: FloatArray
    threshold: FloatArray
    false_alarms: FloatArray
    false_alarms_high: FloatArray
    precision: FloatArray
    windows_per_scene: float
    objects_per_scene: float
    n_negatives: int
    information_per_scene: float
    half_width: float
    n_scenes: int
    confidence_level: float

    def _headline(self) -> str:
        return f"{count(self.n_scenes)} scenes each to calibrate and to test for citl +-{self.half_width:g}"

    def summary(self) -> Table:
        """Give the expected false alarms at each recall, and the number of scenes."""
        columns = (self.recall, self.false_alarms, self.false_alarms_high, self.precision)
        rows = tuple(
            (percent(recall, 0), number(expected, 3), number(high, 3), percent(precision))
            for recall, expected, high, precision in zip(*columns, strict=True)
        )
        notes = (
            f"{count(self.windows_per_scene)} windows and {number(self.objects_per_scene)} objects per scene; "
            f"{count(self.n_negatives)} negatives cannot exclude "
            f"{number(float(self.false_alarms_high.min()), 3)} false windows per scene at any threshold above.",
            f"For calibration in the large within +-{self.half_width:g}: {count(self.n_scenes)} scenes to calibrate on "
            f"and as many to test on (sum of p(1 - p) per scene {number(self.information_per_scene, 3)}).",
        )
        header = ("recall", "false windows per scene", "upper limit", "precision")
        return Table(title="Plan for scenes", header=header, rows=rows, notes=notes)

    def _columns(self) -> dict[str, Any]:
        names = ("recall", "threshold", "false_alarms", "false_alarms_high", "precision")
        return {name: getattr(self, name) for name in names}

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and lists."""
        return self._plain_fields()


def plan_scenes(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    windows_per_scene: float,
    objects_per_scene: float,
    recalls: Sequence[float] = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99),
    half_width: float = 0.15,
    information_per_scene: float | None = None,
    confidence_level: float = 0.95,
) -> ScenePlan:
    """Say what a test set of windows means for scenes, before any scene is scanned.

    Parameters
    ----------
    y_true, y_proba : array-like of shape (n,)
        Outcomes and risks of test windows, in any proportion. Only the ranking is used.
    windows_per_scene, objects_per_scene : float
        Of the scenes to come.
    recalls : sequence of float
        At which to give false windows.
    half_width : float
        Wanted half-width of the interval of calibration in the large.
    information_per_scene : float, optional
        Sum of ``p (1 - p)`` per scene in a pilot (`WindowCalibration.information` over the number of scenes). Without
        it the test windows give an estimate.
    confidence_level : float
        Of the upper limits and of the interval.

    Returns
    -------
    ScenePlan

    Raises
    ------
    InputError
        For test windows of one kind only, and more objects than windows.

    Notes
    -----
    Expected false windows are the false-positive rate times the negatives of a scene, and their limit is the exact one
    of the rate (Clopper and Pearson): 900 random negatives without a single error still allow 0.3 %, which is 50 false
    windows in a scene of 15,625. Neighbouring windows merge into one alarm, so that alarms are fewer.

    The standard deviation of calibration in the large is about ``sqrt(2.1 / sum p(1 - p))``: a sum of 360 gives
    +-0.15 at 95 %. A better detector leaves less uncertainty per object, and needs *more* scenes. The estimate of the
    information from test windows uses risks by isotonic regression at the prevalence of scenes.

    References
    ----------
    R. D. Riley et al., Minimum sample size for external validation of a clinical prediction model with a binary
    outcome, Statistics in Medicine 40 (2021), 4230-4251.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat([0, 1], 900)
    >>> risk = 1 / (1 + np.exp(-rng.normal(np.where(y, 3.0, -3.0), 1.5)))
    >>> plan = plan_scenes(y, risk, windows_per_scene=15_625, objects_per_scene=3)
    >>> bool(plan.precision[3] < 0.2), bool(plan.false_alarms_high.min() > 50)
    (True, True)
    """
    event = check_outcome(y_true).is_event
    risk = check_risks(y_proba, n=len(event))
    windows = check_number(windows_per_scene, name="windows_per_scene", low=0, open_low=True)
    objects = check_number(objects_per_scene, name="objects_per_scene", low=0, open_low=True)
    if objects >= windows:
        raise refuse("objects_per_scene", f"be fewer than the windows ({windows:g})", objects)
    if event.all() or not event.any():
        raise refuse("y_true", "hold windows with and without an object", f"{int(event.sum())} of {len(event)}")
    level = check_level(confidence_level)
    wanted = np.array([check_level(one, name="recalls") for one in recalls])
    width = check_number(half_width, name="half_width", low=0, open_low=True)
    cut = _thresholds(risk[event], wanted)
    n_negatives = int((~event).sum())
    errors = np.array([float((risk[~event] >= one).sum()) for one in cut])
    negatives = windows - objects
    false_alarms = negatives * errors / n_negatives
    recall = np.array([float((risk[event] >= one).mean()) for one in cut])
    given = information_per_scene
    information = (
        _information(event, risk, windows, objects)
        if given is None
        else check_number(given, name="information_per_scene", low=0, open_low=True)
    )
    from scipy.special import ndtri

    z = float(ndtri((1 + level) / 2))
    return ScenePlan(
        recall=recall,
        threshold=cut,
        false_alarms=false_alarms,
        false_alarms_high=negatives * upper_errors(errors, np.full(len(errors), n_negatives), 1 - level),
        precision=objects * recall / (objects * recall + false_alarms),
        windows_per_scene=windows,
        objects_per_scene=objects,
        n_negatives=n_negatives,
        information_per_scene=information,
        half_width=width,
        n_scenes=ceil(DESIGN_EFFECT * (z / width) ** 2 / information),
        confidence_level=level,
        frame_kind=frame_kind(y_true, y_proba),
    )


def _thresholds(risk: FloatArray, recalls: FloatArray) -> FloatArray:
    """Give the highest threshold that keeps at least each recall."""
    ordered = np.sort(risk)
    places = len(ordered) - np.ceil(recalls * len(ordered) - 1e-9).astype(int)
    found: FloatArray = ordered[np.clip(places, 0, len(ordered) - 1)]
    return found


def _information(event: BoolArray, risk: FloatArray, windows: float, objects: float) -> float:
    """Give the sum of ``p (1 - p)`` per scene: objects times the mean of ``1 - p`` over their windows."""
    share = objects / windows
    weight = np.where(event, share / event.mean(), (1 - share) / (1 - event.mean()))
    # One more negative on top of the ranking: no block is taken for certain.
    n_negatives = float((~event).sum())
    extra = (1 - share) * len(event) / n_negatives
    x = np.concatenate([risk, [risk.max()]])
    y = np.concatenate([event.astype(np.float64), [0.0]])
    fitted = isotonic_fit(x, y, np.concatenate([weight, [extra]]))
    return float(objects * (1 - fitted.level[np.searchsorted(fitted.x, risk[event])]).mean())
