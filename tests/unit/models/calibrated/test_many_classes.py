"""More than two classes: what each method means, and classes that are told apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import (
    cross_val_predict,
)
from sklearn.naive_bayes import GaussianNB

from riskdec import BetaCalibrator, CalibratedRiskModel, log_score
from riskdec.calibration import OneVsRestCalibrator, VectorScalingCalibrator
from riskdec.errors import InputError, SeparationWarning
from tests.unit.models.calibrated.made import FOLDS


def three_classes(n: int = 900) -> tuple[Any, Any]:
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(n, 3))
    return np.column_stack([rows] * 4), (rows + rng.gumbel(size=rows.shape)).argmax(axis=1)


def test_platt_of_three_classes_is_vector_scaling() -> None:
    rows, y = three_classes()
    names = np.array(["dead", "ill", "well"])[y]
    model = CalibratedRiskModel(GaussianNB(), cv=FOLDS).fit(rows, names)
    left_out = cross_val_predict(GaussianNB(), rows, names, cv=FOLDS, method="predict_log_proba")
    vector = VectorScalingCalibrator(input="logit").fit(left_out, names)
    assert model.classes_.tolist() == ["dead", "ill", "well"]
    assert model.calibrator_.coef_ == pytest.approx(vector.coef_, abs=1e-6)
    raw = CalibratedRiskModel(GaussianNB(), method="none").fit(rows, names)
    assert log_score(names, model.predict_proba(rows)) < log_score(names, raw.predict_proba(rows)) - 0.05
    assert model.predict_risk(rows, event="ill") == pytest.approx(model.predict_proba(rows)[:, 1])


def test_calibrator_of_one_event_is_refused_for_three_classes() -> None:
    rows, y = three_classes(300)
    with pytest.raises(InputError, match=r"got a BetaCalibrator of one event. Pass OneVsRestCalibrator\(BetaCalibr"):
        CalibratedRiskModel(GaussianNB(), BetaCalibrator()).fit(rows, y)
    weight = np.full(300, 0.5)
    each = CalibratedRiskModel(GaussianNB(), OneVsRestCalibrator(BetaCalibrator()), weight_kind="importance")
    assert each.fit(rows, y, weight).predict_proba(rows).sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("method", ["temperature", "beta", "isotonic", "venn_abers", "dirichlet", "auto"])
def test_every_method_calibrates_three_classes(method: Any) -> None:
    rows, y = three_classes()
    model = CalibratedRiskModel(GaussianNB(), method=method, cv=3).fit(rows[:600], y[:600])
    raw = GaussianNB().fit(rows[:600], y[:600])
    proba = model.predict_proba(rows[600:])
    assert proba.sum(axis=1) == pytest.approx(1)
    squared = ((proba - np.eye(3)[y[600:]]) ** 2).sum(axis=1).mean()
    assert squared < ((raw.predict_proba(rows[600:]) - np.eye(3)[y[600:]]) ** 2).sum(axis=1).mean()


def test_classes_told_apart_are_left_alone_with_a_warning() -> None:
    rows = np.random.default_rng(5).normal(size=(90, 2)) + np.repeat([[0, 0], [20, 0], [0, 20]], 30, axis=0)
    y = np.repeat([0, 1, 2], 30)
    with pytest.warns(SeparationWarning, match="RD516 .*platt has no estimate; the probabilities .* are left alone"):
        model = CalibratedRiskModel(GaussianNB()).fit(rows, y)
    assert model.method_ == "none"
    np.testing.assert_array_equal(model.predict_proba(rows), GaussianNB().fit(rows, y).predict_proba(rows))
