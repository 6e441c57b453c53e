"""Fits of the shift and of the line, from single rows, or a bounded number of distinct forecasts at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import logit

from riskdec._base.threads import one_blas_thread
from riskdec.diagnostics.draws import pool_neighbours
from riskdec.diagnostics.slopes.recalibration_rows import robust_covariance, row_cells, single_rows
from riskdec.likelihood import fit_binomial
from riskdec.likelihood.binomial import risk_and_normaliser, risks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import FloatArray
    from riskdec.diagnostics.slopes.recalibration_rows import RecalibrationRows
    from riskdec.likelihood.fit import Status
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

# Above so many distinct forecasts the rows of a fit are not kept: they are read so many at a time.
_MANY = 100_000
_CHUNK = 65_536
# Pooled to so many forecasts, the estimates are off by about 1e-5 standard errors: the start of the exact ones.
_START = 65_536
# What a Newton step may still gain in log-likelihood: 1e-8 standard errors.
_GAIN = 1e-16
_STEPS = 10


class RecalibrationFit(NamedTuple):
    """Maximum likelihood of ``logit P(y = 1) = a + b logit p``, with b held at 1 (the shift) or free (the line).

    Attributes
    ----------
    coef : ndarray of shape (1,) or (2,)
        The shift; or intercept and slope.
    naive : ndarray, square
        Inverse information.
    covariance : ndarray, square
        The same for frequency weights, a sandwich for importance weights and for groups.
    log_likelihood : float
        The maximum.
    information : float
        About the shift: sum of weight times ``q (1 - q)`` at the fitted risks q.
    status : {"certified", "separated", "not converged"}
        Whether the estimate exists.
    is_constant : bool
        Whether all risks are the same, so that there is no slope.
    """

    coef: FloatArray
    naive: FloatArray
    covariance: FloatArray
    log_likelihood: float
    information: float
    status: Status
    is_constant: bool


class _Pass(NamedTuple):
    value: float
    score: FloatArray
    information: FloatArray
    meat: FloatArray


def fit_shift(sums: ForecastSums, given: Forecasts) -> RecalibrationFit:
    """Fit the shift, the slope held at 1; of `given` the rows are used only where they come in groups."""
    return _fit(sums, given, free=1)


def fit_line(sums: ForecastSums, given: Forecasts) -> RecalibrationFit:
    """Fit intercept and slope; of `given` the rows are used only where they come in groups."""
    return _fit(sums, given, free=2)


def log_likelihood_as_given(sums: ForecastSums) -> float:
    """Give the log-likelihood of the risks themselves."""
    return _read(sums, np.array([0.0, 1.0])).value


def _fit(sums: ForecastSums, given: Forecasts, free: int) -> RecalibrationFit:
    if given.groups is not None:
        return _fit_rows(single_rows(given), given, free)
    if len(sums.risk) > _MANY:
        start = _fit_rows(row_cells(pool_neighbours(sums, _START)), given, free)
        found = _refine(sums, start, is_importance=given.weight_kind == "importance")
        if found is not None:
            return found
    return _fit_rows(row_cells(sums), given, free)


def _fit_rows(rows: RecalibrationRows, given: Forecasts, free: int) -> RecalibrationFit:
    X = rows.logit[:, None] if free == 2 else np.empty((len(rows.y), 0))
    fit = fit_binomial(X, rows.y, weight=rows.weight, offset=rows.logit if free == 1 else None)
    risk = risks(fit.linear_predictor)
    return RecalibrationFit(
        coef=fit.coef,
        naive=fit.covariance,
        covariance=robust_covariance(fit, rows, given),
        log_likelihood=fit.log_likelihood,
        information=float((rows.weight * risk * (1 - risk)).sum()),
        status=fit.status,
        is_constant=bool(fit.aliases),
    )


def _refine(sums: ForecastSums, start: RecalibrationFit, *, is_importance: bool) -> RecalibrationFit | None:
    """Take Newton steps on all forecasts; None where these do not arrive, as on separated outcomes."""
    if start.status != "certified" or start.is_constant:
        return None
    free = len(start.coef)
    coef = np.append(start.coef, 1.0)[:2]
    for _ in range(_STEPS):
        here = _read(sums, coef)
        naive: FloatArray = np.linalg.inv(here.information[:free, :free]).astype(np.float64, copy=False)
        step = naive @ here.score[:free]
        if step @ here.score[:free] <= _GAIN:
            covariance: FloatArray = naive @ here.meat[:free, :free] @ naive if is_importance else naive
            information = float(here.information[0, 0])
            return start._replace(
                coef=coef[:free],
                naive=naive,
                covariance=covariance,
                log_likelihood=here.value,
                information=information,
            )
        coef[:free] += step
    return None


def _read(sums: ForecastSums, coef: FloatArray) -> _Pass:
    """Add up log-likelihood, score, information and squared scores at an intercept and a slope."""
    value, score = 0.0, np.zeros(2)
    information, meat = np.zeros((2, 2)), np.zeros((2, 2))
    with one_blas_thread():
        for rows in _chunks(len(sums.risk)):
            weight, events = sums.weight[rows], sums.events[rows]
            line = np.stack([np.ones(len(weight)), logit(sums.risk[rows])])
            eta = coef @ line
            risk, normaliser = risk_and_normaliser(eta)
            value += float((events * eta - weight * normaliser).sum())
            score += line @ (events - weight * risk)
            information += (line * (weight * risk * (1 - risk))) @ line.T
            hits, squares = sums.squared_events[rows], sums.squared_weight[rows]
            meat += (line * (hits * (1 - risk) ** 2 + (squares - hits) * risk**2)) @ line.T
    return _Pass(value, score, information, meat)


def _chunks(n: int) -> Iterator[slice]:
    return (slice(begin, begin + _CHUNK) for begin in range(0, n, _CHUNK))
