"""What one scheme did to the risks: shift, standard errors, threshold, shape, and what undoing mends."""

from __future__ import annotations

from math import isnan, log
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.table import number, p_value, percent
from riskdec.weighting.conclusions.clauses import Clause
from riskdec.weighting.conclusions.phrases import excludes, factor, shown

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
) -> Iterator[Clause]:
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
    yield _about_shift(scheme, none, raw)
    if shifts and scheme.way != "undersample":
        yield _about_standard_errors(scheme, shifts)
    yield _about_threshold(scheme, raw)
    yield _about_shape(scheme, none, raw, shape_test)
    if undone is not None:
        yield _about_undoing(scheme, none, raw, undone)


def _about_shift(scheme: Scheme, none: WeightingRow, raw: WeightingRow) -> Clause:
    visible = excludes(raw.mean_error, 0)
    expected = f"the log of the ratio {number(raw.weight_ratio, 3)}, {number(log(raw.weight_ratio), 3)}"
    moved = f"log-odds expected to move by about {expected}"
    if not isnan(raw.citl_difference.estimate):
        moved = f"log-odds moved by {number(-raw.citl_difference.estimate, 3)} in the large, expected {expected}"
    times = number(raw.mean_risk / raw.observed_rate, 3)
    return Clause(
        code="RD401",
        severity="issue" if visible else "caution",
        lead=f"Mean predicted risk against {percent(raw.observed_rate)} observed and {percent(none.mean_risk)} "
        "without weights",
        about=f"{scheme.name!r} {percent(raw.mean_risk)}, {times} times as high as observed ({moved})",
        tail="" if visible else "On these rows this is not told from chance.",
        todo="Take the risks without weights, and say what errors cost where decisions are made: decide(costs=...).",
    )


def _about_standard_errors(scheme: Scheme, shifts: Sequence[CoefficientShift]) -> Clause:
    slopes = [shift for shift in shifts if shift.name != "Intercept"] or list(shifts)
    factors = [shift.robust_se / shift.naive_se for shift in slopes]
    taken = "weights scaled to mean one for counts of independent rows"
    if scheme.way == "oversample":
        taken = "copies of a row for new rows"
    return Clause(
        code="RD402",
        severity="caution",
        lead=f"Naive standard errors, which take {taken}, do not hold",
        about=f"{scheme.name!r} {factor(float(np.median(factors)))} (median; robust ones, by group where groups are "
        f"given, are {number(min(factors), 3)} to {number(max(factors), 3)} times as large)",
        tail="The robust ones are used.",
        todo="Do not use likelihood-ratio tests, AIC or profile intervals of a weighted fit.",
    )


def _about_threshold(scheme: Scheme, raw: WeightingRow) -> Clause:
    share, cut = raw.agreement_with_mle_cut, number(1 / (1 + raw.weight_ratio), 3)
    alike = share >= _ALIKE
    return Clause(
        code="RD403",
        severity="good" if alike else "caution",
        lead="Cutting the unweighted risks at 1 / (1 + ratio) gives the same decision as cutting the weighted ones at "
        "0.5",
        about=f"{scheme.name!r} in {percent(share)} of the held-out rows (cut {cut})",
        tail="The weights did what a threshold does." if alike else "The fits differ by more than a threshold.",
    )


def _about_shape(scheme: Scheme, none: WeightingRow, raw: WeightingRow, shape_test: ShapeTest | None) -> Clause:
    difference = raw.slope_difference
    seen = (
        f"calibration slope {number(raw.slope.estimate, 3)} against {number(none.slope.estimate, 3)} without weights, "
        f"difference {shown(difference)}"
    )
    if isnan(difference.low):
        seen = "the calibration slope cannot be assessed on these rows"
    if shape_test is not None:
        changed = shape_test.moved
        about = f"{scheme.name!r} p {p_value(shape_test.p_value)}, {seen}"
        lead = "As in a model of the right form, no slope moved by more than chance explains"
        if changed:
            lead = "Slopes moved by more than chance explains, so the form of the model is not that of the data"
    elif isnan(difference.low):
        lead = "The calibration slope cannot be assessed on these rows"
        return Clause("RD404", "not applicable", lead, repr(scheme.name))
    else:
        changed = excludes(difference, 0) and abs(difference.estimate) > _ROUNDING
        about = f"{scheme.name!r} {seen}"
        lead = "The shape of the risks changed too, be it by noise" if changed else "No change of shape was seen"
    todo = "Try a more flexible model without weights: splines, interactions, indicators of missing values."
    return Clause("RD404", "caution" if changed else "good", lead, about, todo=todo if changed else "")


def _about_undoing(scheme: Scheme, none: WeightingRow, raw: WeightingRow, undone: WeightingRow) -> Clause:
    off = excludes(undone.mean_error, 0)
    found = "that is still off" if off else "that these rows do not tell from a right one, which proves nothing"
    citl = ""
    if not isnan(undone.citl.estimate):
        citl = f", calibration-in-the-large {number(raw.citl.estimate, 3)} to {shown(undone.citl)}"
    todo = "Fit without weights. Re-estimating calibration-in-the-large mends the mean, not the shape."
    return Clause(
        code="RD405",
        severity="caution" if off else "good",
        lead=f"Undoing the weights gives a mean risk ({percent(undone.observed_rate)} observed) {found}",
        about=f"{scheme.name!r} {percent(raw.mean_risk)} to {percent(undone.mean_risk)}{citl}, Brier score "
        f"against that without weights {shown(undone.brier_difference)}",
        tail="Undoing keeps the shape of the weighted fit; it is exact only for an unpenalised model that contains the "
        "true log-odds.",
        todo=todo if off else "",
    )
