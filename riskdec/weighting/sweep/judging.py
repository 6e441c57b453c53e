"""Figures of a sweep on the held-out rows: trade-off, calibration and cost under every ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.decisions import decide
from riskdec.decisions.costs.cost_input import negative_and_positive
from riskdec.likelihood import risks
from riskdec.weighting.sweep.recalibrating import recalibrate_columns
from riskdec.weighting.sweep.tradeoff import flag_columns, match_precision

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.decisions import CostMatrix
    from riskdec.weighting.judging import HeldOut
    from riskdec.weighting.sweep.fitting import Swept
    from riskdec.weighting.sweep.recalibrating import Recalibrations
    from riskdec.weighting.sweep.tradeoff import Flags, Matched


class SweepFigures(NamedTuple):
    """What each ratio gave; arrays of shape (J,).

    Attributes
    ----------
    weighted, threshold : Flags
        Rows flagged under weights at one half, and without weights at ``1 / (1 + ratio)``.
    agreement : ndarray
        Share of rows that both treat alike.
    matched : Matched
        The threshold that is as precise as the weights.
    mean_risk : ndarray
        Average risk under weights.
    recalibrations : Recalibrations
        Calibration-in-the-large and slope.
    """

    weighted: Flags
    threshold: Flags
    agreement: FloatArray
    matched: Matched
    mean_risk: FloatArray
    recalibrations: Recalibrations


class SweepCosts(NamedTuple):
    """Realised costs per row.

    Attributes
    ----------
    weighted, threshold : ndarray of shape (J,)
        Of acting where the weighted risk reaches one half, and where the risk without weights reaches
        ``1 / (1 + ratio)``.
    believed : ndarray of shape (J,)
        Of the decisions of least expected cost on the weighted risks: the costs counted twice.
    decided : float
        Of the decisions of least expected cost on the risks without weights.
    """

    weighted: FloatArray
    threshold: FloatArray
    believed: FloatArray
    decided: float


def judge_sweep(swept: Swept, ratios: FloatArray, held_out: HeldOut) -> SweepFigures:
    """Judge all fits on the held-out rows."""
    is_event, weights, log_ratio = held_out.is_event, held_out.weights, np.log(ratios)
    weighted, flags = flag_columns(swept.log_odds, np.zeros(len(ratios)), is_event, weights)
    threshold, others = flag_columns(swept.unweighted, -log_ratio, is_event, weights)
    alike = flags == others
    return SweepFigures(
        weighted=weighted,
        threshold=threshold,
        agreement=np.array([weights.mean(column) for column in alike.T]),
        matched=match_precision(flags, weighted, swept.unweighted, is_event, held_out.groups, weights),
        mean_risk=np.array([weights.mean(risks(column)) for column in swept.log_odds.T]),
        recalibrations=recalibrate_columns(
            swept.log_odds,
            is_event,
            held_out.groups,
            start=-log_ratio,
            confidence_level=held_out.confidence_level,
            weights=weights,
        ),
    )


def judge_costs(swept: Swept, figures: SweepFigures, costs: CostMatrix, held_out: HeldOut) -> SweepCosts:
    """Give what decisions turned out to cost."""
    return SweepCosts(
        weighted=_cost_of_flags(figures.weighted, costs, held_out),
        threshold=_cost_of_flags(figures.threshold, costs, held_out),
        believed=np.array([_cost_of_deciding(risks(column), costs, held_out) for column in swept.log_odds.T]),
        decided=_cost_of_deciding(risks(swept.unweighted), costs, held_out),
    )


def _cost_of_deciding(risk: FloatArray, costs: CostMatrix, held_out: HeldOut) -> float:
    """Give the realised cost per row of the decisions of least expected cost."""
    chosen = decide(risk, costs, keep_cost=False).action_index
    return held_out.weights.mean(costs.costs[held_out.is_event.astype(np.intp), chosen])


def _cost_of_flags(flags: Flags, costs: CostMatrix, held_out: HeldOut) -> FloatArray:
    """Give the realised cost per row of acting on flagged rows only, whether or not deferring is offered."""
    negative, positive = negative_and_positive(costs)
    n, n_events = (held_out.weights.sum(rows) for rows in (np.ones(len(held_out.is_event)), held_out.is_event))
    false_alarms = flags.flagged - flags.hits
    table = costs.costs
    with_event = flags.hits * table[1, positive] + (n_events - flags.hits) * table[1, negative]
    without = false_alarms * table[0, positive] + (n - n_events - false_alarms) * table[0, negative]
    return np.asarray((with_event + without) / n, dtype=np.float64)
