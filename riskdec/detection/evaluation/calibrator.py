"""A calibrator of window risks, fitted on labelled scenes from their sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse
from riskdec.calibration import PlattCalibrator
from riskdec.detection.evaluation.window_calibration import sum_cells

if TYPE_CHECKING:
    from riskdec.detection.evaluation.scans import SceneScans


def calibrate_scans(scans: SceneScans) -> PlattCalibrator:
    """Fit Platt scaling to the windows of labelled scenes.

    Parameters
    ----------
    scans : SceneScans
        Scenes that the detector was not trained on, made of originals it was not trained on.

    Returns
    -------
    PlattCalibrator
        Of log odds (``input="logit"``). Its interval counts windows as independent; scenes are not: see the intervals
        of `evaluate_scenes` on further scenes.

    Raises
    ------
    InputError
        Without an object that has a window.

    Notes
    -----
    Windows enter as counts in bins of log odds 0.05 wide, so that millions of them are a few hundred rows; the error
    of that is far below any standard error.
    """
    cells = sum_cells(scans, np.ones((1, scans.n_scenes)), np.ones((1, scans.n_objects)))
    objects, negatives = cells.objects[0], cells.windows[0] - cells.objects[0]
    if not objects.any():
        raise refuse("scans", "hold an object with a window of its own", "none")
    scores = np.tile(cells.log_odds, 2)
    outcome = np.repeat([1, 0], len(cells.log_odds))
    weight = np.concatenate([objects, negatives])
    kept = weight > 0
    return PlattCalibrator(input="logit").fit(scores[kept], outcome[kept], weight[kept])
