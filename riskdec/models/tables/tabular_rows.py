"""The training rows of a table: encoded as a whole, or split so that each part is encoded by what the rest teaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.progress import progress
from riskdec.calibration.methods import calibrate, make_calibrator, scores_for
from riskdec.likelihood import fit_binomial, fit_firth, risks
from riskdec.models.doors.row_keys import row_keys
from riskdec.models.shrinking.folds import deal_folds
from riskdec.models.shrinking.ridge_estimation import number_of_folds
from riskdec.models.shrinking.ridge_path import Fold
from riskdec.models.tables.columns import absent_rows, keep_rows, open_columns
from riskdec.models.tables.encoding import TableEncoding, learn_column

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray
    from riskdec.calibration import Calibrator
    from riskdec.models.doors.fit_weights import FitWeights
    from riskdec.models.shrinking.folds import Folds
    from riskdec.models.tables.encoding import EncodingRules


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

    def deal(self, encoding: TableEncoding, rng: np.random.Generator) -> Folds:
        """Deal the rows into folds, by what they hold."""
        counts = self.weights.multiplicity
        n_rows = float(len(self.codes) if counts is None else counts.sum())
        return deal_folds(
            self.codes,
            number_of_folds(n_rows),
            key=row_keys(encoding.read(self.table)),
            counts=counts,
            groups=self.groups,
            rng=rng,
        )

    def split(self, folds: Folds, *, are_fits: bool = False) -> Iterator[Fold]:
        """Yield each split; levels, means and knots are learned without the rows that are left out.

        Parameters
        ----------
        folds : Folds
            As `deal` gave them.
        are_fits : bool
            Whether another estimator is fitted on each, which may tell callbacks of its own progress.
        """
        counts, total = self.weights.multiplicity, self.weights.total
        label, numbers = "folds of the cross-validation", range(folds.n_folds)
        for k in progress(numbers, label=label, total=folds.n_folds, are_fits=are_fits):
            inner, outer = folds.split(k, total)
            kept, left_out = keep_rows(self.table, inner.rows), keep_rows(self.table, outer.rows)
            # A column may have all its values among the rows left out.
            columns = (values for values in open_columns(kept).values() if not absent_rows(values).all())
            weight, times = inner.of(self.sample_weight), inner.of(counts)
            encoding = TableEncoding(
                columns=tuple(learn_column(values, weight=weight, counts=times, rules=self.rules) for values in columns)
            )
            yield Fold(
                *(encoding.fill(encoding.take(kept))[0], self.codes[inner.rows], inner.weight),
                *(encoding.fill(encoding.take(left_out))[0], self.codes[outer.rows], outer.weight),
            )

    def recalibrate(self, folds: Folds, log_odds: list[FloatArray], *, largest_slope: float) -> Recalibration:
        """Fit intercept and slope to log-odds of rows left out, given fold by fold; class weights play no part.

        The slope is kept between 0 and ``largest_slope``, the intercept is then the best one for it.
        """
        eta, codes, weight = self._left_out(folds, log_odds)
        slope = _fit(eta[:, np.newaxis], codes, weight, None)[1]
        kept = float(np.clip(slope, 0.0, largest_slope))
        intercept = _fit(np.empty((len(eta), 0)), codes, weight, kept * eta)[0]
        return Recalibration(float(intercept), kept, float(slope))

    def calibrate(self, folds: Folds, log_odds: list[FloatArray], method: Any) -> Calibrator:
        """Fit a calibrator to log-odds of rows left out, given fold by fold; class weights play no part.

        Parameters
        ----------
        folds, log_odds
            As in `recalibrate`.
        method : str or Calibrator
            As in `riskdec.calibration.methods.make_calibrator`.
        """
        eta, codes, weight = self._left_out(folds, log_odds)
        counts = self.weights.multiplicity
        whole = weight is None or (counts is not None and bool((counts == np.floor(counts)).all()))
        if weight is not None and whole:
            # A share of a count is a count.
            weight = np.rint(weight)
        calibrator = make_calibrator(method, self.classes, weight_kind="frequency" if whole else "importance")
        scores = scores_for(calibrator, class_scores(eta))
        return calibrator.fit(scores, self.classes[codes.astype(np.intp)], weight)

    def _left_out(self, folds: Folds, log_odds: list[FloatArray]) -> tuple[FloatArray, BoolArray, FloatArray | None]:
        """Give log-odds, outcomes and weights of the rows left out, of all folds together."""
        parts = [folds.split(k, self.sample_weight)[1] for k in range(folds.n_folds)]
        weight = None
        if self.sample_weight is not None:
            weight = np.concatenate([part.weight for part in parts if part.weight is not None])
        return np.concatenate(log_odds), np.concatenate([self.codes[part.rows] for part in parts]), weight


def class_scores(log_odds: FloatArray) -> FloatArray:
    """Give the logarithms of both probabilities, shape (n, 2)."""
    return np.column_stack([-np.logaddexp(0, log_odds), -np.logaddexp(0, -log_odds)])


def recalibrated(recalibration: Recalibration | Calibrator, log_odds: FloatArray) -> FloatArray:
    """Give recalibrated probabilities of both classes, shape (n, 2)."""
    if isinstance(recalibration, Recalibration):
        eta = recalibration.apply(log_odds)
        return np.column_stack([risks(-eta), risks(eta)])
    return calibrate(recalibration, class_scores(log_odds))


def _fit(rows: FloatArray, codes: BoolArray, weight: FloatArray | None, offset: FloatArray | None) -> FloatArray:
    fit = fit_binomial(rows, codes, weight=weight, offset=offset)
    if not fit.converged:
        fit = fit_firth(rows, codes, weight=weight, offset=offset)
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
