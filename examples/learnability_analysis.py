"""What the runs of `learnability_imbalance.py` show: arrays in, figures with t intervals over seeds out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, softmax
from scipy.stats import t as student

import riskdec as rd

Run = dict[str, np.ndarray]
# How near to zero counts as nothing: of the change per unit of log weight, and of the mean of the three classes that
# have the largest weights.
MARGINS = {"slope": 0.02, "worst three": 0.04}


class Mean(NamedTuple):
    """Mean over seeds with the ends of a t interval."""

    estimate: float
    low: float
    high: float


def mean_over_seeds(values: np.ndarray, level: float = 0.95) -> Mean:
    """Give the mean of one figure per seed, with its t interval."""
    values = np.asarray(values, dtype=float)
    half = student.ppf((1 + level) / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return Mean(float(values.mean()), float(values.mean() - half), float(values.mean() + half))


def recalls(scores: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Give the share of each class that its own score wins, shape (K,)."""
    right = scores.argmax(axis=1) == y
    return np.bincount(y, weights=right, minlength=scores.shape[1]) / np.bincount(y, minlength=scores.shape[1])


def change_per_log_weight(change: np.ndarray, weight: np.ndarray) -> float:
    """Give the least-squares slope of the changes of recall on the logs of the weights."""
    log_weight = np.log(weight) - np.log(weight).mean()
    return float(log_weight @ change / (log_weight @ log_weight))


