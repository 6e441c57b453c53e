"""What undoing class weights gives back: the unweighted fit on average if the form is right, else not even the mean.

Run as a file, it prints the tables of docs/simulations/undoing_weights.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from riskdec.calibration import choose_update, undo_class_weight, undo_sampling
from riskdec.likelihood import fit_binomial
from riskdec.scores import log_score
from simulations.markdown import table

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED = 20261121
# Prevalence and standard deviation of the log-odds, with the efficiencies of the slope and of the intercept.
DESIGNS = ((0.12, 1.0), (0.05, 1.0), (0.05, 2.0), (0.01, 1.0))
_NODES = np.polynomial.hermite_e.hermegauss(150)


class WellSpecified(NamedTuple):
    """Undone weighted fits beside unweighted ones over many data sets.

    Attributes
    ----------
    difference, standard_error : ndarray of shape (2,)
        Mean of (undone minus unweighted) coefficients, intercept first, and its Monte Carlo error.
    ratio, ratio_error : ndarray of shape (2,)
        Variance of the unweighted over that of the undone coefficient, and its Monte Carlo error.
    formula : ndarray of shape (2,)
        The same by theory.
    """

    difference: np.ndarray
    standard_error: np.ndarray
    ratio: np.ndarray
    ratio_error: np.ndarray
    formula: np.ndarray


def intercept_for(prevalence: float, sd: float) -> float:
    """Give the intercept at which ``expit(a + sd z)`` averages the prevalence, z standard normal."""
    nodes, weights = _NODES
    return float(brentq(lambda a: weights @ expit(a + sd * nodes) / weights.sum() - prevalence, -30, 10))


def efficiency(prevalence: float, sd: float) -> np.ndarray:
    """Give the variance of the unweighted over that of the undone coefficients, natural weights, form right."""
    nodes, weights = _NODES
    p = expit(intercept_for(prevalence, sd) + sd * nodes)
    x = np.column_stack([np.ones_like(nodes), sd * nodes])
    ratio = (1 - prevalence) / prevalence
    v, u = p * (1 - p), ratio / (ratio * p + 1 - p)

    def moment(factor: np.ndarray) -> np.ndarray:
        return np.asarray((x * (weights * factor / weights.sum())[:, None]).T @ x)

    bread = np.linalg.inv(moment(v * u))
    return np.asarray(np.diag(np.linalg.inv(moment(v))) / np.diag(bread @ moment(v * u**2) @ bread))


def well_specified(prevalence: float, sd: float, *, n: int, repetitions: int, seed: int = SEED) -> WellSpecified:
    """Fit natural weights and none to data whose log-odds are a line, and compare after undoing."""
    rng = np.random.default_rng([seed, round(1e4 * prevalence), round(10 * sd), n])
    intercept = intercept_for(prevalence, sd)
    coefs = np.empty((repetitions, 2, 2))
    for i in range(repetitions):
        x = sd * rng.normal(size=n)
        y = rng.random(n) < expit(intercept + x)
        ratio = (n - y.sum()) / y.sum()
        coefs[i, 0] = fit_binomial(x[:, None], y).coef
        coefs[i, 1] = fit_binomial(x[:, None], y, weight=np.where(y, ratio, 1.0)).coef - [np.log(ratio), 0.0]
    plain, undone = coefs[:, 0], coefs[:, 1]
    difference = undone - plain
    ratio = plain.var(axis=0) / undone.var(axis=0)
    correlation = np.array([np.corrcoef(plain[:, j], undone[:, j])[0, 1] for j in range(2)])
    return WellSpecified(
        difference.mean(axis=0),
        difference.std(axis=0) / np.sqrt(repetitions),
        ratio,
        ratio * 2 * np.sqrt((1 - correlation**2) / repetitions),
        efficiency(prevalence, sd),
    )


class Repair(NamedTuple):
    """Risks of one way on fresh rows, where the model is a line and the truth is not.

    Attributes
    ----------
    name : str
        The way.
    mean : float
        Mean risk.
    coefficient : float
        Of the covariate.
    slope : float
        Calibration slope.
    distance : float
        Root mean squared distance to the true risks.
    regret : float
        Log score above that of the maximum likelihood line, in millinats per row.
    """

    name: str
    mean: float
    coefficient: float
    slope: float
    distance: float
    regret: float


def misspecified(n: int = 400_000, seed: int = SEED) -> tuple[float, list[Repair]]:
    """Give the prevalence on fresh rows, and how each way of handling imbalance does there."""
    rng = np.random.default_rng([seed, n])
    x, y, _ = _curved(rng, n)
    x_new, y_new, truth = _curved(rng, n)
    reference = None
    repairs = []
    for name, coef, risk in _ways(rng, x, y, x_new):
        score = float(log_score(y_new, risk))
        reference = score if reference is None else reference
        slope = choose_update(y_new, risk).rung("citl and slope").coef[1]
        distance = float(np.sqrt(np.mean((risk - truth) ** 2)))
        repairs.append(
            Repair(name, float(risk.mean()), float(coef[1]), float(slope), distance, 1000 * (score - reference))
        )
    return float(y_new.mean()), repairs


def _ways(
    rng: np.random.Generator, x: np.ndarray, y: np.ndarray, x_new: np.ndarray
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Give name, coefficients and risks of fresh rows of each way."""
    ratio = (len(y) - y.sum()) / y.sum()
    plain = fit_binomial(x[:, None], y).coef
    yield "maximum likelihood", plain, expit(plain[0] + plain[1] * x_new)
    weighted = fit_binomial(x[:, None], y, weight=np.where(y, ratio, 1.0)).coef
    raw = expit(weighted[0] + weighted[1] * x_new)
    yield "natural weights", weighted, raw
    undone = undo_class_weight(raw, class_weight=(1, ratio))
    yield "natural weights, undone", weighted, undone
    kept = y | (rng.random(len(y)) < 1 / ratio)
    thinned = fit_binomial(x[kept, None], y[kept]).coef
    yield (
        "undersampling, undone",
        thinned,
        undo_sampling(expit(thinned[0] + thinned[1] * x_new), keep_rates=(1 / ratio, 1)),
    )
    on_training_rows = undo_class_weight(expit(weighted[0] + weighted[1] * x), class_weight=(1, ratio))
    shift = choose_update(y, on_training_rows)
    yield "natural weights, undone, citl re-estimated", weighted, shift.apply(undone, rung="citl")


