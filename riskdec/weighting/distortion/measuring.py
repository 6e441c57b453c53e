"""Measure how weights distorted probabilities, from the probabilities, the outcomes and the stated ratio alone."""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import check_level, check_number
from riskdec._base.findings import sort_findings
from riskdec._base.frames import frame_kind
from riskdec._base.result import Estimate
from riskdec.diagnostics.slopes.certain_risks import can_be_recalibrated, without_certainties
from riskdec.diagnostics.slopes.hierarchy import fit_hierarchy
from riskdec.diagnostics.slopes.recalibration_rows import wald_width
from riskdec.scores.decomposition import mean_score
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.sums import sum_by_forecast
from riskdec.weighting.distortion.answer import Distortion
from riskdec.weighting.distortion.bend import Bend, fit_bend
from riskdec.weighting.distortion.sentences import conclude_distortion

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, FloatArray, WeightKind
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

_NOTHING: FloatArray = np.empty(0)
_NO_BEND = Bend(np.nan, np.nan, np.nan, 0, np.nan, *(_NOTHING,) * 5)


class _Shift(NamedTuple):
    """Minus calibration-in-the-large, and what of it the ratio does not explain."""

    observed: Estimate
    unexplained: Estimate


def weighting_distortion(
    y_true: ArrayLike,
    y_proba_weighted: ArrayLike,
    *,
    weight_ratio: float,
    event: object = None,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> Distortion:
    """Split the distortion of weighted probabilities into the predicted shift, the slope, and what remains.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes of rows that the model was not fitted on, in their natural proportions; two labels.
    y_proba_weighted : array-like of shape (n,) or (n, 2)
        Probability of the event as the weighted model gives it; any model, such as XGBoost with ``scale_pos_weight``
        or a network with ``pos_weight``.
    weight_ratio : float
        Weight of an event over that of a non-event in the loss; for under- or oversampling the ratio of the rates at
        which events and non-events were kept.
    event : object, optional
        The label whose probability is given; 1 or True by default.
    sample_weight : array-like of shape (n,), optional
        Non-negative weights of the rows to judge on (not those of the loss).
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers) or makes one row more or less important.
    groups : array-like of shape (n,), optional
        Group of each row, where rows of a group depend on each other: intervals and tests are cluster-robust.
    confidence_level : float
        Level of the intervals.

    Returns
    -------
    Distortion

    Raises
    ------
    InputError
        For a ratio that is not positive, probabilities outside [0, 1], missing values, negative weights.

    See Also
    --------
    undo_class_weight : The exact map back.
    compare_weighting : The same model with and without weights.

    Notes
    -----
    Weights of ratio r multiply the odds of the weighted population by r, so a model of the right form is shifted by
    ``log r`` on the log-odds scale: predicted shift. Calibration-in-the-large says what the shift is: minus a in
    ``logit P(y = 1) = a + logit q``. Slope and intercept together, ``a + b logit q``, tell a change of spread, and a
    restricted cubic spline of ``logit q`` what neither explains: four knots, Wald test of the bends, and the mean
    distance of the two event rates beside what chance makes of it. Undoing the ratio changes the shift alone.

    Calibration-in-the-large holds the slope at 1, so with a slope that is not 1 the shift is that of the average row.

    References
    ----------
    C. Elkan, The foundations of cost-sensitive learning, IJCAI 2001.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> risk = 1 / (1 + np.exp(2 - rng.normal(size=5000)))
    >>> y = rng.random(5000) < risk
    >>> weighted = 9 * risk / (9 * risk + 1 - risk)
    >>> weighting_distortion(y, weighted, weight_ratio=9)
    <Distortion: shift 2.14, predicted 2.2, slope 1.03, n=5000>
    """
    given = check_forecasts(
        y_true, y_proba_weighted, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event
    )
    ratio = check_number(weight_ratio, name="weight_ratio", low=0, open_low=True)
    level = check_level(confidence_level)
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    hierarchy = fit_hierarchy(sums, given, confidence_level=level)
    shift = _shift(hierarchy.citl, log(ratio))
    width = wald_width(level, given.n_groups)
    bend = _bend(sums, given, level) or _NO_BEND
    undone = _undo(sums.risk, ratio)
    found = Distortion(
        weight_ratio=ratio,
        predicted_shift=log(ratio),
        observed_shift=shift.observed,
        unexplained_shift=shift.unexplained,
        slope=hierarchy.slope,
        residual=bend.size,
        residual_null_mean=bend.null_mean,
        shift_p_value=_p_value(shift.unexplained, 0.0, width, given.n_groups),
        slope_p_value=_p_value(hierarchy.slope, 1.0, width, given.n_groups),
        residual_p_value=bend.p_value,
        residual_df=bend.df,
        mean_risk=sums.mean_risk,
        undone_mean_risk=float((sums.weight * undone).sum()) / sums.total,
        observed_rate=sums.prevalence,
        log_score=mean_score(sums, sums.risk, "log"),
        undone_log_score=mean_score(sums, undone, "log"),
        curve_risk=bend.risk,
        curve_predicted=_undo(bend.risk, ratio),
        curve_line=bend.line,
        curve_observed=bend.observed,
        curve_low=bend.low,
        curve_high=bend.high,
        n=sums.n,
        n_events=sums.n_events,
        n_groups=given.n_groups,
        weight_kind=given.weight_kind,
        confidence_level=level,
        findings=(),
        frame_kind=frame_kind(y_true, y_proba_weighted),
    )
    return replace(found, findings=sort_findings(conclude_distortion(found, hierarchy.obstacle)))


def _undo(risk: FloatArray, ratio: float) -> FloatArray:
    """Divide the odds by the ratio; certainties stay what they are."""
    return risk / (risk + (1 - risk) * ratio)


def _shift(citl: Estimate, predicted: float) -> _Shift:
    observed = Estimate(estimate=-citl.estimate, low=-citl.high, high=-citl.low, confidence_level=citl.confidence_level)
    unexplained = replace(
        observed,
        estimate=observed.estimate - predicted,
        low=observed.low - predicted,
        high=observed.high - predicted,
    )
    return _Shift(observed, unexplained)


def _p_value(estimate: Estimate, value: float, width: float, n_groups: int | None) -> float:
    """Give the two-sided p-value of the Wald test whose interval the estimate carries."""
    from scipy.special import ndtr, stdtr

    error = (estimate.high - estimate.low) / 2 / width
    distance = -abs(estimate.estimate - value) / error
    return float(2 * (ndtr(distance) if n_groups is None else stdtr(n_groups - 1, distance)))


def _bend(sums: ForecastSums, given: Forecasts, level: float) -> Bend | None:
    """Fit the spline to the rows whose risks have log-odds; None where certainties proved wrong."""
    if not can_be_recalibrated(sums):
        return None
    sums, given = without_certainties(sums, given)
    if sums.n_events in (0, sums.n) or given.n_groups == 1:
        return None
    return fit_bend(sums, given, confidence_level=level)
