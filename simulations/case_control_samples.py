"""What a case-control sample costs: variance of its coefficients over that of all rows, beside theory.

Run as a file, it prints the table of docs/simulations/case_control_samples.md.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from riskdec.calibration import case_control, local_case_control
from riskdec.likelihood import fit_binomial
from simulations.markdown import table

SEED = 20261121
TRUTH = np.array([-4.0, 1.2])


class Cost(NamedTuple):
    """Fits of samples beside fits of all rows over many data sets.

    Attributes
    ----------
    kept : float
        Mean share of the rows that a sample keeps.
    bias, bias_error : ndarray of shape (2,)
        Mean of (coefficient minus truth), intercept first, and its Monte Carlo error.
    ratio, ratio_error : ndarray of shape (2,)
        Variance over that of a fit of all rows, and its Monte Carlo error.
    """

    kept: float
    bias: np.ndarray
    bias_error: np.ndarray
    ratio: np.ndarray
    ratio_error: np.ndarray


def theory(factor: float) -> np.ndarray:
    """Give the variance over that of all rows with a right pilot.

    Kept rows have even odds, so the information of a row is a quarter of its weight: ``a`` on average, and the variance
    of its score a quarter of ``a max(a, 1)``. That is 1 + 1 / c for rare events, and less where both outcomes are kept
    for sure.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(150)
    p = expit(TRUTH[0] + TRUTH[1] * nodes)
    x = np.column_stack([np.ones_like(nodes), nodes])
    event, other = factor * (1 - p), factor * p

    def moment(value: np.ndarray) -> np.ndarray:
        return np.asarray((x * (weights * value / weights.sum())[:, None]).T @ x)

    bread = np.linalg.inv(moment((p * event + (1 - p) * other) / 4))
    meat = moment((p * event * np.maximum(event, 1) + (1 - p) * other * np.maximum(other, 1)) / 4)
    return np.asarray(np.diag(bread @ meat @ bread) / np.diag(np.linalg.inv(moment(p * (1 - p)))))


def cost(factor: float | None, *, n: int, repetitions: int, pilot: np.ndarray = TRUTH, seed: int = SEED) -> Cost:
    """Fit samples with a pilot and a factor, or without (None): a twentieth of the non-events."""
    rng = np.random.default_rng([seed, n, 0 if factor is None else round(10 * factor)])
    full, sampled, kept = np.empty((repetitions, 2)), np.empty((repetitions, 2)), 0
    for i in range(repetitions):
        x = rng.normal(size=n)
        y = rng.random(n) < expit(TRUTH[0] + TRUTH[1] * x)
        full[i] = fit_binomial(x[:, None], y).coef
        if factor is None:
            sample = case_control(y, keep_rates=(0.05, 1), rng=rng)
        else:
            sample = local_case_control(y, expit(pilot[0] + pilot[1] * x), factor=factor, rng=rng)
        rows = sample.index
        fit = fit_binomial(x[rows, None], y[rows], weight=sample.sample_weight, offset=sample.offset)
        sampled[i], kept = fit.coef, kept + len(rows)
    ratio = sampled.var(axis=0) / full.var(axis=0)
    correlation = np.array([np.corrcoef(full[:, j], sampled[:, j])[0, 1] for j in range(2)])
    return Cost(
        kept / (n * repetitions),
        sampled.mean(axis=0) - TRUTH,
        sampled.std(axis=0) / np.sqrt(repetitions),
        ratio,
        ratio * 2 * np.sqrt((1 - correlation**2) / repetitions),
    )


def _pair(values: np.ndarray) -> str:
    return " / ".join(f"{value:.2f}" for value in values)


def main(repetitions: int = 600, n: int = 40_000) -> None:
    """Print the table."""
    print(f"Truth {TRUTH.tolist()}, n = {n:,}, {repetitions} data sets each, seed {SEED}\n")
    wrong = np.array([-3.3, 0.7])
    designs = (
        *((f"right pilot, c = {c:g}", c, TRUTH, _pair(theory(c))) for c in (1.0, 2.0, 5.0)),
        (f"wrong pilot {wrong.tolist()}, c = 1", 1.0, wrong, ""),
        ("every event, 1 in 20 non-events", None, TRUTH, ""),
    )
    rows = []
    for name, factor, pilot, expected in designs:
        found = cost(factor, n=n, repetitions=repetitions, pilot=pilot)
        cells = [
            f"{found.bias[j]:.4f} ± {found.bias_error[j]:.4f} / {found.ratio[j]:.2f} ± {found.ratio_error[j]:.2f}"
            for j in range(2)
        ]
        rows.append((name, f"{100 * found.kept:.1f} %", *cells, expected))
    header = (
        "sample",
        "rows kept",
        "intercept: bias / variance ratio",
        "slope: bias / variance ratio",
        "ratios by theory",
    )
    print(table(header, rows))


if __name__ == "__main__":
    main()
