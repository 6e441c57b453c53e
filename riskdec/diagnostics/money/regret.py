"""What miscalibration can cost: local calibration error at the cuts of a decision, and a bound on the regret."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.result import jsonable
from riskdec._base.table import Table, count, interval, number, percent
from riskdec.decisions.costs.cost_input import as_cost_matrix
from riskdec.decisions.zones.envelope import lower_envelope
from riskdec.decisions.zones.regions import risk_text
from riskdec.diagnostics.curves.bands import Band, simultaneous_band
from riskdec.diagnostics.distances.cutoff import cumulative_residual
from riskdec.diagnostics.distances.errors import upper_point
from riskdec.diagnostics.money.recalibrated_cost import RecalibratedCost, recalibrated_costs
from riskdec.diagnostics.slopes.recalibration_rows import is_likelihood
from riskdec.scores.isotonic import pool_violators

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums


class CostCuts(NamedTuple):
    """Costs as calibration sees them.

    Attributes
    ----------
    cuts : ndarray of shape (k,)
        Risks at which the cheapest action changes, ascending.
    drops : ndarray of shape (k,)
        How much less each next action costs per unit of risk; ``c_fp + c_fn`` for two actions.
    actions : tuple of k + 1 str
        The cheapest actions from low to high risk.
    costs : ndarray of shape (2, k + 1)
        Their costs without and with the event.
    """

    cuts: FloatArray
    drops: FloatArray
    actions: tuple[str, ...]
    costs: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True)
class CutCalibration:
    """Calibration on either side of one cut.

    Attributes
    ----------
    threshold : float
        Risk at which the action changes.
    below, above : str
        The actions on its two sides.
    n_above : float
        Weight of the rows at or above it.
    local_error : float
        Largest imbalance of events and risks over the intervals that start or end at the cut and speak for moving it.
    local_high : float
        Its upper confidence limit.
    event_rate : float
        Event rate of the isotonic curve at the cut; the cut itself is right.
    rate_low, rate_high : float
        Limits of the simultaneous band there, if the true curve rises; nan with groups and importance weights, where
        it has no meaning.
    """

    threshold: float
    below: str
    above: str
    n_above: float
    local_error: float
    local_high: float
    event_rate: float
    rate_low: float
    rate_high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionCalibration:
    """What miscalibration can cost at the user's cuts.

    Attributes
    ----------
    cuts : tuple of CutCalibration
        One for each risk at which the cheapest action changes.
    costs : ndarray of shape (2, k + 1)
        Costs without and with the event of the actions that are cheapest somewhere, from low to high risk.
    regret : float
        Bound on what the best monotone recalibration would have gained per case on these rows.
    regret_high : float
        Its upper confidence limit.
    mean_realised_cost : float
        Cost per case of acting on these risks, on these rows.
    recalibrated : tuple of RecalibratedCost
        The same after recalibrations learned on other rows.
    confidence_level : float
        Level of the limits.
    """

    cuts: tuple[CutCalibration, ...]
    costs: FloatArray
    regret: float
    regret_high: float
    mean_realised_cost: float
    recalibrated: tuple[RecalibratedCost, ...]
    confidence_level: float

    @property
    def thresholds(self) -> tuple[float, ...]:
        """The risks at which the cheapest action changes."""
        return tuple(cut.threshold for cut in self.cuts)

    @property
    def sentence(self) -> str:
        """The bound in words."""
        if not self.cuts:
            return "Under these costs one action is the cheapest at every risk: calibration cannot matter."
        if isnan(self.regret_high):
            return (
                f"On these rows no monotone recalibration would have lowered the cost by more than "
                f"{number(self.regret, 3)} per case; on new rows it may be more."
            )
        level = percent(self.confidence_level, 0)
        return (
            "No monotone recalibration could lower your expected cost by more than "
            f"{number(self.regret_high, 3)} per case ({level} confidence). Acting on these risks cost "
            f"{number(self.mean_realised_cost, 3)} per case here."
        )

    def summary(self) -> Table:
        """Give the cuts and the sentence as a table."""
        high = f"{100 * self.confidence_level:g} % limit"
        rows = tuple(
            (
                f"{cut.below} / {cut.above}",
                risk_text(cut.threshold),
                count(cut.n_above),
                number(cut.event_rate, 3),
                "not available" if isnan(cut.rate_low) else interval(cut.rate_low, cut.rate_high, 3),
                number(cut.local_error, 3),
                "withheld" if isnan(cut.local_high) else number(cut.local_high, 3),
            )
            for cut in self.cuts
        )
        band = f"{100 * self.confidence_level:g} % band"
        header = ("cut between", "at risk", "rows above", "event rate there", band, "local error", high)
        notes = (*map(self._saving, self.recalibrated), self.sentence)
        return Table(title="What miscalibration can cost you", header=header, rows=rows, notes=notes)

    def _saving(self, after: RecalibratedCost) -> str:
        saving = after.saving
        limits = "" if isnan(saving.low) else f", {interval(saving.low, saving.high, 3)}"
        return (
            f"After {after.method} recalibration on other rows (cross-fitted) the same rule would have cost "
            f"{number(after.mean_realised_cost, 3)} per case: a saving of {number(saving.estimate, 3)}{limits}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Give all fields and the sentence as plain numbers and text."""
        fields = {
            "cuts": [{name: getattr(cut, name) for name in CutCalibration.__slots__} for cut in self.cuts],
            "regret": self.regret,
            "regret_high": self.regret_high,
            "mean_realised_cost": self.mean_realised_cost,
            "recalibrated": [
                {"method": r.method, "mean_realised_cost": r.mean_realised_cost, "saving": r.saving.to_dict()}
                for r in self.recalibrated
            ],
            "confidence_level": self.confidence_level,
            "sentence": self.sentence,
        }
        plain: dict[str, Any] = jsonable(fields)
        return plain


