"""Judging of one set of risks on the held-out rows, and its differences from the unweighted fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.decisions import decide
from riskdec.diagnostics.curves.smoothed import distances
from riskdec.diagnostics.slopes.hierarchy import fit_hierarchy
from riskdec.scores.decomposition import mean_score
from riskdec.scores.forecasts import Forecasts
from riskdec.scores.isotonic import pool_violators
from riskdec.scores.ranking import rank_probability
from riskdec.scores.sums import sum_by_forecast
from riskdec.weighting.answer import WeightingRow
from riskdec.weighting.differences import citl_influence, difference, slope_influence

if TYPE_CHECKING:
    from riskdec._base.result import Estimate
    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.decisions import CostMatrix
    from riskdec.diagnostics.slopes.hierarchy import Hierarchy
    from riskdec.scores.sums import ForecastSums
    from riskdec.weighting.answer import Repair
    from riskdec.weighting.schemes import Scheme

# Two fits that agree in exact arithmetic differ by rounding, also at the cut itself.
_ROUNDING = 1e-9


class HeldOut(NamedTuple):
    """The rows to judge on, without their columns.

    Attributes
    ----------
    is_event : ndarray of bool, shape (n,)
        Rows of the event.
    groups : ndarray of int, shape (n,), or None
        Group numbers of dependent rows.
    costs : CostMatrix or None
        Costs of decisions; the second outcome is the event.
    confidence_level : float
        Level of all intervals.
    """

    is_event: BoolArray
    groups: IntArray | None
    costs: CostMatrix | None
    confidence_level: float


class Figure(NamedTuple):
    """A number, and what each row contributes to its error.

    Attributes
    ----------
    value : float
        The number.
    parts : ndarray of shape (n,)
        The losses of which it is the mean, or its influence values.
    """

    value: float
    parts: FloatArray


class Judged(NamedTuple):
    """Risks of one fit, and the figures in which fits are compared row by row.

    Attributes
    ----------
    scheme : Scheme
        Weights of the fit.
    repair : {"raw", "undone"}
        What was done to its risks.
    risk : ndarray of shape (n,)
        Risks of the event.
    sums : ForecastSums
        The rows, summed by risk.
    hierarchy : Hierarchy
        Calibration-in-the-large, intercept and slope.
    citl, slope, brier, log_score : Figure
        To be compared with those of the unweighted fit.
    realised_cost : Figure or None
        The same of the cost of decisions.
    """

    scheme: Scheme
    repair: Repair
    risk: FloatArray
    sums: ForecastSums
    hierarchy: Hierarchy
    citl: Figure
    slope: Figure
    brier: Figure
    log_score: Figure
    realised_cost: Figure | None

    @property
    def cut_ratio(self) -> float:
        """Weight ratio that the risks still carry."""
        return self.scheme.ratio if self.repair == "raw" else 1.0


def judge_risks(scheme: Scheme, repair: Repair, risk: FloatArray, held_out: HeldOut) -> Judged:
    """Judge risks by themselves."""
    is_event, costs = held_out.is_event, held_out.costs
    sums = sum_by_forecast(risk, is_event)
    given = Forecasts(is_event, risk, None, "frequency", held_out.groups, event=True)
    hierarchy = fit_hierarchy(sums, given, confidence_level=held_out.confidence_level)
    citl, intercept, slope = (e.estimate for e in (hierarchy.citl, hierarchy.intercept, hierarchy.slope))
    with np.errstate(divide="ignore"):
        log_risk, log_safe = np.log(risk), np.log1p(-risk)
    log_odds = log_risk - log_safe
    unknown = np.full(len(risk), np.nan)
    return Judged(
        scheme=scheme,
        repair=repair,
        risk=risk,
        sums=sums,
        hierarchy=hierarchy,
        citl=Figure(citl, citl_influence(is_event, log_odds, citl) if np.isfinite(citl) else unknown),
        slope=Figure(slope, slope_influence(is_event, log_odds, intercept, slope) if np.isfinite(slope) else unknown),
        brier=_mean((is_event - risk) ** 2),
        log_score=_mean(-np.where(is_event, log_risk, log_safe)),
        realised_cost=None if costs is None else _mean(realise_costs(risk, is_event, costs)),
    )


def realise_costs(risk: FloatArray, is_event: BoolArray, costs: CostMatrix) -> FloatArray:
    """Give what the decision of least expected cost turns out to cost, row by row; shape (n,)."""
    decisions = decide(risk, costs, keep_cost=False)
    return costs.costs[is_event.astype(np.intp), decisions.action_index]


def compare_to_none(judged: Judged, none: Judged, held_out: HeldOut) -> WeightingRow:
    """Give the row of the answer: every figure, and its difference from the unweighted fit."""
    sums, hierarchy, is_event = judged.sums, judged.hierarchy, held_out.is_event
    flagged = reaches(judged.risk, 0.5)
    hits, n_flagged = int((flagged & is_event).sum()), int(flagged.sum())
    same = flagged == reaches(none.risk, 1 / (1 + judged.cut_ratio))
    recalibrated = pool_violators(sums.events, sums.weight)[0]
    cost = judged.realised_cost

    def against_none(figure: Figure, of_none: Figure) -> Estimate:
        # Where both risks were certain and wrong, infinity minus infinity is rightly no number.
        with np.errstate(invalid="ignore"):
            parts = figure.parts - of_none.parts
            value = figure.value - of_none.value
            return difference(value, parts, held_out.groups, held_out.confidence_level)

    return WeightingRow(
        scheme=judged.scheme.name,
        repair=judged.repair,
        weight_ratio=judged.scheme.ratio,
        mean_risk=sums.mean_risk,
        observed_rate=sums.prevalence,
        mean_error=difference(
            sums.mean_risk - sums.prevalence, judged.risk - is_event, held_out.groups, held_out.confidence_level
        ),
        citl=hierarchy.citl,
        intercept=hierarchy.intercept,
        slope=hierarchy.slope,
        ici=float(distances(sums, sums.events[None, :])[0, 0]),
        miscalibration=judged.brier.value - mean_score(sums, recalibrated),
        brier=judged.brier.value,
        log_score=judged.log_score.value,
        auc=rank_probability(sums.events, sums.weight),
        flagged_at_half=n_flagged / len(is_event),
        precision_at_half=hits / n_flagged if n_flagged else float("nan"),
        recall_at_half=hits / int(is_event.sum()),
        agreement_with_mle_cut=float(same.mean()),
        mean_realised_cost=None if cost is None else cost.value,
        citl_difference=against_none(judged.citl, none.citl),
        slope_difference=against_none(judged.slope, none.slope),
        brier_difference=against_none(judged.brier, none.brier),
        log_score_difference=against_none(judged.log_score, none.log_score),
        cost_difference=(
            None if cost is None or none.realised_cost is None else against_none(cost, none.realised_cost)
        ),
    )


def reaches(risk: FloatArray, cut: float) -> BoolArray:
    """Tell which risks reach a cut, those that miss it by rounding included."""
    return risk >= cut * (1 - _ROUNDING)


def _mean(losses: FloatArray) -> Figure:
    return Figure(float(losses.mean()), losses)
