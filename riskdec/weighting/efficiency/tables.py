"""The printed efficiency: one line per coefficient, the linear predictor last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.findings import findings_table
from riskdec._base.table import Table, count, number
from riskdec.weighting.units import say_weights

if TYPE_CHECKING:
    from riskdec.weighting.efficiency.answer import WeightingEfficiency

# More coefficients than this are left to `frame`.
_MOST = 25


def efficiency_table(found: WeightingEfficiency) -> Table:
    """Give efficiencies beside standard errors; where the form is wrong, the standard errors alone."""
    errors = found.naive_se is not None and found.robust_se is not None
    header = ["", "weights", "undersampling", "se, none"] + (["naive se", "robust se"] if errors else [])
    rows = [_line(found, j) for j in range(min(len(found.terms), _MOST))]
    blank = ("",) * (len(header) - 3)
    predictor = (found.predictor_efficiency, found.undersampling_predictor_efficiency)
    rows.append(("linear predictor", *_shown(found, *predictor), *blank))
    notes = [
        f"{count(found.n)} rows, {count(found.n_events)} events. Efficiency: variance without weights over that of "
        "the other fit, 1 where nothing is lost.",
        "The intercept is the one after undoing (less the log of the ratio), the ratio taken as given.",
    ]
    notes += say_weights(found.weight_kind)
    if errors:
        notes.append("naive: weights of mean one taken for counts of rows; robust: sandwich, by group where given.")
    if len(found.terms) > _MOST:
        notes.append(f"{_MOST} of {len(found.terms)} coefficients; .frame() gives all of them.")
    return Table(
        title=f"Precision under weights of ratio {number(found.weight_ratio)}",
        header=tuple(header),
        rows=tuple(rows),
        notes=tuple(notes),
        sections=(findings_table(found.findings),),
    )


def _line(found: WeightingEfficiency, j: int) -> tuple[str, ...]:
    cells = [found.terms[j], *_shown(found, found.efficiency[j], found.undersampling_efficiency[j])]
    errors = (found.unweighted_se, found.naive_se, found.robust_se)
    return (*cells, *(number(error[j], 3) for error in errors if error is not None))


def _shown(found: WeightingEfficiency, weighted: float, undersampled: float) -> tuple[str, str]:
    if found.comparable is False:
        return "not comparable", "not comparable"
    return f"{weighted:.3f}", f"{undersampled:.3f}"
