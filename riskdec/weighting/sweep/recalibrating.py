"""Calibration-in-the-large and slope of many sets of risks for the same rows, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.threads import in_order, one_blas_thread
from riskdec.diagnostics.slopes.hierarchy import fit_hierarchy
from riskdec.diagnostics.slopes.recalibration_rows import wald_width
from riskdec.likelihood import risks
from riskdec.likelihood.rows.reading import cut
from riskdec.weighting.judging import HeldOut
from riskdec.weighting.units import UNWEIGHTED, sum_of_squares

if TYPE_CHECKING:
    from riskdec._base.result import Estimate
    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.weighting.units import RowWeights

_ROWS_AT_A_TIME = 4_096
_STEPS = 12
# What is left of a step after which the next one would be rounding.
_SETTLED = 1e-7
# As `calibration_slope` does: below so many events or non-events no interval can be trusted.
_TOO_FEW = 10


class Recalibrations(NamedTuple):
    """Estimates with their limits, shape (J, 3) each; nan where there is none.

    Attributes
    ----------
    citl, slope : ndarray of shape (J, 3)
        Estimate, low and high.
    obstacles : tuple of str
        Why something is missing, column by column; empty where nothing is.
    """

    citl: FloatArray
    slope: FloatArray
    obstacles: tuple[str, ...]


class _Sums(NamedTuple):
    """Scores (J,) and information (J,) of a shift and a slope at their current values."""

    residual: FloatArray
    residual_x: FloatArray
    variance: FloatArray
    variance_x: FloatArray
    variance_xx: FloatArray


def recalibrate_columns(
    log_odds: FloatArray,
    is_event: BoolArray,
    groups: IntArray | None,
    *,
    start: FloatArray,
    confidence_level: float,
    weights: RowWeights = UNWEIGHTED,
) -> Recalibrations:
    """Fit the shift and the line of each column of log-odds.

    Parameters
    ----------
    log_odds : ndarray of shape (n, J)
        One set of risks in each column; infinite for risks of 0 and 1.
    is_event : ndarray of bool, shape (n,)
        Rows of the event.
    groups : ndarray of int, shape (n,), or None
        Group numbers of dependent rows.
    start : ndarray of shape (J,)
        Where calibration-in-the-large is expected.
    confidence_level : float
        Level of the Wald limits.
    weights : RowWeights
        What each row counts for.

    Returns
    -------
    Recalibrations
        Equal to those of `calibration_slope` to rounding; columns in which Newton's method does not arrive, or risks
        are certain, are fitted by it.
    """
    finite = np.isfinite(log_odds).all(axis=0)
    columns = np.flatnonzero(finite)
    citl, slope = np.full((log_odds.shape[1], 3), np.nan), np.full((log_odds.shape[1], 3), np.nan)
    obstacles = [""] * log_odds.shape[1]
    x = log_odds if finite.all() else np.ascontiguousarray(log_odds[:, columns])
    enough = min(weights.counted(is_event), weights.counted(~is_event)) >= _TOO_FEW
    width = wald_width(confidence_level, None if groups is None else int(groups.max()) + 1) if enough else np.nan
    ones, expected = np.ones(len(columns)), start[columns]
    arrived = np.ones(len(columns), dtype=bool)
    for target, free in ((citl, 1), (slope, 2)):
        shift, line, sums, ok = _climb(x, is_event, expected, ones, weights.values, free=free)
        value = shift if free == 1 else line
        # Columns that did not arrive hold anything here, and are fitted again.
        with np.errstate(all="ignore"):
            half = width * np.sqrt(_variance(x, is_event, groups, weights, shift, line, sums, free=free))
            target[columns] = np.column_stack([value, value - half, value + half])
        arrived &= ok
    for j in (*columns[~arrived], *np.flatnonzero(~finite)):
        citl[j], slope[j], obstacles[j] = _one_by_one(log_odds[:, j], is_event, groups, weights, confidence_level)
    if not enough:
        obstacles = [obstacle or "too few events or non-events" for obstacle in obstacles]
    return Recalibrations(citl, slope, tuple(obstacles))


def _climb(
    x: FloatArray, is_event: BoolArray, shift: FloatArray, line: FloatArray, weight: FloatArray | None, *, free: int
) -> tuple[FloatArray, FloatArray, _Sums, BoolArray]:
    """Take Newton steps in all columns together; tell in which of them they died away."""
    settled = np.zeros(len(shift), dtype=bool)
    sums = _read(x, is_event, shift, line, weight)
    for _ in range(_STEPS):
        step, turn = _newton_step(sums, free=free)
        size = np.abs(step) + np.abs(turn)
        shift, line = shift + step, line + turn
        settled = size <= _SETTLED
        if not (np.isfinite(size).all() and size.max(initial=0.0) < 1 / _SETTLED):
            break
        sums = _read(x, is_event, shift, line, weight)
        if settled.all():
            break
    return shift, line, sums, settled


def _newton_step(sums: _Sums, *, free: int) -> tuple[FloatArray, FloatArray]:
    """Give what shift and slope change by; anything where there is no information left."""
    with np.errstate(all="ignore"):
        if free == 1:
            return sums.residual / sums.variance, np.zeros(len(sums.residual))
        determinant = sums.variance * sums.variance_xx - sums.variance_x**2
        shift = (sums.variance_xx * sums.residual - sums.variance_x * sums.residual_x) / determinant
        slope = (sums.variance * sums.residual_x - sums.variance_x * sums.residual) / determinant
        return shift, slope


def _read(x: FloatArray, is_event: BoolArray, shift: FloatArray, line: FloatArray, weight: FloatArray | None) -> _Sums:
    def part(rows: slice) -> FloatArray:
        here = x[rows]
        risk = risks(shift + line * here)
        variance = risk * (1 - risk)
        residual = np.subtract(is_event[rows, None], risk, out=risk)
        if weight is not None:
            variance *= weight[rows, None]
            residual *= weight[rows, None]
        tilted = variance * here
        return np.stack(
            [
                residual.sum(axis=0),
                np.einsum("ij,ij->j", residual, here),
                variance.sum(axis=0),
                tilted.sum(axis=0),
                np.einsum("ij,ij->j", tilted, here),
            ]
        )

    with one_blas_thread():
        blocks = list(cut(slice(0, len(x)), _ROWS_AT_A_TIME))
        return _Sums(*np.sum(list(in_order(part, blocks)), axis=0))


def _variance(
    x: FloatArray,
    is_event: BoolArray,
    groups: IntArray | None,
    weights: RowWeights,
    shift: FloatArray,
    line: FloatArray,
    sums: _Sums,
    *,
    free: int,
) -> FloatArray:
    """Give the variance of the shift (one free coefficient) or of the slope (two): inverse information, or sandwich."""
    with np.errstate(divide="ignore", invalid="ignore"):
        determinant = sums.variance * sums.variance_xx - sums.variance_x**2
        naive = 1 / sums.variance if free == 1 else sums.variance / determinant
        if groups is None and weights.importance is None:
            return np.asarray(naive, dtype=np.float64)
        factor = 1.0
        if groups is not None:
            n, n_groups = weights.n_rows(len(x)), int(groups.max()) + 1
            factor = n_groups / (n_groups - 1) * (n - 1) / max(n - free, 1)
        found = np.empty(x.shape[1])
        for j, column in enumerate(x.T):
            residual = is_event - risks(shift[j] + line[j] * column)
            if free == 1:
                influence = residual / sums.variance[j]
            else:
                centred = sums.variance[j] * column - sums.variance_x[j]
                influence = residual * centred / determinant[j]
            found[j] = factor * sum_of_squares(influence, weights, groups)
        return found


def _one_by_one(
    log_odds: FloatArray, is_event: BoolArray, groups: IntArray | None, weights: RowWeights, confidence_level: float
) -> tuple[FloatArray, FloatArray, str]:
    held_out = HeldOut(is_event, groups, None, confidence_level, weights)
    risk = risks(log_odds)
    found = fit_hierarchy(held_out.sums(risk), held_out.forecasts(risk), confidence_level=confidence_level)
    return _limits(found.citl), _limits(found.slope), found.obstacle


def _limits(estimate: Estimate) -> FloatArray:
    return np.array([estimate.estimate, estimate.low, estimate.high])
