"""What is no score, outcome or weight is refused by every name of the room, with its place and a cure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

import riskdec as rd
from riskdec import calibration as room
from riskdec.errors import InputError, NotFittedError

if TYPE_CHECKING:
    from collections.abc import Callable

    Call = Callable[[Any, Any], Any]

N = 60
RNG = np.random.default_rng(0)
RISK = RNG.uniform(0.05, 0.95, N)
Y = (RNG.random(N) < RISK).astype(int)
MANY = RNG.dirichlet([1, 1, 1], N)
OUTCOME = RNG.integers(0, 3, N)

BINARY: dict[str, Call] = {
    kind.__name__: lambda p, y, kind=kind: kind().fit(p, y)  # type: ignore[misc]
    for kind in (
        room.PlattCalibrator,
        room.BetaCalibrator,
        room.SplineCalibrator,
        room.TemperatureCalibrator,
        room.VectorScalingCalibrator,
        room.DirichletCalibrator,
        room.IsotonicCalibrator,
        room.CentredIsotonicCalibrator,
        room.VennAbersCalibrator,
        room.CrossVennAbersCalibrator,
    )
} | {
    "choose_update": lambda p, y: room.choose_update(y, p),
    "labelled rows": lambda p, y: rd.estimate_prevalence(RISK, train=0.5, y_true_calibration=y, y_proba_calibration=p),
}
SUMS: dict[str, Call] = {
    "ScoreSums": room.ScoreSums.from_rows,
    "local_case_control": lambda p, y: room.local_case_control(y, p, rng=0),
}
ALONE: dict[str, Call] = {
    "undo_class_weight": lambda p, _: rd.undo_class_weight(p, class_weight={0: 1, 1: 3}),
    "undo_sampling": lambda p, _: rd.undo_sampling(p, keep_rates={0: 0.5, 1: 1}),
    "adjust_prevalence": lambda p, _: rd.adjust_prevalence(p, train=0.5, target=0.2),
    "undo_focal_loss": lambda p, _: room.undo_focal_loss(p, gamma=2),
    "undo_label_smoothing": lambda p, _: room.undo_label_smoothing(p, smoothing=0.01),
    "undo_logit_adjustment": lambda p, _: room.undo_logit_adjustment(p, prevalence=0.3),
    "estimate_prevalence": lambda p, _: rd.estimate_prevalence(p, train=0.5),
}
OF_SCORES = BINARY | SUMS | ALONE
OF_OUTCOMES = BINARY | SUMS
NAME = r"(scores|y_proba|y_proba_calibration|pilot_risk)"


def at(values: Any, place: int, value: Any) -> Any:
    """Give a copy with another value at one place."""
    changed = np.array(values, dtype=float)
    changed[place] = value
    return changed


BAD_SCORES = {
    "nan": (
        at(RISK, 3, np.nan),
        rf"^{NAME} must be finite \(no NaN, no inf\); got nan at position 3 \(1 of 60\)\. Repl",
    ),
    "inf": (at(RISK, 3, np.inf), rf"^{NAME} must be finite .* got inf at position 3"),
    "beyond 1": (at(RISK, 3, 1.5), rf"^{NAME} must lie in \[0, 1\]; got 1.5 at position 3 \(1 of 60\)\. Pass prob"),
    "below 0": (at(RISK, 3, -0.1), rf"^{NAME} must lie in \[0, 1\]; got -0.1 at position 3"),
    "text": (RISK.astype(str), rf"^{NAME} must hold numbers; got values of type"),
    "masked": (
        np.ma.masked_array(RISK, mask=np.arange(N) == 3),
        rf"^{NAME} must have no masked values; got .* position 3",
    ),
    "complex": (RISK + 1j, rf"^{NAME} must hold numbers; got values of type complex"),
    "rows that do not sum to one": (
        np.column_stack([RISK, RISK]),
        rf"^rows of {NAME} must sum|^pilot_risk must be 1-dim",
    ),
    "three axes": (np.zeros((N, 2, 2)), rf"^{NAME} must be [12]-dimensional; got shape \(60, 2, 2\)"),
}
BAD_OUTCOMES = {
    "lengths": (RISK, Y[:-1], "59|60"),
    "nan": (
        RISK,
        at(Y, 2, np.nan),
        r"must not be missing \(NaN or None\); got nan at position 2 \(1 of 60\)\. Drop these",
    ),
    "none": (RISK, [None, *Y[1:].tolist()], "must not be missing .* got None at position 0"),
    "two columns": (RISK, np.column_stack([Y, Y]), r"must be 1-dimensional; got shape \(60, 2\)"),
    "no outcomes": (RISK, None, "must be 1-dimensional|must be given together"),
    "no rows": (RISK[:0], Y[:0], "at least one row; got 0 rows"),
}


@pytest.mark.parametrize("bad", BAD_SCORES)
@pytest.mark.parametrize("name", OF_SCORES)
def test_what_is_no_score_is_refused_with_its_place(name: str, bad: str) -> None:
    scores, message = BAD_SCORES[bad]
    with pytest.raises(InputError, match=message):
        OF_SCORES[name](scores, Y)


@pytest.mark.parametrize("bad", BAD_OUTCOMES)
@pytest.mark.parametrize("name", OF_OUTCOMES)
def test_what_is_no_outcome_is_refused_with_its_place(name: str, bad: str) -> None:
    scores, y, message = BAD_OUTCOMES[bad]
    with pytest.raises(InputError, match=message):
        OF_OUTCOMES[name](scores, y)


@pytest.mark.parametrize("name", BINARY)
def test_one_row_and_one_outcome_teach_nothing(name: str) -> None:
    for scores, y in ((RISK[:1], Y[:1]), (RISK, np.zeros(N, dtype=int))):
        with pytest.raises(InputError, match=r"^y_true(_calibration)? must hold"):
            BINARY[name](scores, y)


@pytest.mark.parametrize("name", OF_SCORES)
def test_containers_of_all_kinds_are_read_by_place(name: str) -> None:
    plain = repr(OF_SCORES[name](RISK, Y))
    still = [RISK.copy(), Y.copy()]
    for array in still:
        array.flags.writeable = False
    forms = [
        (RISK.tolist(), Y.tolist()),
        (tuple(RISK), tuple(Y)),
        tuple(still),
        (RISK[:, None], Y[:, None]),
        (pd.Series(RISK, index=np.arange(N)[::-1]), pd.Series(Y, index=np.arange(N) + 7)),
        (pl.Series(RISK), pl.Series(Y)),
        (RISK.astype(object), Y.astype(object)),
        (RISK, Y.astype(bool)),
        (RISK, Y.astype(np.int8)),
        (np.ma.masked_array(RISK), Y),
    ]
    for scores, y in forms:
        found = OF_SCORES[name](scores, y)
        assert np.shape(found) == np.shape(OF_SCORES[name](RISK, Y))
        if name in ALONE and isinstance(found, np.ndarray):
            np.testing.assert_array_equal(found, OF_SCORES[name](RISK, Y))
        else:
            assert repr(found) == plain


@pytest.mark.parametrize(
    "kind",
    [room.TemperatureCalibrator, room.VectorScalingCalibrator, room.DirichletCalibrator, room.OneVsRestCalibrator],
)
def test_many_columns_are_checked_the_same(kind: Any) -> None:
    shifted = MANY.copy()
    shifted[3, 1] += 0.1
    for scores, y, message in (
        (at(MANY, 3, np.nan), OUTCOME, r"^scores must be finite .* got nan at position \(3, 0\)"),
        (shifted, OUTCOME, r"^rows of scores must sum to 1 \(within 1e-6\); got 1.1 at position 3"),
        (MANY.astype(str), OUTCOME, "^scores must hold numbers"),
        (np.zeros((N, 3, 3)), OUTCOME, r"^scores must be [12]-dimensional|^y_true"),
        (None, OUTCOME, "^scores must be [12]-dimensional"),
        (MANY, OUTCOME[:-1], r"^y_true must have one entry per row \(60\); got 59"),
        (
            MANY,
            np.arange(N),
            r"^y_true must hold one label per column of scores \(3\); got 60 labels\. Say with outcomes=",
        ),
        (MANY, np.zeros(N, dtype=int), "^y_true must hold one label per column"),
        (MANY[:0], OUTCOME[:0], "at least one row; got 0 rows"),
    ):
        with pytest.raises(InputError, match=message):
            kind().fit(scores, y)
    fitted = kind(event=1).fit(pd.DataFrame(MANY), pl.Series(OUTCOME))
    assert fitted.predict_proba(np.empty((0, 3))).shape == (0, 3)
    assert fitted.predict_interval(np.empty((0, 3))).shape == (0, 2)
    with pytest.raises(InputError, match="event must be one of the labels"):
        fitted.predict_risk(MANY, event="ill")


TABLE = np.column_stack([RISK, RNG.normal(size=N)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "sigmoid"}, "method must be a Calibrator or one of 'auto', 'none', 'platt'"),
        ({"method": room.PlattCalibrator}, r"method must be .* Pass an object: PlattCalibrator\(\)"),
        ({"cv": 1}, "cv must be a whole number of at least 2; got 1"),
        ({"cv": "five"}, "cv must be a number of folds, a scikit-learn splitter"),
        ({"cv": []}, "cv must leave rows out"),
        ({"weight_kind": "survey"}, "weight_kind must be one of"),
        ({"response_method": "predict"}, "response_method must be one of"),
        ({"random_state": "x"}, "random_state must be a seed"),
        ({"event": 7}, r"event must be one of the labels of y \(0, 1\); got 7"),
        ({"estimator": LogisticRegression}, r"estimator must be an object; got the class LogisticRegression. Pass Log"),
        ({"estimator": "x"}, "estimator must have predict_proba or decision_function; got a str"),
    ],
)
def test_options_of_calibrated_models_that_are_none_are_refused(options: dict[str, Any], message: str) -> None:
    model = rd.CalibratedRiskModel(LogisticRegression()).set_params(**options)
    with pytest.raises(InputError, match=message):
        model.fit(TABLE, Y)


def test_rows_of_calibrated_models_that_are_none_are_refused() -> None:
    model = rd.CalibratedRiskModel(LogisticRegression())
    for rows, y, message in (
        (None, Y, "X must be a table of rows; got a NoneType"),
        (TABLE, Y[:-1], r"y must have one entry per row \(60\); got 59"),
        (TABLE, at(Y, 2, np.nan), "y must not be missing"),
        (TABLE, np.zeros(N, dtype=int), "y must hold two classes; got one class, 0"),
        (TABLE[:0], Y[:0], "at least one row"),
    ):
        with pytest.raises(InputError, match=message):
            model.fit(rows, y)
    for weight, message in ((-np.ones(N), "not be negative; got -1.0 at position 0"), (np.ones(3), "got 3 entries")):
        with pytest.raises(InputError, match=message):
            model.fit(TABLE, Y, weight)


def test_what_was_never_fitted_is_no_risk_model() -> None:
    with pytest.raises(NotFittedError, match="got an unfitted LogisticRegression. Call its fit first"):
        rd.as_risk_model(LogisticRegression())
    with pytest.raises(NotFittedError, match="got a str without classes_"):
        rd.as_risk_model("model.pkl")
