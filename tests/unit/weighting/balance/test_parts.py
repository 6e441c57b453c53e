"""Rows are dealt stratified, whole groups at a time, no row twice; what cannot be dealt is refused by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskdec.errors import InputError
from riskdec.weighting.balance.parts import open_all
from riskdec.weighting.door import Given


def deal(X, y, groups=None, *, groups_test=None, sample_weight=None, weight_kind="frequency", **options):
    given = Given(groups, groups_test, sample_weight, None, weight_kind)
    return open_all(
        X, y, given, **({"X_test": None, "y_test": None, "share": 0.25, "rng": np.random.default_rng(0)} | options)
    )


def test_each_part_has_the_shares_of_the_classes() -> None:
    y = np.repeat([0, 1, 2], [600, 300, 100])
    parts = deal(np.arange(1000)[:, None], y)
    sizes = [np.bincount(part.codes).tolist() for part in (parts.fitted, parts.held_out, parts.test)]
    assert sizes == [[270, 135, 45], [90, 45, 15], [240, 120, 40]]
    used = np.concatenate([part.X[:, 0] for part in (parts.fitted, parts.held_out, parts.test)])
    assert sorted(used) == list(range(1000))
    assert "Fitted on 450 rows" in parts.split


def test_groups_stay_whole(rng) -> None:
    groups = rng.integers(0, 120, 1500)
    y = rng.choice(["a", "b", "c"], 1500, p=[0.6, 0.3, 0.1])
    parts = deal(np.arange(1500)[:, None], y, groups)
    sides = [set(groups[part.X[:, 0]]) for part in (parts.fitted, parts.held_out, parts.test)]
    assert not sides[0] & sides[1]
    assert not sides[0] & sides[2]
    assert not sides[1] & sides[2]
    assert [len(part.codes) / 1500 for part in (parts.fitted, parts.held_out, parts.test)] == pytest.approx(
        [0.45, 0.15, 0.4], abs=0.03
    )


def test_test_rows_are_taken_as_given() -> None:
    X, y = np.zeros((40, 2, 2, 3)), np.tile([0, 1], 20)
    parts = deal(X, y, X_test=np.ones((6, 2, 2, 3)), y_test=[1, 0, 1, 1, 0, 1], share=0.5)
    assert parts.test.codes.tolist() == [1, 0, 1, 1, 0, 1]
    assert parts.fitted.X.shape == (20, 2, 2, 3)
    assert "the rows of X_test" in parts.split


def test_frames_stay_frames() -> None:
    parts = deal(pd.DataFrame({"x": range(40)}), np.tile([0, 1], 20))
    assert isinstance(parts.fitted.X, pd.DataFrame)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"y": np.zeros(40)}, "two classes or more"),
        ({"X_test": np.zeros((4, 1))}, "come together"),
        ({"groups_test": np.zeros(4)}, "come with X_test and y_test"),
        ({"X_test": np.zeros((2, 1)), "y_test": [0, 0]}, "no row of class 1"),
        ({"X_test": np.zeros((2, 1)), "y_test": [0, 7]}, r"labels of y \(0, 1\); got 7"),
        ({"X_test": np.zeros((2, 1)), "y_test": [0, 1, 1]}, r"one entry per row of X_test \(2\); got 3"),
        ({"y": np.r_[np.zeros(38), 1, 1]}, "give every part of the split each class; got 1 rows of class 1.0"),
        ({"groups": np.tile([0, 1], 20)}, "More groups|more groups|each class"),
    ],
)
def test_what_cannot_be_dealt_is_refused(change, words) -> None:
    given = {"X": np.zeros((40, 1)), "y": np.tile([0, 1], 20)} | change
    with pytest.raises(InputError, match=words):
        deal(given.pop("X"), given.pop("y"), **given)
