"""The training rows of a table: encoded as a whole, or split so that each part is encoded by what the rest teaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.progress import progress
from riskdec.likelihood import fit_binomial, fit_firth
from riskdec.models.columns import absent_rows, keep_rows, open_columns
from riskdec.models.encoding import TableEncoding, learn_column
from riskdec.models.ridge_path import Fold, assign_folds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray
    from riskdec.models.encoding import EncodingRules
    from riskdec.models.fit_weights import FitWeights

# Few rows are dealt into more folds, so that a fit without one fold is nearly the fit on all.
_MANY_ROWS = 5000
_FOLDS_OF_FEW, _FOLDS_OF_MANY = 10, 5


@dataclass(frozen=True, kw_only=True)
class TableRows:
    """Rows that have passed the door, none of weight 0.

    Attributes
    ----------
    table : frame or array of n rows
        As the caller gave it.
    codes : ndarray of bool, shape (n,)
        Rows of the second class.
    classes : ndarray of shape (2,)
        Sorted labels.
    sample_weight : ndarray of shape (n,) or None
        Row weights, without class weights.
    weights : FitWeights
        Row and class weights, as the fit uses them.
    groups : ndarray of int, shape (n,), or None
        Group numbers.
    rules : EncodingRules
        How columns are encoded.
    """

    table: object
    codes: BoolArray
    classes: AnyArray
    sample_weight: FloatArray | None
    weights: FitWeights
    groups: IntArray | None
    rules: EncodingRules

    def deal(self, rng: np.random.Generator) -> IntArray:
        """Give each row the number of the fold that leaves it out."""
        n_folds = _FOLDS_OF_MANY if len(self.codes) >= _MANY_ROWS else _FOLDS_OF_FEW
        return assign_folds(self.codes, n_folds, groups=self.groups, rng=rng)

    def split(self, folds: IntArray) -> Iterator[Fold]:
        """Yield each split; levels, means and knots are learned without the rows that are left out."""
        counts = self.weights.multiplicity
        n_folds = int(folds.max()) + 1
        for k in progress(range(n_folds), label="folds of the cross-validation", total=n_folds):
            inside = folds != k
            kept, left_out = keep_rows(self.table, inside), keep_rows(self.table, ~inside)
            # A column may have all its values among the rows left out.
            columns = (values for values in open_columns(kept).values() if not absent_rows(values).all())
            encoding = TableEncoding(
                columns=tuple(
                    learn_column(
                        values, weight=_part(self.sample_weight, inside), counts=_part(counts, inside), rules=self.rules
                    )
                    for values in columns
                )
            )
            total = self.weights.total
            yield Fold(
                encoding.fill(encoding.take(kept))[0],
                self.codes[inside],
                _part(total, inside),
                encoding.fill(encoding.take(left_out))[0],
                self.codes[~inside],
                _part(total, ~inside),
            )

    def recalibrate(self, folds: IntArray, log_odds: list[FloatArray], *, largest_slope: float) -> Recalibration:
        """Fit intercept and slope to log-odds of rows left out, given fold by fold; class weights play no part.

        The slope is kept between 0 and ``largest_slope``, the intercept is then the best one for it.
        """
        eta = np.empty(len(self.codes))
        for k, part in enumerate(log_odds):
            eta[folds == k] = part
        slope = self._fit(eta[:, np.newaxis], None)[1]
        kept = float(np.clip(slope, 0.0, largest_slope))
        intercept = self._fit(np.empty((len(eta), 0)), kept * eta)[0]
        return Recalibration(float(intercept), kept, float(slope))

    def _fit(self, rows: FloatArray, offset: FloatArray | None) -> FloatArray:
        fit = fit_binomial(rows, self.codes, weight=self.sample_weight, offset=offset)
        if not fit.converged:
            fit = fit_firth(rows, self.codes, weight=self.sample_weight, offset=offset)
        return fit.coef


class Recalibration(NamedTuple):
    """Platt's recalibration: the log-odds ``eta`` become ``intercept + slope * eta``.

    Attributes
    ----------
    intercept, slope : float
        What is applied.
    slope_left_out : float
        The slope that rows left out ask for, before it was kept within limits.
    """

    intercept: float
    slope: float
    slope_left_out: float

    def apply(self, log_odds: FloatArray) -> FloatArray:
        """Give recalibrated log-odds."""
        return self.intercept + self.slope * log_odds


def _part(weight: FloatArray | None, rows: BoolArray) -> FloatArray | None:
    return None if weight is None else weight[rows]
