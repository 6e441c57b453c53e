"""Maximum likelihood with covariances and the proof of existence, against peers that give less."""

from __future__ import annotations

import importlib.util
import warnings
from contextlib import nullcontext
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from benchmarks.interleave import Comparison, interleave
from benchmarks.logistic_peers import at_best_threads, peers_of
from riskdec import CostMatrix, LogisticRiskModel
from riskdec._base.threads import in_order, one_blas_thread
from riskdec.datasets import simulate_risks
from riskdec.likelihood.binomial import Rows, evaluate
from riskdec.likelihood.rows import compiled_reader
from riskdec.likelihood.rows.rank import make_design
from riskdec.likelihood.rows.reading import cut, row_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

SIZES = ((1_000, 10, 200), (100_000, 20, 15), (1_000_000, 20, 7), (1_000_000, 100, 3))


def run() -> Iterator[Comparison]:
    """Yield one comparison after the other; every fit of ours reaches a score below 1e-8 per row."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for n, p, pairs in SIZES:
            X, y = draw(n, p)
            yield from against_peers(X, y, pairs=pairs)
            if n == 1_000_000:
                yield from against_single_precision(X, y, pairs=pairs)
                yield from against_one_reading(X, y, pairs=pairs)
        yield from_a_frame(*draw(1_000, 10))
        yield from online(*draw(1_000, 10))
        yield from growth()


def draw(n: int, p: int) -> tuple[np.ndarray, np.ndarray]:
    """Give rows and outcomes of a model that holds, 5 % of them events."""
    data = simulate_risks(n, n_columns=p, prevalence=0.05, rng=n)
    return data.X, data.y


def ways(n_numbers: int) -> Iterator[tuple[str, AbstractContextManager[object]]]:
    """Yield our ways of reading rows: with numpy alone, and where it makes a difference with compiled loops."""
    yield "numpy", patch.object(compiled_reader, "has_numba", return_value=False)
    if n_numbers > 1 << 20 and importlib.util.find_spec("numba") is not None:
        yield "numba", nullcontext()


def against_peers(X: np.ndarray, y: np.ndarray, *, pairs: int) -> Iterator[Comparison]:
    """Compare whole fits, covariances included on our side."""
    n, p = X.shape
    for peer in peers_of(X, y):
        best = at_best_threads(peer)
        for way, chosen in ways(X.size):
            with chosen:
                found = interleave(
                    f"fit n={n:,} p={p}, {way}", best.name, lambda: LogisticRiskModel().fit(X, y), best.fit, pairs=pairs
                )
                model = LogisticRiskModel().fit(X, y)
                ours = gradient(X, y, np.r_[model.intercept_, model.coef_[0]])
            yield found._replace(note=f"max |score| / n: {ours:.0e}, peer {gradient(X, y, best.fit()):.0e}")


def gradient(X: np.ndarray, y: np.ndarray, coef: np.ndarray) -> float:
    """Give the largest absolute score over the number of rows."""
    residual = y - 1 / (1 + np.exp(-(coef[0] + X @ coef[1:])))
    return float(max(abs(residual.sum()), np.abs(residual @ X).max())) / len(y)


def against_single_precision(X: np.ndarray, y: np.ndarray, *, pairs: int) -> Iterator[Comparison]:
    """Compare fits of the same numbers in both precisions."""
    single = X.astype(np.float32)
    n, p = X.shape
    for way, chosen in ways(X.size):
        with chosen:
            yield interleave(
                f"fit n={n:,} p={p}, {way}, float32",
                "the same in float64",
                lambda: LogisticRiskModel().fit(single, y),
                lambda: LogisticRiskModel().fit(X, y),
                pairs=pairs,
            )


def against_one_reading(X: np.ndarray, y: np.ndarray, *, pairs: int) -> Iterator[Comparison]:
    """Compare a reading for likelihood, score and information with the least it must do, on as many threads."""
    n, p = X.shape
    root = np.sqrt(np.random.default_rng(0).random(n))

    def least(block: slice) -> object:
        X[block].sum()
        products = []
        for rows in cut(block, max(256, (1 << 16) // p)):
            scaled = X[rows] * root[rows, None]
            products.append(np.dot(scaled.T, scaled))
        return sum(products)

    for way, chosen in ways(X.size):
        with chosen, one_blas_thread():
            design = make_design(X, weight=None, intercept=True, for_readers=True)
            rows, coef = Rows(y.astype(float), None, None), np.zeros(p + 1)
            yield interleave(
                f"one reading n={n:,} p={p}, {way}",
                "sum and weighted crossproduct",
                lambda design=design, rows=rows, coef=coef: evaluate(design, rows, coef),
                lambda: list(in_order(least, row_blocks(n, p))),
                pairs=3 * pairs,
            )


def from_a_frame(X: np.ndarray, y: np.ndarray) -> Comparison:
    """Compare a fit from a frame with one from arrays."""
    frame, outcome = pd.DataFrame(X, columns=[f"c{j}" for j in range(X.shape[1])]), pd.Series(y)
    return interleave(
        "fit n=1,000 p=10 from a frame",
        "the same from arrays",
        lambda: LogisticRiskModel().fit(frame, outcome),
        lambda: LogisticRiskModel().fit(X, y),
        pairs=200,
    )


def online(X: np.ndarray, y: np.ndarray) -> Iterator[Comparison]:
    """Compare what is asked of a model in service, one row or a thousand at a time, with scikit-learn's predictions."""
    model, peer = LogisticRiskModel().fit(X, y), LogisticRegression(C=np.inf).fit(X, y)
    costs = CostMatrix.binary(false_positive=1, false_negative=20, defer=0.6)
    for n in (1, 1_000):
        rows = X[:n]
        risks, labels = (lambda rows=rows: peer.predict_proba(rows)), (lambda rows=rows: peer.predict(rows))
        name = "scikit-learn predict_proba"
        yield interleave(f"risks of {n:,} rows", name, lambda rows=rows: model.predict_risk(rows), risks, pairs=500)
        name = "scikit-learn predict"
        yield interleave(f"decide {n:,} rows", name, lambda rows=rows: model.decide(rows, costs), labels, pairs=500)


def growth() -> Iterator[Comparison]:
    """Compare ten times the rows with ten fits: a ratio near 1 is linear growth."""
    X, y = draw(10_000_000, 5)
    X = X.astype(np.float32)
    for n in (100_000, 1_000_000, 10_000_000):
        few = n // 10
        yield interleave(
            f"fit n={n:,} p=5, float32",
            f"ten fits n={few:,}",
            lambda n=n: LogisticRiskModel().fit(X[:n], y[:n]),
            lambda few=few: [LogisticRiskModel().fit(X[:few], y[:few]) for _ in range(10)],
            pairs=3,
        )
