"""Options and fits of a logistic regression as JSON-ready dicts and arrays, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.findings import Finding
from riskdec._base.modelfile import decode_labels, encode_labels
from riskdec._base.result import jsonable
from riskdec.errors import ModelFileError
from riskdec.models.regression.logistic_fit import LogisticFit
from riskdec.models.regression.separation import SeparationFinding

if TYPE_CHECKING:
    from riskdec._base.typing import AnyArray

_ARRAYS = ("coef", "model_covariance", "robust_covariance", "cluster_covariance")
_PLAIN = (
    "covariance_kind",
    "log_likelihood",
    "null_log_likelihood",
    "method",
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


def pack_fit(fit: LogisticFit) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    """Give a fit as a JSON-ready dict and arrays."""
    plain = jsonable({name: getattr(fit, name) for name in _PLAIN})
    header = {
        **plain,
        "terms": list(fit.terms),
        "outcomes": list(fit.outcomes),
        "n_by_outcome": list(fit.n_by_outcome),
        "by_class": None if fit.by_class is None else list(fit.by_class),
        "aliases": [list(pair) for pair in fit.aliases],
        "separation": _pack_separation(fit.separation),
        "findings": [[f.code, f.severity, f.sentence, f.todo] for f in fit.findings],
    }
    arrays = {name: getattr(fit, name) for name in _ARRAYS if getattr(fit, name) is not None}
    return header, arrays


def unpack_fit(header: Mapping[str, Any], arrays: Mapping[str, AnyArray]) -> LogisticFit:
    """Build a fit from what `pack_fit` gave."""
    by_class, separation = header["by_class"], header["separation"]
    fields: dict[str, Any] = {name: header[name] for name in _PLAIN}
    # JSON has no infinity: a number that did not exist comes back as one that does not.
    fields |= {name: math.nan for name in _FLOATS if header[name] is None}
    fields |= {name: arrays.get(name) for name in _ARRAYS}
    _check_shapes(len(header["terms"]), len(header["outcomes"]) - 1, fields)
    return LogisticFit(
        **fields,
        terms=tuple(header["terms"]),
        outcomes=tuple(header["outcomes"]),
        n_by_outcome=tuple(header["n_by_outcome"]),
        by_class=None if by_class is None else tuple(by_class),
        aliases=tuple((a, b) for a, b in header["aliases"]),
        separation=None if separation is None else _unpack_separation(separation),
        findings=tuple(Finding(code=c, severity=s, sentence=t, todo=d) for c, s, t, d in header["findings"]),
    )


def _check_shapes(k: int, blocks: int, fields: Mapping[str, Any]) -> None:
    shape = (k,) if blocks == 1 else (blocks, k)
    for name in _ARRAYS:
        wanted = shape if name == "coef" else (blocks * k, blocks * k)
        array = fields[name]
        if array is None and name == "cluster_covariance":
            continue
        if array is None or array.shape != wanted:
            found = "no such array" if array is None else f"shape {array.shape}"
            message = f"{name} in the model file must have shape {wanted}; got {found}. Save the model again."
            raise ModelFileError(message)
    if not np.isfinite(fields["coef"]).all():
        message = "coef in the model file must be finite; got NaN or inf. Save the model again."
        raise ModelFileError(message)


def check_input(header: Mapping[str, Any]) -> None:
    """Refuse a header whose description of the rows to predict is none.

    Raises
    ------
    ModelFileError
        For it.
    """
    n_features, names = header["n_features"], header["feature_names"]
    named = names is None or (all(isinstance(name, str) for name in names) and len(names) == n_features)
    if header["design"] is None and header["options"]["formula"] is not None:
        message = "a model file with a formula must hold its design; got none. Save the model again."
        raise ModelFileError(message)
    if type(n_features) is not int or n_features < 0 or not named or not isinstance(header["has_offset"], bool):
        message = "a model file must name the columns of the rows to predict; got others. Save the model again."
        raise ModelFileError(message)


def pack_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Give constructor options as JSON-ready values; labels keep their types."""
    packed: dict[str, Any] = jsonable(dict(options))
    packed["event"] = None if options["event"] is None else encode_labels(np.array([options["event"]]))
    weights = options["class_weight"]
    if isinstance(weights, Mapping):
        numbers = [float(value) for value in weights.values()]
        packed["class_weight"] = {"labels": encode_labels(np.array(list(weights))), "weights": numbers}
    return packed


def unpack_options(packed: Mapping[str, Any]) -> dict[str, Any]:
    """Give back the constructor options that `pack_options` took."""
    options = dict(packed)
    options["event"] = None if packed["event"] is None else decode_labels(packed["event"]).tolist()[0]
    weights = packed["class_weight"]
    if isinstance(weights, dict):
        labels = decode_labels(weights["labels"]).tolist()
        options["class_weight"] = dict(zip(labels, weights["weights"], strict=True))
    return options


def _pack_separation(separation: SeparationFinding | None) -> dict[str, Any] | None:
    if separation is None:
        return None
    return {
        "columns": list(separation.columns),
        "signs": list(separation.signs),
        "direction": list(separation.direction),
        "n_rows": separation.n_rows,
        "complete": separation.complete,
        "separating": list(separation.separating),
    }


def _unpack_separation(packed: Mapping[str, Any]) -> SeparationFinding:
    return SeparationFinding(
        columns=tuple(packed["columns"]),
        signs=tuple(packed["signs"]),
        direction=tuple(packed["direction"]),
        n_rows=packed["n_rows"],
        complete=packed["complete"],
        separating=tuple(packed["separating"]),
    )
