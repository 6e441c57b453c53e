"""Diagnosing calibration, against scikit-learn's scores one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from benchmarks.interleave import Comparison, interleave
from riskdec import decompose_score, reliability_curve
from riskdec.datasets import simulate_risks

if TYPE_CHECKING:
    from collections.abc import Iterator


def run() -> Iterator[Comparison]:
    """Yield the comparisons at a hundred thousand rows."""
    data = simulate_risks(100_000, prevalence=0.05, rng=0)
    y, p = data.y, data.risk

    def isotonic() -> object:
        return IsotonicRegression(y_min=0, y_max=1).fit(p, y).predict(p)

    def scores() -> object:
        return brier_score_loss(y, p), log_loss(y, p), roc_auc_score(y, p)

    yield interleave(
        "reliability_curve n=100,000, no band",
        "scikit-learn IsotonicRegression",
        lambda: reliability_curve(y, p, band=None),
        isotonic,
        pairs=5,
    )
    yield interleave(
        "decompose_score n=100,000 (Brier, 3 parts)",
        "scikit-learn Brier + log loss + AUC",
        lambda: decompose_score(y, np.asarray(p)),
        scores,
        pairs=5,
    )
