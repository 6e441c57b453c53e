"""Model files: what goes in comes out, and whatever else a file holds is refused before it is believed."""

import json
import os
import pickle
import struct
import zipfile
from hashlib import sha256

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from riskdec._base import modelfile
from riskdec._base.modelfile import decode_labels, encode_labels, read_model, write_model
from riskdec.errors import InputError, ModelFileError

HEADER = {"levels": ["a", "ü", "\ud800", '"quoted"'], "mean": 0.1 + 0.2, "n": 3, "none": None, "flag": True}
ARRAYS = {
    "coef": np.array([0.1, -1e300, np.nan, -0.0]),
    "single": np.float32([[1.5, 2.5]]),
    "empty": np.zeros((0, 3)),
    "scalar": np.array(2.5),
    "count": np.array([2**62, -1]),
    "byte": np.array([0, 255], dtype=np.uint8),
    "turned": np.arange(6.0).reshape(2, 3).T,
}


@pytest.fixture
def path(tmp_path):
    return write_model(tmp_path / "model.riskdec", kind="Some", header=HEADER, arrays=ARRAYS)


def seal(text, arrays=None):
    """Give the bytes of a file with this text as its riskdec entry and a digest that holds."""
    raw = save(arrays or {}, {"riskdec": text})
    place = raw.find(b"0" * 64)
    if place < 0:
        return raw
    return raw[:place] + sha256(raw).hexdigest().encode() + raw[place + 64 :]


def contents(**changes):
    entries = {"sha256": "0" * 64, "schema": 1, "kind": "Some", "riskdec_version": "9", "header": {}}
    return json.dumps(entries | changes)


def test_round_trip_keeps_header_and_arrays_bit_for_bit(path):
    found = read_model(path)
    assert found.kind == "Some"
    assert found.header == HEADER
    assert found.arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].shape == array.shape
        assert found.arrays[name].tobytes() == array.tobytes()


def test_round_trip_keeps_a_model_without_arrays(tmp_path):
    write_model(tmp_path / "m", kind="Some", header={}, arrays={})
    assert read_model(tmp_path / "m") == ("Some", {}, {})


def test_files_are_plain_safetensors(path):
    np.testing.assert_array_equal(load_file(path)["coef"], ARRAYS["coef"])


def test_files_with_a_header_of_any_length_are_read(tmp_path):
    # A length of 0x0480 bytes starts as a pickle of protocol 4 does.
    for length in range(600):
        header = {"x": "y" * length}
        assert read_model(write_model(tmp_path / "m", kind="Some", header=header, arrays={})).header == header


def test_same_model_gives_the_same_bytes(path, tmp_path):
    again = write_model(tmp_path / "again", kind="Some", header=HEADER, arrays=dict(reversed(ARRAYS.items())))
    assert again.read_bytes() == path.read_bytes()


def test_write_refuses_other_array_types_and_leaves_no_file(tmp_path):
    with pytest.raises(ModelFileError, match="float64, float32, int64, uint8; got object in 'a'"):
        write_model(tmp_path / "m", kind="Some", header={}, arrays={"a": np.array([None])})
    assert os.listdir(tmp_path) == []


