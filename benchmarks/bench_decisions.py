"""Deciding with checks of every row, against the bare product and argmin: time and memory."""

from __future__ import annotations

import os
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.interleave import Comparison, interleave
from riskdec import CostMatrix, decide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def run() -> Iterator[Comparison]:
    """Yield the comparisons for two outcomes and for a hundred."""
    two = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)
    for n in (1_000_000, 10_000_000):
        risk = np.random.default_rng(0).beta(0.5, 8, n)
        yield from _against_product(np.column_stack([1 - risk, risk]), two, pairs=7)
    rng = np.random.default_rng(0)
    many = CostMatrix(
        np.column_stack([rng.random((100, 100)) + 5 * (1 - np.eye(100)), np.full(100, 2.0)]),
        outcomes=[f"outcome {k}" for k in range(100)],
        actions=[*(f"action {a}" for a in range(100)), "defer"],
    )
    proba = rng.random((1_000_000, 100))
    proba /= proba.sum(axis=1, keepdims=True)
    yield from _against_product(proba, many, pairs=3)


def _against_product(proba: np.ndarray, costs: CostMatrix, *, pairs: int) -> Iterator[Comparison]:
    """Yield one comparison for each number of BLAS threads that the product may use: the best of them counts."""

    def ours() -> object:
        return decide(proba, costs, keep_cost=False)

    def bare() -> object:
        return (proba @ costs.costs).argmin(axis=1)

    n, n_outcomes = proba.shape
    label = f"decide n={n:,} K={n_outcomes} A={len(costs.actions)}, checked"
    memory = f"memory {_peak(ours):.0f} against {_peak(bare):.0f} MiB"
    for threads in (1, os.cpu_count() or 1):
        with threadpool_limits(threads, user_api="blas"):
            peer = f"numpy (P @ C).argmin, unchecked, {threads} thr"
            yield interleave(f"{label}; {memory}", peer, ours, bare, pairs=pairs)


def _peak(call: Callable[[], object]) -> float:
    """Give the largest memory that a call holds beside what was there before, in MiB."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20
