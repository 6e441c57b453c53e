"""Isotonic calibration: the event rate as a rising function of the score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.calibration.calibrator import BinaryCalibrator
from riskdec.calibration.monotone.ranked_rows import say_unranked, sum_rows
from riskdec.calibration.monotone.rising_steps import fit_steps, say_of_steps, steps_table
from riskdec.scores.isotonic_interval import pivotal_interval

if TYPE_CHECKING:
    from riskdec._base.table import Table
    from riskdec._base.typing import FloatArray, WeightKind
    from riskdec.calibration.door import Input, ScoredRows


class IsotonicCalibrator(BinaryCalibrator):
    """Isotonic calibration: the rising function of the score that is closest to the outcomes.

    Parameters
    ----------
    input : {"probability", "logit"}, default="probability"
        What scores are. Only their order matters, except between two steps, where risks are interpolated on the
        scale of the scores as they are given.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    weight_kind : {"frequency", "importance"}, default="frequency"
        Whether a weight counts rows or makes one row more or less important.

    Attributes
    ----------
    knots_ : ndarray of shape (k,)
        Lowest and highest score of each step, ascending.
    levels_ : ndarray of shape (k,)
        Calibrated risk at each of them.
    converged_ : bool
        True: the fit is exact.
    findings_ : tuple of Finding
        Risks of exactly 0 or 1 (RD504), no signal (RD502).

    See Also
    --------
    riskdec.CentredIsotonicCalibrator : Without the flat steps.
    riskdec.VennAbersCalibrator : Never certain, with the range that one more row leaves open.

    Notes
    -----
    ``q = argmin sum_i w_i (y_i - q(s_i))^2`` over all functions that never fall, found by pooling adjacent violators
    (Ayer et al. 1955); equal scores are pooled first. Inside a step the risk is the event rate of its rows; between
    the last score of a step and the first of the next it is interpolated linearly, and beyond the outermost scores it
    stays what it is there: exactly as ``IsotonicRegression(out_of_bounds="clip")`` of scikit-learn predicts.

    The outermost steps often hold rows of one outcome only. Their risk is then exactly 0 or 1, and held-out rows to
    the contrary cost an infinite log score. Logits must be finite; probabilities may be 0 and 1.

    `predict_interval` gives limits of the true event rate at each score, if that rises with the score, at the levels
    0.90, 0.95 and 0.99 for which the limit law is tabulated: Wilson's interval on the rows of the step with the
    quantile of the isotonic limit law (2.17 at 0.95) in place of the normal one (Deng et al. 2021). Between two steps
    the lower limit of the one before and the upper limit of the one after hold, because the rate rises; below all
    scores the lower limit is 0, above them the upper limit is 1. Not claimed where the true rate jumps.

    References
    ----------
    Deng H, Han Q, Zhang CH (2021). Confidence intervals for multiple isotonic regression and other monotone models.
    Annals of Statistics 49:2021-2052. doi:10.1214/20-AOS2025
    Ayer M, Brunk HD, Ewing GM, Reid WT, Silverman E (1955). An empirical distribution function for sampling
    with incomplete information. Annals of Mathematical Statistics 26:641-647.
    Zadrozny B, Elkan C (2002). Transforming classifier scores into accurate multiclass probability estimates.
    KDD 2002, 694-699.

    Examples
    --------
    >>> fitted = IsotonicCalibrator().fit([0.1, 0.3, 0.4, 0.6, 0.8], [0, 1, 0, 0, 1])
    >>> fitted.predict_risk([0.2, 0.3, 0.5, 0.7, 0.9]).round(3)
    array([0.167, 0.333, 0.333, 0.667, 1.   ])
    >>> fitted = IsotonicCalibrator().fit(np.arange(1000) / 1000, np.arange(1000) % 4 == 0)
    >>> fitted.predict_interval([0.5]).round(3)
    array([[0.222, 0.281]])
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
        return steps_table("Isotonic calibration", self._steps, self.n_, self.findings_)

    def _learn(self, rows: ScoredRows) -> None:
        sums = sum_rows(rows)
        self._steps = fit_steps(sums)
        self.converged_, self.findings_ = True, (*say_unranked((sums,)), *say_of_steps(self._steps))
        ends = np.column_stack([self._steps.first, self._steps.last]).ravel()
        distinct = np.diff(ends, prepend=-np.inf) > 0
        self.knots_, self.levels_ = ends[distinct], np.repeat(self._steps.level, 2)[distinct]

    def _risk(self, score: FloatArray) -> FloatArray:
        return np.interp(score, self.knots_, self.levels_)

    def _limits(self, score: FloatArray, level: float) -> FloatArray:
        steps = self._steps
        low, high = pivotal_interval(steps.level, steps.rows, level, what="limits of an isotonic fit")
        begun = np.searchsorted(steps.first, score, side="right")
        ended = np.searchsorted(steps.last, score, side="left")
        return np.column_stack([np.append(0.0, low)[begun], np.append(high, 1.0)[ended]])
