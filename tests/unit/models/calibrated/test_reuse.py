"""Rows used twice: recognised where there is a fingerprint, and said where it cannot be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskdec import CalibratedRiskModel, LogisticRiskModel
from riskdec.errors import InputError, TrainingRowsWarning
from tests.unit.models.calibrated.made import X, Y, codes


def test_prefit_on_training_rows_is_recognised_where_there_is_a_fingerprint() -> None:
    fitted = LogisticRiskModel().fit(X[:300], Y[:300])
    with pytest.warns(TrainingRowsWarning, match="RD510 .*rows that it was fitted on"):
        model = CalibratedRiskModel(fitted, cv="prefit").fit(X[:300], Y[:300])
    assert "RD510" in codes(model)
    inside = make_pipeline(StandardScaler(), LogisticRiskModel()).fit(X[:300], Y[:300])
    with pytest.warns(TrainingRowsWarning, match="RD510"):
        CalibratedRiskModel(FrozenEstimator(inside), cv="prefit").fit(X[:300], Y[:300])
    assert not codes(CalibratedRiskModel(fitted, cv="prefit").fit(X[300:], Y[300:])) & {"RD510", "RD513"}
    foreign = GaussianNB().fit(X[:300], Y[:300])
    assert "RD513" in codes(CalibratedRiskModel(foreign, cv="prefit").fit(X[:300], Y[:300]))


def test_diagnose_recognises_rows_of_calibrator_and_of_classifier() -> None:
    rng = np.random.default_rng(6)
    new = rng.normal(size=(300, 4))
    y_new = (rng.random(300) < expit(new[:, 0])).astype(int)
    # The forest gives few different risks, which alone could not tell rows apart.
    for estimator in (GaussianNB(), RandomForestClassifier(10, random_state=0)):
        crossed = CalibratedRiskModel(estimator).fit(X, Y)
        assert crossed.diagnose(X, Y, rng=0, n_resamples=20).apparent
        assert crossed.diagnose(pd.DataFrame(X), Y, rng=0, n_resamples=20).apparent
        assert not crossed.diagnose(new, y_new, rng=0, n_resamples=20).apparent
        assert not crossed.diagnose(X, 1 - Y, rng=0, n_resamples=20).apparent
    fitted = LogisticRiskModel().fit(X[:300], Y[:300])
    model = CalibratedRiskModel(fitted, cv="prefit").fit(X[300:], Y[300:])
    for rows, y in ((X[:300], Y[:300]), (X[300:], Y[300:])):
        assert model.diagnose(rows, y, rng=0, n_resamples=20).apparent
        with pytest.raises(InputError, match="rows that the model was fitted on"):
            model.certify_deferral(rows, y, max_error=0.2)
    assert not model.diagnose(new, y_new, rng=0, n_resamples=20).apparent
