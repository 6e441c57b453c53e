"""Undoing of class weights: the exact map from weighted probabilities back to risks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_distributions, check_number, check_risks, refuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import ArrayLike, FloatArray

_RULE = "be a mapping of label to weight, or the weights in the order of the columns"


def undo_class_weight(y_proba: ArrayLike, *, class_weight: Mapping[Any, float] | Sequence[float]) -> FloatArray:
    """Turn the probabilities of a class-weighted fit back into probabilities without weights.

    Parameters
    ----------
    y_proba : array-like of shape (n,) or (n, K)
        Risk of the event, or the probability of each of K outcomes, as the weighted model gives them.
    class_weight : mapping of label to weight, or sequence of weights
        Weights of the fit; only their ratios matter. A mapping names every label: 0 and 1 for risks of shape
        (n,), otherwise the K labels, whose sorted order is that of the columns (as in `predict_proba`). A
        sequence follows the columns; for risks of shape (n,) it is (non-event, event).

    Returns
    -------
    ndarray of the shape of `y_proba`
        Probabilities in [0, 1]; rows of (n, K) sum to 1. A risk of 0 or 1 stays what it is.

    Raises
    ------
    InputError
        For probabilities outside [0, 1], rows that do not sum to 1, weights that are not positive, and labels
        that do not fit the columns.

    See Also
    --------
    riskdec.compare_weighting : What weighting did, and what undoing it leaves behind.

    Notes
    -----
    With ``r`` the weight of the event over that of the non-event, ``p = q / (q + (1 - q) r)``; with K outcomes
    ``p_k`` is proportional to ``q_k / w_k``. It is the prior-change map of Elkan (2001, theorem 2).

    **When it is exact.** As a map of conditional probabilities, always: it turns the probabilities of the
    weighted population into those of the population itself. For a *fitted* model only if the fit is
    unpenalised and the model contains the true log-odds (or is saturated); then weighted and unweighted fit
    differ by sampling error alone. Penalised, early-stopped, tree and boosted fits are undone approximately. If
    the form of the model is wrong, neither the mean nor the shape of the risks is restored: the weighted fit
    balances weighted residuals, and nothing makes the residuals of the undone risks sum to zero. Re-estimating
    calibration-in-the-large on rows without weights then restores the mean, not the shape.

    Probabilities after undersampling, or under a known other prevalence, follow the same map.

    References
    ----------
    C. Elkan, The foundations of cost-sensitive learning, IJCAI 2001.
    G. King and L. Zeng, Logistic regression in rare events data, Political Analysis 9 (2001), 137-163.

    Examples
    --------
    >>> undo_class_weight([0.5, 0.9], class_weight={0: 1, 1: 9}).round(3)
    array([0.1, 0.5])
    >>> undo_class_weight([[0.2, 0.3, 0.5]], class_weight=[1, 1, 5]).round(3)
    array([[0.333, 0.5  , 0.167]])
    """
    array = np.asarray(y_proba)
    if array.ndim == 2 and array.shape[1] > 1:
        proba = check_distributions(array)
        return divide_by_weights(proba, _column_weights(class_weight, proba.shape[1]))
    non_event, event = _column_weights(class_weight, 2, labels=(0, 1))
    return divide_odds(check_risks(array), event / non_event)


def divide_odds(risk: FloatArray, ratio: float) -> FloatArray:
    """Give the risks whose odds are those of `risk` divided by `ratio`; shape (n,)."""
    return risk / (risk + (1 - risk) * ratio)


def divide_by_weights(proba: FloatArray, weight: FloatArray) -> FloatArray:
    """Give probabilities proportional to ``proba / weight``, rows summing to one; shape (n, K)."""
    scaled = proba * (weight.min() / weight)
    return np.asarray(scaled / scaled.sum(axis=1, keepdims=True), dtype=np.float64)


def _column_weights(class_weight: object, n: int, labels: tuple[object, ...] | None = None) -> FloatArray:
    """Give positive weights in the order of the columns, shape (n,)."""
    if class_weight is None or isinstance(class_weight, str) or not isinstance(class_weight, Iterable):
        cure = "What 'balanced' stands for depends on the training outcomes: pass balanced_weights(y_train)."
        raise refuse("class_weight", _RULE, repr(class_weight), cure if isinstance(class_weight, str) else "")
    if isinstance(class_weight, Mapping):
        order = _sorted_keys(class_weight, n) if labels is None else _known_keys(class_weight, labels)
        named = [(f"class_weight[{label!r}]", class_weight[label]) for label in order]
    else:
        named = [(f"class_weight[{k}]", weight) for k, weight in enumerate(class_weight)]
        if len(named) != n:
            raise refuse("class_weight", f"hold one weight per outcome ({n})", f"{len(named)} weights")
    return np.array([check_number(weight, name=name, low=0, open_low=True) for name, weight in named])


def _known_keys(class_weight: Mapping[Any, float], labels: tuple[object, ...]) -> tuple[object, ...]:
    if set(class_weight) != set(labels):
        cure = "For other labels pass the weights as (weight of the non-event, weight of the event)."
        raise refuse("class_weight", "name the labels 0 and 1 for risks of shape (n,)", _keys(class_weight), cure)
    return labels


def _sorted_keys(class_weight: Mapping[Any, float], n: int) -> list[Any]:
    if len(class_weight) != n:
        rule = f"name every label, one per column of y_proba ({n})"
        raise refuse("class_weight", rule, _keys(class_weight), "A class without a weight of its own has weight 1.")
    try:
        return sorted(class_weight)
    except TypeError as err:
        cure = "Pass the weights as a sequence in the order of the columns."
        raise refuse("class_weight", "have labels of one type", _keys(class_weight), cure) from err


def _keys(class_weight: Mapping[Any, float]) -> str:
    return f"the labels {', '.join(map(repr, class_weight)) or '(none)'}"
