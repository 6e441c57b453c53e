"""Fits of the rungs: each model of the ladder by maximum likelihood, and its restrictions of the highest one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.likelihood import fit_binomial, risks, sandwich_covariance
from riskdec.likelihood.binomial import risk_and_normaliser

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.likelihood import LogitFit
    from riskdec.scores.forecasts import Forecasts

NONE, SHIFT, LINE, REFIT = "none", "citl", "citl and slope", "refit"


class RungFit(NamedTuple):
    """One model of the ladder.

    Attributes
    ----------
    name : str
        Its rung.
    coef : ndarray of shape (m,)
        What it estimates: nothing; the shift; intercept and slope; these and a coefficient for each column.
    covariance : ndarray of shape (m, m)
        Inverse information, or the sandwich where the likelihood is none.
    log_likelihood : float
        At its maximum.
    aliases : tuple of int
        Columns without a coefficient of their own.
    obstacle : str
        Why there is no estimate; empty where there is one.
    """

    name: str
    coef: FloatArray
    covariance: FloatArray
    log_likelihood: float
    aliases: tuple[int, ...]
    obstacle: str

    @property
    def n_parameters(self) -> int:
        """Number of free coefficients."""
        return len(self.coef) - len(self.aliases)


def fit_rungs(given: Forecasts, log_odds: FloatArray, X: FloatArray | None) -> list[RungFit]:
    """Fit every model of the ladder, lowest first."""
    columns = log_odds[:, None] if X is None else np.column_stack([log_odds, X])
    fits = [_as_given(given, log_odds), _fit(SHIFT, given, np.empty((len(log_odds), 0)), offset=log_odds)]
    fits.append(_fit(LINE, given, columns[:, :1]))
    if X is not None:
        fits.append(_fit(REFIT, given, columns))
    return fits


def each_weight(given: Forecasts) -> FloatArray:
    """Give a weight for every row."""
    return np.ones(len(given.risk)) if given.weight is None else given.weight


def is_likelihood(given: Forecasts) -> bool:
    """Say whether the weighted log-likelihood is one: independent rows, weights that count them."""
    return given.groups is None and given.weight_kind == "frequency"


def _as_given(given: Forecasts, log_odds: FloatArray) -> RungFit:
    normaliser = risk_and_normaliser(log_odds)[1]
    value = float((each_weight(given) * (given.is_event * log_odds - normaliser)).sum())
    return RungFit(NONE, np.empty(0), np.empty((0, 0)), value, (), "")


def _fit(name: str, given: Forecasts, X: FloatArray, offset: FloatArray | None = None) -> RungFit:
    fit = fit_binomial(X, given.is_event, weight=given.weight, offset=offset)
    aliases = tuple(alias.column for alias in fit.aliases)
    return RungFit(
        name=name,
        coef=fit.coef,
        covariance=_covariance(fit, given),
        log_likelihood=fit.log_likelihood,
        aliases=tuple(column + 1 for column in aliases),
        obstacle=_obstacle(name, fit, aliases),
    )


def _obstacle(name: str, fit: LogitFit, aliases: tuple[int, ...]) -> str:
    if name != SHIFT and 0 in aliases:
        return "all risks are the same, so there is no slope"
    if fit.status == "separated":
        return "the model separates events from non-events, so it has no maximum likelihood estimate"
    return "" if fit.status == "certified" else "its iteration did not converge"


def _covariance(fit: LogitFit, given: Forecasts) -> FloatArray:
    if is_likelihood(given) or not fit.converged:
        return fit.covariance
    residual = given.is_event - risks(fit.linear_predictor)
    weight = each_weight(given)
    if given.weight_kind == "frequency":
        return sandwich_covariance(fit, residual, multiplicity=weight, groups=given.groups)
    return sandwich_covariance(fit, weight * residual, groups=given.groups)
