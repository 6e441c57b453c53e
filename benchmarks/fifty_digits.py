"""Logistic regression in decimal arithmetic: the optimum to fifty digits, to count the right digits of programs by."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from math import log10
from operator import mul
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    Row = list[Decimal]
    Matrix = list[Row]

# Fifty digits are left where the information matrix costs seventy.
_PRECISION = 120
_DONE = Decimal(10) ** -120
_SHORT = Decimal(10) ** -30
_STEPS = 400
ZERO, ONE, HALF = Decimal(0), Decimal(1), Decimal("0.5")


@dataclass(frozen=True, kw_only=True)
class Optimum:
    """The maximum likelihood estimate of the rows as they are stored, rounded to double precision at the very end.

    Attributes
    ----------
    coef, model_errors, robust_errors : ndarray of shape (K - 1, k)
        Intercept first where there is one; errors from the inverse information, and HC0 for importance weights.
    condition : float
        Condition number of the information, columns centred and scaled: what programs that solve with it multiply
        their rounding errors by. Its root is that of the weighted columns themselves.
    cancellation : float
        By how much larger than the intercept the terms are that it is summed from when columns are not centred.
    """

    coef: np.ndarray
    model_errors: np.ndarray
    robust_errors: np.ndarray
    condition: float
    cancellation: float

    @property
    def lost_digits(self) -> float:
        """Digits that a careful program in double precision loses: the columns' condition, and the sum's."""
        return log10(self.condition) / 2 + log10(self.cancellation)


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Centred rows with the intercept's ones first, outcomes, weights, and offsets against outcome 0."""

    Z: Matrix
    codes: list[int]
    n_outcomes: int
    weight: Row
    offset: Matrix

    def probabilities(self, coef: Row) -> Matrix:
        """Give the probabilities of each row."""
        k = len(self.Z[0])
        blocks = [coef[start : start + k] for start in range(0, len(coef), k)]
        found = []
        for z, known in zip(self.Z, self.offset, strict=True):
            eta = [ZERO, *(_dot(z, block) + o for block, o in zip(blocks, known, strict=True))]
            top = max(eta)
            odds = [(e - top).exp() for e in eta]
            total = sum(odds)
            found.append([o / total for o in odds])
        return found

    def log_likelihood(self, proba: Matrix) -> Decimal:
        """Give the weighted log-likelihood."""
        own = (p[code].ln() for p, code in zip(proba, self.codes, strict=True))
        return _dot(self.weight, list(own))

    def residuals(self, proba: Matrix) -> Matrix:
        """Give outcome minus probability, for the outcomes but the first."""
        return [
            [(ONE if code == a else ZERO) - p[a] for a in range(1, self.n_outcomes)]
            for p, code in zip(proba, self.codes, strict=True)
        ]

    def information(self, proba: Matrix) -> Matrix:
        """Give minus the Hessian."""
        m, k = self.n_outcomes - 1, len(self.Z[0])
        total = [[ZERO] * (m * k) for _ in range(m * k)]
        for z, p, w in zip(self.Z, proba, self.weight, strict=True):
            for a in range(m):
                for b in range(a + 1):
                    v = w * p[a + 1] * ((ONE if a == b else ZERO) - p[b + 1])
                    for i in range(k):
                        line, scaled = total[a * k + i], v * z[i]
                        for j in range(k):
                            line[b * k + j] += scaled * z[j]
        return [[total[max(i, j)][min(i, j)] for j in range(m * k)] for i in range(m * k)]


