"""Calibration loss: what the decisions would have cost after a recalibration learned on other rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from riskdec._base.result import Estimate
from riskdec.diagnostics.draws import pool_draws
from riskdec.diagnostics.slopes.certain_risks import has_logits
from riskdec.diagnostics.slopes.many_fits import OneDesign
from riskdec.diagnostics.slopes.recalibration_rows import wald_width
from riskdec.likelihood.binomial import risks
from riskdec.scores.isotonic import pool_violators

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.diagnostics.money.regret import CostCuts
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

RecalibrationName = Literal["logistic", "isotonic"]
N_FOLDS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class RecalibratedCost:
    """What the decisions would have cost with recalibrated risks.

    Attributes
    ----------
    method : {"logistic", "isotonic"}
        Intercept and slope on the logit, or a rising step function; fitted on four fifths of the rows (of the groups,
        where there are groups) and used on the fifth left out.
    mean_realised_cost : float
        Cost per case after it.
    saving : Estimate
        Cost per case before it minus after it; positive where recalibration pays. The interval takes the recalibration
        as given.
    """

    method: RecalibrationName
    mean_realised_cost: float
    saving: Estimate


class _Units(NamedTuple):
    """Rows that are alike: cells of forecasts, or single rows where these come in groups."""

    place: IntArray
    unit: FloatArray
    events: FloatArray
    nonevents: FloatArray
    group: IntArray | None


def recalibrated_costs(
    sums: ForecastSums,
    given: Forecasts,
    cuts: CostCuts,
    *,
    before: float,
    confidence_level: float,
    rng: np.random.Generator,
) -> tuple[RecalibratedCost, ...]:
    """Recalibrate across folds, and act on the recalibrated risks.

    Parameters
    ----------
    sums, given
        The rows, summed and, for groups, one by one.
    cuts : CostCuts
        The costs.
    before : float
        Cost per case of acting on the risks as given.
    confidence_level : float
        Level of the intervals.
    rng : Generator
        Puts rows into folds.

    References
    ----------
    Ferrer L, Ramos D (2025). Evaluating posterior probabilities: decision theory, proper scoring rules, and
    calibration. Transactions on Machine Learning Research.
    """
    if given.groups is None:
        # Neighbours among more than 65,536 distinct forecasts are recalibrated and decided together.
        sums = pool_draws(sums)
    units = _cells(sums) if given.groups is None else _rows(sums, given)
    folds = [fold for fold in _folds(units, rng) if (fold.events + fold.nonevents).any()]
    ways: dict[RecalibrationName, Callable[[ForecastSums, FloatArray, FloatArray], FloatArray]] = {}
    if len(folds) > 1:
        ways = {"logistic": _logistic, "isotonic": _isotonic} if has_logits(sums) else {"isotonic": _isotonic}
    now = np.searchsorted(cuts.cuts, sums.risk, side="right")
    answers = []
    for name, recalibrate in ways.items():
        gain = _Gain(units, given.n_groups)
        for fold in folds:
            weight, events = _sums_of(fold, len(sums.risk))
            after = recalibrate(sums, sums.weight - weight, sums.events - events)
            then = np.searchsorted(cuts.cuts, after, side="right")
            gain.add(fold, cuts.costs[:, now] - cuts.costs[:, then])
        saving = gain.estimate(confidence_level)
        answers.append(RecalibratedCost(method=name, mean_realised_cost=before - saving.estimate, saving=saving))
    return tuple(answers)


class _Gain:
    """Mean saving per case, and the sums that its variance needs."""

    __slots__ = ("_gains", "_n_groups", "_squares", "_weights")

    def __init__(self, units: _Units, n_groups: int | None) -> None:
        self._n_groups = n_groups
        size = 1 if n_groups is None else n_groups
        self._gains, self._weights, self._squares = np.zeros(size), np.zeros(size), np.zeros(3)

    def add(self, fold: _Units, difference: FloatArray) -> None:
        """Add the rows of one fold; the difference of costs is given for each outcome and forecast."""
        for count, gain in ((fold.nonevents, difference[0][fold.place]), (fold.events, difference[1][fold.place])):
            weight = fold.unit * count
            group = np.zeros(len(count), dtype=np.intp) if fold.group is None else fold.group
            self._gains += np.bincount(group, weight * gain, len(self._gains))
            self._weights += np.bincount(group, weight, len(self._weights))
            squared = fold.unit * weight
            self._squares += [float(squared @ gain**2), float(squared @ gain), float(squared.sum())]

    def estimate(self, confidence_level: float) -> Estimate:
        """Give the mean with its Wald interval, cluster-robust with groups."""
        total = float(self._weights.sum())
        mean = float(self._gains.sum()) / total
        if self._n_groups is None:
            twice, once, none = self._squares
            variance = max(0.0, float(twice - 2 * mean * once + mean**2 * none))
        else:
            off = self._gains - mean * self._weights
            variance = float(off @ off) * self._n_groups / (self._n_groups - 1)
        margin = wald_width(confidence_level, self._n_groups) * variance**0.5 / total
        return Estimate(estimate=mean, low=mean - margin, high=mean + margin, confidence_level=confidence_level)


def _cells(sums: ForecastSums) -> _Units:
    place = np.repeat(np.arange(len(sums.risk)), np.diff(np.append(sums.cell_start, len(sums.cell_risk))))
    return _Units(place, sums.cell_unit, sums.cell_events, sums.cell_count - sums.cell_events, None)


def _rows(sums: ForecastSums, given: Forecasts) -> _Units:
    weight = np.ones(len(given.risk)) if given.weight is None else given.weight
    count, unit = (weight, np.ones(len(weight))) if given.weight_kind == "frequency" else (np.ones(len(weight)), weight)
    is_event = given.is_event.astype(np.float64)
    place = np.searchsorted(sums.risk, given.risk)
    return _Units(place, unit, count * is_event, count * (1 - is_event), given.groups)


def _folds(units: _Units, rng: np.random.Generator) -> Iterator[_Units]:
    """Put every row into a fold at random, or every group; neither order nor repetition of rows plays a part."""
    if units.group is not None:
        number = rng.permutation(int(units.group.max()) + 1)[units.group] % N_FOLDS
        for k in range(N_FOLDS):
            inside = number == k
            yield units._replace(events=units.events * inside, nonevents=units.nonevents * inside)
        return
    left = [units.events.astype(np.int64), units.nonevents.astype(np.int64)]
    for k in range(N_FOLDS):
        taken = [rng.binomial(count, 1 / (N_FOLDS - k)) for count in left]
        left = [count - some for count, some in zip(left, taken, strict=True)]
        yield units._replace(events=taken[0].astype(np.float64), nonevents=taken[1].astype(np.float64))


def _sums_of(fold: _Units, m: int) -> tuple[FloatArray, FloatArray]:
    """Give weight and event sums of one fold at each forecast."""
    events, nonevents = (
        np.asarray(np.bincount(fold.place, fold.unit * count, m), dtype=np.float64)
        for count in (fold.events, fold.nonevents)
    )
    return events + nonevents, events


def _logistic(sums: ForecastSums, weight: FloatArray, events: FloatArray) -> FloatArray:
    logit = np.log(sums.risk) - np.log1p(-sums.risk)
    design = OneDesign(np.column_stack([np.ones(len(logit)), logit]), weight)
    coef = design.maximise(design.moments(events)[None, :], np.array([0.0, 1.0]), (0, 1)).coef[0]
    return risks(coef[0] + coef[1] * logit)


def _isotonic(sums: ForecastSums, weight: FloatArray, events: FloatArray) -> FloatArray:
    seen = np.flatnonzero(weight > 0)
    level, _ = pool_violators(events[seen], weight[seen])
    # A forecast that the other folds do not hold takes the rate of the next lower one.
    nearest = np.maximum(np.searchsorted(seen, np.arange(len(weight)), side="right") - 1, 0)
    return np.asarray(level[nearest], dtype=np.float64)
