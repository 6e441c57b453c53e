"""Responses of a classifier to rows that it was not fitted on, pooled over all folds for one calibrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.progress import progress
from riskdec.models.calibrated.fitting import fit_fresh
from riskdec.models.calibrated.responses import Responses, respond
from riskdec.models.calibrated.rows import take

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray, FloatArray, IntArray, WeightKind
    from riskdec.models.calibrated.rows import CalibrationRows
    from riskdec.models.calibrated.splits import Splits


class PooledResponses(NamedTuple):
    """Responses to m rows, and what belongs to them.

    Attributes
    ----------
    responses : Responses of m rows
        What the classifier said.
    labels : ndarray of shape (m,)
        Outcomes as the caller writes them.
    codes : ndarray of int, shape (m,)
        Place of each among the classes.
    weight : ndarray of shape (m,) or None
        Row weights.
    weight_kind : {"frequency", "importance"}
        Their meaning.
    units : ndarray of int, shape (m,), or None
        Rows of one number belong together: those of one group, or the same row predicted several times.
    """

    responses: Responses
    labels: AnyArray
    codes: IntArray
    weight: FloatArray | None
    weight_kind: WeightKind
    units: IntArray | None


def cross_fit(estimator: Any, table: Any, rows: CalibrationRows, splits: Splits, *, method: str) -> PooledResponses:
    """Fit a clone on the rows of each split, and ask it about those left out.

    Parameters
    ----------
    estimator : classifier
        Copied, never fitted itself.
    table : table of n rows
        In the kind that it takes.
    rows : CalibrationRows
        What belongs to them.
    splits : Splits
        Which rows it is fitted on, and which are left out.
    method : {"predict_proba", "decision_function"}
        What it is asked.
    """
    found = []
    parts = [split for split in splits.parts if len(split.outside.rows)]
    for inside, outside in progress(parts, label="folds of the calibration", total=len(parts), are_fits=True):
        fitted = fit_fresh(
            estimator,
            take(table, inside.rows),
            rows.labels[inside.rows],
            weight=inside.weight,
            groups=None if rows.groups is None else rows.groups[inside.rows],
        )
        found.append(respond(fitted, take(table, outside.rows), method=method, n_classes=len(rows.classes)))
    place = np.concatenate([split.outside.rows for split in parts])
    weights = [split.outside.weight for split in parts if split.outside.weight is not None]
    repeated = splits.most_times > 1
    pooled = np.concatenate([one.log_proba for one in found])
    return _pool(
        Responses(pooled, found[0].are_probabilities),
        rows,
        place,
        weight=np.concatenate(weights) if weights else None,
        # Parts of a row are no counts.
        kind="importance" if repeated else rows.weight_kind,
        units=place if repeated and rows.groups is None else None,
    )


def ask_fitted(estimator: Any, table: Any, rows: CalibrationRows, *, method: str) -> PooledResponses:
    """Ask a classifier that is fitted already."""
    responses = respond(estimator, table, method=method, n_classes=len(rows.classes))
    return _pool(responses, rows, np.arange(len(rows.codes)), weight=rows.weight, kind=rows.weight_kind, units=None)


def _pool(
    responses: Responses,
    rows: CalibrationRows,
    place: IntArray,
    *,
    weight: FloatArray | None,
    kind: WeightKind,
    units: IntArray | None,
) -> PooledResponses:
    lacking = np.asarray(np.isnan(responses.log_proba).any(axis=1))
    if lacking.any():
        got = f"{int(lacking.sum())} of {len(lacking)} rows without one"
        raise refuse("the responses of the estimator", "be numbers", got, "Complete these rows, or leave them out.")
    groups = rows.groups if units is None else None
    return PooledResponses(
        responses=responses,
        labels=rows.labels[place],
        codes=rows.codes[place],
        weight=weight,
        weight_kind=kind,
        units=units if groups is None else groups[place],
    )