def solve(
    X: np.ndarray,
    codes: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    offset: np.ndarray | None = None,
    intercept: bool = True,
) -> Optimum:
    """Maximise the binomial or multinomial likelihood in decimal arithmetic.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Taken as the exact binary fractions that they are.
    codes : ndarray of int, shape (n,)
        Number of each row's outcome; outcome 0 is the reference.
    weight : ndarray of shape (n,), optional
        Positive weights.
    offset : ndarray of shape (n,) or (n, K), optional
        Known part of the log-odds.
    intercept : bool
        Whether the model has an intercept.

    Notes
    -----
    Newton's method from zero, halved where the likelihood would fall, until the squared Newton decrement is below
    1e-120. Nothing is shared with riskdec: rows are Python decimals, and elimination is by hand.
    """
    with localcontext(Context(prec=_PRECISION, Emin=-(10**9), Emax=10**9)):
        rows, centers = _open(X, codes, weight, offset, intercept=intercept)
        coef, proba = _climb(rows)
        information = rows.information(proba)
        covariance = _invert(information)
        T = _to_columns(centers, rows.n_outcomes - 1, intercept=intercept)
        sandwich = _product(_product(covariance, _meat(rows, proba)), covariance)
        in_units = [_dot(line, coef) for line in T]
        terms = [_dot([abs(t) for t in line], [abs(c) for c in coef]) for line in T]
        k = len(rows.Z[0])
        firsts = range(0, len(coef), k) if intercept else range(0)
        cancellation = max((terms[j] / abs(in_units[j]) for j in firsts if in_units[j]), default=ONE)
        shape = (rows.n_outcomes - 1, k)
        return Optimum(
            coef=np.array([float(c) for c in in_units]).reshape(shape),
            model_errors=_errors(T, covariance).reshape(shape),
            robust_errors=_errors(T, sandwich).reshape(shape),
            condition=_condition(information, covariance),
            cancellation=max(float(cancellation), 1.0),
        )


def solve_firth(
    X: np.ndarray, y: np.ndarray, *, weight: np.ndarray | None = None, offset: np.ndarray | None = None
) -> np.ndarray:
    """Give Firth's estimate of a model with two outcomes and an intercept, from decimal arithmetic: shape (1, k).

    Notes
    -----
    Fisher scoring on ``sum w (y - p + h (1/2 - p)) z``, h the leverage of one row, until no step is longer than 1e-30.
    """
    with localcontext(Context(prec=_PRECISION, Emin=-(10**9), Emax=10**9)):
        rows, centers = _open(X, y, weight, offset, intercept=True)
        coef = [ZERO] * len(rows.Z[0])
        for _ in range(_STEPS):
            proba = rows.probabilities(coef)
            inverse = _invert(rows.information(proba))
            score = [ZERO] * len(coef)
            for z, (_, p), code, w in zip(rows.Z, proba, rows.codes, rows.weight, strict=True):
                leverage = p * (1 - p) * _dot(z, [_dot(line, z) for line in inverse])
                pull = w * (code - p + leverage * (HALF - p))
                score = [s + pull * x for s, x in zip(score, z, strict=True)]
            step = [_dot(line, score) for line in inverse]
            coef = [c + s for c, s in zip(coef, step, strict=True)]
            if max(map(abs, step)) < _SHORT:
                T = _to_columns(centers, 1, intercept=True)
                return np.array([[float(_dot(line, coef)) for line in T]])
    raise ArithmeticError("Fisher scoring did not converge")


def agreeing_digits(found: np.ndarray, exact: np.ndarray) -> float:
    """Give the least number of significant decimal digits in which numbers agree, 0 to 16; 0 for what is no number."""
    found, exact = np.asarray(found, dtype=np.float64), np.asarray(exact, dtype=np.float64)
    if found.shape != exact.shape or not np.isfinite(found).all():
        return 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(found == exact, 0.0, np.abs(found - exact) / np.abs(exact))
        digits = -np.log10(error)
    return float(np.clip(digits, 0.0, 16.0).min()) + 0.0  # no minus zero


def _open(
    X: np.ndarray, codes: np.ndarray, weight: np.ndarray | None, offset: np.ndarray | None, *, intercept: bool
) -> tuple[_Rows, Row]:
    lines = [[Decimal(value) for value in line] for line in np.asarray(X, dtype=np.float64).tolist()]
    n, n_outcomes = len(lines), int(codes.max()) + 1
    weights = [ONE] * n if weight is None else [Decimal(w) for w in np.asarray(weight, dtype=np.float64).tolist()]
    total = sum(weights)
    columns = list(zip(*lines, strict=True))
    centers = [_dot(weights, column) / total if intercept else ZERO for column in columns]
    Z = [[*([ONE] if intercept else []), *(x - c for x, c in zip(line, centers, strict=True))] for line in lines]
    known = np.zeros((n, n_outcomes)) if offset is None else np.asarray(offset, dtype=np.float64)
    if known.ndim == 1:
        known = np.column_stack([np.zeros(n), known])
    offsets = [[Decimal(o) - Decimal(line[0]) for o in line[1:]] for line in known.tolist()]
    return _Rows(Z=Z, codes=[int(c) for c in codes], n_outcomes=n_outcomes, weight=weights, offset=offsets), centers


