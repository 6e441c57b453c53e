"""Size of tests under class weights: likelihood-ratio tests take weighted rows for rows, robust Wald tests do not.

Each repetition draws rows with one column that matters and one that does not, and tests the one that does not, without
weights and with natural weights. The last columns say how often Akaike's criterion keeps it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.likelihood import binomial_residuals, fit_binomial, sandwich_covariance
from simulations.markdown import share, table

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20261121
ROWS, REPETITIONS = 2_000, 1_000
# Points of chi-square with one degree of freedom: 5 %, and the two units that Akaike's criterion asks for.
CRITICAL, AKAIKE = 3.841459, 2.0
COLUMNS = ("no weights", "weights (1, r)", "weights of mean one", "robust Wald", "AIC, no weights", "AIC, (1, r)")


class Design(NamedTuple):
    """Share of events, slope of the column that matters, and the intercept that gives the share."""

    prevalence: float
    slope: float
    intercept: float


DESIGNS = (Design(0.2, 1.0, -1.6497), Design(0.05, 1.0, -3.3715), Design(0.05, 2.0, -4.4225))


def sizes(design: Design, *, repetitions: int = REPETITIONS, seed: int = SEED) -> np.ndarray:
    """Give the share of repetitions in which each test rejects, or Akaike's criterion keeps the column."""
    rng = np.random.default_rng([seed, round(100 * design.prevalence), round(design.slope)])
    rejected = np.zeros(len(COLUMNS))
    for _ in range(repetitions):
        X = rng.normal(size=(ROWS, 2))
        y = rng.random(ROWS) < 1 / (1 + np.exp(-design.intercept - design.slope * X[:, 0]))
        ratio = (~y).sum() / y.sum()
        weight = np.where(y, ratio, 1.0)
        plain = 2 * _gain(X, y, None)
        weighted = 2 * _gain(X, y, weight)
        wald = _robust_wald(X, y, weight)
        mean_one = weighted * ROWS / weight.sum()
        rejected += [
            *(statistic > CRITICAL for statistic in (plain, weighted, mean_one, wald)),
            *(statistic > AKAIKE for statistic in (plain, weighted)),
        ]
    return rejected / repetitions


def _gain(X: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> float:
    with_column, without = (fit_binomial(X[:, :k], y, weight=weight).log_likelihood for k in (2, 1))
    return with_column - without


def _robust_wald(X: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float:
    fit = fit_binomial(X, y, weight=weight)
    covariance = sandwich_covariance(fit, weight * binomial_residuals(y, fit.linear_predictor))
    return float(fit.coef[2] ** 2 / covariance[2, 2])


def _lines(repetitions: int) -> Iterator[tuple[str, ...]]:
    for design in DESIGNS:
        found = sizes(design, repetitions=repetitions)
        errors = np.sqrt(found * (1 - found) / repetitions)
        cells = (f"{share(value)} ({share(error)})" for value, error in zip(found, errors, strict=True))
        yield (f"{100 * design.prevalence:.0f} % events, slope {design.slope:g}", *cells)


def main(repetitions: int = REPETITIONS) -> None:
    """Print the table."""
    print(
        f"{ROWS:,} rows, {repetitions:,} repetitions, seed {SEED}; in brackets the standard error of each share. r is "
        "the natural ratio of each sample. The level is .05; Akaike's criterion keeps a column of noise in .157 of "
        "samples where its likelihood is one.\n"
    )
    print(table(("rows", *COLUMNS), _lines(repetitions)))


if __name__ == "__main__":
    main()
