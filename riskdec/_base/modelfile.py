"""The model file: arrays and one JSON header in a safetensors file, checked before it is believed.

The metadata key ``riskdec`` holds JSON with exactly the entries ``sha256, schema, kind, riskdec_version`` and
``header``. The digest is that of the whole file with its own 64 digits set to zero, so no byte can change
unseen: neither a number in an array nor a level or a mean in the header. It shows damage; it signs nothing.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from math import isfinite, prod
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from riskdec._base.checks import refuse
from riskdec._base.files import replacing
from riskdec._base.upgrades import bring_up
from riskdec._base.version import VERSION
from riskdec.errors import ModelFileError, ModelFileNotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from riskdec._base.typing import AnyArray

SCHEMA = 1
MAX_HEADER_BYTES = 1_000_000
MAX_FILE_BYTES = 4_000_000_000
MAX_ARRAYS = 4096
MAX_DIMENSIONS = 8

_ITEM_BYTES = {"F64": 8, "F32": 4, "I64": 8, "U8": 1}
_DTYPES = ("float64", "float32", "int64", "uint8")
_ENTRIES = {"sha256": str, "schema": int, "kind": str, "riskdec_version": str, "header": dict}
_NO_DIGEST = "0" * 64
_FOREIGN = ((b"PK\x03\x04", "a zip archive"), (b"\x80", "a pickle"), (b"\x1f\x8b", "a gzip file"))
_CURE = "Only files written by .save(path) can be read: pickles and archives can run code, and stay shut."
_DAMAGED = "The file is damaged: save the model again, or copy the file again."
_LABEL_TYPES = {"bool": bool, "int": int, "float": float, "str": str}
_INTEGERS = tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
_LABEL_DTYPES = ("bool", "object", "str", "float32", "float64", *_INTEGERS)


class ModelFile(NamedTuple):
    """What a model file holds.

    Attributes
    ----------
    kind : str
        Name of the class that wrote it.
    header : dict
        Settings, names, labels and single numbers, as JSON gives them back.
    arrays : dict of str to ndarray
        The arrays by name.
    """

    kind: str
    header: dict[str, Any]
    arrays: dict[str, AnyArray]


def write_model(
    path: str | os.PathLike[str], *, kind: str, header: Mapping[str, Any], arrays: Mapping[str, AnyArray]
) -> Path:
    """Write one model file; the old file, if any, stays until the new one is complete.

    Parameters
    ----------
    path : str or path
        Where to write.
    kind : str
        Name of the class, as `riskdec.load` knows it.
    header : mapping
        JSON-ready settings and numbers; labels go through `encode_labels`.
    arrays : mapping of str to ndarray
        Arrays of float64, float32, int64 or uint8.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ModelFileError
        If the model asks for more than a reader would accept.
    OSError
        If the folder is missing or full.
    """
    from safetensors.numpy import save

    target = Path(path)
    for name, array in arrays.items():
        if array.dtype not in _DTYPES:
            raise _refuse(target, f"hold arrays of {', '.join(_DTYPES)}", f"{array.dtype} in {name!r}")
    contents = {
        "sha256": _NO_DIGEST,
        "schema": SCHEMA,
        "kind": kind,
        "riskdec_version": VERSION,
        "header": dict(header),
    }
    text = json.dumps(contents, allow_nan=False)
    ordered = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    raw = bytearray(save(ordered, {"riskdec": text}))
    _check_limits(target, len(raw), int.from_bytes(raw[:8], "little"), len(arrays))
    place = raw.index(_NO_DIGEST.encode())
    raw[place : place + 64] = sha256(raw).hexdigest().encode()
    with replacing(target) as stream:
        stream.write(raw)
    return target


def read_model(path: str | os.PathLike[str]) -> ModelFile:
    """Read what `write_model` wrote; nothing in the file is run or believed before it is checked.

    Parameters
    ----------
    path : str or path
        The model file.

    Returns
    -------
    ModelFile
        Kind, header and arrays, as the present schema has them.

    Raises
    ------
    ModelFileError
        If the file is not a riskdec model, is damaged, is from a newer schema, or asks for more than the
        limits allow.
    OSError
        If the file cannot be opened.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    source = Path(path)
    raw = _read_bytes(source)
    layout = _parse_layout(source, raw)
    contents = _parse_contents(source, layout.pop("__metadata__", None))
    _check_arrays(source, layout, len(raw) - 8 - int.from_bytes(raw[:8], "little"))
    _check_digest(source, raw, contents["sha256"])
    try:
        arrays = load(raw)
    except (SafetensorError, ValueError) as err:
        raise _refuse(source, "be laid out as safetensors", str(err), _DAMAGED) from err
    return ModelFile(
        *bring_up((contents["kind"], contents["header"], arrays), schema=contents["schema"], wanted=SCHEMA)
    )


