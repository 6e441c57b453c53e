"""What an object learned, as JSON and arrays, and back: values of closed kinds, and records by their registered names.

Only data goes in: numbers, text, arrays, labels, tuples, and records (named tuples, dataclasses, estimators) whose
class stands in a table of the reader. Nothing in a file names a module, and nothing but constructors of that table is
called.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.modelfile import decode_labels, encode_labels
from riskdec.errors import InputError, ModelFileError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from riskdec._base.typing import AnyArray

    FindClass = Callable[[str], type]


@runtime_checkable
class Stateful(Protocol):
    """What writes and reads its own state."""

    def to_state(self) -> Any:
        """Give a JSON-ready header and arrays."""

    @classmethod
    def from_state(cls, header: Any, arrays: Any) -> Any:
        """Build the same object from them."""


@runtime_checkable
class _Estimator(Protocol):
    def get_params(self, deep: bool = True) -> dict[str, Any]: ...  # noqa: FBT001, FBT002 -- scikit-learn's signature


_DEEPEST = 24
# How arrays are kept: numbers that a model file has no type for are kept in a wider one.
_STORED = {"b": np.uint8, "i": np.int64, "u": np.int64}
_DTYPES = ("bool", "float64", "float32", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32")
# What scikit-learn keeps on an estimator for its next fit: callbacks, those of a fit around it, routes of metadata.
_OF_FITS = ("_skl_callbacks", "_parent_callback_ctx", "_metadata_request")
_NUMBERS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_CURE = "Keep it with riskdec.to_skops, whose reader asks which types to trust; a model file never holds code."


def pack_state(value: object) -> tuple[Any, dict[str, AnyArray]]:
    """Give a value as JSON and the arrays that it holds.

    Parameters
    ----------
    value : object
        Plain values, arrays, and records of riskdec.

    Returns
    -------
    json : object
        Ready for `json.dumps`.
    arrays : dict of str to ndarray
        By the names that the JSON uses.

    Raises
    ------
    InputError
        For anything else, such as an estimator of another library or a function.

    Examples
    --------
    >>> pack_state({"event": 1, "slope": float("inf"), "knots": np.array([0.1, 0.5])})[0]
    {'$': 'dict', 'v': [['event', 1], ['slope', {'$': 'number', 'v': 'inf'}], ['knots', {'$': 'array', 'v': 'a0'}]]}
    """
    arrays: dict[str, AnyArray] = {}
    return _pack(value, arrays), arrays


def unpack_state(packed: object, arrays: Mapping[str, AnyArray], find_class: FindClass) -> Any:
    """Give back what `pack_state` took.

    Parameters
    ----------
    packed, arrays
        What it gave.
    find_class : callable
        From a name in the file to a class; it refuses names that are not in its table.

    Raises
    ------
    ModelFileError
        For JSON of another form, arrays that are missing, and records whose fields are others.
    """
    return _unpack(packed, arrays, find_class, 0)


def learned_state(estimator: Any) -> dict[str, Any]:
    """Give what `fit` left in an estimator: all its attributes but the constructor's, and those about fits to come."""
    others = {*estimator.get_params(deep=False), *_OF_FITS}
    return {name: value for name, value in vars(estimator).items() if name not in others}


def _pack(value: Any, arrays: dict[str, AnyArray]) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$": "number", "v": str(value)}
    if isinstance(value, np.ndarray):
        return _pack_array(value, arrays)
    if isinstance(value, dict):
        return {"$": "dict", "v": [[_pack(key, arrays), _pack(item, arrays)] for key, item in value.items()]}
    if isinstance(value, np.random.Generator):
        # It has moved on since; what it drew is in what was learned.
        return None
    kind = type(value).__name__
    if _is_ours(value) and isinstance(value, _Estimator):
        # What is not fitted yet has options alone.
        if isinstance(value, Stateful) and "classes_" in vars(value):
            return _pack_stateful(value, kind, arrays)
        return _pack_estimator(value, kind, arrays)
    if _is_ours(value) and isinstance(value, Stateful):
        return _pack_stateful(value, kind, arrays)
    if _is_ours(value) and (fields := _fields(type(value))):
        return {"$": kind, "v": {name: _pack(getattr(value, name), arrays) for name in fields}}
    if type(value) in (tuple, list):
        return {"$": kind, "v": [_pack(item, arrays) for item in value]}
    raise refuse("what is saved", "be numbers, text, arrays and objects of riskdec", f"a {kind}", _CURE)


def _pack_estimator(value: Any, kind: str, arrays: dict[str, AnyArray]) -> dict[str, Any]:
    options = {name: _pack(option, arrays) for name, option in value.get_params(deep=False).items()}
    learned = {name: _pack(item, arrays) for name, item in learned_state(value).items()}
    return {"$": kind, "options": options, "learned": learned}


