"""How much memory a diagnosis of a million rows needs."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

from scipy.special import expit

from riskdec import diagnose

if TYPE_CHECKING:
    import numpy as np


def test_a_million_rows_need_at_most_six_times_their_memory(rng: np.random.Generator) -> None:
    risk = expit(rng.normal(-3, 1, 1_000_000))
    y = (rng.random(1_000_000) < risk).astype(float)
    diagnose(y[:1_000], risk[:1_000], n_resamples=5, rng=0)
    tracemalloc.start(1)
    try:
        diagnose(y, risk, n_resamples=200, rng=0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 6 * (risk.nbytes + y.nbytes)
