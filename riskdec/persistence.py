"""Open what `.save` wrote, by a closed table from kind to class; hand what `.save` refuses to skops."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.files import replacing
from riskdec._base.modelfile import read_model
from riskdec._base.optional import require
from riskdec._base.state import unpack_state
from riskdec.calibration.kinds import CALIBRATORS, PARTS
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
_RULES = {"DeferralCertificate": "riskdec.decisions", "Policy": "riskdec.decisions"}
# What models and calibrators hold.
_PARTS = {
    "CalibratorChoice": "riskdec.models.calibrated.choice",
    "ClassScores": "riskdec.models.calibrated.responses",
    "Fingerprint": "riskdec.models.fingerprint",
    **PARTS,
}
# Models that write their own state keep it in the header itself.
_WITH_STATE = ("CNNRiskModel", "LogisticRiskModel", "PooledRiskModel", "TabularRiskModel")
_KINDS = {**_MODELS, **CALIBRATORS, **_RULES}


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


def to_skops(model: Any, path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Write any estimator of riskdec with skops, classifiers of other libraries inside it included.

    Model files of riskdec hold no code and therefore no foreign classifier: a `TabularRiskModel` with another learner,
    a `CalibratedRiskModel` around one, a `DecisionClassifier`. skops stores these as the parts that they are made of,
    and its reader builds a part only if the one who loads the file says that its type is trusted.

    Parameters
    ----------
    model : estimator
        A fitted one.
    path : str or path
        Where to write; hubs of models expect the ending .skops.

    Returns
    -------
    tuple of str
        The types that whoever loads the file has to look at and to trust, beyond those that skops trusts by itself:
        ``skops.io.load(path, trusted=[...])``.

    Raises
    ------
    MissingExtraError
        If skops is not installed.
    """
    skops = require("skops.io", extra="skops", caller="to_skops")
    target = Path(path)
    content: bytes = skops.dumps(model)
    with replacing(target) as stream:
        stream.write(content)
    return tuple(sorted(skops.get_untrusted_types(data=content)))


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
    if kind in CALIBRATORS:
        _try_out(built)
    elif built.calibrator_ is not None:
        if built.classes_.tolist() != built.calibrator_.classes_.tolist():
            message = "a calibrator of other outcomes than the model's"
            raise ValueError(message)
        _try_out(built.calibrator_)
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