def test_write_refuses_numbers_that_json_does_not_have(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_model(tmp_path / "m", kind="Some", header={"mean": np.nan}, arrays={})


def test_write_refuses_what_it_could_not_read_back(tmp_path):
    with pytest.raises(ModelFileError, match="header of at most 1000000 bytes"):
        write_model(tmp_path / "m", kind="Some", header={"levels": ["x" * 1_000_000]}, arrays={})


def test_write_keeps_the_old_file_when_the_disk_fails(path, monkeypatch):
    before = path.read_bytes()

    def fail(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_model(path, kind="Other", header={}, arrays={})
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_read_refuses_a_pickle_and_does_not_run_it(tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        (tmp_path / "m").write_bytes(pickle.dumps(Bomb(), protocol=protocol))
        with pytest.raises(ModelFileError, match="must be a riskdec model file"):
            read_model(tmp_path / "m")
    assert not (tmp_path / "ran").exists()


def test_read_names_a_zip_archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "m", "w") as archive:
        archive.writestr("data.pkl", b"x")
    with pytest.raises(ModelFileError, match="got a zip archive. Only files written by .save"):
        read_model(tmp_path / "m")


def test_read_refuses_every_truncation_and_appended_bytes(path, tmp_path):
    raw = path.read_bytes()
    for content in [*(raw[:stop] for stop in range(len(raw))), raw + b"\0", raw + raw]:
        (tmp_path / "m").write_bytes(content)
        with pytest.raises(ModelFileError):
            read_model(tmp_path / "m")


def test_read_refuses_every_single_changed_byte(path, tmp_path):
    raw = path.read_bytes()
    for place in range(len(raw)):
        (tmp_path / "m").write_bytes(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
        with pytest.raises(ModelFileError):
            read_model(tmp_path / "m")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (contents(schema=2), "follow a schema of at most 1; got schema 2, written by riskdec 9. Upgrade"),
        (contents(schema=True), "follow a schema of at most 1"),
        (contents(schema=0), "follow a schema of at most 1; got schema 0, written by riskdec 9. The file is damaged"),
        (contents(kind=3), "have the entries"),
        (contents(header=[]), "have the entries"),
        (contents(more=1), "have the entries"),
        (contents(sha256="1" * 64), "match its checksum"),
        (contents(sha256=""), "match its checksum"),
        (contents()[:-1] + ', "kind": "Other"}', "an entry given twice"),
        (contents()[:-1] + ', "x": NaN}', "the number NaN"),
        ("[1]", "list instead of an object"),
        ("{" * 20_000, "riskdec header in JSON"),
        ('{"schema": ' + "9" * 5000 + "}", "riskdec header in JSON"),
        ("[" * 400_000, "riskdec header in JSON"),
    ],
)
def test_read_refuses_a_header_that_breaks_the_form(tmp_path, text, message):
    (tmp_path / "m").write_bytes(seal(text))
    with pytest.raises(ModelFileError, match=message):
        read_model(tmp_path / "m")


def test_read_refuses_safetensors_of_others(tmp_path):
    (tmp_path / "m").write_bytes(save({"a": np.zeros(3)}))
    with pytest.raises(ModelFileError, match="a safetensors file of another program"):
        read_model(tmp_path / "m")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]}, "'BF16' in 'a'"),
        ({"dtype": ["F64"], "shape": [1], "data_offsets": [0, 8]}, "hold arrays of"),
        ({"dtype": "F64", "shape": [10**15], "data_offsets": [0, 8]}, "declare the shape"),
        ({"dtype": "F64", "shape": [-1], "data_offsets": [0, 8]}, "declare the shape"),
        ({"dtype": "F64", "shape": [1.0], "data_offsets": [0, 8]}, "declare the shape"),
        ({"dtype": "F64", "shape": [1] * 40, "data_offsets": [0, 8]}, "declare the shape"),
        ({"dtype": "F64", "shape": [2], "data_offsets": [0, 16]}, "the data it declares; got 8 of 16 bytes"),
        ({"dtype": "F64", "shape": [1], "data_offsets": [1, 8]}, "laid out as safetensors"),
        ("F64", "hold arrays of"),
    ],
)
def test_read_refuses_arrays_that_are_not_as_declared(tmp_path, entry, message):
    layout = {"__metadata__": {"riskdec": contents()}, "a": entry}
    head = json.dumps(layout).encode()
    raw = struct.pack("<Q", len(head)) + head + b"\0" * 8
    place = raw.index(b"0" * 64)
    (tmp_path / "m").write_bytes(raw[:place] + sha256(raw).hexdigest().encode() + raw[place + 64 :])
    with pytest.raises(ModelFileError, match=message):
        read_model(tmp_path / "m")


def test_read_refuses_a_header_beyond_the_limit_before_parsing(tmp_path):
    (tmp_path / "m").write_bytes(struct.pack("<Q", 1_500_000) + b" " * 1_500_000)
    with pytest.raises(ModelFileError, match="header of at most 1000000 bytes; got 1500000"):
        read_model(tmp_path / "m")


def test_read_refuses_too_many_arrays_and_too_large_files(path, monkeypatch):
    monkeypatch.setattr(modelfile, "MAX_ARRAYS", 3)
    with pytest.raises(ModelFileError, match="at most 3 arrays"):
        read_model(path)
    monkeypatch.setattr(modelfile, "MAX_FILE_BYTES", 100)
    with pytest.raises(ModelFileError, match="at most 100 bytes"):
        read_model(path)


def test_read_does_not_wait_for_a_pipe_or_open_a_folder(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(ModelFileError, match="a folder, a device or a pipe"):
            read_model(path)


def test_read_leaves_a_missing_file_to_python(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_model(tmp_path / "m")


def test_messages_stay_short_whatever_the_file_says(tmp_path):
    (tmp_path / "m").write_bytes(seal(contents(schema="x" * 100_000)))
    with pytest.raises(ModelFileError) as caught:
        read_model(tmp_path / "m")
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    "classes",
    [
        np.array([0, 1]),
        np.array([0, 1], dtype=np.int8),
        np.array([0, 2**63], dtype=np.uint64),
        np.array([False, True]),
        np.array([0.1 + 0.2, 1e300]),
        np.array([0.1, 1.0], dtype=np.float32),
        np.array(["no", "yés"]),
        np.array(["1", "True"], dtype=object),
        np.array([1, 1.0, True, "1"], dtype=object),
        np.array([np.int64(3), np.str_("x")], dtype=object),
    ],
    ids=str,
)
def test_labels_keep_value_and_type_through_json(classes):
    again = decode_labels(json.loads(json.dumps(encode_labels(classes))))
    assert again.dtype == classes.dtype
    assert again.tolist() == classes.tolist()
    plain = [value.item() if isinstance(value, np.generic) else value for value in classes.tolist()]
    assert [type(value) for value in again.tolist()] == [type(value) for value in plain]


@pytest.mark.parametrize("value", [None, b"x", (1,), np.nan, np.inf, 1j, np.datetime64("2020-01-01")])
def test_labels_of_other_types_are_refused(value):
    classes = np.empty(1, dtype=object)
    classes[0] = value
    with pytest.raises(InputError, match="labels must be finite numbers, text or True/False"):
        encode_labels(classes)


@pytest.mark.parametrize(
    "encoded",
    [
        {"dtype": "U2000000000", "labels": [["str", "x"]]},
        {"dtype": "str", "labels": [["int", "x"]]},
        {"dtype": "str", "labels": [["os.system", "x"]]},
        {"dtype": "int64", "labels": [["int", True]]},
        {"dtype": "float64", "labels": [["float", 1]]},
    ],
)
def test_labels_with_a_tag_that_lies_are_refused(encoded):
    with pytest.raises(InputError):
        decode_labels(encoded)