def _climb(rows: _Rows) -> tuple[Row, Matrix]:
    coef = [ZERO] * ((rows.n_outcomes - 1) * len(rows.Z[0]))
    proba = rows.probabilities(coef)
    value = rows.log_likelihood(proba)
    for _ in range(_STEPS):
        score = _score(rows, proba)
        step = [_dot(line, score) for line in _invert(rows.information(proba))]
        if _dot(step, score) < _DONE:
            return coef, proba
        while True:
            trial = [c + s for c, s in zip(coef, step, strict=True)]
            there = rows.probabilities(trial)
            higher = rows.log_likelihood(there)
            if higher >= value or _dot(step, score) < _DONE:
                break
            step = [s * HALF for s in step]
        coef, proba, value = trial, there, higher
    raise ArithmeticError("no maximum was found: the outcomes may be separated")


def _score(rows: _Rows, proba: Matrix) -> Row:
    score = [ZERO] * ((rows.n_outcomes - 1) * len(rows.Z[0]))
    for z, residual, w in zip(rows.Z, rows.residuals(proba), rows.weight, strict=True):
        for j, value in enumerate(w * r * x for r in residual for x in z):
            score[j] += value
    return score


def _meat(rows: _Rows, proba: Matrix) -> Matrix:
    """Give the sum of squared scores of single rows."""
    size = (rows.n_outcomes - 1) * len(rows.Z[0])
    meat = [[ZERO] * size for _ in range(size)]
    for z, residual, w in zip(rows.Z, rows.residuals(proba), rows.weight, strict=True):
        own = [w * r * x for r in residual for x in z]
        for line, left in zip(meat, own, strict=True):
            for j, right in enumerate(own):
                line[j] += left * right
    return meat


def _to_columns(centers: Row, blocks: int, *, intercept: bool) -> Matrix:
    """Give T with ``coef = T @ centred coef``."""
    k = len(centers) + int(intercept)
    T = [[ONE if i == j else ZERO for j in range(blocks * k)] for i in range(blocks * k)]
    if intercept:
        for start in range(0, blocks * k, k):
            for j, center in enumerate(centers, start + 1):
                T[start][j] = -center
    return T


def _errors(T: Matrix, covariance: Matrix) -> np.ndarray:
    return np.array([float(_dot(line, [_dot(c, line) for c in covariance]).sqrt()) for line in T])


def _condition(information: Matrix, inverse: Matrix) -> float:
    """Give the condition number in the largest-row-sum norm, after scaling the diagonal to one."""
    size = [line[j].sqrt() for j, line in enumerate(information)]
    scaled = max(sum(abs(a) / (size[i] * size[j]) for j, a in enumerate(line)) for i, line in enumerate(information))
    back = max(sum(abs(a) * (size[i] * size[j]) for j, a in enumerate(line)) for i, line in enumerate(inverse))
    return float(scaled * back)


def _invert(matrix: Matrix) -> Matrix:
    """Invert a positive definite matrix by elimination; its pivots need no order."""
    n = len(matrix)
    work = [[*line, *(ONE if i == j else ZERO for j in range(n))] for i, line in enumerate(matrix)]
    for i in range(n):
        pivot = work[i][i]
        work[i] = [value / pivot for value in work[i]]
        for j in range(n):
            if j != i and work[j][i]:
                factor = work[j][i]
                work[j] = [value - factor * top for value, top in zip(work[j], work[i], strict=True)]
    return [line[n:] for line in work]


def _product(left: Matrix, right: Matrix) -> Matrix:
    columns = list(zip(*right, strict=True))
    return [[_dot(line, column) for column in columns] for line in left]


def _dot(left: Sequence[Decimal], right: Sequence[Decimal]) -> Decimal:
    return sum(map(mul, left, right), ZERO)
