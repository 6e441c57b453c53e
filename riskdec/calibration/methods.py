"""The names of calibrators: what each means for two classes and for more, in the order of how much it may bend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sklearn.base import clone

from riskdec._base.checks import refuse
from riskdec.calibration.calibrator import BinaryCalibrator, Calibrator
from riskdec.calibration.monotone.centred_isotonic import CentredIsotonicCalibrator
from riskdec.calibration.monotone.isotonic import IsotonicCalibrator
from riskdec.calibration.monotone.venn_abers import VennAbersCalibrator
from riskdec.calibration.multiclass.dirichlet import DirichletCalibrator
from riskdec.calibration.multiclass.one_vs_rest import OneVsRestCalibrator
from riskdec.calibration.multiclass.temperature import TemperatureCalibrator
from riskdec.calibration.multiclass.vector import VectorScalingCalibrator
from riskdec.calibration.parametric.beta import BetaCalibrator
from riskdec.calibration.parametric.platt import PlattCalibrator
from riskdec.calibration.spline import SplineCalibrator

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.typing import AnyArray, FloatArray, WeightKind

Method = Literal[
    "temperature",
    "platt",
    "vector",
    "beta",
    "spline",
    "centred isotonic",
    "isotonic",
    "venn_abers",
    "dirichlet",
]
# One of two classes is the event; of more each is set against the rest.
_BINARY: dict[str, Callable[..., BinaryCalibrator]] = {
    "platt": PlattCalibrator,
    "beta": BetaCalibrator,
    "spline": SplineCalibrator,
    "centred isotonic": CentredIsotonicCalibrator,
    "isotonic": IsotonicCalibrator,
    "venn_abers": VennAbersCalibrator,
}
# Any number of classes by one softmax.
_JOINT: dict[str, Callable[..., Calibrator]] = {
    "temperature": TemperatureCalibrator,
    "vector": VectorScalingCalibrator,
    "dirichlet": DirichletCalibrator,
}


def check_method(method: object, *, name: str, besides: tuple[object, ...]) -> None:
    """Refuse what is no calibrator, no name of one, and none of a few other words."""
    known = (*besides, *_BINARY, *_JOINT)
    if not isinstance(method, Calibrator) and method not in known:
        cure = f"Pass an object: {method.__name__}()." if isinstance(method, type) else ""
        raise refuse(name, f"be a Calibrator or one of {', '.join(map(repr, known))}", repr(method), cure)


def candidates(n_classes: int, *, probabilities: bool) -> tuple[str, ...]:
    """Name the candidates of method="auto", the least flexible first.

    Scores that are no probabilities cannot be left alone. Plain isotonic regression is none of them: it gives
    probabilities of exactly 0 and 1, whose score on new rows is infinite; its centred form and Venn-Abers are.
    """
    alone = ("none",) if probabilities else ()
    if n_classes > 2:
        return *alone, "temperature", "vector", "dirichlet"
    return *alone, "temperature", "platt", "beta", "spline", "centred isotonic", "venn_abers"


def make_calibrator(method: Any, classes: AnyArray, *, weight_kind: WeightKind) -> Calibrator:
    """Make an unfitted calibrator from the name of a method, or from a calibrator of the caller's.

    Raises
    ------
    InputError
        For a calibrator of two classes where there are more.
    """
    labels = classes.tolist()
    if isinstance(method, Calibrator):
        return _adopt(method, labels, weight_kind)
    if len(labels) == 2:
        make = (_BINARY | _JOINT)[method]
        made: Calibrator = make(input="logit", event=labels[1], weight_kind=weight_kind)
        return made
    if method in _JOINT or method == "platt":
        return _JOINT["vector" if method == "platt" else method](input="logit", weight_kind=weight_kind)
    return OneVsRestCalibrator(_BINARY[method](input="logit", weight_kind=weight_kind), input="logit")


def _adopt(given: Calibrator, labels: list[Any], weight_kind: WeightKind) -> Calibrator:
    """Copy a calibrator; the model says what weights mean, and two classes which is the event where that is open."""
    calibrator: Calibrator = clone(given)
    one_event = isinstance(calibrator, BinaryCalibrator) and not isinstance(calibrator, TemperatureCalibrator)
    if one_event and len(labels) > 2:
        cure = f"Pass OneVsRestCalibrator({type(given).__name__}()), or another of all classes together."
        raise refuse("method", f"calibrate {len(labels)} classes", f"a {type(given).__name__} of one event", cure)
    if isinstance(calibrator, OneVsRestCalibrator):
        inner = PlattCalibrator() if calibrator.calibrator is None else calibrator.calibrator
        calibrator.set_params(calibrator=inner.set_params(weight_kind=weight_kind))
    else:
        calibrator.set_params(weight_kind=weight_kind)
    if len(labels) == 2 and calibrator.get_params(deep=False)["event"] is None:
        calibrator.set_params(event=labels[1])
    return calibrator


def scores_for(calibrator: Calibrator, scores: FloatArray) -> FloatArray:
    """Give scores in the form that a calibrator reads: as they are, or as probabilities; shape (n, K)."""
    if calibrator.input == "logit":
        return scores
    from scipy.special import softmax

    return np.asarray(softmax(scores, axis=1), dtype=np.float64)


def calibrated_limits(
    calibrator: Calibrator, scores: FloatArray, *, event: object, confidence_level: float | None
) -> FloatArray:
    """Give limits of the calibrated risk of the event; rows without a score have none: shape (n, 2)."""
    known = ~np.isnan(scores).any(axis=1)
    limits = np.full((len(scores), 2), np.nan)
    given = scores_for(calibrator, scores[known])
    limits[known] = calibrator.predict_interval(given, event=event, confidence_level=confidence_level)
    return limits


def calibrate(calibrator: Calibrator, scores: FloatArray) -> FloatArray:
    """Give calibrated probabilities; rows without a score have none: shape (n, K)."""
    known = ~np.isnan(scores).any(axis=1)
    if known.all():
        return calibrator.predict_proba(scores_for(calibrator, scores))
    proba = np.full(scores.shape, np.nan)
    if known.any():
        proba[known] = calibrator.predict_proba(scores_for(calibrator, scores[known]))
    return proba
