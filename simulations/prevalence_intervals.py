"""How often the interval of a prevalence without labels holds the truth, and how often label shift is rejected wrongly.

Run as a file, it prints the tables of docs/simulations/prevalence_intervals.md.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit, softmax

from riskdec.calibration import estimate_prevalence
from simulations.markdown import share, table

SEED = 20261121


class Design(NamedTuple):
    """Normal scores, one unit of variance, means 0 and `distance`; log-odds stretched and shifted on the way.

    Attributes
    ----------
    name : str
        What the table calls it.
    prevalence : float
        The truth.
    n : int
        Rows without labels.
    distance : float
        Between the means: 1.5 is an AUC of .86, 2.5 one of .96.
    n_labelled : int
        Labelled rows; 0 for none, with scores calibrated at 1/2.
    labelled_share : float
        Events among them.
    method : {"likelihood", "confusion"}
        How the prevalence is estimated.
    stretch : float
        Factor of the log-odds: 1 leaves them calibrated.
    group_size : int
        Rows of a group share half of the variance of their score, and the outcome.
    """

    name: str
    prevalence: float
    n: int
    distance: float = 1.5
    n_labelled: int = 0
    labelled_share: float = 0.5
    method: Any = "likelihood"
    stretch: float = 1.0
    group_size: int = 1


DESIGNS = (
    Design("calibrated scores, 10 %", 0.1, 1000),
    Design("calibrated scores, 10 %, AUC .96", 0.1, 1000, 2.5),
    Design("calibrated scores, 1 %", 0.01, 5000, 2.5),
    Design("calibrated scores, 0.1 %", 0.001, 20_000, 2.5),
    Design("calibrated scores, nobody", 0.0, 1000),
    Design("300 labelled rows", 0.1, 1000, 1.5, 300),
    Design("300 labelled rows, log-odds doubled", 0.1, 1000, 1.5, 300, stretch=2.0),
    Design("100 labelled rows, 20 of them events", 0.1, 2000, 1.5, 100, 0.2),
    Design("1000 labelled rows, 5 % events", 0.01, 5000, 2.5, 1000, 0.05),
    Design("confusion, 300 labelled rows", 0.1, 1000, 1.5, 300, method="confusion"),
    Design("confusion, 100 labelled rows, 20 of them events", 0.1, 2000, 1.5, 100, 0.2, method="confusion"),
    Design("groups of 5, said", 0.1, 2000, group_size=5),
)


class Coverage(NamedTuple):
    """How the estimates of one design fared.

    Attributes
    ----------
    covered : float
        Share of intervals that hold the truth.
    mean, width : float
        Mean estimate and mean width of the interval.
    rejected : float
        Share of tests of label shift below 0.05; nan without labelled rows.
    """

    covered: float
    mean: float
    width: float
    rejected: float


def coverage(design: Design, *, repetitions: int, seed: int = SEED) -> Coverage:
    """Estimate many times over."""
    rng = np.random.default_rng([seed, design.n, design.n_labelled, round(1e4 * design.prevalence), design.group_size])
    covered, estimates, widths, p_values = 0, [], [], []
    for _ in range(repetitions):
        answer = _estimate(design, rng)
        found = answer.prevalence
        covered += found.low <= design.prevalence <= found.high
        estimates.append(found.estimate)
        widths.append(found.high - found.low)
        if answer.label_shift is not None:
            p_values.append(answer.label_shift.p_value)
    rejected = float(np.mean(np.array(p_values) < 0.05)) if p_values else float("nan")
    return Coverage(covered / repetitions, float(np.mean(estimates)), float(np.mean(widths)), rejected)


def _estimate(design: Design, rng: np.random.Generator) -> Any:
    size = design.group_size
    event = np.repeat(rng.random(design.n // size) < design.prevalence, size)
    noise = rng.normal(size=len(event))
    if size > 1:
        noise = (noise + np.repeat(rng.normal(size=len(event) // size), size)) / np.sqrt(2)
    options: dict[str, Any] = {"groups": np.arange(len(event)) // size} if size > 1 else {}
    if design.n_labelled:
        labelled = rng.random(design.n_labelled) < design.labelled_share
        options["y_true_calibration"] = labelled
        options["y_proba_calibration"] = _risk(design, labelled, rng.normal(size=len(labelled)))
    else:
        options["train"] = 0.5
    return estimate_prevalence(_risk(design, event, noise), method=design.method, **options)


def _risk(design: Design, event: np.ndarray, noise: np.ndarray) -> np.ndarray:
    log_odds = design.distance * (noise + design.distance * event) - design.distance**2 / 2
    return np.asarray(expit(design.stretch * log_odds))


def coverage_of_three(*, n: int, repetitions: int, seed: int = SEED) -> np.ndarray:
    """Give the share of intervals that hold the truth for each of three outcomes of 70, 25 and 5 %."""
    rng = np.random.default_rng([seed, n, 3])
    truth, centre = np.array([0.7, 0.25, 0.05]), 1.5 * np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    hits = np.zeros(3)
    for _ in range(repetitions):
        x = rng.normal(size=(n, 2)) + centre[rng.choice(3, n, p=truth)]
        proba = softmax(x @ centre.T - 0.5 * (centre**2).sum(axis=1), axis=1)
        shares = estimate_prevalence(proba, train=[1 / 3] * 3).shares
        hits += [found.low <= q <= found.high for found, q in zip(shares, truth, strict=True)]
    return hits / repetitions


def main(repetitions: int = 2000) -> None:
    """Print both tables."""
    error = np.sqrt(0.95 * 0.05 / repetitions)
    print(f"95 % intervals, {repetitions} data sets each, Monte Carlo error {error:.3f}, seed {SEED}\n")
    rows = []
    for design in DESIGNS:
        found = coverage(design, repetitions=repetitions)
        rejected = "" if np.isnan(found.rejected) else share(found.rejected)
        truth = f"{design.prevalence:g}"
        rows.append((design.name, truth, f"{found.mean:.4f}", share(found.covered), f"{found.width:.4f}", rejected))
    header = ("design", "truth", "mean estimate", "covered", "mean width", "label shift rejected at .05")
    print(table(header, rows))
    few = repetitions // 4
    error = np.sqrt(0.95 * 0.05 / few)
    print(f"\nThree outcomes, 1,000 rows, calibrated scores, {few} data sets, Monte Carlo error {error:.3f}\n")
    hits = coverage_of_three(n=1000, repetitions=few)
    print(
        table(
            ("prevalence", "covered"), [(f"{q:g}", share(hit)) for q, hit in zip((0.7, 0.25, 0.05), hits, strict=True)]
        )
    )


if __name__ == "__main__":
    main()
