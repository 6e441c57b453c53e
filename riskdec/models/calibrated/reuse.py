"""Rows used twice where new rows are needed: what can be recognised, and what has to be taken on trust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline

from riskdec._base.codes import warn
from riskdec._base.findings import Finding
from riskdec._base.table import count, percent
from riskdec.errors import TrainingRowsWarning
from riskdec.models.calibrated.contents import content_keys
from riskdec.models.fingerprint import Fingerprint

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray, IntArray
    from riskdec.models.calibrated.splits import Splits


def content_marks(table: Any, n_classes: int) -> FloatArray | None:
    """Give what a fingerprint reads in the place of probabilities, made of what rows hold: shape (n, K).

    Forests and trees give so few different probabilities that these cannot tell rows apart; their contents can. None
    for tables that have no rows and columns of numbers or text.
    """
    keys = content_keys(table)
    if keys is None:
        return None
    between = ((keys >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
    return np.repeat(between[:, np.newaxis], n_classes, axis=1)


def last_step(estimator: Any) -> Any:
    """Give what pipelines and frozen estimators end in, or the estimator itself."""
    while isinstance(estimator, Pipeline | FrozenEstimator):
        estimator = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator.estimator
    return estimator


def find_fingerprint(estimator: Any) -> Fingerprint | None:
    """Give the marks of the rows that a fitted classifier was fitted on; None where it keeps none, as all others do."""
    found = vars(last_step(estimator)).get("fingerprint_")
    return found if isinstance(found, Fingerprint) else None


def say_of_fitted(estimator: Any, table: Any, codes: IntArray) -> tuple[Finding, ...]:
    """Say whether a classifier that came fitted was fitted on the rows that calibrate it, and warn if so.

    Parameters
    ----------
    estimator : fitted classifier
        Its own.
    table : table of n rows
        The rows.
    codes : ndarray of int, shape (n,)
        Place of the outcome of each among the classes.
    """
    marks = find_fingerprint(estimator)
    if marks is None:
        sentence = (
            "The classifier came fitted and keeps no fingerprint: whether it was fitted on these rows cannot be told. "
            "If it was, the calibrator has learned how well it repeats its training rows, not how well it predicts."
        )
        todo = "Make sure that they are new to it, or give a number of folds as cv."
        return (Finding(code="RD513", severity="caution", sentence=sentence, todo=todo),)
    share = marks.share_recognised(np.asarray(estimator.predict_proba(table), dtype=np.float64), codes)
    if share <= 0:
        return ()
    sentence = f"About {percent(share, 0)} of the rows that calibrate the classifier are rows that it was fitted on."
    return (_say_reused(sentence, "Calibrate on rows that it has not seen, or give a number of folds as cv."),)


def say_of_splits(splits: Splits) -> tuple[Finding, ...]:
    """Say what is unusual about the splits, and warn where rows left out are not new."""
    findings = []
    n_splits = len(splits.parts)
    if splits.n_both:
        sentence = f"{splits.n_both} of {n_splits} splits leave out rows that the classifier is fitted on."
        findings.append(_say_reused(sentence, "Give splits whose two sides have no row in common."))
    if splits.n_torn:
        sentence = f"{splits.n_torn} of {n_splits} splits have rows of one group on both sides."
        todo = "Use GroupKFold or another splitter that keeps groups together, or a number of folds."
        warn("RD511", f"{sentence} {todo}", TrainingRowsWarning)
        findings.append(Finding(code="RD511", severity="issue", sentence=sentence, todo=todo))
    if splits.most_times > 1:
        sentence = (
            f"Rows are left out up to {splits.most_times} times; each counts once in all. Standard errors of the "
            "calibrator take its scores for independent and are too small by up to the root of that number."
        )
        findings.append(Finding(code="RD512", severity="caution", sentence=sentence))
    if splits.n_never:
        sentence = f"{count(splits.n_never)} rows are never left out, and have no part in the calibration."
        findings.append(Finding(code="RD512", severity="caution", sentence=sentence))
    return tuple(findings)


def _say_reused(sentence: str, todo: str) -> Finding:
    consequence = "The calibrator learns from risks that are better than on new rows: it will be too trusting."
    warn("RD510", f"{sentence} {consequence} {todo}", TrainingRowsWarning)
    return Finding(code="RD510", severity="issue", sentence=f"{sentence} {consequence}", todo=todo)
