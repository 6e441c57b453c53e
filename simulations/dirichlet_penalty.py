"""What Dirichlet calibration gains or loses against temperature scaling, by rows, data and strength of the penalty.

Run as a file, it prints the table of docs/simulations/dirichlet_penalty.md.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import softmax
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier

from riskdec.calibration import DirichletCalibrator, TemperatureCalibrator, VectorScalingCalibrator
from riskdec.errors import RiskdecError, RiskdecWarning
from simulations.markdown import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec.calibration import Calibrator

SEED = 20261121
# Standard deviations of the normal priors that stand for strengths; the second is the default.
DEVIATIONS = (0.02, 0.05, 0.2)
COLUMNS = ("as it is", "temperature", "vector", *(f"Dirichlet {deviation:g}" for deviation in DEVIATIONS))


class Source(NamedTuple):
    """Probabilities of a classifier, and what happened."""

    name: str
    proba: np.ndarray
    y: np.ndarray
    sizes: tuple[int, ...]


def sources() -> Iterator[Source]:
    """Give made classifiers whose fault is known, and one of real images."""
    rng = np.random.default_rng(SEED)
    for k in (3, 10):
        truth = rng.dirichlet(np.full(k, 0.5), 12_000) + 1e-9
        truth /= truth.sum(axis=1, keepdims=True)
        y = (np.log(truth) + rng.gumbel(size=truth.shape)).argmax(axis=1)
        confused = 0.8 * np.eye(k) + 0.2 * np.roll(np.eye(k), 1, axis=1)
        mixed = np.eye(k) + rng.normal(0, 0.3, (k, k))
        sizes = (30 * k, 100 * k, 400 * k)
        yield Source(f"{k} outcomes, too sure by a factor of 2", softmax(2 * np.log(truth), axis=1), y, sizes)
        yield Source(f"{k} outcomes, a fifth taken for the next", truth @ confused, y, sizes)
        yield Source(f"{k} outcomes, logits mixed at random", softmax(np.log(truth) @ mixed, axis=1), y, sizes)
    digits = load_digits()
    order = rng.permutation(len(digits.target))
    X, y = digits.data[order], digits.target[order]
    forest = RandomForestClassifier(100, random_state=0).fit(X[:500], y[:500])
    proba = np.maximum(forest.predict_proba(X[500:]), 1e-6)
    yield Source("10 digits by a forest", proba / proba.sum(axis=1, keepdims=True), y[500:], (300, 800))


def calibrators(n: int, k: int) -> tuple[Calibrator, ...]:
    """Give the candidates for n rows of k outcomes."""
    strengths = (k * (k - 1) / (2 * n * deviation**2) for deviation in DEVIATIONS)
    dirichlet = (DirichletCalibrator(off_diagonal_penalty=strength) for strength in strengths)
    return (TemperatureCalibrator(), VectorScalingCalibrator(), *dirichlet)


def losses(source: Source, n: int, repetitions: int) -> np.ndarray:
    """Give the mean log loss of rows left out, as it is and calibrated on n rows; infinite where there was no fit."""
    found = np.full((repetitions, len(COLUMNS)), np.inf)
    for k in range(repetitions):
        order = np.random.default_rng([SEED, n, k]).permutation(len(source.y))
        p, y = source.proba[order], source.y[order]
        found[k, 0] = _log_loss(p[n:], y[n:])
        for j, calibrator in enumerate(calibrators(n, p.shape[1]), start=1):
            try:
                found[k, j] = _log_loss(calibrator.fit(p[:n], y[:n]).predict_proba(p[n:]), y[n:])
            except RiskdecError:
                continue
    mean: np.ndarray = found.mean(axis=0)
    return mean


def _log_loss(proba: np.ndarray, y: np.ndarray) -> float:
    return -float(np.log(proba[np.arange(len(y)), y]).mean())


def main(repetitions: int = 5) -> None:
    """Print the table."""
    print(f"Mean log loss of rows left out, in nats; {repetitions} splits each, seed {SEED}.\n")
    rows = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RiskdecWarning)
        for source in sources():
            for n in source.sizes:
                found = losses(source, n, repetitions).tolist()
                shown = (f"{loss:.3f}" if np.isfinite(loss) else "no fit" for loss in found)
                rows.append((f"{source.name}, {n:,} rows", *shown))
    print(table(("data", *COLUMNS), rows))


if __name__ == "__main__":
    main()
