"""A fitted likelihood in the units of the columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.likelihood.existence import Separation
    from riskdec.likelihood.protocol import Likelihood, Pass
    from riskdec.likelihood.rows.design import Alias, Design

Status = Literal["certified", "separated", "not converged"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LogitFit:
    """Coefficients in the units of the columns, and how they were reached.

    Shapes are given for the binomial likelihood, with k = 1 + p coefficients (p without an intercept), and for the
    multinomial one with K outcomes: there ``coef`` has one row for each outcome but the first, and matrices stand in
    the order of ``coef.ravel()``.

    Attributes
    ----------
    coef : ndarray of shape (k,) or (K - 1, k)
        Intercept first where there is one; columns left out as aliases have 0.
    covariance : ndarray, square
        Inverse information; NaN for aliases.
    inverse : ndarray, square
        The same on standardised columns, without the aliases.
    linear_predictor : ndarray of shape (n,) or (n, K - 1)
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


def finish(
    design: Design,
    rows: Likelihood,
    coef: FloatArray,
    here: Pass,
    *,
    status: Status,
    n_iter: int,
    separation: Separation | None,
) -> LogitFit:
    """Bring a fit on standardised columns back to the units of the columns."""
    T = design.to_columns(rows.n_predictors)
    in_units = T @ coef
    inverse = invert(here.information)
    return LogitFit(
        coef=in_units if here.eta.ndim == 1 else in_units.reshape(rows.n_predictors, -1),
        covariance=_in_units(design, T, inverse),
        inverse=inverse,
        linear_predictor=here.eta,
        log_likelihood=here.log_likelihood,
        status=status,
        n_iter=n_iter,
        gradient=gradient_per_row(here, rows),
        condition=condition_number(here.information),
        aliases=design.aliases,
        separation=separation,
        design=design,
    )


def gradient_per_row(here: Pass, rows: Likelihood) -> float:
    """Give the largest absolute score over the sum of weights."""
    return float(np.abs(here.score).max(initial=0.0)) / rows.total


def to_units(design: Design, covariance: FloatArray, n_predictors: int) -> FloatArray:
    """Bring a covariance on standardised columns back to the units of the columns; NaN for aliases."""
    return _in_units(design, design.to_columns(n_predictors), covariance)


def _in_units(design: Design, T: FloatArray, covariance: FloatArray) -> FloatArray:
    result: FloatArray = T @ covariance @ T.T
    for alias in design.aliases:
        left_out = slice(alias.column + int(design.intercept), None, int(design.intercept) + design.X.shape[1])
        result[left_out, :] = np.nan
        result[:, left_out] = np.nan
    return (result + result.T) / 2


def condition_number(information: FloatArray) -> float:
    """Give the ratio of the largest to the smallest eigenvalue in size; infinite for a singular matrix."""
    from scipy.linalg.lapack import dsyevd

    if not len(information):
        return 1.0
    eigenvalues, _, failed = dsyevd(information, compute_v=0)
    size = np.abs(eigenvalues)
    smallest = float(size.min())
    return float(size.max()) / smallest if not failed and smallest > 0 else np.inf


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
