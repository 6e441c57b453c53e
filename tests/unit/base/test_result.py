"""Results are frozen and complete; their arrays are locked, also after every way of copying them."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, dataclass, replace
from typing import Any

import numpy as np
import pytest

import riskdec as rd
from riskdec._base.result import Estimate, Framed, Result, jsonable, with_frame_kind
from riskdec._base.table import Table
from riskdec.errors import InputError


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class Answer(Result):
    """A result with one array, one number and one tuple."""

    risk: np.ndarray
    n: int
    parts: tuple[Any, ...] = ()

    def _headline(self) -> str:
        return f"n={self.n}"

    def summary(self) -> Table:
        return Table(title="Answer", rows=(("n", str(self.n)),))

    def to_dict(self) -> dict[str, Any]:
        return {"risk": jsonable(self.risk), "n": self.n}


def answer() -> Answer:
    return Answer(risk=np.array([0.1, 0.2]), n=2, parts=(Estimate(estimate=1.0, low=0.5, high=2.0),))


def copies() -> list[Answer]:
    made = answer()
    return [made, pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made), replace(made, n=2)]


def test_arrays_are_locked_in_every_copy() -> None:
    for result in copies():
        np.testing.assert_array_equal(result.risk, [0.1, 0.2])
        assert repr(result.parts) == "(1 (0.5 to 2),)"
        with pytest.raises(ValueError, match="read-only"):
            result.risk[0] = 9
        with pytest.raises(ValueError, match="WRITEABLE"):
            result.risk[:1].flags.writeable = True


def test_locking_a_view_does_not_leave_a_way_in() -> None:
    base = np.array([0.1, 0.2, 0.3])
    result = Answer(risk=base[:2], n=2)
    base[0] = 9
    assert result.risk[0] == 0.1
    assert base.flags.writeable


def test_fields_cannot_be_set_and_no_others_added() -> None:
    with pytest.raises(FrozenInstanceError):
        answer().n = 3  # type: ignore[misc]
    assert not hasattr(answer(), "__dict__")
    with pytest.raises((AttributeError, TypeError)):
        object.__setattr__(answer(), "more", 1)


def test_results_are_compared_by_identity() -> None:
    one = answer()
    assert one == one
    assert one != answer()
    assert len({one, answer()}) == 2


def test_repr_text_and_html() -> None:
    assert repr(answer()) == "<Answer: n=2>"
    assert str(answer()) == "Answer\nn  2"
    assert answer()._repr_html_() == answer().summary().to_html()


def test_estimate_is_a_phrase_and_three_numbers() -> None:
    estimate = Estimate(estimate=0.123456, low=-1.0, high=float("inf"))
    assert repr(estimate) == "0.1235 (-1 to inf)"
    assert estimate.to_dict() == {"estimate": 0.123456, "low": -1.0, "high": None}
    assert pickle.loads(pickle.dumps(estimate)).to_dict() == estimate.to_dict()


def test_jsonable_gives_plain_values_all_the_way_down() -> None:
    value = {
        "a": np.array([[1.5, np.nan], [np.inf, -np.inf]]),
        1: (np.int64(3), np.float32(0.5), np.bool_(True), None, "x", float("nan")),
        "nested": {"b": [np.array([], dtype=int), np.str_("y")]},
    }
    plain = jsonable(value)
    assert plain == {"a": [[1.5, None], [None, None]], "1": [3, 0.5, True, None, "x", None], "nested": {"b": [[], "y"]}}
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert [type(item) for item in plain["1"][:3]] == [int, float, bool]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class Rows(Framed):
    """A table that may hold others."""

    risk: np.ndarray
    inner: Any = None

    def _headline(self) -> str:
        return f"n={len(self.risk)}"

    def summary(self) -> Table:
        return Table(title="Rows")

    def to_dict(self) -> dict[str, Any]:
        return self._plain_fields("inner")

    def _columns(self) -> dict[str, Any]:
        return {"risk": self.risk}


def test_frame_is_of_the_kind_of_the_answer_or_of_the_one_asked_for() -> None:
    rows = Rows(risk=np.array([0.1, 0.2]), frame_kind="polars")
    assert rows.frame()["risk"].to_list() == rows.frame("pandas")["risk"].tolist() == [0.1, 0.2]
    assert type(rows.frame()).__module__.startswith("polars")
    assert type(Rows(risk=np.ones(1)).frame()).__module__.startswith("pandas")
    assert pickle.loads(pickle.dumps(rows)).frame_kind == "polars"
    assert rows.to_dict() == {"risk": [0.1, 0.2]}


def test_kind_out_of_a_file_imports_nothing() -> None:
    for kind in ("os", "riskdec.cli", None):
        with pytest.raises(InputError, match="kind must be one of 'pandas', 'polars', 'pyarrow'"):
            Rows(risk=np.ones(1), frame_kind=kind).frame()  # type: ignore[arg-type]


def test_answers_within_an_answer_change_their_kind_too() -> None:
    leaf, other = Rows(risk=np.ones(1)), answer()
    whole = Rows(risk=np.zeros(2), inner=(("leaf", leaf), Answer(risk=np.ones(1), n=1, parts=(leaf, other))))
    changed = with_frame_kind(whole, "pyarrow")
    (name, first), second = changed.inner
    assert name == "leaf"
    assert [part.frame_kind for part in (changed, first, second.parts[0])] == ["pyarrow"] * 3
    assert [part.frame_kind for part in (whole, leaf)] == ["pandas"] * 2
    # What holds no frame is the object it was, and so is everything where the kind is right already.
    assert second.parts[1] is other
    assert with_frame_kind(whole, "pandas") is whole
    assert with_frame_kind(None, "polars") is None
    assert not changed.risk.flags.writeable


def test_a_name_in_a_repr_does_not_steer_a_terminal() -> None:
    costs = rd.CostMatrix.binary(false_positive=1, false_negative=5, actions=("wait", "treat\x1b[31m"))
    for one in (costs, rd.decide([0.1, 0.7], costs), costs.regions()):
        assert "treat\N{REPLACEMENT CHARACTER}[31m" in repr(one)
        assert "\x1b" not in repr(one)
