"""Every table among the answers is a frame of the caller's library, of the same numbers, and of any other if asked."""

from __future__ import annotations

import json
import pickle
from functools import cache
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import riskdec as rd
from riskdec._base.result import Framed
from riskdec.errors import InputError
from tests.architecture.test_results import RESULTS
from tests.contract.frame_answers import (
    ANSWERS,
    COSTS,
    PROBA,
    REPAIRS,
    RISK,
    WEIGHT,
    Y_OF_3,
    Given,
    Y,
    framed_parts,
)

if TYPE_CHECKING:
    from pathlib import Path

FRAMES: dict[str, type] = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.Table}
# Answers of which no caller gives rows, or rows of images.
WITHOUT_ROWS = {"CostZones", "SimplexRegions", "Detections", "SceneEvaluation", "TrainingHistory"}

everything = pytest.mark.parametrize("name", list(ANSWERS))


@cache
def parts_of(name: str, library: str) -> dict[str, Any]:
    return dict(framed_parts(ANSWERS[name](Given(library))))


def sort_of(values: Any) -> str:
    """Tell what a column holds: texts, truths, whole numbers or others."""
    array = values if isinstance(values, np.ndarray) else np.array(list(values), dtype=object)
    if array.dtype.kind in "OU":
        known = [value for value in array.tolist() if value is not None]
        if len(known) == 0 or isinstance(known[0], str):
            return "text"
        if len(known) < len(array):
            return "number"
        array = np.array(known)
    return {"b": "truth", "i": "whole", "u": "whole", "f": "number"}[array.dtype.kind]


def sorts_in(frame: Any) -> dict[str, str]:
    sorts = {}
    for column, dtype in nw.from_native(frame).schema.items():
        # Before its version 3 pandas keeps texts as objects.
        text = dtype == nw.String or (dtype == nw.Object and isinstance(frame, pd.DataFrame))
        sorts[column] = (
            "text" if text else "truth" if dtype == nw.Boolean else "whole" if dtype.is_integer() else "number"
        )
        assert text or dtype == nw.Boolean or dtype.is_numeric(), (column, dtype)
    return sorts


def columns_in(frame: Any) -> dict[str, list[Any]]:
    return {column: nw.from_native(frame)[column].to_list() for column in nw.from_native(frame).columns}


def assert_same(ours: dict[str, list[Any]], theirs: dict[str, list[Any]], where: object) -> None:
    assert list(ours) == list(theirs), where
    for column, values in ours.items():
        if any(isinstance(value, str) for value in values):
            plain = [[value if isinstance(value, str) else None for value in one] for one in (values, theirs[column])]
            assert plain[0] == plain[1], (where, column)
        elif any(value is not None for value in values):
            np.testing.assert_allclose(values, theirs[column], rtol=1e-6, atol=1e-9, err_msg=f"{where} {column}")


@everything
@pytest.mark.parametrize("library", list(FRAMES))
def test_frames_are_of_the_callers_library(name: str, library: str) -> None:
    found = parts_of(name, library)
    assert found
    for where, part in found.items():
        assert part.frame_kind == library, where
        assert isinstance(part.frame(), FRAMES[library]), where


@everything
def test_arrays_give_pandas(name: str) -> None:
    assert all(isinstance(part.frame(), pd.DataFrame) for part in parts_of(name, "arrays").values())


@everything
@pytest.mark.parametrize("library", list(FRAMES))
def test_numbers_are_those_of_arrays(name: str, library: str) -> None:
    wanted, found = parts_of(name, "arrays"), parts_of(name, library)
    assert list(wanted) == list(found)
    for where, part in found.items():
        assert_same(columns_in(part.frame()), columns_in(wanted[where].frame()), where)


@everything
def test_any_answer_gives_a_frame_of_any_library(name: str) -> None:
    for where, part in parts_of(name, "polars").items():
        ours = columns_in(part.frame())
        for library, frame_class in FRAMES.items():
            frame = part.frame(library)
            assert isinstance(frame, frame_class), where
            assert_same(columns_in(frame), ours, where)


@everything
@pytest.mark.parametrize("library", list(FRAMES))
def test_texts_are_texts_and_whole_numbers_whole(name: str, library: Any) -> None:
    for where, part in parts_of(name, "polars").items():
        wanted = {column: sort_of(values) for column, values in part._columns().items()}
        assert sorts_in(part.frame(library)) == wanted, where


@everything
def test_numbers_that_do_not_exist_are_nan_and_not_missing(name: str) -> None:
    for where, part in parts_of(name, "polars").items():
        frame = part.frame("polars")
        numbers = frame.select(pl.selectors.numeric())
        assert not sum(numbers.null_count().row(0) if numbers.width else ()), where


@everything
def test_copies_and_dicts_are_what_they_were(name: str) -> None:
    for where, part in parts_of(name, "polars").items():
        twin = pickle.loads(pickle.dumps(part))
        assert twin.frame_kind == "polars", where
        assert_same(columns_in(twin.frame()), columns_in(part.frame()), where)
        told = json.dumps(part.to_dict(), allow_nan=False)
        assert "frame_kind" not in told, where


