"""Maximum likelihood by Newton's method, returned only with the proof that the maximum exists."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.binomial import Rows
from riskdec.likelihood.existence import find_separation
from riskdec.likelihood.fit import LogitFit, finish, gradient_per_row
from riskdec.likelihood.multinomial import MultinomialRows
from riskdec.likelihood.newton_step import solve_information
from riskdec.likelihood.rows.rank import make_design
from riskdec.likelihood.sample_start import start_near_maximum

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray
    from riskdec.likelihood.existence import Separation
    from riskdec.likelihood.fit import Status
    from riskdec.likelihood.protocol import Likelihood, Pass
    from riskdec.likelihood.rows.design import Design

# Newton needs 4 to 9 steps where the maximum exists and the data are not close to separation.
_STEPS_BEFORE_PROGRAMME = 12
# The certificate holds for every value below 1; separated data never come below 1, others go to 0.
_CERTIFICATE = 0.5
# The score against the information of its own coefficient, in units of the tolerance: the step still to be taken.
_SCORE_TO_INFORMATION = 100.0
_HALVINGS = 30
# In standard deviations of the columns; no step near a maximum is that long.
_LONGEST_STEP = 256.0
# With many rows a reading is dear, and standard errors are ten thousand times longer than a step of this length.
_MANY_ROWS = 50_000
_SETTLED = 1e-7


def fit_binomial(
    X: AnyArray,
    y: AnyArray,
    *,
    weight: FloatArray | None = None,
    offset: FloatArray | None = None,
    intercept: bool = True,
    tol: float = 1e-8,
    max_iter: int = 100,
) -> LogitFit:
    """Maximise the binomial log-likelihood with the logit link.

    Parameters
    ----------
    X : ndarray of shape (n, p)
        Finite numbers; p may be 0.
    y : ndarray of shape (n,)
        1 or True for the event.
    weight, offset : ndarray of shape (n,), optional
        Positive row weights; known part of the linear predictor.
    intercept : bool
        Whether the model has an intercept.
    tol : float
        Largest absolute score over the sum of weights, on standardised columns, at which the last step is taken.
    max_iter : int
        Most steps.

    Returns
    -------
    LogitFit
        Look at ``status``: separated data raise nothing here.

    Notes
    -----
    Existence. Let ``d_i`` be the change of the linear predictor of row i under the full Newton step, and
    ``a_i = p_i d_i`` for events, ``a_i = -(1 - p_i) d_i`` for the others. The score equation of the step gives
    positive multipliers ``u_i (1 - a_i)`` that sum the signed rows to zero whenever all ``a_i < 1``; by Stiemke's
    lemma no direction then separates the outcomes, so with full column rank the maximum exists and is unique.
    The certificate asks for ``a_i <= 1/2``. Where it does not come within about a dozen steps, a linear programme
    decides (`find_separation`).

    Precision. The last step is read where it ends: covariance and linear predictor are those of the coefficients.
    From 50,000 rows on, a step that moves all standardised coefficients together by at most 1e-7 is not: the
    coefficients have all their digits, the covariance about eight.

    References
    ----------
    Albert A, Anderson JA (1984). On the existence of maximum likelihood estimates in logistic regression models.
    Biometrika 71:1-10. doi:10.1093/biomet/71.1.1
    """
    with one_blas_thread():
        rows = Rows(y.astype(np.float64), weight, offset)
        design = make_design(X, weight=weight, intercept=intercept, for_readers=True)
        return _maximise(design, rows, tol=tol, max_iter=max_iter)


def fit_multinomial(
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
    """Maximise the multinomial log-likelihood with the logit link; outcome 0 is the reference.

    Parameters
    ----------
    X, weight, intercept, tol, max_iter
        As in `fit_binomial`.
    codes : ndarray of int, shape (n,)
        Number of the outcome, 0 to K - 1.
    n_outcomes : int
        K, at least 2.
    offset : ndarray of shape (n, K - 1), optional
        Known part of the log-odds of each outcome against outcome 0.

    Returns
    -------
    LogitFit
        With one row of coefficients for each outcome but the first. With K = 2 it is that of `fit_binomial`.

    Notes
    -----
    Newton's method on all ``(K - 1)(p + 1)`` coefficients together. Existence as in `fit_binomial`: the multipliers
    belong to the contrasts of each row's own outcome with the others, ``a_ik = sum_l p_il d_il - d_ik`` with d the
    change of the linear predictors under the full step, and the certificate asks for ``a_ik <= 1/2``.
    """
    with one_blas_thread():
        design = make_design(X, weight=weight, intercept=intercept)
        return _maximise(design, MultinomialRows(codes, n_outcomes, weight, offset), tol=tol, max_iter=max_iter)


def _maximise(design: Design, rows: Likelihood, *, tol: float, max_iter: int) -> LogitFit:
    coef = start_near_maximum(design, rows, null_start(design, rows))
    here = rows.evaluate(design, coef)
    exists = False
    separation: Separation | None = None
    status: Status = "not converged"
    n_iter = 0
    while n_iter < max_iter:
        newton = solve_information(here.information, here.score)
        doubtful = newton is None or not newton.trusted or n_iter >= _STEPS_BEFORE_PROGRAMME
        if doubtful and not exists:
            separation = find_separation(design, rows.y, here.eta)
            exists = separation is None
        if newton is None or separation is not None:
            status = "not converged" if exists else "separated"
            break
        n_iter += 1
        near = _is_near(here, rows, tol) if n_iter <= _STEPS_BEFORE_PROGRAMME else gradient_per_row(here, rows) <= tol
        if near and _is_settled(design, rows, newton.step):
            coef, status = coef + newton.step, "certified"
            here = replace(here, log_likelihood=here.log_likelihood + 0.5 * float(newton.step @ here.score))
            break
        coef, there, halvings = _safe_step(design, rows, coef, here, newton.step)
        if near and (exists or (halvings == 0 and rows.largest_multiplier(here, there) <= _CERTIFICATE)):
            here = there
            status = "certified"
            break
        if there is here:
            break
        here = there
    return finish(design, rows, coef, here, status=status, n_iter=n_iter, separation=separation)


def _is_near(here: Pass, rows: Likelihood, tol: float) -> bool:
    """Tell whether one more step ends at the maximum: the score is small, and with rare events against them too."""
    if gradient_per_row(here, rows) > tol:
        return False
    return bool((np.abs(here.score) <= _SCORE_TO_INFORMATION * tol * np.diag(here.information)).all())


def _is_settled(design: Design, rows: Likelihood, step: FloatArray) -> bool:
    """Tell whether a full step needs no reading where it ends: it is short, and proves that the maximum exists.

    Standardised columns have ``sum w z^2 = sum w``, so no entry exceeds the root of the sum of weights over the least
    of them. That bounds the change of every linear predictor, and no ``a_ik`` exceeds twice the largest change.
    """
    length = float(np.abs(step).sum())
    if design.n_rows < _MANY_ROWS or design.basis is not None or not length <= _SETTLED:
        return False
    return 2 * length * float(np.sqrt(rows.total / rows.least_weight)) <= _CERTIFICATE


def null_start(design: Design, rows: Likelihood) -> FloatArray:
    """Give the standardised coefficients of the best constant probabilities."""
    coef = np.zeros(rows.n_predictors * design.n_columns)
    if design.intercept:
        coef[:: design.n_columns] = rows.null_coefficients()
    return coef


def _safe_step(
    design: Design, rows: Likelihood, coef: FloatArray, here: Pass, step: FloatArray
) -> tuple[FloatArray, Pass, int]:
    """Take the largest of the steps 1, 1/2, 1/4, ... that does not lower the likelihood; count the halvings."""
    slack = 1e-12 * abs(here.log_likelihood)
    # Where all risks are next to 0 or 1 there is hardly any information, and the step is as long as that is small.
    first = max(0, int(np.ceil(np.log2(max(float(np.abs(step).sum()), 1.0) / _LONGEST_STEP))))
    for halvings in range(first, first + _HALVINGS):
        trial = coef + step / 2.0**halvings
        there = rows.evaluate(design, trial)
        if there.log_likelihood >= here.log_likelihood - slack:
            return trial, there, halvings
    return coef, here, _HALVINGS
