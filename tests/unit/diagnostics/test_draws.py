from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from riskdec.diagnostics.distances.cutoff import CutoffStatistic
from riskdec.diagnostics.draws import (
    _single_hits,
    cluster_events,
    cluster_rows,
    neighbour_groups,
    noise_events,
    null_events,
    pool_draws,
    pool_neighbours,
    resample,
)
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.sums import ForecastSums, sum_by_forecast

N_DRAWS = 4000


@pytest.fixture(params=["frequency", "importance"])
def sums(request: pytest.FixtureRequest, rng: np.random.Generator) -> ForecastSums:
    risk, is_event = rng.random(40).round(1), rng.random(40) < 0.5
    weight = rng.integers(1, 5, 40).astype(float)
    if request.param == "importance":
        weight /= 3
    return sum_by_forecast(risk, is_event, weight, kind=request.param)


def test_null_draws_have_the_mean_and_variance_of_calibrated_outcomes(
    sums: ForecastSums, rng: np.random.Generator
) -> None:
    drawn = np.array(list(islice(null_events(sums, rng), N_DRAWS)))
    mean, variance = sums.weight * sums.risk, sums.squared_weight * sums.risk * (1 - sums.risk)
    # Five standard errors of a mean, and of a variance that is roughly that of a normal.
    assert np.abs(drawn.mean(axis=0) - mean).max() <= 5 * np.sqrt(variance.max() / N_DRAWS)
    assert np.abs(drawn.var(axis=0) - variance).max() <= 5 * variance.max() * np.sqrt(2 / N_DRAWS) + 1e-12


def test_noise_draws_have_no_bias_and_the_variance_of_the_residuals(
    sums: ForecastSums, rng: np.random.Generator
) -> None:
    drawn = np.array(list(islice(noise_events(sums, rng), N_DRAWS)))
    variance = sums.residual_variance
    assert np.abs(drawn.mean(axis=0) - sums.weight * sums.risk).max() <= 5 * np.sqrt(variance.max() / N_DRAWS)
    assert drawn.var(axis=0) == pytest.approx(variance, rel=5 * np.sqrt(2 / N_DRAWS))


def test_cluster_draws_move_the_rows_of_a_group_together(rng: np.random.Generator) -> None:
    risk, y, groups = rng.random(30).round(1), (rng.random(30) < 0.5).astype(int), np.arange(30) // 5
    given = check_forecasts(y, risk, groups=groups)
    sums = sum_by_forecast(given.risk, given.is_event)
    clusters = cluster_rows(given)
    assert clusters is not None
    drawn = np.array(list(islice(cluster_events(sums, clusters, rng), N_DRAWS)))
    totals = np.array([(y - risk)[groups == g].sum() for g in range(6)])
    # The variance of all events is the sum of squared group totals, times G / (G - 1).
    wanted = (totals**2).sum() * 6 / 5
    assert drawn.sum(axis=1).var() == pytest.approx(wanted, rel=5 * np.sqrt(2 / N_DRAWS))


def test_draws_follow_the_forecasts_and_not_the_rows(rng: np.random.Generator) -> None:
    risk, is_event = rng.random(50).round(1), rng.random(50) < 0.5
    order = rng.permutation(50)
    here, there = sum_by_forecast(risk, is_event), sum_by_forecast(risk[order], is_event[order])
    first, second = (next(null_events(sums, np.random.default_rng(3))) for sums in (here, there))
    assert first.tolist() == second.tolist()


def test_first_row_of_resamples_is_what_was_observed(sums: ForecastSums, rng: np.random.Generator) -> None:
    draws = resample(sums, (CutoffStatistic,), (CutoffStatistic,), clusters=None, n_resamples=7, rng=rng)
    observed = CutoffStatistic(sums).reduce(sums.events)
    for values in (draws.null[CutoffStatistic], draws.noise[CutoffStatistic]):
        assert values.shape == (8, 1)
        assert values[0] == pytest.approx(observed)


def test_neighbours_are_pooled_to_groups_of_about_equal_weight(rng: np.random.Generator) -> None:
    risk, is_event = rng.random(1000), rng.random(1000) < 0.3
    sums = sum_by_forecast(risk, is_event)
    start = neighbour_groups(sums.weight, 64)
    assert len(start) == 64
    sizes = np.diff(np.append(start, 1000))
    assert sizes.min() >= 15
    assert sizes.max() <= 16
    pooled = pool_neighbours(sums, 64)
    assert pooled.total == sums.total
    assert pooled.events.sum() == sums.events.sum()
    assert pooled.mean_risk == pytest.approx(sums.mean_risk)
    # The cells are the same, so null draws of the pooled sums add up draws of the single forecasts.
    fine, coarse = (next(null_events(s, np.random.default_rng(1))) for s in (sums, pooled))
    assert coarse == pytest.approx(np.add.reduceat(fine, start))


def test_few_forecasts_are_not_pooled(sums: ForecastSums) -> None:
    assert pool_neighbours(sums, 11) is sums


def test_hits_at_a_risk_have_its_probability_to_the_last_bits(rng: np.random.Generator) -> None:
    # With 0 and 1 certain, and a risk below the first sixteen bits, which only the other bits can tell from 0.
    risk = np.array([0.0, 1.0, 0.5, 0.3, 2.0**-18])
    drawn = np.array(list(islice(_single_hits(np.tile(risk, 20_000), rng), 20))).reshape(-1, 5)
    assert drawn[:, 0].sum() == 0
    assert drawn[:, 1].all()
    n = len(drawn)
    for place, p in enumerate(risk[2:], start=2):
        assert drawn[:, place].mean() == pytest.approx(p, abs=4.5 * np.sqrt(p * (1 - p) / n))


def test_statistics_of_many_forecasts_see_groups_and_draws_of_all_rows(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskdec.diagnostics.draws.MAX_DRAWN_POINTS", 256)
    monkeypatch.setattr("riskdec.diagnostics.draws.MAX_POINTS", 64)
    sums = sum_by_forecast(rng.random(1000), rng.random(1000) < 0.3)
    coarse = pool_draws(sums)
    assert len(coarse.risk) == 256
    # Groups of groups are the groups of all.
    inner = neighbour_groups(sums.weight, 64)
    assert np.array_equal(
        neighbour_groups(coarse.weight, 64), np.searchsorted(neighbour_groups(sums.weight, 256), inner)
    )
    fine, pooled = (next(null_events(s, np.random.default_rng(1))) for s in (sums, coarse))
    assert pooled == pytest.approx(np.add.reduceat(fine, neighbour_groups(sums.weight, 256)))
    draws = resample(sums, (CutoffStatistic,), (), clusters=None, n_resamples=3, rng=rng)
    assert draws.observed[CutoffStatistic][0] == CutoffStatistic(sums).reduce(sums.events)[0]
    assert draws.null[CutoffStatistic][0, 0] == CutoffStatistic(coarse).reduce(coarse.events)[0]


@pytest.mark.parametrize("seed", range(5))
def test_groups_of_groups_are_the_groups_of_all_forecasts_of_any_weight(seed: int) -> None:
    weight = np.random.default_rng(seed).geometric(0.01, 5000).astype(float)
    fine, coarse = neighbour_groups(weight, 1024), neighbour_groups(weight, 64)
    nested = neighbour_groups(np.add.reduceat(weight, fine), 64)
    assert fine[nested].tolist() == coarse.tolist()
