"""Maximum likelihood with covariances and the proof of existence, against peers that give less."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import statsmodels.api as sm
from sklearn.linear_model import LogisticRegression

from benchmarks.interleave import Comparison, interleave
from riskdec import LogisticRiskModel
from riskdec.datasets import simulate_risks

if TYPE_CHECKING:
    from collections.abc import Iterator


def run() -> Iterator[Comparison]:
    """Yield one comparison after the other; every fit reaches a score below 1e-8 per row."""
    for n, p, pairs in ((1_000, 10, 50), (100_000, 20, 5), (1_000_000, 20, 3)):
        data = simulate_risks(n, n_columns=p, prevalence=0.05, rng=n)
        X, y = data.X, data.y
        job = f"LogisticRiskModel.fit n={n:,} p={p}"

        def ours(X: np.ndarray = X, y: np.ndarray = y) -> object:
            return LogisticRiskModel().fit(X, y)

        def scikit_learn(X: np.ndarray = X, y: np.ndarray = y) -> object:
            return LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-8).fit(X, y)

        def statsmodels(X: np.ndarray = X, y: np.ndarray = y) -> object:
            return sm.Logit(y, sm.add_constant(X)).fit(disp=0).bse

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield interleave(job, "scikit-learn newton-cholesky", ours, scikit_learn, pairs=pairs)
            yield interleave(job, "statsmodels Logit with bse", ours, statsmodels, pairs=pairs)
