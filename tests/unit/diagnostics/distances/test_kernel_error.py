from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from riskdec import kernel_calibration_error
from riskdec.diagnostics.distances.kernel_error import KernelStatistic, mean_distance
from riskdec.diagnostics.draws import observe
from riskdec.errors import InputError
from riskdec.scores.sums import sum_by_forecast


def all_pairs(y: np.ndarray, risk: np.ndarray, weight: np.ndarray, bandwidth: float) -> float:
    """Add the products of all pairs of different rows up."""
    off = weight * (y - risk)
    kernel = np.exp(-np.abs(np.subtract.outer(risk, risk)) / bandwidth)
    other = 1 - np.eye(len(y))
    return float((np.outer(off, off) * kernel * other).sum() / (np.outer(weight, weight) * other).sum())


# From blocks of a few rows to one block.
@pytest.mark.parametrize("bandwidth", [1e-5, 1e-3, 0.1, 10])
@pytest.mark.parametrize("decimals", [1, 16])
def test_estimate_equals_the_sum_over_all_pairs(bandwidth: float, decimals: int, rng: np.random.Generator) -> None:
    risk, y, weight = rng.random(80).round(decimals), rng.integers(0, 2, 80), rng.random(80) + 0.1
    error = kernel_calibration_error(
        y, risk, bandwidth=bandwidth, sample_weight=weight, weight_kind="importance", n_resamples=9, rng=0
    )
    assert error.estimate == pytest.approx(all_pairs(y, risk, weight, bandwidth), rel=1e-9, abs=1e-15)


def test_whole_weights_equal_repeated_rows_bit_for_bit(rng: np.random.Generator) -> None:
    risk, y, times = rng.random(40).round(1), rng.integers(0, 2, 40), rng.integers(1, 4, 40)
    weighted = kernel_calibration_error(y, risk, sample_weight=times, n_resamples=60, rng=2)
    repeated = kernel_calibration_error(np.repeat(y, times), np.repeat(risk, times), n_resamples=60, rng=2)
    assert weighted.to_dict() == repeated.to_dict()
    pairs = all_pairs(np.repeat(y, times), np.repeat(risk, times), np.ones(times.sum()), 0.2)
    fixed = kernel_calibration_error(y, risk, bandwidth=0.2, sample_weight=times, n_resamples=9, rng=2)
    assert fixed.estimate == pytest.approx(pairs)


def test_mean_distance_is_that_of_two_different_rows(rng: np.random.Generator) -> None:
    risk = rng.random(30).round(1)
    sums = sum_by_forecast(risk, risk > 0.5)
    apart = np.abs(np.subtract.outer(risk, risk))
    assert mean_distance(sums) == pytest.approx(apart.sum() / (30 * 29))


def test_estimate_has_mean_zero_under_calibration(rng: np.random.Generator) -> None:
    values = np.empty(2000)
    for i in range(len(values)):
        risk = rng.random(60)
        y = rng.random(60) < risk
        sums = sum_by_forecast(risk, y)
        square = observe(sums, partial(KernelStatistic, bandwidth=0.2))[0]
        values[i] = (square * 60**2 - ((y - risk) ** 2).sum()) / (60 * 59)
    assert abs(values.mean()) <= 3 * values.std() / np.sqrt(len(values))


def test_interval_covers_the_population_value(rng: np.random.Generator) -> None:
    # Three forecasts, each off by 0.1: the population value is the mean kernel times 0.01.
    forecasts = np.array([0.1, 0.3, 0.6])
    truth = 0.01 * np.exp(-np.abs(np.subtract.outer(forecasts, forecasts)) / 0.2).mean()
    covered = 0
    for _ in range(150):
        risk = rng.choice(forecasts, 400)
        y = rng.random(400) < risk + 0.1
        error = kernel_calibration_error(y, risk, bandwidth=0.2, n_resamples=199, rng=rng)
        assert error.low is not None
        assert error.high is not None
        covered += error.low <= truth <= error.high
    assert covered / 150 >= 0.95 - 3 * 0.018


def test_constant_risks_have_a_kernel_of_one() -> None:
    error = kernel_calibration_error([0, 1, 1, 1], [0.5] * 4, n_resamples=9, rng=0)
    # Residuals -0.5, 0.5, 0.5, 0.5: six ordered pairs of each sign.
    assert error.estimate == pytest.approx(0)


@pytest.mark.parametrize("bandwidth", [0, -1, float("nan")])
def test_bandwidth_must_be_positive(bandwidth: float) -> None:
    with pytest.raises(InputError, match="bandwidth must be a number above 0"):
        kernel_calibration_error([0, 1], [0.2, 0.4], bandwidth=bandwidth)


def test_groups_are_refused_with_the_reason_and_what_to_use() -> None:
    message = "groups must be left out.*known for independent rows; use smooth_calibration_error"
    with pytest.raises(InputError, match=message):
        kernel_calibration_error([0, 1] * 10, [0.2, 0.6] * 10, groups=[1, 2] * 10)
