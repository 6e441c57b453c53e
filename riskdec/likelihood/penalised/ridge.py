"""Ridge: the log-likelihood less a square penalty on the slopes, for two outcomes or more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.binomial import Rows
from riskdec.likelihood.fit import LogitFit, finish, gradient_per_row
from riskdec.likelihood.multinomial import MultinomialRows
from riskdec.likelihood.newton import null_start
from riskdec.likelihood.newton_step import solve_information
from riskdec.likelihood.rows.design import Alias, Design, chunk_rows

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray
    from riskdec.likelihood.fit import Status
    from riskdec.likelihood.protocol import Likelihood, Pass

_HALVINGS = 30
# A column whose spread is this small beside its mean differs from row to row by rounding alone.
_ROUNDING = 1e-14
# The score against the information of its own coefficient, in units of the tolerance: the step still to be taken.
_SCORE_TO_INFORMATION = 100.0


@dataclass(frozen=True, slots=True, eq=False)
class Penalty:
    """``1/2 sum_j strength_j sum_k (b_kj - mean_k b_kj)^2`` over all K outcomes, the first of which has b = 0.

    With two outcomes it is ``1/2 sum_j strength_j b_j^2``.

    Attributes
    ----------
    strength : ndarray of shape (k,)
        Of each standardised coefficient; 0 for the intercept.
    n_predictors : int
        Number m of linear predictors, one less than outcomes.
    """

    strength: FloatArray
    n_predictors: int = 1

    def gradient(self, coef: FloatArray) -> FloatArray:
        """Give the gradient at coefficients of shape (m k,)."""
        if self.n_predictors == 1:
            return self.strength * coef
        blocks = coef.reshape(self.n_predictors, -1)
        return np.ravel(self.strength * (blocks - blocks.sum(axis=0) / (self.n_predictors + 1)))

    def cost(self, coef: FloatArray) -> float:
        """Give the penalty at coefficients of shape (m k,)."""
        return 0.5 * float(coef @ self.gradient(coef))

    def matrix(self) -> FloatArray:
        """Give the second derivatives, shape (m k, m k)."""
        m = self.n_predictors
        between = np.eye(m) - 1 / (m + 1) if m > 1 else np.eye(1)
        return np.asarray(np.kron(between, np.diag(self.strength)), dtype=np.float64)


class PenalisedFit(NamedTuple):
    """A ridge fit, and what its penalty did.

    Attributes
    ----------
    fit : LogitFit
        Estimates; see `fit_ridge`.
    deviation : ndarray of shape (p,)
        Standard deviation of each column, in which the penalty counts; 0 for constant columns.
    effective_parameters : float
        Trace of the hat matrix, less the intercepts.
    """

    fit: LogitFit
    deviation: FloatArray
    effective_parameters: float


def fit_ridge(
    X: AnyArray,
    y: AnyArray,
    *,
    alpha: float,
    weight: FloatArray | None = None,
    offset: FloatArray | None = None,
    intercept: bool = True,
    tol: float = 1e-8,
    max_iter: int = 100,
) -> PenalisedFit:
    """Minimise ``-loglik + alpha/2 sum (s_j b_j)^2``, the intercept free.

    Parameters
    ----------
    X, y, weight, offset, intercept, tol, max_iter
        As in `fit_binomial`; ``tol`` bounds the penalised score. Both outcomes must occur.
    alpha : float
        Strength, positive. ``s_j`` is the (weighted) standard deviation of column j, so that units play no part.

    Returns
    -------
    PenalisedFit
        ``fit.covariance`` is the inverse of the penalised information: the covariance of the normal approximation to
        the posterior under independent priors ``s_j b_j ~ N(0, 1/alpha)``. It is not a sampling covariance; that of
        the shrunken estimates, without their bias, is `sandwich_covariance` of the fit. ``fit.log_likelihood`` is the
        unpenalised one. Aliases are constant columns only: the penalty tells dependent columns apart.

    Notes
    -----
    The maximum exists and is unique on every data set with both outcomes, separated or not. The sum runs over rows:
    integer weights equal repeated rows, and weights times a constant are a weaker penalty. Without an intercept a
    constant column has no standard deviation, so it is not penalised.

    References
    ----------
    le Cessie S, van Houwelingen JC (1992). Ridge estimators in logistic regression. Applied Statistics 41:191-201.
    doi:10.2307/2347628

    Examples
    --------
    >>> X, y = np.arange(6.0)[:, np.newaxis], np.array([0, 0, 0, 1, 1, 1])  # separated: no maximum likelihood
    >>> fit_ridge(X, y, alpha=1.0).fit.coef.round(3)
    array([-1.7 ,  0.68])
    """
    rows = Rows(y.astype(np.float64), weight, offset)
    return _minimise(X, rows, alpha=alpha, weight=weight, intercept=intercept, tol=tol, max_iter=max_iter)


def fit_multinomial_ridge(
    X: AnyArray,
    codes: IntArray,
    n_outcomes: int,
    *,
    alpha: float,
    weight: FloatArray | None = None,
    offset: FloatArray | None = None,
    intercept: bool = True,
    tol: float = 1e-8,
    max_iter: int = 100,
) -> PenalisedFit:
    """Minimise ``-loglik + alpha/2 sum_j s_j^2 sum_k (b_kj - mean_k b_kj)^2``, the intercepts free.

    Parameters
    ----------
    X, codes, n_outcomes, weight, offset, intercept, tol, max_iter
        As in `fit_multinomial`; ``tol`` bounds the penalised score.
    alpha : float
        As in `fit_ridge`.

    Returns
    -------
    PenalisedFit
        With one row of coefficients for each outcome but the first, K outcomes in all.

    Notes
    -----
    The sum over k runs over all K outcomes, with ``b_0j = 0``: probabilities do not depend on which outcome is the
    reference. It is the penalty on one coefficient for each outcome and column, of which the best representation of
    given probabilities sums to zero over the outcomes. With K = 2 it is half that of `fit_ridge`.

    References
    ----------
    Friedman J, Hastie T, Tibshirani R (2010). Regularization paths for generalized linear models via coordinate
    descent. Journal of Statistical Software 33(1). doi:10.18637/jss.v033.i01
    """
    rows = MultinomialRows(codes, n_outcomes, weight, offset)
    return _minimise(X, rows, alpha=alpha, weight=weight, intercept=intercept, tol=tol, max_iter=max_iter)


def _minimise(
    X: AnyArray,
    rows: Likelihood,
    *,
    alpha: float,
    weight: FloatArray | None,
    intercept: bool,
    tol: float,
    max_iter: int,
) -> PenalisedFit:
    with one_blas_thread():
        design, shares, deviation = ridge_design(X, weight=weight, intercept=intercept)
        penalty = Penalty(alpha * shares, rows.n_predictors)
        coef = null_start(design, rows)
        here = _penalise(rows.evaluate(design, coef), coef, penalty)
        near, n_iter = False, 0
        while n_iter < max_iter and not near:
            n_iter += 1
            near = _is_near(here, rows, tol)
            coef, there = _newton_step(design, rows, coef, here, penalty)
            if there is here:
                break
            here = there
        here = replace(here, log_likelihood=here.log_likelihood + penalty.cost(coef))
        status: Status = "certified" if near else "not converged"
        fit = finish(design, rows, coef, here, status=status, n_iter=n_iter, separation=None)
    shrunk = float(np.sum(penalty.matrix() * fit.inverse))
    return PenalisedFit(fit, deviation, len(coef) - shrunk - int(intercept) * rows.n_predictors)


def _is_near(here: Pass, rows: Likelihood, tol: float) -> bool:
    """Tell whether one more step ends at the maximum: the score is small, and against its own information too."""
    if gradient_per_row(here, rows) > tol:
        return False
    return bool((np.abs(here.score) <= _SCORE_TO_INFORMATION * tol * np.diag(here.information)).all())


def ridge_design(X: AnyArray, *, weight: FloatArray | None, intercept: bool) -> tuple[Design, FloatArray, FloatArray]:
    """Standardise the columns that are not constant; give the share of the strength that each coefficient bears.

    The share is ``(s_j / scale_j)^2``: one for columns that are centred, 0 for the intercept. The last answer are the
    standard deviations ``s_j`` of all columns.
    """
    p = X.shape[1]
    mean, deviation = _moments(X, weight)
    deviation[deviation <= _ROUNDING * np.abs(mean)] = 0.0
    center = mean if intercept else np.zeros(p)
    scale = deviation if intercept else np.sqrt(deviation**2 + mean**2)
    kept = np.flatnonzero(scale > 0)
    aliases = tuple(Alias(int(j), -1) for j in np.flatnonzero(scale == 0))
    design = Design(X, kept, center[kept], scale[kept], None, intercept, aliases)
    shares = (deviation[kept] / scale[kept]) ** 2
    return design.with_cache(), np.concatenate([np.zeros(int(intercept)), shares]), deviation


def _moments(X: AnyArray, weight: FloatArray | None) -> tuple[FloatArray, FloatArray]:
    """Give the weighted mean and standard deviation of each column, in two readings."""
    step = chunk_rows(X.shape[1])
    total = float(X.shape[0]) if weight is None else float(weight.sum())
    # Differences from the first row: a constant column has exactly its value as mean.
    first, sums = X[0].astype(np.float64), np.zeros(X.shape[1])
    for start in range(0, X.shape[0], step):
        part = X[start : start + step] - first
        sums += part.sum(axis=0) if weight is None else weight[start : start + step] @ part
    mean = first + sums / total
    squares = np.zeros(X.shape[1])
    for start in range(0, X.shape[0], step):
        part = (X[start : start + step] - mean) ** 2
        squares += part.sum(axis=0) if weight is None else weight[start : start + step] @ part
    return mean, np.sqrt(squares / total)


def _penalise(here: Pass, coef: FloatArray, penalty: Penalty) -> Pass:
    return replace(
        here,
        log_likelihood=here.log_likelihood - penalty.cost(coef),
        score=here.score - penalty.gradient(coef),
        information=here.information + penalty.matrix(),
    )


def _newton_step(
    design: Design, rows: Likelihood, coef: FloatArray, here: Pass, penalty: Penalty
) -> tuple[FloatArray, Pass]:
    """Take the largest of the steps 1, 1/2, 1/4, ... that does not lower the penalised likelihood."""
    newton = solve_information(here.information, here.score)
    if newton is None:
        return coef, here
    slack = 1e-12 * abs(here.log_likelihood)
    for halving in range(_HALVINGS):
        trial = coef + newton.step / 2**halving
        there = _penalise(rows.evaluate(design, trial), trial, penalty)
        if there.log_likelihood >= here.log_likelihood - slack:
            return trial, there
    return coef, here
