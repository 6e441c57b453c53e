"""A model on tables as a JSON-ready header and arrays, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.modelfile import decode_labels, encode_labels
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
        cure = "Its state can only be stored as code, which a model file never holds: keep it with joblib or skops."
        raise refuse("learner", "be 'logistic' in a model that is saved", type(inner).__name__, cure)
    options = model.get_params(deep=False)
    # A generator has moved on since; what it dealt is in the strength.
    seed = options["random_state"]
    options["random_state"] = int(seed) if isinstance(seed, int | np.integer) else None
    choice, recalibration = model.alpha_choice_, model.recalibration_
    header = {
        "options": pack_options(options),
        "named": "feature_names_in_" in vars(model),
        "classes": encode_labels(model.classes_),
        "encoding": model.encoding_.to_state(),
        "ridge": isinstance(inner, RidgeFit),
        "model": packed,
        "alpha_choice": pack_choice(choice),
        "recalibration": None if recalibration is None else list(recalibration),
    }
    return header, arrays


def unpack_table_model(
    header: Mapping[str, Any], arrays: dict[str, AnyArray]
) -> tuple[dict[str, Any], TableEncoding, Estimated, AnyArray]:
    """Give options, encoding, estimates and classes from what `pack_table_model` gave."""
    inner = unpack_ridge(header["model"], arrays) if header["ridge"] else _logistic(header["model"], arrays)
    findings = inner.findings if isinstance(inner, RidgeFit) else inner.fit_result_.findings
    choice, recalibration = header["alpha_choice"], header["recalibration"]
    encoding = TableEncoding.from_state(header["encoding"])
    n_terms = len(inner.coef) - 1 if isinstance(inner, RidgeFit) else inner.coef_.shape[1]
    if n_terms != len(encoding.names):
        message = f"the coefficients must be those of {len(encoding.names)} columns; got {n_terms}. Save it again."
        raise ModelFileError(message)
    found = Estimated(
        inner,
        unpack_choice(choice),
        None if recalibration is None else Recalibration(*map(float, recalibration)),
        findings,
    )
    return unpack_options(header["options"]), encoding, found, decode_labels(header["classes"])


def _logistic(header: dict[str, Any], arrays: dict[str, AnyArray]) -> LogisticRiskModel:
    return LogisticRiskModel.from_state(header, arrays)
