"""Many weighted refits of one design at once, as a bootstrap of the binomial likelihood needs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.threads import one_blas_thread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import AnyArray, BoolArray, FloatArray, IntArray
    from riskdec.likelihood.fit import LogitFit
    from riskdec.likelihood.rows.design import Design

# Beyond this the k(k+1)/2 products of a row outgrow the caches, and single fits are as fast.
WIDEST = 200
# Rows of a part: the products of its columns, and the risks of all replicates, stay in the caches.
_PART_ROWS = 512
_PART_NUMBERS = 1 << 18
# From the estimate of all rows a resample's own is three or four steps away; what needs more is fitted by itself.
_MOST_STEPS = 12
# As for single fits: the certificate holds below 1, and the factor must have digits to spare.
_CERTIFICATE = 0.5
_WORST_CONDITION = 1e12


class Refits(NamedTuple):
    """Estimates of several weightings of the same rows.

    Attributes
    ----------
    coef : ndarray of shape (b, k)
        In the units of the columns, the intercept first where there is one; meaningless where not certified.
    certified : ndarray of bool, shape (b,)
        Whether the maximum exists and this is it. The others may exist too: fit them one by one.
    """

    coef: FloatArray
    certified: BoolArray


def refit_binomial(
    fit: LogitFit, y: AnyArray, weights: FloatArray, *, offset: FloatArray | None = None, tol: float = 1e-8
) -> Refits:
    """Maximise the binomial log-likelihood under each of several sets of row weights, starting at a fit of all rows.

    Parameters
    ----------
    fit : LogitFit
        Certified fit of the same rows, with any weights: its design is shared, its estimate is the start.
    y : ndarray of shape (n,)
        1 or True for the event.
    weights : ndarray of shape (b, n)
        Weights of each refit, such as how often a resample holds each row; 0 leaves a row out.
    offset : ndarray of shape (n,), optional
        Known part of the linear predictor.
    tol : float
        As in `fit_binomial`.

    Returns
    -------
    Refits
        Equal to single fits to rounding. Which refits stand together changes the last bits at most.

    Notes
    -----
    The k(k+1)/2 products of the columns of a row do not depend on the refit. They are formed once for a part of the
    rows, and one matrix product with the b sets of ``w p (1 - p)`` then gives all information matrices; at the common
    start even p is shared. The existence certificate of `fit_binomial` asks for ``a_i <= 1/2`` at the last full step
    d, and ``|a_i| <= sum_j max_i |z_ij| |d_j|`` proves it without another look at the rows. Full Newton steps are
    taken without a search along them: a maximum of a concave function that is certified is the maximum, whatever the
    path, and refits that do not get there in a dozen steps are left to the single fit.
    """
    with one_blas_thread():
        return _Block(fit, y, weights, offset, tol).run()


@dataclass(slots=True, eq=False)
class _Sums:
    """What one reading of the rows gives for each refit that is still under way."""

    score: FloatArray
    information: FloatArray


class _Block:
    """The refits of one call: constants, and the state of those under way."""

    def __init__(self, fit: LogitFit, y: AnyArray, weights: FloatArray, offset: FloatArray | None, tol: float) -> None:
        self.design, self.y, self.weights, self.offset, self.tol = fit.design, y, weights, offset, tol
        self.to_columns = fit.design.to_columns()
        self.k = self.design.n_columns
        self.start = np.linalg.lstsq(self.to_columns, fit.coef, rcond=None)[0]
        self.total = weights.sum(axis=1)
        # Of the outcomes alone: sum of w y z, and the largest |z| of each column.
        self.observed = np.zeros((len(weights), self.k))
        self.largest = np.zeros(self.k)

    def run(self) -> Refits:
        """Take Newton steps until each refit is certified or given up."""
        coef = np.tile(self.start, (len(self.weights), 1))
        certified = np.zeros(len(coef), dtype=bool)
        active = np.flatnonzero(self.total > 0)
        sums = self._first_pass(active)
        for _ in range(_MOST_STEPS):
            near = np.abs(sums.score).max(axis=1, initial=0.0) <= self.tol * self.total[active]
            steps, solved = _solve(sums, self.k)
            proved = np.abs(steps) @ self.largest <= _CERTIFICATE
            coef[active] += steps
            certified[active] = near & proved & solved
            active = active[solved & ~near]
            if not len(active):
                break
            sums = self._pass(active, coef[active])
        return Refits(coef @ self.to_columns.T, certified)

    def _first_pass(self, active: IntArray) -> _Sums:
        """Read the rows at the common start, where the risks of all refits are the same."""
        sums = self._empty(active)
        for rows, Z, packed in _parts(self.design):
            risk = self._risk(rows, -(self.start @ Z))
            weight = self.weights[active, rows]
            self.observed[active] += weight @ (self.y[rows] * Z).T
            sums.score -= weight @ (risk * Z).T
            sums.information += weight @ (packed * (risk * (1 - risk))).T
            np.maximum(self.largest, np.abs(Z).max(axis=1), out=self.largest)
        sums.score += self.observed[active]
        return sums

    def _pass(self, active: IntArray, coef: FloatArray) -> _Sums:
        """Read the rows at the coefficients of each refit."""
        sums = self._empty(active)
        for rows, Z, packed in _parts(self.design):
            risk = self._risk(rows, -coef @ Z)
            expected = risk * self.weights[active, rows]
            sums.score -= expected @ Z.T
            # w p (1 - p), in the memory of the risks.
            risk *= expected
            np.subtract(expected, risk, out=risk)
            sums.information += risk @ packed.T
        sums.score += self.observed[active]
        return sums

    def _empty(self, active: IntArray) -> _Sums:
        width = self.k * (self.k + 1) // 2
        return _Sums(np.zeros((len(active), self.k)), np.zeros((len(active), width)))

    def _risk(self, rows: slice, minus_eta: FloatArray) -> FloatArray:
        """Turn minus the linear predictors, without the offset, into risks, in their own memory."""
        if self.offset is not None:
            minus_eta -= self.offset[rows]
        # Beyond 709 the exponential is infinite and the risk 0, as it should be.
        with np.errstate(over="ignore"):
            np.exp(minus_eta, out=minus_eta)
        minus_eta += 1
        return np.reciprocal(minus_eta, out=minus_eta)


def _parts(design: Design) -> Iterator[tuple[slice, FloatArray, FloatArray]]:
    """Yield row slices, their standardised columns (k, m), and the products of pairs of columns (k(k+1)/2, m)."""
    k = design.n_columns
    width = k * (k + 1) // 2
    most = max(32, min(_PART_ROWS, _PART_NUMBERS // max(width, 1)))
    buffer = np.empty((width, most))
    for chunk, rows in design.chunks():
        for start in range(0, len(rows), most):
            Z = np.ascontiguousarray(rows[start : start + most].T)
            packed = buffer[:, : Z.shape[1]]
            place = 0
            for j in range(k):
                np.multiply(Z[j], Z[j:], out=packed[place : place + k - j])
                place += k - j
            first = chunk.start + start
            yield slice(first, first + Z.shape[1]), Z, packed


def _solve(sums: _Sums, k: int) -> tuple[FloatArray, BoolArray]:
    """Give the Newton step of each refit, and whether its information could be inverted with digits to spare."""
    from scipy.linalg.lapack import dpotrf, dpotrs

    steps = np.zeros_like(sums.score)
    solved = np.ones(len(steps), dtype=bool)
    matrix = np.zeros((k, k), order="F")
    upper = np.triu_indices(k)
    for i, (score, packed) in enumerate(zip(sums.score, sums.information, strict=True)):
        matrix[upper] = packed
        factor, failed = dpotrf(matrix, lower=0)
        diagonal = np.diag(factor)
        if failed or not np.isfinite(diagonal).all() or diagonal.min() ** 2 * _WORST_CONDITION < diagonal.max() ** 2:
            solved[i] = False
            continue
        steps[i] = dpotrs(factor, score, lower=0)[0]
    return steps, solved
