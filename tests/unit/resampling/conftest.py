"""Rows for the tests of resampling: three columns that matter, five that do not, one event in five."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest


class Rows(NamedTuple):
    """Columns and outcome."""

    X: np.ndarray
    y: np.ndarray


@pytest.fixture
def rows(rng: np.random.Generator) -> Rows:
    X = rng.normal(size=(300, 8))
    return Rows(X, (rng.random(300) < 1 / (1 + np.exp(1.5 - X[:, :3] @ [0.8, 0.5, 0.3]))).astype(int))
