"""Damaged model files: only `ModelFileError`, and never other numbers in silence."""

import json
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from riskdec import TabularRiskModel, load
from riskdec._base.modelfile import decode_labels, encode_labels, read_model, write_model
from riskdec.errors import ModelFileError

FRAME = pd.DataFrame({"dose": [1.0, 2.0, None, 4.0, 5.0, None] * 4, "ward": ["a", "b", "b"] * 8})


@cache
def original():
    """Give the bytes of a valid file and the risks of its model."""
    model = TabularRiskModel().fit(FRAME, [0, 1, 0, 1, 0, 1, 1, 1] * 3)
    with TemporaryDirectory() as folder:
        return model.save(Path(folder, "m")).read_bytes(), model.predict_risk(FRAME)


def check(content):
    """Load the content: it is refused, or it is the original."""
    raw, risk = original()
    with TemporaryDirectory() as folder:
        path = Path(folder, "m")
        path.write_bytes(content)
        if content != raw:
            with pytest.raises(ModelFileError, match="must") as caught:
                load(path)
            assert len(str(caught.value)) < 1000
        else:
            np.testing.assert_array_equal(load(path).predict_risk(FRAME), risk)


changes = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=5)


@given(changes=changes)
@settings(max_examples=300)
def test_changed_bytes_are_refused(changes):
    content = bytearray(original()[0])
    for place, value in changes:
        content[place % len(content)] = value
    check(bytes(content))


@given(st.integers(0, 10**6), st.binary(max_size=40))
@settings(max_examples=150)
def test_cut_and_lengthened_files_are_refused(stop, tail):
    raw = original()[0]
    check(raw[: stop % len(raw)] + tail)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.binary(max_size=20))
@settings(max_examples=150)
def test_replaced_stretches_are_refused(start, stop, middle):
    raw = original()[0]
    start, stop = sorted((start % len(raw), stop % len(raw)))
    check(raw[:start] + middle + raw[stop:])


@given(st.binary(max_size=300))
@settings(max_examples=150)
def test_arbitrary_bytes_are_refused(content):
    check(content)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(value=json_values, choice=st.integers(0, 10**6))
@settings(max_examples=300)
def test_hostile_headers_with_a_digest_that_holds_raise_nothing_else(value, choice):
    with TemporaryDirectory() as folder:
        path = Path(folder, "m")
        path.write_bytes(original()[0])
        found = read_model(path)
        entries = list(places(found.header))
        inner, key = entries[choice % len(entries)]
        inner[key] = value
        try:
            write_model(path, kind=found.kind, header=found.header, arrays=found.arrays)
        except ValueError:
            return  # inf, which JSON does not have
        with suppress(ModelFileError):
            load(path)


@given(entries=st.dictionaries(st.sampled_from(["sha256", "schema", "kind", "riskdec_version", "header"]), json_values))
@settings(max_examples=150)
def test_hostile_entries_are_refused(entries):
    raw = save({}, {"riskdec": json.dumps({"sha256": "0" * 64} | entries)})
    place = raw.find(b"0" * 64)
    if place >= 0:
        raw = raw[:place] + sha256(raw).hexdigest().encode() + raw[place + 64 :]
    check(raw)


def places(value):
    """Give each container and key of nested JSON."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(items):
        yield value, key
        if isinstance(item, (dict, list)):
            yield from places(item)


@given(
    header=st.dictionaries(st.text(max_size=8), json_values, max_size=4),
    values=st.lists(st.floats(width=64), max_size=20),
)
@settings(max_examples=150)
def test_everything_written_is_read_back(header, values):
    array = np.array(values, dtype=np.float64)
    with TemporaryDirectory() as folder:
        try:
            path = write_model(Path(folder, "m"), kind="Some", header=header, arrays={"a": array})
        except ValueError:
            return  # inf, which JSON does not have
        found = read_model(path)
    assert found.header == header
    assert found.arrays["a"].tobytes() == array.tobytes()


@given(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1)
    | st.lists(st.text(), min_size=1)
    | st.lists(st.booleans(), min_size=1)
    | st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1)
)
def test_labels_of_one_type_come_back(labels):
    for classes in (np.array(labels), np.array(labels, dtype=object)):
        again = decode_labels(json.loads(json.dumps(encode_labels(classes))))
        assert again.dtype.kind == classes.dtype.kind
        assert again.tolist() == classes.tolist()
