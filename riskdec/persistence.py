"""Open what `.save` wrote: a closed table from the kind in the file to the class that wrote it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.modelfile import read_model
from riskdec._base.state import unpack_state
from riskdec.errors import ModelFileError

if TYPE_CHECKING:
    import os

    from riskdec._base.modelfile import ModelFile
    from riskdec.calibration import Calibrator

# The file names a kind; these tables alone say which module is imported for it.
_MODELS = {
    "CNNRiskModel": "riskdec.nn",
    "CalibratedRiskModel": "riskdec.models",
    "LogisticRiskModel": "riskdec.models",
    "PooledRiskModel": "riskdec.models",
    "TabularRiskModel": "riskdec.models",
}
_CALIBRATORS = dict.fromkeys(
    (
        "BetaCalibrator",
        "CentredIsotonicCalibrator",
        "CrossVennAbersCalibrator",
        "DirichletCalibrator",
        "IsotonicCalibrator",
        "OneVsRestCalibrator",
        "PlattCalibrator",
        "SplineCalibrator",
        "TemperatureCalibrator",
        "VectorScalingCalibrator",
        "VennAbersCalibrator",
    ),
    "riskdec.calibration",
)
_RULES = {"DeferralCertificate": "riskdec.decisions", "Policy": "riskdec.decisions"}
# What models and calibrators hold.
_PARTS = {
    "CalibratorChoice": "riskdec.models.calibrated.choice",
    "ClassScores": "riskdec.models.calibrated.responses",
    "Finding": "riskdec._base.findings",
    "Fingerprint": "riskdec.models.fingerprint",
    "InsertedFits": "riskdec.calibration.monotone.inserted_fits",
    "LogOddsScale": "riskdec.calibration.door",
    "LogisticMap": "riskdec.calibration.parametric.logistic_map",
    "LogitScale": "riskdec.calibration.multiclass.rows",
    "MixedLogits": "riskdec.calibration.multiclass.linear_logits",
    "RisingSteps": "riskdec.calibration.monotone.rising_steps",
    "ScaledLogits": "riskdec.calibration.multiclass.linear_logits",
    "SoftmaxFit": "riskdec.calibration.multiclass.softmax_newton",
}
# Models that write their own state keep it in the header itself.
_WITH_STATE = ("CNNRiskModel", "LogisticRiskModel", "PooledRiskModel", "TabularRiskModel")
_KINDS = {**_MODELS, **_CALIBRATORS, **_RULES}


def load(path: str | os.PathLike[str]) -> Any:
    """Read a fitted model, a calibrator, a policy or a certificate from the file that its `save` wrote.

    No code in the file is run, nothing outside a closed list of kinds is built, and a file that is damaged,
    is cut off or asks for too much is refused.

    Parameters
    ----------
    path : str or path
        The model file.

    Returns
    -------
    risk model, calibrator, Policy or DeferralCertificate
        Of the class that was saved; it gives the same numbers.

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
        return wanted.from_state(found.header, found.arrays)
    built = unpack_state(found.header["state"], found.arrays, _find_class)
    if type(built) is not wanted:
        message = f"a {type(built).__name__} in a file of the kind {kind}"
        raise TypeError(message)
    if kind in _CALIBRATORS:
        _try_out(built)
    return built


def _find_class(name: str) -> Any:
    """Give the class that a file names, out of the tables above and nothing else."""
    room = {**_KINDS, **_PARTS}.get(name)
    if room is None:
        message = f"a {name:.60}, which is no part of a model"
        raise LookupError(message)
    return getattr(import_module(room), name)


def _try_out(calibrator: Calibrator) -> None:
    """Ask for rows of all kinds: a state whose parts do not fit together shows here, and not at the first patient."""
    n_outcomes = len(calibrator.classes_)
    # From one corner of the simplex to the next: every step and knot of a calibrator of probabilities is passed.
    share = np.linspace(0, 1, 101)[:, np.newaxis]
    corners = np.eye(n_outcomes)
    scores = np.concatenate([share * corners[k] + (1 - share) * corners[k - 1] for k in range(n_outcomes)])
    proba = np.asarray(calibrator.predict_proba(scores))
    if proba.shape != scores.shape or not np.isfinite(proba).all() or not ((proba >= 0) & (proba <= 1)).all():
        message = f"a {type(calibrator).__name__} whose probabilities are none"
        raise ValueError(message)
    str(calibrator.summary())
