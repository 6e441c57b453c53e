"""Open what `.save` wrote, by a closed table from kind to class."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import choose_event
from riskdec._base.kept import Kept, check_kept
from riskdec._base.modelfile import read_model
from riskdec._base.state import unpack_state
from riskdec.calibration.kinds import CALIBRATORS, PARTS
from riskdec.decisions import as_costs
from riskdec.errors import ModelFileError

if TYPE_CHECKING:
    import os

    from riskdec._base.modelfile import ModelFile
    from riskdec._base.typing import AnyArray
    from riskdec.calibration import Calibrator

# The file names a kind; these tables alone say which module is imported for it.
_MODELS = {
    "CNNRiskModel": "riskdec.nn",
    "CalibratedRiskModel": "riskdec.models",
    "DecisionClassifier": "riskdec.models",
    "LogisticRiskModel": "riskdec.models",
    "PooledRiskModel": "riskdec.models",
    "TabularRiskModel": "riskdec.models",
}
_RULES = {"DeferralCertificate": "riskdec.decisions", "Policy": "riskdec.decisions"}
_KEPT = {
    "AlarmCertificate": "riskdec.detection",
    "CalibrationSums": "riskdec.diagnostics",
    "CostCertificate": "riskdec.decisions",
    "DecisionOffsets": "riskdec.decisions",
    "PrevalenceEstimate": "riskdec.calibration",
    "RecallFloors": "riskdec.decisions",
    "SceneScans": "riskdec.detection",
    "ScoreSums": "riskdec.calibration",
    "UpdatingLadder": "riskdec.calibration",
}
_DETECTOR = {"SlidingWindowDetector": "riskdec.detection"}
# What models and calibrators hold.
_PARTS = {
    "CalibratorChoice": "riskdec.models.calibrated.choice",
    "CaseCosts": "riskdec.decisions",
    "ClassScores": "riskdec.models.calibrated.responses",
    "CostMatrix": "riskdec.decisions",
    "CostRanges": "riskdec.decisions",
    "Estimate": "riskdec._base.result",
    "Fingerprint": "riskdec.models.fingerprint",
    "FittedRiskModel": "riskdec.models",
    "LabelShiftTest": "riskdec.calibration",
    "UpdatingRung": "riskdec.calibration",
    **PARTS,
}
# Models that write their own state keep it in the header itself.
_WITH_STATE = ("CNNRiskModel", "LogisticRiskModel", "PooledRiskModel", "TabularRiskModel")
# Numbers that go into a trial at most.
_MOST_CELLS = 1_000_000
_KINDS = {**_MODELS, **CALIBRATORS, **_RULES, **_KEPT, **_DETECTOR}


def load(path: str | os.PathLike[str]) -> Any:
    """Read what has a `save` from the file that it wrote: models, calibrators, detectors, decision rules, certificates.

    No code in the file is run, nothing outside a closed list of kinds is built, and a file that is damaged,
    is cut off or asks for too much is refused.

    Parameters
    ----------
    path : str or path
        The model file.

    Returns
    -------
    object
        Of the class that was saved; it gives the same numbers. A risk model or `DecisionClassifier`, a calibrator, a
        `SlidingWindowDetector`; a `Policy`, `DecisionOffsets` or `RecallFloors`; a `DeferralCertificate`,
        `CostCertificate` or `AlarmCertificate`; a `PrevalenceEstimate` or `UpdatingLadder`; `ScoreSums`,
        `CalibrationSums` or `SceneScans`.

    Raises
    ------
    ModelFileError
        If the file is not a riskdec model, is damaged, or comes from a newer riskdec.
    OSError
        If the file cannot be opened; a `FileNotFoundError` that is a `ModelFileError` too, if there is none.

    Examples
    --------
    >>> import numpy as np
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from riskdec import LogisticRiskModel, load
    >>> X, y = np.arange(6.0)[:, np.newaxis], [0, 1, 0, 0, 1, 1]
    >>> model = LogisticRiskModel().fit(X, y)
    >>> with TemporaryDirectory() as folder:
    ...     same = load(model.save(Path(folder, "model.riskdec")))
    >>> bool((same.predict_risk(X) == model.predict_risk(X)).all())
    True
    """
    found = read_model(path)
    if found.kind not in _KINDS:
        known = "a model, a calibrator, a policy or a certificate that this riskdec knows"
        message = f"{path} must hold {known}; got {found.kind[:100]!r}. Upgrade riskdec if it is newer."
        raise ModelFileError(message)
    try:
        return _build(found)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as err:
        message = (
            f"{path} must hold the state of a {found.kind}; got a header that does not fit ({err!r:.200}). "
            "Save the model again with this version of riskdec."
        )
        raise ModelFileError(message) from err


def _build(found: ModelFile) -> Any:
    kind, wanted = found.kind, _find_class(found.kind)
    if kind in _RULES:
        return wanted.from_json(found.header["json"])
    if kind in _WITH_STATE:
        built = wanted.from_state(found.header, found.arrays)
    else:
        built = unpack_state(found.header["state"], found.arrays, _find_class)
    if kind in _DETECTOR:
        # Its constructor is the door: every option is checked there.
        built = wanted(**built)
    if type(built) is not wanted:
        message = f"a {type(built).__name__} in a file of the kind {kind}"
        raise TypeError(message)
    if isinstance(built, Kept):
        check_kept(built)
    else:
        _try_parts(built)
    # Neither of these two has a summary.
    if kind not in (*_DETECTOR, "DecisionClassifier"):
        str(built.summary())
    return built


def _try_parts(built: Any) -> None:
    """Try what a calibrator, a model or a detector is made of, as deep as it goes."""
    kind = type(built).__name__
    if kind in CALIBRATORS:
        _try_out(built)
    elif kind == "CNNRiskModel":
        _try_network(built)
    elif kind == "FittedRiskModel":
        _try_parts(built.estimator)
    elif kind in _DETECTOR:
        _try_parts(built.model)
        if built.calibrator is not None:
            _try_out(built.calibrator)
    elif kind == "DecisionClassifier":
        _try_inner(built.estimator_, built.classes_)
        as_costs(built.costs)
        if built.event is not None:
            choose_event(built.classes_, built.event, name="y")
    elif kind == "CalibratedRiskModel":
        _try_inner(built.estimator_, built.classes_)
        if built.calibrator_ is not None:
            _check_outcomes(built.calibrator_, built.classes_)
            _try_out(built.calibrator_)


def _try_inner(model: Any, classes: AnyArray) -> None:
    if type(model).__name__ not in (*_MODELS, "FittedRiskModel"):
        message = f"a {type(model).__name__} where a model should be"
        raise TypeError(message)
    _check_outcomes(model, classes)
    _try_parts(model)


def _check_outcomes(part: Any, classes: AnyArray) -> None:
    if part.classes_.tolist() != classes.tolist():
        message = f"a {type(part).__name__} of other outcomes inside"
        raise ValueError(message)


def _try_network(model: Any) -> None:
    """Ask for a black image, unless it is large: its size need not show in the weights, and may be anything."""
    channels, height, width = model.parts_.shape
    if channels * height * width <= _MOST_CELLS:
        _check_probabilities(model.predict_proba(np.zeros((1, height, width, channels))), "CNNRiskModel")


def _find_class(name: str) -> Any:
    """Give the class that a file names, out of the tables above and nothing else."""
    room = {**_KINDS, **_PARTS}.get(name)
    if room is None:
        message = f"a {name:.60}, which is no part of a model"
        raise LookupError(message)
    return getattr(import_module(room), name)


def _try_out(calibrator: Calibrator) -> None:
    """Ask for rows of all kinds: a state whose parts do not fit together shows here, and not at the first patient."""
    classes = calibrator.classes_
    if not isinstance(classes, np.ndarray) or classes.ndim != 1 or len(classes) < 2:
        message = f"a {type(calibrator).__name__} without labels"
        raise TypeError(message)
    scores = _trial_scores(len(classes))
    proba = np.asarray(calibrator.predict_proba(scores))
    if proba.shape != scores.shape:
        message = f"a {type(calibrator).__name__} of other outcomes than it says"
        raise ValueError(message)
    _check_probabilities(proba, type(calibrator).__name__)
    str(calibrator.summary())


def _trial_scores(n_outcomes: int) -> AnyArray:
    """Go from one corner of the simplex to the next: every step and knot of a calibrator of probabilities is passed."""
    way = 101 * n_outcomes
    # Of very many outcomes only some corners are passed: a trial must not cost more than the file.
    places = np.linspace(0, way - 1, min(way, max(_MOST_CELLS // n_outcomes, 2))).astype(int)
    scores, rows, corner = np.zeros((len(places), n_outcomes)), np.arange(len(places)), places // 101
    scores[rows, corner] = places % 101 / 100
    scores[rows, corner - 1] = 1 - scores[rows, corner]
    return scores


def _check_probabilities(proba: AnyArray, kind: str) -> None:
    if not np.isfinite(proba).all() or not ((proba >= 0) & (proba <= 1)).all():
        message = f"a {kind} whose probabilities are none"
        raise ValueError(message)
