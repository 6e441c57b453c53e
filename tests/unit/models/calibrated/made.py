"""Rows of two classes, and a classifier that keeps what its fits were given."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    StratifiedKFold,
)

RNG = np.random.default_rng(0)
N = 600
Z = RNG.normal(size=N)
X = np.column_stack([Z + 0.3 * RNG.normal(size=N) for _ in range(4)])
Y = (RNG.random(N) < expit(1.2 * Z - 0.5)).astype(int)
FOLDS = StratifiedKFold(4, shuffle=True, random_state=0)


def platt(score: Any, y: Any, weight: Any = None) -> tuple[float, float]:
    """Fit Platt's line by scikit-learn's own logistic regression, without a penalty."""
    fit = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(np.reshape(score, (-1, 1)), y, weight)
    return float(fit.intercept_[0]), float(fit.coef_[0, 0])


def codes(model: Any) -> set[str]:
    return {finding.code for finding in model.findings_}


class Recorder(ClassifierMixin, BaseEstimator):
    """Keeps what each fit was given."""

    seen: list[tuple[Any, Any]] = []  # noqa: RUF012 -- clones write to the class

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Recorder:
        self.classes_ = np.unique(y)
        Recorder.seen.append((np.asarray(X)[:, 0].astype(int), sample_weight))
        return self

    def predict_proba(self, X: Any) -> Any:
        risk = expit(np.asarray(X)[:, 1])
        return np.column_stack([1 - risk, risk])
