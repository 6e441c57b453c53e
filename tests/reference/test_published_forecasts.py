"""Diagnoses of published forecasts and of the confidences of neural networks, against statsmodels and plain sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import logit

from riskdec import diagnose

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec.diagnostics import CalibrationReport


def check_figures(report: CalibrationReport, y: np.ndarray, risk: np.ndarray) -> None:
    """Compare with a logistic model of statsmodels, and with sums over the rows."""
    uncertain = (risk > 0) & (risk < 1)
    line = sm.GLM(y[uncertain], sm.add_constant(logit(risk[uncertain])), family=sm.families.Binomial()).fit(tol=1e-12)
    assert (report.intercept.estimate, report.slope.estimate) == pytest.approx(tuple(line.params), rel=1e-6)
    assert report.brier == pytest.approx(np.mean((y - risk) ** 2), rel=1e-12)
    path = np.append(0, np.cumsum(pd.Series(y - risk).groupby(risk).sum())) / len(y)
    assert report.cutoff_calibration_error.estimate == pytest.approx(np.ptp(path), abs=1e-12)


@pytest.mark.parametrize("sport", ["nba", "nfl"])
def test_published_game_forecasts_have_about_the_right_spread(sport: str, shared_data: Path) -> None:
    games = pd.read_csv(shared_data / f"forecast538_{sport}_games.csv.gz").dropna(subset=["prob1", "prob1_outcome"])
    # A draw is neither.
    games = games[games.prob1_outcome.isin([0, 1])]
    y, risk = games.prob1_outcome.to_numpy(), games.prob1.to_numpy()
    report = diagnose(y, risk, n_resamples=50, rng=0)
    check_figures(report, y, risk)
    assert 0.8 < report.slope.estimate < 1.3


@pytest.mark.parametrize("network", ["densenet40", "resnet110"])
def test_confidences_of_networks_are_too_extreme(network: str, shared_data: Path) -> None:
    rows = pd.read_parquet(shared_data / f"conf_cifar10_{network}.parquet")
    y = (rows.true_label == rows.pred_label).to_numpy().astype(int)
    risk = rows.confidence.to_numpy(dtype=float)
    report = diagnose(y, risk, n_resamples=50, rng=0)
    if not (y[risk == 1] == 0).any():
        check_figures(report, y, risk)
        assert report.slope.high < 1
    assert report.mean_risk > report.prevalence
    assert report.levels[0].verdict == "refuted"


@pytest.mark.parametrize("network", ["lenet5", "wrn16_4"])
def test_each_class_of_a_network_has_its_report(network: str, shared_data: Path) -> None:
    stored = np.load(shared_data / "cifar10_test_probs.npz")
    proba = stored[network].astype(float)
    proba /= proba.sum(axis=1, keepdims=True)
    report = diagnose(stored["y"], proba, n_resamples=20, rng=0)
    assert len(report.outcomes) == 10
    for k, one in enumerate(report.outcomes):
        assert one.report.brier == pytest.approx(np.mean(((stored["y"] == k) - proba[:, k]) ** 2), rel=1e-9)
    right = stored["y"] == proba.argmax(axis=1)
    assert report.top_label.brier == pytest.approx(np.mean((right - proba.max(axis=1)) ** 2), rel=1e-9)
