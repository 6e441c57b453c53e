"""State as JSON and arrays: closed kinds go in and come back, everything else is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from riskdec._base.findings import Finding
from riskdec._base.state import pack_state, unpack_state
from riskdec.errors import InputError, ModelFileError
from riskdec.scores.risk_bins import RiskBins

FINDING = Finding(code="RD502", severity="issue", sentence="None.", todo="Look.")


def find_class(name: str) -> type:
    return {"Finding": Finding}[name]


def there_and_back(value: object) -> Any:
    packed, arrays = pack_state(value)
    return unpack_state(json.loads(json.dumps(packed, allow_nan=False)), arrays, find_class)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        3,
        -0.5,
        "text",
        float("inf"),
        (1, (2.5, None)),
        [1, "a"],
        {"a": 1, 2: (3,)},
        FINDING,
        np.float64(2.5),
    ],
)
def test_plain_values_come_back_as_they_were(value: object) -> None:
    again = there_and_back(value)
    assert again == value
    assert type(again) is (float if isinstance(value, np.float64) else type(value))


def test_what_is_no_number_stays_none() -> None:
    assert np.isnan(there_and_back(float("nan")))


@pytest.mark.parametrize(
    "array",
    [
        np.array([0.1, np.nan, np.inf]),
        np.array([[1.5]], dtype=np.float32),
        np.array([True, False]),
        np.arange(4, dtype=np.int8),
        np.array([3], dtype=np.uint32),
        np.array(["no", "yes"]),
        np.array(["a", 2, True], dtype=object),
        np.empty((0, 3)),
    ],
)
def test_arrays_come_back_with_type_and_shape(array: np.ndarray) -> None:
    again = there_and_back({"x": array})["x"]
    np.testing.assert_array_equal(again, array)
    assert again.dtype == array.dtype


@pytest.mark.parametrize("value", [LogisticRegression(), print, {1, 2}, b"bytes", np.array([1j]), object()])
def test_what_is_no_data_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="must be"):
        pack_state({"x": value})


@pytest.mark.parametrize(
    "packed",
    [
        [1],
        {"v": 1},
        {"$": 3},
        {"$": "os.system", "v": {}},
        {"$": "Finding", "v": {"code": "RD502"}},
        {"$": "Finding", "v": [1]},
        {"$": "array", "v": "a9"},
        {"$": "array", "v": "a0", "dtype": "object"},
        {"$": "number", "v": "1e999"},
        {"$": "dict", "v": [[1]]},
        {"$": "dict", "v": [[{"$": "list", "v": []}, 1]]},
        {"$": "tuple", "v": 4},
        {"$": "labels", "v": {}},
        {"$": "Finding", "options": {}, "learned": {}},
        {"$": "Finding", "header": {}, "arrays": {}},
    ],
)
def test_what_riskdec_did_not_write_is_refused(packed: object) -> None:
    with pytest.raises(ModelFileError, match="values that riskdec wrote"):
        unpack_state(packed, {"a0": np.zeros(2)}, find_class)


def test_values_deep_inside_one_another_are_refused() -> None:
    packed: Any = 1
    for _ in range(100):
        packed = {"$": "tuple", "v": [packed]}
    with pytest.raises(ModelFileError, match="deep"):
        unpack_state(packed, {}, find_class)


def test_answer_kept_before_it_was_a_table_is_read() -> None:
    bins = RiskBins(risk=np.array([0.2]), weight=np.array([5.0]), events=np.array([1.0]), frame_kind="polars")
    packed, arrays = pack_state(bins)
    assert unpack_state(packed, arrays, lambda _: RiskBins).frame_kind == "polars"
    del packed["v"]["frame_kind"]
    assert unpack_state(packed, arrays, lambda _: RiskBins).frame_kind == "pandas"
    del packed["v"]["weight"]
    with pytest.raises(ModelFileError, match="got a RiskBins of risk, events"):
        unpack_state(packed, arrays, lambda _: RiskBins)
