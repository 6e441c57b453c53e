"""The canonical kernel calibration error: whether all probabilities of a row are right together, in one number."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.table import count, number
from riskdec.diagnostics.distances.errors import judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.diagnostics.distances.errors import CalibrationError
    from riskdec.diagnostics.outcomes.many_outcomes import ManyForecasts

# Waves of which the kernel is made; the same in every run.
_N_WAVES = 64
_SEED = 20191024
# More distinct forecasts add little to the power of the test and much to its cost.
_MOST_FORECASTS = 10_000
# The median distance is that of so many forecasts.
_DISTANCES = 500


class _Cells(NamedTuple):
    """Rows of equal forecast (and equal importance weight), in the order of their forecasts.

    Attributes
    ----------
    proba : ndarray of shape (m, K)
        Probabilities.
    unit, rows : ndarray of shape (m,)
        Weight of one row, and number of rows.
    seen : ndarray of shape (m, K)
        Rows with each outcome.
    """

    proba: FloatArray
    unit: FloatArray
    rows: FloatArray
    seen: FloatArray


def canonical_error(given: ManyForecasts, *, n_resamples: int, rng: np.random.Generator) -> CalibrationError:
    """Estimate the squared kernel calibration error without bias, beside its values under calibration.

    Notes
    -----
    ``E k(p, p') (e_y - p)'(e_y' - p')`` over two independent rows, e_y the unit vector of the outcome; 0 exactly when
    the probabilities of all outcomes are right together, if the kernel k is rich enough. The estimate leaves a row's
    product with itself out, so it may be negative and is not clipped. The kernel is the mean of 64 cosine waves whose
    frequencies are fixed draws of a normal law: the Gaussian kernel at the median distance, up to the draws, and a
    valid kernel of its own; sums over rows then take the place of sums over pairs.

    References
    ----------
    Widmann D, Lindsten F, Zachariah D (2019). Calibration tests in multi-class classification: a unifying framework.
    NeurIPS. arXiv:1910.11385

    Rahimi A, Recht B (2007). Random features for large-scale kernel machines. NeurIPS.
    """
    cells, n_distinct = _sum_cells(given)
    bandwidth = _median_distance(cells.proba)
    waves = _wave_features(cells.proba, bandwidth)
    expected = (cells.unit * cells.rows)[:, None] * cells.proba
    squares = np.einsum("ik,ik->i", cells.proba, cells.proba)
    total = float(cells.unit @ cells.rows)
    pairs = total**2 - float(cells.unit**2 @ cells.rows)

    def error(seen: FloatArray) -> float:
        moments = (cells.unit[:, None] * seen - expected).T @ waves
        itself = cells.unit**2 @ (cells.rows * (1 + squares) - 2 * np.einsum("ik,ik->i", seen, cells.proba))
        return float((np.square(moments).sum() - itself) / pairs) if pairs > 0 else np.nan

    drawn = [] if given.groups is not None else [error(seen) for seen in _null_outcomes(cells, rng, n_resamples)]
    sample = "" if len(cells.rows) == n_distinct else f", on {count(len(cells.rows))} of {count(n_distinct)} forecasts"
    return judge(
        "canonical kernel error (squared)",
        np.array([error(cells.seen), *(drawn or [np.nan])]),
        method=f"{_N_WAVES} cosine waves, bandwidth {number(bandwidth, 3)}{sample}",
        is_valid_test=given.groups is None,
    )


def _sum_cells(given: ManyForecasts) -> tuple[_Cells, int]:
    """Sum rows of equal forecast; with importance weights only those of equal weight too."""
    is_count = given.weight_kind == "frequency"
    unit = np.ones(len(given.codes)) if is_count else given.each_weight
    keys = np.column_stack([given.proba, unit])
    order = np.lexsort(keys.T)
    keys, codes = keys[order], given.codes[order]
    rows = given.each_weight[order] if is_count else np.ones(len(codes))
    start = np.flatnonzero(np.concatenate([[True], (keys[1:] != keys[:-1]).any(axis=1)]))
    cell = np.repeat(np.arange(len(start)), np.diff(np.append(start, len(codes))))
    n_outcomes = given.proba.shape[1]
    seen = np.bincount(cell * n_outcomes + codes, rows, minlength=len(start) * n_outcomes).astype(np.float64)
    cells = _Cells(
        keys[start, :-1], keys[start, -1], np.add.reduceat(rows, start), seen.reshape(len(start), n_outcomes)
    )
    kept = _evenly(len(start), _MOST_FORECASTS)
    return _Cells(*(part[kept] for part in cells)), len(start)


def _evenly(n: int, most: int) -> IntArray:
    """Give at most so many places of n, evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.intp))


def _median_distance(proba: FloatArray) -> float:
    some = proba[_evenly(len(proba), _DISTANCES)]
    squares = np.einsum("ik,ik->i", some, some)
    distance = squares[:, None] + squares - 2 * some @ some.T
    apart = distance[np.triu_indices(len(some), 1)]
    median = float(np.sqrt(max(np.median(apart), 0.0))) if apart.size else 0.0
    return median or 1.0


def _wave_features(proba: FloatArray, bandwidth: float) -> FloatArray:
    frequencies = np.random.default_rng(_SEED).standard_normal((proba.shape[1], _N_WAVES)) / bandwidth
    phase = proba @ frequencies
    waves: FloatArray = np.concatenate([np.cos(phase), np.sin(phase)], axis=1) / np.sqrt(_N_WAVES)
    return waves


def _null_outcomes(cells: _Cells, rng: np.random.Generator, n_resamples: int) -> Iterator[FloatArray]:
    """Draw the outcomes of each cell's rows from its probabilities."""
    edges = np.cumsum(cells.proba, axis=1)[:, :-1]
    several = np.flatnonzero(cells.rows > 1)
    shares = cells.proba[several] / cells.proba[several].sum(axis=1, keepdims=True)
    everyone = np.arange(len(cells.rows))
    for _ in range(n_resamples):
        seen = np.zeros_like(cells.proba)
        seen[everyone, (rng.random(len(everyone))[:, None] >= edges).sum(axis=1)] = 1.0
        if len(several):
            seen[several] = rng.multinomial(cells.rows[several].astype(np.int64), shares)
        yield seen
