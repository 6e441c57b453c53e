from __future__ import annotations

import numpy as np
import pytest

from riskdec.diagnostics.curves.lowess import lowess
from riskdec.diagnostics.curves.smoothed import SmoothedStatistic, distances, judge_smoothed
from riskdec.diagnostics.draws import MAX_POINTS, resample
from riskdec.scores.sums import sum_by_forecast


def test_distances_are_those_of_the_single_rows(rng: np.random.Generator) -> None:
    risk, weight = rng.random(80).round(2), rng.integers(1, 4, 80).astype(float)
    sums = sum_by_forecast(risk, rng.random(80) < risk, weight)
    away = np.abs(lowess(sums.risk, sums.weight, sums.events[None, :])[0] - sums.risk)
    rows = np.repeat(away, sums.weight.astype(int))
    wanted = [rows.mean(), np.quantile(rows, 0.5), np.quantile(rows, 0.9), rows.max()]
    assert distances(sums, sums.events[None, :])[0] == pytest.approx(wanted, abs=1e-14)


def test_importance_weights_count_by_their_ratios_only(rng: np.random.Generator) -> None:
    risk, is_event, weight = rng.random(60), rng.random(60) < 0.4, rng.random(60) + 0.1
    first, second = (sum_by_forecast(risk, is_event, factor * weight, kind="importance") for factor in (1, 1000))
    assert distances(first, first.events[None, :]) == pytest.approx(distances(second, second.events[None, :]))
    # Equal importance weights are no weights.
    plain, equal = sum_by_forecast(risk, is_event), sum_by_forecast(risk, is_event, np.full(60, 0.3), kind="importance")
    assert distances(plain, plain.events[None, :]) == pytest.approx(distances(equal, equal.events[None, :]))


def test_many_forecasts_are_pooled_for_the_draws_but_not_for_the_estimate(rng: np.random.Generator) -> None:
    risk = rng.random(2 * MAX_POINTS)
    sums = sum_by_forecast(risk, rng.random(len(risk)) < risk)
    wanted = (SmoothedStatistic,)
    draws = resample(sums, wanted, wanted, clusters=None, n_resamples=3, rng=rng)
    ici, _, _, largest = judge_smoothed(sums, draws, confidence_level=0.95)
    exact = distances(sums, sums.events[None, :])[0]
    assert ici.estimate == exact[0]
    assert largest.estimate == exact[3]
    assert draws.null[SmoothedStatistic][0, 0] == pytest.approx(exact[0], rel=1e-3)


def test_only_seminorms_have_intervals(rng: np.random.Generator) -> None:
    risk = rng.random(50)
    sums = sum_by_forecast(risk, rng.random(50) < risk)
    wanted = (SmoothedStatistic,)
    draws = resample(sums, wanted, wanted, clusters=None, n_resamples=9, rng=rng)
    limits = [error.low is not None for error in judge_smoothed(sums, draws, confidence_level=0.95)]
    assert limits == [True, False, False, True]
