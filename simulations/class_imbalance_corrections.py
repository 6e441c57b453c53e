"""Corrections of class imbalance in logistic regression: risks, ranking and decisions with them and without.

After the simulation of van den Goorbergh et al. (2022), with fewer scenarios and repetitions: predictors are normal
within each class, with means so far apart that the true AUC is .75; models are fitted without correction, after random
undersampling of non-events, random oversampling of events, and SMOTE, each to as many events as non-events, by maximum
likelihood and with a ridge penalty chosen by cross-validation; 10,000 new rows of natural prevalence judge them.
"""

from __future__ import annotations

import importlib.util
import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from riskdec import LogisticRiskModel
from riskdec.weighting.sweep.recalibrating import recalibrate_columns
from simulations.markdown import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SEED = 20261121
ROWS, NEW_ROWS, REPETITIONS = 2_500, 10_000, 20
AUC = 0.75
FIGURES = ("mean risk / observed", "citl", "slope", "AUC", "balanced accuracy")
HAS_SMOTE = importlib.util.find_spec("imblearn") is not None


class Design(NamedTuple):
    """Share of events, number of predictors, and penalty."""

    prevalence: float
    n_columns: int
    penalty: str | None


DESIGNS = tuple(Design(share, p, penalty) for share in (0.01, 0.1, 0.3) for p in (3, 12) for penalty in (None, "ridge"))


def methods() -> dict[str, Callable[..., tuple[np.ndarray, np.ndarray]]]:
    """Give the corrections by name; SMOTE where imbalanced-learn is installed."""
    found = {"uncorrected": _leave, "undersampled": _undersample, "oversampled": _oversample}
    return {**found, "SMOTE": _smote} if HAS_SMOTE else found


def simulate(design: Design, *, repetitions: int = REPETITIONS, seed: int = SEED) -> np.ndarray:
    """Give the figures of each repetition and correction, shape (repetitions, methods, 5).

    Balanced accuracy is that of a cut at 0.5 after a correction, and of one at the share of events without.
    """
    rng = np.random.default_rng([seed, round(1000 * design.prevalence), design.n_columns, design.penalty is None])
    figures = np.empty((repetitions, len(methods()), len(FIGURES)))
    alpha = None if design.penalty is None else "cv"
    for i in range(repetitions):
        X, y = _draw(rng, ROWS, design)
        new, outcome = _draw(rng, NEW_ROWS, design)
        log_odds = np.empty((NEW_ROWS, len(methods())))
        for j, correct in enumerate(methods().values()):
            with warnings.catch_warnings():
                # A sample with two dozen events may be separated, and is then fitted by Firth's method.
                warnings.simplefilter("ignore")
                model = LogisticRiskModel(penalty=design.penalty, alpha=alpha).fit(*correct(X, y, rng))
            log_odds[:, j] = model.intercept_[0] + new @ model.coef_[0]
        figures[i] = _judge(log_odds, outcome, cut_without=np.log(y.mean() / (1 - y.mean())))
    return figures


def _judge(log_odds: np.ndarray, event: np.ndarray, *, cut_without: float) -> np.ndarray:
    found = recalibrate_columns(log_odds, event, None, start=np.zeros(log_odds.shape[1]), confidence_level=0.95)
    cuts = np.append(cut_without, np.zeros(log_odds.shape[1] - 1))
    flags = log_odds >= cuts
    ranks = rankdata(log_odds, axis=0)
    n_events = event.sum()
    auc = (ranks[event].mean(axis=0) - (n_events + 1) / 2) / (len(event) - n_events)
    accuracy = (flags[event].mean(axis=0) + 1 - flags[~event].mean(axis=0)) / 2
    mean_risk = (1 / (1 + np.exp(-log_odds))).mean(axis=0)
    return np.column_stack([mean_risk / event.mean(), found.citl[:, 0], found.slope[:, 0], auc, accuracy])


def _draw(rng: np.random.Generator, n: int, design: Design) -> tuple[np.ndarray, np.ndarray]:
    y = rng.random(n) < design.prevalence
    apart = np.sqrt(2 / design.n_columns) * ndtri(AUC)
    return rng.normal(size=(n, design.n_columns)) + apart * y[:, None], y


def _leave(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return X, y


def _undersample(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    kept = np.append(np.flatnonzero(y), rng.choice(np.flatnonzero(~y), int(y.sum()), replace=False))
    return X[kept], y[kept]


def _oversample(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    more = rng.choice(np.flatnonzero(y), int((~y).sum() - y.sum()))
    kept = np.append(np.arange(len(y)), more)
    return X[kept], y[kept]


def _smote(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    from imblearn.over_sampling import SMOTE

    made: tuple[np.ndarray, np.ndarray] = SMOTE(random_state=int(rng.integers(2**31))).fit_resample(X, y)
    return made


def conclusions(figures: np.ndarray) -> np.ndarray:
    """Give, for each correction, whether a conclusion holds by three standard errors, shape (methods - 1, 3).

    Risks are too high; AUC is not higher than without correction; balanced accuracy is not higher than that of a
    threshold at the share of events without correction.
    """
    ratio, auc, accuracy = figures[:, 1:, 0], figures[:, 1:, 3], figures[:, 1:, 4]
    above = ratio - 1
    gains = (auc - figures[:, :1, 3], accuracy - figures[:, :1, 4])
    too_high = above.mean(axis=0) > 3 * _error(above)
    return np.column_stack([too_high, *(gain.mean(axis=0) <= 3 * _error(gain) for gain in gains)])


def _error(values: np.ndarray) -> np.ndarray:
    return values.std(axis=0, ddof=1) / len(values) ** 0.5


def _lines(design: Design, figures: np.ndarray) -> Iterator[tuple[str, ...]]:
    rows = f"{100 * design.prevalence:.0f} %, {design.n_columns} predictors, {design.penalty or 'maximum likelihood'}"
    means, errors = figures.mean(axis=0), _error(figures)
    for j, name in enumerate(methods()):
        digits = (2, 2, 2, 3, 3)
        cells = (f"{means[j, k]:.{d}f} ({errors[j, k]:.{d}f})" for k, d in enumerate(digits))
        yield (rows, name, *cells)


def main(repetitions: int = REPETITIONS) -> None:
    """Print the conclusions and the table."""
    found = [(design, simulate(design, repetitions=repetitions)) for design in DESIGNS]
    hold = np.array([conclusions(figures) for _, figures in found])
    smote = "" if HAS_SMOTE else " SMOTE is left out: imbalanced-learn is not installed."
    print(
        f"{ROWS:,} rows to fit on, {NEW_ROWS:,} to judge on, {repetitions} repetitions of each of {len(DESIGNS)} "
        f"designs, seed {SEED}; in brackets the standard error of each mean.{smote}\n"
    )
    words = (
        "risks too high on average, by more than three standard errors",
        "AUC not higher than without correction (paired difference at most three standard errors above 0)",
        "balanced accuracy at 0.5 not higher than without correction at the share of events (the same)",
    )
    for k, sentence in enumerate(words):
        print(f"- {sentence}: in {int(hold[:, :, k].sum())} of {hold[:, :, k].size} corrected designs")
    header = ("events, model", "correction", *FIGURES)
    print("\n" + table(header, [line for design, figures in found for line in _lines(design, figures)]))


if __name__ == "__main__":
    main()
