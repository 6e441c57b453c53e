"""Judging of one set of risks on the held-out rows: its figures, and what each row contributes to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.decisions import decide
from riskdec.decisions.judging.what_if import cuts_of
from riskdec.decisions.zones.envelope import lower_envelope
from riskdec.diagnostics.curves.smoothed import distances
from riskdec.diagnostics.distances.cutoff import CutoffStatistic
from riskdec.diagnostics.draws import observe
from riskdec.diagnostics.slopes.hierarchy import fit_hierarchy
from riskdec.scores.decomposition import mean_score
from riskdec.scores.forecasts import Forecasts
from riskdec.scores.isotonic import pool_violators
from riskdec.scores.ranking import rank_probability
from riskdec.scores.risk_bins import bin_risks
from riskdec.scores.sums import sum_by_forecast
from riskdec.weighting.differences import citl_influence, slope_influence
from riskdec.weighting.units import UNWEIGHTED

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.decisions import CostMatrix
    from riskdec.diagnostics.slopes.hierarchy import Hierarchy
    from riskdec.scores.risk_bins import RiskBins
    from riskdec.scores.sums import ForecastSums
    from riskdec.weighting.units import RowWeights

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
    weights : RowWeights
        What each row counts for.
    """

    is_event: BoolArray
    groups: IntArray | None
    costs: CostMatrix | None
    confidence_level: float
    weights: RowWeights = UNWEIGHTED

    @property
    def n(self) -> int:
        """Number of rows, each counted as often as its frequency weight says."""
        return self.weights.n_rows(len(self.is_event))

    @property
    def n_events(self) -> int:
        """Number of them with the event."""
        return int(self.weights.counted(self.is_event))

    def forecasts(self, risk: FloatArray) -> Forecasts:
        """Put risks beside what happened."""
        values, kind = self.weights
        return Forecasts(self.is_event, risk, values, "frequency" if values is None else kind, self.groups, event=True)

    def sums(self, risk: FloatArray) -> ForecastSums:
        """Sum the rows of each distinct risk."""
        return sum_by_forecast(risk, self.is_event, self.weights.values, kind=self.weights.kind)

    @property
    def threshold(self) -> float | None:
        """Risk from which the costs want the other of two actions, deferring left aside; None without such a cut."""
        if self.costs is None:
            return None
        cuts = lower_envelope(self.costs.costs[:, list(self.costs.deciding)]).cuts
        return float(cuts[0]) if len(cuts) == 1 else None


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


class Cut(NamedTuple):
    """What a cut through the risks finds.

    Attributes
    ----------
    flagged : ndarray of bool, shape (n,)
        Rows whose risk reaches it.
    share, precision, recall, f : float
        Share of rows flagged, of events among them, of the events flagged, and ``2 hits / (flagged + events)``.
    """

    flagged: BoolArray
    share: float
    precision: float
    recall: float
    f: float


class Judged(NamedTuple):
    """Risks of one fit, and the figures in which fits are compared.

    Attributes
    ----------
    risk : ndarray of shape (n,)
        Risks of the event.
    hierarchy : Hierarchy
        Calibration-in-the-large, intercept and slope.
    mean_risk : float
        Average risk.
    ici, cutoff_error, miscalibration, discrimination, auc : float
        Figures that are no means over rows.
    citl, slope, brier, log_score : Figure
        Figures with what each row contributes.
    expected_cost, realised_cost : Figure or None
        Of the decisions of least expected cost on these risks; None without costs.
    at_half, at_threshold : Cut
        What is flagged at 0.5, and at the threshold of the costs (None without one).
    bins : RiskBins
        Rows and events by risk, parted where the costs decide.
    """

    risk: FloatArray
    hierarchy: Hierarchy
    mean_risk: float
    ici: float
    cutoff_error: float
    miscalibration: float
    discrimination: float
    auc: float
    citl: Figure
    slope: Figure
    brier: Figure
    log_score: Figure
    expected_cost: Figure | None
    realised_cost: Figure | None
    at_half: Cut
    at_threshold: Cut | None
    bins: RiskBins


def judge_risks(risk: FloatArray, held_out: HeldOut) -> Judged:
    """Judge risks by themselves."""
    is_event, weights, costs, threshold = held_out.is_event, held_out.weights, held_out.costs, held_out.threshold
    sums = held_out.sums(risk)
    hierarchy = fit_hierarchy(sums, held_out.forecasts(risk), confidence_level=held_out.confidence_level)
    citl, intercept, slope = (e.estimate for e in (hierarchy.citl, hierarchy.intercept, hierarchy.slope))
    with np.errstate(divide="ignore"):
        log_risk, log_safe = np.log(risk), np.log1p(-risk)
    log_odds = log_risk - log_safe
    shift = line = np.full(len(risk), np.nan)
    if np.isfinite(citl):
        shift = citl_influence(is_event, log_odds, citl, weights)
    if np.isfinite(slope):
        line = slope_influence(is_event, log_odds, intercept, slope, weights)
    brier = _mean((is_event - risk) ** 2, weights)
    recalibrated = mean_score(sums, pool_violators(sums.events, sums.weight)[0])
    promised, realised = (None, None) if costs is None else decide_costs(risk, is_event, costs)
    return Judged(
        risk=risk,
        hierarchy=hierarchy,
        mean_risk=sums.mean_risk,
        ici=float(distances(sums, sums.events[None, :])[0, 0]),
        cutoff_error=float(observe(sums, CutoffStatistic)[0]),
        miscalibration=brier.value - recalibrated,
        discrimination=sums.prevalence * (1 - sums.prevalence) - recalibrated,
        auc=rank_probability(sums.events, sums.weight),
        citl=Figure(citl, shift),
        slope=Figure(slope, line),
        brier=brier,
        log_score=_mean(-np.where(is_event, log_risk, log_safe), weights),
        expected_cost=None if promised is None else _mean(promised, weights),
        realised_cost=None if realised is None else _mean(realised, weights),
        at_half=cut_risks(risk, is_event, 0.5, weights),
        at_threshold=None if threshold is None else cut_risks(risk, is_event, threshold, weights),
        bins=bin_risks(sums, cuts=() if costs is None else cuts_of(costs.costs)),
    )


def cut_risks(risk: FloatArray, is_event: BoolArray, cut: float, weights: RowWeights = UNWEIGHTED) -> Cut:
    """Flag the risks that reach a cut; without any there is no precision."""
    flagged = reaches(risk, cut)
    hits, n_flagged, n_events = (weights.sum(rows) for rows in (flagged & is_event, flagged, is_event))
    return Cut(
        flagged=flagged,
        share=n_flagged / weights.sum(np.ones(len(risk))),
        precision=hits / n_flagged if n_flagged else float("nan"),
        recall=hits / n_events,
        f=2 * hits / (n_flagged + n_events),
    )


def decide_costs(risk: FloatArray, is_event: BoolArray, costs: CostMatrix) -> tuple[FloatArray, FloatArray]:
    """Give what the decision of least expected cost promises and turns out to cost, row by row; shape (n,) each."""
    action = decide(risk, costs, keep_cost=False).action_index
    promised = (1 - risk) * costs.costs[0, action] + risk * costs.costs[1, action]
    return promised, costs.costs[is_event.astype(np.intp), action]


def reaches(risk: FloatArray, cut: float | FloatArray) -> BoolArray:
    """Tell which risks reach a cut, those that miss it by rounding included."""
    return np.asarray(risk >= cut * (1 - _ROUNDING), dtype=bool)


def _mean(losses: FloatArray, weights: RowWeights) -> Figure:
    return Figure(weights.mean(losses), losses)
