from __future__ import annotations

import numpy as np
import pytest

from riskdec import smooth_calibration_error
from riskdec.diagnostics.distances.smooth import SmoothStatistic, fixed_points, smooth_norms
from riskdec.scores.sums import sum_by_forecast


def kernel_sum(risk: np.ndarray, residual: np.ndarray, bandwidth: float) -> float:
    """Sum reflected Gaussian kernels directly on a fine grid."""
    grid = (np.arange(20_000) + 0.5) / 20_000
    smoothed = np.zeros_like(grid)
    for p, r in zip(risk, residual, strict=True):
        for shift in range(-2, 3):
            for image in (2 * shift + p, 2 * shift - p):
                smoothed += r * np.exp(-0.5 * ((grid - image) / bandwidth) ** 2)
    return float(np.abs(smoothed).mean() / (bandwidth * np.sqrt(2 * np.pi)))


@pytest.mark.parametrize("n", [1, 25, 150])
def test_smooth_error_solves_its_equation_with_direct_kernel_sums(n: int, rng: np.random.Generator) -> None:
    # Risks up to the very ends, where the kernel is reflected.
    risk = np.clip(rng.random(n) * 1.1 - 0.05, 0, 1)
    y, weight = rng.integers(0, 2, n), rng.random(n) + 0.5
    error = smooth_calibration_error(
        y, risk, sample_weight=weight, weight_kind="importance", n_resamples=1, rng=0
    ).estimate
    assert kernel_sum(risk, weight * (y - risk) / weight.sum(), error) == pytest.approx(error, abs=1e-7)


def test_norm_equals_direct_kernel_sums_at_other_bandwidths(rng: np.random.Generator) -> None:
    risk, y = rng.random(60), rng.integers(0, 2, 60)
    sums = sum_by_forecast(risk, y == 1)
    statistic = SmoothStatistic(sums)
    spectrum = statistic.finish(statistic.reduce(sums.events)[None, :])
    for bandwidth in (0.05, 0.1, 0.5):
        direct = kernel_sum(risk, (y - risk) / 60, bandwidth)
        assert smooth_norms(spectrum, bandwidth)[0] == pytest.approx(direct, abs=1e-7)


def test_norm_falls_as_the_bandwidth_grows(rng: np.random.Generator) -> None:
    sums = sum_by_forecast(rng.random(100), rng.random(100) < 0.5)
    statistic = SmoothStatistic(sums)
    spectrum = statistic.finish(statistic.reduce(sums.events)[None, :])
    norms = [smooth_norms(spectrum, s)[0] for s in (0.001, 0.01, 0.1, 1)]
    assert norms == sorted(norms, reverse=True)


def test_fixed_points_are_found_line_by_line(rng: np.random.Generator) -> None:
    spectra = rng.normal(size=(4, 64)) / 2000
    spectra[3] = 0
    points = fixed_points(spectra)
    assert points[3] == 0
    for line, point in zip(spectra[:3], points, strict=False):
        assert smooth_norms(line[None, :], point)[0] == pytest.approx(point, abs=1e-11)
        assert fixed_points(line[None, :])[0] == pytest.approx(point, abs=1e-11)


@pytest.mark.parametrize("size", [1e-9, 1e-3, 1.0])
def test_fixed_points_are_found_where_the_norm_falls_off_a_cliff(size: float) -> None:
    # Residuals of one wave number k: the norm is a constant times exp(-(pi k s)^2 / 2), whatever the start.
    spectra = np.zeros((64, 64))
    np.fill_diagonal(spectra, size)
    points = fixed_points(spectra)
    at_zero = smooth_norms(spectra, 0.0)
    shrunken = at_zero * np.exp(-0.5 * (np.pi * np.arange(64) * points) ** 2)
    np.testing.assert_allclose(points, shrunken, rtol=0, atol=2e-12)
    assert (points > 0).all()


def test_norms_are_those_of_each_line_alone(rng: np.random.Generator) -> None:
    # Lines are smoothed some at a time, and wave numbers that a kernel swallows are left out.
    spectra, bandwidth = rng.normal(size=(70, 512)), rng.uniform(0, 0.4, 70)
    wave = np.cos(np.pi * np.outer(np.arange(512) + 0.5, np.arange(512)) / 512)
    wave[:, 0] = 0.5
    kernel = np.exp(-0.5 * (np.pi * np.outer(bandwidth, np.arange(512))) ** 2)
    direct = np.abs((spectra * kernel) @ wave.T / 512).sum(axis=1)
    np.testing.assert_allclose(smooth_norms(spectra, bandwidth), direct, rtol=1e-12)


def test_smooth_error_of_one_risk_is_its_distance_from_the_event_rate() -> None:
    # All residuals at the centre: smoothing loses nothing but what cancels, so the L1 norm is |1/2 - 0.3|.
    error = smooth_calibration_error([0, 1] * 50, [0.3] * 100, n_resamples=99, rng=0)
    assert error.estimate == pytest.approx(0.2)
    assert error.p_value == pytest.approx(0.01)
    assert error.method.startswith("Gaussian kernel, bandwidth 0.2")
