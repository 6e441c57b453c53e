"""A mixed table and its outcomes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def frame(rng):
    n = 600
    age = rng.normal(50, 10, n)
    age[rng.random(n) < 0.2] = np.nan
    return pd.DataFrame(
        {
            "age": age,
            "ward": pd.Series(rng.choice(["a", "b", "c", None], n), dtype=object),
            "smoker": rng.random(n) < 0.3,
        }
    )


@pytest.fixture
def outcome(rng, frame):
    eta = np.nan_to_num((frame["age"].to_numpy() - 50) / 10, nan=0.5) + frame["smoker"] - 1
    return (rng.random(len(frame)) < 1 / (1 + np.exp(-eta))).to_numpy().astype(int)
