"""The likelihood maximised on planes of coefficients: profile limits, and tests that hold coefficients at zero."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.errors import RiskdecError
from riskdec.likelihood.rows.rank import make_design

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.likelihood.protocol import Likelihood
    from riskdec.likelihood.rows.design import Design

# What the last step may still gain in log-likelihood: a limit moves by less than 1e-10 standard errors.
_GAIN = 1e-10
# How close the signed root comes to its target; one unit is about one standard error.
_CLOSE = 1e-9
# Below this the signed root cannot tell its own slope, and the curvature does.
_NEAR_TOP = 1e-3
_LONGEST_STEP = 4.0
# How far below its target the likelihood may fall on the way, in squares of the target.
_FARTHEST = 4.0
_STEPS = 300
_HALVINGS = 40
_ROUNDING = 1e-14
# A step along which the score hardly falls says nothing of the curvature.
_STRAIGHT = 1e-12
_LIMIT_STEPS = 200


class _Point(NamedTuple):
    """Value and score of the (penalised) log-likelihood at standardised coefficients, and the inverse information."""

    coef: FloatArray
    value: float
    score: FloatArray
    inverse: FloatArray


class _Crossing(NamedTuple):
    """How to move on a plane of coefficients, and how to leave it."""

    step: FloatArray
    """The Newton step that stays on the plane."""
    slope: FloatArray
    """By how much the value rises for a unit across the plane, once the maximum on it is reached."""
    across: FloatArray
    """The coefficients' best move for that unit."""


@dataclass(frozen=True, slots=True, eq=False)
class ProfileLikelihood:
    """The likelihood of one data set, to be maximised while some coefficients are held.

    Attributes
    ----------
    design, rows
        Standardised rows, and the likelihood of their outcomes (it holds the rows: do not keep it).
    penalised : bool
        Whether half the log-determinant of the information is added (Firth).
    start : ndarray of shape (m k,)
        Standardised coefficients to start from: those of the maximum, where there is one.
    top : float
        The largest value, or the least upper bound where there is no maximum; a penalty is that of the standardised
        columns.
    best : ndarray
        The start in the units of the columns.
    """

    design: Design
    rows: Likelihood
    penalised: bool
    start: FloatArray
    top: float
    best: FloatArray

    def estimate(self, position: int) -> float:
        """Give the estimate of a coefficient."""
        return float(self.best[position])

    def limits(self, position: int, drop: float) -> tuple[float, float]:
        """Give the two values of a coefficient at which the profile lies `drop` below its top.

        Parameters
        ----------
        position : int
            Place of the coefficient in the units of the columns; with several predictors in the order of
            ``coef.ravel()``.
        drop : float
            Half of the quantile that the likelihood ratio is compared with.

        Returns
        -------
        low, high : float
            NaN for a column left out as an alias.
        """
        return self.limit(position, drop, upper=False), self.limit(position, drop, upper=True)

    def limit(self, position: int, drop: float, *, upper: bool) -> float:
        """Give one of the two limits.

        Notes
        -----
        Newton's method on the signed root ``r(b) = sign(b - b_max) sqrt(2 (top - profile(b)))``, which is nearly a
        straight line; ``r' = |slope| / |r|``, and by the envelope theorem the slope of the profile is the
        multiplier of the constraint. Each value of the profile is a Newton iteration on the plane ``b_j = b``.

        References
        ----------
        Venzon DJ, Moolgavkar SH (1988). A method for computing profile-likelihood-based confidence intervals.
        Applied Statistics 37:87-94. doi:10.2307/2347496
        """
        across = self.design.to_columns(self.rows.n_predictors)[position]
        if not across.any():
            return np.nan
        with one_blas_thread():
            return self._limit(across, np.sqrt(2 * drop) * (1 if upper else -1))

    def fall(self, positions: Sequence[int]) -> float:
        """Give by how much the maximum falls when the coefficients at the positions are held at zero.

        Twice the fall is the likelihood ratio. With a penalty the information is that of all coefficients, so that
        the ratio does not depend on the units of the columns (Heinze and Schemper 2002).
        """
        plane = self.design.to_columns(self.rows.n_predictors)[list(positions)].T
        plane = plane[:, plane.any(axis=0)]
        if not plane.shape[1]:
            return 0.0
        with one_blas_thread():
            here = self._point(self.start)
            held = self.start - _cross(here.score, here.inverse, plane).across @ (plane.T @ self.start)
            return max(self.top - self._climb(held, plane).value, 0.0)

    def _limit(self, across: FloatArray, target: float) -> float:
        """Find where the signed root of the profile of ``across @ coef`` reaches the target."""
        inside, outside = -np.sign(target) * np.inf, np.sign(target) * np.inf
        here = self._climb(self.start, across[:, None])
        for _ in range(_LIMIT_STEPS):
            value = float(across @ here.coef)
            crossing = _cross(here.score, here.inverse, across[:, None])
            slope, error = float(crossing.slope[0]), _standard_error(here, across)
            root = -np.sign(slope) * np.sqrt(2 * max(self.top - here.value, 0.0))
            if abs(root - target) <= _CLOSE:
                return value
            if root * target > 0 and abs(root) > abs(target):
                outside = value
            else:
                inside = value
            # One unit of the root is about one standard error; near the top exactly one.
            unit = error if abs(root) < _NEAR_TOP else abs(root / slope)
            longest = _LONGEST_STEP * abs(target) * error
            move = float(np.clip((target - root) * unit, -longest, longest))
            if not min(inside, outside) < value + move < max(inside, outside):
                move = (inside + outside) / 2 - value
            if abs(move) <= _ROUNDING * max(abs(value), error):
                return value
            floor = min(here.value, self.top - _FARTHEST * target**2)
            here = self._beyond(here, crossing.across[:, 0] * move, across[:, None], floor)
        message = f"the end of a profile interval was not found in {_LIMIT_STEPS} steps; the last value was {value:.6g}"
        raise RiskdecError(message)

    def _beyond(self, here: _Point, move: FloatArray, plane: FloatArray, floor: float) -> _Point:
        """Give the maximum on the plane that a move leads to, or a shorter one where that lies far below."""
        for halving in range(_HALVINGS):
            there = self._climb(here.coef + move / 2**halving, plane)
            # Far out the risks are 0 or 1 to the last digit, and no slope shows the way back.
            if there.value >= floor and np.isfinite(there.inverse).all():
                break
        return there

    def _climb(self, coef: FloatArray, plane: FloatArray) -> _Point:
        """Maximise from ``coef`` without leaving ``plane' coef``."""
        here = self._point(coef)
        inverse = here.inverse
        for _ in range(_STEPS):
            step = _cross(here.score, inverse, plane).step
            if not step @ here.score > _GAIN:
                break
            there = self._uphill(here, step)
            if there is here:
                if inverse is here.inverse:
                    break
                inverse = here.inverse
                continue
            inverse = self._curvature(inverse, here, there)
            here = there
        return here

    def _curvature(self, inverse: FloatArray, here: _Point, there: _Point) -> FloatArray:
        """Give the inverse of minus the Hessian: the information without a penalty, a first guess of it with one.

        With a penalty the guess is corrected by what the last step did to the score (BFGS).
        """
        moved, fell = there.coef - here.coef, here.score - there.score
        curvature = float(moved @ fell)
        if not self.penalised or curvature <= _STRAIGHT * float(np.linalg.norm(moved) * np.linalg.norm(fell)):
            return there.inverse
        left = np.eye(len(moved)) - np.outer(moved, fell) / curvature
        corrected: FloatArray = left @ inverse @ left.T + np.outer(moved, moved) / curvature
        return corrected

    def _uphill(self, here: _Point, step: FloatArray) -> _Point:
        slack = 1e-13 * abs(here.value)
        for halving in range(_HALVINGS):
            there = self._point(here.coef + step / 2**halving)
            if there.value >= here.value - slack and np.isfinite(there.inverse).all():
                return there
        return here

    def _point(self, coef: FloatArray) -> _Point:
        here = self.rows.evaluate(self.design, coef)
        inverse = _invert(here.information)
        if not self.penalised:
            return _Point(coef, here.log_likelihood, here.score, inverse)
        sign, log_determinant = np.linalg.slogdet(here.information)
        if sign <= 0 or not np.isfinite(inverse).all():
            return _Point(coef, -np.inf, here.score, inverse)
        score = here.score + self.rows.jeffreys_score(self.design, here, inverse)
        return _Point(coef, here.log_likelihood + 0.5 * float(log_determinant), score, inverse)


