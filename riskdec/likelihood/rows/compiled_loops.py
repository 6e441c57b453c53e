"""Readings of dense rows as compiled loops; where numba is absent they are plain (and slow) Python.

Rows are read a tile at a time: their linear predictors, then risks and weights, then the weighted tile with columns
as rows, whose crossproduct is taken in blocks of 4 x 4 that stay in registers. ``X`` is always in C order; where
``by_column`` is true it has one row for each column of the design. An empty ``weight`` or ``offset`` is none.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

try:
    from numba import njit
except ImportError:
    njit = None

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.typing import AnyArray, FloatArray

Loop = TypeVar("Loop", bound="Callable[..., Any]")

# Rows at a time: 20 columns of a tile take 20 KiB of the 32 or 48 KiB next to the core.
TILE = 128
# Columns of a tile do not start at multiples of a page, where they would push each other out of the cache.
_PAD = 8
# Sums may be taken in any order; the exponential may not be rearranged.
_SUMS = {"reassoc", "contract", "nsz", "nnan", "ninf", "arcp"}
_EXACT = {"contract"}
# log(2) in two parts: multiples of the first are exact.
_LOG2_HIGH, _LOG2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_LEAST_VARIANCE = 1e-300


def _compiled(fastmath: set[str]) -> Callable[[Loop], Loop]:
    def decorate(loop: Loop) -> Loop:
        if njit is None:
            return loop
        try:
            function: Loop = njit(fastmath=fastmath, nogil=True, cache=True)(loop)
        except RuntimeError:
            # Nowhere to keep what was compiled: it lives as long as the process.
            function = njit(fastmath=fastmath, nogil=True)(loop)
        return function

    return decorate


@_compiled(_EXACT)
def exponentials(x: FloatArray, bits: AnyArray, powers: FloatArray, out: FloatArray) -> None:
    """Write the exponentials of a tile of numbers between -700 and 700, to the last digit but one.

    ``exp(x) = 2^k exp(r)`` with ``|r| <= log(2) / 2`` and 13 terms of the series of ``exp(r)``; ``powers`` holds the
    same bytes as ``bits``. Unlike a call of the library it works on eight numbers at once: 0.9 ns each.
    """
    for i in range(TILE):
        k = math.floor(x[i] * 1.4426950408889634 + 0.5)
        r = (x[i] - k * _LOG2_HIGH) - k * _LOG2_LOW
        series = 1.6059043836821613e-10
        series = series * r + 2.08767569878681e-09
        series = series * r + 2.505210838544172e-08
        series = series * r + 2.755731922398589e-07
        series = series * r + 2.7557319223985893e-06
        series = series * r + 2.48015873015873e-05
        series = series * r + 1.984126984126984e-04
        series = series * r + 1.3888888888888889e-03
        series = series * r + 8.333333333333333e-03
        series = series * r + 4.1666666666666664e-02
        series = series * r + 1.6666666666666666e-01
        series = series * r + 0.5
        out[i] = (series * r + 1.0) * r + 1.0
        bits[i] = (np.int64(k) + 1023) << 52
    for i in range(TILE):
        out[i] *= powers[i]


@_compiled(_SUMS)
def predict(
    X: AnyArray,
    by_column: bool,
    start: int,
    stop: int,
    shift: FloatArray,
    slopes: FloatArray,
    constant: float,
    offset: FloatArray,
    eta: FloatArray,
) -> None:
    """Write the linear predictors of a tile of rows."""
    m, p = stop - start, len(slopes)
    if by_column:
        for i in range(m):
            eta[i] = constant
        for j in range(p):
            for i in range(m):
                eta[i] += (X[j, start + i] - shift[j]) * slopes[j]
    else:
        for i in range(0, m - 3, 4):
            a, b, c, d = constant, constant, constant, constant
            for j in range(p):
                a += (X[start + i, j] - shift[j]) * slopes[j]
                b += (X[start + i + 1, j] - shift[j]) * slopes[j]
                c += (X[start + i + 2, j] - shift[j]) * slopes[j]
                d += (X[start + i + 3, j] - shift[j]) * slopes[j]
            eta[i], eta[i + 1], eta[i + 2], eta[i + 3] = a, b, c, d
        for i in range(m // 4 * 4, m):
            a = constant
            for j in range(p):
                a += (X[start + i, j] - shift[j]) * slopes[j]
            eta[i] = a
    if len(offset):
        for i in range(m):
            eta[i] += offset[start + i]


@_compiled(_SUMS)
def add_projection(
    X: AnyArray, by_column: bool, start: int, stop: int, shift: FloatArray, residual: FloatArray, total: FloatArray
) -> None:
    """Add the products of a tile of rows and their residuals, those of an implied 1 first."""
    m, p = stop - start, len(shift)
    alone = 0.0
    for i in range(m):
        alone += residual[i]
    total[0] += alone
    if by_column:
        for j in range(p):
            a = 0.0
            for i in range(m):
                a += (X[j, start + i] - shift[j]) * residual[i]
            total[j + 1] += a
    else:
        for i in range(0, m - 3, 4):
            a, b, c, d = residual[i], residual[i + 1], residual[i + 2], residual[i + 3]
            for j in range(p):
                near = shift[j]
                total[j + 1] += (
                    a * (X[start + i, j] - near)
                    + b * (X[start + i + 1, j] - near)
                    + c * (X[start + i + 2, j] - near)
                    + d * (X[start + i + 3, j] - near)
                )
        for i in range(m // 4 * 4, m):
            for j in range(p):
                total[j + 1] += residual[i] * (X[start + i, j] - shift[j])


@_compiled(_SUMS)
def pack(
    X: AnyArray, by_column: bool, start: int, stop: int, shift: FloatArray, root: FloatArray, tile: FloatArray
) -> None:
    """Write a tile of rows times the roots of their weights, columns as rows, the implied 1 first."""
    m, p = stop - start, len(shift)
    for i in range(m):
        tile[0, i] = root[i]
    if by_column:
        for j in range(p):
            for i in range(m):
                tile[j + 1, i] = (X[j, start + i] - shift[j]) * root[i]
    else:
        # Two rows at a time make pairs of neighbours to store: half the time of one row at a time.
        for i in range(0, m - 1, 2):
            a, b = root[i], root[i + 1]
            for j in range(p):
                near = shift[j]
                tile[j + 1, i] = (X[start + i, j] - near) * a
                tile[j + 1, i + 1] = (X[start + i + 1, j] - near) * b
        if m % 2:
            for j in range(p):
                tile[j + 1, m - 1] = (X[stop - 1, j] - shift[j]) * root[m - 1]
    if m < TILE:
        tile[:, m:] = 0.0


@_compiled(_SUMS)
def add_crossproduct(tile: FloatArray, total: FloatArray) -> None:
    """Add the products of the rows of a tile with each other, in blocks of 4 x 4 on and below the diagonal."""
    for j in range(0, len(total), 4):
        for k in range(0, j + 4, 4):
            a00, a01, a02, a03 = 0.0, 0.0, 0.0, 0.0
            a10, a11, a12, a13 = 0.0, 0.0, 0.0, 0.0
            a20, a21, a22, a23 = 0.0, 0.0, 0.0, 0.0
            a30, a31, a32, a33 = 0.0, 0.0, 0.0, 0.0
            for i in range(TILE):
                u0, u1, u2, u3 = tile[j, i], tile[j + 1, i], tile[j + 2, i], tile[j + 3, i]
                v0, v1, v2, v3 = tile[k, i], tile[k + 1, i], tile[k + 2, i], tile[k + 3, i]
                a00 += u0 * v0
                a01 += u0 * v1
                a02 += u0 * v2
                a03 += u0 * v3
                a10 += u1 * v0
                a11 += u1 * v1
                a12 += u1 * v2
                a13 += u1 * v3
                a20 += u2 * v0
                a21 += u2 * v1
                a22 += u2 * v2
                a23 += u2 * v3
                a30 += u3 * v0
                a31 += u3 * v1
                a32 += u3 * v2
                a33 += u3 * v3
            total[j, k] += a00
            total[j, k + 1] += a01
            total[j, k + 2] += a02
            total[j, k + 3] += a03
            total[j + 1, k] += a10
            total[j + 1, k + 1] += a11
            total[j + 1, k + 2] += a12
            total[j + 1, k + 3] += a13
            total[j + 2, k] += a20
            total[j + 2, k + 1] += a21
            total[j + 2, k + 2] += a22
            total[j + 2, k + 3] += a23
            total[j + 3, k] += a30
            total[j + 3, k + 1] += a31
            total[j + 3, k + 2] += a32
            total[j + 3, k + 3] += a33


@_compiled(_SUMS)
def read_likelihood(
    X: AnyArray,
    by_column: bool,
    start: int,
    stop: int,
    shift: FloatArray,
    slopes: FloatArray,
    constant: float,
    y: FloatArray,
    weight: FloatArray,
    offset: FloatArray,
    eta: FloatArray,
    total: FloatArray,
) -> float:
    """Give the log-likelihood of some rows, write their linear predictors, add to the crossproduct.

    A last row of residuals over roots makes the score a part of the crossproduct.
    """
    last = len(shift) + 1
    tile = np.zeros((len(total), TILE + _PAD))
    bits = np.zeros(TILE, np.int64)
    powers = bits.view(np.float64)
    below, small, root = np.zeros(TILE), np.zeros(TILE), np.zeros(TILE)
    value = 0.0
    for first in range(start, stop, TILE):
        end = min(first + TILE, stop)
        m = end - first
        part = eta[first:end]
        predict(X, by_column, first, end, shift, slopes, constant, offset, part)
        for i in range(m):
            below[i] = max(-abs(part[i]), -700.0)
        exponentials(below, bits, powers, small)
        straight, product, bent = 0.0, 1.0, 0.0
        for i in range(m):
            above = 1.0 / (1.0 + small[i])
            risk = above if part[i] >= 0 else small[i] * above
            w = weight[first + i] if len(weight) else 1.0
            root[i] = math.sqrt(max(w * small[i] * above * above, _LEAST_VARIANCE))
            tile[last, i] = w * (y[first + i] - risk) / root[i]
            straight += w * (y[first + i] * part[i] - max(part[i], 0.0))
        # The logarithm of a product of a tile of numbers between 1 and 2 costs one logarithm; weights ask for each.
        if len(weight):
            for i in range(m):
                bent += weight[first + i] * math.log1p(small[i])
        else:
            for i in range(m):
                product *= 1.0 + small[i]
        value += straight - bent - math.log(product)
        pack(X, by_column, first, end, shift, root, tile)
        add_crossproduct(tile, total)
    return value


@_compiled(_SUMS)
def read_score(
    X: AnyArray,
    by_column: bool,
    start: int,
    stop: int,
    shift: FloatArray,
    slopes: FloatArray,
    constant: float,
    y: FloatArray,
    weight: FloatArray,
    offset: FloatArray,
    total: FloatArray,
) -> None:
    """Add the score of some rows."""
    bits = np.zeros(TILE, np.int64)
    powers = bits.view(np.float64)
    eta, small, residual = np.zeros(TILE), np.zeros(TILE), np.zeros(TILE)
    for first in range(start, stop, TILE):
        end = min(first + TILE, stop)
        m = end - first
        predict(X, by_column, first, end, shift, slopes, constant, offset, eta)
        for i in range(TILE):
            eta[i] = min(max(-eta[i], -700.0), 700.0)
        exponentials(eta, bits, powers, small)
        for i in range(m):
            residual[i] = y[first + i] - 1.0 / (1.0 + small[i])
        if len(weight):
            for i in range(m):
                residual[i] *= weight[first + i]
        add_projection(X, by_column, first, end, shift, residual, total)


@_compiled(_SUMS)
def read_crossproduct(
    X: AnyArray, by_column: bool, start: int, stop: int, shift: FloatArray, weight: FloatArray, total: FloatArray
) -> None:
    """Add the weighted crossproduct of some rows."""
    tile, root = np.zeros((len(total), TILE + _PAD)), np.ones(TILE)
    for first in range(start, stop, TILE):
        end = min(first + TILE, stop)
        if len(weight):
            for i in range(end - first):
                root[i] = math.sqrt(weight[first + i])
        pack(X, by_column, first, end, shift, root, tile)
        add_crossproduct(tile, total)


@_compiled(_SUMS)
def read_moments(
    X: AnyArray,
    by_column: bool,
    start: int,
    stop: int,
    reference: FloatArray,
    weight: FloatArray,
    sums: FloatArray,
    squares: FloatArray,
) -> None:
    """Add sums of some rows, less a point of reference, and of their squares."""
    p = len(reference)
    if by_column:
        for j in range(p):
            a, b = 0.0, 0.0
            for i in range(start, stop):
                apart = X[j, i] - reference[j]
                weighted = apart * weight[i] if len(weight) else apart
                a += weighted
                b += weighted * apart
            sums[j] += a
            squares[j] += b
    else:
        for i in range(start, stop):
            w = weight[i] if len(weight) else 1.0
            for j in range(p):
                apart = X[i, j] - reference[j]
                sums[j] += w * apart
                squares[j] += w * apart * apart
