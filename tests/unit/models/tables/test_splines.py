"""Restricted cubic splines as a transformer: scikit-learn's contract."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from riskdec.errors import InputError, NotFittedError, RiskdecWarning
from riskdec.likelihood.splines.basis import spline_basis
from riskdec.models.tables.splines import RestrictedCubicSpline, spline_names

KNOTS = np.array([-1.0, 0.5, 1.0, 4.0, 6.0])
FRAME = pd.DataFrame({"age": np.arange(120.0), "bmi": np.arange(120.0) ** 2})


@parametrize_with_checks([RestrictedCubicSpline(), RestrictedCubicSpline(knots=[-1, 0, 2])])
def test_transformer_passes_the_check(estimator: Any, check: Any) -> None:
    check(estimator)


def test_names_count_primes() -> None:
    assert spline_names("x", KNOTS) == ("x", "x'", "x''", "x'''")
    assert spline_names("x", ()) == ("x",)


def test_transformer_learns_and_applies_by_column() -> None:
    spline = RestrictedCubicSpline(n_knots=5).fit(FRAME)
    assert [len(knots) for knots in spline.knots_] == [5, 5]
    other = FRAME.iloc[[3, 100]]
    blocks = [spline_basis(other[name].to_numpy(), knots) for name, knots in zip(FRAME, spline.knots_, strict=True)]
    np.testing.assert_array_equal(spline.transform(other), np.hstack(blocks))
    names = ["age", "age'", "age''", "age'''", "bmi", "bmi'", "bmi''", "bmi'''"]
    assert spline.get_feature_names_out().tolist() == names


@pytest.mark.parametrize(("kind", "frame_class"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame)])
def test_transformer_gives_the_frame_that_is_asked_for(kind: str, frame_class: type) -> None:
    frames = FRAME if kind == "pandas" else pl.from_pandas(FRAME)
    found = RestrictedCubicSpline(n_knots=3).set_output(transform=kind).fit_transform(frames)
    assert isinstance(found, frame_class)
    assert list(found.columns) == ["age", "age'", "bmi", "bmi'"]


def test_given_knots_are_used_for_all_columns_or_by_column() -> None:
    shared = RestrictedCubicSpline(knots=[10, 20, 30]).fit(FRAME)
    assert [knots.tolist() for knots in shared.knots_] == [[10, 20, 30]] * 2
    each = RestrictedCubicSpline(knots=[[1, 2, 3, 4], np.array([5, 6, 7])]).fit(FRAME)
    assert [knots.tolist() for knots in each.knots_] == [[1, 2, 3, 4], [5, 6, 7]]
    assert each.get_feature_names_out().tolist() == ["age", "age'", "age''", "bmi", "bmi'"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_knots": 2}, "n_knots must be a whole number of at least 3; got 2"),
        ({"n_knots": 4.0}, "n_knots must be a whole number of at least 3; got 4.0"),
        ({"knots": [1, 2]}, r"knots must be at least 3 increasing numbers; got \[1.0, 2.0\]"),
        ({"knots": []}, r"knots must be at least 3 increasing numbers; got \[\]"),
        ({"knots": [1, 3, 3]}, "knots must be at least 3 increasing numbers"),
        ({"knots": [1, np.nan, 3]}, "knots must be finite"),
        ({"knots": [[1, 2, 3]]}, r"knots must be one list for all columns, or one per column \(2\); got 1 lists"),
        ({"knots": [[1, 2, 3], [3, 2, 1]]}, r"knots\[1\] must be at least 3 increasing numbers"),
    ],
)
def test_wrong_knots_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        RestrictedCubicSpline(**options).fit(FRAME)


def test_columns_of_few_values_get_fewer_knots_or_stay_straight_with_one_warning() -> None:
    frame = FRAME.assign(beds=np.tile([1.0, 2, 3, 4, 5], 24), smoker=np.tile([0.0, 1.0], 60))
    with pytest.warns(RiskdecWarning, match="column 'beds' has 3 knots instead of 4; column 'smoker' stays") as caught:
        spline = RestrictedCubicSpline().fit(frame)
    assert len(caught) == 1
    assert spline.get_feature_names_out().tolist()[-3:] == ["beds", "beds'", "smoker"]
    np.testing.assert_array_equal(spline.transform(frame)[:, -1], frame["smoker"])


def test_missing_values_are_left_out_and_stay_missing() -> None:
    holes = FRAME.copy()
    holes.loc[[3, 50], "age"] = np.nan
    spline = RestrictedCubicSpline().fit(holes)
    whole = RestrictedCubicSpline().fit(FRAME[["age"]].drop(index=[3, 50]))
    np.testing.assert_array_equal(spline.knots_[0], whole.knots_[0])
    found = np.isnan(spline.transform(holes))
    assert found[[3, 50], :3].all()
    assert found.sum() == 6


def test_values_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(InputError, match=r"finite or missing \(no inf\); got inf in column 'age' at row 2 \(1 rows\)"):
        RestrictedCubicSpline().fit(FRAME.assign(age=[0.0, 1.0, np.inf] + [3.0] * 117))
    with pytest.raises(InputError, match="column 'age' must hold at least one value; got only missing ones"):
        RestrictedCubicSpline().fit(FRAME.assign(age=np.nan))
    with pytest.raises(InputError, match="could not convert string to float"):
        RestrictedCubicSpline().fit(FRAME.assign(age="old"))


def test_names_in_must_be_those_of_training() -> None:
    spline = RestrictedCubicSpline(n_knots=3).fit(FRAME.to_numpy())
    assert spline.get_feature_names_out().tolist() == ["x0", "x0'", "x1", "x1'"]
    assert spline.get_feature_names_out(["a", "b"]).tolist() == ["a", "a'", "b", "b'"]
    with pytest.raises(InputError, match="length equal to number of features"):
        spline.get_feature_names_out(["a"])
    with pytest.raises(InputError, match="input_features is not equal to feature_names_in_"):
        RestrictedCubicSpline().fit(FRAME).get_feature_names_out(["bmi", "age"])


def test_transformer_before_fit_says_so() -> None:
    with pytest.raises(NotFittedError, match="not fitted yet"):
        RestrictedCubicSpline().transform(FRAME)
    with pytest.raises(NotFittedError):
        RestrictedCubicSpline().get_feature_names_out()


def test_clone_and_pickle_keep_what_they_should() -> None:
    spline = RestrictedCubicSpline(n_knots=5).fit(FRAME)
    assert clone(spline).get_params() == {"n_knots": 5, "knots": None}
    assert "knots_" not in vars(clone(spline))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(spline)).transform(FRAME), spline.transform(FRAME))


def test_transformer_in_a_pipeline_fits_a_curve_better_than_a_line() -> None:
    y = np.sin(FRAME["age"] / 30)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = make_pipeline(RestrictedCubicSpline(n_knots=6), LinearRegression()).fit(FRAME[["age"]], y)
    assert model.score(FRAME[["age"]], y) > 0.99
