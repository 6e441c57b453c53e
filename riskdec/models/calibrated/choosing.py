"""Choosing a calibrator by the logarithmic score of rows that neither classifier nor calibrator has seen."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import refuse
from riskdec.calibration.methods import calibrate, candidates, make_calibrator
from riskdec.errors import InputError, RiskdecError, RiskdecWarning
from riskdec.models.calibrated.choice import CalibratorChoice
from riskdec.models.calibrated.contents import content_keys
from riskdec.models.calibrated.rows import CalibrationRows
from riskdec.models.calibrated.splits import deal_rows
from riskdec.models.shrinking.ridge_estimation import number_of_folds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.models.calibrated.pooled import PooledResponses
    from riskdec.models.calibrated.splits import Split

_LEVEL = 0.95
_DIGITS = 6


class Surprise(NamedTuple):
    """What a candidate's probabilities cost each row in nats, and why there are none."""

    by_row: FloatArray
    failed: str = ""


def choose_calibrator(
    pooled: PooledResponses, scores: FloatArray, classes: AnyArray, rng: np.random.Generator
) -> CalibratorChoice:
    """Choose among all candidates by one rule.

    Parameters
    ----------
    pooled : PooledResponses
        What the classifier said of rows that it had not seen.
    scores : ndarray of shape (m, K)
        The same as finite scores.
    classes : ndarray of shape (K,)
        Sorted labels.
    rng : Generator
        Deals the rows into folds.

    Notes
    -----
    Each candidate is fitted on the scores of all folds but one and judged on that one. Of those whose mean score
    exceeds the best by at most one standard error of the difference, the least flexible is taken.
    """
    methods = candidates(len(classes), probabilities=pooled.responses.are_probabilities)
    folds = _deal(pooled, scores, classes, rng)
    surprises = [_judge(method, pooled, scores, classes, folds) for method in methods]
    places = np.concatenate([split.outside.rows for split in folds])
    parts = [split.outside.weight for split in folds if split.outside.weight is not None]
    rows = _Scored(
        weight=np.concatenate(parts) if parts else np.ones(len(places)),
        are_counts=pooled.weight_kind == "frequency",
        units=None if pooled.units is None else pooled.units[places],
    )
    return _choose(methods, surprises, rows, len(folds))


class _Scored(NamedTuple):
    weight: FloatArray
    are_counts: bool
    units: AnyArray | None

    @property
    def n(self) -> int:
        """Number of scores; counts count as many."""
        if self.units is None and self.are_counts:
            return round(float(self.weight.sum()))
        return len(self.weight)

    def mean(self, values: FloatArray) -> float:
        return float(self.weight @ values / self.weight.sum())

    def standard_error(self, values: FloatArray) -> float:
        """Give the standard error of the weighted mean; sums of units that belong together are what varies."""
        residual = values - self.mean(values)
        total = self.weight.sum()
        if self.units is None and self.are_counts:
            return float(np.sqrt(self.weight @ residual**2 / (total * (total - 1))))
        units = np.arange(len(values)) if self.units is None else self.units
        sums = np.bincount(units, self.weight * residual)
        n_units = len(np.unique(units))
        return float(np.sqrt(sums @ sums * n_units / (n_units - 1)) / total)


def _deal(
    pooled: PooledResponses, scores: FloatArray, classes: AnyArray, rng: np.random.Generator
) -> tuple[Split, ...]:
    rows = CalibrationRows(
        labels=pooled.labels,
        codes=pooled.codes,
        classes=classes,
        weight=pooled.weight,
        weight_kind=pooled.weight_kind,
        groups=None if pooled.units is None else np.unique(pooled.units, return_inverse=True)[1],
        kept=None,
        n_given=len(pooled.codes),
    )
    n = float(len(rows.codes)) if rows.weight is None or rows.weight_kind == "importance" else float(rows.weight.sum())
    try:
        # Dealt by their scores, so that the order of rows changes nothing; digits that it may change are left out.
        return deal_rows(number_of_folds(n), content_keys(np.round(scores, _DIGITS)), rows, rng)
    except InputError as err:
        sizes = np.bincount(rows.codes, minlength=len(classes))
        got = f"{sizes.min()} of class {classes.tolist()[int(sizes.argmin())]!r}"
        raise refuse("y", "hold two rows of each class for method='auto'", got, "Name a method.") from err


def _judge(
    method: str, pooled: PooledResponses, scores: FloatArray, classes: AnyArray, folds: Sequence[Split]
) -> Surprise:
    found = []
    for inside, outside in folds:
        rows, codes = outside.rows, pooled.codes[outside.rows]
        if method == "none":
            proba = pooled.responses.take(rows).proba()
        else:
            calibrator = make_calibrator(method, classes, weight_kind=pooled.weight_kind)
            try:
                # What a candidate has to say matters only if it is taken, and is said then.
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", RiskdecWarning)
                    calibrator.fit(scores[inside.rows], pooled.labels[inside.rows], inside.weight)
                    proba = calibrate(calibrator, scores[rows])
            except RiskdecError as err:
                return Surprise(np.full(sum(len(split.outside.rows) for split in folds), np.inf), str(err))
        with np.errstate(divide="ignore"):
            found.append(-np.log(proba[np.arange(len(codes)), codes]))
    return Surprise(np.concatenate(found) + 0.0)


def _choose(methods: tuple[str, ...], surprises: Sequence[Surprise], rows: _Scored, n_folds: int) -> CalibratorChoice:
    from scipy.special import ndtri

    score = np.array([rows.mean(one.by_row) for one in surprises])
    best = int(np.argmin(score))
    finite = np.isfinite(score)
    difference, error = np.full(len(score), np.inf), np.full(len(score), np.nan)
    difference[finite] = score[finite] - score[best]
    for k in np.flatnonzero(finite).tolist():
        error[k] = rows.standard_error(surprises[k].by_row - surprises[best].by_row)
    half = float(ndtri(0.5 + _LEVEL / 2)) * error
    near = finite & (difference <= error)
    return CalibratorChoice(
        method=methods[int(np.argmax(near))],
        best=methods[best],
        methods=methods,
        score=score,
        difference=difference,
        standard_error=error,
        low=difference - half,
        high=difference + half,
        confidence_level=_LEVEL,
        n=rows.n,
        n_folds=n_folds,
        failed=tuple(one.failed for one in surprises),
    )