def _pack_stateful(value: Stateful, kind: str, arrays: dict[str, AnyArray]) -> dict[str, Any]:
    header, own = value.to_state()
    places = {name: f"a{len(arrays) + k}" for k, name in enumerate(own)}
    arrays |= {places[name]: np.asarray(array) for name, array in own.items()}
    return {"$": kind, "header": header, "arrays": places}


def _pack_array(array: AnyArray, arrays: dict[str, AnyArray]) -> dict[str, Any]:
    if array.dtype.kind in "OUT":
        return {"$": "labels", "v": encode_labels(array)}
    if array.dtype.name not in _DTYPES:
        raise refuse("an array that is saved", f"be of {', '.join(_DTYPES)}", str(array.dtype))
    # Bytes are kept as bytes: the fields of fingerprints are eight times as large otherwise.
    stored = None if array.dtype == np.uint8 else _STORED.get(array.dtype.kind)
    name = f"a{len(arrays)}"
    arrays[name] = np.ascontiguousarray(array if stored is None else array.astype(stored))
    plain = arrays[name].dtype == array.dtype
    return {"$": "array", "v": name} | ({} if plain else {"dtype": array.dtype.name})


def _unpack(packed: Any, arrays: Mapping[str, AnyArray], find_class: FindClass, depth: int) -> Any:
    if depth > _DEEPEST:
        raise _misfit(f"values inside one another {depth} deep")
    if packed is None or isinstance(packed, bool | int | float | str):
        return packed
    if not isinstance(packed, dict) or not isinstance(packed.get("$"), str):
        raise _misfit(type(packed).__name__)
    kind = packed["$"]

    def inner(item: Any) -> Any:
        return _unpack(item, arrays, find_class, depth + 1)

    try:
        if kind == "number":
            return _NUMBERS[packed["v"]]
        if kind == "labels":
            return decode_labels(packed["v"])
        if kind == "array":
            return _unpack_array(packed, arrays)
        if kind == "dict":
            return {inner(key): inner(item) for key, item in packed["v"]}
        if kind in ("tuple", "list"):
            items = [inner(item) for item in packed["v"]]
            return items if kind == "list" else tuple(items)
        if "header" in packed:
            own = {name: arrays[place] for name, place in packed["arrays"].items()}
            return find_class(kind).from_state(packed["header"], own)  # type: ignore[attr-defined]  # Stateful by the table
        if "options" in packed:
            options, learned = ({k: inner(v) for k, v in packed[part].items()} for part in ("options", "learned"))
            return _build_estimator(find_class(kind), options, learned)
        return _build_record(find_class(kind), {name: inner(item) for name, item in packed["v"].items()})
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as err:
        if isinstance(err, ModelFileError):
            raise
        raise _misfit(f"a {kind} that is none ({err!r:.120})") from err


def _unpack_array(packed: dict[str, Any], arrays: Mapping[str, AnyArray]) -> AnyArray:
    array, dtype = arrays[packed["v"]], packed.get("dtype")
    if dtype is None:
        return array
    if dtype not in _DTYPES:
        raise _misfit(f"an array of {dtype!r:.40}")
    restored: AnyArray = array.astype(dtype)
    return restored


def _build_record(record: type, values: dict[str, Any]) -> Any:
    # A field that came with a later version has a default, as the kind of frames: files of earlier ones lack it.
    if not _needed(record) <= set(values) <= set(_fields(record)):
        raise _misfit(f"a {record.__name__} of {', '.join(values) or 'nothing'}")
    return record(**values)


def _build_estimator(estimator: Any, options: dict[str, Any], learned: dict[str, Any]) -> Any:
    try:
        built = estimator(**options)
    except InputError as err:
        raise _misfit(str(err)) from err
    for name, value in learned.items():
        if name in options or name.startswith("__") or not name.isidentifier():
            raise _misfit(f"an attribute {name!r:.40}")
        setattr(built, name, value)
    return built


def _fields(record: type) -> tuple[str, ...]:
    """Name what a named tuple or a dataclass is built of; nothing for other classes."""
    if issubclass(record, tuple):
        return tuple(getattr(record, "_fields", ()))
    if dataclasses.is_dataclass(record):
        return tuple(field.name for field in dataclasses.fields(record))
    return ()


def _needed(record: type) -> set[str]:
    """Name the fields without a default."""
    if not dataclasses.is_dataclass(record):
        return set(_fields(record))
    none = dataclasses.MISSING
    return {field.name for field in dataclasses.fields(record) if field.default is field.default_factory is none}


def _is_ours(value: object) -> bool:
    return type(value).__module__.partition(".")[0] == "riskdec"


def _misfit(found: str) -> ModelFileError:
    message = f"a model file must hold values that riskdec wrote; got {found}. Save the model again."
    return ModelFileError(message)
