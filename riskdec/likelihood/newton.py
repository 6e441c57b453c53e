"""Maximum likelihood by Newton's method, returned only with the proof that the maximum exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.binomial import Pass, Rows, evaluate, null_coefficient, risks
from riskdec.likelihood.existence import Separation, find_separation
from riskdec.likelihood.rank import Alias, make_design

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.likelihood.design import Design

Status = Literal["certified", "separated", "not converged"]

# Newton needs 4 to 9 steps where the maximum exists and the data are not close to separation.
_STEPS_BEFORE_PROGRAMME = 12
# The certificate holds for every value below 1; separated data never come below 1, others go to 0.
_CERTIFICATE = 0.5
# The information must be invertible with this many digits to spare.
_WORST_CONDITION = 1e12
_HALVINGS = 30
# With many rows the first steps are taken on a sample of them, which leaves two or three on all.
_SAMPLE_ROWS = 20_000
_LEAST_STRIDE = 4
_SAMPLE_STEPS = 6
_FARTHEST_START = 30.0


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


class NewtonStep(NamedTuple):
    """The solution of ``information @ step = score``, and whether the digits of the solution can be trusted."""

    step: FloatArray
    trusted: bool


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
    coef = _start(design, rows)
    here = evaluate(design, rows, coef)
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
        near = _gradient(here, rows) <= tol
        coef, there, halvings = _safe_step(design, rows, coef, here, newton.step)
        if near and (exists or (halvings == 0 and _certified(rows, here, there))):
            here = there
            status = "certified"
            break
        if there is here:
            break
        here = there
    return finish(design, rows, coef, here, status=status, n_iter=n_iter, separation=separation)


def _start(design: Design, rows: Rows) -> FloatArray:
    """Start at the best constant risk, or, with many rows, at the estimate from every so many of them."""
    coef = np.zeros(design.n_columns)
    if design.intercept:
        coef[0] = null_coefficient(rows)
    stride = design.n_rows // max(_SAMPLE_ROWS, 50 * design.n_columns)
    if stride < _LEAST_STRIDE:
        return coef
    sample = design.every(stride)
    part = rows.every(stride)
    here = evaluate(sample, part, coef)
    for _ in range(_SAMPLE_STEPS):
        newton = solve_information(here.information, here.score)
        if newton is None:
            break
        coef, here, _ = _safe_step(sample, part, coef, here, newton.step)
    # A separated or unlucky sample must not send the full data far away.
    return coef if np.abs(here.eta).max() < _FARTHEST_START else np.zeros(design.n_columns)


def solve_information(information: FloatArray, score: FloatArray) -> NewtonStep | None:
    """Solve for the Newton step; None where the information is not positive definite to working precision."""
    # LAPACK itself: at a dozen columns scipy's checked wrappers cost more than the factorisation.
    from scipy.linalg.lapack import dpotrf, dpotrs

    if not len(score):
        return NewtonStep(score.copy(), trusted=True)
    factor, failed = dpotrf(information, lower=1)
    if failed or not np.isfinite(factor).all():
        return None
    diagonal = np.diag(factor)
    trusted = bool(diagonal.min() ** 2 * _WORST_CONDITION >= diagonal.max() ** 2)
    return NewtonStep(dpotrs(factor, score, lower=1)[0], trusted=trusted)


def _safe_step(
    design: Design, rows: Rows, coef: FloatArray, here: Pass, step: FloatArray
) -> tuple[FloatArray, Pass, int]:
    """Take the largest of the steps 1, 1/2, 1/4, ... that does not lower the likelihood; count the halvings."""
    slack = 1e-12 * abs(here.log_likelihood)
    for halvings in range(_HALVINGS):
        trial = coef + step / 2**halvings
        there = evaluate(design, rows, trial)
        if there.log_likelihood >= here.log_likelihood - slack:
            return trial, there, halvings
    return coef, here, _HALVINGS


def _gradient(here: Pass, rows: Rows) -> float:
    return float(np.abs(here.score).max(initial=0.0)) / rows.total


def _certified(rows: Rows, here: Pass, there: Pass) -> bool:
    """Tell whether the full step from here proves that the maximum exists."""
    # a_i = p d for events, (p - 1) d for the others.
    change = there.eta - here.eta
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
