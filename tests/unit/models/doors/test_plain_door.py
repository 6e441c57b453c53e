"""Plain arrays pass without scikit-learn's checks, and leave what these leave; all else goes through them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.validation import check_array, check_X_y

from riskdec import LogisticRiskModel
from riskdec.errors import InputError
from riskdec.models.doors import door
from riskdec.models.doors.plain_door import are_plain_rows, are_zero_or_one, is_plain_matrix

X, Y = np.random.default_rng(5).normal(size=(80, 3)), np.arange(80) % 3 == 0
CHECKED = ("validate_data", "check_array", "check_X_y", "check_classification_targets")


class Matrix(np.ndarray):
    """A subclass, which may mean anything by its numbers."""


PLAIN: dict[str, tuple[Any, Any]] = {
    "float64": (X, Y),
    "float32": (X.astype(np.float32), Y.astype(np.int8)),
    "columns in one piece": (np.asfortranarray(X), Y.astype(np.uint64)),
    "every other row": (X[::2], Y[::2].astype(float)),
}
NOT_PLAIN: dict[str, tuple[Any, Any]] = {
    "whole numbers": (X.astype(int), Y),
    "half precision": (X.astype(np.float16), Y),
    "other byte order": (X.astype(">f8"), Y),
    "subclass": (X.view(Matrix), Y),
    "masked": (np.ma.masked_array(X), Y),
    "lists": (X.tolist(), Y.tolist()),
    "labels of text": (X, np.where(Y, "ill", "well")),
    "labels with gaps": (X, np.where(Y, 1.5, 0.0)),
    "labels in a column": (X, Y[:, None]),
    "other length": (X, Y[:-1]),
    "no rows": (X[:0], Y[:0]),
    "no columns": (X[:, :0], Y),
    "one axis": (X[:, 0], Y),
}


@pytest.mark.parametrize("case", PLAIN)
def test_plain_rows_are_what_scikit_learn_would_hand_on(case: str) -> None:
    rows, labels = PLAIN[case]
    assert are_plain_rows(rows, labels)
    assert check_array(rows, dtype=[np.float64, np.float32]) is rows
    checked, outcome = check_X_y(rows, labels, dtype=[np.float64, np.float32])
    assert checked is rows
    np.testing.assert_array_equal(outcome, labels)


@pytest.mark.parametrize("case", NOT_PLAIN)
def test_anything_else_is_not_plain(case: str) -> None:
    assert not are_plain_rows(*NOT_PLAIN[case])


@pytest.mark.parametrize("case", PLAIN)
def test_plain_rows_are_fitted_and_predicted_without_further_checks(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, labels = PLAIN[case]
    model = LogisticRiskModel().fit(rows.tolist(), labels.tolist())
    for name in CHECKED:
        monkeypatch.setattr(door, name, None)
    plain = LogisticRiskModel().fit(rows, labels)
    assert plain.n_features_in_ == 3
    np.testing.assert_allclose(plain.coef_, model.coef_, rtol=1e-10)
    np.testing.assert_allclose(plain.predict_risk(rows), model.predict_risk(rows.astype(float)), rtol=1e-6)


def test_names_of_an_earlier_fit_are_forgotten() -> None:
    model = LogisticRiskModel().fit(pd.DataFrame(X, columns=list("abc")), Y)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    assert not hasattr(model.fit(X, Y), "feature_names_in_")
    assert model.fit_result_.terms == ("Intercept", "x0", "x1", "x2")


def test_rows_without_the_names_of_the_fit_are_told_of() -> None:
    model = LogisticRiskModel().fit(pd.DataFrame(X, columns=list("abc")), Y)
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        model.predict_risk(X)


def test_other_width_at_prediction_is_refused() -> None:
    model = LogisticRiskModel().fit(X, Y)
    with pytest.raises(InputError, match="X has 2 features, but LogisticRiskModel is expecting 3 features"):
        model.predict_risk(X[:, :2])


def test_plain_frames_are_checked_for_names_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    frame, outcome = pd.DataFrame(X, columns=list("abc")), pd.Series(Y)
    for name in ("check_array", "check_X_y", "check_classification_targets"):
        monkeypatch.setattr(door, name, None)
    model = LogisticRiskModel().fit(frame, outcome)
    same = LogisticRiskModel().fit(X, Y).predict_risk(X)
    np.testing.assert_allclose(model.predict_risk(frame), same, rtol=1e-13)
    with pytest.raises(InputError, match="feature names should match"):
        model.predict_risk(frame[["b", "a", "c"]])


@pytest.mark.parametrize(
    ("labels", "expected"),
    [([0, 1], True), ([True], True), ([0.0, 1.0], True), ([0, 2], False), ([np.nan, 1], False), (["0"], False)],
)
def test_zeros_and_ones_are_recognised(labels: list[Any], expected: bool) -> None:
    assert are_zero_or_one(np.array(labels)) is expected


def test_matrix_of_no_rows_is_plain_at_prediction() -> None:
    assert is_plain_matrix(X[:0])
    assert LogisticRiskModel().fit(X, Y).predict_risk(X[:0]).shape == (0,)
