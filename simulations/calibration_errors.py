"""How often intervals of calibration errors cover, and how often their tests reject risks that are right."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from riskdec.diagnostics.curves.isotonic_curve import IsotonicStatistic
from riskdec.diagnostics.curves.smoothed import SmoothedStatistic
from riskdec.diagnostics.distances.binned import bin_norms, draw_residuals
from riskdec.diagnostics.distances.binning import bin_forecasts, find_bins, merge_lonely_bins
from riskdec.diagnostics.distances.cutoff import CutoffStatistic
from riskdec.diagnostics.distances.debiased import centred_squares, debiased_square
from riskdec.diagnostics.distances.errors import monte_carlo_p_value, upper_point
from riskdec.diagnostics.distances.kernel_error import KernelStatistic
from riskdec.diagnostics.distances.smooth import SmoothStatistic, fixed_points, smooth_norms
from riskdec.diagnostics.draws import observe, resample
from riskdec.diagnostics.hypothesis_tests import SpiegelhalterStatistic
from riskdec.scores.sums import sum_by_forecast
from simulations.markdown import share, table

if TYPE_CHECKING:
    from riskdec.diagnostics.draws import MakeStatistic
    from riskdec.scores.sums import ForecastSums

SEED = 20261121
LEVEL = 0.95
N_BINS = 10
KERNEL: MakeStatistic = partial(KernelStatistic, bandwidth=0.1)
SEMINORMS: tuple[MakeStatistic, ...] = (CutoffStatistic, SmoothStatistic, SmoothedStatistic, KERNEL)


class Design(NamedTuple):
    """Rows with normal log odds, of which the events follow `slope` times the log odds around their mean.

    Attributes
    ----------
    n : int
        Rows.
    prevalence : float
        Mean risk; where the slope is 1 also the rate of events.
    slope : float
        Calibration slope of the truth.
    digits : int or None
        Digits to which the risks are rounded, so that they are tied.
    weights : {"none", "frequency", "importance"}
        None, whole weights 0 to 3 drawn apart from the outcome, or gamma distributed ones.
    """

    n: int
    prevalence: float
    slope: float = 1.0
    digits: int | None = None
    weights: str = "none"

    def risks(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw risks, and the true rate of events at each."""
        center = _center(self.prevalence)
        risk = expit(rng.normal(center, 1.0, n))
        if self.digits is not None:
            risk = np.clip(risk.round(self.digits), 10.0**-self.digits, 1 - 10.0**-self.digits)
        odds = center + self.slope * (np.log(risk / (1 - risk)) - center)
        return risk, np.asarray(expit(odds))

    def sample(self, rng: np.random.Generator) -> ForecastSums:
        """Draw rows and sum them up."""
        risk, rate = self.risks(self.n, rng)
        if self.weights == "importance":
            weight = rng.gamma(2.0, size=self.n)
            return sum_by_forecast(risk, rng.random(self.n) < rate, weight, kind="importance")
        if self.weights == "none":
            return sum_by_forecast(risk, rng.random(self.n) < rate)
        times = rng.integers(0, 4, self.n)
        # A frequency weight counts rows with outcomes of their own: the events among them are binomial.
        events = rng.binomial(times, rate).astype(float)
        kept = times > 0
        doubled = np.concatenate([risk[kept], risk[kept]])
        weight = np.concatenate([events[kept], (times - events)[kept]])
        is_event = np.arange(len(weight)) < kept.sum()
        return sum_by_forecast(doubled[weight > 0], is_event[weight > 0], weight[weight > 0])

    def population(self, rng: np.random.Generator) -> ForecastSums:
        """Give sums of many rows of which each holds its share of an event."""
        risk, rate = self.risks(200_000, rng)
        sums = sum_by_forecast(risk, np.zeros(len(risk), dtype=bool))
        order = np.argsort(risk)
        start = np.flatnonzero(np.concatenate([[True], np.diff(risk[order]) > 0]))
        return sums._replace(events=np.add.reduceat(rate[order], start))


INTERVALS = (
    Design(1000, 0.3),
    Design(1000, 0.3, slope=0.8),
    Design(1000, 0.3, slope=0.8, digits=2),
    Design(2000, 0.05, slope=0.8, digits=2),
    Design(2000, 0.01, digits=3),
    Design(200, 0.3, digits=2),
    Design(1000, 0.3, digits=2, weights="importance"),
)
TESTS = (
    Design(200, 0.5),
    Design(1000, 0.01),
    Design(500, 0.3, digits=1),
    Design(300, 0.3, digits=1, weights="frequency"),
    Design(300, 0.3, weights="importance"),
)
NAMES = ("cutoff", "smooth", "ICI", "kernel", "binned", "debiased")
TEST_NAMES = ("cutoff", "smooth", "ICI", "miscalibration", "binned", "debiased", "kernel", "Spiegelhalter")


