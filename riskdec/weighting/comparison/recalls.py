"""Recall-driven schemes: the recalls of the unweighted fit on training rows left out, turned into weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_number
from riskdec._base.table import number
from riskdec.resampling.procedure import take_rows
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
    fold = deal_folds(outcome.is_event, training.groups, _N_FOLDS, rng)
    risk = np.empty(len(fold))
    for held_out in range(_N_FOLDS):
        inside, others = np.flatnonzero(fold == held_out), np.flatnonzero(fold != held_out)
        groups = None if training.groups is None else np.unique(training.groups[others], return_inverse=True)[1]
        fitted = fit_scheme(
            estimator,
            take_rows(training.X, others),
            training.labels[others],
            none,
            is_event=outcome.is_event[others],
            groups=groups,
        )
        risk[inside] = predict_event(fitted, take_rows(training.X, inside), outcome.event)
    flagged = risk >= 0.5
    found = (~flagged[~outcome.is_event]).mean(), flagged[outcome.is_event].mean()
    return {non_event: float(found[0]), outcome.event: float(found[1])}


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
