"""Log-odds of held-out rows under every ratio: along one path for unpenalised logistic models, else fit by fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.progress import progress
from riskdec.likelihood.class_weight_path import fit_class_weight_path
from riskdec.likelihood.rows.rank import make_design
from riskdec.models import LogisticRiskModel, TabularRiskModel
from riskdec.models.doors.door import open_for_prediction
from riskdec.models.tables.tabular_door import open_table
from riskdec.weighting.fitting import fit_scheme, predict_event, predict_weighted
from riskdec.weighting.schemes.scheme import Scheme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.weighting.door import Rows


class Swept(NamedTuple):
    """What the fits of a sweep say about the held-out rows.

    Attributes
    ----------
    log_odds : ndarray of shape (n, J)
        Of the event, under each ratio; infinite for risks of exactly 0 or 1.
    unweighted : ndarray of shape (n,)
        Those of the fit without weights.
    terms : tuple of str
        Names of the coefficients of a logistic model; empty for other models.
    coefficients : ndarray of shape (J, k) or None
        Log-odds of the event, under each ratio.
    obstacle : str
        Why a logistic model was fitted ratio by ratio; empty where it was not, or is none.
    separated : tuple of float
        Ratios whose fit is penalised because the outcomes are separated.
    """

    log_odds: FloatArray
    unweighted: FloatArray
    terms: tuple[str, ...]
    coefficients: FloatArray | None
    obstacle: str
    separated: tuple[float, ...]


class _Model(NamedTuple):
    """A logistic model inside a fitted estimator, and its rows as numbers."""

    model: LogisticRiskModel
    training: AnyArray
    test: AnyArray


def sweep_fits(estimator: Any, training: Rows, test_rows: Any, ratios: FloatArray) -> Swept:
    """Fit the estimator under every ratio, and give the log-odds of the event on the held-out rows."""
    event = training.outcome.event
    none = _fit(estimator, training, 1.0)
    obstacle = _obstacle(none, training.n)
    if not obstacle and (inner := _look_inside(none, training.X, test_rows)) is not None:
        swept = _follow_path(inner, training, ratios) if isinstance(inner.training, np.ndarray) else None
        if swept is not None:
            return swept
        obstacle = "the path of the estimates needs dense rows, and could not be followed on these"
    unweighted = _log_odds(predict_event(none, test_rows, event))
    columns, fits = np.empty((len(unweighted), len(ratios))), []
    for j, ratio in enumerate(progress(ratios.tolist(), label="fits under weights", total=len(ratios))):
        fitted = none if ratio == 1 else _fit(estimator, training, ratio)
        columns[:, j] = _log_odds(predict_weighted(fitted, test_rows, event, _scheme(training, ratio)))
        fits.append(_inner(fitted))
    terms, coefficients = _coefficients(fits, event)
    separated = tuple(ratio for ratio, fit in zip(ratios.tolist(), fits, strict=True) if _is_separated(fit))
    return Swept(columns, unweighted, terms, coefficients, obstacle, separated)


def _scheme(training: Rows, ratio: float) -> Scheme:
    non_event = next(label for label in training.outcome.classes.tolist() if label != training.outcome.event)
    labels = (non_event, training.outcome.event)
    return Scheme(name="none" if ratio == 1 else f"ratio {ratio:g}", labels=labels, weights=(1.0, ratio))


def _fit(estimator: Any, training: Rows, ratio: float) -> Any:
    return fit_scheme(
        estimator,
        training.X,
        training.labels,
        _scheme(training, ratio),
        is_event=training.outcome.is_event,
        groups=training.groups,
        weights=training.weights,
    )


def _inner(fitted: Any) -> LogisticRiskModel | None:
    inner = fitted.model_ if isinstance(fitted, TabularRiskModel) else fitted
    return inner if isinstance(inner, LogisticRiskModel) else None


def _is_separated(model: LogisticRiskModel | None) -> bool:
    return model is not None and model.separation_ is not None


def _obstacle(fitted: Any, n_rows: int) -> str:
    """Say why a logistic model has no path of maximum likelihood estimates; empty for other models too."""
    mixed = "so risks carry more than the shift of the weights, and a threshold and weights may part"
    model = _inner(fitted)
    if model is None:
        return ""
    if model.separation_ is not None:
        return f"the outcomes are separated, {mixed}"
    if model.method_ != "maximum likelihood":
        return f"the fit is penalised ({model.method_}), {mixed}"
    if isinstance(fitted, TabularRiskModel) and fitted.recalibration_ is not None:
        return f"its risks are recalibrated, {mixed}"
    if model.fit_result_.n != n_rows:
        return "the fit leaves out rows that lack values"
    return "" if model.converged_ else "the fit without weights did not converge"


def _look_inside(fitted: Any, X: Any, test_rows: Any) -> _Model | None:
    """Give the logistic model with its rows; None for any other learner."""
    model = _inner(fitted)
    if model is None:
        return None
    if isinstance(fitted, TabularRiskModel):
        return _Model(model, _encode(fitted, X), _encode(fitted, test_rows))
    return _Model(model, open_for_prediction(model, X), open_for_prediction(model, test_rows))


def _encode(fitted: TabularRiskModel, X: Any) -> FloatArray:
    return fitted.encoding_.encode(open_table(fitted, X, reset=False), unseen=fitted.unseen)


def _follow_path(inner: _Model, training: Rows, ratios: FloatArray) -> Swept | None:
    """Give all fits along the path; None where it could not be followed to its ends."""
    model, fit = inner.model, inner.model.fit_result_
    is_second = model.classes_.tolist()[1] == training.outcome.event
    intercept = fit.terms[:1] == ("Intercept",)
    weight = training.weights.values
    design = make_design(inner.training, weight=weight, intercept=intercept, for_readers=True)
    sign = 1.0 if is_second else -1.0
    unweighted = sign * fit.coef
    start = np.linalg.lstsq(design.to_columns(), unweighted, rcond=None)[0]
    path = fit_class_weight_path(design, training.outcome.is_event, start, ratios, weight)
    if not path.converged.all():
        return None
    return Swept(
        _predict(inner.test, path.coef, intercept=intercept),
        _predict(inner.test, unweighted[None, :], intercept=intercept)[:, 0],
        fit.terms,
        path.coef,
        "",
        (),
    )


def _predict(X: AnyArray, coef: FloatArray, *, intercept: bool) -> FloatArray:
    log_odds: FloatArray = X @ coef[:, int(intercept) :].T
    if intercept:
        log_odds += coef[:, 0]
    return log_odds


def _log_odds(risk: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(risk) - np.log1p(-risk), dtype=np.float64)


def _coefficients(fits: list[LogisticRiskModel | None], event: object) -> tuple[tuple[str, ...], FloatArray | None]:
    """Give the coefficients of logistic models that were fitted one by one."""
    models = list(_present(fits))
    if len(models) < len(fits):
        return (), None
    sign = 1.0 if models[0].classes_.tolist()[1] == event else -1.0
    terms = models[0].fit_result_.terms
    return terms, sign * np.array([np.ravel(model.fit_result_.coef) for model in models])


def _present(fits: list[LogisticRiskModel | None]) -> Iterator[LogisticRiskModel]:
    return (fit for fit in fits if fit is not None)
