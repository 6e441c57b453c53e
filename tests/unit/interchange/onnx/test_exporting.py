"""The file: what it says of itself, what it never holds, which models it refuses, and that it is written whole."""

from __future__ import annotations

import json
import sys
import warnings
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline

import riskdec as rd
from riskdec.errors import InputError, MissingExtraError, NotFittedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOOSTED = HistGradientBoostingClassifier(max_iter=3, random_state=0)
SCORES = np.linspace(0.05, 0.95, 40)
N = 200


@pytest.fixture(name="X")
def make_rows(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(size=(N, 2))


@pytest.fixture
def y(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (rng.random(N) < 1 / (1 + np.exp(-X[:, 0]))).astype(int)


def metadata_of(file: Path) -> dict[str, Any]:
    onnx = pytest.importorskip("onnx")
    return {entry.key: json.loads(entry.value) for entry in onnx.load(file).metadata_props}


@pytest.fixture
def _needs_onnx() -> None:
    pytest.importorskip("onnx")


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (rd.TabularRiskModel(learner=BOOSTED), "HistGradientBoostingClassifier"),
        (rd.CalibratedRiskModel(BOOSTED, cv=2), "HistGradientBoostingClassifier"),
        (BOOSTED, "HistGradientBoostingClassifier"),
        (make_pipeline(rd.LogisticRiskModel()), "Pipeline"),
    ],
    ids=["learner", "calibrated", "alone", "pipeline"],
)
@pytest.mark.usefixtures("_needs_onnx")
def test_other_libraries_are_refused_and_the_cures_named(
    model: Any, name: str, X: np.ndarray, y: np.ndarray, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=rf"must be .*got a {name}.*skl2onnx.*to_skops"):
        rd.to_onnx(model.fit(X, y), tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("_needs_onnx")
def test_decisions_and_models_without_a_column_are_refused(X: np.ndarray, y: np.ndarray, tmp_path: Path) -> None:
    deciding = rd.DecisionClassifier(rd.LogisticRiskModel(), {"false_positive": 1, "false_negative": 4}).fit(X, y)
    with pytest.raises(InputError, match="estimator_"):
        rd.to_onnx(deciding, tmp_path / "model.onnx")
    assert rd.to_onnx(deciding.estimator_, tmp_path / "model.onnx").exists()
    constant = rd.LogisticRiskModel(formula="~ 1").fit(pd.DataFrame({"a": X[:, 0]}), y)
    with pytest.raises(InputError, match="must have a column"):
        rd.to_onnx(constant, tmp_path / "model.onnx")
    twice = rd.LogisticRiskModel(formula="~ a + C(a)")
    frame = pd.DataFrame({"a": np.arange(N) % 3})
    with pytest.warns(rd.errors.RiskdecWarning):
        twice.fit(frame, y)
    with pytest.raises(InputError, match="column 'a' must enter as numbers or by its levels; got both"):
        rd.to_onnx(twice, tmp_path / "model.onnx")


@pytest.mark.usefixtures("_needs_onnx")
@pytest.mark.parametrize(
    "model",
    [
        rd.LogisticRiskModel(),
        rd.TabularRiskModel(),
        rd.CalibratedRiskModel(rd.LogisticRiskModel()),
        rd.CNNRiskModel(),
        rd.PlattCalibrator(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_models_must_be_fitted(model: Any, tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        rd.to_onnx(model, tmp_path / "model.onnx")


@pytest.mark.usefixtures("_needs_onnx")
def test_metadata_say_what_goes_in_and_comes_out(X: np.ndarray, y: np.ndarray, tmp_path: Path) -> None:
    frame = pd.DataFrame({"age": X[:, 0], "sex": np.where(X[:, 1] > 0, "m", "f")})
    labels = np.where(y == 1, "died", "well")
    model = rd.LogisticRiskModel(formula="~ age * sex", event="died").fit(frame, labels)
    told = metadata_of(rd.to_onnx(model, tmp_path / "model.onnx"))
    # Without an installation there is no version.
    assert told.pop("riskdec_version") == rd.__version__
    assert told == {
        "event": "died",
        "inputs": [
            {"name": "age", "column": "age", "holds": "numbers"},
            {"name": "sex", "column": "sex", "holds": "text", "missing": ["", "nan", "None", "<NA>"]},
        ],
        "kind": "LogisticRiskModel",
        "outcomes": ["died", "well"],
    }


@pytest.mark.parametrize(
    ("labels", "event", "outcomes", "event_told"),
    [
        (["b", "a"], None, ["a", "b"], None),
        ([False, True], None, [False, True], True),
        ([1.0, 2.0], 2, [1.0, 2.0], 2.0),
        ([0, 1], None, [0, 1], 1),
    ],
)
def test_labels_are_those_of_predict(
    labels: list[Any],
    event: Any,
    outcomes: list[Any],
    event_told: Any,
    X: np.ndarray,
    y: np.ndarray,
    tmp_path: Path,
    ask: Callable[..., Any],
) -> None:
    model = rd.LogisticRiskModel(event=event).fit(X, np.array(labels)[y])
    np.testing.assert_array_equal(ask(model, X).label, model.predict(X))
    told = metadata_of(tmp_path / "model.onnx")
    assert (told["outcomes"], told["event"]) == (outcomes, event_told)


def test_a_row_without_a_risk_has_no_label(X: np.ndarray, y: np.ndarray, ask: Callable[..., Any]) -> None:
    for labels, none in ((["a", "b"], ""), ([1.0, 2.0], np.nan), ([0, 1], np.iinfo(np.int64).min)):
        model = rd.LogisticRiskModel().fit(X, np.array(labels)[y])
        np.testing.assert_array_equal(ask(model, np.array([[np.nan, 1.0]])).label, np.array([none]))


HOSTILE = [
    "",
    "label",
    "probabilities",
    "constant 0",
    "riskdec/constant 0",
    "X",
    "a/b:0",
    "<script>alert(1)</script>",
    "=cmd()",
    "zero\0inside",
    "line\nbreak",
    "é\u202e",
    "{name}",
    "offset",
]


def test_hostile_column_names_keep_their_columns_apart(
    rng: np.random.Generator, y: np.ndarray, tmp_path: Path, open_session: Callable[..., Any]
) -> None:
    frame = pd.DataFrame(rng.normal(size=(N, len(HOSTILE))), columns=HOSTILE)
    frame["text"] = rng.choice(["", "nan", "a\nb", "<b>", "é", "'; DROP TABLE"], N)
    model = rd.TabularRiskModel(alpha=1.0, shape="linear").fit(frame, y)
    file = rd.to_onnx(model, tmp_path / "model.onnx")
    told = {entry["column"]: entry for entry in metadata_of(file)["inputs"]}
    assert list(told) == list(frame.columns)
    # Two of these texts are levels, so they stand for nothing else.
    assert told["text"]["missing"] == ["None", "<NA>"]
    fed = {told[name]["name"]: frame[[name]].to_numpy(float) for name in HOSTILE}
    session = open_session(file)
    proba, _ = session.run(None, fed | {"text": frame[["text"]].to_numpy(object)})
    np.testing.assert_allclose(proba, model.predict_proba(frame), rtol=1e-10)
    kept = [name for name in HOSTILE if told[name]["name"] == name]
    assert set(HOSTILE) - set(kept) <= {"", "label", "probabilities", "zero\0inside", "riskdec/constant 0"}


def test_numbers_as_categories_may_come_as_text_of_either_kind(
    y: np.ndarray, rng: np.random.Generator, tmp_path: Path, open_session: Callable[..., Any]
) -> None:
    frame = pd.DataFrame({"ward": rng.integers(1, 5, N)})
    model = rd.LogisticRiskModel(formula="~ C(ward)").fit(frame, y)
    session = open_session(rd.to_onnx(model, tmp_path / "model.onnx"))
    expected = model.predict_proba(frame)
    for column in (frame.ward, frame.ward.astype(float), frame.ward.astype("Int64"), frame.ward.astype("category")):
        for given in (column.astype(str).to_numpy(object), column.to_numpy(object)):
            (proba, _) = session.run(None, {"ward": given[:, np.newaxis]})
            np.testing.assert_allclose(proba, expected, rtol=1e-12)
    large = rd.LogisticRiskModel(formula="~ C(ward)").fit(frame.assign(ward=10.0**16 * frame.ward), y)
    again = open_session(rd.to_onnx(large, tmp_path / "large.onnx"))
    (proba, _) = again.run(None, {"ward": (10.0**16 * frame[["ward"]]).astype(str).to_numpy(object)})
    np.testing.assert_allclose(proba, expected, rtol=1e-12)
    # What a runtime makes of None and nan in a column of objects is missing too.
    (proba, _) = session.run(None, {"ward": np.array([[None], [np.nan], [""], ["7"], ["1"]], dtype=object)})
    np.testing.assert_array_equal(np.isnan(proba[:, 0]), [True, True, True, True, False])


@pytest.mark.usefixtures("_needs_onnx")
def test_the_file_is_written_whole_or_not_at_all(
    X: np.ndarray, y: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    model, file = rd.LogisticRiskModel().fit(X, y), tmp_path / "model.onnx"
    assert rd.to_onnx(model, str(file)) == file
    first = file.read_bytes()
    rd.to_onnx(model, file)
    assert file.read_bytes() == first

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        rd.to_onnx(rd.TabularRiskModel(alpha=1.0).fit(X, y), file)
    assert file.read_bytes() == first
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


@pytest.mark.usefixtures("_needs_onnx")
def test_no_training_row_is_in_the_file(rng: np.random.Generator, y: np.ndarray, tmp_path: Path) -> None:
    secret = "Jane Doe of 7 Mill Lane"
    frame = pd.DataFrame({"age": rng.normal(60, 10, N), "ward": rng.choice(["a", "b"], N), "note": secret})
    model = rd.LogisticRiskModel(formula="~ rcs(age, 4) + ward").fit(frame, y)
    content = rd.to_onnx(model, tmp_path / "model.onnx").read_bytes()
    assert secret.encode() not in content
    knots = model.design_.blocks[0].knots
    assert not [age for age in frame.age if age not in knots and np.float64(age).tobytes() in content]


@pytest.mark.usefixtures("_needs_onnx")
def test_only_standard_operators_are_used(X: np.ndarray, y: np.ndarray, tmp_path: Path) -> None:
    import onnx

    frame = pd.DataFrame({"a": X[:, 0], "b": np.where(X[:, 1] > 0, "m", "f")})
    numbers, mixed = rd.TabularRiskModel(alpha=1.0).fit(X, y), rd.TabularRiskModel(alpha=1.0).fit(frame, y)
    for model, wanted in ((numbers, {""}), (mixed, {"", "ai.onnx.ml"})):
        proto = onnx.load(rd.to_onnx(model, tmp_path / "model.onnx"))
        assert {node.domain for node in proto.graph.node} == wanted
        assert {entry.domain: entry.version for entry in proto.opset_import} == {"": 17, "ai.onnx.ml": 2}
        assert "nan" in proto.graph.doc_string
        constants = {entry.data_type for entry in proto.graph.initializer}
        assert onnx.TensorProto.FLOAT not in constants


def test_the_reference_implementation_of_the_standard_agrees(
    rng: np.random.Generator, y: np.ndarray, tmp_path: Path
) -> None:
    reference = pytest.importorskip("onnx.reference")
    frame = pd.DataFrame({"age": rng.normal(60, 10, N), "ward": rng.choice(["a", "b", "c"], N)})
    frame.loc[:30, "age"] = np.nan
    fed = {"age": frame[["age"]].to_numpy(), "ward": frame[["ward"]].to_numpy(object)}
    for model in (
        rd.TabularRiskModel(alpha=1.0, calibration="centred isotonic"),
        rd.LogisticRiskModel(formula="~ rcs(age, 4) * ward", missing="drop"),
    ):
        session = reference.ReferenceEvaluator(str(rd.to_onnx(model.fit(frame, y), tmp_path / "model.onnx")))
        proba, _ = session.run(None, fed)
        with warnings.catch_warnings(action="ignore"):
            np.testing.assert_allclose(proba, model.predict_proba(frame), rtol=1e-10)


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
def test_a_network_goes_the_way_of_its_own_export(
    rng: np.random.Generator, tmp_path: Path, open_session: Callable[..., Any]
) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("onnxscript")
    y = rng.integers(0, 2, 80)
    images = rng.normal(size=(80, 8, 8)) + y[:, None, None] * np.eye(8)
    model = rd.CNNRiskModel(max_epochs=1, precision="float32", random_state=0).fit(images, y)
    file = rd.to_onnx(model, tmp_path / "network.onnx")
    told = metadata_of(file)
    assert (told["kind"], told["outcomes"], told["event"]) == ("CNNRiskModel", [0, 1], 1)
    (proba,) = open_session(file).run(None, {"images": images[:, np.newaxis].astype(np.float32)})
    np.testing.assert_allclose(proba, model.predict_proba(images), rtol=0, atol=1e-6)
    with pytest.raises(InputError, match="a model inside another must be one of tables"):
        rd.to_onnx(rd.as_risk_model(model, event=0), tmp_path / "other.onnx")


def test_without_onnx_the_extra_is_named(
    X: np.ndarray, y: np.ndarray, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model, to_onnx = rd.LogisticRiskModel().fit(X, y), rd.to_onnx
    # As on a machine without the package.
    for name in [name for name in sys.modules if name.partition(".")[0] == "onnx"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [finder for finder in sys.meta_path if finder is PathFinder])
    with pytest.raises(MissingExtraError, match=r"to_onnx needs.*riskdec\[onnx\]"):
        to_onnx(model, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())
