"""Data, comparisons, and ways to find a row or a finding in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from riskdec import LogisticRiskModel, compare_weighting

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec import WeightingComparison
    from riskdec.weighting import WeightingRow

COSTS = {"false_positive": 1, "false_negative": 15, "defer": 0.6}


def draw_rows(seed: int, n: int = 3000, bend: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    eta = -2.5 + X[:, 0] + 0.5 * X[:, 1] + bend * X[:, 0] ** 2
    return X, (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(int)


@pytest.fixture
def draw() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Three columns and outcomes; with a `bend` the logistic model lacks a square."""
    return draw_rows


@pytest.fixture
def costs() -> dict[str, float]:
    """Costs with a gray zone from 0.04 to 0.4."""
    return dict(COSTS)


@pytest.fixture
def row() -> Callable[[WeightingComparison, str], WeightingRow]:
    """Find a row by its name."""
    return lambda comparison, name: next(row for row in comparison.rows if row.name == name)


@pytest.fixture
def finding() -> Callable[..., Any]:
    """Find the one finding with a code whose sentence holds a text."""

    def find(comparison: WeightingComparison, code: str, part: str = "") -> Any:
        found = [f for f in comparison.findings if f.code == code and part in f.sentence]
        assert len(found) == 1, [str(f) for f in comparison.findings]
        return found[0]

    return find


@pytest.fixture(scope="session")
def right() -> WeightingComparison:
    """A model of the right form."""
    return compare_weighting(LogisticRiskModel(), *draw_rows(5), schemes=("natural", 3), costs=COSTS, rng=0)


@pytest.fixture(scope="session")
def wrong() -> WeightingComparison:
    """A model without the square that the data have."""
    return compare_weighting(LogisticRiskModel(), *draw_rows(6, n=40_000, bend=0.6), costs=COSTS, rng=0)
