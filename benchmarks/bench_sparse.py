"""Ridge on one-hot levels: codes from a frame against peers that take categories or sparse matrices."""

from __future__ import annotations

import warnings
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from benchmarks.interleave import Comparison, interleave
from riskdec import LogisticRiskModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The first is a penalty of 1 on the coefficient of each of 50 levels, as scikit-learn's default; the second the same
# for 5,000 levels. The weaker it is, the more steps need methods without curvature.
_ALPHAS = (50.0, 5_000.0)
# Scores of rare levels are small in the units of the columns: this leaves 1e-8 per row on standardised columns.
_PEERS_TOLERANCE = 3e-10
_LEVELS = (50, 500, 5_000)
_NUMBERS = 5


class _Data(NamedTuple):
    """Rows of five numbers and three categories."""

    frame: pd.DataFrame
    y: np.ndarray
    numbers: np.ndarray
    codes: list[np.ndarray]
    deviation: np.ndarray


def run() -> Iterator[Comparison]:
    """Yield one comparison for each peer and strength; it tells the largest score per row that both reached."""
    data = _simulate(1_000_000)
    for alpha in _ALPHAS:
        for name, fit in _peers(data, alpha).items():
            yield _compare(data, alpha, name, fit)


def _compare(data: _Data, alpha: float, name: str, fit: Callable[[], np.ndarray]) -> Comparison:
    estimates: dict[str, np.ndarray] = {}

    def ours() -> None:
        model = LogisticRiskModel(penalty="ridge", alpha=alpha).fit(data.frame, data.y)
        estimates["ours"] = np.concatenate([model.intercept_, model.coef_[0]])

    def theirs() -> None:
        estimates["theirs"] = fit()

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = interleave(f"ridge 5,555 columns n=1e6 alpha={alpha:g}", name, ours, theirs, pairs=2)
    mine, other = (_gradient(data, estimates[who], alpha) for who in ("ours", "theirs"))
    return found._replace(note=f"|grad|/n {other:.0e}, ours {mine:.0e}")


def _simulate(n: int) -> _Data:
    rng = np.random.default_rng(5)
    codes = [rng.integers(0, k, n) for k in _LEVELS]
    numbers = rng.standard_normal((n, _NUMBERS))
    effects = sum(rng.normal(0, 0.5, k)[c] for k, c in zip(_LEVELS, codes, strict=True))
    risk = 1 / (1 + np.exp(3.4 - numbers @ rng.normal(0, 0.3, _NUMBERS) - effects))
    frame = pd.DataFrame(numbers, columns=[f"z{j}" for j in range(_NUMBERS)])
    for j, (k, c) in enumerate(zip(_LEVELS, codes, strict=True)):
        frame[f"c{j}"] = pd.Categorical.from_codes(c, categories=pd.Index([f"L{level:04}" for level in range(k)]))
    shares = np.concatenate([np.bincount(c, minlength=k) / n for k, c in zip(_LEVELS, codes, strict=True)])
    deviation = np.concatenate([numbers.std(axis=0), np.sqrt(shares * (1 - shares))])
    return _Data(frame, (rng.random(n) < risk).astype(np.float64), numbers, codes, deviation)


def _peers(data: _Data, alpha: float) -> dict[str, Callable[[], np.ndarray]]:
    """Give each peer at the same objective: the penalty counts standard deviations of the columns."""
    scaled = sparse.csr_matrix(_one_hot(data) @ sparse.diags_array(1 / data.deviation))

    def newton_cg() -> np.ndarray:
        model = LogisticRegression(C=1 / alpha, solver="newton-cg", tol=1e-8, max_iter=100).fit(scaled, data.y)
        return np.concatenate([model.intercept_, model.coef_[0] / data.deviation])

    peers = {"scikit-learn newton-cg, CSR": newton_cg}
    if find_spec("glum") is not None:
        peers["glum lbfgs, categories"] = partial(_glum, data, alpha)
    return peers


def _glum(data: _Data, alpha: float) -> np.ndarray:
    from glum import GeneralizedLinearRegressor  # type: ignore[import-not-found]  # a peer, not a dependency

    model = GeneralizedLinearRegressor(
        family="binomial",
        alpha=alpha / len(data.y),
        l1_ratio=0,
        P2=data.deviation**2,
        solver="lbfgs",
        gradient_tol=_PEERS_TOLERANCE,
        max_iter=1000,
        cat_missing_method="fail",
    ).fit(data.frame, data.y)
    return np.concatenate([[model.intercept_], model.coef_])


def _one_hot(data: _Data) -> sparse.csr_array:
    n, starts = len(data.y), np.cumsum([_NUMBERS, *_LEVELS])
    levels = [c[:, np.newaxis] + start for c, start in zip(data.codes, starts[:-1], strict=True)]
    columns = np.hstack([np.tile(np.arange(_NUMBERS), (n, 1)), *levels]).astype(np.int32)
    values = np.hstack([data.numbers, np.ones((n, len(_LEVELS)))])
    ends = np.arange(0, columns.size + 1, columns.shape[1])
    return sparse.csr_array((values.ravel(), columns.ravel(), ends), shape=(n, int(starts[-1])))


def _gradient(data: _Data, estimate: np.ndarray, alpha: float) -> float:
    """Give the largest score over rows, on standardised columns, at an estimate in their units."""
    X = _one_hot(data)
    eta = estimate[0] + X @ estimate[1:]
    residual = data.y - 1 / (1 + np.exp(-eta))
    mean = np.asarray(X.mean(axis=0)).ravel()
    slopes = (X.T @ residual - mean * residual.sum()) / data.deviation - alpha * data.deviation * estimate[1:]
    return float(max(np.abs(slopes).max(), abs(residual.sum()))) / len(data.y)
