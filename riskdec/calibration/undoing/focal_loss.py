"""Undoing of the focal loss: what a minimiser of the focal loss says about probabilities."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_number, refuse
from riskdec.calibration.undoing.columns import check_per_column, open_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import ArrayLike, FloatArray
    from riskdec.calibration.undoing.columns import Columns


def undo_focal_loss(
    y_proba: ArrayLike, *, gamma: float, alpha: Mapping[Any, float] | ArrayLike | None = None
) -> FloatArray:
    """Turn the outputs of a network trained with the focal loss into probabilities.

    Parameters
    ----------
    y_proba : array-like of shape (n,) or (n, K)
        Sigmoid outputs of one outcome, or softmax outputs of K outcomes. Where each of K outcomes has a sigmoid of
        its own, pass one column at a time.
    gamma : float
        Exponent of the loss, at least 0; 0 is the cross-entropy.
    alpha : float, mapping or sequence, optional
        Weights of the loss. A number in (0, 1) is the weight of the event, and 1 less it that of the non-event, as in
        the sigmoid form of Lin et al. (2017); with K outcomes one positive weight each, by label or in the order of
        the columns. Leave it out where the loss had none.

    Returns
    -------
    ndarray of the shape of `y_proba`
        Probabilities in [0, 1]; rows of (n, K) sum to 1. A risk of 0 or 1 stays what it is.

    Raises
    ------
    InputError
        For outputs outside [0, 1], rows that do not sum to 1, a negative `gamma`, and an `alpha` that does not fit.

    Notes
    -----
    The loss of outcome k is ``-alpha_k (1 - v_k)^gamma log v_k``. Where the population risk is least,

    ``p_k`` is proportional to ``h(v_k) / alpha_k`` with
    ``h(v) = v / ((1 - v)^gamma - gamma (1 - v)^(gamma - 1) v log v)``

    (Charoenphakdee et al. 2021, theorem 11, without alpha). With a sigmoid the odds are
    ``h(v) / h(1 - v) * (1 - alpha) / alpha``. Computed on logarithms, with ``1 - v`` taken from the other columns
    where v is near 1. h rises, so the likeliest outcome stays the same where there is no alpha.

    **When it is exact.** At the minimum of the population risk. A trained network is near it as far as it fits without
    overfitting; outputs of networks that fit their training rows perfectly are too extreme before and after. Check on
    held-out rows, and recalibrate there.

    References
    ----------
    N. Charoenphakdee, J. Vongkulbhisal, N. Chairatanakul and M. Sugiyama, On focal loss for class-posterior
    probability estimation: a theoretical perspective, CVPR 2021.
    T.-Y. Lin, P. Goyal, R. Girshick, K. He and P. Dollar, Focal loss for dense object detection, ICCV 2017.

    Examples
    --------
    The focal loss flattens: an output of 0.7 stands for a higher risk.

    >>> undo_focal_loss([0.3, 0.5, 0.7], gamma=2).round(3)
    array([0.094, 0.5  , 0.906])
    >>> undo_focal_loss([0.5], gamma=2, alpha=0.25).round(3)
    array([0.75])
    """
    columns = open_columns(y_proba)
    exponent = check_number(gamma, name="gamma", low=0)
    log_weight = np.zeros(columns.n_outcomes) if alpha is None else np.log(_weights(alpha, columns))
    log_ratio = log_risk_ratio(columns.proba, exponent) - log_weight
    return columns.give_back(_normalise(log_ratio))


def log_risk_ratio(v: FloatArray, gamma: float) -> FloatArray:
    """Give ``log h(v)`` of each output, shape (n, K); minus infinity for 0 and infinity for 1."""
    v = v / v.sum(axis=1, keepdims=True)
    rest = 1 - v
    # Beside an output near 1 the others hold the digits that 1 - v has lost.
    rows, top = np.arange(len(v)), v.argmax(axis=1)
    others = v.copy()
    others[rows, top] = 0.0
    rest[rows, top] = others.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = gamma * v * np.where(rest < 0.5, np.log1p(-rest), np.log(v))
        log_h = np.log(v) - (gamma - 1) * np.log(rest) - np.log(rest - np.where(v > 0, slope, 0.0))
    return np.where(v == 0, -np.inf, np.where(rest == 0, np.inf, log_h))


def _weights(alpha: object, columns: Columns) -> FloatArray:
    if not isinstance(alpha, Real):
        return check_per_column(alpha, columns, name="alpha", noun="weight")
    if columns.n_outcomes > 2:
        cure = "Where each outcome has a sigmoid of its own, pass one column of outputs at a time."
        raise refuse("alpha", f"hold one weight per outcome ({columns.n_outcomes})", repr(alpha), cure)
    weight = check_number(alpha, name="alpha", low=0, high=1)
    if weight in (0.0, 1.0):
        raise refuse("alpha", "lie strictly between 0 and 1", repr(alpha))
    return np.array([1 - weight, weight])


def _normalise(log_ratio: FloatArray) -> FloatArray:
    """Give ``exp(log_ratio)`` with rows that sum to one; a row that holds infinity is certain."""
    largest = log_ratio.max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        ratio = np.where(np.isinf(largest), (log_ratio == np.inf).astype(np.float64), np.exp(log_ratio - largest))
    return np.asarray(ratio / ratio.sum(axis=1, keepdims=True), dtype=np.float64)
