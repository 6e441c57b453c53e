"""What weights cost in precision, in coded sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.findings import Finding
from riskdec._base.table import number, p_value, percent
from riskdec.weighting.conclusions.phrases import factor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from riskdec.weighting.efficiency.answer import WeightingEfficiency

_NO_WEIGHTS = 1e-9


def conclude_efficiency(found: WeightingEfficiency) -> Iterator[Finding]:
    """Say how many rows the weights throw away, or that the two fits estimate different things."""
    if found.comparable is False:
        yield Finding(
            code="RD436",
            severity="caution",
            sentence=f"Efficiency: not comparable. Weights of ratio {number(found.weight_ratio, 3)} moved the slopes "
            f"by more than chance explains (p {p_value(found.shape_p_value)}), so the form of the model is not that of "
            "the data, and the two fits estimate different things.",
            todo="Try a more flexible model without weights: splines, interactions, indicators of missing values.",
        )
    else:
        yield _about_rows(found)
    if found.naive_se is not None and found.robust_se is not None:
        yield _about_errors(found, found.naive_se, found.robust_se)
    if abs(np.log(found.weight_ratio)) > _NO_WEIGHTS:
        yield Finding(
            code="RD438",
            severity="caution",
            sentence="Likelihood-ratio tests, AIC and profile intervals take weighted rows for as many independent "
            "ones and do not hold: with natural weights and 5 % events such a test of a column without effect rejects "
            "in about half of all samples at the 5 % level with weights (1, r), in four of ten with weights of mean "
            "one (docs/simulations/weighted_tests.md).",
            todo="Test without weights, or by robust Wald tests.",
        )


def _about_rows(found: WeightingEfficiency) -> Finding:
    weights = f"these weights (ratio {number(found.weight_ratio, 3)})"
    worst = int(found.efficiency.argmin())
    sentence = (
        f"If the logistic form is right, {weights} estimate the linear predictor as precisely as an unweighted fit on "
        f"{_lost(found.predictor_efficiency, ' rows')}, and the effect of {found.terms[worst]!r}, the "
        f"worst, as one on {_lost(found.efficiency[worst])}. Undersampling in this ratio: "
        f"{_lost(found.undersampling_predictor_efficiency)} for the linear predictor."
    )
    if found.comparable is None:
        sentence += " Whether the form is right was not tested."
    else:
        sentence += f" A test of the form by what weights do to the slopes gives p {p_value(found.shape_p_value)}."
    loses = found.predictor_efficiency < 1 - _NO_WEIGHTS
    todo = "Fit without weights: nothing is gained for this price." if loses else ""
    return Finding(code="RD435", severity="caution" if loses else "good", sentence=sentence, todo=todo)


def _lost(efficiency: float, rows: str = "") -> str:
    """Say how many rows less, or more, an unweighted fit needs for this efficiency."""
    lost = 1 - efficiency
    return f"{percent(abs(lost), 0)} {'fewer' if lost >= 0 else 'more'}{rows}"


def _about_errors(found: WeightingEfficiency, naive: np.ndarray, robust: np.ndarray) -> Finding:
    slopes = np.array(found.terms) != "Intercept"
    factors = (robust / naive)[slopes if slopes.any() else ~slopes]
    low, high = number(float(factors.min()), 3), number(float(factors.max()), 3)
    return Finding(
        code="RD437",
        severity="caution",
        sentence=f"Naive standard errors, with weights of mean one taken for counts of rows, are "
        f"{factor(float(np.median(factors)))} (median; robust ones are {low} to {high} times as large). "
        "Another scale of the weights would give other naive errors, and the same robust ones.",
        todo="Use robust standard errors; LogisticRiskModel does so by itself under class_weight.",
    )
