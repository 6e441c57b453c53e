"""Frames of pandas, polars and pyarrow are recognised, read and built alike."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from riskdec._base import frames
from riskdec.errors import InputError, MissingExtraError

COLUMNS = {"age": [1.5, 2.5], "name": ["a", "b"]}
MAKERS: dict[str, Any] = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
everywhere = pytest.mark.parametrize("kind", list(MAKERS))


@everywhere
def test_frames_are_recognised_with_their_series(kind: str) -> None:
    frame = MAKERS[kind](COLUMNS)
    assert frames.is_frame(frame)
    assert frames.frame_kind(np.ones(2), frame) == kind
    assert frames.frame_kind(frame["age"]) == kind
    assert not frames.is_frame(frame["age"])


def test_everything_else_is_no_frame() -> None:
    for value in (np.ones((2, 2)), [[1]], {"a": [1]}, None, "text"):
        assert not frames.is_frame(value)
        assert frames.frame_kind(value) == "pandas"
    assert frames.frame_kind(pl.DataFrame(COLUMNS), pd.DataFrame(COLUMNS)) == "polars"
    assert frames.frame_kind([1.0], otherwise="pyarrow") == "pyarrow"
    assert frames.frame_kind(pd.Series([1.0]), otherwise="pyarrow") == "pandas"


def test_columns_of_arrow_are_known_whole_and_in_chunks() -> None:
    assert frames.frame_kind(pa.array([1.0])) == frames.frame_kind(pa.chunked_array([[1.0]])) == "pyarrow"


def test_lazy_frame_is_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match=r"LazyFrame. Call .collect\(\)"):
        frames.is_frame(pl.DataFrame(COLUMNS).lazy())


@everywhere
def test_columns_are_named_taken_and_dropped(kind: str) -> None:
    frame = MAKERS[kind](COLUMNS)
    assert frames.column_names(frame) == ("age", "name")
    assert frames.get_column(frame, "age").tolist() == [1.5, 2.5]
    assert frames.get_column(frame, "name").tolist() == ["a", "b"]
    rest = frames.drop_columns(frame, ["age"])
    assert type(rest) is type(frame)
    assert frames.column_names(rest) == ("name",)


@everywhere
def test_missing_values_are_none_or_nan(kind: str) -> None:
    frame = MAKERS[kind]({"age": [1.5, None], "name": ["a", None]})
    assert np.isnan(frames.get_column(frame, "age")[1])
    missing = frames.get_column(frame, "name")[1]
    assert missing is None or missing != missing


@everywhere
def test_make_frame_builds_the_library_asked_for(kind: Any) -> None:
    locked = np.array([0.1, 0.7])
    locked.flags.writeable = False
    made = frames.make_frame({"risk": locked, "action": ["wait", "treat"], "n": np.array([1, 2])}, kind)
    assert isinstance(made, pa.Table if kind == "pyarrow" else MAKERS[kind])
    assert frames.column_names(made) == ("risk", "action", "n")
    assert frames.get_column(made, "risk").tolist() == [0.1, 0.7]


@everywhere
def test_what_does_not_exist_has_the_type_of_what_does(kind: Any) -> None:
    made = frames.make_frame(
        {"risk": [0.1, None], "rank": [1, None], "why": [None, "tied"], "note": [None, None], "n": [1, 2]}, kind
    )
    for name in ("risk", "rank"):
        first, second = frames.get_column(made, name).tolist()
        assert isinstance(first, float)
        assert second != second
    missing, text = frames.get_column(made, "why").tolist()
    assert text == "tied"
    assert missing is None or missing != missing
    types = {name: str(dtype) for name, dtype in frames.open_frame(made).schema.items()}
    assert types["n"] == "Int64"
    assert types["note"] == "String"


def test_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(MissingExtraError, match="a frame of polars needs the package 'polars'.*pip install polars"):
        frames.make_frame({"n": [1]}, "polars")


def test_columns_of_pandas_with_other_names_are_text() -> None:
    assert frames.column_names(pd.DataFrame(np.ones((1, 2)))) == ("0", "1")


def test_recognising_frames_imports_no_library() -> None:
    code = (
        "import sys, numpy\n"
        "from riskdec._base.frames import frame_kind, is_frame\n"
        "assert not is_frame(numpy.ones(2)) and frame_kind([1]) == 'pandas'\n"
        "print([name for name in ('pandas', 'polars', 'pyarrow', 'narwhals') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_columns_of_one_name_are_refused_by_name() -> None:
    twins = (
        pd.DataFrame(np.ones((2, 3)), columns=["age", "dose", "dose"]),
        pa.table([pa.array([1.0]), pa.array([2.0]), pa.array([3.0])], names=["age", "dose", "dose"]),
    )
    for frame in twins:
        for read in (frames.column_names, lambda one: list(frames.iterate_columns(one))):
            with pytest.raises(
                InputError, match="must have columns of different names; got 2 columns named 'dose'. Ren"
            ):
                read(frame)


def test_frames_of_plain_numbers_are_known() -> None:
    plain = pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan], "c": np.array([1, 2], dtype=np.float32)})
    assert frames.holds_plain_numbers(plain)
    others = ([True, False], ["x", "y"], pd.Categorical(["x", "y"]), pd.array([1, None], dtype="Int64"))
    dates = pd.to_datetime(["2020-01-01", "2020-01-02"])
    for other in (*others, dates):
        assert not frames.holds_plain_numbers(plain.assign(d=other))
    assert not frames.holds_plain_numbers(plain[["a", "a"]])
    assert not frames.holds_plain_numbers(pl.DataFrame({"a": [1, 2]}))
    assert not frames.holds_plain_numbers(plain.to_numpy())
