"""The same estimate as a statsmodels results object, for everything that statsmodels can do with one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_groups, refuse
from riskdec.errors import RiskdecError
from riskdec.models.inference.terms import estimated
from riskdec.models.inference.validity import refuse_method, why_not_maximal

if TYPE_CHECKING:
    import pandas as pd

    from riskdec._base.typing import ArrayLike
    from riskdec.models.inference.rows import FittedRows
    from riskdec.models.regression.logistic_fit import LogisticFit

_SAME = 1e-6


def to_statsmodels(fit: LogisticFit, rows: FittedRows, *, groups: ArrayLike | None = None) -> Any:
    """Give statsmodels' results at the same estimate.

    Parameters
    ----------
    fit : LogisticFit
        By maximum likelihood.
    rows : FittedRows
        The rows of the fit; statsmodels keeps them, so pickling the results pickles the data.
    groups : array-like of shape (n,), optional
        Groups of the rows, needed exactly when the model was fitted with some.

    Returns
    -------
    GLMResults or MultinomialResults
        With two outcomes a binomial `GLM`, with more an `MNLogit`. Columns are named by the terms of the fit, aliased
        ones are left out. The covariance is that of the fit: "nonrobust", "HC0" under class or importance weights,
        "cluster" with groups. Frequency weights are ``freq_weights``, class and importance weights ``var_weights``.

    Raises
    ------
    InputError
        For fits by Firth and FLIC, which statsmodels would call what they are not; for weights or an offset with more
        than two outcomes, which `MNLogit` does not have.
    """
    if why_not_maximal(fit):
        cure = "statsmodels would call a penalised estimate a maximum likelihood estimate."
        raise refuse_method(fit, "a statsmodels object", cure)
    if (groups is None) != (fit.n_groups is None):
        had = "without any" if fit.n_groups is None else f"with {fit.n_groups}"
        raise refuse("groups", f"be used as in fit, which was {had}", "none" if groups is None else "some")
    options: dict[str, Any] = {"cov_type": "nonrobust" if fit.covariance_kind == "model" else "HC0"}
    if groups is not None:
        options = {"cov_type": "cluster", "cov_kwds": {"groups": check_groups(groups, len(rows.codes))}}
    kept = estimated(fit)[: len(fit.terms)]
    start = np.atleast_2d(fit.coef)[:, kept].T
    results = (_binomial if rows.n_outcomes == 2 else _multinomial)(fit, rows, start, options)
    if np.abs(results.params.to_numpy() - start.reshape(results.params.shape)).max() > _SAME * np.abs(start).max():
        message = "statsmodels moved away from the maximum likelihood estimate that it was started at"
        raise RiskdecError(message)
    return results


def _binomial(fit: LogisticFit, rows: FittedRows, start: Any, options: dict[str, Any]) -> Any:
    import pandas as pd
    import statsmodels.api as sm

    model = sm.GLM(
        pd.Series(rows.codes.astype(np.float64), name=fit.outcomes[1]),
        _columns(fit, rows),
        family=sm.families.Binomial(),
        offset=rows.offset,
        freq_weights=rows.weights.multiplicity,
        var_weights=rows.weights.single,
    )
    return model.fit(start_params=start[:, 0], tol=1e-12, **options)


def _multinomial(fit: LogisticFit, rows: FittedRows, start: Any, options: dict[str, Any]) -> Any:
    import statsmodels.api as sm

    if rows.weights.total is not None or rows.offset is not None:
        got = "an offset" if rows.weights.total is None else "weights"
        raise refuse("the fit", "have neither weights nor an offset for MNLogit", got, "Model one outcome at a time.")
    model = sm.MNLogit(rows.codes, _columns(fit, rows))
    return model.fit(start_params=start.ravel(order="F"), method="newton", disp=0, tol=1e-12, **options)


def _columns(fit: LogisticFit, rows: FittedRows) -> pd.DataFrame:
    import pandas as pd

    kept = estimated(fit)[: len(fit.terms)]
    first = np.ones((len(rows.codes), int(rows.intercept)))
    columns = np.column_stack([first, rows.X])[:, kept].astype(np.float64)
    return pd.DataFrame(columns, columns=[term for term, known in zip(fit.terms, kept, strict=True) if known])
