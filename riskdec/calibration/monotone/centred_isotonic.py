"""Centred isotonic calibration: straight lines between the centres of the isotonic steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse
from riskdec.calibration.calibrator import BinaryCalibrator
from riskdec.calibration.monotone.ranked_rows import say_unranked, sum_rows
from riskdec.calibration.monotone.rising_steps import fit_steps, say_of_steps, steps_table

if TYPE_CHECKING:
    from riskdec._base.table import Table
    from riskdec._base.typing import FloatArray, WeightKind
    from riskdec.calibration.door import Input, ScoredRows
    from riskdec.calibration.monotone.rising_steps import RisingSteps
    from riskdec.scores.sums import ForecastSums


class CentredIsotonicCalibrator(BinaryCalibrator):
    """Centred isotonic calibration: the flat steps of the isotonic fit become straight, rising lines.

    Parameters
    ----------
    input : {"probability", "logit"}, default="probability"
        What scores are. Centres and lines are those of the scale of the scores as they are given.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    weight_kind : {"frequency", "importance"}, default="frequency"
        Whether a weight counts rows or makes one row more or less important.

    Attributes
    ----------
    knots_ : ndarray of shape (k,)
        Centre of each step of the isotonic fit: the weighted mean of its scores, ascending.
    levels_ : ndarray of shape (k,)
        Event rate of the step, and calibrated risk at its centre; rising.
    converged_ : bool
        True: the fit is exact.
    findings_ : tuple of Finding
        Risks of exactly 0 or 1 (RD504), no signal (RD502).

    See Also
    --------
    riskdec.IsotonicCalibrator : The steps themselves, with an interval.

    Notes
    -----
    The fit of `IsotonicCalibrator` gives k steps with levels ``c_1 < ... < c_k``. Each is shrunk to its centre
    ``sum w_i s_i / sum w_i``; between two centres the risk is interpolated linearly, before the first and after the
    last it stays the level there. Different scores between the outermost centres so keep different risks, which
    isotonic calibration ties. The same as ``cirPAVA(y, x, wt, strict = TRUE)`` of R's package cir; its default leaves
    steps of level 0 and 1 flat over their whole length.

    No interval is given: that of `IsotonicCalibrator` is about the level of the step.

    References
    ----------
    Oron AP, Flournoy N (2017). Centered isotonic regression: point and interval estimation for dose-response studies.
    Statistics in Biopharmaceutical Research 9:258-267. doi:10.1080/19466315.2017.1286256

    Examples
    --------
    >>> fitted = CentredIsotonicCalibrator().fit([0.1, 0.3, 0.4, 0.6, 0.8], [0, 1, 0, 0, 1])
    >>> fitted.knots_.round(3), fitted.levels_.round(3)
    (array([0.1  , 0.433, 0.8  ]), array([0.   , 0.333, 1.   ]))
    >>> fitted.predict_risk([0.2, 0.3, 0.5, 0.7, 0.9]).round(3)
    array([0.1  , 0.2  , 0.455, 0.818, 1.   ])
    """

    def __init__(
        self, *, input: Input = "probability", event: object = None, weight_kind: WeightKind = "frequency"
    ) -> None:
        self.input = input
        self.event = event
        self.weight_kind = weight_kind

    def summary(self) -> Table:
        """Give the number of steps and the findings."""
        self._require_fitted()
        return steps_table("Centred isotonic calibration", self._steps, self.n_, self.findings_)

    def _learn(self, rows: ScoredRows) -> None:
        sums = sum_rows(rows)
        self._steps = fit_steps(sums)
        self.converged_, self.findings_ = True, (*say_unranked((sums,)), *say_of_steps(self._steps))
        self.knots_, self.levels_ = _centres(self._steps, sums), self._steps.level

    def _risk(self, score: FloatArray) -> FloatArray:
        return np.interp(score, self.knots_, self.levels_)

    def _limits(self, score: FloatArray, level: float) -> FloatArray:
        cure = "IsotonicCalibrator has limits of the event rate."
        raise refuse("the calibrator", "have limits", "a CentredIsotonicCalibrator, for which none are known", cure)


def _centres(steps: RisingSteps, sums: ForecastSums) -> FloatArray:
    """Give the weighted mean of the scores of each step."""
    start = np.searchsorted(sums.risk, steps.first)
    # Counted from the first score of its step, so that a step of one score has that score as its centre to the bit.
    beyond = sums.risk - np.repeat(steps.first, np.diff(start, append=len(sums.risk)))
    mean = np.add.reduceat(sums.weight * beyond, start) / np.add.reduceat(sums.weight, start)
    return np.clip(steps.first + mean, steps.first, steps.last)
