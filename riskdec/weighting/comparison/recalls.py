"""Recall-driven schemes: the recalls of the unweighted fit on training rows left out, turned into weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_number
from riskdec._base.progress import progress
from riskdec._base.table import number
from riskdec.weighting.fitting import fit_scheme, predict_event
from riskdec.weighting.schemes import Scheme, recall_driven_weights
from riskdec.weighting.split import deal_folds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec.weighting.door import Rows

_N_FOLDS = 5


def measure_recalls(estimator: Any, training: Rows, rng: np.random.Generator) -> dict[Any, float]:
    """Give the share of each class that the unweighted fit finds at 0.5 among training rows left out in five folds."""
    outcome = training.outcome
    non_event = next(label for label in outcome.classes.tolist() if label != outcome.event)
    none = Scheme(name="none", labels=(non_event, outcome.event), weights=(1.0, 1.0))
    units = training.units
    groups = None if training.groups is None else training.groups[units]
    fold = deal_folds(outcome.is_event[units], groups, _N_FOLDS, rng)
    found, total = np.zeros(2), np.zeros(2)
    for held_out in progress(range(_N_FOLDS), label="folds that measure recalls", total=_N_FOLDS, are_fits=True):
        inside, others = (training.gather(units[part]) for part in (fold == held_out, fold != held_out))
        fitted = fit_scheme(
            estimator,
            others.X,
            others.labels,
            none,
            is_event=others.outcome.is_event,
            groups=others.groups,
            weights=others.weights,
        )
        happened = inside.outcome.is_event
        right = (predict_event(fitted, inside.X, outcome.event) >= 0.5) == happened
        for place, rows in enumerate((~happened, happened)):
            found[place] += inside.weights.sum(rows & right)
            total[place] += inside.weights.sum(rows)
    recall = found / total
    return {non_event: float(recall[0]), outcome.event: float(recall[1])}


def measure_schemes(estimator: Any, training: Rows, wanted: Sequence[object], rng: np.random.Generator) -> list[object]:
    """Put weights, with a name, in the place of recall-driven schemes; the others stay as they are."""
    powers = [scheme[1] if _is_recall_driven(scheme) else None for scheme in wanted]  # type: ignore[index]  # a pair
    if all(power is None for power in powers):
        return list(wanted)
    strengths = [
        None if power is None else check_number(power, name="the power of 'recall_driven'") for power in powers
    ]
    recalls = measure_recalls(estimator, training, rng)
    return [
        scheme if power is None else (recall_name(power), recall_driven_weights(recalls, power=power))
        for scheme, power in zip(wanted, strengths, strict=True)
    ]


def recall_name(power: float) -> str:
    """Name the scheme by its power."""
    return f"recall-driven, power {number(power)}"


def _is_recall_driven(scheme: object) -> bool:
    return isinstance(scheme, tuple) and len(scheme) == 2 and scheme[0] == "recall_driven"
