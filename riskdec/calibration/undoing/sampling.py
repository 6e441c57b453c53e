"""Undoing of sampling by outcome: thinned, or repeated, classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskdec.calibration.undoing.columns import check_per_column, check_prevalences, open_columns
from riskdec.calibration.undoing.double_counting import warn_if_counted_twice
from riskdec.calibration.undoing.odds import divide_by_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import ArrayLike, FloatArray


def undo_sampling(
    y_proba: ArrayLike,
    *,
    keep_rates: Mapping[Any, float] | ArrayLike,
    prevalence: Mapping[Any, float] | ArrayLike | None = None,
) -> FloatArray:
    """Turn the probabilities of a model fitted to sampled rows into those of all rows.

    Parameters
    ----------
    y_proba : array-like of shape (n,) or (n, K)
        Risk of the event, or the probability of each of K outcomes, as the model of the sample gives them.
    keep_rates : mapping of label to rate, or sequence of rates
        Share of the rows of each outcome that was kept; positive. Only ratios matter; a rate above 1 stands for rows
        that were repeated. Labels and order as in `undo_class_weight`.
    prevalence : float, mapping or sequence, optional
        Shares of the outcomes among the rows of `y_proba`, where they are known; serve to notice that the sampling
        was undone before.

    Returns
    -------
    ndarray of the shape of `y_proba`
        Probabilities in [0, 1]; rows of (n, K) sum to 1. A risk of 0 or 1 stays what it is.

    Raises
    ------
    InputError
        For probabilities outside [0, 1], rows that do not sum to 1, rates that are not positive, and labels that do
        not fit the columns.

    Warns
    -----
    RepairWarning
        RD520, if the mean agrees with `prevalence` before undoing and no longer does so afterwards.

    See Also
    --------
    riskdec.case_control : Draw such a sample, with the offset that makes a fit need no undoing.
    riskdec.adjust_prevalence : The same map, from prevalences.

    Notes
    -----
    ``p_k`` is proportional to ``q_k / rate_k``. With negatives kept at the rate beta that is
    ``p = beta q / (beta q - q + 1)`` (Dal Pozzolo et al. 2015).

    **When it is exact.** If rows were kept by their outcome alone, at random within it: always as a map of
    conditional probabilities, and for a fitted model if the model contains the true log-odds and the fit is
    unpenalised. Rows that are made up (SMOTE, mixup) are no sample, and no map undoes them: `describe_distortions`.

    References
    ----------
    A. Dal Pozzolo, O. Caelen, R. A. Johnson and G. Bontempi, Calibrating probability with undersampling for
    unbalanced classification, IEEE Symposium Series on Computational Intelligence 2015.

    Examples
    --------
    One of ten non-events was kept: odds are ten times too high.

    >>> undo_sampling([0.5, 0.9], keep_rates={0: 0.1, 1: 1}).round(4)
    array([0.0909, 0.4737])
    """
    columns = open_columns(y_proba)
    proba = divide_by_weights(columns.proba, check_per_column(keep_rates, columns, name="keep_rates", noun="rate"))
    if prevalence is not None:
        shares = check_prevalences(prevalence, columns, name="prevalence", may_be_zero=True)
        warn_if_counted_twice(columns.proba, proba, shares, function="undo_sampling")
    return columns.give_back(proba)
