"""A model's own risks, diagnosed: rows without a risk left out, training rows recognised."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.findings import sort_findings
from riskdec._base.result import with_frame_kind
from riskdec._base.table import percent
from riskdec.models.doors.incomplete import left_out_of_diagnosis
from riskdec.models.outcome_codes import outcome_codes, refuse_strange

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import AnyArray, FloatArray, FrameKind
    from riskdec.models.fingerprint import RowMarks

_NEARLY_ALL = 0.95


def diagnose_probabilities(
    proba: FloatArray,
    labels: Any,
    *,
    classes: AnyArray,
    event: object,
    marks: RowMarks | None,
    kind: FrameKind,
    by_row: Mapping[str, Any],
    options: Mapping[str, Any],
) -> Any:
    """Diagnose what a model gave for rows.

    Parameters
    ----------
    proba : ndarray of shape (n, K)
        Its probabilities; nan in rows that it cannot predict.
    labels : array-like of shape (n,)
        What happened.
    classes : ndarray of shape (K,)
        The label of each column.
    event : label or None
        The outcome to diagnose; None for all of more than two.
    marks : RowMarks or None
        What recognises the rows that the model was fitted on.
    kind : {"pandas", "polars", "pyarrow"}
        Library of the report's frames.
    by_row : mapping of str to array-like or None
        Options of `riskdec.diagnose` with one entry per row.
    options : mapping
        Its other options.

    Returns
    -------
    CalibrationReport or MulticlassCalibrationReport
    """
    from riskdec.diagnostics import diagnose
    from riskdec.diagnostics.apparent import as_apparent

    known, given, codes = ~np.isnan(proba[:, 0]), proba, outcome_codes(np.asarray(labels), classes)
    of_known = codes
    if not known.all():
        proba, labels, of_known = proba[known], np.asarray(labels)[known], codes[known]
        by_row = {name: None if part is None else np.asarray(part)[known] for name, part in by_row.items()}
    if len(classes) > 2:
        refuse_strange(np.asarray(labels), of_known, classes)
        report = diagnose(labels, proba, event=event, outcomes=classes.tolist(), **by_row, **options)
    else:
        risk = np.ascontiguousarray(proba[:, classes.tolist().index(event)])
        report = diagnose(labels, risk, event=event, **by_row, **options)
    share = 0.0
    if marks is not None:
        share = marks.share_recognised(given, codes)
    if share > 0:
        report = as_apparent(report, _recognised(share))
    findings = sort_findings((*report.findings, *left_out_of_diagnosis(known)))
    return with_frame_kind(replace(report, findings=findings), kind)


def _recognised(share: float) -> str:
    what = "These are rows" if share >= _NEARLY_ALL else f"About {percent(share, 0)} of these rows are rows"
    return (
        f"{what} that the model was fitted on, as the fingerprint of its training rows tells. Every figure is "
        "apparent, that is better than on new rows: intervals, bands and p-values are withheld."
    )
