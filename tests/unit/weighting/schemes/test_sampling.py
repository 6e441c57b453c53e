"""Resampled training rows: how many of each, which are left to chance, and what SMOTE cannot take."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl
import pytest

from riskdec.errors import InputError, MissingExtraError
from riskdec.weighting.schemes import Scheme
from riskdec.weighting.schemes.sampling import draw_rows, make_up_rows

if TYPE_CHECKING:
    from riskdec.weighting.schemes.scheme import Way

IS_EVENT = np.arange(90) % 9 == 0


def scheme(way: Way, weights: tuple[float, float]) -> Scheme:
    return Scheme(name=way, labels=(0, 1), weights=weights, way=way)


def test_undersampling_keeps_the_asked_for_share_and_no_row_twice(rng: np.random.Generator) -> None:
    rows = draw_rows(scheme("undersample", (0.25, 1.0)), IS_EVENT, rng)
    assert len(np.unique(rows)) == len(rows)
    assert np.count_nonzero(IS_EVENT[rows]) == 10
    assert np.count_nonzero(~IS_EVENT[rows]) == 20
    assert (np.diff(rows) > 0).all()


def test_each_row_is_left_out_equally_often(rng: np.random.Generator) -> None:
    kept = np.zeros(90)
    for _ in range(2000):
        kept[draw_rows(scheme("undersample", (0.25, 1.0)), IS_EVENT, rng)] += 1
    share = kept[~IS_EVENT] / 2000
    # Each is Binomial(2000, 1/4): standard error .0097.
    assert np.abs(share - 0.25).max() < 4.5 * 0.0097
    assert (kept[IS_EVENT] == 2000).all()


def test_whole_numbers_of_copies_leave_nothing_to_chance() -> None:
    one, other = (draw_rows(scheme("oversample", (1.0, 8.0)), IS_EVENT, np.random.default_rng(s)) for s in (1, 2))
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(np.bincount(one), np.where(IS_EVENT, 8, 1))


def test_fractions_of_copies_go_to_rows_drawn_without_replacement(rng: np.random.Generator) -> None:
    times = np.bincount(draw_rows(scheme("oversample", (1.0, 2.3)), IS_EVENT, rng))
    assert (times[~IS_EVENT] == 1).all()
    assert sorted(times[IS_EVENT]) == [2] * 7 + [3] * 3


def test_smote_lies_between_rows_of_the_smaller_class(rng: np.random.Generator) -> None:
    pytest.importorskip("imblearn")
    X = rng.normal(size=(90, 2)) + 5 * IS_EVENT[:, None]
    made, labels = make_up_rows(scheme("smote", (1.0, 4.0)), X, IS_EVENT.astype(int), rng)
    assert np.bincount(labels).tolist() == [80, 40]
    np.testing.assert_array_equal(made[:90], X)
    low, high = X[IS_EVENT].min(axis=0), X[IS_EVENT].max(axis=0)
    assert (made[90:] >= low - 1e-9).all()
    assert (made[90:] <= high + 1e-9).all()


def test_smote_gives_frames_back_in_their_own_kind(rng: np.random.Generator) -> None:
    pytest.importorskip("imblearn")
    X = rng.normal(size=(90, 2))
    made = []
    for frame in (pd.DataFrame(X, columns=["a", "b"]), pl.DataFrame(X, schema=["a", "b"])):
        rows, _ = make_up_rows(scheme("smote", (1.0, 4.0)), frame, IS_EVENT.astype(int), np.random.default_rng(0))
        assert type(rows) is type(frame)
        assert list(rows.columns) == ["a", "b"]
        made.append(np.asarray(rows))
    np.testing.assert_allclose(made[0], made[1])


def test_smote_without_its_package_says_how_to_get_it(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str) -> None:
        raise ModuleNotFoundError(name=name.partition(".")[0])

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(
        MissingExtraError, match=r"the scheme 'smote' needs the package 'imblearn'.*riskdec\[imbalance\]"
    ):
        make_up_rows(scheme("smote", (1.0, 4.0)), np.zeros((90, 1)), IS_EVENT.astype(int), rng)


@pytest.mark.parametrize(
    ("X", "sentence"),
    [
        (pd.DataFrame({"a": np.arange(90.0), "ward": ["x", "y", "z"] * 30}), "column 'ward' must hold numbers"),
        (np.where(np.arange(90) == 7, np.nan, 1.0)[:, None], "have no missing values for the scheme 'smote'"),
    ],
)
def test_smote_refuses_what_has_nothing_between(X: object, sentence: str, rng: np.random.Generator) -> None:
    pytest.importorskip("imblearn")
    with pytest.raises(InputError, match=sentence):
        make_up_rows(scheme("smote", (1.0, 4.0)), X, IS_EVENT.astype(int), rng)


def test_smote_needs_neighbours(rng: np.random.Generator) -> None:
    pytest.importorskip("imblearn")
    labels = (np.arange(90) < 4).astype(int)
    with pytest.raises(InputError, match="have more than 5 training rows of 1 for the scheme 'smote'; got 4"):
        make_up_rows(scheme("smote", (1.0, 3.0)), np.arange(90.0)[:, None], labels, rng)


def test_smote_takes_whole_numbers_of_columns_that_know_missing_values(rng: np.random.Generator) -> None:
    pytest.importorskip("imblearn")
    X = rng.integers(0, 9, (90, 2))
    plain = scheme("smote", (1.0, 4.0))
    made, _ = make_up_rows(plain, X.astype(float), IS_EVENT.astype(int), np.random.default_rng(0))
    frame = pd.DataFrame(X, columns=["a", "b"]).astype("Int64")
    from_frame, _ = make_up_rows(plain, frame, IS_EVENT.astype(int), np.random.default_rng(0))
    np.testing.assert_allclose(from_frame.to_numpy(dtype=float), made)
