"""Ridge fits and the choice of their strength as JSON-ready dicts and arrays, and back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.findings import Finding
from riskdec._base.result import jsonable
from riskdec.errors import ModelFileError
from riskdec.models.shrinking.ridge_fit import RidgeFit
from riskdec.models.shrinking.ridge_path import AlphaChoice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import AnyArray

_MATRICES = ("posterior_covariance", "robust_covariance", "cluster_covariance")
_ARRAYS = ("coef", "deviation", "posterior_variance", *_MATRICES)
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


def pack_ridge(fit: RidgeFit) -> tuple[dict[str, Any], dict[str, AnyArray]]:
    """Give a ridge fit as a JSON-ready dict and arrays."""
    header = {
        **jsonable({name: getattr(fit, name) for name in _PLAIN}),
        **{name: list(getattr(fit, name)) for name in _TUPLES},
        "by_class": None if fit.by_class is None else list(fit.by_class),
        "findings": [[f.code, f.severity, f.sentence, f.todo] for f in fit.findings],
    }
    return header, {name: getattr(fit, name) for name in _ARRAYS if getattr(fit, name) is not None}


def unpack_ridge(header: Mapping[str, Any], arrays: Mapping[str, AnyArray]) -> RidgeFit:
    """Build a ridge fit from what `pack_ridge` gave."""
    fields: dict[str, Any] = {name: header[name] for name in _PLAIN}
    # JSON has no infinity: a number that did not exist comes back as one that does not.
    fields |= {name: math.nan for name in _FLOATS if header[name] is None}
    fields |= {name: tuple(header[name]) for name in _TUPLES}
    fields |= {name: arrays.get(name) for name in _ARRAYS}
    _check_shapes(len(header["terms"]), len(header["outcomes"]) - 1, fields)
    by_class = header["by_class"]
    return RidgeFit(
        **fields,
        by_class=None if by_class is None else tuple(by_class),
        findings=tuple(Finding(code=c, severity=s, sentence=t, todo=d) for c, s, t, d in header["findings"]),
    )


def pack_choice(choice: AlphaChoice | None) -> dict[str, Any] | None:
    """Give the choice of a strength as a JSON-ready dict."""
    return None if choice is None else {**choice.to_dict(), "frame_kind": choice.frame_kind}


def unpack_choice(choice: Mapping[str, Any] | None) -> AlphaChoice | None:
    """Build the choice of a strength from what `pack_choice` gave."""
    if choice is None:
        return None
    lists = {name: np.array(choice[name], dtype=np.float64) for name in ("alphas", "score", "standard_error")}
    # Files of earlier versions do not say.
    kind = choice.get("frame_kind", "pandas")
    return AlphaChoice(
        alpha=float(choice["alpha"]), rule=choice["rule"], n_folds=int(choice["n_folds"]), frame_kind=kind, **lists
    )


def _check_shapes(k: int, blocks: int, fields: Mapping[str, Any]) -> None:
    shape = (k,) if blocks == 1 else (blocks, k)
    for name in _ARRAYS:
        wanted = (blocks * k, blocks * k) if name in _MATRICES else (k,) if name == "deviation" else shape
        array = fields[name]
        if array is None and name in _MATRICES:
            continue
        if array is None or array.shape != wanted:
            found = "no such array" if array is None else f"shape {array.shape}"
            message = f"{name} in the model file must have shape {wanted}; got {found}. Save the model again."
            raise ModelFileError(message)
    if not np.isfinite(fields["coef"]).all():
        message = "coef in the model file must be finite; got NaN or inf. Save the model again."
        raise ModelFileError(message)
