"""The main figures of fitted models, for notebooks."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from riskdec._base.checks import choose_event, refuse
from riskdec._base.notebook import MOST_LINES, Glance, explained, some_of
from riskdec._base.table import Table, count, number, percent
from riskdec.calibration.at_a_glance import parameter_rows
from riskdec.errors import InputError
from riskdec.models.calibrated.calibrated_model import CalibratedRiskModel
from riskdec.models.decision_classifier import DecisionClassifier
from riskdec.models.regression.logistic import LogisticRiskModel
from riskdec.models.shrinking.ridge_fit import RidgeFit
from riskdec.models.tables.tabular import TabularRiskModel
from riskdec.models.tables.tabular_rows import Recalibration

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray
    from riskdec.models.calibrated.fitted_model import FittedRiskModel
    from riskdec.models.regression.logistic_fit import LogisticFit

_MOST_SENTENCES = 4

Rows = tuple[tuple[str, str], ...]


@singledispatch
def glance_at(model: object) -> Glance | None:
    """Give what to show of a model, by its class; None before `fit`."""
    raise refuse("model", "be of a class that has a glance", f"a {type(model).__name__}")


@glance_at.register(LogisticRiskModel)
def glance_at_logistic(model: LogisticRiskModel) -> Glance | None:
    """Give what to show of a logistic regression."""
    if "fit_result_" not in vars(model):
        return None
    fit = model.fit_result_
    return Glance(
        title=f"{type(model).__name__}, fitted by {model.method_}",
        rows=(*_sizes(fit, model.classes_, model.event), *_fit(fit), *_expected_slope(model)),
        findings=fit.findings,
        more=_if_short(model, fit),
    )


@glance_at.register(TabularRiskModel)
def glance_at_table_model(model: TabularRiskModel) -> Glance | None:
    """Give what to show of a model on tables."""
    if "model_" not in vars(model):
        return None
    fit, line = model.fit_result_, model.recalibration_
    if fit is None:
        sizes: Rows = (("event", _event(model.classes_, model.event)), ("learner", type(model.model_).__name__))
    else:
        sizes = (*_sizes(fit, model.classes_, model.event), *_fit(fit))
    recalibrated = "no" if line is None else type(line).__name__
    if isinstance(line, Recalibration):
        recalibrated = f"intercept {number(line.intercept, 3)}, slope {number(line.slope, 3)} of the log-odds"
    n_missing = sum(column.n_missing > 0 for column in model.encoding_.columns)
    columns = f"{len(model.encoding_.columns)}, {n_missing} of them with missing values"
    return Glance(
        title=f"{type(model).__name__}, fitted by {'a learner' if fit is None else fit.method}",
        rows=(*sizes, ("columns", columns), ("recalibrated on rows left out", recalibrated)),
        findings=model.findings_,
        more=_if_short(model, fit),
    )


@glance_at.register(CalibratedRiskModel)
def glance_at_calibrated(model: CalibratedRiskModel) -> Glance | None:
    """Give what to show of a calibrated classifier."""
    if "estimator_" not in vars(model):
        return None
    summary = model.summary()
    parameters: Rows = () if model.calibrator_ is None else parameter_rows(model.calibrator_.summary())
    return Glance(
        title=f"{type(model).__name__}, calibrated by {model.method_}",
        rows=(
            ("event", _event(model.classes_, model.event)),
            *((name, value) for name, value in summary.rows if name != "calibrated by"),
            *parameters,
        ),
        findings=model.findings_,
        more=summary,
    )


def glance_at_fitted(model: FittedRiskModel) -> Glance | None:
    """Give what to show of a classifier with the methods of a risk model."""
    if "classes_" not in vars(model):
        return None
    kept = "recognised" if model.fingerprint_ is not None else "not recognised: the classifier keeps no fingerprint"
    rows = (("event", _event(model.classes_, model.event)), ("its training rows", kept))
    return Glance(title=f"{type(model.estimator).__name__} as a risk model", rows=rows, findings=())


@glance_at.register(DecisionClassifier)
def glance_at_decisions(model: DecisionClassifier) -> Glance | None:
    """Give what to show of a classifier that decides."""
    if "estimator_" not in vars(model):
        return None
    from riskdec.decisions import CostMatrix, as_costs

    try:
        costs = as_costs(model.costs)
    except InputError as err:
        # `fit` does not look at costs; a notebook shows what is wrong with them, and does not fail.
        sentences: tuple[str, ...] = (str(err),)
    else:
        sentences = costs.sentences() if isinstance(costs, CostMatrix) else (repr(costs),)
    rows = (
        ("event", _event(model.classes_, model.event)),
        ("probabilities by", type(model.estimator_).__name__),
        *(("costs" if k == 0 else "", sentence) for k, sentence in enumerate(sentences[:_MOST_SENTENCES])),
    )
    return Glance(title=f"{type(model).__name__}, fitted", rows=rows, findings=())


def _sizes(fit: LogisticFit | RidgeFit, classes: AnyArray, event: object) -> Rows:
    """Say how many rows there are, and of which outcomes."""
    shown = zip(classes.tolist(), fit.n_by_outcome, strict=True)
    parts = {label: f"{count(n)} ({percent(n / fit.n)})" for label, n in shown}
    rows = ("rows", count(fit.n))
    named = _named_event(classes, event)
    if named is not None:
        return rows, ("event", f"{named}: {parts[named]}")
    return rows, ("outcomes (no event named)", some_of([f"{label}: {part}" for label, part in parts.items()]))


def _fit(fit: LogisticFit | RidgeFit) -> Rows:
    """Say what was estimated, and how well it explains the rows of the fit."""
    coefficients = ("coefficients", f"{count(fit.coef.size)}, intercept included")
    if isinstance(fit, RidgeFit):
        coefficients = ("effective parameters", number(fit.effective_parameters, 3))
    rows: Rows = (
        coefficients,
        ("log-likelihood", explained(fit.log_likelihood, fit.null_log_likelihood)),
    )
    if isinstance(fit, RidgeFit):
        rows += (("penalty alpha", number(fit.alpha)),)
    if fit.by_class is not None:
        rows += (("class weights", f"{', '.join(map(number, fit.by_class))}: these are not risks"),)
    return rows if fit.converged else (*rows, ("converged", "NO"))


def _expected_slope(model: LogisticRiskModel) -> Rows:
    """Say what calibration to expect on new rows, where the likelihood tells."""
    if isinstance(model.fit_result_, RidgeFit):
        return ()
    shrinkage = model.fit_statistics().shrinkage
    if shrinkage is None:
        return ()
    return (("calibration slope to expect on new rows", number(shrinkage, 3) if shrinkage > 0 else "none above 0"),)


def _event(classes: AnyArray, event: object) -> str:
    named = _named_event(classes, event)
    among = some_of([str(label) for label in classes.tolist()])
    return f"{named}, of {among}" if named is not None else f"none named, of {among}"


def _named_event(classes: AnyArray, event: object) -> object:
    """Give the event if there is one without asking."""
    try:
        return choose_event(classes, event, name="y")
    except InputError:
        return None


def _if_short(model: LogisticRiskModel | TabularRiskModel, fit: LogisticFit | RidgeFit | None) -> Table:
    if fit is None or fit.coef.size <= MOST_LINES:
        return model.summary()
    return Table(notes=(f"{count(fit.coef.size)} coefficients: print(model.summary())",))
