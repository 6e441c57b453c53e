"""Probabilities of K outcomes from logits, and the log-odds of one of them against the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.calibration.multiclass.rows import blocks_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.typing import AnyArray, FloatArray


def softmax(shape: tuple[int, ...], logits: Callable[[slice], AnyArray]) -> FloatArray:
    """Give probabilities of shape (n, K) from the logits of blocks of rows, in room for little more than the answer."""
    proba = np.empty(shape)
    for rows in blocks_of(*shape):
        part = proba[rows]
        part[...] = logits(rows)
        part -= part.max(axis=1)[:, None]
        np.exp(part, out=part)
        part /= part.sum(axis=1)[:, None]
    return proba


def log_odds_against_rest(logits: FloatArray, column: int) -> tuple[FloatArray, FloatArray]:
    """Give the log-odds of one outcome against all others, and how they change with the logits.

    Returns
    -------
    log_odds : ndarray of shape (n,)
        ``z_k - log sum_{j != k} exp(z_j)``, exact where the outcome is next to certain.
    contrast : ndarray of shape (n, K)
        Their derivatives: 1 for the outcome, minus its share of the rest for every other one.
    """
    rest = np.delete(logits, column, axis=1)
    top = rest.max(axis=1)[:, None]
    mass = np.exp(rest - top)
    total = mass.sum(axis=1)[:, None]
    contrast = np.insert(-mass / total, column, 1.0, axis=1)
    return logits[:, column] - (top + np.log(total))[:, 0], contrast
