"""Maximum likelihood by Newton's method, returned only with the proof that the maximum exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.binomial import Pass, Rows, evaluate, null_coefficient, risks
from riskdec.likelihood.design import Alias, Design, make_design
from riskdec.likelihood.existence import Separation, find_separation

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray

Status = Literal["certified", "separated", "not converged"]

# Newton needs 4 to 9 steps where the maximum exists and the data are not close to separation.
_STEPS_BEFORE_PROGRAMME = 12
# The certificate holds for every value below 1; separated data never come below 1, others go to 0.
_CERTIFICATE = 0.5
# The information must be invertible with this many digits to spare.
_WORST_CONDITION = 1e12
_HALVINGS = 30


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BinomialFit:
    """Coefficients in the units of the columns, and how they were reached.

    Attributes
    ----------
    coef : ndarray of shape (1 + p,) or (p,)
        Intercept first where there is one; columns left out as aliases have 0.
    covariance : ndarray, square
        Inverse information; NaN for aliases.
    inverse : ndarray, square
        The same on standardised columns, without the aliases.
    linear_predictor : ndarray of shape (n,)
        Of the rows fitted, the offset included.
    log_likelihood : float
        At ``coef``, without any penalty.
    status : {"certified", "separated", "not converged"}
        "certified" means that the maximum likelihood estimate exists and this is it (for penalised fits:
        that the iteration converged).
    n_iter : int
        Steps taken.
    gradient : float
        Largest absolute score over the sum of weights, on standardised columns.
    condition : float
        Condition number of the information on standardised columns.
    aliases : tuple of Alias
        Columns left out.
    separation : Separation or None
        Which rows and columns separate the outcomes, when they do.
    design : Design
        The standardised design, for what follows from the fit (it holds the rows: do not keep it).
    """

    coef: FloatArray
    covariance: FloatArray
    inverse: FloatArray
    linear_predictor: FloatArray
    log_likelihood: float
    status: Status
    n_iter: int
    gradient: float
    condition: float
    aliases: tuple[Alias, ...]
    separation: Separation | None
    design: Design

    @property
    def converged(self) -> bool:
        """Whether the estimate may be used as what it is called."""
        return self.status == "certified"


def fit_binomial(
    X: AnyArray,
    y: AnyArray,
    *,
    weight: FloatArray | None = None,
    offset: FloatArray | None = None,
    intercept: bool = True,
    tol: float = 1e-8,
    max_iter: int = 100,
) -> BinomialFit:
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
    BinomialFit
        Look at ``status``: separated data raise nothing here.

    Notes
    -----
    Existence. Let ``d_i`` be the change of the linear predictor of row i under the full Newton step, and
    ``a_i = p_i d_i`` for events, ``a_i = -(1 - p_i) d_i`` for the others. The score equation of the step gives
    positive multipliers ``u_i (1 - a_i)`` that sum the signed rows to zero whenever all ``a_i < 1``; by Stiemke's
    lemma no direction then separates the outcomes, so with full column rank the maximum exists and is unique.
    The certificate asks for ``a_i <= 1/2``. Where it does not come within about a dozen steps, a linear programme
    decides (`find_separation`).

    References
    ----------
    Albert A, Anderson JA (1984). On the existence of maximum likelihood estimates in logistic regression models.
    Biometrika 71:1-10. doi:10.1093/biomet/71.1.1
    """
    with one_blas_thread():
        rows = Rows(y.astype(np.float64), weight, offset)
        design = make_design(X, weight=weight, intercept=intercept)
        return _iterate(design, rows, tol=tol, max_iter=max_iter)


