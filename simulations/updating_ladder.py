"""How often the updating ladder changes more than is needed, and how often it sees that a change is due.

Run as a file, it prints the table of docs/simulations/updating_ladder.md.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from riskdec.calibration import choose_update
from simulations.markdown import share, table

SEED = 20261121
NAMES = ("none", "citl", "citl and slope", "refit")
OLD = np.array([0.8, 0.5, 0.0, -0.3, 0.2])


class Truth(NamedTuple):
    """What became of an old model: log-odds ``shift + slope * old + new column``."""

    name: str
    needed: str
    shift: float = 0.0
    slope: float = 1.0
    new: float = 0.0


TRUTHS = (
    Truth("as it was", "none"),
    Truth("odds x 1.5", "citl", 0.405),
    Truth("odds x 1.5, slope .7", "citl and slope", 0.405, 0.7),
    Truth("odds x 1.5, slope .7, a new effect of .4", "refit", 0.405, 0.7, 0.4),
)


def choices(truth: Truth, *, n: int, repetitions: int, seed: int = SEED) -> np.ndarray:
    """Give the share of data sets in which each rung is chosen, lowest first."""
    rng = np.random.default_rng([seed, n, TRUTHS.index(truth)])
    counts = np.zeros(4)
    for _ in range(repetitions):
        X = rng.normal(size=(n, len(OLD)))
        log_odds = -2.0 + X @ OLD
        y = rng.random(n) < expit(truth.shift + truth.slope * log_odds + truth.new * X[:, 2])
        counts[NAMES.index(choose_update(y, expit(log_odds), X=X).chosen)] += 1
    return counts / repetitions


def main(repetitions: int = 1000) -> None:
    """Print the table."""
    error = np.sqrt(0.05 * 0.95 / repetitions)
    print(f"Five columns, 15 to 20 % events, level .05; {repetitions} data sets each, error {error:.3f}, seed {SEED}\n")
    rows = []
    for n in (400, 2000):
        for truth in TRUTHS:
            found = choices(truth, n=n, repetitions=repetitions)
            more = found[NAMES.index(truth.needed) + 1 :].sum()
            rows.append((f"{n:,} rows, {truth.name}", *map(share, found.tolist()), share(float(more))))
    print(table(("truth", *NAMES, "more than needed"), rows))


if __name__ == "__main__":
    main()
