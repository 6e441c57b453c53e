"""What a comparison of weighting schemes has to say, in coded sentences."""

from __future__ import annotations

from math import isclose, isnan, log
from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import Finding
from riskdec._base.table import interval, number, p_value, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from riskdec._base.result import Estimate
    from riskdec._base.typing import Severity
    from riskdec.weighting.answer import CoefficientShift, ShapeTest, WeightingRow

# From this share of equal decisions on, a threshold is said to do the work of the weights.
_ALIKE = 0.95
# Below this p-value shifts of slopes are not put down to chance.
_CHANCE = 0.05
# A slope that cannot move moves by rounding.
_ROUNDING = 1e-9


def draw_conclusions(
    none: WeightingRow,
    raw: WeightingRow,
    undone: WeightingRow,
    shifts: Sequence[CoefficientShift],
    shape_test: ShapeTest | None,
) -> Iterator[Finding]:
    """Say what one scheme did.

    Parameters
    ----------
    none, raw, undone : WeightingRow
        The unweighted fit, the weighted one as fitted, and undone.
    shifts : sequence of CoefficientShift
        Its coefficients; empty for models without.
    shape_test : ShapeTest or None
        Whether its slopes moved beyond chance.
    """
    if isclose(raw.weight_ratio, 1, rel_tol=1e-9):
        sentence = f"{_weights(raw)} have the ratio 1: they are no weights, and this is the unweighted fit again."
        yield Finding(code="RD401", severity="not applicable", sentence=sentence)
        return
    yield _about_shift(none, raw, shifts)
    if shifts:
        yield _about_standard_errors(raw, shifts)
    yield _about_threshold(raw)
    yield _about_shape(none, raw, shape_test)
    yield _about_undoing(none, raw, undone)
    yield from _about_cost(none, raw, undone)


def _about_shift(none: WeightingRow, raw: WeightingRow, shifts: Sequence[CoefficientShift]) -> Finding:
    ratio, expected = number(raw.weight_ratio, 3), number(log(raw.weight_ratio), 3)
    times = number(raw.mean_risk / raw.observed_rate, 3)
    moved = f"All log-odds are expected to move by about {expected}, the log of the ratio."
    if not isnan(raw.citl_difference.estimate):
        intercept = [f", the intercept by {number(s.shift, 3)}" for s in shifts if s.name == "Intercept"]
        moved = (
            f"In the large the log-odds moved by {number(-raw.citl_difference.estimate, 3)}{''.join(intercept)}; the "
            f"log of the ratio is {expected}."
        )
    visible = _excludes(raw.mean_error, 0)
    return Finding(
        code="RD401",
        severity="issue" if visible else "caution",
        sentence=(
            f"{_weights(raw)} (events count {ratio} times): mean predicted risk {percent(raw.mean_risk)} against "
            f"{percent(raw.observed_rate)} observed, {times} times as high; without weights "
            f"{percent(none.mean_risk)}. {moved}{'' if visible else ' On these rows this is not told from chance.'}"
        ),
        todo="Take the risks without weights, and say what errors cost where decisions are made: decide(costs=...).",
    )


def _about_standard_errors(raw: WeightingRow, shifts: Sequence[CoefficientShift]) -> Finding:
    slopes = [shift for shift in shifts if shift.name != "Intercept"] or list(shifts)
    factors = [shift.robust_se / shift.naive_se for shift in slopes]
    middle = float(np.median(factors))
    wrong = f"{number(middle, 3)} times too small" if middle >= 1 else f"{number(1 / middle, 3)} times too large"
    return Finding(
        code="RD402",
        severity="caution",
        sentence=(
            f"{_weights(raw)}: naive standard errors, which take weights scaled to mean one for counts of independent "
            f"rows, are {wrong}: robust ones, by group where groups are given, are {number(min(factors), 3)} to "
            f"{number(max(factors), 3)} times as large (median {number(middle, 3)}). The robust ones are used."
        ),
        todo="Do not use likelihood-ratio tests, AIC or profile intervals of a weighted fit.",
    )


def _about_threshold(raw: WeightingRow) -> Finding:
    share, cut = raw.agreement_with_mle_cut, 1 / (1 + raw.weight_ratio)
    alike = share >= _ALIKE
    sentence = (
        f"Cutting the unweighted risks at 1 / (1 + {number(raw.weight_ratio, 3)}) = {number(cut, 3)} gives the same "
        f"decision as {_weights(raw, start=False)} at 0.5 in {percent(share)} of the held-out rows"
    )
    rest = ": the weights did what a threshold does." if alike else ", so the fits differ by more than a threshold."
    return Finding(code="RD403", severity="good" if alike else "caution", sentence=sentence + rest)


def _about_shape(none: WeightingRow, raw: WeightingRow, shape_test: ShapeTest | None) -> Finding:
    seen = (
        f"Calibration slope {number(raw.slope.estimate, 3)} against {number(none.slope.estimate, 3)} without weights, "
        f"difference {_shown(raw.slope_difference)} with both fits taken as given."
    )
    if isnan(raw.slope_difference.low):
        seen = "The calibration slope cannot be assessed on these rows."
        if shape_test is None:
            return Finding(code="RD404", severity="not applicable", sentence=f"{_weights(raw)}: {seen}")
    if shape_test is None:
        changed = _excludes(raw.slope_difference, 0) and abs(raw.slope_difference.estimate) > _ROUNDING
        verdict = "the shape of the risks changed too, be it by noise" if changed else "no change of shape was seen"
    else:
        changed = shape_test.p_value < _CHANCE
        told = f"by more than chance explains (p {p_value(shape_test.p_value)})"
        verdict = f"no slope moved {told}"
        if changed:
            verdict = f"slopes moved {told}, so the form of the model is not that of the data"
    todo = "Try a more flexible model without weights: splines, interactions, indicators of missing values."
    return Finding(
        code="RD404",
        severity="caution" if changed else "good",
        sentence=f"{_weights(raw)}: {verdict}. {seen}",
        todo=todo if changed else "",
    )


