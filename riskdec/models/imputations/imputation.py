"""Models of several completed data sets as one: coefficients and risks pooled by Rubin's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.checks import refuse
from riskdec.models.faces import require_fitted
from riskdec.models.imputations.pooled_fit import pool_fits
from riskdec.models.imputations.pooled_model import PooledRiskModel
from riskdec.models.inference.faces import fit_of
from riskdec.models.regression.logistic import LogisticRiskModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec.models.regression.logistic_fit import LogisticFit


def pool_imputations(models: Sequence[LogisticRiskModel]) -> PooledRiskModel:
    """Pool models that were fitted to imputations of one data set, by Rubin's rules.

    Imputing is done elsewhere (mice in R, `statsmodels.imputation.mice`, `sklearn.impute.IterativeImputer` with
    ``sample_posterior=True``); the outcome belongs among the columns that it uses.

    Parameters
    ----------
    models : sequence of LogisticRiskModel
        One for each completed data set, two at least, fitted with the same options, columns and row weights.

    Returns
    -------
    PooledRiskModel
        Predicts, is diagnosed, decides and is saved like any risk model; `summary`, `params`, `bse`, `conf_int` and
        `risk_interval` are pooled.

    Raises
    ------
    InputError
        For models that are not of the same columns, rows, outcomes, method or knots.

    Notes
    -----
    Coefficients are averaged; their variance is the mean variance within imputations plus ``1 + 1/m`` times the
    variance between them; t intervals have the degrees of freedom of Barnard and Rubin (1999) with ``n - k`` (few
    clusters: ``G - 1``) for complete data, as R's ``mice::pool``. Risks are pooled on the scale of log-odds.

    References
    ----------
    Rubin DB (1987). Multiple imputation for nonresponse in surveys. Wiley. doi:10.1002/9780470316696
    Barnard J, Rubin DB (1999). Small-sample degrees of freedom with multiple imputation. Biometrika 86:948-955.
    doi:10.1093/biomet/86.4.948
    White IR, Royston P, Wood AM (2011). Multiple imputation using chained equations. Statistics in Medicine
    30:377-399. doi:10.1002/sim.4067

    Examples
    --------
    >>> import numpy as np
    >>> from riskdec import LogisticRiskModel, pool_imputations
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=300)
    >>> y = rng.random(300) < 1 / (1 + np.exp(1 - x))
    >>> gap = rng.random(300) < 0.3  # draws from N(0.5 y, 1) stand for an imputation model here
    >>> completed = [np.where(gap, 0.5 * y + rng.normal(size=300), x) for _ in range(5)]
    >>> pooled = pool_imputations([LogisticRiskModel().fit(column[:, None], y) for column in completed])
    >>> pooled
    <PooledRiskModel: 5 imputations, 2 coefficients>
    """
    known = list(models)
    if len(known) < 2:
        cure = "One imputation says nothing of how uncertain the missing values are: make five or more."
        raise refuse("models", "be two fitted models at least", f"{len(known)}", cure)
    for model in known:
        if not isinstance(model, LogisticRiskModel):
            raise refuse("models", "be fitted LogisticRiskModel objects", f"a {type(model).__name__}")
        require_fitted(model, "fit_result_")
    fits = [fit_of(model) for model in known]
    _check_alike(known, fits)
    return PooledRiskModel(known, pool_fits(fits))


def _check_alike(models: list[LogisticRiskModel], fits: list[LogisticFit]) -> None:
    first = fits[0]
    for j, (model, fit) in enumerate(zip(models, fits, strict=True)):
        for name in ("terms", "outcomes", "n", "method", "covariance_kind", "n_groups", "aliases"):
            if getattr(fit, name) != getattr(first, name):
                got = (
                    f"{name} {getattr(first, name)!r:.80} in the first and {getattr(fit, name)!r:.80} in number {j + 1}"
                )
                cure = "Fit every imputation with the same options; with penalty='firth' where some are separated."
                raise refuse("models", "be of the same columns, rows, outcomes and method", got, cure)
        for name in ("event", "class_weight", "formula"):
            if getattr(model, name) != getattr(models[0], name):
                raise refuse("models", f"have the same {name}", f"different ones in number {j + 1}")
        mine, theirs = (None if m.design_ is None else m.design_.to_state() for m in (models[0], model))
        if mine != theirs:
            cure = "Give the knots, for example rcs(age, [30, 50, 70]), so that coefficients mean the same everywhere."
            raise refuse("models", "have the same knots and levels", f"others in number {j + 1}", cure)
