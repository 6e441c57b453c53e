"""Other libraries' maximum likelihood fits of logistic regression, each at the BLAS thread setting that suits it."""

from __future__ import annotations

import importlib.util
import os
import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOLERANCE = 1e-8


class Peer(NamedTuple):
    """A peer's fit: gives intercept and slopes."""

    name: str
    fit: Callable[[], np.ndarray]


def peers_of(X: np.ndarray, y: np.ndarray) -> Iterator[Peer]:
    """Yield the peers that are installed and finish a problem of this size in a few seconds."""
    n, p = X.shape
    if n <= 100_000:
        yield Peer("statsmodels Logit with bse", lambda: _statsmodels(X, y))
    if p <= 20:
        yield Peer("scikit-learn newton-cholesky", lambda: _scikit_learn(X, y, "newton-cholesky"))
    if n >= 100_000:
        yield Peer("scikit-learn lbfgs", lambda: _scikit_learn(X, y, "lbfgs"))
    if n >= 100_000 and importlib.util.find_spec("glum") is not None:
        by_column = np.asfortranarray(X)
        yield Peer("glum irls-ls, no covariance, F order", lambda: _glum(by_column, y))
        yield Peer("glum irls-ls, no covariance, C order", lambda: _glum(X, y))


def at_best_threads(peer: Peer) -> Peer:
    """Run a peer once with one BLAS thread and once with as many as there are cores, and keep the faster way."""
    ways = {count: _limited(peer.fit, count) for count in sorted({1, os.cpu_count() or 1})}
    seconds = {}
    for count, way in ways.items():
        way()
        start = time.perf_counter()
        way()
        seconds[count] = time.perf_counter() - start
    best = min(seconds, key=seconds.__getitem__)
    return Peer(f"{peer.name}, {best} thr", ways[best])


def _limited(fit: Callable[[], np.ndarray], count: int) -> Callable[[], np.ndarray]:
    def run() -> np.ndarray:
        with threadpool_limits(count, "blas"):
            return fit()

    return run


def _statsmodels(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    import statsmodels.api as sm

    fit = sm.Logit(y, sm.add_constant(X)).fit(disp=0)
    return np.asarray(fit.params + 0 * fit.bse)


def _scikit_learn(X: np.ndarray, y: np.ndarray, solver: str) -> np.ndarray:
    model = LogisticRegression(C=np.inf, solver=solver, tol=TOLERANCE, max_iter=1000).fit(X, y)
    return np.r_[model.intercept_, model.coef_[0]]


def _glum(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    from glum import GeneralizedLinearRegressor

    model = GeneralizedLinearRegressor(family="binomial", alpha=0, solver="irls-ls", gradient_tol=TOLERANCE)
    model.fit(X, y)
    return np.r_[model.intercept_, model.coef_]