def _curved(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a skewed covariate whose log-odds level off: the line through them is the wrong form."""
    x = rng.exponential(size=n) - 1
    truth = expit(-2.9 + 2.6 * np.tanh(1.2 * x))
    return x, rng.random(n) < truth, truth


def main(repetitions: int = 1000, n: int = 10_000) -> None:
    """Print both tables."""
    print(f"Form right: log-odds a line in one covariate, n = {n:,}, {repetitions} data sets, seed {SEED}\n")
    rows = []
    for prevalence, sd in DESIGNS:
        found = well_specified(prevalence, sd, n=n, repetitions=repetitions)
        for j, name in enumerate(("intercept", "slope")):
            rows.append(
                (
                    f"{prevalence:g}, {sd:g}, {name}",
                    f"{found.difference[j]:.4f}",
                    f"{found.standard_error[j]:.4f}",
                    f"{found.ratio[j]:.3f} ± {found.ratio_error[j]:.3f}",
                    f"{found.formula[j]:.3f}",
                )
            )
    header = ("prevalence, sd of log-odds", "undone − MLE", "its error", "variance of MLE / undone", "formula")
    print(table(header, rows))
    prevalence, repairs = misspecified()
    print(f"\nForm wrong: 400,000 rows fitted and 400,000 fresh ones, prevalence {prevalence:.4f}, seed {SEED}\n")
    header = ("way", "mean risk", "coefficient", "calibration slope", "distance to the truth", "log score lost (mnat)")
    print(
        table(
            header,
            (
                (
                    one.name,
                    f"{one.mean:.4f}",
                    f"{one.coefficient:.3f}",
                    f"{one.slope:.3f}",
                    f"{one.distance:.4f}",
                    f"{one.regret:.2f}",
                )
                for one in repairs
            ),
        )
    )


if __name__ == "__main__":
    main()