def test_every_answer_with_a_frame_is_asked_for() -> None:
    seen = {type(part).__name__ for name in ANSWERS for part in parts_of(name, "polars").values()}
    framed = {cls.__name__ for cls in RESULTS if issubclass(cls, Framed)}
    assert framed - seen == WITHOUT_ROWS
    assert seen <= framed


def test_answers_without_rows_give_pandas_and_any_other_if_asked() -> None:
    costs = rd.CostMatrix.from_frame(pl.DataFrame({"outcome": ["healthy", "ill"], "wait": [0, 9], "treat": [1, 0]}))
    three: Any = rd.CostMatrix([[0, 1, 2], [1, 0, 2], [3, 3, 0]], outcomes=("a", "b", "c"), actions=("x", "y", "z"))
    ranges = rd.CostRanges.binary(false_positive=(1, 2), false_negative=(5, 10))
    for answer in (costs.regions(), three.regions(), ranges.zones()):
        assert isinstance(answer.frame(), pd.DataFrame)
        for library, frame_class in FRAMES.items():
            assert isinstance(answer.frame(library), frame_class)  # type: ignore[arg-type]


def test_training_gives_one_line_per_epoch_and_comes_back_from_its_dict() -> None:
    pytest.importorskip("torch")
    from riskdec.nn.training.history import EpochRow, TrainingHistory

    figures = ("train_loss", "train_accuracy", "log_loss", "refinement", "accuracy", "learning_rate", "seconds")
    rows = tuple(EpochRow(epoch=k, **dict.fromkeys(figures, 0.5)) for k in (1, 2))
    of: dict[str, Any] = {"n_train": 9, "n_held_out": 3, "precision": "float32", "device": "cpu", "seed": 0}
    history = TrainingHistory(
        rows=rows, best_epoch=2, ended="all epochs", n_processes=1, n_threads=1, by_class=None, **of
    )
    assert history.frame("polars")["epoch"].to_list() == history.frame()["epoch"].tolist() == [1, 2]
    assert "frame_kind" not in history.to_dict()
    assert TrainingHistory.from_dict(history.to_dict()).rows == rows


@pytest.mark.parametrize("kind", ["duckdb", "os", True, 1])
def test_another_kind_is_refused(kind: Any) -> None:
    with pytest.raises(InputError, match="kind must be one of 'pandas', 'polars', 'pyarrow'; got"):
        rd.decide(RISK, COSTS).frame(kind)


def test_first_frame_given_decides() -> None:
    curve = rd.reliability_curve(pl.Series(Y), pd.Series(RISK), rng=0)
    assert isinstance(curve.frame(), pl.DataFrame)
    checked = rd.evaluate_decisions(pa.array(Y), rd.decide(pl.Series(RISK), COSTS))
    assert isinstance(checked.frame(), pa.Table)


def test_frames_of_a_model_keep_their_kind_in_its_file(tmp_path: Path) -> None:
    given = Given("polars")
    for model in (rd.LogisticRiskModel(penalty="ridge", alpha="cv"), rd.TabularRiskModel(random_state=0)):
        again: Any = rd.load(model.fit(given.X, given.y).save(tmp_path / "model.riskdec"))
        assert isinstance(again.fit_result_.frame(), pl.DataFrame)
        assert isinstance(again.alpha_choice_.frame(), pl.DataFrame)


BINARY = ("Platt", "Beta", "Isotonic", "CentredIsotonic", "VennAbers", "Spline", "Temperature")
MANY = ("Temperature", "VectorScaling", "Dirichlet")


@pytest.mark.parametrize("library", list(FRAMES))
@pytest.mark.parametrize("name", BINARY)
def test_calibrators_take_series_of_any_library(name: str, library: str) -> None:
    given, calibrator = Given(library), getattr(rd, f"{name}Calibrator")(input="probability")
    wanted = calibrator.fit(RISK, Y, sample_weight=WEIGHT).predict_proba(RISK)
    found = calibrator.fit(given.risk, given.y, sample_weight=given.weight).predict_proba(given.risk)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("library", list(FRAMES))
@pytest.mark.parametrize("name", MANY)
def test_calibrators_take_tables_of_any_library(name: str, library: str) -> None:
    given, calibrator = Given(library), getattr(rd, f"{name}Calibrator")(input="probability")
    wanted = calibrator.fit(PROBA, Y_OF_3, sample_weight=WEIGHT).predict_proba(PROBA)
    found = calibrator.fit(given.proba, given.y_of_3, sample_weight=given.weight).predict_proba(given.proba)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


@pytest.mark.parametrize("library", list(FRAMES))
@pytest.mark.parametrize("name", list(REPAIRS))
def test_repairs_take_series_of_any_library(name: str, library: str) -> None:
    np.testing.assert_array_equal(REPAIRS[name](Given(library).risk), REPAIRS[name](RISK))


def test_decimals_are_numbers() -> None:
    # Amounts that come out of a data base.
    amount = pl.Series(WEIGHT).cast(pl.Decimal(10, 2))
    found = rd.decide(RISK, {"false_positive": amount, "false_negative": 5})
    wanted = rd.decide(RISK, {"false_positive": WEIGHT, "false_negative": 5})
    np.testing.assert_array_equal(found.action, wanted.action)
