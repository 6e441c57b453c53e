"""The strength of a penalty by cross-fitted log score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.calibration.multiclass.linear_logits import LinearLogits
    from riskdec.calibration.multiclass.rows import ManyRows
    from riskdec.calibration.multiclass.softmax_newton import SoftmaxFit

STRENGTHS = tuple(10.0**power for power in range(3, -5, -1))
_FOLDS = 5


def choose_penalty(
    rows: ManyRows,
    form: LinearLogits,
    start: FloatArray,
    fit: Callable[[ManyRows, float, FloatArray], SoftmaxFit],
) -> float:
    """Give the strength whose fits to four fifths of the rows score best on the rest.

    Parameters
    ----------
    rows : ManyRows
        At least two rows of some outcome.
    form : LinearLogits
        How parameters make logits.
    start : ndarray
        Where the strongest penalty begins; each weaker one begins where the stronger ended.
    fit : callable
        Fits rows with a strength from a start.

    Notes
    -----
    Every fifth row of an outcome, in the order of the rows, makes a fold. A strength at which some fold separates its
    outcomes is no candidate.
    """
    fold = _folds(rows.codes)
    weight = rows.each_weight
    loss = np.zeros(len(STRENGTHS))
    for held_out in range(_FOLDS):
        inside, theta = _part(rows, fold != held_out), start
        outside = _part(rows, fold == held_out)
        for j, strength in enumerate(STRENGTHS):
            found = fit(inside, strength, theta)
            if found.status != "maximum":
                loss[j:] = np.inf
                break
            theta = found.parameters
            loss[j] += float(weight[fold == held_out] @ _losses(outside, form, theta))
    if not np.isfinite(loss).any():
        cure = "Give the strength as a number, or calibrate on more rows."
        raise refuse("off_diagonal_penalty", "be a number where folds separate the outcomes", "'cv'", cure)
    return STRENGTHS[int(loss.argmin())]


def _folds(codes: IntArray) -> IntArray:
    """Deal the rows of each outcome to the folds in turn."""
    order = np.argsort(codes, kind="stable")
    rank = np.empty(len(codes), dtype=np.intp)
    rank[order] = np.arange(len(codes)) - np.searchsorted(codes[order], codes[order])
    folds: IntArray = rank % _FOLDS
    return folds


def _part(rows: ManyRows, kept: np.ndarray) -> ManyRows:
    logit, codes, frequency, importance = rows
    return type(rows)(
        logit[kept],
        codes[kept],
        None if frequency is None else frequency[kept],
        None if importance is None else importance[kept],
    )


def _losses(rows: ManyRows, form: LinearLogits, theta: FloatArray) -> FloatArray:
    eta = form.logits(rows.logit.astype(np.float64), theta)
    eta -= eta.max(axis=1)[:, None]
    losses: FloatArray = np.log(np.exp(eta).sum(axis=1)) - eta[np.arange(len(eta)), rows.codes]
    return losses
