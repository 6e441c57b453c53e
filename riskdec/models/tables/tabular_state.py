"""A model on tables as a JSON-ready header and arrays, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.modelfile import decode_labels, encode_labels
from riskdec._base.state import pack_state, unpack_state
from riskdec.calibration import Calibrator
from riskdec.calibration.kinds import find_class
from riskdec.errors import ModelFileError
from riskdec.models.regression.logistic import LogisticRiskModel
from riskdec.models.regression.logistic_state import pack_options, unpack_options
from riskdec.models.shrinking.ridge_fit import RidgeFit
from riskdec.models.shrinking.ridge_state import pack_choice, pack_ridge, unpack_choice, unpack_ridge
from riskdec.models.tables.encoding import TableEncoding
from riskdec.models.tables.tabular_estimation import Estimated
from riskdec.models.tables.tabular_rows import Recalibration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import AnyArray
    from riskdec.models.tables.tabular import TabularRiskModel

# Arrays of the calibrator, apart from those of the model.
_OWN = "calibrator_"


def pack_table_model(model: TabularRiskModel) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    """Give everything that a fitted model learned.

    Raises
    ------
    InputError
        For a model with a classifier of the caller's.
    """
    inner = model.model_
    if isinstance(inner, RidgeFit):
        packed, arrays = pack_ridge(inner)
    elif isinstance(inner, LogisticRiskModel):
        packed, arrays = inner.to_state()
    else:
        cure = "Its state can only be stored as code, which a model file never holds: use riskdec.to_skops."
        raise refuse("learner", "be 'logistic' in a model that is saved", type(inner).__name__, cure)
    options = model.get_params(deep=False)
    # A generator has moved on since; what it dealt is in the strength.
    seed = options["random_state"]
    options["random_state"] = int(seed) if isinstance(seed, int | np.integer) else None
    if isinstance(options["calibration"], Calibrator):
        options["calibration"] = {"state": pack_state(options["calibration"])[0]}
    choice, recalibration = model.alpha_choice_, model.recalibration_
    header = {
        "options": pack_options(options),
        "named": "feature_names_in_" in vars(model),
        "classes": encode_labels(model.classes_),
        "encoding": model.encoding_.to_state(),
        "ridge": isinstance(inner, RidgeFit),
        "model": packed,
        "alpha_choice": pack_choice(choice),
    }
    if isinstance(recalibration, Recalibration | None):
        return header | {"recalibration": None if recalibration is None else list(recalibration)}, arrays
    packed, own = pack_state(recalibration)
    return header | {"recalibration": {"state": packed}}, arrays | {f"{_OWN}{name}": own[name] for name in own}


def unpack_table_model(
    header: Mapping[str, Any], arrays: dict[str, AnyArray]
) -> tuple[dict[str, Any], TableEncoding, Estimated, AnyArray]:
    """Give options, encoding, estimates and classes from what `pack_table_model` gave."""
    inner = unpack_ridge(header["model"], arrays) if header["ridge"] else _logistic(header["model"], arrays)
    findings = inner.findings if isinstance(inner, RidgeFit) else inner.fit_result_.findings
    encoding = TableEncoding.from_state(header["encoding"])
    n_terms = len(inner.coef) - 1 if isinstance(inner, RidgeFit) else inner.coef_.shape[1]
    if n_terms != len(encoding.names):
        message = f"the coefficients must be those of {len(encoding.names)} columns; got {n_terms}. Save it again."
        raise ModelFileError(message)
    found = Estimated(
        inner,
        unpack_choice(header["alpha_choice"]),
        _unpack_recalibration(header["recalibration"], arrays),
        findings,
    )
    options = unpack_options(header["options"])
    options["calibration"] = _unpack_calibrator(options["calibration"], {})
    return options, encoding, found, decode_labels(header["classes"])


def _unpack_recalibration(packed: Any, arrays: Mapping[str, AnyArray]) -> Recalibration | Calibrator | None:
    if isinstance(packed, list):
        return Recalibration(*map(float, packed))
    own = {name.removeprefix(_OWN): array for name, array in arrays.items() if name.startswith(_OWN)}
    found = _unpack_calibrator(packed, own)
    if not isinstance(found, Calibrator | None):
        message = f"what recalibrates must be a calibrator; got a {type(found).__name__}. Save the model again."
        raise ModelFileError(message)
    return found


def _unpack_calibrator(packed: Any, arrays: Mapping[str, AnyArray]) -> Any:
    """Give a calibrator from its state; names of calibrators, and None, stand for themselves."""
    if not isinstance(packed, dict):
        return packed
    calibrator = unpack_state(packed["state"], arrays, find_class)
    if not isinstance(calibrator, Calibrator):
        message = f"what calibrates must be a calibrator; got a {type(calibrator).__name__}. Save the model again."
        raise ModelFileError(message)
    return calibrator


def _logistic(header: dict[str, Any], arrays: dict[str, AnyArray]) -> LogisticRiskModel:
    return LogisticRiskModel.from_state(header, arrays)
