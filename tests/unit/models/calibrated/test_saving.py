"""Calibrated models of riskdec's own classifiers come back from their files; others are refused with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

import riskdec as rd
from riskdec.errors import InputError, NotFittedError

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(21)
X = pd.DataFrame({"dose": RNG.normal(size=400), "ward": RNG.choice(["a", "b"], 400)})
Y = np.where(RNG.random(400) < 1 / (1 + np.exp(-2 * X["dose"])), "ill", "well")


@pytest.mark.parametrize("method", ["platt", "isotonic", "auto", "none"])
@pytest.mark.parametrize(
    "estimator", [rd.TabularRiskModel(calibration=None), rd.LogisticRiskModel()], ids=["table", "mle"]
)
def test_they_come_back_bit_for_bit(estimator: Any, method: str, tmp_path: Path) -> None:
    rows = X if isinstance(estimator, rd.TabularRiskModel) else X[["dose"]]
    model = rd.CalibratedRiskModel(estimator, method, cv=3, event="ill").fit(rows, Y)
    again = rd.load(model.save(tmp_path / "m.riskdec"))
    np.testing.assert_array_equal(again.predict_proba(rows), model.predict_proba(rows))
    assert str(again.summary()) == str(model.summary())
    assert again.get_params(deep=False).keys() == model.get_params(deep=False).keys()
    assert again.event == "ill"
    # The fingerprint came along: training rows are recognised.
    assert again.diagnose(rows, Y, n_resamples=99, rng=0).apparent


def test_classifiers_of_other_libraries_are_refused(tmp_path: Path) -> None:
    model = rd.CalibratedRiskModel(GaussianNB(), event="ill").fit(X[["dose"]], Y)
    with pytest.raises(InputError, match="got a GaussianNB. Keep it with riskdec.to_skops"):
        model.save(tmp_path / "m.riskdec")
    assert not (tmp_path / "m.riskdec").exists()
    with pytest.raises(NotFittedError):
        rd.CalibratedRiskModel(rd.LogisticRiskModel()).save(tmp_path / "m.riskdec")


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        (LogisticRegression(), "LogisticRegression"),
        (make_pipeline(LogisticRegression()), "Pipeline"),
        (rd.CalibratedRiskModel(GaussianNB(), event="well"), "GaussianNB"),
    ],
)
def test_fitted_classifiers_of_other_libraries_are_refused(estimator: Any, name: str, tmp_path: Path) -> None:
    model = rd.as_risk_model(estimator.fit(X[["dose"]], Y), event="ill")
    with pytest.raises(InputError, match=f"got a {name}. Keep it with riskdec.to_skops"):
        model.save(tmp_path / "m.riskdec")
    assert not (tmp_path / "m.riskdec").exists()


def test_another_event_is_added_when_the_model_is_read(tmp_path: Path) -> None:
    own = rd.LogisticRiskModel(event="well").fit(X[["dose"]], Y)
    model: Any = rd.as_risk_model(own, event="ill")
    with pytest.raises(InputError, match=r"read it by as_risk_model\(riskdec.load\(path\), event='ill'\)"):
        model.save(tmp_path / "m.riskdec")
    again = rd.as_risk_model(rd.load(model.estimator.save(tmp_path / "m.riskdec")), event="ill")
    np.testing.assert_array_equal(again.predict_risk(X[["dose"]]), model.predict_risk(X[["dose"]]))
