"""A sweep of 41 weight ratios against as many fits of scikit-learn one after the other, at the same scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.bench_logistic import ways
from benchmarks.interleave import Comparison, interleave
from benchmarks.logistic_peers import TOLERANCE, Peer, at_best_threads
from riskdec import LogisticRiskModel, sweep_weights
from riskdec.datasets import simulate_risks

if TYPE_CHECKING:
    from collections.abc import Iterator

ROWS, COLUMNS, NEW_ROWS, PAIRS = 200_000, 30, 20_000, 3


def run() -> Iterator[Comparison]:
    """Yield one comparison for models of the right form and one for a wrong form, in each of our ways of reading."""
    for name, wrong in (("right form", False), ("wrong form", True)):
        X, y = draw(wrong=wrong)
        new, outcome = X[ROWS:], y[ROWS:]
        X, y = X[:ROWS], y[:ROWS]
        ratios = sweep_weights(LogisticRiskModel(), X, y, X_test=new, y_test=outcome).weight_ratio
        peer = at_best_threads(Peer("41 fits, lbfgs", lambda X=X, y=y, r=ratios, new=new: loop(X, y, r, new)))
        reached = max_score(X, y, ratios, peer.fit())
        for way, chosen in ways(X.size):
            with chosen:
                found = interleave(
                    f"sweep n={ROWS:,} p={COLUMNS}, {name}, {way}",
                    peer.name,
                    lambda X=X, y=y, new=new, outcome=outcome: sweep(X, y, new, outcome),
                    peer.fit,
                    pairs=PAIRS,
                )
                ours = max_score(X, y, ratios, sweep(X, y, new, outcome))
            yield found._replace(note=f"max |score| / sum of weights: {ours:.0e}, peer {reached:.0e}")


def draw(*, wrong: bool) -> tuple[np.ndarray, np.ndarray]:
    """Give rows and outcomes, 5 % of them events; in the wrong form the model sees other columns than the outcome."""
    data = simulate_risks(ROWS + NEW_ROWS, n_columns=COLUMNS, prevalence=0.05, rng=1)
    X = data.X.copy()
    if wrong:
        X[:, 0], X[:, 1] = np.exp(X[:, 0]), X[:, 1] ** 2
    return X, data.y


def sweep(X: np.ndarray, y: np.ndarray, new: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Fit under all ratios, judge every fit on the new rows, and give the coefficients."""
    found = sweep_weights(LogisticRiskModel(), X, y, X_test=new, y_test=outcome)
    assert found.coefficients is not None
    return found.coefficients


def loop(X: np.ndarray, y: np.ndarray, ratios: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Fit one after the other, predict the new rows, and give the coefficients."""
    coefficients = []
    for ratio in ratios:
        model = LogisticRegression(C=np.inf, class_weight={0: 1.0, 1: ratio}, tol=TOLERANCE, max_iter=1000).fit(X, y)
        model.predict_proba(new)
        coefficients.append(np.r_[model.intercept_, model.coef_[0]])
    return np.array(coefficients)


def max_score(X: np.ndarray, y: np.ndarray, ratios: np.ndarray, coefficients: np.ndarray) -> float:
    """Give the largest absolute score over the sum of weights, over all ratios."""
    largest = 0.0
    for ratio, coef in zip(ratios, coefficients, strict=True):
        weight = np.where(y == 1, ratio, 1.0)
        residual = weight * (y - 1 / (1 + np.exp(-(coef[0] + X @ coef[1:]))))
        largest = max(largest, abs(residual.sum()) / weight.sum(), np.abs(residual @ X).max() / weight.sum())
    return largest
