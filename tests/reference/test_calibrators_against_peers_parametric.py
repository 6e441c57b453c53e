"""Platt, temperature and beta calibration against scikit-learn, betacal and probmetrics on credits and networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.naive_bayes import GaussianNB

from riskdec import (
    BetaCalibrator,
    CalibratedRiskModel,
    PlattCalibrator,
    TemperatureCalibrator,
    VennAbersCalibrator,
    log_score,
)
from riskdec.calibration import IsotonicCalibrator
from tests.reference.test_calibrators_against_peers_monotone import top_label, venn_abers

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

__all__ = ["venn_abers"]


@pytest.fixture(scope="module")
def credit(shared_data: Path) -> tuple[np.ndarray, np.ndarray]:
    """Give the numbers of 1,000 credits, and which went bad."""
    table = pd.read_csv(shared_data / "german_credit.csv.gz")
    return table.drop(columns="bad").select_dtypes("number").to_numpy(float), table["bad"].to_numpy()


@pytest.fixture(params=["naive Bayes", "forest", "densenet40", "resnet110"])
def forecasts(request: pytest.FixtureRequest, shared_data: Path, credit: Any) -> tuple[np.ndarray, np.ndarray]:
    """Give risks of rows that their model has not seen, strictly between 0 and 1, and what happened."""
    X, y = credit
    if request.param == "naive Bayes":
        p = cross_val_predict(GaussianNB(), X, y, cv=5, method="predict_proba")[:, 1]
    elif request.param == "forest":
        forest = RandomForestClassifier(50, min_samples_leaf=5, random_state=0)
        p = cross_val_predict(forest, X, y, cv=5, method="predict_proba")[:, 1]
    else:
        p, y = top_label(shared_data, f"conf_cifar10_{request.param}.parquet")
    kept = (p > 0) & (p < 1)
    return p[kept], y[kept]


def test_platts_line_is_the_logistic_regression_of_scikit_learn(forecasts: tuple[np.ndarray, np.ndarray]) -> None:
    p, y = forecasts
    z = logit(p)[:, None]
    peer = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10_000).fit(z, y)
    ours = PlattCalibrator().fit(p, y)
    assert ours.slope_ == pytest.approx(float(peer.coef_[0, 0]), rel=1e-4)
    np.testing.assert_allclose(ours.predict_risk(p), peer.predict_proba(z)[:, 1], atol=1e-5)


def test_platt_with_smooth_targets_is_the_sigmoid_of_scikit_learn_on_log_odds(
    forecasts: tuple[np.ndarray, np.ndarray],
) -> None:
    p, y = forecasts
    z = logit(p)[:, None]
    # A classifier whose decision function is the log-odds themselves.
    line = LogisticRegression().fit(z, y)
    line.coef_, line.intercept_ = np.ones((1, 1)), np.zeros(1)
    peer = CalibratedClassifierCV(FrozenEstimator(line), method="sigmoid").fit(z, y)
    ours = PlattCalibrator(smooth_targets=True).fit(p, y)
    np.testing.assert_allclose(ours.predict_risk(p), peer.predict_proba(z)[:, 1], atol=2e-5)
    by_temperature = CalibratedClassifierCV(FrozenEstimator(line), method="temperature").fit(z, y)
    risk = TemperatureCalibrator().fit(p, y).predict_risk(p)
    np.testing.assert_allclose(risk, by_temperature.predict_proba(z)[:, 1], atol=1e-5)


@pytest.mark.parametrize(("parameters", "name"), [("abc", "abm"), ("ab", "ab"), ("ac", "am")])
def test_beta_equals_the_authors_package(forecasts: tuple[np.ndarray, np.ndarray], parameters: Any, name: str) -> None:
    betacal = pytest.importorskip("betacal")
    p, y = forecasts
    peer = betacal.BetaCalibration(parameters=name).fit(p[:, None], y)
    ours = BetaCalibrator(parameters=parameters).fit(p, y)
    a, b, _ = peer.calibrator_.map_
    if min(a, b) < 0:
        # With its midpoint fixed the package lets a slope be negative, and the map fall.
        assert (ours.a_ == 0, ours.b_ == 0) == (a < 0, b < 0)
        return
    found = [log_score(y, risk) for risk in (ours.predict_risk(p), peer.predict(p[:, None]))]
    # The package stops at a gradient of 1e-4: near the optimum, and never beyond it.
    assert found[0] <= found[1] + 1e-12
    assert found[1] - found[0] < 1e-6
    np.testing.assert_allclose(ours.predict_risk(p), peer.predict(p[:, None]), atol=1e-2)


def test_logistic_calibration_equals_probmetrics(forecasts: tuple[np.ndarray, np.ndarray]) -> None:
    calibrators = pytest.importorskip("probmetrics.calibrators")
    p, y = forecasts
    pair = np.column_stack([1 - p, p])
    peer = calibrators.get_calibrator("logistic")
    peer.fit(pair, y)
    np.testing.assert_allclose(PlattCalibrator().fit(p, y).predict_proba(pair), peer.predict_proba(pair), atol=5e-4)


def test_isotonic_and_venn_abers_equal_their_peers_on_credits(venn_abers: ModuleType, credit: Any) -> None:
    X, y = credit
    p = cross_val_predict(GaussianNB(), X, y, cv=5, method="predict_proba")[:, 1]
    half = slice(0, 500), slice(500, None)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(p[half[0]], y[half[0]]).predict(p[half[1]])
    ours = IsotonicCalibrator().fit(p[half[0]], y[half[0]]).predict_risk(p[half[1]])
    np.testing.assert_allclose(ours, theirs, atol=1e-12)
    pairs = [np.column_stack([1 - p[part], p[part]]) for part in half]
    merged, both = venn_abers.calc_probs(*venn_abers.calc_p0p1(pairs[0], y[half[0]]), pairs[1])
    fitted = VennAbersCalibrator().fit(p[half[0]], y[half[0]])
    np.testing.assert_allclose(fitted.predict_interval(p[half[1]]), both, atol=1e-12)
    np.testing.assert_allclose(fitted.predict_proba(p[half[1]]), merged, atol=1e-12)


@pytest.mark.parametrize(("method", "name"), [("isotonic", "isotonic"), ("temperature", "temperature")])
def test_fitted_classifiers_of_credits_are_calibrated_as_by_scikit_learn(credit: Any, method: Any, name: str) -> None:
    X, y = credit
    fitted = LogisticRegression(max_iter=5000).fit(X[:500], y[:500])
    ours = CalibratedRiskModel(fitted, method, cv="prefit", response_method="decision_function")
    theirs = CalibratedClassifierCV(FrozenEstimator(fitted), method=name).fit(X[500:], y[500:])
    risk = ours.fit(X[500:], y[500:]).predict_risk(X)
    np.testing.assert_allclose(risk, theirs.predict_proba(X)[:, 1], atol=1e-5)


def test_naive_bayes_of_credits_gets_the_quality_of_platt_on_log_odds(credit: Any) -> None:
    """Out of fold and by hand: the same line, and a better log score than the classifier's own."""
    X, y = credit
    model = CalibratedRiskModel(GaussianNB(), cv=5).fit(X, y)
    z = model.scores(X)
    z = z[:, 1] - z[:, 0]
    np.testing.assert_allclose(
        model.predict_risk(X), expit(model.calibrator_.intercept_ + model.calibrator_.slope_ * z), rtol=1e-9
    )
    left_out = cross_val_predict(CalibratedRiskModel(GaussianNB(), cv=5), X, y, cv=5, method="predict_proba")
    raw = cross_val_predict(GaussianNB(), X, y, cv=5, method="predict_proba")
    log_loss = [-np.log(proba[np.arange(len(y)), y]).mean() for proba in (left_out, raw)]
    assert log_loss[0] < log_loss[1] - 0.01