def _about_undoing(none: WeightingRow, raw: WeightingRow, undone: WeightingRow) -> Finding:
    off = _excludes(undone.mean_error, 0)
    verdict = "so it is still off" if off else "which these rows do not tell from a right one; that proves nothing"
    citl = ""
    if not isnan(undone.citl.estimate):
        citl = (
            f" Calibration-in-the-large goes from {number(raw.citl.estimate, 3)} to {_shown(undone.citl)}; without "
            f"weights it is {_shown(none.citl)}."
        )
    todo = "Fit without weights. Re-estimating calibration-in-the-large mends the mean, not the shape."
    return Finding(
        code="RD405",
        severity="caution" if off else "good",
        sentence=(
            f"{_weights(raw)}: undoing takes the mean risk from {percent(raw.mean_risk)} to "
            f"{percent(undone.mean_risk)} ({percent(undone.observed_rate)} observed), {verdict}.{citl} "
            "The shape stays that of the weighted fit: the Brier score is that without weights plus "
            f"{_shown(undone.brier_difference)}. Undoing is exact only for an unpenalised model that contains the "
            "true log-odds."
        ),
        todo=todo if off else "",
    )


def _about_cost(none: WeightingRow, raw: WeightingRow, undone: WeightingRow) -> Iterator[Finding]:
    for row, state in ((raw, "as fitted"), (undone, "undone")):
        change = row.cost_difference
        if change is None:
            continue
        costs = (
            f"{_weights(raw)}, {state}: decisions cost {number(row.mean_realised_cost)} per row against "
            f"{number(none.mean_realised_cost)} without weights, difference {_shown(change)}"
        )
        if not _excludes(change, 0):
            sentence = f"{costs}, not told from chance on these rows."
            yield Finding(code="RD407", severity="good", sentence=sentence)
        elif change.estimate < 0:
            todo = "Try a more flexible model without weights. If the gain stays, keep the weights and say so."
            sentence = (
                f"{costs}. Weighting helped here, as it can where a model of the wrong form is bent to be right near "
                "the cut that matters."
            )
            yield Finding(code="RD407", severity="caution", sentence=sentence, todo=todo)
        else:
            twice = ": costs count twice, in the weights and in the decision" if row is raw else ""
            severity: Severity = "issue" if row is raw else "caution"
            sentence = f"{costs}. Weighting did harm{twice}."
            yield Finding(code="RD407", severity=severity, sentence=sentence, todo="Decide on risks without weights.")


def say_same_fit(scheme: str, other: str) -> Finding:
    """Say that two schemes have the same ratio."""
    sentence = f"Weights {scheme!r} are the same fit as {other!r}: only the ratio of the weights matters."
    return Finding(code="RD401", severity="not applicable", sentence=sentence)


def say_fallback(schemes: Sequence[str]) -> Finding:
    """Say which fits are not maximum likelihood because the outcomes are separated."""
    named = ", ".join(map(repr, schemes))
    return Finding(
        code="RD406",
        severity="caution",
        sentence=f"The outcomes are separated: the fits under {named} are penalised (Firth), not maximum likelihood, "
        "so weights do not act as a pure shift and undoing is approximate.",
        todo="Drop or join the columns that separate, or take more rows.",
    )


def say_none_above(rows: Sequence[WeightingRow]) -> Finding:
    """Say where no risk reaches 0.5, so that there is no precision."""
    named = ", ".join(repr(row.name) for row in rows)
    return Finding(
        code="RD205",
        severity="not applicable",
        sentence=f"No held-out risk of {named} reaches 0.5, so there is no precision there. Honest risks of a rare "
        "event stay low; 0.5 is the right cut only where a miss costs as much as a false alarm.",
        todo="Decide at the cut that follows from the costs.",
    )


def say_certain(rows: Sequence[WeightingRow]) -> Finding:
    """Say where the log score is infinite."""
    named = ", ".join(repr(row.name) for row in rows)
    return Finding(
        code="RD206",
        severity="issue",
        sentence=f"The log score of {named} is infinite: what was given probability 0 happened.",
        todo="A model that is certain and wrong has to be calibrated before its risks are used.",
    )


def say_not_assessable(names: Sequence[str], obstacle: str) -> Finding:
    """Say why calibration measures or their intervals are missing."""
    named = ", ".join(map(repr, names))
    sentence = f"Calibration-in-the-large and slope of {named} cannot be assessed in full: {obstacle}."
    return Finding(code="RD207", severity="not applicable", sentence=sentence)


def _weights(raw: WeightingRow, *, start: bool = True) -> str:
    return f"{'Weights' if start else 'weights'} {raw.scheme!r}"


def _shown(estimate: Estimate) -> str:
    return f"{number(estimate.estimate, 3)} ({interval(estimate.low, estimate.high, 3)})"


def _excludes(estimate: Estimate, value: float) -> bool:
    return estimate.low > value or estimate.high < value
