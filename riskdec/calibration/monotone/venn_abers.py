"""Venn-Abers calibration: the isotonic fit with the new row in it, once for each outcome it may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.table import Table, count, interval
from riskdec.calibration.calibrator import BinaryCalibrator
from riskdec.calibration.monotone.inserted_fits import InsertedFits, fit_inserted
from riskdec.calibration.monotone.ranked_rows import say_unranked, sum_rows

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, WeightKind
    from riskdec.calibration.door import Input, ScoredRows
    from riskdec.scores.sums import ForecastSums


class VennAbersCalibrator(BinaryCalibrator):
    """Inductive Venn-Abers calibration: two risks, of which one is calibrated, and the value between that serves both.

    Parameters
    ----------
    input : {"probability", "logit"}, default="probability"
        What scores are; only their order matters.
    event : label, optional
        The class whose probability is the risk; not needed for 0/1 and False/True.
    weight_kind : {"frequency", "importance"}, default="frequency"
        Whether a weight counts rows or makes one row more or less important. Importance weights are brought to a mean
        of one, the weight of a new row; the guarantee below is not claimed for them.

    Attributes
    ----------
    converged_ : bool
        True: the fits are exact.
    findings_ : tuple of Finding
        No signal (RD502).

    See Also
    --------
    riskdec.CrossVennAbersCalibrator : From scores of several folds.

    Notes
    -----
    For a new score s, ``p0`` is the value at s of the isotonic regression on the calibration rows and ``(s, 0)``,
    ``p1`` that on the rows and ``(s, 1)``; both are found for all s at once, exactly. If rows are exchangeable, one of
    the two (that of the outcome to come) is perfectly calibrated, whatever the scores are worth. ``predict_interval``
    gives both, the risk if the new row has no event and the risk if it has one, ``predict_risk`` the value

        p = p1 / (1 - p0 + p1)

    whose regret under the log score is the same whichever of them is right. It is never exactly 0 or 1. The width
    ``p1 - p0`` says how much one more row changes: wide where scores are rare. It is no confidence interval of the
    event rate.

    Logits must be finite; probabilities may be 0 and 1.

    References
    ----------
    Vovk V, Petej I, Fedorova V (2015). Large-scale probabilistic predictors with and without guarantees of validity.
    NeurIPS 28, 892-900. arXiv:1511.00213

    Examples
    --------
    >>> fitted = VennAbersCalibrator().fit([0.1, 0.3, 0.4, 0.6, 0.8], [0, 1, 0, 0, 1])
    >>> fitted.predict_interval([0.2, 0.5]).round(3)
    array([[0.  , 0.5 ],
           [0.25, 0.5 ]])
    >>> fitted.predict_risk([0.2, 0.5]).round(3)
    array([0.333, 0.4  ])
    """

    def __init__(
        self, *, input: Input = "probability", event: object = None, weight_kind: WeightKind = "frequency"
    ) -> None:
        self.input = input
        self.event = event
        self.weight_kind = weight_kind

    @property
    def has_level(self) -> bool:
        """Whether limits hold at a level of confidence: these hold at none."""
        return False

    @property
    def fits_(self) -> InsertedFits:
        """Both risks at each score."""
        return self._fits

    def summary(self) -> Table:
        """Give the ranges of both risks, and the findings."""
        self._require_fitted()
        rows = (
            ("rows", count(self.n_)),
            ("p0, lowest to highest", interval(self._fits.low[0], self._fits.low[-1])),
            ("p1, lowest to highest", interval(self._fits.high[0], self._fits.high[-1])),
        )
        return Table(title="Venn-Abers calibration", rows=rows, notes=tuple(map(str, self.findings_)))

    def _learn(self, rows: ScoredRows) -> None:
        sums = sum_rows(rows)
        self._fits = fit_venn_abers(sums)
        self.converged_, self.findings_ = True, say_unranked((sums,))

    def _risk(self, score: FloatArray) -> FloatArray:
        low, high = self._fits.at(score)
        return high / (1 - low + high)

    def _limits(self, score: FloatArray, level: float) -> FloatArray:
        return np.column_stack(self._fits.at(score))


def fit_venn_abers(sums: ForecastSums) -> InsertedFits:
    """Fit for all scores of a new row of weight one; importance weights are brought to a mean of one."""
    # The rows of frequency weights are the weights themselves, and the factor is one to the bit.
    scale = sums.cell_count.sum() / sums.weight.sum()
    return fit_inserted(sums.risk, sums.events * scale, sums.weight * scale)