def temper(held_out: np.ndarray, y_held: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Give probabilities after the temperature that fits the held-out rows best."""
    layer = rd.TemperatureCalibrator(input="logit").fit(held_out.astype(float), y_held)
    return np.asarray(layer.predict_proba(scores.astype(float)))


def effects(run: Run) -> dict[str, np.ndarray]:
    """Give, epoch by epoch, what weights did to recalls on test rows, and what a shift of the logits would have done.

    Returns
    -------
    dict of str to ndarray of shape (epochs,)
        ``slope``: change of recall per unit of log weight. ``shift``: the same after the logs of the weights are added
        to the logits of the plain network; ``calibrated shift``: after they are added to its calibrated ones.
        ``worst three``: mean change of the three classes with the largest weights. Accuracy and range of the recalls
        of both networks, and their accuracy in training.
    """
    y, weight = run["y_test"], run["weight"]
    largest = np.argsort(weight)[-3:]
    found: dict[str, list[float]] = {}
    for place in range(len(run["epochs"])):
        plain, weighted = (run[f"{name}_test"][place] for name in ("plain", "weighted"))
        proba = temper(run["plain_held_out"][place], run["y_held"], plain)
        before, after = recalls(plain, y), recalls(weighted, y)
        row = {
            "slope": change_per_log_weight(after - before, weight),
            "shift": change_per_log_weight(recalls(plain + np.log(weight), y) - before, weight),
            "calibrated shift": change_per_log_weight(recalls(proba * weight, y) - before, weight),
            "worst three": (after - before)[largest].mean(),
            "plain accuracy": (plain.argmax(axis=1) == y).mean(),
            "weighted accuracy": (weighted.argmax(axis=1) == y).mean(),
            "plain range": np.ptp(before),
            "weighted range": np.ptp(after),
        }
        for name, value in row.items():
            found.setdefault(name, []).append(float(value))
    for name in ("plain", "weighted"):
        found[f"{name} training"] = run[f"{name}_train_accuracy"].tolist()
    return {name: np.array(values) for name, values in found.items()}


def by_epoch(runs: list[Run]) -> dict[str, list[Mean]]:
    """Give every figure of `effects` as a mean over seeds, one for each epoch."""
    each = [effects(run) for run in runs]
    return {name: [mean_over_seeds(column) for column in np.array([one[name] for one in each]).T] for name in each[0]}


class Equivalence(NamedTuple):
    """A figure, its 90 % interval, and whether that lies inside the margins: two one-sided tests at 5 %."""

    name: str
    mean: Mean
    margin: float
    holds: bool


def equivalence(runs: list[Run]) -> list[Equivalence]:
    """Test whether what the weights did at the last epoch is equivalent to nothing."""
    each = [effects(run) for run in runs]
    found = []
    for name, margin in MARGINS.items():
        mean = mean_over_seeds(np.array([one[name][-1] for one in each]), level=0.9)
        found.append(Equivalence(name, mean, margin, -margin < mean.low and mean.high < margin))
    return found


class Balance(NamedTuple):
    """Recalls on one test part without and with offsets that were fitted to another part."""

    plain: np.ndarray
    offset: np.ndarray
    n_test: np.ndarray
    n_fit: np.ndarray
    plain_accuracy: float
    accuracy: float


def balance(run: Run, n_fit: int, rng: np.random.Generator) -> Balance:
    """Calibrate the plain network of the last epoch, and fit offsets, on `n_fit` of the rows it has not learned from.

    The rest of them judge. A temperature is fitted to the same rows as the offsets; the last epoch is taken, not the
    best one, so that no row had a part in choosing it.
    """
    scores = np.concatenate([run["plain_held_out"][-1], run["plain_test"][-1]])
    y = np.concatenate([run["y_held"], run["y_test"]])
    fit = np.zeros(len(y), dtype=bool)
    for rows in (np.flatnonzero(y == k) for k in range(scores.shape[1])):
        fit[rng.permutation(rows)[: round(n_fit * len(rows) / len(y))]] = True
    proba = temper(scores[fit], y[fit], scores)
    offsets = rd.recall_offsets(y[fit], proba[fit])
    chosen, test = proba[~fit] * np.exp(offsets.offsets), y[~fit]
    return Balance(
        plain=recalls(proba[~fit], test),
        offset=recalls(chosen, test),
        n_test=np.bincount(test),
        n_fit=np.bincount(y[fit]),
        plain_accuracy=float((proba[~fit].argmax(axis=1) == test).mean()),
        accuracy=float((chosen.argmax(axis=1) == test).mean()),
    )


class BalanceFigures(NamedTuple):
    """What offsets bring over splits and seeds.

    `plain` and `offset` are mean recalls of the classes; ranges are means over splits; `worst_ratio` is that of the
    worst split; `from_sampling` is the range that equal recalls would show; `spread` is the standard deviation of the
    recalls without the part that counting adds; `price` is accuracy lost, its interval over the means of the seeds.
    """

    n_splits: int
    plain: np.ndarray
    offset: np.ndarray
    plain_range: float
    offset_range: float
    ratio: float
    worst_ratio: float
    from_sampling: float
    plain_spread: float
    offset_spread: float
    plain_accuracy: float
    price: Mean


def balance_figures(runs: list[Run], n_fit: int, n_splits: int) -> BalanceFigures:
    """Fit offsets on several splits of each seed, and put the figures together."""
    draws = [[np.random.default_rng([k, j]) for j in range(n_splits)] for k in range(len(runs))]
    seeds = [[balance(run, n_fit, rng) for rng in own] for run, own in zip(runs, draws, strict=True)]
    each = [one for seed in seeds for one in seed]
    ranges = np.array([(np.ptp(one.plain), np.ptp(one.offset)) for one in each])
    before, after = ranges.mean(axis=0)
    return BalanceFigures(
        n_splits=len(each),
        plain=np.mean([one.plain for one in each], axis=0),
        offset=np.mean([one.offset for one in each], axis=0),
        plain_range=float(before),
        offset_range=float(after),
        ratio=float(after / before),
        worst_ratio=float((ranges[:, 1] / ranges[:, 0]).max()),
        from_sampling=float(np.mean([sampling_range(one) for one in each])),
        plain_spread=_spread([(one.plain, one.n_test) for one in each]),
        offset_spread=_spread([(one.offset, one.n_test) for one in each]),
        plain_accuracy=float(np.mean([one.plain_accuracy for one in each])),
        price=mean_over_seeds(np.array([np.mean([o.plain_accuracy - o.accuracy for o in seed]) for seed in seeds])),
    )


def sampling_range(one: Balance) -> float:
    """Give the expected range of recalls that are equal but fitted and counted on this many rows."""
    grid = np.linspace(-8, 8, 4001)
    k = len(one.offset)
    widths = float(np.sum(1 - ndtr(grid) ** k - ndtr(-grid) ** k) * (grid[1] - grid[0]))
    mean = one.offset.mean()
    return widths * float(np.sqrt(mean * (1 - mean) * np.mean(1 / one.n_test + 1 / one.n_fit)))


def _spread(parts: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """Give the root of the mean variance of recalls between classes, less that of counting."""
    variances = [values.var(ddof=1) - (values * (1 - values) / counts).mean() for values, counts in parts]
    return float(np.sqrt(max(np.mean(variances), 0.0)))


class LogScores(NamedTuple):
    """Test log score of plain networks as they are, after a temperature, and the gain, with the epochs of the seeds."""

    before: Mean
    after: Mean
    gain: Mean
    epochs: tuple[int, ...]


def log_scores(runs: list[Run]) -> dict[str, LogScores]:
    """Give log scores of networks stopped by three rules; temperatures come from the held-out rows.

    The rules: the epoch that the model keeps, that of the least held-out log score *after* a temperature; the recorded
    epoch of the best held-out accuracy; the last one.
    """
    found: dict[str, list[tuple[float, float, int]]] = {}
    for run in runs:
        held, test, epochs = run["plain_held_out"], run["plain_test"], run["epochs"]
        right = (held.argmax(axis=2) == run["y_held"]).mean(axis=1)
        stops = {
            "kept by refinement": (run["plain_best_held_out"], run["plain_best_test"], run["plain_best_epoch"]),
            "best accuracy": (held[right.argmax()], test[right.argmax()], epochs[right.argmax()]),
            "last": (held[-1], test[-1], epochs[-1]),
        }
        for name, (fit, new, epoch) in stops.items():
            ways = softmax(new.astype(float), axis=1), temper(fit, run["y_held"], new)
            before, after = (float(rd.log_score(run["y_test"], proba)) for proba in ways)
            found.setdefault(name, []).append((before, after, int(epoch)))
    answer = {}
    for name, rows in found.items():
        before, after, epochs = np.array(rows).T
        means = [mean_over_seeds(values) for values in (before, after, before - after)]
        answer[name] = LogScores(*means, epochs=tuple(epochs.astype(int).tolist()))
    return answer
