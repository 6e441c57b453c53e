"""The logarithmic score: how surprised the forecast was by what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.scores.forecasts import check_observed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import ArrayLike


def log_score(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    sample_weight: ArrayLike | None = None,
    event: object = None,
    outcomes: Sequence[object] | None = None,
) -> float:
    """Measure the mean of minus the log of the probability given to what happened; smaller is better.

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
        In nats, from 0. Nothing is clipped: infinite where something happened that was given probability 0.

    Raises
    ------
    InputError
        For probabilities outside [0, 1], rows that do not sum to 1, missing values, negative weights.

    References
    ----------
    Good IJ (1952). Rational decisions. Journal of the Royal Statistical Society B 14:107-114.

    Examples
    --------
    >>> round(log_score([0, 1], [0.5, 0.5]), 4)
    0.6931
    >>> log_score([0, 1], [0.5, 0.0])
    inf
    """
    said = check_observed(y_true, y_proba, sample_weight=sample_weight, event=event, outcomes=outcomes)
    with np.errstate(divide="ignore"):
        surprise = -np.log(said.observed)
    return float(np.average(surprise, weights=said.weight)) + 0.0