def open_profile(
    X: AnyArray,
    rows: Likelihood,
    *,
    coef: FloatArray,
    weight: FloatArray | None = None,
    intercept: bool = True,
    penalised: bool = False,
    top: float | None = None,
) -> ProfileLikelihood:
    """Make the likelihood of some rows ready for profiles.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Finite numbers.
    rows : Likelihood
        Outcomes, weights and offsets of the rows.
    coef : ndarray of shape (k,) or (K - 1, k)
        Estimates in the units of the columns, intercept first where there is one, or coefficients close to them.
    weight : ndarray of shape (n,), optional
        Positive row weights, as in ``rows``.
    intercept : bool
        Whether the model has an intercept.
    penalised : bool
        Whether to add Firth's penalty, half the log-determinant of the information.
    top : float, optional
        The least upper bound of the log-likelihood, where it has no maximum.

    Returns
    -------
    ProfileLikelihood
        With its maximum found, unless ``top`` says that there is none.
    """
    with one_blas_thread():
        design = make_design(X, weight=weight, intercept=intercept)
        blocks = coef.reshape(rows.n_predictors, -1)
        first = int(intercept)
        kept = [*range(first), *(design.kept + first)]
        standardised = np.linalg.solve(design.to_columns()[kept], blocks[:, kept].T)
        start = np.asarray(standardised.T.ravel(), dtype=np.float64)
        profile = ProfileLikelihood(design, rows, penalised, start, np.nan, start)
        if top is None:
            summit = profile._climb(start, np.empty((len(start), 0)))  # noqa: SLF001 -- its own class, half made
            start, top = summit.coef, summit.value
        return replace(profile, start=start, top=top, best=design.to_columns(rows.n_predictors) @ start)


def _cross(score: FloatArray, inverse: FloatArray, plane: FloatArray) -> _Crossing:
    ways = inverse @ plane
    across = ways @ np.linalg.inv(plane.T @ ways)
    slope = across.T @ score
    return _Crossing(inverse @ score - ways @ slope, slope, across)


def _invert(information: FloatArray) -> FloatArray:
    """Invert an information matrix, positive definite as it is; NaN where it has vanished in some direction."""
    from scipy.linalg.lapack import dpotrf, dpotri

    if not len(information):
        return information
    factor, failed = dpotrf(information, lower=1)
    if failed:
        return np.full_like(information, np.nan)
    lower: FloatArray = np.tril(dpotri(factor, lower=1)[0])
    return lower + np.tril(lower, -1).T


def _standard_error(here: _Point, across: FloatArray) -> float:
    return float(np.sqrt(across @ here.inverse @ across))