def encode_labels(classes: AnyArray) -> dict[str, Any]:
    """Turn class labels into tagged JSON: ``1``, ``1.0``, ``True`` and ``"1"`` stay four different labels.

    >>> encode_labels(np.array(["no", "yes"]))
    {'dtype': 'str', 'labels': [['str', 'no'], ['str', 'yes']]}
    """
    dtype = "str" if classes.dtype.kind in "UT" else classes.dtype.name
    values = [value.item() if isinstance(value, np.generic) else value for value in classes.tolist()]
    for value in values:
        known = dtype in _LABEL_DTYPES and type(value).__name__ in _LABEL_TYPES
        if not known or (isinstance(value, float) and not isfinite(value)):
            raise refuse("labels", "be finite numbers, text or True/False to be saved", repr(value))
    return {"dtype": dtype, "labels": [[type(value).__name__, value] for value in values]}


def decode_labels(encoded: Mapping[str, Any]) -> AnyArray:
    """Give back the labels that `encode_labels` took, of the same types.

    >>> decode_labels({"dtype": "str", "labels": [["str", "no"], ["str", "yes"]]})
    array(['no', 'yes'], dtype='<U3')
    """
    dtype, labels = encoded["dtype"], encoded["labels"]
    if dtype not in _LABEL_DTYPES:
        raise refuse("the type of labels", f"be one of {', '.join(_LABEL_DTYPES)}", repr(dtype))
    for tag, value in labels:
        # JSON writes 1.0 and 1 apart, and Python reads them apart, so the tag has to agree.
        if type(value) is not _LABEL_TYPES.get(tag):
            raise refuse("labels", f"hold {tag} where the tag says so", repr(value))
    return np.array([value for _, value in labels], dtype=dtype)


def _refuse(path: Path, rule: str, found: object, cure: str = "") -> ModelFileError:
    # What a damaged or hostile file says is shown, but not at length.
    shown = str(found)[:200]
    return ModelFileError(f"{path} must {rule}; got {shown}." + (f" {cure}" if cure else ""))


def _read_bytes(path: Path) -> bytes:
    if not path.exists():
        message = f"{path} must exist; got no such file. Pass the path under which a model was saved."
        raise ModelFileNotFoundError(message)
    # Opening a pipe would wait for a writer, so the look comes first.
    if path.exists() and not path.is_file():
        raise _refuse(path, "be a regular file", "a folder, a device or a pipe", _CURE)
    with path.open("rb") as stream:
        start = stream.read(8)
        file_bytes = stream.seek(0, os.SEEK_END)
        header_bytes = int.from_bytes(start, "little")
        if len(start) < 8 or header_bytes > file_bytes - 8:
            found = next((name for magic, name in _FOREIGN if start.startswith(magic)), "something else")
            raise _refuse(path, "be a riskdec model file", found, _CURE)
        _check_limits(path, file_bytes, header_bytes, 0)
        stream.seek(0)
        return stream.read(file_bytes)


