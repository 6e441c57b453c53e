"""What one scheme did to the risks: shift, standard errors, threshold, shape, and what undoing mends."""

from __future__ import annotations

from math import isnan, log
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import Finding
from riskdec._base.table import number, p_value, percent
from riskdec.weighting.comparison.flexible import CHANCE
from riskdec.weighting.conclusions.phrases import excludes, shown, subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskdec.weighting.comparison.coefficients import CoefficientShift, ShapeTest
    from riskdec.weighting.comparison.rows import WeightingRow
    from riskdec.weighting.schemes import Scheme

# From this share of equal decisions on, a threshold is said to do the work of the weights.
_ALIKE = 0.95
# A slope that cannot move moves by rounding.
_ROUNDING = 1e-9


def draw_conclusions(
    scheme: Scheme,
    none: WeightingRow,
    raw: WeightingRow,
    undone: WeightingRow | None,
    shifts: Sequence[CoefficientShift],
    shape_test: ShapeTest | None,
) -> Iterator[Finding]:
    """Say what one scheme did to the risks and the coefficients.

    Parameters
    ----------
    scheme : Scheme
        What was done.
    none, raw, undone : WeightingRow
        The unweighted fit, the weighted one as fitted, and undone; None where there is no map back.
    shifts : sequence of CoefficientShift
        Its coefficients; empty for models without.
    shape_test : ShapeTest or None
        Whether its slopes moved beyond chance.
    """
    yield _about_shift(scheme, none, raw, shifts)
    if shifts and scheme.way != "undersample":
        yield _about_standard_errors(scheme, shifts)
    yield _about_threshold(scheme, raw)
    yield _about_shape(scheme, none, raw, shape_test)
    if undone is not None:
        yield _about_undoing(scheme, none, raw, undone)


def _about_shift(scheme: Scheme, none: WeightingRow, raw: WeightingRow, shifts: Sequence[CoefficientShift]) -> Finding:
    ratio, expected = number(raw.weight_ratio, 3), number(log(raw.weight_ratio), 3)
    times = number(raw.mean_risk / raw.observed_rate, 3)
    moved = f"All log-odds are expected to move by about {expected}, the log of the ratio."
    if not isnan(raw.citl_difference.estimate):
        intercept = [f", the intercept by {number(s.shift, 3)}" for s in shifts if s.name == "Intercept"]
        moved = (
            f"In the large the log-odds moved by {number(-raw.citl_difference.estimate, 3)}{''.join(intercept)}; the "
            f"log of the ratio is {expected}."
        )
    visible = excludes(raw.mean_error, 0)
    return Finding(
        code="RD401",
        severity="issue" if visible else "caution",
        sentence=(
            f"{subject(scheme)} (events count {ratio} times): mean predicted risk {percent(raw.mean_risk)} against "
            f"{percent(raw.observed_rate)} observed, {times} times as high; without weights "
            f"{percent(none.mean_risk)}. {moved}{'' if visible else ' On these rows this is not told from chance.'}"
        ),
        todo="Take the risks without weights, and say what errors cost where decisions are made: decide(costs=...).",
    )


def _about_standard_errors(scheme: Scheme, shifts: Sequence[CoefficientShift]) -> Finding:
    slopes = [shift for shift in shifts if shift.name != "Intercept"] or list(shifts)
    factors = [shift.robust_se / shift.naive_se for shift in slopes]
    middle = float(np.median(factors))
    wrong = f"{number(middle, 3)} times too small" if middle >= 1 else f"{number(1 / middle, 3)} times too large"
    taken = "weights scaled to mean one for counts of independent rows"
    if scheme.way == "oversample":
        taken = "copies of a row for new rows"
    return Finding(
        code="RD402",
        severity="caution",
        sentence=(
            f"{subject(scheme)}: naive standard errors, which take {taken}, are {wrong}: "
            f"robust ones, by group where groups are given, are {number(min(factors), 3)} to "
            f"{number(max(factors), 3)} times as large (median {number(middle, 3)}). The robust ones are used."
        ),
        todo="Do not use likelihood-ratio tests, AIC or profile intervals of a weighted fit.",
    )


def _about_threshold(scheme: Scheme, raw: WeightingRow) -> Finding:
    share, cut = raw.agreement_with_mle_cut, 1 / (1 + raw.weight_ratio)
    alike = share >= _ALIKE
    sentence = (
        f"Cutting the unweighted risks at 1 / (1 + {number(raw.weight_ratio, 3)}) = {number(cut, 3)} gives the same "
        f"decision as {subject(scheme, start=False)} at 0.5 in {percent(share)} of the held-out rows"
    )
    rest = ": the weights did what a threshold does." if alike else ", so the fits differ by more than a threshold."
    return Finding(code="RD403", severity="good" if alike else "caution", sentence=sentence + rest)


def _about_shape(scheme: Scheme, none: WeightingRow, raw: WeightingRow, shape_test: ShapeTest | None) -> Finding:
    seen = (
        f"Calibration slope {number(raw.slope.estimate, 3)} against {number(none.slope.estimate, 3)} without weights, "
        f"difference {shown(raw.slope_difference)} with both fits taken as given."
    )
    if isnan(raw.slope_difference.low):
        seen = "The calibration slope cannot be assessed on these rows."
        if shape_test is None:
            return Finding(code="RD404", severity="not applicable", sentence=f"{subject(scheme)}: {seen}")
    if shape_test is None:
        changed = excludes(raw.slope_difference, 0) and abs(raw.slope_difference.estimate) > _ROUNDING
        verdict = "the shape of the risks changed too, be it by noise" if changed else "no change of shape was seen"
    else:
        changed = shape_test.p_value < CHANCE
        told = f"by more than chance explains (p {p_value(shape_test.p_value)})"
        verdict = f"no slope moved {told}"
        if changed:
            verdict = f"slopes moved {told}, so the form of the model is not that of the data"
    todo = "Try a more flexible model without weights: splines, interactions, indicators of missing values."
    return Finding(
        code="RD404",
        severity="caution" if changed else "good",
        sentence=f"{subject(scheme)}: {verdict}. {seen}",
        todo=todo if changed else "",
    )


def _about_undoing(scheme: Scheme, none: WeightingRow, raw: WeightingRow, undone: WeightingRow) -> Finding:
    off = excludes(undone.mean_error, 0)
    verdict = "so it is still off" if off else "which these rows do not tell from a right one; that proves nothing"
    citl = ""
    if not isnan(undone.citl.estimate):
        citl = (
            f" Calibration-in-the-large goes from {number(raw.citl.estimate, 3)} to {shown(undone.citl)}; without "
            f"weights it is {shown(none.citl)}."
        )
    todo = "Fit without weights. Re-estimating calibration-in-the-large mends the mean, not the shape."
    return Finding(
        code="RD405",
        severity="caution" if off else "good",
        sentence=(
            f"{subject(scheme)}: undoing takes the mean risk from {percent(raw.mean_risk)} to "
            f"{percent(undone.mean_risk)} ({percent(undone.observed_rate)} observed), {verdict}.{citl} "
            "The shape stays that of the weighted fit: the Brier score is that without weights plus "
            f"{shown(undone.brier_difference)}. Undoing is exact only for an unpenalised model that contains the "
            "true log-odds."
        ),
        todo=todo if off else "",
    )
