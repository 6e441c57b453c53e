"""Probabilities for a population in which the outcomes have other, known prevalences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec._base.checks import refuse_rows
from riskdec.calibration.undoing.columns import check_prevalences, open_columns
from riskdec.calibration.undoing.double_counting import warn_if_counted_twice
from riskdec.calibration.undoing.odds import multiply_by_factors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import ArrayLike, FloatArray


def adjust_prevalence(
    y_proba: ArrayLike,
    *,
    train: Mapping[Any, float] | ArrayLike,
    target: Mapping[Any, float] | ArrayLike,
) -> FloatArray:
    """Turn probabilities that are right at one prevalence into those at another.

    Parameters
    ----------
    y_proba : array-like of shape (n,) or (n, K)
        Risk of the event, or the probability of each of K outcomes, calibrated at the prevalence `train`.
    train : float, mapping or sequence
        Prevalence at which `y_proba` is right: of the event, in (0, 1); or of each outcome, positive and summing to 1,
        as a mapping of label to prevalence or in the order of the columns. After class weights or sampling it is the
        prevalence that the fit saw, weights included.
    target : float, mapping or sequence
        Prevalence in the population of interest, in the same form; 0 and 1 are allowed.

    Returns
    -------
    ndarray of the shape of `y_proba`
        Probabilities in [0, 1]; rows of (n, K) sum to 1. A risk of 0 or 1 stays what it is.

    Raises
    ------
    InputError
        For probabilities or prevalences outside [0, 1], rows or prevalences that do not sum to 1, and rows that are
        certain of an outcome whose target is 0.

    Warns
    -----
    RepairWarning
        RD520, if the mean agrees with `target` before the shift and no longer does so afterwards: the probabilities
        look as if they had been adjusted already. It takes for granted that the rows come from the target population.

    See Also
    --------
    riskdec.estimate_prevalence : The target, where it is not known.

    Notes
    -----
    ``p'_k`` is proportional to ``p_k target_k / train_k`` (Elkan 2001, theorem 2); with two outcomes the log-odds move
    by ``logit(target) - logit(train)`` (King and Zeng 2001).

    **When it is exact.** Under label shift alone: within each outcome the cases look the same in both populations, and
    only the shares of the outcomes differ. If instead the mix of cases changed (another age structure, another
    hospital), the shares of the outcomes differ as well, but this is the wrong map.

    Costs belong to the decision: do not also move the threshold because the prevalence changed.

    References
    ----------
    C. Elkan, The foundations of cost-sensitive learning, IJCAI 2001.
    G. King and L. Zeng, Logistic regression in rare events data, Political Analysis 9 (2001), 137-163.

    Examples
    --------
    A detector was trained on as many events as non-events; in use one case in a hundred is an event.

    >>> adjust_prevalence([0.5, 0.9, 0.99], train=0.5, target=0.01).round(3)
    array([0.01 , 0.083, 0.5  ])
    >>> adjust_prevalence([[0.2, 0.3, 0.5]], train=[0.2, 0.3, 0.5], target=[0.6, 0.3, 0.1]).round(3)
    array([[0.6, 0.3, 0.1]])
    """
    columns = open_columns(y_proba)
    at_train = check_prevalences(train, columns, name="train")
    at_target = check_prevalences(target, columns, name="target", may_be_zero=True)
    if (at_target == 0).any():
        impossible = columns.proba[:, at_target > 0].sum(axis=1) == 0
        if impossible.any():
            rule = "leave some probability to an outcome that occurs at the target"
            raise refuse_rows("y_proba", rule, columns.proba.max(axis=1), impossible, "No shift undoes a certainty.")
    factor = at_target / at_train
    proba = multiply_by_factors(columns.proba, factor / factor.max())
    warn_if_counted_twice(columns.proba, proba, at_target, function="adjust_prevalence")
    return columns.give_back(proba)
