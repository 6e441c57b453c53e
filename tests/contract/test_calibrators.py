"""Every calibrator keeps the promises of the list, and so do estimators on tables, by which the list is tested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.special import expit, softmax

import riskdec.calibration as room
from riskdec import CalibratedRiskModel, LogisticRiskModel, TabularRiskModel
from riskdec.calibration import (
    BetaCalibrator,
    BinaryCalibrator,
    Calibrator,
    CentredIsotonicCalibrator,
    CrossVennAbersCalibrator,
    DirichletCalibrator,
    IsotonicCalibrator,
    OneVsRestCalibrator,
    PlattCalibrator,
    SplineCalibrator,
    TemperatureCalibrator,
    VectorScalingCalibrator,
    VennAbersCalibrator,
)
from tests.contract.calibrator_checks import CHECKS, Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

N = 240
RNG = np.random.default_rng(0)
LOGIT = RNG.normal(-0.5, 1.5, N).round(2)
BINARY = (RNG.random(N) < expit(0.6 * LOGIT + 0.3)).astype(int)
MANY_LOGITS = RNG.normal(0, 1.5, (N, 3)).round(2)
MANY = (0.6 * MANY_LOGITS + RNG.gumbel(size=(N, 3))).argmax(axis=1)
TABLE = np.column_stack([LOGIT, RNG.normal(size=(N, 2)).round(2)])


def subjects() -> Iterator[Subject]:
    """Give each calibrator on probabilities and on logits, of two outcomes and of more, and three estimators."""
    pair = np.column_stack([1 - expit(LOGIT), expit(LOGIT)])
    for kind in (
        PlattCalibrator,
        BetaCalibrator,
        SplineCalibrator,
        IsotonicCalibrator,
        CentredIsotonicCalibrator,
        VennAbersCalibrator,
        CrossVennAbersCalibrator,
        TemperatureCalibrator,
    ):
        yield named(kind.__name__, kind, LOGIT, BINARY, input="logit")
        yield named(f"{kind.__name__} of probabilities", kind, expit(LOGIT), BINARY)
        yield named(f"{kind.__name__} of two columns", kind, pair, BINARY)
    for kind in (TemperatureCalibrator, VectorScalingCalibrator, DirichletCalibrator, OneVsRestCalibrator):
        yield named(f"{kind.__name__} of three", kind, MANY_LOGITS, MANY, input="logit")
        yield named(f"{kind.__name__} of three probabilities", kind, softmax(MANY_LOGITS, axis=1), MANY)
    yield Subject("LogisticRiskModel", LogisticRiskModel, TABLE, BINARY)
    yield Subject("TabularRiskModel", TabularRiskModel, TABLE, BINARY, tol=1e-6)
    yield Subject("CalibratedRiskModel", lambda: CalibratedRiskModel(LogisticRiskModel()), TABLE, BINARY)
    yield Subject(
        "CalibratedRiskModel by choice", lambda: CalibratedRiskModel(LogisticRiskModel(), "auto"), TABLE, BINARY
    )


def named(name: str, kind: Callable[..., Any], X: Any, y: Any, **options: Any) -> Subject:
    """Give a subject of a class with options."""
    return Subject(name, lambda: kind(**options), X, y)


SUBJECTS = tuple(subjects())


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda subject: subject.name)
def test_promise_is_kept(subject: Subject, check: Callable[[Subject], None]) -> None:
    check(subject)


def test_every_calibrator_is_in_the_list() -> None:
    known = {getattr(room, name) for name in room.__all__}
    calibrators = {kind for kind in known if isinstance(kind, type) and issubclass(kind, Calibrator)}
    tested = {type(subject.make()) for subject in SUBJECTS}
    assert calibrators - {Calibrator, BinaryCalibrator} <= tested
