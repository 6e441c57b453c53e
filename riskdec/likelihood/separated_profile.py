"""Profile limits of the plain likelihood where it has no maximum: which ends are infinite, and where the others lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.binomial import Rows
from riskdec.likelihood.existence import find_separation
from riskdec.likelihood.profile import open_profile
from riskdec.likelihood.rows.rank import make_design

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, BoolArray, FloatArray
    from riskdec.likelihood.existence import Separation
    from riskdec.likelihood.profile import ProfileLikelihood

# Relative to the largest margin.
_MARGIN = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class SeparatedProfile:
    """The binomial likelihood of separated rows (it holds them: do not keep it).

    Attributes
    ----------
    X : ndarray of shape (n, p)
        Columns of full rank.
    rows : Rows
        Outcomes, weights and offset.
    intercept : bool
        Whether the model has an intercept.
    places : tuple of int
        Positions of these columns, and the intercept's, among all coefficients; the others are aliases.
    coef : ndarray of shape (k,)
        Finite coefficients to start from.
    separation : Separation
        Which coefficients diverge, and where to.
    overlap : ProfileLikelihood or None
        The likelihood of the rows that no direction separates strictly: it has a maximum, which is the least upper
        bound of the whole. None if there are no such rows; the bound is then 0.
    """

    X: AnyArray
    rows: Rows
    intercept: bool
    places: tuple[int, ...]
    coef: FloatArray
    separation: Separation
    overlap: ProfileLikelihood | None

    def estimate(self, position: int) -> float:
        """Give the maximum likelihood estimate of a coefficient, infinite ones included; NaN where any value is one."""
        if position in self.separation.diverging:
            sign = self.separation.signs[self.separation.diverging.index(position)]
            return sign * np.inf if sign else np.nan
        if self.overlap is None or position not in self.places:
            return 0.0 if position not in self.places else np.nan
        return self.overlap.estimate(self.places.index(position))

    def limits(self, position: int, drop: float) -> tuple[float, float]:
        """Give the two values of a coefficient at which the profile lies `drop` below its least upper bound.

        Notes
        -----
        A coefficient with a finite estimate has the profile of the overlapping rows alone: every other row can be
        fitted perfectly without moving it. One that diverges is held at a value while the others separate what they
        can; the rows that remain have a maximum for every value, and a profile that rises towards the infinite end.
        """
        if position not in self.places:
            return np.nan, np.nan
        place = self.places.index(position)
        if position not in self.separation.diverging:
            return (np.nan, np.nan) if self.overlap is None else self.overlap.limits(place, drop)
        sign = self.separation.signs[self.separation.diverging.index(position)]
        if sign == 0:
            return -np.inf, np.inf
        end = self._while_held(place).limit(place, drop, upper=sign < 0)
        return (end, np.inf) if sign > 0 else (-np.inf, end)

    def _while_held(self, place: int) -> ProfileLikelihood:
        """Give the likelihood of the rows that overlap when a coefficient is held, whatever the others separate."""
        column = place - int(self.intercept)
        others = self.X if column < 0 else np.delete(self.X, column, axis=1)
        remaining = _overlapping(others, self.rows, intercept=self.intercept and column >= 0)
        top = 0.0 if self.overlap is None else self.overlap.top
        return _profile_of(self.X, self.rows, remaining, self.coef, intercept=self.intercept, top=top)


def open_separated_profile(
    X: AnyArray, rows: Rows, separation: Separation, *, coef: FloatArray, intercept: bool = True
) -> SeparatedProfile:
    """Make the likelihood of separated rows ready for profiles.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Finite numbers.
    rows : Rows
        Outcomes, weights and offset.
    separation : Separation
        How the rows are separated, from `fit_binomial`.
    coef : ndarray of shape (k,)
        Finite coefficients to start from, Firth's for example; aliased columns 0.
    intercept : bool
        Whether the model has an intercept.
    """
    with one_blas_thread():
        kept = make_design(X, weight=rows.weight, intercept=intercept).kept
        places = (*range(int(intercept)), *(kept + int(intercept)).tolist())
        columns, coef = X[:, kept], coef[list(places)]
        remaining = _overlapping(columns, rows, intercept=intercept)
    overlap = _profile_of(columns, rows, remaining, coef, intercept=intercept) if remaining.any() else None
    return SeparatedProfile(columns, rows, intercept, places, coef, separation, overlap)


def _overlapping(X: AnyArray, rows: Rows, *, intercept: bool) -> BoolArray:
    """Mark the rows that no direction of coefficients separates strictly."""
    active = np.ones(len(rows.y), dtype=bool)
    first = int(intercept)
    while active.any():
        part = X[active]
        design = make_design(part, weight=None, intercept=intercept)
        signs = 2 * rows.y[active] - 1
        found = find_separation(design, rows.y[active], np.zeros(len(signs))) if design.n_columns else None
        if found is None:
            break
        along = found.direction
        margin = signs * (part @ along[first:] + (along[0] if first else 0.0))
        active[active] = margin <= _MARGIN * margin.max()
    return active


def _profile_of(
    X: AnyArray, rows: Rows, chosen: BoolArray, coef: FloatArray, *, intercept: bool, top: float | None = None
) -> ProfileLikelihood:
    weight, offset = (None if part is None else part[chosen] for part in (rows.weight, rows.offset))
    part = Rows(rows.y[chosen], weight, offset)
    return open_profile(X[chosen], part, coef=coef, weight=weight, intercept=intercept, top=top)