class RegretStatistic:
    """Local calibration error at each cut, then their sum weighted by what a shift of the cut changes in cost.

    Notes
    -----
    With costs c of the actions a and b below and above the cut t, moving the cut to s < t changes the mean cost by
    ``-drop E[(Y - t) 1{s <= p < t}] >= -drop E[(Y - p) 1{s <= p < t}]``, and symmetrically upwards. So with
    ``C(s) = E[(Y - p) 1{p < s}]`` no cut, and hence no monotone recalibration, gains more than
    ``drop (C(t) - min C)``. Costs of several actions are sums of such two-action costs.
    """

    __slots__ = ("_drops", "_expected", "_place", "_total")

    def __init__(self, sums: ForecastSums, *, cuts: CostCuts) -> None:
        self._expected, self._total = sums.weight * sums.risk, sums.total
        self._place, self._drops = np.searchsorted(sums.risk, cuts.cuts), cuts.drops

    def reduce(self, events: FloatArray) -> FloatArray:
        """Give the local errors and the bound."""
        path = cumulative_residual(events, self._expected, self._total)
        local = path[self._place] - path.min()
        return np.append(local, (self._drops * local).sum())

    def finish(self, reduced: FloatArray) -> FloatArray:
        """Give them as they are."""
        return reduced


def read_costs(costs: object) -> CostCuts:
    """Find the cuts and what each is worth, from anything that `decide` takes for two outcomes."""
    matrix = as_cost_matrix(costs)
    if len(matrix.outcomes) != 2:
        raise refuse("costs", "have two outcomes here", f"{len(matrix.outcomes)} outcomes")
    envelope = lower_envelope(matrix.costs)
    chosen = matrix.costs[:, envelope.actions]
    slope = chosen[1] - chosen[0]
    return CostCuts(envelope.cuts, slope[:-1] - slope[1:], tuple(matrix.actions[a] for a in envelope.actions), chosen)


def judge_regret(
    sums: ForecastSums,
    given: Forecasts,
    cuts: CostCuts,
    observed: FloatArray,
    drawn: Sequence[FloatArray],
    *,
    confidence_level: float,
    rng: np.random.Generator,
) -> DecisionCalibration:
    """Set local errors and regret bound, of shape (k + 1,), beside their draws, of shape (1 + n_resamples, k + 1).

    They are sublinear in the cumulative residuals, so the quantile of their values on draws without bias bounds what
    chance may hide.
    """
    margins = np.array(
        [max(upper_point(draws[:, j], confidence_level) for draws in drawn) for j in range(len(observed))]
    )
    high = observed + margins
    place = np.searchsorted(sums.risk, cuts.cuts)
    rate, band = _rates(sums, given, cuts.cuts, confidence_level)
    cost = _realised_cost(sums, cuts, place)
    recalibrated: tuple[RecalibratedCost, ...] = ()
    if len(place):
        recalibrated = recalibrated_costs(sums, given, cuts, before=cost, confidence_level=confidence_level, rng=rng)
    return DecisionCalibration(
        cuts=tuple(
            CutCalibration(
                threshold=float(cuts.cuts[k]),
                below=cuts.actions[k],
                above=cuts.actions[k + 1],
                n_above=float(sums.weight[place[k] :].sum()),
                local_error=float(observed[k]),
                local_high=float(high[k]),
                event_rate=float(rate[k]),
                rate_low=float(band.low[k]),
                rate_high=float(band.high[k]),
            )
            for k in range(len(cuts.cuts))
        ),
        costs=cuts.costs,
        regret=float(observed[-1]),
        regret_high=float(high[-1]),
        mean_realised_cost=cost,
        recalibrated=recalibrated,
        confidence_level=confidence_level,
    )


def _rates(sums: ForecastSums, given: Forecasts, cuts: FloatArray, confidence_level: float) -> tuple[FloatArray, Band]:
    """Give the isotonic event rate at each cut with the simultaneous band there, nan where it has no meaning.

    Between two forecasts the rate is that of the upper one: its rows are the ones that the cut lets in.
    """
    last = len(sums.risk) - 1
    above = np.searchsorted(sums.risk, cuts)
    level = pool_violators(sums.events, sums.weight)[0][np.minimum(above, last)]
    if not is_likelihood(given) or not len(cuts):
        nothing = np.full(len(cuts), np.nan)
        return level, Band(nothing, nothing)
    band = simultaneous_band(sums, confidence_level)
    below = np.searchsorted(sums.risk, cuts, side="right") - 1
    # What holds at a forecast holds beyond it too, because the curve rises.
    low = np.where(below >= 0, band.low[np.maximum(below, 0)], 0.0)
    high = np.where(above <= last, band.high[np.minimum(above, last)], 1.0)
    return level, Band(low, high)


def _realised_cost(sums: ForecastSums, cuts: CostCuts, place: IntArray) -> float:
    action = np.searchsorted(place, np.arange(len(sums.risk)), side="right")
    without, with_event = cuts.costs[:, action]
    return float((sums.nonevents * without + sums.events * with_event).sum()) / sums.total
