"""What a distortion means, in coded sentences."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from riskdec._base.findings import Finding
from riskdec._base.table import interval, number, p_value, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec._base.result import Estimate
    from riskdec.weighting.distortion.answer import Distortion

# Below this p-value a part is not put down to chance.
_CHANCE = 0.05


def conclude_distortion(found: Distortion, obstacle: str) -> Iterator[Finding]:
    """Say what each part is, and what can be mended by undoing.

    Parameters
    ----------
    found : Distortion
        Without its findings.
    obstacle : str
        Why shift or slope is missing; empty where both are there.
    """
    missing = isnan(found.unexplained_shift.low) or isnan(found.slope.low)
    if obstacle or missing:
        reason = obstacle or "there are too few events or non-events for intervals"
        sentence = f"Shift, slope or their limits are not available: {reason}."
        yield Finding(code="RD207", severity="not applicable", sentence=sentence)
    if not isnan(found.shift_p_value):
        yield _about_shift(found)
    if not isnan(found.slope_p_value):
        yield _about_slope(found)
    yield _about_rest(found)
    if not missing and not obstacle:
        yield _verdict(found)


def _about_shift(found: Distortion) -> Finding:
    off = found.shift_p_value < _CHANCE
    seen = (
        f"Weights of ratio {number(found.weight_ratio, 3)} predict a shift of all log-odds by "
        f"{number(found.predicted_shift, 3)}; {_shown(found.observed_shift)} is observed"
    )
    left = f"undoing the ratio leaves {_shown(found.unexplained_shift)} of it"
    verdict = f"{left}: more than chance explains" if off else f"{left}, which chance explains"
    mean = (
        f"The mean risk goes from {percent(found.mean_risk)} to {percent(found.undone_mean_risk)}, "
        f"{percent(found.observed_rate)} observed."
    )
    todo = "Re-estimate calibration-in-the-large on rows without weights: that mends the mean." if off else ""
    return Finding(
        code="RD430", severity="caution" if off else "good", sentence=f"{seen}; {verdict}. {mean}", todo=todo
    )


def _about_slope(found: Distortion) -> Finding:
    off = found.slope_p_value < _CHANCE
    seen = f"Calibration slope {_shown(found.slope)}"
    if not off:
        return Finding(code="RD431", severity="good", sentence=f"{seen}: no change of spread is seen.")
    spread = "too extreme" if found.slope.estimate < 1 else "too flat"
    return Finding(
        code="RD431",
        severity="caution",
        sentence=f"{seen}: the risks are {spread}, which no shift mends. Weights do that to a model of the wrong "
        "form or with a penalty, and noise does it to any fit; a fit without weights tells which.",
        todo="Fit without weights and compare (compare_weighting), or recalibrate slope and intercept on other rows.",
    )


def _about_rest(found: Distortion) -> Finding:
    if isnan(found.residual):
        return Finding(
            code="RD432",
            severity="not applicable",
            sentence="What remains beside shift and slope is not available: too few events or non-events, too few "
            "distinct risks, or risks of exactly 0 or 1 that proved wrong.",
        )
    seen = (
        f"Beside shift and slope the event rate is off by {number(found.residual, 2)} on average "
        f"({number(found.residual_null_mean, 2)} by chance, p {p_value(found.residual_p_value)})"
    )
    if found.residual_p_value >= _CHANCE:
        return Finding(code="RD432", severity="good", sentence=f"{seen}: no bend is seen.")
    todo = "Recalibrate with a curve (isotonic or beta) on other rows, or fit a more flexible model without weights."
    return Finding(code="RD432", severity="caution", sentence=f"{seen}: the curve bends.", todo=todo)


def _verdict(found: Distortion) -> Finding:
    parts = (
        (found.shift_p_value, "the shift is not the predicted one"),
        (found.slope_p_value, "the slope is not 1"),
        (found.residual_p_value, "the curve bends"),
    )
    wrong = [words for p, words in parts if p < _CHANCE]
    if not wrong:
        return Finding(
            code="RD433",
            severity="good",
            sentence="These rows do not tell the distortion from the pure shift that the weights predict; "
            "undo_class_weight takes it away.",
            todo="Undo the weights, or fit without them; put costs into the decision.",
        )
    return Finding(
        code="RD433",
        severity="issue",
        sentence=f"Undoing the weights does not make these risks right: {' and '.join(wrong)}. It is exact only for an "
        "unpenalised model that contains the true log-odds; part of this may be the model's own, weights or not.",
        todo="Fit without weights, or recalibrate on rows of natural prevalence.",
    )


def _shown(estimate: Estimate) -> str:
    return f"{number(estimate.estimate, 3)} ({interval(estimate.low, estimate.high, 3)})"
