"""Decision curves: net benefit of models and policies over thresholds, with inference."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import (
    check_counts,
    check_groups,
    check_level,
    check_option,
    check_weights,
    refuse,
)
from riskdec._base.result import with_frame_kind
from riskdec.decisions.curves.answer import DecisionCurve
from riskdec.decisions.curves.bands import Band, find_band
from riskdec.decisions.curves.moments import (
    Curve,
    Sample,
    Scale,
    covariance,
    measure,
    pair_covariance,
    standardised,
)
from riskdec.decisions.curves.strategies import by_threshold, kind_of_frames, read_deferral, read_strategies
from riskdec.decisions.curves.thresholds import check_thresholds
from riskdec.decisions.judging.event_rows import check_event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import ArrayLike, BoolArray, FloatArray, WeightKind
    from riskdec.decisions.choosing.answer import Decisions


def decision_curve(
    y_true: ArrayLike,
    predictions: Mapping[str, ArrayLike | Decisions] | ArrayLike | Decisions,
    *,
    thresholds: ArrayLike | None = None,
    defer: float | Mapping[str, float] | None = None,
    harm: float | Mapping[str, float] | None = None,
    prevalence: float | None = None,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    confidence_level: float = 0.95,
) -> DecisionCurve:
    """Give the net benefit of acting on predictions, over a range of thresholds.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Outcomes.
    predictions : dict, array-like or Decisions
        Name and risks of each model, or name and `Decisions` of a policy whose actions are what they are at every
        threshold; or a single one of these.
    thresholds : array-like, optional
        Risks strictly between 0 and 1, ascending: choose the range before looking. By default 0.01 to 0.99.
    defer : float or dict, optional
        What deferring costs, in true positives: a fee, or ``{"fee": ..., "sensitivity": ..., "specificity": ...}``
        of an expert who decides then. Each model gets a second curve, on which it defers where that is cheapest.
    harm : float or dict, optional
        What obtaining the prediction costs each case whatever is done then, in true positives per case, of each model
        by name or of all alike: a test that one would do at most 50 of to find one event has a harm of 0.02.
        It is subtracted from the net benefit.
    prevalence : float, optional
        Prevalence of the population, where the data were sampled by outcome (case-control).
    sample_weight : array-like of shape (n,), optional
        Row weights; rows of weight zero are as if absent.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts equal rows or says how much a row stands for.
    groups : array-like of shape (n,), optional
        Labels of clusters, such as patients; standard errors allow for dependence inside a cluster.
    event : object, optional
        The label that means the event; 1 and True need not be named.
    confidence_level : float
        Level of the bands.

    Returns
    -------
    DecisionCurve
        Net benefit with standard errors and bands, paired differences, standardised net benefit.

    Raises
    ------
    InputError
        For thresholds outside (0, 1), wrong lengths, values that are no risks, and data without both outcomes.

    Notes
    -----
    At threshold t, `NB = TP/n - t/(1-t) FP/n` with rows acted on from a risk of t on (`>=`): the mean of
    `Z_i = a_i (y_i - t/(1-t) (1 - y_i))`, hence `SE = sd(Z)/sqrt(n)`; differences use `Z_A - Z_B` row by row. With a
    prevalence from elsewhere events and non-events are samples of their own. For a policy that defers the net
    benefit is, in the same unit, what never acting costs minus what the policy costs, over the price of a miss.
    Bands are simultaneous over the thresholds with at least five events and five non-events acted on; elsewhere
    limits are exact for each threshold by itself. Risks that were fitted on these rows make every curve too good.

    References
    ----------
    A. J. Vickers and E. B. Elkin, Decision curve analysis, Medical Decision Making 26, 2006.
    T. L. Marsh, H. Janes and M. S. Pepe, Statistical inference for net benefit measures, Biometrics 76, 2020.

    Examples
    --------
    >>> curve = decision_curve([0, 0, 1, 1], {"model": [0.1, 0.6, 0.4, 0.9]}, thresholds=[0.2, 0.5])
    >>> curve.net_benefit
    array([[0.4375, 0.    ]])
    >>> curve.treat_all
    array([0.375, 0.   ])
    """
    level = check_level(confidence_level)
    threshold = check_thresholds(thresholds)
    rows = check_event(y_true, event)
    share = None if prevalence is None else check_level(prevalence, name="prevalence")
    strategies, names = read_strategies(predictions, threshold, rows, read_deferral(defer), harm)
    if len(set(names)) < len(names):
        raise refuse("predictions", "have names that differ", ", ".join(names))
    sample, used = _check_sample(rows.is_event, sample_weight, weight_kind, groups)
    if not isinstance(used, slice):
        strategies = [s._replace(risk=None if s.risk is None else s.risk[used]) for s in strategies]
    treat_all, scale = measure(by_threshold("treat all", None, threshold), sample, None, share)
    curves = [measure(strategy, sample, scale, share)[0] for strategy in strategies]
    covariances = [covariance(curve, scale, sample) for curve in curves]
    bands = [find_band(curve, matrix, level, sample, scale) for curve, matrix in zip(curves, covariances, strict=True)]
    answer = _answer(threshold, names, (treat_all, curves), (covariances, bands), scale, sample, level)
    return with_frame_kind(answer, kind_of_frames(y_true, predictions))


def _check_sample(
    outcome: BoolArray, sample_weight: object, weight_kind: WeightKind, groups: object
) -> tuple[Sample, BoolArray | slice]:
    """Give the rows that count, and which ones they are."""
    check_option(weight_kind, ("frequency", "importance"), name="weight_kind")
    n = outcome.shape[0]
    weight = (check_counts if weight_kind == "frequency" else check_weights)(sample_weight, n)
    members = check_groups(groups, n)
    used: BoolArray | slice = slice(None)
    if weight is not None and not weight.all():
        used = weight > 0
    if members is not None:
        members = np.unique(members[used], return_inverse=True)[1]
    kept = outcome[used]
    if kept.all() or not kept.any():
        cure = "Net benefit needs both outcomes."
        raise refuse("y_true", "hold events and non-events", "one outcome in all rows", cure)
    return Sample(kept, None if weight is None else weight[used], weight_kind, members), used


def _answer(
    threshold: FloatArray,
    names: list[str],
    measured: tuple[Curve, list[Curve]],
    limits: tuple[list[FloatArray], list[Band]],
    scale: Scale,
    sample: Sample,
    level: float,
) -> DecisionCurve:
    treat_all, curves = measured
    covariances, bands = limits
    relative = [standardised(curve, scale) for curve in curves]
    harm = np.array([curve.strategy.harm for curve in curves])[:, None]
    inside = np.array([band.inside for band in bands])
    relative_error = np.array([_error(covariance(curve, unit, sample)) for curve, unit in relative])
    everyone = covariance(treat_all, scale, sample)
    pairs, difference, error = _differences([*curves, treat_all], [*covariances, everyone], scale, sample)
    sides = treat_all.sides
    return DecisionCurve(
        threshold=threshold,
        names=tuple(names),
        net_benefit=np.array([curve.value for curve in curves]) - harm,
        standard_error=np.array([band.standard_error for band in bands]),
        low=np.array([band.low for band in bands]) - harm,
        high=np.array([band.high for band in bands]) - harm,
        in_band=inside,
        acted_events=np.array([curve.sides[0].n_reach[curve.strategy.act] for curve in curves]),
        acted_non_events=np.array([curve.sides[1].n_reach[curve.strategy.act] for curve in curves]),
        treat_all=treat_all.value,
        treat_all_error=_error(everyone),
        treat_none=np.zeros(threshold.size),
        standardised=np.array([curve.value for curve, _ in relative]) - harm / scale.prevalence,
        standardised_error=np.where(inside, relative_error, np.nan),
        pairs=pairs,
        difference=difference,
        difference_error=error,
        harm=harm[:, 0],
        n=int(sum(side.n for side in sides)),
        n_events=int(sides[0].n),
        prevalence=scale.prevalence,
        fixed_prevalence=scale.fixed,
        confidence_level=level,
        n_groups=None if sample.groups is None else int(sample.groups.max()) + 1,
    )


def _differences(
    curves: list[Curve], covariances: list[FloatArray], scale: Scale, sample: Sample
) -> tuple[tuple[tuple[str, str], ...], FloatArray, FloatArray]:
    """Give the paired differences of any two strategies, the last of which is to treat all."""
    pairs, values, errors = [], [], []
    for i, j in combinations(range(len(curves)), 2):
        own = np.diagonal(covariances[i]) + np.diagonal(covariances[j])
        variance = own - 2 * pair_covariance(curves[i], curves[j], scale, sample)
        # A difference of equal numbers leaves rounding behind.
        variance[variance < 1e-13 * own] = 0.0
        pairs.append((curves[i].strategy.name, curves[j].strategy.name))
        values.append(curves[i].value - curves[j].value - (curves[i].strategy.harm - curves[j].strategy.harm))
        errors.append(np.sqrt(variance))
    return tuple(pairs), np.array(values), np.array(errors)


def _error(matrix: FloatArray) -> FloatArray:
    return np.sqrt(np.maximum(np.diagonal(matrix), 0))
