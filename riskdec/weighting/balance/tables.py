"""The tables of a balance of recalls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.findings import findings_table
from riskdec._base.table import Table, count, interval, number
from riskdec.weighting.balance.repeats import repeats_table
from riskdec.weighting.units import say_weights

if TYPE_CHECKING:
    from riskdec._base.result import Estimate
    from riskdec.weighting.balance.answer import RecallBalance

# A table of more classes is no table to read; the frame has them all.
_MOST = 20


def balance_table(balance: RecallBalance) -> Table:
    """Give recalls by class, then one line per way with spread, accuracy and cost, then the findings."""
    ways = [arm.way for arm in balance.arms]
    weights = [] if balance.weights is None else ["weight"]
    offsets = [] if balance.offsets is None else ["offset"]
    rows = []
    for k, name in enumerate(balance.classes[:_MOST]):
        cells = [str(name), count(balance.n_test_per_class[k])]
        cells += [] if balance.weights is None else [number(balance.weights[k], 3)]
        cells += [] if balance.offsets is None else [f"{balance.offsets.offsets[k]:+.2f}"]
        rows.append((*cells, *(f"{arm.recall[k]:.3f}" for arm in balance.arms)))
    notes = [balance.split, *say_weights(balance.weight_kind)]
    if len(balance.classes) > _MOST:
        notes.insert(0, f"The first {_MOST} of {len(balance.classes)} classes; .frame() has all.")
    repeats = (repeats_table(balance.repeats),) if len(balance.repeats) > 1 else ()
    return Table(
        title=f"Recalls of {balance.estimator}",
        header=("class", "rows", *weights, *offsets, *ways),
        rows=tuple(rows),
        notes=tuple(notes),
        sections=(_spread_table(balance), *repeats, findings_table(balance.findings)),
    )


def _spread_table(balance: RecallBalance) -> Table:
    header = ["", "range", "by chance", "true sd", "mean recall", "accuracy", "change", "limits"]
    header += [] if balance.costs is None else ["cost", "change", "limits"]
    rows = []
    for arm in balance.arms:
        figures = (arm.range, arm.range_by_chance, arm.deviation, arm.mean_recall, arm.accuracy.estimate)
        cells = [arm.way, *(f"{figure:.3f}" for figure in figures), *_change(arm.accuracy_change, arm.way)]
        if arm.mean_cost is not None and arm.cost_change is not None:
            cells += [number(arm.mean_cost.estimate), *_change(arm.cost_change, arm.way)]
        rows.append(tuple(cells))
    notes = (
        "By chance: the range to be expected on these rows if all true recalls were equal. "
        "True sd: of the recalls, less what sampling adds.",
    )
    return Table(title="Spread and price", header=tuple(header), rows=tuple(rows), notes=notes)


def _change(change: Estimate, way: str) -> tuple[str, str]:
    return ("", "") if way == "plain" else (f"{change.estimate:+.3f}", interval(change.low, change.high, 2))
