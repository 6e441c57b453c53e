"""From window risks to regions: each peak takes the windows around it, the highest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.detection.risk_map import RiskMap


class Regions(NamedTuple):
    """Regions of a scene, the one with the largest window risk first.

    Attributes
    ----------
    level : ndarray of int, shape (n,)
        Map on which the peak of each region lies.
    cell : ndarray of int, shape (n, 2)
        Row and column of the peak on its map.
    peak : ndarray of shape (n,)
        Risk of that window.
    risk : ndarray of shape (n,)
        Probability that some window of the region holds an object.
    expected : ndarray of shape (n,)
        Sum of the risks of its windows.
    """

    level: IntArray
    cell: IntArray
    peak: FloatArray
    risk: FloatArray
    expected: FloatArray


def find_regions(maps: Sequence[RiskMap], *, separation: float, min_risk: float) -> Regions:
    """Divide the windows among peaks of the risk.

    In the order of their risk, peaks (windows that none of the eight around them exceeds) take all free windows of all
    maps whose centres are at most `separation` windows away along each axis. A window that was taken is no peak any
    more.

    Parameters
    ----------
    maps : sequence of RiskMap
        One per scale.
    separation : float
        As a share of the window of the peak.
    min_risk : float
        Regions of smaller risk are left out.
    """
    free = [np.ones(one.risk.shape, dtype=bool) for one in maps]
    found: list[tuple[int, int, int, float, float, float]] = []
    level, cells, peaks = _peaks(maps, separation=separation, min_risk=min_risk)
    for k, (row, column), peak in zip(level.tolist(), cells.tolist(), peaks.tolist(), strict=True):
        if not free[k][row, column]:
            continue
        log_none, expected = _take(maps, free, maps[k], (row, column), separation)
        risk = float(-np.expm1(log_none))
        if risk >= min_risk:
            found.append((k, row, column, peak, risk, expected))
    table = np.array(found, dtype=np.float64).reshape(-1, 6)
    level, cell, rest = table[:, 0].astype(np.intp), table[:, 1:3].astype(np.intp), table[:, 3:].T.copy()
    return Regions(level, cell, rest[0], rest[1], rest[2])


def some_object(risk: FloatArray) -> float:
    """Give the probability that at least one of some windows holds an object, their risks taken as independent."""
    return float(-np.expm1(log_none_of(risk)))


def log_none_of(risk: FloatArray) -> float:
    """Give the logarithm of the product of ``1 - risk``."""
    with np.errstate(divide="ignore"):
        return float(np.log1p(-risk).sum())


def _peaks(maps: Sequence[RiskMap], *, separation: float, min_risk: float) -> tuple[IntArray, IntArray, FloatArray]:
    """Find the windows that can be peaks, the highest first; ties in the order of the maps, their rows and columns."""
    from scipy.ndimage import maximum_filter

    level, cells, peaks = [np.empty(0, np.intp)], [np.empty((0, 2), np.intp)], [np.empty(0)]
    # A region's risk is at most the number of its windows times its peak.
    n_around = sum(
        float(np.prod([2 * separation * side / one.stride + 1 for side in one.window]))
        * max(one.scale / other.scale for other in maps) ** 2
        for one in maps
    )
    for k, one in enumerate(maps):
        if not one.risk.size:
            continue
        high = maximum_filter(one.risk, size=3, mode="nearest") <= one.risk
        places = np.argwhere(high & (one.risk >= min_risk / n_around) & (one.risk > 0))
        level.append(np.full(len(places), k))
        cells.append(places)
        peaks.append(one.risk[tuple(places.T)])
    values = np.concatenate(peaks)
    order = np.argsort(-values, kind="stable")
    return np.concatenate(level)[order], np.concatenate(cells)[order], values[order]


def _take(
    maps: Sequence[RiskMap], free: list[BoolArray], peak_map: RiskMap, cell: tuple[int, int], separation: float
) -> tuple[float, float]:
    """Take the free windows around a peak; give the logarithm of "none of them holds an object" and their sum."""
    centre = (peak_map.row_centres[cell[0]], peak_map.column_centres[cell[1]])
    reach = [separation * side * pixel for side, pixel in zip(peak_map.window, peak_map.grid.pixel, strict=True)]
    log_none = expected = 0.0
    for one, open_ in zip(maps, free, strict=True):
        block = tuple(
            slice(*np.searchsorted(centres, [middle - far - 1e-9, middle + far + 1e-9]).tolist())
            for centres, middle, far in zip((one.row_centres, one.column_centres), centre, reach, strict=True)
        )
        taken = one.risk[block][open_[block]]
        open_[block] = False
        log_none += log_none_of(taken)
        expected += float(taken.sum())
    return log_none, expected
