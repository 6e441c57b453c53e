"""Decision curves with inference, and the best threshold, against peers that give less; agreement beside the time."""

from __future__ import annotations

import importlib.util
import warnings
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.interleave import Comparison, interleave
from riskdec import best_threshold, decision_curve

if TYPE_CHECKING:
    from collections.abc import Iterator

COSTS = {"false_positive": 1, "false_negative": 10}


def run() -> Iterator[Comparison]:
    """Yield the comparisons whose peers are installed."""
    if importlib.util.find_spec("dcurves") is not None:
        yield from curves()
    yield thresholds()


def curves() -> Iterator[Comparison]:
    """Compare 99 thresholds with errors, bands and paired differences with dcurves, which has none of these."""
    import pandas as pd
    from dcurves import dca

    for n, pairs in ((100_000, 3), (1_000_000, 3)):
        y, risk = _rows(n)
        frame = pd.DataFrame({"y": y, "risk": risk})
        grid = np.arange(1, 100) / 100

        def ours(y: np.ndarray = y, risk: np.ndarray = risk) -> object:
            return decision_curve(y, {"risk": risk})

        def theirs(frame: object = frame, grid: np.ndarray = grid) -> object:
            return dca(data=frame, outcome="y", modelnames=["risk"], thresholds=grid)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            table = theirs()
            net_benefit = table.loc[table.model == "risk", "net_benefit"].to_numpy()
            apart = np.abs(ours().net_benefit[0] - net_benefit).max()
            yield interleave(
                f"decision_curve n={n:,}, inference (apart {apart:.0e})", "dcurves.dca", ours, theirs, pairs=pairs
            )


def thresholds() -> Comparison:
    """Compare the best of all cuts with a search of 100 of them; costs on held-out rows are in the name.

    The peer is used as in scikit-learn's own example of a cost-sensitive threshold: with a confusion matrix.
    """
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.metrics import confusion_matrix, make_scorer
    from sklearn.model_selection import TunedThresholdClassifierCV

    class Ready(ClassifierMixin, BaseEstimator):
        """A fitted classifier whose only column is the risk."""

        classes_ = np.array([0, 1])

        def fit(self, X: np.ndarray, y: np.ndarray) -> Ready:
            """Do nothing."""
            return self

        def predict_proba(self, X: np.ndarray) -> np.ndarray:
            """Give the column and its complement."""
            return np.column_stack([1 - X[:, 0], X[:, 0]])

        def predict(self, X: np.ndarray) -> np.ndarray:
            """Cut at one half."""
            return (X[:, 0] >= 0.5).astype(int)

        def __sklearn_is_fitted__(self) -> bool:
            return True

    def cost(y: np.ndarray, action: np.ndarray) -> float:
        table = confusion_matrix(y, action, labels=[0, 1])
        return float((table[0, 1] + 10 * table[1, 0]) / len(y))

    y, risk = _rows(100_000)
    new_y, new_risk = _rows(100_000, seed=1)
    scorer = make_scorer(cost, greater_is_better=False)
    tuned = TunedThresholdClassifierCV(Ready(), scoring=scorer, cv="prefit", refit=False)

    def ours() -> object:
        return best_threshold(y, risk, COSTS)

    def theirs() -> object:
        return tuned.fit(risk[:, None], y)

    held_out = [cost(new_y, (new_risk >= cut).astype(int)) for cut in (ours().threshold, theirs().best_threshold_)]
    job = f"best_threshold n=100,000 (held-out {held_out[0]:.4f} : {held_out[1]:.4f})"
    return interleave(job, "TunedThresholdClassifierCV prefit", ours, theirs, pairs=3)


def _rows(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    risk = rng.beta(0.5, 4, n)
    return (rng.random(n) < risk).astype(int), risk