def _iterate(design: Design, rows: Rows, *, tol: float, max_iter: int) -> BinomialFit:
    coef = np.zeros(design.n_columns)
    if design.intercept and rows.offset is None:
        coef[0] = null_coefficient(rows)
    here = evaluate(design, rows, coef)
    exists = False
    separation: Separation | None = None
    status: Status = "not converged"
    n_iter = 0
    while n_iter < max_iter:
        step = solve_information(here.information, here.score)
        if step is None or (n_iter >= _STEPS_BEFORE_PROGRAMME and not exists):
            separation = find_separation(design, rows.y, here.eta)
            if separation is not None:
                status = "separated"
                break
            exists = True
            if step is None:
                break
        n_iter += 1
        if _gradient(here, rows) <= tol and (exists or _certified(design, rows, here, step)):
            coef = coef + step
            here = evaluate(design, rows, coef) if np.abs(step).max(initial=0.0) > tol else here
            status = "certified"
            break
        coef, following = _safe_step(design, rows, coef, here, step)
        if following is here:
            break
        here = following
    return finish(design, rows, coef, here, status=status, n_iter=n_iter, separation=separation)


def solve_information(information: FloatArray, score: FloatArray) -> FloatArray | None:
    """Solve for the Newton step; None where the information is singular to working precision."""
    from scipy.linalg import LinAlgError, cho_factor, cho_solve

    if not len(score):
        return score.copy()
    try:
        factor = cho_factor(information, lower=True)
    except LinAlgError:
        return None
    diagonal = np.abs(np.diag(factor[0]))
    if diagonal.min() ** 2 * _WORST_CONDITION < diagonal.max() ** 2:
        return None
    step: FloatArray = cho_solve(factor, score)
    return step


def _safe_step(design: Design, rows: Rows, coef: FloatArray, here: Pass, step: FloatArray) -> tuple[FloatArray, Pass]:
    """Take the largest of the steps 1, 1/2, 1/4, ... that does not lower the log-likelihood."""
    slack = 1e-12 * abs(here.log_likelihood)
    for halving in range(_HALVINGS):
        trial = coef + step / 2**halving
        there = evaluate(design, rows, trial)
        if there.log_likelihood >= here.log_likelihood - slack:
            return trial, there
    return coef, here


def _gradient(here: Pass, rows: Rows) -> float:
    return float(np.abs(here.score).max(initial=0.0)) / rows.total


def _certified(design: Design, rows: Rows, here: Pass, step: FloatArray) -> bool:
    change = design.product(step)
    # a_i = p d for events, (p - 1) d for the others.
    largest = float(((risks(here.eta) - (1 - rows.y)) * change).max(initial=0.0))
    return largest <= _CERTIFICATE


def finish(
    design: Design,
    rows: Rows,
    coef: FloatArray,
    here: Pass,
    *,
    status: Status,
    n_iter: int,
    separation: Separation | None,
) -> BinomialFit:
    """Bring a fit on standardised columns back to the units of the columns."""
    T = design.to_columns()
    inverse = invert(here.information)
    return BinomialFit(
        coef=T @ coef,
        covariance=to_units(design, inverse),
        inverse=inverse,
        linear_predictor=here.eta,
        log_likelihood=here.log_likelihood,
        status=status,
        n_iter=n_iter,
        gradient=_gradient(here, rows),
        condition=float(np.linalg.cond(here.information)) if len(coef) else 1.0,
        aliases=design.aliases,
        separation=separation,
        design=design,
    )


def to_units(design: Design, covariance: FloatArray) -> FloatArray:
    """Bring a covariance on standardised columns back to the units of the columns; NaN for aliases."""
    T = design.to_columns()
    result: FloatArray = T @ covariance @ T.T
    left_out = [alias.column + int(design.intercept) for alias in design.aliases]
    result[left_out, :] = np.nan
    result[:, left_out] = np.nan
    return (result + result.T) / 2


def invert(information: FloatArray) -> FloatArray:
    """Invert an information matrix, exactly symmetric; NaN where it is singular."""
    if not np.all(np.isfinite(information)):
        return np.full_like(information, np.nan)
    try:
        inverse = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return np.full_like(information, np.nan)
    symmetric: FloatArray = (inverse + inverse.T) / 2
    return symmetric
