"""What a balanced test set promised, and what the scenes gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_level, check_outcome, check_risks
from riskdec.detection.evaluation.reading import EDGES, FALSE
from riskdec.detection.evaluation.scans import bin_log_odds

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike
    from riskdec.detection.evaluation.scans import SceneScans


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class PromisedPrecision:
    """Precision and recall of one threshold, on a balanced test set and on scenes.

    Attributes
    ----------
    threshold : float
        Of the risk.
    promised_precision, promised_recall : float
        On the balanced test set.
    window_precision, window_recall : float
        Over all windows of the scenes.
    false_windows : float
        Windows per scene that are flagged without an object.
    alarm_precision, alarm_recall : float
        Over regions after suppression: what a user would look at.
    false_alarms : float
        Regions per scene that are flagged without an object.
    """

    threshold: float
    promised_precision: float
    promised_recall: float
    window_precision: float
    window_recall: float
    false_windows: float
    alarm_precision: float
    alarm_recall: float
    false_alarms: float


def compare_promise(
    scans: SceneScans, y_true: ArrayLike, y_proba: ArrayLike, *, threshold: float = 0.5
) -> PromisedPrecision:
    """Compare what a threshold does on a balanced test set with what it does on scenes.

    Parameters
    ----------
    scans : SceneScans
        Scenes, scanned by the same model and without a shift of its risks.
    y_true, y_proba : array-like of shape (n,)
        Outcomes and risks of the balanced test windows.
    threshold : float
        Of the risk; on scenes windows are counted to the nearest 0.05 of log odds.
    """
    event = check_outcome(y_true).is_event
    flagged = check_risks(y_proba, n=len(event)) >= (cut := check_level(threshold, name="threshold"))
    edge = float(EDGES[np.argmin(np.abs(EDGES - np.log(cut / (1 - cut))))])
    above = bin_log_odds(scans) >= edge
    false_windows = float(scans.negatives[:, above].sum())
    hit_windows = float((scans.object_score >= edge).sum())
    alarm = scans.region_risk >= cut
    false_alarms = float((scans.region_object[alarm] == FALSE).sum())
    hits = float((scans.region_object[alarm] >= 0).sum())
    return PromisedPrecision(
        threshold=cut,
        promised_precision=_share(float((event & flagged).sum()), float(flagged.sum())),
        promised_recall=_share(float((event & flagged).sum()), float(event.sum())),
        window_precision=_share(hit_windows, hit_windows + false_windows),
        window_recall=_share(hit_windows, scans.n_objects),
        false_windows=false_windows / scans.n_scenes,
        alarm_precision=_share(hits, hits + false_alarms),
        alarm_recall=_share(hits, scans.n_objects),
        false_alarms=false_alarms / scans.n_scenes,
    )


def _share(part: float, whole: float) -> float:
    return part / whole if whole else np.nan
