"""Firth's bias-reduced likelihood: finite estimates on every data set, separated ones among them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.binomial import Rows, shift_to_mean
from riskdec.likelihood.fit import LogitFit, finish, invert
from riskdec.likelihood.multinomial import MultinomialRows
from riskdec.likelihood.newton import null_start
from riskdec.likelihood.rows.rank import make_design

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray
    from riskdec.likelihood.fit import Status
    from riskdec.likelihood.protocol import Likelihood, Pass
    from riskdec.likelihood.rows.design import Design

# The iteration is not quadratic, so a small score leaves a larger error than after a Newton step.
_TIGHTER = 1e-2
# Steps to make the score small against the information too, which takes more of them where events are rare.
_LAST_STEPS = 10
_FIRST_REACH = 5.0
_LONGER = 2.0
_HALVINGS = 25
# Steps whose effect on the score corrects the next one.
_REMEMBERED = 10


class _Penalised(NamedTuple):
    """The penalised likelihood at one coefficient vector."""

    here: Pass
    value: float
    score: FloatArray
    inverse: FloatArray


class _Pair(NamedTuple):
    """A step taken, and the fall of the score along it."""

    moved: FloatArray
    fell: FloatArray

    @property
    def curvature(self) -> float:
        return float(self.moved @ self.fell)


def fit_firth(
    X: AnyArray,
    y: AnyArray,
    *,
    weight: FloatArray | None = None,
    offset: FloatArray | None = None,
    intercept: bool = True,
    tol: float = 1e-8,
    max_iter: int = 100,
) -> LogitFit:
    """Maximise the log-likelihood plus half the log-determinant of the information (Jeffreys' prior).

    Parameters
    ----------
    X, y, weight, offset, intercept, tol, max_iter
        As in `fit_binomial`; ``tol`` bounds the penalised score.

    Returns
    -------
    LogitFit
        ``covariance`` is the inverse information at the estimate, ``log_likelihood`` the unpenalised one.

    Notes
    -----
    The penalised score is ``sum [w (y - p) + h (1/2 - p)] z`` with ``h_i = w_i p_i (1 - p_i) z_i' I^-1 z_i``.
    Fisher's scoring converges linearly here, so the inverse information is only the first guess of the inverse
    Hessian, and the last steps correct it (limited-memory BFGS, Nocedal 1980). Integer weights equal repeated rows;
    multiplying all weights by a constant is a different (weaker) prior.

    References
    ----------
    Firth D (1993). Bias reduction of maximum likelihood estimates. Biometrika 80:27-38. doi:10.1093/biomet/80.1.27
    Heinze G, Schemper M (2002). A solution to the problem of separation in logistic regression. Statistics in
    Medicine 21:2409-2419. doi:10.1002/sim.1047
    Nocedal J (1980). Updating quasi-Newton matrices with limited storage. Mathematics of Computation 35:773-782.
    doi:10.1090/S0025-5718-1980-0572855-7
    """
    with one_blas_thread():
        design = make_design(X, weight=weight, intercept=intercept)
        return _maximise(design, Rows(y.astype(np.float64), weight, offset), tol=tol, max_iter=max_iter)


def fit_multinomial_firth(
    X: AnyArray,
    codes: IntArray,
    n_outcomes: int,
    *,
    weight: FloatArray | None = None,
    offset: FloatArray | None = None,
    intercept: bool = True,
    tol: float = 1e-8,
    max_iter: int = 100,
) -> LogitFit:
    """Maximise the multinomial log-likelihood plus half the log-determinant of the information.

    Parameters
    ----------
    X, codes, n_outcomes, weight, offset, intercept, tol, max_iter
        As in `fit_multinomial`; ``tol`` bounds the penalised score.

    Returns
    -------
    LogitFit
        As in `fit_firth`. Probabilities do not depend on which outcome is the reference.

    Notes
    -----
    The penalised score of outcome k is ``sum_i w z_i [(y_ik - p_ik) + 1/2 sum_ab S_i,ab kappa_abk]`` with
    ``S_i,ab = z_i' (I^-1)_ab z_i`` and kappa the third cumulants of one draw.

    References
    ----------
    Bull SB, Mak C, Greenwood CMT (2002). A modified score function estimator for multinomial logistic regression in
    small samples. Computational Statistics and Data Analysis 39:57-74. doi:10.1016/S0167-9473(01)00048-2
    """
    with one_blas_thread():
        design = make_design(X, weight=weight, intercept=intercept)
        return _maximise(design, MultinomialRows(codes, n_outcomes, weight, offset), tol=tol, max_iter=max_iter)


def refit_intercept(fit: LogitFit, y: AnyArray, *, weight: FloatArray | None = None) -> float:
    """Give the shift of the intercept after which the average risk equals the event rate (FLIC).

    Parameters
    ----------
    fit : LogitFit
        Usually of `fit_firth`.
    y, weight
        The rows it was fitted on.

    References
    ----------
    Puhr R et al. (2017). Firth's logistic regression with rare events: accurate effect estimates and predictions?
    Statistics in Medicine 36:2302-2317. doi:10.1002/sim.7273
    """
    return shift_to_mean(fit.linear_predictor, float(np.average(y, weights=weight)), weight)


def _maximise(design: Design, rows: Likelihood, *, tol: float, max_iter: int) -> LogitFit:
    coef, last, n_iter, converged = _climb(design, rows, null_start(design, rows), tol=tol, max_iter=max_iter)
    status: Status = "certified" if converged else "not converged"
    here = replace(last.here, score=last.score)
    return finish(design, rows, coef, here, status=status, n_iter=n_iter, separation=None)


def _climb(
    design: Design, rows: Likelihood, coef: FloatArray, *, tol: float, max_iter: int
) -> tuple[FloatArray, _Penalised, int, bool]:
    here = _penalised(design, rows, coef)
    total = rows.total
    pairs: list[_Pair] = []
    reach = _FIRST_REACH
    near, n_iter = 0, 0
    for n_iter in range(max_iter):
        score = np.abs(here.score)
        if float(score.max(initial=0.0)) <= _TIGHTER * tol * total:
            near += 1
            if near > _LAST_STEPS or (score <= _TIGHTER * tol * np.diag(here.here.information)).all():
                return coef, here, n_iter, True
        step = _direction(here, pairs)
        if step @ here.score <= 0:
            pairs = []
            step = _direction(here, pairs)
        step *= min(1.0, reach / float(np.abs(step).max()))
        trial, there, halvings = _uphill(design, rows, coef, here, step)
        # Separated columns on a long scale have far estimates: a step that went well may be followed by a longer one.
        reach = reach * _LONGER if halvings == 0 else reach
        if there is here:
            if not pairs:
                break
            pairs = []
            continue
        pair = _Pair(trial - coef, here.score - there.score)
        if pair.curvature > 1e-12 * float(np.linalg.norm(pair.moved) * np.linalg.norm(pair.fell)):
            pairs = [*pairs, pair][-_REMEMBERED:]
        coef, here = trial, there
    else:
        n_iter = max_iter
    return coef, here, n_iter, float(np.abs(here.score).max(initial=0.0)) <= tol * total


def _direction(here: _Penalised, pairs: list[_Pair]) -> FloatArray:
    """Give the quasi-Newton step: the inverse information, corrected by the last steps and what they did."""
    slope, shares = here.score.copy(), []
    for pair in reversed(pairs):
        shares.append(float(pair.moved @ slope) / pair.curvature)
        slope -= shares[-1] * pair.fell
    step: FloatArray = here.inverse @ slope
    for pair, share in zip(pairs, reversed(shares), strict=True):
        step += (share - float(pair.fell @ step) / pair.curvature) * pair.moved
    return step


def _uphill(
    design: Design, rows: Likelihood, coef: FloatArray, here: _Penalised, step: FloatArray
) -> tuple[FloatArray, _Penalised, int]:
    slack = 1e-13 * abs(here.value)
    for halving in range(_HALVINGS):
        trial = coef + step / 2**halving
        there = _penalised(design, rows, trial)
        if there.value >= here.value - slack:
            return trial, there, halving
    return coef, here, _HALVINGS


def _penalised(design: Design, rows: Likelihood, coef: FloatArray) -> _Penalised:
    here = rows.evaluate(design, coef)
    sign, log_determinant = np.linalg.slogdet(here.information)
    inverse = invert(here.information)
    if sign <= 0 or not np.all(np.isfinite(inverse)):
        return _Penalised(here, -np.inf, here.score, inverse)
    score = here.score + rows.jeffreys_score(design, here, inverse)
    return _Penalised(here, here.log_likelihood + 0.5 * float(log_determinant), score, inverse)
