"""What other costs, another expert or another prevalence would change, from sums of rows alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, number, percent
from riskdec.decisions.zones.envelope import lower_envelope
from riskdec.decisions.zones.regions import Region

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.scores.risk_bins import RiskBins

ACTIONS = ("negative", "positive", "defer")
# Thresholds of the decision curve: log-odds from -7 to 4 in steps of 0.1, risks from 0.1 to 98 %.
CURVE_THRESHOLDS = 1 / (1 + np.exp(-np.arange(-70, 41) / 10))


class Setting(NamedTuple):
    """What a reader may ask about.

    Attributes
    ----------
    false_positive, false_negative : float
        Costs of a false alarm and of a miss, net of the cost of the right action; positive.
    fee : float or None
        What deferring costs, whatever comes of it; None where nobody can be asked.
    sensitivity, specificity : float
        Of the expert who decides deferred cases; 1 and 1 for one who is always right.
    prevalence : float
        Event rate where the decisions are made.
    """

    false_positive: float
    false_negative: float
    fee: float | None
    sensitivity: float
    specificity: float
    prevalence: float

    def costs(self) -> FloatArray:
        """Give costs without and with the event of acting not, acting and deferring; shape (2, 2) or (2, 3)."""
        table = [[0.0, self.false_positive], [self.false_negative, 0.0]]
        if self.fee is not None:
            table[0].append(self.fee + (1 - self.specificity) * self.false_positive)
            table[1].append(self.fee + (1 - self.sensitivity) * self.false_negative)
        return np.array(table)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class WhatIf(Result):
    """Decisions and costs under one setting.

    Attributes
    ----------
    regions : tuple of Region
        The cheapest action from low to high risk.
    threshold : float
        Risk from which acting is cheaper than not acting where nobody can be asked.
    rows : ndarray of shape (3,)
        Weight of the rows that get each of `ACTIONS`, at the prevalence of the setting.
    cost : ndarray of shape (5,)
        Cost per row, by the outcomes: of these decisions, of the forced choice, of acting never, of acting always, of
        deferring always (nan where nobody can be asked).
    expected : ndarray of shape (5,)
        The same if the risks are right.
    net_benefit : ndarray of shape (3,)
        At the threshold, in events found per row: of the forced choice by risk, of acting always, of acting never.
    curve, treat_all : ndarray of shape (111,)
        Net benefit of the risks, and of acting always, at `CURVE_THRESHOLDS`.
    fee_limit : float
        What deferring may cost before it is never worth it; 0 where the expert is no better than the risks at any.
    flips : ndarray of shape (4,)
        Share of rows whose action changes if a miss costs half, double, if the event is half, twice as frequent (odds).
    """

    regions: tuple[Region, ...]
    threshold: float
    rows: FloatArray
    cost: FloatArray
    expected: FloatArray
    net_benefit: FloatArray
    curve: FloatArray
    treat_all: FloatArray
    fee_limit: float
    flips: FloatArray

    def _headline(self) -> str:
        return ", ".join(f"{region.action} {region}" for region in self.regions)

    def summary(self) -> Table:
        """Give rows by action and costs by rule."""
        rows = [(name, count(round(float(weight), 1))) for name, weight in zip(ACTIONS, self.rows, strict=True)]
        names = ("these decisions", "forced choice", "never act", "always act", "always defer")
        costs = [
            (name, number(float(value))) for name, value in zip(names, self.cost, strict=True) if np.isfinite(value)
        ]
        flip = f"{percent(float(self.flips[1]))} of the rows change their action if a miss costs double."
        return Table(title=self._headline(), header=("", "rows or cost per row"), rows=(*rows, *costs), notes=(flip,))

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain numbers, as the page computes it."""
        regions = [{"action": r.action, "low": r.low, "high": r.high} for r in self.regions]
        names = ("threshold", "rows", "cost", "expected", "net_benefit", "curve", "treat_all", "fee_limit", "flips")
        plain: dict[str, Any] = jsonable({name: getattr(self, name) for name in names})
        return {"regions": regions, **plain}