def coverage(design: Design, *, repetitions: int, n_resamples: int = 99, seed: int = SEED) -> np.ndarray:
    """Count how often each interval covers what the error is in the population."""
    rng = np.random.default_rng([seed, INTERVALS.index(design)])
    population = design.population(rng)
    truths = {make: observe(population, make) for make in SEMINORMS}
    covered = np.zeros(len(NAMES))
    for _ in range(repetitions):
        sums = design.sample(rng)
        draws = resample(sums, SEMINORMS, SEMINORMS, clusters=None, n_resamples=n_resamples, rng=rng)
        bandwidth = fixed_points(draws.observed[SmoothStatistic][None, :])[0]
        for place, make in enumerate(SEMINORMS):
            values = [draws.observed[make][None, :], draws.null[make], draws.noise[make], truths[make][None, :]]
            if make is SmoothStatistic:
                values = [smooth_norms(each, bandwidth)[:, None] for each in values]
            elif make is KERNEL:
                values = [np.sqrt(np.maximum(each, 0)) for each in values]
            estimate, null, noise, truth = (each[:, 0] for each in values)
            margin = max(upper_point(null, LEVEL), upper_point(noise, LEVEL))
            covered[place] += abs(estimate[0] - truth[0]) <= margin
        covered[4:] += _bins_cover(sums, population, n_resamples, rng)
    return covered / repetitions


def _bins_cover(sums: ForecastSums, population: ForecastSums, n_resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Tell for the plain and the debiased error whether they cover what they are in these bins in the population."""
    start = merge_lonely_bins(sums, find_bins(sums, N_BINS, "equal_mass"))
    bins = bin_forecasts(sums, start)
    edges = np.unique(np.append(0, np.searchsorted(population.risk, sums.risk[start[1:]])))
    whole = bin_forecasts(population, edges[edges < len(population.risk)])
    truth = bin_norms(whole.residual[None, :], whole.weight, "l1")[0]
    null, noise = draw_residuals(sums, bins, None, n_resamples, rng)
    rows = [np.concatenate([bins.residual[None, :], drawn]) for drawn in (null, noise)]
    values = [bin_norms(drawn, bins.weight, "l1") for drawn in rows]
    plain = abs(values[0][0] - truth) <= max(upper_point(each, LEVEL) for each in values)
    square = float((whole.residual**2 / whole.weight).sum() / whole.weight.sum())
    estimate, error = debiased_square(bins)
    return np.array([plain, abs(estimate - square) <= 1.959964 * error])


def sizes(design: Design, *, repetitions: int, n_resamples: int = 99, seed: int = SEED) -> np.ndarray:
    """Count how often each Monte Carlo test rejects risks that are right, at 0.05."""
    rng = np.random.default_rng([seed, 100 + TESTS.index(design)])
    tests: tuple[MakeStatistic, ...] = (*SEMINORMS, IsotonicStatistic, SpiegelhalterStatistic)
    rejected = np.zeros(len(TEST_NAMES))
    for _ in range(repetitions):
        sums = design.sample(rng)
        null = resample(sums, tests, (), clusters=None, n_resamples=n_resamples, rng=rng).null
        # The bandwidth that equals the error is larger just where the error at the observed bandwidth is.
        bandwidth = fixed_points(null[SmoothStatistic][:1])[0]
        bins = bin_forecasts(sums, find_bins(sums, N_BINS, "equal_mass"))
        residual = np.concatenate([bins.residual[None, :], draw_residuals(sums, bins, None, n_resamples, rng)[0]])
        values = (
            null[CutoffStatistic][:, 0],
            smooth_norms(null[SmoothStatistic], bandwidth),
            null[SmoothedStatistic][:, 0],
            null[IsotonicStatistic][:, 0],
            bin_norms(residual, bins.weight, "l1"),
            centred_squares(residual, bins),
            null[KERNEL][:, 0],
            np.abs(null[SpiegelhalterStatistic][:, 0]),
        )
        rejected += [monte_carlo_p_value(each) <= 0.05 for each in values]
    return rejected / repetitions


@cache
def _center(prevalence: float) -> float:
    """Find the mean of normal log odds of standard deviation 1 at which the mean risk is as wanted."""
    normal = np.linspace(-8, 8, 4001)
    density = np.exp(-(normal**2) / 2)
    density /= density.sum()
    return float(brentq(lambda center: density @ expit(center + normal) - prevalence, -20, 20))


def _lines(names: tuple[str, ...], rows: list[tuple[Design, np.ndarray]]) -> str:
    header = ("mean risk", "n", "slope", "risks", "weights", *names)
    return table(header, [(*_words(design), *map(share, values)) for design, values in rows])


def _words(design: Design) -> tuple[str, ...]:
    ties = "distinct" if design.digits is None else f"{design.digits} digits"
    return f"{design.prevalence:g}", f"{design.n:,}", f"{design.slope:g}", ties, design.weights


def main(repetitions: int = 4000) -> None:
    """Print both tables."""
    half = repetitions // 2
    error = np.sqrt(LEVEL * (1 - LEVEL) / half)
    print(f"Coverage of nominal 0.95 intervals: {half:,} samples a row, 99 draws, seed {SEED}, se {error:.4f}.\n")
    print(_lines(NAMES, [(design, coverage(design, repetitions=half)) for design in INTERVALS]))
    error = np.sqrt(0.05 * 0.95 / repetitions)
    print(f"\nRejections at 0.05 of risks that are right: {repetitions:,} samples a row, se {error:.4f}.\n")
    print(_lines(TEST_NAMES, [(design, sizes(design, repetitions=repetitions)) for design in TESTS]))
