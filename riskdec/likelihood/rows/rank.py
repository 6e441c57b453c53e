"""Which columns to keep: R's rule (the later column is the alias), whatever the units, weights or row order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse
from riskdec.likelihood.rows.design import Alias, Design
from riskdec.likelihood.rows.moments import column_moments
from riskdec.likelihood.rows.readers import crossproduct

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray

# Below this squared length of a column's residual on the columns before it, relative to the column, the crossproduct
# is losing digits: the residual is computed from the rows, and stands in for the column.
_DOUBT = 1e-4
# Below this relative length a residual is nothing, and so is what rounding leaves of a column far from zero.
_NOTHING = 1e-10
_ROUNDING = 1e-14
_SMALLEST = 1e-150
# With many rows the verdict is tried on every so many of them first.
_MANY_ROWS = 50_000
_THINNING = 64


def make_design(X: AnyArray, *, weight: FloatArray | None, intercept: bool, for_readers: bool = False) -> Design:
    """Standardise the columns and leave out those that earlier columns determine, in column order as R does.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Finite numbers, any float or integer type, any memory order.
    weight : ndarray of shape (n,), optional
        Positive row weights; the verdict does not depend on their scale.
    intercept : bool
        Whether a column of ones comes first. Without it columns are scaled but not centred.
    for_readers : bool
        Whether the rows will be read by readers alone, so that larger designs need no copy of standardised rows.

    Returns
    -------
    Design
        With ``kept`` columns and the ``aliases`` that were left out.

    Notes
    -----
    The verdict on column j looks at the squared length of its residual on columns 0..j-1, taken from the
    standardised crossproduct (p x p) by a Cholesky sweep without pivoting. Where rounding of the crossproduct
    leaves doubt, the residual is computed from the rows themselves, twice (as in repeated Gram-Schmidt).
    """
    p = X.shape[1]
    total = float(X.shape[0]) if weight is None else float(weight.sum())
    mean, spread = column_moments(X, weight)
    center = mean if intercept else np.zeros(p)
    spread = spread if intercept else np.hypot(spread, mean)
    _check_size(X, center, spread)
    # What rounding alone makes of a column of this size: shares that add up to 1 do so to the last digit but one.
    noise = _ROUNDING * np.abs(center)
    spread[spread <= noise] = 0.0
    scale = np.where(spread > 0, spread, 1.0)
    design = Design(X, np.arange(p), center, scale, None, intercept, ()).with_cache(for_readers=for_readers)
    if _independent_on_sample(design, weight, total):
        return design
    first = int(intercept)
    gram = crossproduct(design, weight)[first:, first:] / total
    if _without_doubt(gram):
        return design
    sweep = _Sweep(
        replace(design, intercept=False, cache=None), gram, weight, total, np.maximum(_NOTHING, noise / scale)
    )
    for j in range(p):
        sweep.look_at(j, constant=bool(spread[j] == 0))
    kept = np.array(sweep.kept, dtype=np.intp)
    basis = sweep.basis[np.ix_(kept, np.arange(len(kept)))] if sweep.replaced else None
    design = Design(X, kept, center[kept], scale[kept], basis, intercept, tuple(sweep.aliases))
    return design.with_cache(for_readers=for_readers)


def _independent_on_sample(design: Design, weight: FloatArray | None, total: float) -> bool:
    """Tell whether a sample of many rows proves that no column is in doubt.

    A residual over all rows is no shorter than over some of them, where the coefficients may fit these alone. So
    what is beyond doubt on a sample, against the length over all rows, is beyond doubt on all.
    """
    if design.n_rows < _MANY_ROWS:
        return False
    sample = design.every(_THINNING)
    part = None if weight is None else weight[::_THINNING]
    return _without_doubt(crossproduct(sample, part) / total, first=int(design.intercept))


def _without_doubt(gram: FloatArray, *, first: int = 0) -> bool:
    """Tell whether each column leaves a residual on those before it that has all its digits."""
    from scipy.linalg.lapack import dpotrf

    if not len(gram):
        return True
    factor, failed = dpotrf(gram, lower=1)
    return not failed and bool((factor.diagonal()[first:] ** 2 > _DOUBT).all())


class _Sweep:
    """The state of the walk through the columns.

    ``nothing[j]`` is the relative length of a residual of column j that counts as none. ``basis[:, m]`` holds kept
    vector m in terms of the standardised columns, ``cross[:, m]`` its products with all of them, ``factor`` the lower
    Cholesky factor of the kept vectors' products with each other.
    """

    def __init__(
        self, raw: Design, gram: FloatArray, weight: FloatArray | None, total: float, nothing: FloatArray
    ) -> None:
        p = raw.n_columns
        self.raw, self.gram, self.weight, self.total, self.nothing = raw, gram, weight, total, nothing
        self.basis, self.cross, self.factor = np.zeros((p, p)), np.zeros((p, p)), np.zeros((p, p))
        self.kept: list[int] = []
        self.aliases: list[Alias] = []
        self.replaced = False

    def look_at(self, j: int, *, constant: bool) -> None:
        """Keep column j, keep what the others leave of it, or call it an alias."""
        m = len(self.kept)
        if constant:
            self.aliases.append(Alias(j, -1))
            return
        vector, cross, square = np.zeros(len(self.gram)), self.gram[:, j], self.gram[j, j]
        vector[j] = 1.0
        shadow = self._forward(self.cross[j, :m])
        rest = square - shadow @ shadow
        if rest <= _DOUBT * square:
            vector, cross, left = self._residual(vector, shadow)
            if left <= self.nothing[j] ** 2 * square:
                self.aliases.append(Alias(j, self._partner(shadow)))
                return
            self.replaced = True
            vector, cross, square = vector / np.sqrt(left), cross / np.sqrt(left), 1.0
            shadow = self._forward(self.basis[:, :m].T @ cross)
            rest = square - shadow @ shadow
        self.basis[:, m], self.cross[:, m] = vector, cross
        self.factor[m, :m], self.factor[m, m] = shadow, np.sqrt(rest)
        self.kept.append(j)

    def _forward(self, products: FloatArray) -> FloatArray:
        from scipy.linalg.lapack import dtrtrs

        m = len(products)
        if not m:
            return products
        solved: FloatArray = dtrtrs(self.factor[:m, :m], products, lower=1)[0]
        return solved

    def _backward(self, shadow: FloatArray) -> FloatArray:
        from scipy.linalg.lapack import dtrtrs

        m = len(shadow)
        solved: FloatArray = dtrtrs(self.factor[:m, :m], shadow, lower=1, trans=1)[0]
        return solved

    def _partner(self, shadow: FloatArray) -> int:
        shares = self.basis[np.ix_(self.kept, range(len(self.kept)))] @ self._backward(shadow)
        return self.kept[int(np.argmax(np.abs(shares)))]

    def _residual(self, vector: FloatArray, shadow: FloatArray) -> tuple[FloatArray, FloatArray, float]:
        """Take the kept vectors out of a column, twice; give the rest, its products, and its squared length."""
        m = len(shadow)
        cross, square = np.zeros(len(vector)), 0.0
        for _ in range(2):
            vector = vector - self.basis[:, :m] @ self._backward(shadow)
            cross, square = np.zeros(len(vector)), 0.0
            for rows, Z in self.raw.chunks():
                left = Z @ vector
                weighted = left if self.weight is None else left * self.weight[rows]
                cross += weighted @ Z
                square += float(weighted @ left)
            cross /= self.total
            square /= self.total
            shadow = self._forward(self.basis[:, :m].T @ cross)
        return vector, cross, square


def _check_size(X: AnyArray, center: FloatArray, spread: FloatArray) -> None:
    """Refuse columns whose squares leave the range of numbers: they would look infinite, or constant."""
    if spread.min(initial=1.0) > 0 and spread.max(initial=0.0) < np.inf:
        return
    infinite = ~np.isfinite(spread)
    vanishing = (spread == 0) & (np.abs(center) < _SMALLEST)
    for j in np.flatnonzero(infinite | vanishing):
        if infinite[j] or X[:, j].min() != X[:, j].max():
            got = f"{X[:, j].min():g} to {X[:, j].max():g} in column {j}"
            raise refuse("X", "hold numbers between 1e-150 and 1e150 in size", got, "Choose another unit.")
