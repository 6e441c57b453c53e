"""Calibrators of any number of outcomes: scores of K classes in, calibrated probabilities out."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

from riskdec._base.checks import SUM_TOLERANCE, refuse
from riskdec.calibration import (
    BinaryCalibrator,
    DirichletCalibrator,
    OneVsRestCalibrator,
    TemperatureCalibrator,
    VectorScalingCalibrator,
)
from riskdec.calibration.door import event_column
from riskdec.interchange.onnx.binary_calibrators import calibrated_risk
from riskdec.interchange.onnx.formulas import (
    absolute,
    any_in_row,
    at_least,
    beside,
    exp,
    is_infinite,
    is_nan,
    log,
    row_sums,
    softmax,
    where,
)
from riskdec.interchange.onnx.graph import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec.calibration import Calibrator
    from riskdec.calibration.multiclass.rows import LogitScale


def check_scores(calibrator: Calibrator, scores: Value) -> None:
    """Mark rows that are no scores: what is not finite, and probabilities beyond [0, 1] or not summing to one."""
    scores.graph.refuse(any_in_row(is_nan(scores) | is_infinite(scores)))
    if calibrator.input == "probability":
        scores.graph.refuse(any_in_row((scores < 0.0) | (scores > 1.0)))
        scores.graph.refuse(absolute(row_sums(scores) - 1.0) > SUM_TOLERANCE)


def calibrate_logits(calibrator: Calibrator, logits: Value) -> Value:
    """Give calibrated probabilities of scores whose softmax are the probabilities: shape (n, K)."""
    return calibrated(calibrator, logits if calibrator.input == "logit" else softmax(logits))


@singledispatch
def calibrated(calibrator: Calibrator, scores: Value) -> Value:
    """Give calibrated probabilities, shape (n, K), from scores as the calibrator's `input` says, shape (n, K)."""
    cure = "The map of another calibrator has to be written as a graph by its author."
    raise refuse("the calibrator", "be one of riskdec's", f"a {type(calibrator).__name__}", cure)


@calibrated.register
def _(calibrator: BinaryCalibrator, scores: Value) -> Value:
    column = event_column(calibrator.classes_, calibrator.event_)
    score = scores.columns([column])
    if calibrator.input == "logit":
        score = score - scores.columns([1 - column])
    risk = calibrated_risk(calibrator, score)
    other = risk * -1.0 + 1.0
    return beside([other, risk] if column == 1 else [risk, other])


@calibrated.register
def _(calibrator: TemperatureCalibrator, scores: Value) -> Value:
    if len(calibrator.classes_) == 2:
        return calibrated.dispatch(BinaryCalibrator)(calibrator, scores)
    return softmax(_logits(calibrator.many_scale_, scores) * calibrator.inverse_temperature_)


@calibrated.register
def _(calibrator: VectorScalingCalibrator, scores: Value) -> Value:
    return softmax(_logits(calibrator.scale_, scores) * calibrator.coef_ + calibrator.intercept_)


@calibrated.register
def _(calibrator: DirichletCalibrator, scores: Value) -> Value:
    return softmax(_logits(calibrator.scale_, scores) @ calibrator.coef_.T + calibrator.intercept_)


@calibrated.register
def _(calibrator: OneVsRestCalibrator, scores: Value) -> Value:
    logits = _logits(calibrator.scale_, scores)
    each = _against_rest(calibrator, logits)
    risks = beside([calibrated_risk(one, score) for one, score in zip(calibrator.calibrators_, each, strict=True)])
    total = row_sums(risks)
    # A row whose risks are all zero gets the rates of the fit.
    empty = total.equals(0.0)
    return where(empty, calibrator.rates_, risks / where(empty, 1.0, total))


def _logits(scale: LogitScale, scores: Value) -> Value:
    """Give finite logits."""
    return scores if scale.input == "logit" else log(at_least(scores, scale.floor))


def _against_rest(calibrator: OneVsRestCalibrator, logits: Value) -> Iterator[Value]:
    """Give what each binary calibrator takes: the probability of its outcome, or its log-odds against the rest."""
    n_outcomes = len(calibrator.classes_)
    is_logit = calibrator.calibrators_[0].input == "logit"
    proba = None if is_logit else softmax(logits)
    for k in range(n_outcomes):
        if proba is not None:
            yield proba.columns([k])
            continue
        rest = logits.columns([j for j in range(n_outcomes) if j != k])
        top = logits.graph.add("ReduceMax", rest, axes=[1], keepdims=1)
        yield logits.columns([k]) - (top + log(row_sums(exp(rest - top))))
