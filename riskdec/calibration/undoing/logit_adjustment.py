"""Undoing of logit adjustment (balanced softmax)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_number
from riskdec.calibration.undoing.columns import check_prevalences, open_columns
from riskdec.calibration.undoing.odds import multiply_by_factors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import ArrayLike, FloatArray


def undo_logit_adjustment(
    y_proba: ArrayLike, *, prevalence: Mapping[Any, float] | ArrayLike, tau: float = 1.0
) -> FloatArray:
    """Turn the softmax of a network trained with logit adjustment into probabilities.

    Parameters
    ----------
    y_proba : array-like of shape (n,) or (n, K)
        Softmax of the network's own logits f, to which nothing was added: the "balanced" scores. With two outcomes
        the score of the event is enough.
    prevalence : float, mapping or sequence
        Prevalences used in the loss: of the event, or of each outcome (see `adjust_prevalence`).
    tau : float
        Factor of the log-prevalences in the loss, at least 0; 1 is the balanced softmax.

    Returns
    -------
    ndarray of the shape of `y_proba`
        Probabilities in [0, 1]; rows of (n, K) sum to 1.

    Raises
    ------
    InputError
        For probabilities outside [0, 1], rows or prevalences that do not sum to 1, a prevalence of 0, negative `tau`.

    Notes
    -----
    The loss is the cross-entropy of ``softmax(f + tau log prevalence)``, and that softmax is the probability. So
    ``p_k`` is proportional to ``q_k prevalence_k^tau``. The same map takes back logits that were lowered by
    ``tau log prevalence`` after training.

    **When it is exact.** At the minimum of the population risk, whatever the architecture; for a trained network as
    far as its softmax with the adjustment is calibrated. Check that it is on held-out rows, and recalibrate there.

    References
    ----------
    A. K. Menon, S. Jayasumana, A. S. Rawat, H. Jain, A. Veit and S. Kumar, Long-tail learning via logit adjustment,
    ICLR 2021.
    J. Ren et al., Balanced meta-softmax for long-tailed visual recognition, NeurIPS 2020.

    Examples
    --------
    >>> undo_logit_adjustment([[0.5, 0.5], [0.1, 0.9]], prevalence=0.1).round(3)
    array([[0.9, 0.1],
           [0.5, 0.5]])
    """
    columns = open_columns(y_proba)
    log_share = np.log(check_prevalences(prevalence, columns, name="prevalence"))
    strength = check_number(tau, name="tau", low=0)
    factor = np.exp(strength * (log_share - log_share.max()))
    return columns.give_back(multiply_by_factors(columns.proba, factor))
