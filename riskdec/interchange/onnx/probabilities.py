"""Which models have a graph, and how their parts follow each other in it."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse
from riskdec.calibration import Calibrator
from riskdec.interchange.onnx.calibrators import calibrate_logits, calibrated, check_scores
from riskdec.interchange.onnx.formulas import at_least, beside, log, log_softmax, softmax, softplus
from riskdec.interchange.onnx.graph import Value
from riskdec.interchange.onnx.inputs import Inputs
from riskdec.interchange.onnx.log_odds import from_log_odds, logistic_log_odds, pooled_log_odds
from riskdec.interchange.onnx.tables import table_log_odds
from riskdec.models import (
    CalibratedRiskModel,
    DecisionClassifier,
    FittedRiskModel,
    LogisticRiskModel,
    PooledRiskModel,
    TabularRiskModel,
)
from riskdec.models.shrinking.ridge_fit import RidgeFit
from riskdec.models.tables.tabular_rows import Recalibration
from riskdec.nn import CNNRiskModel

if TYPE_CHECKING:
    from riskdec.errors import InputError
    from riskdec.interchange.onnx.graph import Graph

_FOREIGN = (
    "Classifiers of other libraries are converted by skl2onnx (or the converter of their library) and their "
    "calibrators by to_onnx; to_skops keeps the whole model."
)


def open_inputs(graph: Graph, model: Any) -> Inputs:
    """Say how a model is given its rows: one matrix for models of arrays, a column each for models of frames."""
    inner = model
    while isinstance(inner, CalibratedRiskModel | FittedRiskModel):
        inner = inner.estimator_ if isinstance(inner, CalibratedRiskModel) else inner.estimator
    if isinstance(inner, PooledRiskModel):
        inner = inner.models_[0]
    learned = vars(inner)
    if "feature_names_in_" in learned:
        return Inputs(graph, columns=[str(name) for name in learned["feature_names_in_"]], array_width=None)
    return Inputs(graph, columns=(), array_width=learned.get("n_features_in_"))


@singledispatch
def probabilities(model: Any, inputs: Inputs) -> Value:
    """Give the probability of each class, shape (n, K).

    Raises
    ------
    InputError
        For models that have no graph.
    """
    raise refuse("model", "be a risk model or a calibrator of riskdec", f"a {type(model).__name__}", _FOREIGN)


@probabilities.register
def _(model: LogisticRiskModel, inputs: Inputs) -> Value:
    return from_log_odds(logistic_log_odds(inputs, model), len(model.classes_))


@probabilities.register
def _(model: PooledRiskModel, inputs: Inputs) -> Value:
    return from_log_odds(pooled_log_odds(inputs, model), len(model.classes_))


@probabilities.register
def _(model: TabularRiskModel, inputs: Inputs) -> Value:
    inner, recalibration = model.model_, model.recalibration_
    if isinstance(inner, RidgeFit):
        intercept, coef = inner.coef[:1], inner.coef[1:]
    elif isinstance(inner, LogisticRiskModel):
        intercept, coef = inner.intercept_, inner.coef_[0]
    else:
        raise _refuse_foreign("learner", "be 'logistic' in a model that becomes a graph", inner)
    log_odds = table_log_odds(inputs, model.encoding_, intercept, coef[:, np.newaxis], unseen=model.unseen)
    if isinstance(recalibration, Calibrator):
        return calibrate_logits(recalibration, beside([-softplus(log_odds), -softplus(-log_odds)]))
    if isinstance(recalibration, Recalibration):
        log_odds = log_odds * recalibration.slope + recalibration.intercept
    return from_log_odds(log_odds, 2)


@probabilities.register
def _(model: CalibratedRiskModel, inputs: Inputs) -> Value:
    estimator, calibrator = _own(model.estimator_), model.calibrator_
    if model.response_method_ == "predict_proba":
        proba = probabilities(estimator, inputs)
        if calibrator is None:
            return proba
        return calibrate_logits(calibrator, at_least(log(proba), model.class_scores_.floor))
    log_odds = logistic_log_odds(inputs, estimator)
    if len(model.classes_) == 2:
        log_odds = beside([log_odds * 0.0, log_odds])
    return softmax(log_odds) if calibrator is None else calibrate_logits(calibrator, log_softmax(log_odds))


@probabilities.register
def _(model: FittedRiskModel, inputs: Inputs) -> Value:
    return probabilities(_own(model.estimator), inputs)


@probabilities.register
def _(model: DecisionClassifier, inputs: Inputs) -> Value:
    cure = "Pass its estimator_ for the probabilities: a graph gives no actions."
    raise refuse("model", "give probabilities", "a DecisionClassifier, whose answers are decisions", cure)


@probabilities.register
def _(model: CNNRiskModel, inputs: Inputs) -> Value:
    cure = "It has a calibration layer of its own: fit and export it by itself."
    raise refuse("a model inside another", "be one of tables in a graph", "a CNNRiskModel", cure)


@probabilities.register
def _(model: Calibrator, inputs: Inputs) -> Value:
    scores = inputs.scores(len(model.classes_))
    check_scores(model, scores)
    return calibrated(model, scores)


def _own(estimator: Any) -> Any:
    """Give a classifier of riskdec's own; refuse others."""
    if probabilities.dispatch(type(estimator)) is probabilities.dispatch(object):
        raise _refuse_foreign("estimator", "be a model of riskdec in a model that becomes a graph", estimator)
    return estimator


def _refuse_foreign(name: str, rule: str, found: Any) -> InputError:
    return refuse(name, rule, f"a {type(found).__name__}", _FOREIGN)
