"""A model on tables as a JSON-ready header and arrays, and back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.findings import Finding
from riskdec._base.modelfile import decode_labels, encode_labels
from riskdec._base.result import jsonable
from riskdec.errors import ModelFileError
from riskdec.models.encoding import TableEncoding
from riskdec.models.logistic import LogisticRiskModel
from riskdec.models.logistic_state import pack_options, unpack_options
from riskdec.models.ridge_fit import RidgeFit
from riskdec.models.ridge_path import AlphaChoice
from riskdec.models.tabular_estimation import Estimated
from riskdec.models.tabular_rows import Recalibration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import AnyArray
    from riskdec.models.tabular import TabularRiskModel

_ARRAYS = ("coef", "deviation", "posterior_covariance", "robust_covariance", "cluster_covariance")
_TUPLES = ("terms", "outcomes", "n_by_outcome")
_PLAIN = (
    "covariance_kind",
    "alpha",
    "effective_parameters",
    "log_likelihood",
    "null_log_likelihood",
    "n",
    "n_groups",
    "weight_kind",
    "n_iter",
    "gradient",
    "condition",
    "converged",
    "frame_kind",
)
_FLOATS = ("log_likelihood", "null_log_likelihood", "gradient", "condition")


def pack_table_model(model: TabularRiskModel) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    """Give everything that a fitted model learned.

    Raises
    ------
    InputError
        For a model with a classifier of the caller's.
    """
    inner = model.model_
    if isinstance(inner, RidgeFit):
        packed, arrays = _pack_ridge(inner)
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
        "alpha_choice": None if choice is None else choice.to_dict(),
        "recalibration": None if recalibration is None else list(recalibration),
    }
    return header, arrays


def unpack_table_model(
    header: Mapping[str, Any], arrays: dict[str, AnyArray]
) -> tuple[dict[str, Any], TableEncoding, Estimated, AnyArray]:
    """Give options, encoding, estimates and classes from what `pack_table_model` gave."""
    inner = _unpack_ridge(header["model"], arrays) if header["ridge"] else _logistic(header["model"], arrays)
    findings = inner.findings if isinstance(inner, RidgeFit) else inner.fit_result_.findings
    choice, recalibration = header["alpha_choice"], header["recalibration"]
    encoding = TableEncoding.from_state(header["encoding"])
    n_terms = len(inner.coef) - 1 if isinstance(inner, RidgeFit) else inner.coef_.shape[1]
    if n_terms != len(encoding.names):
        message = f"the coefficients must be those of {len(encoding.names)} columns; got {n_terms}. Save it again."
        raise ModelFileError(message)
    found = Estimated(
        inner,
        None if choice is None else _unpack_choice(choice),
        None if recalibration is None else Recalibration(*map(float, recalibration)),
        findings,
    )
    return unpack_options(header["options"]), encoding, found, decode_labels(header["classes"])


def _logistic(header: dict[str, Any], arrays: dict[str, AnyArray]) -> LogisticRiskModel:
    return LogisticRiskModel.from_state(header, arrays)


def _unpack_choice(choice: Mapping[str, Any]) -> AlphaChoice:
    lists = {name: np.array(choice[name], dtype=np.float64) for name in ("alphas", "score", "standard_error")}
    return AlphaChoice(alpha=float(choice["alpha"]), rule=choice["rule"], n_folds=int(choice["n_folds"]), **lists)


def _pack_ridge(fit: RidgeFit) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    header = {
        **jsonable({name: getattr(fit, name) for name in _PLAIN}),
        **{name: list(getattr(fit, name)) for name in _TUPLES},
        "by_class": None if fit.by_class is None else list(fit.by_class),
        "findings": [[f.code, f.severity, f.sentence, f.todo] for f in fit.findings],
    }
    return header, {name: getattr(fit, name) for name in _ARRAYS if getattr(fit, name) is not None}


def _unpack_ridge(header: Mapping[str, Any], arrays: Mapping[str, AnyArray]) -> RidgeFit:
    fields: dict[str, Any] = {name: header[name] for name in _PLAIN}
    # JSON has no infinity: a number that did not exist comes back as one that does not.
    fields |= {name: math.nan for name in _FLOATS if header[name] is None}
    fields |= {name: tuple(header[name]) for name in _TUPLES}
    fields |= {name: arrays.get(name) for name in _ARRAYS}
    _check_shapes(len(header["terms"]), fields)
    by_class = header["by_class"]
    return RidgeFit(
        **fields,
        by_class=None if by_class is None else tuple(by_class),
        findings=tuple(Finding(code=c, severity=s, sentence=t, todo=d) for c, s, t, d in header["findings"]),
    )


def _check_shapes(k: int, fields: Mapping[str, Any]) -> None:
    for name in _ARRAYS:
        wanted = (k,) if name in ("coef", "deviation") else (k, k)
        array = fields[name]
        if array is None and name == "cluster_covariance":
            continue
        if array is None or array.shape != wanted:
            found = "no such array" if array is None else f"shape {array.shape}"
            message = f"{name} in the model file must have shape {wanted}; got {found}. Save the model again."
            raise ModelFileError(message)
