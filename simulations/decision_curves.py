"""How often the bands of decision curves cover: restricted to thresholds with enough cases behind them, and not.

Run as a file, it prints the tables of docs/simulations/decision_curves.md.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from riskdec import decision_curve
from riskdec.decisions.curves.bands import largest_deviation
from riskdec.decisions.curves.moments import Sample, covariance, measure
from riskdec.decisions.curves.strategies import by_threshold

SEED = 20261121
POPULATION = 1_000_000


class Coverage(NamedTuple):
    """Shares of samples in which the whole true curve lies inside."""

    band: float
    everywhere: float
    exact: float
    difference: float


def coverage(mean_logit: float, n: int, thresholds: np.ndarray, repetitions: int) -> tuple[float, Coverage]:
    """Draw samples of calibrated risks and count how often limits hold.

    Returns
    -------
    prevalence : float
        Share of events in the population.
    coverage : Coverage
        The band where five events and non-events are acted on; a band over all thresholds with a positive standard
        error; the exact limits outside the first one, threshold by threshold; 95 % limits of the paired difference
        from a noisy copy of the risks at the middle threshold.
    """
    rng = np.random.default_rng([SEED, n])
    risks = 1 / (1 + np.exp(-rng.normal(mean_logit, 1, POPULATION)))
    noisy = risks * np.exp(rng.normal(0, 0.5, POPULATION))
    noisy = noisy / (1 - risks + noisy)
    truth, other = (_true_net_benefit(score, risks, thresholds) for score in (risks, noisy))
    middle = thresholds.size // 2
    hits = np.zeros(4)
    exact_cells = 0
    for _ in range(repetitions):
        rows = rng.integers(0, POPULATION, n)
        y = rng.random(n) < risks[rows]
        if not y.any():
            continue
        curve = decision_curve(y, {"a": risks[rows], "b": noisy[rows]}, thresholds=thresholds)
        inside = curve.in_band[0]
        held = (truth >= curve.low[0]) & (truth <= curve.high[0])
        hits[0] += held[inside].all()
        hits[1] += _covers_everywhere(risks[rows], y, thresholds, truth)
        hits[2] += held[~inside].sum()
        exact_cells += int((~inside).sum())
        distance = abs(curve.difference[0, middle] - (truth - other)[middle])
        hits[3] += distance <= 1.959964 * curve.difference_error[0, middle]
    shares = hits / np.array([repetitions, repetitions, max(exact_cells, 1), repetitions])
    return float(risks.mean()), Coverage(*shares.tolist())


def _true_net_benefit(score: np.ndarray, risks: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    acted = [score >= t for t in thresholds]
    exchange = thresholds / (1 - thresholds)
    return np.array([np.mean(a * risks) - w * np.mean(a * (1 - risks)) for a, w in zip(acted, exchange, strict=True)])


def _covers_everywhere(risk: np.ndarray, y: np.ndarray, thresholds: np.ndarray, truth: np.ndarray) -> bool:
    """Tell whether a band over all thresholds, whatever stands behind them, holds."""
    sample = Sample(y, None, "frequency", None)
    curve, scale = measure(by_threshold("m", risk, thresholds), sample, None, None)
    matrix = covariance(curve, scale, sample)
    error = np.sqrt(np.maximum(np.diagonal(matrix), 0))
    some = error > 0
    quantile = largest_deviation(matrix[np.ix_(some, some)] / np.outer(error[some], error[some]), 0.95)
    return bool((np.abs(curve.value - truth) <= quantile * error + 1e-15).all())


def main(repetitions: int = 500) -> None:
    """Print the table."""
    print(f"Bands at nominal 95 % ({repetitions} samples, seed {SEED})\n")
    print("| prevalence | n | thresholds | band | over all thresholds | exact, each | paired difference |")
    print("|---:|---:|---|---:|---:|---:|---:|")
    designs = ((-0.9, 1000, 0.99), (-3.3, 1000, 0.5), (-5.05, 2000, 0.25), (-5.05, 10_000, 0.25))
    for mean_logit, n, top in designs:
        grid = np.linspace(0.01, top, 50)
        prevalence, found = coverage(mean_logit, n, grid, repetitions)
        cells = " | ".join(f"{share:.3f}" for share in found)
        print(f"| {prevalence:.3f} | {n} | 0.01 to {top} | {cells} |")


if __name__ == "__main__":
    main()
