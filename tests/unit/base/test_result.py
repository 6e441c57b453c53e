"""Results are frozen and complete; their arrays are locked, also after every way of copying them."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import FrozenInstanceError, dataclass, replace
from typing import Any

import numpy as np
import pytest

from riskdec._base.result import Estimate, Result, jsonable
from riskdec._base.table import Table


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
