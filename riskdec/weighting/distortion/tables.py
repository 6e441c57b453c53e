"""The printed distortion: its parts, each with estimate, interval and test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.findings import findings_table
from riskdec._base.table import Table, count, interval, number, p_value, percent

if TYPE_CHECKING:
    from riskdec._base.result import Estimate
    from riskdec.weighting.distortion.answer import Distortion


def distortion_table(distortion: Distortion) -> Table:
    """Give the parts as lines, the mean risks below them, and the findings."""
    found = distortion
    rows = (
        ("predicted shift, log ratio", number(found.predicted_shift, 3), "", ""),
        _line("observed shift, minus citl", found.observed_shift, ""),
        _line("unexplained shift", found.unexplained_shift, p_value(found.shift_p_value)),
        _line("slope", found.slope, p_value(found.slope_p_value)),
        (
            "what remains, mean distance in risk",
            number(found.residual, 3),
            f"{number(found.residual_null_mean, 3)} by chance",
            p_value(found.residual_p_value),
        ),
    )
    size = f"{count(found.n)} rows, {count(found.n_events)} events"
    if found.n_groups is not None:
        size += f", {count(found.n_groups)} groups"
    level = percent(found.confidence_level, 0)
    notes = (
        f"{size}. Mean risk {percent(found.mean_risk)} as given, {percent(found.undone_mean_risk)} undone, "
        f"{percent(found.observed_rate)} observed. Log score {number(found.log_score)} as given, "
        f"{number(found.undone_log_score)} undone.",
        "Read: where no p is small, undoing the ratio is enough. p asks whether the shift is the predicted one, the "
        "slope 1, and nothing remains beside both (Wald).",
    )
    return Table(
        title=f"Distortion of probabilities with weight ratio {number(found.weight_ratio)}",
        header=("", "estimate", f"{level} interval", "p"),
        rows=rows,
        notes=notes,
        sections=(findings_table(found.findings),),
    )


def _line(name: str, estimate: Estimate, told: str) -> tuple[str, str, str, str]:
    return name, number(estimate.estimate, 3), interval(estimate.low, estimate.high, 3), told
