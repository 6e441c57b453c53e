"""How good a set of risks is on weighted rows: every index that a validation reports, from one sort of the risks."""

from __future__ import annotations

from math import exp, isnan, log
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.decisions import decide
from riskdec.resampling.recalibration import fit_line, fit_shift, log_chances
from riskdec.resampling.smoothing import distances, group_starts, smooth_rates
from riskdec.scores.ranking import rank_probability

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray, IntArray
    from riskdec.decisions import CostMatrix
    from riskdec.resampling.smoothing import Curve

# Names of the indices, in the order of the arrays that hold them; the last one needs costs.
INDICES = (
    "auc",
    "dxy",
    "r2",
    "brier",
    "log_score",
    "intercept",
    "slope",
    "citl",
    "ici",
    "e50",
    "e90",
    "emax",
    "discrimination_index",
    "unreliability_index",
    "quality_index",
    "g",
    "gp",
    "realised_cost",
)
# Log-odds of risks of exactly 0 and 1, which have none: those of one in a million.
_CERTAIN = 1e-6


class Performance(NamedTuple):
    """Indices and calibration curve of one set of risks on one set of weighted rows.

    Attributes
    ----------
    indices : ndarray of shape (18,)
        In the order of `INDICES`; NaN for what does not exist.
    curve : Curve
        Smoothed event rates.
    """

    indices: FloatArray
    curve: Curve


class RankedRisks:
    """Risks of rows in ascending order, with what every weighting of the rows shares."""

    __slots__ = ("_groups", "_order", "_terms", "_ties", "costs", "eta", "n_certain", "risk", "y")

    def __init__(
        self,
        risk: FloatArray,
        is_event: BoolArray,
        *,
        eta: FloatArray | None = None,
        costs: CostMatrix | None = None,
    ) -> None:
        key = risk if eta is None else eta
        # Rows of one risk stay in the order given; where there are none the faster sort says the same.
        self._order: IntArray = np.argsort(key)
        ranked = key[self._order]
        new = ranked[1:] != ranked[:-1]
        self._ties = None if new.all() else np.flatnonzero(np.concatenate([[True], new]))
        if self._ties is not None:
            self._order = np.argsort(key, kind="stable")
        self.risk = risk[self._order]
        self.y = is_event[self._order].astype(np.float64)
        certain = (self.risk <= 0) | (self.risk >= 1)
        self.n_certain = 0 if eta is not None else int(certain.sum())
        self.eta = log_odds(self.risk) if eta is None else eta[self._order]
        # log P(what happened) of each row.
        self._terms = log_chances(self.eta, self.y)
        self._groups = group_starts(len(self.risk))
        self.costs = None if costs is None else _costs_of(self.risk, self.y, costs)

    def measure(self, weight: FloatArray, *, is_maximum: bool = False) -> Performance:
        """Compute all indices on the rows counted by weights.

        Parameters
        ----------
        weight : ndarray of shape (n,)
            How often each row counts, in the order in which the rows were given.
        is_maximum : bool
            Whether the risks maximise the likelihood of just these rows, with an intercept: recalibration changes
            nothing then, and need not be fitted.

        Notes
        -----
        As in rms: R squared (Nagelkerke's), the indices D, U and Q, g and gp are those of the recalibrated risks.
        """
        w = weight[self._order]
        total, events = float(w.sum()), float(w @ self.y)
        log_likelihood = float(w @ self._terms)
        intercept, slope, citl = 0.0, 1.0, 0.0
        risk, best = self.risk, log_likelihood
        if not is_maximum:
            intercept, slope, risk = fit_line(self.eta, self.y, w)
            best = float("nan") if isnan(slope) else float(w @ log_chances(intercept + slope * self.eta, self.y))
            citl = fit_shift(self.eta, self.y, w)
        ratio = 2 * (best - _null_log_likelihood(events, total))
        unreliability = (2 * (best - log_likelihood) - 2) / total
        auc = self._auc(w)
        curve = smooth_rates(self.risk, self.y, w, self._groups)
        residual = self.risk - self.y
        differences = gini_mean_differences((self.eta, risk), w)
        indices = (
            auc,
            2 * auc - 1,
            _nagelkerke(ratio, events, total),
            float(w @ (residual * residual)) / total,
            -log_likelihood / total,
            intercept,
            slope,
            citl,
            *distances(curve),
            (ratio - 1) / total,
            unreliability,
            (ratio - 1) / total - unreliability,
            abs(slope) * differences[0],
            abs(differences[1]),
            float("nan") if self.costs is None else float(w @ self.costs) / total,
        )
        return Performance(np.array(indices), curve)

    def _auc(self, w: FloatArray) -> float:
        events = w * self.y
        if self._ties is None:
            return rank_probability(events, w)
        return rank_probability(np.add.reduceat(events, self._ties), np.add.reduceat(w, self._ties))


def log_odds(risk: FloatArray) -> FloatArray:
    """Give the log-odds of risks; those of exactly 0 and 1 count as one in a million."""
    inside = np.where(risk <= 0, _CERTAIN, np.where(risk >= 1, 1 - _CERTAIN, risk))
    return np.asarray(np.log(inside) - np.log1p(-inside))


def gini_mean_differences(values: tuple[FloatArray, ...], weight: FloatArray) -> list[float]:
    """Give the mean differences between two different rows, of each of several ascending sets of values."""
    total = float(weight.sum())
    if total <= 1:
        return [float("nan")] * len(values)
    before_less_after = (2 * np.cumsum(weight) - weight - total) * weight
    pairs = total * (total - 1) / 2
    return [float("nan") if isnan(some[0]) else float(some @ before_less_after) / pairs for some in values]


def largest_logistic_error(intercept: float, slope: float) -> float:
    """Give the largest ``|p - expit(intercept + slope logit p)|`` over all risks p, as rms prints it for Emax."""
    grid = np.arange(1, 2000) * 0.0005
    line = intercept + slope * np.log(grid / (1 - grid))
    return float(np.abs(grid - 1 / (1 + np.exp(-line))).max())


def _costs_of(risk: FloatArray, y: FloatArray, costs: CostMatrix) -> FloatArray:
    """Give what the action of least expected cost costs in each row, once the outcome is known."""
    actions = decide(risk, costs, keep_cost=False).action_index
    return np.asarray(costs.costs[y.astype(np.intp), actions], dtype=np.float64)


def _null_log_likelihood(events: float, total: float) -> float:
    parts = (events, total - events)
    return sum(part * log(part / total) for part in parts if part > 0)


def _nagelkerke(ratio: float, events: float, total: float) -> float:
    """Give Nagelkerke's R squared of a likelihood ratio."""
    largest = 1 - exp(2 * _null_log_likelihood(events, total) / total)
    return (1 - exp(-ratio / total)) / largest if largest > 0 else float("nan")
