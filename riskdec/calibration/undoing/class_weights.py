"""Undoing of class weights: the exact map from weighted probabilities back to risks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec._base.checks import refuse
from riskdec.calibration.undoing.columns import check_per_column, check_prevalences, open_columns
from riskdec.calibration.undoing.double_counting import warn_if_counted_twice
from riskdec.calibration.undoing.odds import divide_by_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import ArrayLike, FloatArray

_RULE = "be a mapping of label to weight, or the weights in the order of the columns"
_CURE = "What 'balanced' stands for depends on the training outcomes: pass balanced_weights(y_train)."


def undo_class_weight(
    y_proba: ArrayLike,
    *,
    class_weight: Mapping[Any, float] | ArrayLike,
    prevalence: Mapping[Any, float] | ArrayLike | None = None,
) -> FloatArray:
    """Turn the probabilities of a class-weighted fit back into probabilities without weights.

    Parameters
    ----------
    y_proba : array-like of shape (n,) or (n, K)
        Risk of the event, or the probability of each of K outcomes, as the weighted model gives them.
    class_weight : mapping of label to weight, or sequence of weights
        Weights of the fit; only their ratios matter. A mapping names every label: 0 and 1 for risks of shape
        (n,), otherwise the K labels, whose sorted order is that of the columns (as in `predict_proba`). A
        sequence follows the columns; for risks of shape (n,) it is (non-event, event).
    prevalence : float, mapping or sequence, optional
        Shares of the outcomes among these rows, where they are known: the share of the event, or one per column.
        They change nothing, but serve to notice that the weights were undone before.

    Returns
    -------
    ndarray of the shape of `y_proba`
        Probabilities in [0, 1]; rows of (n, K) sum to 1. A risk of 0 or 1 stays what it is.

    Raises
    ------
    InputError
        For probabilities outside [0, 1], rows that do not sum to 1, weights that are not positive, and labels
        that do not fit the columns.

    Warns
    -----
    RepairWarning
        RD520, if the mean agrees with `prevalence` before undoing and no longer does so afterwards.

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

    Weights by "effective numbers" (Cui et al. 2019, ``(1 - beta) / (1 - beta^n_k)``) are class weights as well.

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
    if isinstance(class_weight, str):
        raise refuse("class_weight", _RULE, repr(class_weight), _CURE)
    columns = open_columns(y_proba)
    proba = divide_by_weights(
        columns.proba, check_per_column(class_weight, columns, name="class_weight", noun="weight")
    )
    if prevalence is not None:
        shares = check_prevalences(prevalence, columns, name="prevalence", may_be_zero=True)
        warn_if_counted_twice(columns.proba, proba, shares, function="undo_class_weight")
    return columns.give_back(proba)
