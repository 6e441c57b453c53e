"""The Brier score: mean squared distance between forecast and outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.scores.forecasts import check_observed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import ArrayLike


def brier_score(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    event: object = None,
    outcomes: Sequence[object] | None = None,
) -> float:
    """Measure the mean squared distance between forecast and outcome; smaller is better.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes.
    y_proba : array-like of shape (n,) or (n, K)
        Risk of the event, or the probability of each outcome in the order of the sorted labels.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights of any kind: the score is a weighted mean.
    event : object, optional
        The label whose probability `y_proba` of shape (n,) holds; 1 or True by default.
    outcomes : sequence of K labels, optional
        The label of each column, needed where not every label occurs in `y_true`.

    Returns
    -------
    float
        Two outcomes: in [0, 1], the half-scale form ``mean (p - y)^2``. More than two: in [0, 2], the sum
        over outcomes ``mean sum_k (p_k - y_k)^2``.

    Raises
    ------
    InputError
        For probabilities outside [0, 1], rows that do not sum to 1, missing values, negative weights.

    References
    ----------
    Brier GW (1950). Verification of forecasts expressed in terms of probability. Monthly Weather Review
    78:1-3.

    Examples
    --------
    >>> brier_score([0, 1, 1], [0.1, 0.8, 0.5])
    0.1
    >>> brier_score(["a", "b", "c"], [[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0, 0, 1]])
    0.1
    """
    said = check_observed(y_true, y_proba, sample_weight=sample_weight, event=event, outcomes=outcomes)
    missed = 1 - said.observed
    # sum_k (p_k - y_k)^2 = sum_k p_k^2 - 2 p_observed + 1
    terms = missed**2 if said.squares is None else said.squares - said.observed + missed
    return float(np.average(terms, weights=said.weight))
