"""A certificate for a model's own risks: rows that it was fitted on are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_labels, check_length, refuse
from riskdec._base.table import percent
from riskdec.models.outcome_codes import known_outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import AnyArray, FloatArray
    from riskdec.decisions import DeferralCertificate
    from riskdec.models.fingerprint import RowMarks


def certify_rows(
    proba: FloatArray,
    y: object,
    *,
    classes: AnyArray,
    event: object,
    marks: RowMarks | None,
    options: Mapping[str, Any],
) -> DeferralCertificate:
    """Certify deferral by what a model gave for rows.

    Parameters
    ----------
    proba : ndarray of shape (n, K)
        Its probabilities.
    y : array-like of shape (n,)
        What happened.
    classes : ndarray of shape (K,)
        The label of each column.
    event : label
        The class that is the event.
    marks : RowMarks or None
        What recognises the rows that the model was fitted on.
    options : mapping
        Options of `riskdec.certify_deferral`.

    Raises
    ------
    InputError
        For rows recognised as training rows, rows without a risk, and labels that are none of the classes.
    """
    from riskdec.decisions import certify_deferral

    labels = check_labels(y, name="y")
    check_length(labels, len(proba), name="y")
    lacking = np.isnan(proba[:, 0])
    if lacking.any():
        got = f"{int(lacking.sum())} of {len(lacking)} rows that lack a value and have no risk"
        cure = "Leave them out: the certificate is then about rows that have a risk."
        raise refuse("X", "be complete for a certificate", got, cure)
    codes = known_outcomes(labels, classes)
    share = 0.0 if marks is None else marks.share_recognised(proba, codes)
    if share > 0:
        cure = "A certificate needs cases that had no part in fitting, tuning or recalibrating the model."
        raise refuse("X", "hold new rows only", f"about {percent(share, 0)} rows that the model was fitted on", cure)
    place = classes.tolist().index(event)
    certificate = certify_deferral(codes == place, np.ascontiguousarray(proba[:, place]), **options)
    # So that it reads both columns of this model's probabilities as it read them here.
    return replace(certificate, event_column=place) if len(classes) == 2 else certificate
