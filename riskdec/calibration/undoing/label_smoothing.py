"""Undoing of label smoothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_number, refuse
from riskdec._base.codes import warn
from riskdec._base.table import count, number, percent
from riskdec.calibration.undoing.columns import open_columns
from riskdec.errors import RepairWarning

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray

# Outputs below the least possible one by no more than this are off by rounding alone: float32 has 7 digits.
_ROUNDING = 1e-7


def undo_label_smoothing(y_proba: ArrayLike, *, smoothing: float) -> FloatArray:
    """Turn the outputs of a network trained with label smoothing into probabilities.

    Parameters
    ----------
    y_proba : array-like of shape (n,) or (n, K)
        Risk of the event, or the softmax of K outcomes.
    smoothing : float
        Share eps of each label that was spread over all K outcomes evenly, in [0, 1): the target of the outcome that
        happened was ``1 - eps + eps / K``, that of each other one ``eps / K``.

    Returns
    -------
    ndarray of the shape of `y_proba`
        Probabilities in [0, 1]; rows of (n, K) sum to 1.

    Raises
    ------
    InputError
        For outputs outside [0, 1], rows that do not sum to 1, and `smoothing` outside [0, 1).

    Warns
    -----
    RepairWarning
        RD521, with the number of rows that hold an output below ``eps / K``. No perfectly trained network gives one;
        such outputs become 0, which is a certainty that nobody can have learned.

    Notes
    -----
    ``p_k = (q_k - eps / K) / (1 - eps)``, clipped at 0, rows scaled to sum to 1.

    **When it is exact.** At the minimum of the population risk. Real networks overshoot the smoothed targets on rows
    that they are sure of, and a subtraction then leaves no digits: where many rows are clipped, recalibrate on
    held-out rows instead.

    References
    ----------
    C. Szegedy, V. Vanhoucke, S. Ioffe, J. Shlens and Z. Wojna, Rethinking the inception architecture for computer
    vision, CVPR 2016.

    Examples
    --------
    >>> undo_label_smoothing([0.05, 0.5, 0.95], smoothing=0.1).round(6)
    array([0. , 0.5, 1. ])
    >>> undo_label_smoothing([[0.1, 0.2, 0.7]], smoothing=0.15).round(4)
    array([[0.0588, 0.1765, 0.7647]])
    """
    columns = open_columns(y_proba)
    eps = check_number(smoothing, name="smoothing", low=0, high=1)
    if eps == 1:
        raise refuse("smoothing", "be below 1", repr(smoothing), "Labels smoothed so far hold nothing.")
    least = eps / columns.n_outcomes
    excess = columns.proba - least
    outside = int((excess < -_ROUNDING).any(axis=1).sum())
    if outside:
        n = len(excess)
        message = (
            f"{count(outside)} of {count(n)} rows ({percent(outside / n)}) hold an output below {number(least)}, which "
            "no fit to smoothed labels gives; these probabilities are set to 0. Do not read them as certainties: "
            "recalibrate on held-out rows, or floor them."
        )
        warn("RD521", message, RepairWarning)
    kept = np.maximum(excess, 0.0)
    return columns.give_back(np.asarray(kept / kept.sum(axis=1, keepdims=True), dtype=np.float64))
