"""The tables of a comparison: verdicts and one line for every fit and state to print, each scheme in detail."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from riskdec._base.findings import findings_table
from riskdec._base.table import Table, count, interval, number, percent
from riskdec.decisions.zones.regions import find_regions
from riskdec.weighting.units import say_weights

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.result import Estimate
    from riskdec.weighting.comparison.answer import WeightingComparison
    from riskdec.weighting.comparison.coefficients import CoefficientShift
    from riskdec.weighting.comparison.rows import WeightingRow

# More coefficients than this are left to `coefficients`; those that moved most are printed.
_MOST = 15
# Code of the finding that gives the verdict on a scheme.
VERDICT = "RD411"
_STATES = {"raw": "as fitted", "undone": "undone", "recentred": "recentred", "recalibrated": "recalibrated"}


def comparison_table(comparison: WeightingComparison) -> Table:
    """Give the comparison as tables: the verdicts, all fits in all states, what was lost, and the other findings."""
    verdicts = [finding for finding in comparison.findings if finding.code == VERDICT]
    others = [finding for finding in comparison.findings if finding.code != VERDICT]
    advice = dict.fromkeys(finding.todo for finding in verdicts if finding.todo)
    in_short = Table(title="In short", notes=(*(finding.sentence for finding in verdicts), *advice))
    more = ".frame() gives every figure in every state; .to_html(path) shows each scheme, its intervals, coefficients."
    return Table(
        title=f"What reweighting did to {comparison.estimator}",
        notes=tuple(settings(comparison)),
        sections=(
            *([in_short] if verdicts else []),
            overview_table(comparison),
            differences_table(comparison),
            *loss_table(comparison),
            findings_table(others),
            Table(notes=(more,)),
        ),
    )


def detail_tables(comparison: WeightingComparison) -> list[Table]:
    """Give for each scheme its figures in every state, their differences with intervals, and its coefficients."""
    tables: list[Table] = []
    for name in dict.fromkeys(row.scheme for row in comparison.rows if row.scheme != "none"):
        rows = [row for row in comparison.rows if row.scheme == name]
        shifts = [shift for shift in comparison.coefficients if shift.scheme == name]
        tables += [_figures_table(comparison, rows), _differences_in_full(comparison, rows)]
        tables += [_coefficient_table(name, shifts)] if shifts else []
    return tables


def settings(comparison: WeightingComparison) -> list[str]:
    """Give sentences on the rows, the intervals and the decisions."""
    level = percent(comparison.confidence_level, 0)
    units = "rows" if comparison.n_groups_test is None else f"{count(comparison.n_groups_test)} groups of rows"
    notes = [
        comparison.split,
        f"{count(comparison.n_test)} held-out rows, {count(comparison.n_events_test)} with the event "
        f"{comparison.event!r} ({percent(comparison.rows[0].observed_rate)}).",
        f"Intervals ({level}) take the fits as given and the held-out {units} for independent.",
    ]
    notes += say_weights(comparison.weight_kind)
    if comparison.costs is not None:
        regions = "; ".join(f"{region.action} {region}" for region in find_regions(comparison.costs))
        notes.append(f"Decisions of least expected cost on these risks: {regions}.")
    return notes


def overview_table(comparison: WeightingComparison) -> Table:
    """Give one line for every scheme and state, with the figures to look at first."""
    with_costs = comparison.costs is not None
    head = ("", "mean risk", "citl", "slope", "ICI", "Brier", "AUC", "F at 0.5", *(("cost",) if with_costs else ()))
    rows = tuple(
        (
            row.name,
            percent(row.mean_risk),
            _fixed(row.citl.estimate, 2),
            _fixed(row.slope.estimate, 2),
            _fixed(row.ici, 3),
            _fixed(row.brier, 4),
            _fixed(row.auc, 4),
            _fixed(row.f_at_half, 3),
            *((number(row.mean_realised_cost),) if with_costs else ()),
        )
        for row in comparison.rows
    )
    return Table(title="All fits in all states", header=head, rows=rows, notes=(_overview_note(comparison),))


def _overview_note(comparison: WeightingComparison) -> str:
    observed = percent(comparison.rows[0].observed_rate)
    mended = [row for row in comparison.rows if row.repair == "recalibrated"]
    note = (
        f"Read: a mean risk should be near {observed}, citl near 0, slope near 1. 'undone' maps the odds back by the "
        "weight ratio"
    )
    if not mended:
        return f"{note}."
    return (
        f"{note}; 'recentred' re-estimates calibration-in-the-large, 'recalibrated' the slope too, each row by a map "
        "from other held-out rows."
    )


def loss_table(comparison: WeightingComparison) -> list[Table]:
    """Give the parts of what each scheme lost in Brier score; nothing where nothing was recalibrated."""
    if not comparison.loss_parts:
        return []
    rows = tuple(
        (
            part.scheme,
            *(number(one.estimate, 3) for one in (part.total, part.shift, part.slope, part.remaining)),
            interval(part.remaining.low, part.remaining.high, 3),
        )
        for part in comparison.loss_parts
    )
    note = (
        "Read: total = shift + slope + for good, as fitted minus the unweighted fit recalibrated alike. One number "
        "mends the shift, a second one the slope; nothing mends the rest."
    )
    head = ("", "total", "shift", "slope", "for good", "interval")
    return [Table(title="Brier score lost to the weights", header=head, rows=rows, notes=(note,))]


def _figures_table(comparison: WeightingComparison, rows: list[WeightingRow]) -> Table:
    """Give every figure of a scheme in every state beside that of the unweighted fit."""
    columns = [comparison.rows[0], *rows]
    cut = number(1 / (1 + rows[0].weight_ratio), 3)
    lines = [
        _line("weight ratio, event : non-event", columns, lambda row: number(row.weight_ratio)),
        _line("mean risk", columns, lambda row: percent(row.mean_risk)),
        _line("observed", columns, lambda row: percent(row.observed_rate)),
        _line("calibration-in-the-large", columns, lambda row: number(row.citl.estimate, 3)),
        _line("calibration intercept", columns, lambda row: number(row.intercept.estimate, 3)),
        _line("calibration slope", columns, lambda row: number(row.slope.estimate, 3)),
        _line("ICI", columns, lambda row: number(row.ici, 3)),
        _line("cutoff calibration error", columns, lambda row: number(row.cutoff_error, 3)),
        _line("miscalibration (Brier, CORP)", columns, lambda row: number(row.miscalibration, 3)),
        _line("discrimination (Brier, CORP)", columns, lambda row: number(row.discrimination, 3)),
        _line("Brier score", columns, lambda row: number(row.brier)),
        _line("log score", columns, lambda row: number(row.log_score)),
        _line("AUC", columns, lambda row: number(row.auc)),
        _line("risk of at least 0.5", columns, lambda row: percent(row.flagged_at_half)),
        _line("precision at 0.5", columns, lambda row: _share(row.precision_at_half)),
        _line("recall at 0.5", columns, lambda row: percent(row.recall_at_half)),
        _line("F at 0.5", columns, lambda row: number(row.f_at_half, 3)),
        (f"0.5 decisions as none cut at {cut}", "", percent(rows[0].agreement_with_mle_cut)),
    ]
    if comparison.threshold is not None:
        at = number(comparison.threshold, 3)
        lines += [
            _line(f"risk of at least {at}", columns, lambda row: percent(row.flagged_at_threshold or 0.0)),
            _line(f"precision at {at}", columns, lambda row: _share(row.precision_at_threshold)),
            _line(f"recall at {at}", columns, lambda row: percent(row.recall_at_threshold or 0.0)),
            _line(f"F at {at}", columns, lambda row: number(row.f_at_threshold, 3)),
        ]
    if comparison.costs is not None:
        lines.append(_line("expected cost per row", columns, lambda row: number(row.mean_expected_cost)))
        lines.append(_line("realised cost per row", columns, lambda row: number(row.mean_realised_cost)))
    heads = tuple(_STATES[row.repair] for row in rows)
    note = "Read: what 'undone' and 'recentred' bring back to 'none' was a shift; what stays away was not."
    return Table(
        title=f"Scheme {rows[0].scheme!r} beside 'none'", header=("", "none", *heads), rows=tuple(lines), notes=(note,)
    )


def differences_table(comparison: WeightingComparison) -> Table:
    """Give what each scheme changed as fitted and mapped back: the figures to look at first, with paired intervals."""
    with_costs = comparison.costs is not None
    mapped = {row.scheme for row in comparison.rows if row.repair == "undone"}
    rows = tuple(
        (
            row.name,
            _with_interval(row.brier_difference),
            _with_interval(row.auc_difference),
            _with_interval(row.cost_difference if with_costs else row.log_score_difference),
        )
        for row in comparison.rows
        if row.scheme != "none" and row.repair in ("raw", "undone" if row.scheme in mapped else "recentred")
    )
    head = ("", "Brier score", "AUC", "cost" if with_costs else "log score")
    note = "Read: an interval without 0 is a difference that these rows tell from chance."
    return Table(title="Differences from 'none'", header=head, rows=rows, notes=(note,))


_DIFFERENCES: tuple[tuple[str, Callable[[WeightingRow], Estimate | None]], ...] = (
    ("calibration-in-the-large", lambda row: row.citl_difference),
    ("calibration slope", lambda row: row.slope_difference),
    ("ICI", lambda row: row.ici_difference),
    ("cutoff calibration error", lambda row: row.cutoff_error_difference),
    ("miscalibration", lambda row: row.miscalibration_difference),
    ("discrimination", lambda row: row.discrimination_difference),
    ("Brier score", lambda row: row.brier_difference),
    ("log score", lambda row: row.log_score_difference),
    ("AUC", lambda row: row.auc_difference),
    ("precision at 0.5", lambda row: row.precision_at_half_difference),
    ("recall at 0.5", lambda row: row.recall_at_half_difference),
    ("F at 0.5", lambda row: row.f_at_half_difference),
    ("precision at {at}", lambda row: row.precision_at_threshold_difference),
    ("recall at {at}", lambda row: row.recall_at_threshold_difference),
    ("F at {at}", lambda row: row.f_at_threshold_difference),
    ("expected cost per row", lambda row: row.expected_cost_difference),
    ("realised cost per row", lambda row: row.cost_difference),
)


def _differences_in_full(comparison: WeightingComparison, rows: list[WeightingRow]) -> Table:
    """Give paired differences from the unweighted fit with their intervals; recentred ones are in the frame."""
    shown = [row for row in rows if row.repair != "recentred"] if len(rows) > 3 else rows
    at = "" if comparison.threshold is None else number(comparison.threshold, 3)
    lines: list[tuple[str, ...]] = []
    for label, value in _DIFFERENCES:
        found = [one for one in map(value, shown) if one is not None]
        if found:
            lines.append((label.format(at=at), *(number(one.estimate, 3) for one in found)))
            lines.append(("  interval", *(interval(one.low, one.high, 3) for one in found)))
    note = (
        f"Read: an interval without 0 is a difference that these rows tell from chance. "
        f"{count(comparison.n_resamples)} resamples, the same for all columns, where a figure is no mean over rows."
    )
    heads = tuple(_STATES[row.repair] for row in shown)
    return Table(title=f"{rows[0].scheme!r} minus 'none'", header=("", *heads), rows=tuple(lines), notes=(note,))


def _line(label: str, rows: list[WeightingRow], cell: Callable[[WeightingRow], str]) -> tuple[str, ...]:
    return (label, *(cell(row) for row in rows))


def _fixed(value: float, decimals: int) -> str:
    """Write a number with fixed decimals, so that columns can be compared at a glance."""
    return "none" if isnan(value) else f"{round(value, decimals) + 0.0:.{decimals}f}"


def _with_interval(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    return f"{number(estimate.estimate, 3)} ({interval(estimate.low, estimate.high, 2)})"


def _share(value: float | None) -> str:
    # Without a row above the cut there is no precision.
    return "none above" if value is None or isnan(value) else percent(value)


def _coefficient_table(scheme: str, shifts: list[CoefficientShift]) -> Table:
    # The intercept moves most, and comes first.
    moved = sorted(shifts, key=lambda shift: -abs(shift.shift / shift.unweighted_se))[:_MOST]
    shown = [shift for shift in shifts if shift in moved]
    notes = [
        "Read: slopes that moved by more than two of their (se) moved beyond chance; the intercept moves by design.",
        "naive: weights of mean one (or copies) taken for counts of rows; robust: sandwich, by group where given.",
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
