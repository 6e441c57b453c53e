"""The printed sweep: a few ratios as lines, the weighted fit and the moving threshold as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import findings_table
from riskdec._base.table import Table, count, interval, number, percent
from riskdec.weighting.units import say_weights

if TYPE_CHECKING:
    from riskdec.weighting.sweep.answer import WeightSweep

# Lines that are printed; `frame` has all ratios.
_SHOWN = 9


def sweep_table(sweep: WeightSweep) -> Table:
    """Give the sweep as tables: the trade-off, calibration with costs, and the findings."""
    places = _choose_lines(sweep)
    level = percent(sweep.confidence_level, 0)
    units = "rows" if sweep.n_groups_test is None else f"{count(sweep.n_groups_test)} groups of rows"
    notes = (
        sweep.split,
        f"{count(sweep.n_test)} held-out rows, {count(sweep.n_events_test)} with the event {sweep.event!r} "
        f"({percent(sweep.observed_rate)}).",
        f"{len(places)} of {len(sweep.weight_ratio)} ratios; .frame() gives all of them. Intervals ({level}) take the "
        f"fits as given and the held-out {units} for independent.",
        *say_weights(sweep.weight_kind),
    )
    return Table(
        title=f"{sweep.estimator} under weights, beside a moving threshold",
        notes=notes,
        sections=(_trade_off(sweep, places), _calibration(sweep, places), findings_table(sweep.findings)),
    )


def _choose_lines(sweep: WeightSweep) -> list[int]:
    """Choose places spread over the axis, no weights and natural weights among them."""
    last = len(sweep.weight_ratio) - 1
    spread = np.linspace(0, last, min(_SHOWN - 2, last + 1)).round().astype(int).tolist()
    return sorted({*spread, sweep.natural, sweep.unweighted})


def _trade_off(sweep: WeightSweep, places: list[int]) -> Table:
    rows = tuple(
        (
            _name(sweep, j),
            _share(sweep.precision[j]),
            percent(sweep.recall[j]),
            number(sweep.threshold[j], 3),
            _share(sweep.threshold_precision[j]),
            percent(sweep.threshold_recall[j]),
            percent(sweep.agreement[j]),
            _difference(sweep.recall_difference[j], sweep.recall_difference_se[j]),
        )
        for j in places
    )
    header = (
        "weight ratio",
        "precision",
        "recall",
        "or cut at",
        "precision",
        "recall",
        "alike",
        "gain (se)",
    )
    note = (
        "Read: on the left weights, cut at 0.5; on the right no weights, cut lower or higher. Where it repeats them, a "
        "threshold does the work of weights. Alike: share of equal decisions; gain: recall of the weights less that of "
        "the threshold that is as precise, in points."
    )
    return Table(title="Weights and threshold", header=header, rows=rows, notes=(note,))


def _calibration(sweep: WeightSweep, places: list[int]) -> Table:
    costs = sweep.cost is not None
    header = ["weight ratio", "mean risk", "citl", "interval", "slope", "interval"]
    if costs:
        header += ["cost at 0.5", "cost by threshold", "cost if believed"]
    notes = [
        "Read: the mean risk and citl leave their place by the log of the ratio; a slope that leaves it too shows a "
        "form that is not that of the data, or a penalty."
    ]
    if sweep.decided_cost is not None:
        notes.append(f"Decisions of least expected cost without weights cost {number(sweep.decided_cost)} per row.")
    rows = tuple(_calibration_line(sweep, j) for j in places)
    title = "Calibration under weights, and cost per row" if costs else "Calibration under weights"
    return Table(title=title, header=tuple(header), rows=rows, notes=tuple(notes))


def _calibration_line(sweep: WeightSweep, j: int) -> tuple[str, ...]:
    cells = [
        _name(sweep, j),
        percent(sweep.mean_risk[j]),
        number(sweep.citl[j], 3),
        interval(sweep.citl_low[j], sweep.citl_high[j], 3),
        number(sweep.slope[j], 3),
        interval(sweep.slope_low[j], sweep.slope_high[j], 3),
    ]
    per_row = (sweep.cost, sweep.threshold_cost, sweep.believed_cost)
    return (*cells, *(number(costs[j]) for costs in per_row if costs is not None))


def _name(sweep: WeightSweep, j: int) -> str:
    told = {sweep.natural: " (natural)", sweep.unweighted: " (none)"}
    return number(sweep.weight_ratio[j], 3) + told.get(j, "")


def _share(value: float) -> str:
    # Without a flagged row there is no precision.
    return "no row" if np.isnan(value) else percent(value)


def _difference(value: float, error: float) -> str:
    if np.isnan(value):
        return "no match"
    points = f"{100 * value:+.1f}" if abs(value) >= 5e-4 else "0.0"
    return points if np.isnan(error) else f"{points} ({100 * error:.1f})"
