"""From the responses of a classifier to one calibrator: named, given, or chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.codes import warn
from riskdec._base.findings import Finding
from riskdec._base.table import count, number
from riskdec.calibration import Calibrator, methods
from riskdec.calibration.methods import make_calibrator, scores_for
from riskdec.errors import SeparationError, SeparationWarning
from riskdec.models.calibrated.choosing import choose_calibrator
from riskdec.models.calibrated.responses import learn_scores

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray
    from riskdec.models.calibrated.choice import CalibratorChoice
    from riskdec.models.calibrated.pooled import PooledResponses
    from riskdec.models.calibrated.responses import ClassScores


class Calibrated(NamedTuple):
    """What was learned from responses.

    Attributes
    ----------
    calibrator : Calibrator or None
        None where they are left alone.
    method : str
        Its name; the class of a calibrator that was given.
    scores : ClassScores
        How responses become its scores.
    choice : CalibratorChoice or None
        With method="auto".
    findings : tuple of Finding
        What a reader must know.
    """

    calibrator: Calibrator | None
    method: str
    scores: ClassScores
    choice: CalibratorChoice | None
    findings: tuple[Finding, ...]


def check_method(method: object, asked: str) -> None:
    """Refuse what is no method, and leaving alone what a classifier does not have."""
    methods.check_method(method, name="method", besides=("auto", "none"))
    if asked != "predict_proba" and isinstance(method, str) and method == "none":
        cure = "Name a calibrator of its scores."
        raise refuse("method", "not be 'none' where there are no probabilities to leave alone", f"{asked}", cure)


def calibrate_responses(
    method: Any, pooled: PooledResponses, classes: AnyArray, rng: np.random.Generator
) -> Calibrated:
    """Fit one calibrator to all responses together.

    Parameters
    ----------
    method : str or Calibrator
        Name of a method, "auto", or a calibrator of the caller's, which is copied.
    pooled : PooledResponses
        What the classifier said of rows that it had not seen.
    classes : ndarray of shape (K,)
        Sorted labels.
    rng : Generator
        Deals rows into folds for "auto".
    """
    learned = learn_scores(pooled.responses)
    scores = learned.of(pooled.responses)
    choice, findings = None, _say_certain(learned)
    if isinstance(method, str) and method == "auto":
        choice = choose_calibrator(pooled, scores, classes, rng)
        method, findings = choice.method, (*findings, *choice.findings())
    if isinstance(method, str) and method == "none":
        return _leave_alone(learned, choice, findings)
    calibrator = make_calibrator(method, classes, weight_kind=pooled.weight_kind)
    try:
        calibrator.fit(scores_for(calibrator, scores), pooled.labels, pooled.weight)
    except SeparationError as err:
        if isinstance(method, Calibrator):
            raise
        return _leave_alone(learned, choice, (*findings, _say_separated(method, err)))
    name = type(method).__name__ if isinstance(method, Calibrator) else str(method)
    return Calibrated(calibrator, name, learned, choice, (*findings, *calibrator.findings_))


def _leave_alone(learned: ClassScores, choice: CalibratorChoice | None, findings: tuple[Finding, ...]) -> Calibrated:
    # What is left alone is not kept away from 0 and 1 either.
    said = tuple(finding for finding in findings if finding.code != "RD508")
    return Calibrated(None, "none", learned, choice, said)


def _say_separated(method: str, err: SeparationError) -> Finding:
    """Say that there is no estimate, and warn."""
    sentence = (
        f"The scores tell the classes apart without a mistake, so that {method} has no estimate; the probabilities of "
        "the classifier are left alone."
    )
    warn("RD516", f"{sentence} ({err})", SeparationWarning)
    return Finding(code="RD516", severity="caution", sentence=sentence, todo="Calibrate on more rows.")


def _say_certain(learned: ClassScores) -> tuple[Finding, ...]:
    if not learned.n_certain:
        return ()
    least = number(float(np.exp(learned.floor)), 3)
    sentence = (
        f"{count(learned.n_certain)} rows have a probability of exactly 0, which has no logarithm; all probabilities "
        f"were kept at {least} or more, half of the least other one."
    )
    return (Finding(code="RD508", severity="caution", sentence=sentence),)
