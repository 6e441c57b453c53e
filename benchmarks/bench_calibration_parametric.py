"""Platt and beta calibration of a million probabilities, against those who fit the same.

scikit-learn's Platt scaling gets logits, the scale on which it can be compared; betacal and probmetrics get
probabilities. Beside each time stands how far the two answers are apart.
"""

from __future__ import annotations

import importlib.util
import warnings
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.interleave import Comparison, interleave
from riskdec import BetaCalibrator, PlattCalibrator

if TYPE_CHECKING:
    from collections.abc import Iterator

N = 1_000_000


def run() -> Iterator[Comparison]:
    """Yield one comparison after the other; peers that are not installed are left out."""
    rng = np.random.default_rng(0)
    logit = rng.normal(-2, 1.5, N)
    p = 1 / (1 + np.exp(-logit))
    y = (rng.random(N) < 1 / (1 + np.exp(0.3 - 0.8 * logit))).astype(np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield _against_sklearn(logit, y)
        if importlib.util.find_spec("betacal"):
            yield _against_betacal(p, y)
        if importlib.util.find_spec("probmetrics"):
            yield _against_probmetrics(p, y)


def _against_sklearn(logit: np.ndarray, y: np.ndarray) -> Comparison:
    from sklearn.calibration import _SigmoidCalibration

    job = f"Platt scaling, n={N:,}"
    platt = PlattCalibrator(input="logit", smooth_targets=False)
    result = interleave(job, "scikit-learn", lambda: platt.fit(logit, y), lambda: _peer(logit, y), pairs=5)
    peer = _SigmoidCalibration().fit(logit, y)
    return result._replace(note=f"slopes differ by {abs(platt.slope_ + peer.a_):.0e}")


def _peer(logit: np.ndarray, y: np.ndarray) -> object:
    from sklearn.calibration import _SigmoidCalibration

    return _SigmoidCalibration().fit(logit, y)


def _against_betacal(p: np.ndarray, y: np.ndarray) -> Comparison:
    from betacal import BetaCalibration

    beta, column = BetaCalibrator(), p.reshape(-1, 1)
    job = f"beta calibration, n={N:,}"
    result = interleave(
        job, "betacal", lambda: beta.fit(p, y), lambda: BetaCalibration(parameters="abm").fit(column, y), pairs=5
    )
    apart = np.abs(beta.predict_risk(p) - BetaCalibration(parameters="abm").fit(column, y).predict(p)).max()
    return result._replace(note=f"risks differ by at most {apart:.0e}")


def _against_probmetrics(p: np.ndarray, y: np.ndarray) -> Comparison:
    from probmetrics.calibrators import get_calibrator

    platt, both = PlattCalibrator(), np.column_stack([1 - p, p])
    job = f"Platt scaling of probabilities, n={N:,}"
    return interleave(
        job, "probmetrics logistic", lambda: platt.fit(p, y), lambda: get_calibrator("logistic").fit(both, y), pairs=5
    )
