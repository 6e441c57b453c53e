"""FLAC: Firth's penalty as weighted pseudo-rows, kept apart so that risks average right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.threads import one_blas_thread
from riskdec.likelihood.binomial import Rows, risks
from riskdec.likelihood.leverage import leverages
from riskdec.likelihood.newton import fit_binomial
from riskdec.likelihood.penalised.firth import fit_firth
from riskdec.likelihood.wide.block_matrix import repeat_with_column

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.likelihood.fit import LogitFit


def fit_flac(
    X: AnyArray,
    y: AnyArray,
    *,
    weight: FloatArray | None = None,
    offset: FloatArray | None = None,
    tol: float = 1e-8,
    max_iter: int = 100,
) -> LogitFit:
    """Fit by maximum likelihood on the data and the pseudo-data that Firth's penalty stands for, told apart.

    Parameters
    ----------
    X, y, weight, offset, tol, max_iter
        As in `fit_binomial`; there is always an intercept.

    Returns
    -------
    LogitFit
        On the columns of X. ``covariance`` is the inverse information of the augmented data, the pseudo-rows'
        indicator left out; ``log_likelihood`` that of the rows themselves. The average risk equals the event rate.

    Notes
    -----
    With leverages ``h_i`` of the Firth fit, each row appears once as it is and twice as pseudo-row of weight
    ``h_i / 2``, with outcomes ``y_i`` and ``1 - y_i``. A column that is 1 on pseudo-rows takes up what they would do
    to the intercept, and is 0 in prediction. Without that column the augmented fit is Firth's fit.

    References
    ----------
    Puhr R et al. (2017). Firth's logistic regression with rare events: accurate effect estimates and predictions?
    Statistics in Medicine 36:2302-2317. doi:10.1002/sim.7273

    Examples
    --------
    >>> X, y = np.arange(8.0)[:, np.newaxis], np.array([0, 0, 0, 0, 0, 0, 1, 1])
    >>> fit = fit_flac(X, y)
    >>> bool(abs(risks(fit.linear_predictor).mean() - y.mean()) < 1e-12)
    True
    """
    firth = fit_firth(X, y, weight=weight, offset=offset, tol=tol, max_iter=max_iter)
    rows, outcome, weights, known = augment(firth, X, y, weight=weight, offset=offset)
    fit = fit_binomial(rows, outcome, weight=weights, offset=known, tol=tol, max_iter=max_iter)
    return _on_original_rows(fit, firth, Rows(y.astype(np.float64), weight, offset))


def augment(
    firth: LogitFit, X: AnyArray, y: AnyArray, *, weight: FloatArray | None, offset: FloatArray | None
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray | None]:
    """Give rows (the pseudo-rows' indicator last), outcomes, weights and offsets of data and pseudo-data."""
    n = len(y)
    risk = risks(firth.linear_predictor)
    single = np.ones(n) if weight is None else weight
    half = leverages(firth, single * risk * (1 - risk)) / 2
    indicator = np.repeat([0.0, 1.0, 1.0], n)[:, np.newaxis]
    rows = repeat_with_column(X, 3, indicator)
    outcome = np.concatenate([y, y, 1.0 - y])
    return rows, outcome, np.concatenate([single, half, half]), None if offset is None else np.tile(offset, 3)


def _on_original_rows(fit: LogitFit, firth: LogitFit, rows: Rows) -> LogitFit:
    """Leave the pseudo-rows and their indicator out of a fit, and bring it to the design of the rows themselves."""
    coef, covariance = fit.coef[:-1], fit.covariance[:-1, :-1]
    design = firth.design
    known = np.concatenate([[0], 1 + design.kept])
    to_columns = design.to_columns()[known]
    to_design = np.linalg.inv(to_columns)
    standardised = to_design @ coef[known]
    with one_blas_thread():
        here = rows.evaluate(design, standardised)
    return replace(
        fit,
        coef=coef,
        covariance=covariance,
        inverse=to_design @ covariance[np.ix_(known, known)] @ to_design.T,
        linear_predictor=here.eta,
        log_likelihood=here.log_likelihood,
        aliases=firth.aliases,
        design=design,
        status=fit.status if firth.converged else firth.status,
    )