def what_if(bins: RiskBins, setting: Setting) -> WhatIf:
    """Decide and judge from sums of rows.

    Parameters
    ----------
    bins : RiskBins
        Rows by risk, with their events.
    setting : Setting
        Costs, expert and prevalence.

    Returns
    -------
    WhatIf

    Notes
    -----
    Another prevalence multiplies the odds of every risk by the ratio of the prior odds, and the weight of events and
    of the other rows by the ratios of the prevalences: whoever has the event looks as before, there are only more of
    them. Costs per row come from the outcomes; a bin is decided by its mean risk.
    """
    seen = bins.prevalence
    risk = _at_odds(bins.risk, _odds(setting.prevalence) / _odds(seen))
    events = bins.events * (setting.prevalence / seen)
    others = (bins.weight - bins.events) * ((1 - setting.prevalence) / (1 - seen))
    costs = setting.costs()
    action = _choose(costs, risk)
    threshold = setting.false_positive / (setting.false_positive + setting.false_negative)
    forced = (risk >= threshold).astype(np.intp)
    total = float(events.sum() + others.sum())
    rules = [action, forced, np.zeros_like(action), np.ones_like(action)]
    if setting.fee is not None:
        rules.append(np.full_like(action, 2))
    weight = events + others
    curve, treat_all = _net_benefit(risk, events, others, CURVE_THRESHOLDS)
    here, all_here = _net_benefit(risk, events, others, np.array([threshold]))
    return WhatIf(
        regions=_regions(costs),
        threshold=threshold,
        rows=np.asarray(np.bincount(action, weights=weight, minlength=3), dtype=np.float64),
        cost=_pad([_mean_cost(costs, rule, events, others) for rule in rules]),
        expected=_pad([_mean_cost(costs, rule, weight * risk, weight * (1 - risk)) for rule in rules]),
        net_benefit=np.array([here[0], all_here[0], 0.0]),
        curve=curve,
        treat_all=treat_all,
        fee_limit=_fee_limit(setting),
        flips=np.array([_flipped(bins, setting, other, action, weight, total) for other in _others(setting)]),
    )


def cuts_of(costs: FloatArray) -> FloatArray:
    """Give the risks at which bins should part, so that these costs decide of bins what they decide of rows.

    Parameters
    ----------
    costs : ndarray of shape (2, A)
        Costs without and with the event.

    Returns
    -------
    ndarray of shape (k,)
        Ascending: where the cheapest action changes, and where it would if there were no action in between.
    """
    envelope = lower_envelope(costs)
    outer = lower_envelope(costs[:, envelope.actions[[0, -1]]]) if len(envelope.actions) > 1 else envelope
    cuts: FloatArray = np.unique(np.concatenate([envelope.cuts, outer.cuts]))
    return cuts


def _choose(costs: FloatArray, risk: FloatArray) -> IntArray:
    envelope = lower_envelope(costs)
    chosen: IntArray = envelope.actions[np.searchsorted(envelope.cuts, risk, side="right")]
    return chosen


def _regions(costs: FloatArray) -> tuple[Region, ...]:
    envelope = lower_envelope(costs)
    ends = [0.0, *envelope.cuts.tolist(), 1.0]
    return tuple(
        Region(action=ACTIONS[action], low=ends[k], high=ends[k + 1])
        for k, action in enumerate(envelope.actions.tolist())
    )


def _mean_cost(costs: FloatArray, action: IntArray, events: FloatArray, others: FloatArray) -> float:
    paid = others * costs[0][action] + events * costs[1][action]
    return float(paid.sum()) / float(events.sum() + others.sum())


def _net_benefit(
    risk: FloatArray, events: FloatArray, others: FloatArray, thresholds: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Give true minus weighted false positives per row, of acting from each threshold on and of acting always."""
    total = float(events.sum() + others.sum())
    place = np.searchsorted(risk, thresholds)
    # Added up from above: what rounding leaves of a difference of sums is no small number times odds of a million.
    found, alarms = (np.append(np.cumsum(rows[::-1])[::-1], 0.0)[place] for rows in (events, others))
    odds = thresholds / (1 - thresholds)
    return (found - odds * alarms) / total, (float(events.sum()) - odds * float(others.sum())) / total


def _fee_limit(setting: Setting) -> float:
    """Give the fee at which the gray zone closes: where the expert's line passes through the point of indifference.

    At the threshold both errors cost ``fp fn / (fp + fn)`` on average; the expert's own errors come off it.
    """
    fp, fn = setting.false_positive, setting.false_negative
    value = (setting.sensitivity + setting.specificity - 1) * fp * fn / (fp + fn)
    return max(value, 0.0)


def _others(setting: Setting) -> list[Setting]:
    """Give the settings of `flips`."""
    odds = _odds(setting.prevalence)
    return [
        setting._replace(false_negative=setting.false_negative / 2),
        setting._replace(false_negative=setting.false_negative * 2),
        setting._replace(prevalence=odds / 2 / (1 + odds / 2)),
        setting._replace(prevalence=odds * 2 / (1 + odds * 2)),
    ]


def _flipped(
    bins: RiskBins, setting: Setting, other: Setting, action: IntArray, weight: FloatArray, total: float
) -> float:
    """Give the share of rows, at the prevalence of the setting, that get another action in another one."""
    risk = _at_odds(bins.risk, _odds(other.prevalence) / _odds(bins.prevalence))
    return float(weight[_choose(other.costs(), risk) != action].sum()) / total


def _at_odds(risk: FloatArray, factor: float) -> FloatArray:
    return risk * factor / (risk * factor + (1 - risk))


def _odds(prevalence: float) -> float:
    return prevalence / (1 - prevalence)


def _pad(values: list[float]) -> FloatArray:
    return np.array([*values, *[np.nan] * (5 - len(values))])
