"""Isotonic and Venn-Abers calibration, against scikit-learn, probmetrics and the package venn-abers.

Isotonic: a million rows, fit alone. Venn-Abers: a hundred thousand rows to fit and as many to calibrate. Beside each
time stands how far the two answers are apart.
"""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from typing import TYPE_CHECKING

import numpy as np
from sklearn.isotonic import IsotonicRegression

from benchmarks.interleave import Comparison, interleave
from riskdec import IsotonicCalibrator, VennAbersCalibrator
from riskdec._base.optional import has_numba

if TYPE_CHECKING:
    from collections.abc import Iterator

N = 1_000_000
N_VENN_ABERS = 100_000


def run() -> Iterator[Comparison]:
    """Yield one comparison after the other; peers that are not installed are left out."""
    p, y, logit = _rows(N)
    way = "numba" if has_numba() else "numpy"
    yield _isotonic(f"isotonic fit of probabilities, n={N:,}, {way}", p, y, "probability")
    yield _isotonic(f"isotonic fit of logits, n={N:,}, {way}", logit, y, "logit")
    if importlib.util.find_spec("probmetrics"):
        yield _isotonic_probmetrics(f"isotonic fit of probabilities, n={N:,}, {way}", p, y)
    if importlib.util.find_spec("venn_abers"):
        yield from _venn_abers(way)


def _rows(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    logit = rng.normal(-1, 1.5, n)
    y = (rng.random(n) < 1 / (1 + np.exp(0.3 - 0.8 * logit))).astype(np.int64)
    return 1 / (1 + np.exp(-logit)), y, logit


def _isotonic(job: str, score: np.ndarray, y: np.ndarray, kind: str) -> Comparison:
    ours, theirs = IsotonicCalibrator(input=kind), IsotonicRegression(out_of_bounds="clip")
    result = interleave(job, "scikit-learn", lambda: ours.fit(score, y), lambda: theirs.fit(score, y), pairs=7)
    apart = np.abs(ours.predict_risk(score) - theirs.predict(score)).max()
    return result._replace(note=f"risks differ by at most {apart:.0e}")


def _isotonic_probmetrics(job: str, p: np.ndarray, y: np.ndarray) -> Comparison:
    from probmetrics.calibrators import get_calibrator

    ours, both = IsotonicCalibrator(), np.column_stack([1 - p, p])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return interleave(
            job,
            "probmetrics isotonic",
            lambda: ours.fit(p, y),
            lambda: get_calibrator("isotonic").fit(both, y),
            pairs=5,
        )


def _venn_abers(way: str) -> Iterator[Comparison]:
    p, y, _ = _rows(N_VENN_ABERS)
    both, ours = np.column_stack([1 - p, p]), VennAbersCalibrator().fit(p, y)
    new = np.random.default_rng(1).random(N_VENN_ABERS)
    new_both = np.column_stack([1 - new, new])
    # It switches numpy's warnings off where it is imported, which must not reach what runs after it.
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = importlib.import_module("venn_abers").VennAbers
        fitted = peer()
        fitted.fit(both, y)
        apart = np.abs(ours.predict_interval(new) - fitted.predict_proba(new_both)[1]).max()
        note = f"both risks differ by at most {apart:.0e}"

        def their_fit_and_predict() -> object:
            one = peer()
            one.fit(both, y)
            return one.predict_proba(new_both)

        size = f"{N_VENN_ABERS:,} rows, {way}"
        yield interleave(
            f"Venn-Abers fit and predict, {size}",
            "venn-abers",
            lambda: VennAbersCalibrator().fit(p, y).predict_proba(new),
            their_fit_and_predict,
            pairs=5,
        )._replace(note=note)
        yield interleave(
            f"Venn-Abers fit, {size}", "venn-abers", lambda: ours.fit(p, y), lambda: peer().fit(both, y), pairs=5
        )
        yield interleave(
            f"Venn-Abers predict, {size}",
            "venn-abers",
            lambda: ours.predict_proba(new),
            lambda: fitted.predict_proba(new_both),
            pairs=7,
        )
