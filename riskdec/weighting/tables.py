"""The printed comparison: each weighted scheme beside the unweighted fit, then the coefficients."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from riskdec._base.findings import findings_table
from riskdec._base.table import Table, count, interval, number, percent
from riskdec.decisions.zones.regions import find_regions

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.result import Estimate
    from riskdec.weighting.answer import CoefficientShift, WeightingComparison, WeightingRow

# More coefficients than this are left to `coefficients`; those that moved most are printed.
_MOST = 15


def comparison_table(comparison: WeightingComparison) -> Table:
    """Give the comparison as tables: quantities as lines, fits as columns."""
    none, *others = comparison.rows
    names = list(dict.fromkeys(row.scheme for row in others))
    sections = [_scheme_table(comparison, none, [r for r in others if r.scheme == name]) for name in names]
    for name in names:
        shifts = [shift for shift in comparison.coefficients if shift.scheme == name]
        sections += [_coefficient_table(name, shifts)] if shifts else []
    notes = [
        comparison.split,
        f"{count(comparison.n_test)} held-out rows, {count(comparison.n_events_test)} with the event "
        f"{comparison.event!r} ({percent(none.observed_rate)}).",
        _interval_note(comparison),
    ]
    if comparison.costs is not None:
        regions = "; ".join(f"{region.action} {region}" for region in find_regions(comparison.costs))
        notes.append(f"Decisions of least expected cost on these risks: {regions}.")
    return Table(
        title=f"What weights did to {comparison.estimator}",
        notes=tuple(notes),
        sections=(*sections, findings_table(comparison.findings)),
    )


def _interval_note(comparison: WeightingComparison) -> str:
    level = percent(comparison.confidence_level, 0)
    units = "rows" if comparison.n_groups_test is None else f"{count(comparison.n_groups_test)} groups of rows"
    return f"Intervals ({level}) take the fits as given and the held-out {units} for independent."


def _scheme_table(comparison: WeightingComparison, none: WeightingRow, rows: list[WeightingRow]) -> Table:
    columns = [none, *rows]
    lines = [
        _line("weight ratio, event : non-event", columns, lambda row: number(row.weight_ratio)),
        _line("mean risk", columns, lambda row: percent(row.mean_risk)),
        _line("observed", columns, lambda row: percent(row.observed_rate)),
        *_with_interval("calibration-in-the-large", columns, lambda row: row.citl),
        *_with_interval("calibration intercept", columns, lambda row: row.intercept),
        *_with_interval("calibration slope", columns, lambda row: row.slope),
        _line("ICI", columns, lambda row: number(row.ici, 3)),
        _line("miscalibration (Brier, CORP)", columns, lambda row: number(row.miscalibration, 3)),
        _line("Brier score", columns, lambda row: number(row.brier)),
        *_against_none(columns, lambda row: row.brier_difference),
        _line("log score", columns, lambda row: number(row.log_score)),
        *_against_none(columns, lambda row: row.log_score_difference),
        _line("AUC", columns, lambda row: number(row.auc)),
        _line("risk of at least 0.5", columns, lambda row: percent(row.flagged_at_half)),
        _line("precision at 0.5", columns, lambda row: _share(row.precision_at_half)),
        _line("recall at 0.5", columns, lambda row: percent(row.recall_at_half)),
    ]
    cut = number(1 / (1 + rows[0].weight_ratio), 3)
    same = ["", percent(rows[0].agreement_with_mle_cut), ""]
    lines.append((f"same 0.5 decisions as none cut at {cut}", *same))
    if comparison.costs is not None:
        lines.append(_line("realised cost per row", columns, lambda row: number(row.mean_realised_cost)))
        lines += _against_none(columns, lambda row: row.cost_difference)
    heads = ("as fitted" if row.repair == "raw" else row.repair for row in rows)
    return Table(title=f"Scheme {rows[0].scheme!r} beside 'none'", header=("", "none", *heads), rows=tuple(lines))


def _line(label: str, rows: list[WeightingRow], cell: Callable[[WeightingRow], str]) -> tuple[str, ...]:
    return (label, *(cell(row) for row in rows))


def _with_interval(
    label: str, rows: list[WeightingRow], value: Callable[[WeightingRow], Estimate]
) -> list[tuple[str, ...]]:
    return [
        _line(label, rows, lambda row: number(value(row).estimate, 3)),
        _line("  interval", rows, lambda row: interval(value(row).low, value(row).high, 3)),
    ]


def _against_none(rows: list[WeightingRow], value: Callable[[WeightingRow], Estimate | None]) -> list[tuple[str, ...]]:
    found = [value(row) for row in rows[1:]]
    differences = [number(one.estimate, 3) for one in found if one is not None]
    limits = [interval(one.low, one.high, 3) for one in found if one is not None]
    return [("  difference from none", "", *differences), ("  interval", "", *limits)]


def _share(value: float) -> str:
    # Without a row above the cut there is no precision.
    return "none above" if isnan(value) else percent(value)


def _coefficient_table(scheme: str, shifts: list[CoefficientShift]) -> Table:
    # The intercept moves most, and comes first.
    moved = sorted(shifts, key=lambda shift: -abs(shift.shift / shift.unweighted_se))[:_MOST]
    shown = [shift for shift in shifts if shift in moved]
    notes = [
        "naive: weights scaled to mean one and taken for counts of rows; robust: sandwich, by group where given.",
        "The standard errors of the weighted intercept take the ratio as given.",
    ]
    if len(shown) < len(shifts):
        notes.append(f"The {len(shown)} of {len(shifts)} that moved most; all are in `coefficients`.")
    rows = [
        (
            shift.name,
            number(shift.unweighted),
            number(shift.unweighted_se, 3),
            number(shift.weighted),
            number(shift.shift, 3),
            number(shift.shift_se, 3),
            number(shift.naive_se, 3),
            number(shift.robust_se, 3),
        )
        for shift in shown
    ]
    return Table(
        title=f"Coefficients under {scheme!r}",
        header=("", "none", "(se)", "weighted", "shift", "(se)", "naive se", "robust se"),
        rows=tuple(rows),
        notes=tuple(notes),
    )
