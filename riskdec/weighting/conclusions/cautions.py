"""Sentences about what limits a comparison: equal schemes, penalised fits, missing figures, resampled rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import Finding
from riskdec._base.table import count, number, percent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec.weighting.comparison.coefficients import CoefficientShift
    from riskdec.weighting.comparison.rows import WeightingRow
    from riskdec.weighting.schemes import Scheme


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


def say_hidden() -> Finding:
    """Say that the risks as fitted are not those that the model gives by itself."""
    return Finding(
        code="RD448",
        severity="good",
        sentence="The model divides class weights out of its risks by itself: what is shown as fitted has the weights "
        "put back, what is shown undone are its own risks.",
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


def say_no_weights(scheme: Scheme) -> Finding:
    """Say that a ratio of one is no reweighting."""
    sentence = f"Scheme {scheme.name!r} has the ratio 1: it is no reweighting, and this is the unweighted fit again."
    return Finding(code="RD401", severity="not applicable", sentence=sentence)


def say_sampling(scheme: Scheme, size: int, of: int, shifts: Sequence[CoefficientShift]) -> Finding:
    """Say what resampling did to the training rows."""
    if scheme.way == "smote":
        return Finding(
            code="RD412",
            severity="caution",
            sentence=f"Resampling {scheme.name!r} fits {count(size)} rows, {count(size - of)} of them made up between "
            "neighbours. Made-up rows follow another law than real ones, so no exact map back exists and no 'undone' "
            "row is shown; re-estimating intercept and slope on real rows brings the risks near what they were.",
            todo="Fit the rows as they are.",
        )
    if scheme.way == "oversample":
        return Finding(
            code="RD412",
            severity="not applicable",
            sentence=f"Resampling {scheme.name!r} fits {count(size)} rows, copies included, of {count(of)}: on average "
            f"{number(max(scheme.weights))} of each row of the smaller class. In the limit it is the weight ratio "
            f"{number(scheme.ratio)}, {_chance(scheme)}.",
        )
    slopes = [shift for shift in shifts if shift.name != "Intercept"] or list(shifts)
    wider = ""
    if slopes:
        factor = float(np.median([shift.robust_se / shift.unweighted_se for shift in slopes]))
        wider = f" Standard errors are {number(factor, 3)} times those on all rows (median)."
    rates = ", ".join(f"{label!r}: {number(rate)}" for label, rate in scheme.keep_rates.items())
    return Finding(
        code="RD412",
        severity="caution",
        sentence=f"Resampling {scheme.name!r} throws {count(of - size)} of {count(of)} training rows away "
        f"({percent(1 - size / of)}).{wider}",
        todo=f"Fit all rows without weights. Where they are too many, undo_sampling with keep_rates={{{rates}}} gives "
        "risks back.",
    )


def say_not_recalibrated(n_events: int, n: int) -> Finding:
    """Say why there are no recentred and no recalibrated risks."""
    return Finding(
        code="RD413",
        severity="not applicable",
        sentence="Too few events, or in too few groups, to recalibrate some of the held-out rows by the others "
        f"({count(n_events)} in {count(n)}): no risk is shown recentred or recalibrated.",
        todo="Take more rows, or folds (cv=5).",
    )


def _chance(scheme: Scheme) -> str:
    whole = all(float(copies).is_integer() for copies in scheme.weights)
    return "and with whole numbers of copies nothing is left to chance" if whole else "plus the luck of the draw"
