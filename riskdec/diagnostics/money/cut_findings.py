"""What calibration at the cuts of a decision says in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.findings import Finding
from riskdec._base.table import interval, number
from riskdec.decisions.zones.regions import risk_text

if TYPE_CHECKING:
    from riskdec.diagnostics.money.recalibrated_cost import RecalibratedCost
    from riskdec.diagnostics.money.regret import CutCalibration, DecisionCalibration

_ARTICLES = {"logistic": "A", "isotonic": "An"}


def about_cuts(decision: DecisionCalibration | None) -> tuple[Finding, ...]:
    """Say at which cuts the event rate is another one, and whether a recalibration would have paid."""
    if decision is None:
        return ()
    wrong = [cut for cut in decision.cuts if cut.rate_low > cut.threshold or cut.rate_high < cut.threshold]
    # Of several recalibrations that pay beyond chance, the one that pays most.
    paying = sorted((r for r in decision.recalibrated if r.saving.low > 0), key=lambda r: -r.saving.estimate)
    return (*map(_wrong_cut, wrong), *map(_saving, paying[:1]))


def _wrong_cut(cut: CutCalibration) -> Finding:
    is_low = cut.rate_low > cut.threshold
    sentence = (
        f"At your cut {risk_text(cut.threshold)} (between {cut.below!r} and {cut.above!r}) the event rate is not that: "
        f"it lies between {risk_text(cut.rate_low)} and {risk_text(cut.rate_high)}. The risks there are too "
        f"{'low, so the cut lets too many events pass below it' if is_low else 'high, so the cut acts too often'}."
    )
    todo = "Recalibrate on other rows before deciding; the curve shows which predicted risk has the rate you mean."
    return Finding(code="RD214", severity="issue", sentence=sentence, todo=todo)


def _saving(after: RecalibratedCost) -> Finding:
    sentence = (
        f"{_ARTICLES[after.method]} {after.method} recalibration learned on other rows would have lowered the cost of "
        f"your decisions by {number(after.saving.estimate, 3)} per case "
        f"({interval(after.saving.low, after.saving.high, 3)}), to {number(after.mean_realised_cost, 3)}."
    )
    todo = "Recalibrate on other rows; this is what the miscalibration costs you."
    return Finding(code="RD215", severity="issue", sentence=sentence, todo=todo)
