"""Deciding with checks of every row, against the bare product and argmin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.interleave import Comparison, interleave
from riskdec import CostMatrix, decide

if TYPE_CHECKING:
    from collections.abc import Iterator


def run() -> Iterator[Comparison]:
    """Yield the comparison at a million and at ten million rows."""
    costs = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)
    for n in (1_000_000, 10_000_000):
        risk = np.random.default_rng(0).beta(0.5, 8, n)
        both = np.column_stack([1 - risk, risk])

        def ours(both: np.ndarray = both) -> object:
            return decide(both, costs, keep_cost=False)

        def bare(both: np.ndarray = both) -> object:
            return (both @ costs.costs).argmin(axis=1)

        yield interleave(f"decide n={n:,} K=2 A=3, checked", "numpy (P @ C).argmin, unchecked", ours, bare, pairs=5)
