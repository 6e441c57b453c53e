"""The threshold of least realised cost among all that a set of risks allows, beside the one that the costs imply."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_counts, check_option, check_weights, refuse
from riskdec._base.result import Result, jsonable
from riskdec._base.table import Table, count, number
from riskdec.decisions.costs.cost_input import as_cost_matrix
from riskdec.decisions.curves.ranking import packed_sort, unpack
from riskdec.decisions.judging.event_rows import check_event, check_event_risks
from riskdec.decisions.zones.envelope import cut_point
from riskdec.decisions.zones.regions import risk_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import AnyArray, ArrayLike, BoolArray, FloatArray, IntArray, WeightKind
    from riskdec.decisions.costs.cost_matrix import CostMatrix

_ONE = np.uint64(1)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class BestThreshold(Result):
    """The cheapest threshold on some cases, and the one that costs imply for calibrated risks.

    Attributes
    ----------
    threshold : float
        Act from this risk on; 0 acts on everybody, inf on nobody. Half-way between two risks of the data.
    mean_cost : float
        Mean realised cost at it. These cases chose the threshold, so the figure is too good.
    bayes_threshold, bayes_mean_cost : float
        The threshold that the costs imply if the risks are calibrated, and its mean cost on the same cases, which
        had no part in it.
    act_on_all, act_on_none : float
        Mean cost of acting on everybody, and on nobody.
    n, n_cuts : int
        Rows, and different ways to cut them.
    """

    threshold: float
    mean_cost: float
    bayes_threshold: float
    bayes_mean_cost: float
    act_on_all: float
    act_on_none: float
    n: int
    n_cuts: int

    def summary(self) -> Table:
        """Give both thresholds with their mean costs, and those of acting on all and on none."""
        shown = risk_text(self.threshold) if self.threshold <= 1 else "none"
        rows = (
            (f"cheapest of {count(self.n_cuts)} cuts", shown, number(self.mean_cost)),
            ("implied by the costs", risk_text(self.bayes_threshold), number(self.bayes_mean_cost)),
            ("act on all", "", number(self.act_on_all)),
            ("act on none", "", number(self.act_on_none)),
        )
        note = "The cheapest cut was chosen on these rows, so its cost is too good; the implied one was not."
        title = f"Thresholds on {count(self.n)} rows"
        return Table(title=title, header=("threshold", "risk", "mean cost"), rows=rows, notes=(note,))

    def to_dict(self) -> dict[str, Any]:
        """Give thresholds and costs as plain numbers, ready for JSON; a threshold above every risk is None."""
        return {field.name: jsonable(getattr(self, field.name)) for field in fields(self)}

    def _headline(self) -> str:
        shown = risk_text(self.threshold) if self.threshold <= 1 else "above every risk"
        implied = risk_text(self.bayes_threshold)
        return f"{shown} at mean cost {number(self.mean_cost)}; implied {implied} at {number(self.bayes_mean_cost)}"


def best_threshold(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    costs: CostMatrix | Mapping[str, object],
    *,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    event: object = None,
) -> BestThreshold:
    """Find the threshold of least realised cost among all `n + 1` cuts of the data.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Outcomes.
    y_proba : array-like of shape (n,) or (n, 2)
        Risks; they need not be calibrated.
    costs : CostMatrix or dict
        Costs of two outcomes and two actions that decide; an action that defers plays no part.
    sample_weight : array-like of shape (n,), optional
        Row weights; rows of weight zero are as if absent.
    weight_kind : {"frequency", "importance"}
        Whether weights are counts (whole numbers); the threshold is the same.
    event : object, optional
        The label that means the event; 1 and True need not be named.

    Returns
    -------
    BestThreshold
        The cheapest cut, beside the one that the costs imply.

    Raises
    ------
    InputError
        For costs under which acting is never, or always, the cheaper action.

    Notes
    -----
    With calibrated risks the implied threshold `(cfp - ctn) / (cfp - ctn + cfn - ctp)` is the right one and needs no
    data; a tuned one only adds noise, most where events are rare. Tune where risks are not calibrated and cannot
    be repaired. Of equally cheap cuts the one nearest to the implied threshold is taken.

    Examples
    --------
    >>> best_threshold([0, 0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4, 0.9], {"false_positive": 1, "false_negative": 2})
    <BestThreshold: 25 % at mean cost 0.2; implied 33.33 % at 0.6>
    """
    table = _two_by_two(as_cost_matrix(costs))
    rows = check_event(y_true, event)
    outcome, n = rows.is_event, rows.is_event.shape[0]
    risk = check_event_risks(y_proba, rows)
    check_option(weight_kind, ("frequency", "importance"), name="weight_kind")
    weight = (check_counts if weight_kind == "frequency" else check_weights)(sample_weight, n)
    values, events, below = _below(risk, outcome, weight)
    implied = cut_point((table[0, 0], table[1, 0]), (table[0, 1], table[1, 1]))
    # Moving the cut above a row takes its action away: that costs an event, and saves a non-event, so much.
    saved, lost = table[0, 1] - table[0, 0], table[1, 0] - table[1, 1]
    act_on_all = (table[1, 1] * events[-1] + table[0, 1] * (below[-1] - events[-1])) / below[-1]
    cost = events * ((lost + saved) / below[-1])
    cost -= below * (saved / below[-1])
    cost += act_on_all
    # Sums of equal costs in another order differ by rounding.
    near = np.flatnonzero(cost <= cost.min() + 1e-12 * float(np.abs(table).max()))
    cuts = _cuts(values, near)
    best = int(np.argmin(np.abs(np.minimum(cuts, 1.0) - implied)))
    n_rows = below[-1] if weight is None or weight_kind == "frequency" else np.count_nonzero(weight)
    return BestThreshold(
        threshold=float(cuts[best]),
        mean_cost=float(cost[near[best]]),
        bayes_threshold=implied,
        bayes_mean_cost=float(cost[np.searchsorted(values, implied)]),
        act_on_all=float(cost[0]),
        act_on_none=float(cost[-1]),
        n=int(n_rows),
        n_cuts=len(cost),
    )


def _two_by_two(costs: CostMatrix) -> FloatArray:
    """Give the costs of not acting and acting, rows without and with the event."""
    if len(costs.outcomes) != 2 or len(costs.deciding) != 2:
        shape = f"{len(costs.outcomes)} outcomes and {len(costs.deciding)} actions that decide"
        raise refuse("costs", "have two outcomes and two actions that decide", shape)
    table = costs.costs[:, costs.deciding]
    if table[0, 1] < table[0, 0]:
        table = table[:, ::-1]
    if not (table[0, 0] < table[0, 1] and table[1, 1] < table[1, 0]):
        cure = "There is no threshold to look for: one action is the cheaper one at every risk."
        raise refuse("costs", "make each action the cheaper one under one outcome", "others", cure)
    return table


def _below(risk: FloatArray, outcome: BoolArray, weight: FloatArray | None) -> tuple[FloatArray, AnyArray, AnyArray]:
    """Give the distinct risks, ascending, and how many events, and rows, lie below each of them and in all."""
    if weight is None:
        packed = packed_sort(risk, outcome)
        ranked = unpack(packed)
        events, rows = np.cumsum(packed & _ONE), np.arange(1.0, packed.size + 1)
    else:
        order = np.argsort(risk, kind="stable")
        order = order[weight[order] > 0]
        ranked, counts = risk[order], weight[order]
        events, rows = np.cumsum(counts * outcome[order]), np.cumsum(counts)
    last = np.append(ranked[1:] != ranked[:-1], [True])
    if not last.all():
        ranked, events, rows = ranked[last], events[last], rows[last]
    start = np.zeros(1)
    return ranked, np.concatenate([start, events]), np.concatenate([start, rows])


def _cuts(values: FloatArray, places: IntArray) -> FloatArray:
    """Give the thresholds that leave so many distinct values below: half-way to the next; 0 and inf at the ends."""
    low = values[np.maximum(places - 1, 0)]
    high = values[np.minimum(places, values.size - 1)]
    # Half-way between neighbouring floats there is no third one.
    middle = np.where((low + high) / 2 > low, (low + high) / 2, high)
    return np.where(places == 0, 0.0, np.where(places == values.size, np.inf, middle))