def _check_limits(path: Path, file_bytes: int, header_bytes: int, n_arrays: int) -> None:
    if file_bytes > MAX_FILE_BYTES:
        raise _refuse(path, f"have at most {MAX_FILE_BYTES} bytes", file_bytes)
    if header_bytes > MAX_HEADER_BYTES:
        cure = "Names and category levels are kept there: group rare levels, or shorten them."
        raise _refuse(path, f"have a header of at most {MAX_HEADER_BYTES} bytes", header_bytes, cure)
    if n_arrays > MAX_ARRAYS:
        raise _refuse(path, f"hold at most {MAX_ARRAYS} arrays", n_arrays)


def _parse_layout(path: Path, raw: bytes) -> dict[str, Any]:
    header_bytes = int.from_bytes(raw[:8], "little")
    try:
        layout = _parse_json(raw[8 : 8 + header_bytes].decode("utf-8"))
    except (ValueError, RecursionError) as err:
        raise _refuse(path, "start with a safetensors header", f"no JSON there ({err})", _CURE) from err
    _check_limits(path, len(raw), header_bytes, len(layout))
    return layout


def _parse_contents(path: Path, meta: object) -> dict[str, Any]:
    text = meta.get("riskdec") if isinstance(meta, dict) else None
    if not isinstance(text, str):
        raise _refuse(path, "carry a riskdec header", "a safetensors file of another program", _CURE)
    try:
        contents = _parse_json(text)
    except (ValueError, RecursionError) as err:
        raise _refuse(path, "carry a riskdec header in JSON", str(err), _DAMAGED) from err
    schema = contents.get("schema")
    if type(schema) is not int or not 1 <= schema <= SCHEMA:
        found = f"schema {schema!r}, written by riskdec {contents.get('riskdec_version')}"
        cure = "Upgrade riskdec to read it." if type(schema) is int and schema > SCHEMA else _DAMAGED
        raise _refuse(path, f"follow a schema of at most {SCHEMA}", found, cure)
    if set(contents) != set(_ENTRIES) or any(type(contents[key]) is not kind for key, kind in _ENTRIES.items()):
        raise _refuse(path, f"have the entries {', '.join(_ENTRIES)}", ", ".join(contents), _DAMAGED)
    return contents


def _check_arrays(path: Path, layout: dict[str, Any], data_bytes: int) -> None:
    declared = 0
    for name, entry in layout.items():
        dtype = entry.get("dtype") if isinstance(entry, dict) else None
        shape = entry.get("shape") if isinstance(entry, dict) else None
        if not isinstance(dtype, str) or dtype not in _ITEM_BYTES:
            raise _refuse(path, f"hold arrays of {', '.join(_DTYPES)}", f"{dtype!r} in {name!r}", _DAMAGED)
        if not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS or not all(map(_is_length, shape)):
            raise _refuse(path, "declare the shape of each array", f"{shape!r} in {name!r}", _DAMAGED)
        declared += _ITEM_BYTES[dtype] * prod(shape)
    if declared != data_bytes:
        found = f"{data_bytes} of {declared} bytes of data"
        raise _refuse(path, "hold exactly the data it declares", found, "It was cut off or added to. " + _DAMAGED)


def _is_length(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_FILE_BYTES


def _check_digest(path: Path, raw: bytes, digest: str) -> None:
    place = raw.find(digest.encode(), 8, 8 + int.from_bytes(raw[:8], "little"))
    view = memoryview(raw)
    found = sha256(view[: max(place, 0)])
    found.update(_NO_DIGEST.encode())
    found.update(view[max(place, 0) + 64 :])
    if place < 0 or found.hexdigest() != digest:
        raise _refuse(path, f"match its checksum {digest[:12]}...", f"{found.hexdigest()[:12]}...", _DAMAGED)


def _parse_json(text: str) -> dict[str, Any]:
    def no_constant(name: str) -> float:
        message = f"the number {name}"
        raise ValueError(message)

    def no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        entries = dict(pairs)
        if len(entries) != len(pairs):
            message = "an entry given twice"
            raise ValueError(message)
        return entries

    value = json.loads(text, object_pairs_hook=no_twins, parse_constant=no_constant)
    if not isinstance(value, dict):
        message = f"{type(value).__name__} instead of an object"
        raise ValueError(message)
    return value
