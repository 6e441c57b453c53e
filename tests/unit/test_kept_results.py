"""Results, decision rules and detectors that people keep: saved, read back, and refused where they cannot be."""

from __future__ import annotations

import dataclasses
import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import riskdec as rd
from riskdec._base.kept import Kept
from riskdec._base.modelfile import read_model, write_model
from riskdec.decisions import CaseCosts, CostRanges
from riskdec.errors import InputError, ModelFileError, NotFittedError
from riskdec.persistence import _KEPT, _find_class

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(3)
X = RNG.normal(size=(300, 2))
Y = (RNG.random(300) < 1 / (1 + np.exp(1 - X[:, 0]))).astype(int)
COSTS = {"false_positive": 1, "false_negative": 4, "defer": 0.3}


class Bright:
    """No model of riskdec."""

    def predict_risk(self, windows: np.ndarray) -> np.ndarray:
        risk: np.ndarray = 1 / (1 + np.exp(4 - 8 * windows.mean(axis=(1, 2))))
        return risk


def same(value: Any, tmp_path: Path) -> Any:
    """Save and load."""
    return rd.load(value.save(tmp_path / "m"))


@pytest.mark.parametrize("kind", sorted(_KEPT))
def test_every_field_of_a_kept_result_has_a_rule(kind: str) -> None:
    cls = _find_class(kind)
    assert issubclass(cls, Kept)
    assert set(cls.rules_of_fields()) == {field.name for field in dataclasses.fields(cls)} - {"frame_kind"}


@pytest.mark.parametrize(
    "costs",
    [
        COSTS,
        rd.CostMatrix([[0, 1, 0.4], [9, 0, 0.4]], outcomes=("well", "ill"), actions=("wait", "treat", "defer")),
        rd.CostMatrix.binary(false_positive=1, false_negative=9)
        .with_defer(0.2, name="ask")
        .with_defer([0.1, 1.5], name="test"),
        CostRanges.binary(false_positive=(1, 2), false_negative=(8, 20), defer=0.4),
        CostRanges.from_draws(
            np.array([[[0.0, 1.0], [7.0, 0.0]], [[0.0, 2.0], [9.0, 0.0]]]), outcomes=("a", "b"), actions=("x", "y")
        ),
    ],
    ids=["dict", "matrix", "two that defer", "ranges", "draws"],
)
def test_a_decision_classifier_comes_back_with_its_costs(costs: Any, tmp_path: Path) -> None:
    model = rd.DecisionClassifier(rd.LogisticRiskModel(), costs).fit(X, Y)
    again = same(model, tmp_path)
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(again.decide(X).action, model.decide(X).action)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    # It can be fitted again as it was fitted before.
    np.testing.assert_array_equal(again.fit(X, Y).predict_proba(X), model.predict_proba(X))


def test_a_decision_classifier_holds_models_that_hold_models(tmp_path: Path) -> None:
    inner = rd.CalibratedRiskModel(rd.LogisticRiskModel(), cv=3)
    frozen = rd.as_risk_model(rd.LogisticRiskModel().fit(X, np.array(["no", "yes"])[Y]), event="no")
    for estimator, y, event in ((inner, Y, None), (frozen, np.array(["no", "yes"])[Y], "no")):
        model = rd.DecisionClassifier(estimator, COSTS, event=event).fit(X, y)
        np.testing.assert_array_equal(same(model, tmp_path).decide(X).action, model.decide(X).action)


def test_costs_in_columns_are_found_again(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame(X, columns=["a", "b"]).assign(amount=np.arange(300.0) + 1)
    table: list[list[Any]] = [[0, 100], ["amount", 0]]
    costs = CaseCosts(table, outcomes=("pays", "defaults"), actions=("grant", "refuse"))
    model = rd.DecisionClassifier(rd.LogisticRiskModel(), costs).fit(frame, Y)
    np.testing.assert_array_equal(same(model, tmp_path).decide(frame).action, model.decide(frame).action)


def test_what_is_code_or_belongs_to_single_rows_is_refused(tmp_path: Path) -> None:
    by_row = rd.CostMatrix.binary(false_positive=1, false_negative=np.arange(300.0) + 1)
    by_function = rd.CostMatrix.binary(false_positive=1, false_negative=lambda rows: rows[:, 0] + 9)
    for estimator, costs, message in (
        (LogisticRegression(), COSTS, r"got a LogisticRegression\. Keep it with riskdec\.to_skops"),
        (rd.LogisticRiskModel(), by_row, "must hold for rows to come to be saved; got amounts of 300 single rows"),
        (rd.LogisticRiskModel(), by_function, "must be numbers or names of columns to be written down; got a function"),
    ):
        model = rd.DecisionClassifier(estimator, costs).fit(X, Y)
        with pytest.raises(InputError, match=message):
            model.save(tmp_path / "m")
    with pytest.raises(NotFittedError):
        rd.DecisionClassifier(rd.LogisticRiskModel(), COSTS).save(tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_detector_of_an_own_scorer_is_refused_with_the_cure(tmp_path: Path) -> None:
    detector = rd.SlidingWindowDetector(Bright(), 8)
    with pytest.raises(
        InputError, match=r"be one of riskdec's; got a Bright\. Such a model is code.*train a CNNRiskModel"
    ):
        detector.save(tmp_path / "m")
    assert not (tmp_path / "m").exists()


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="networks need torch")
def test_a_detector_comes_back_with_everything_it_was_made_with(tmp_path: Path) -> None:
    import torch

    images, y = RNG.integers(0, 120, (90, 12, 12)).astype(np.uint8), np.arange(90) % 2
    images[RNG.random(90) < 0.2 + 0.6 * y, 3:9, 3:9] += 60
    network = rd.CNNRiskModel(architecture="valid", max_epochs=1, precision="float32", random_state=0).fit(images, y)
    scores = RNG.normal(size=80)
    calibrator = rd.PlattCalibrator(input="logit").fit(scores, RNG.random(80) < 1 / (1 + np.exp(-scores)))
    scene = RNG.integers(0, 120, (40, 48)).astype(np.uint8)
    for options in (
        {"window": 12, "stride": 4},
        {"window": (12, 12), "scales": (1.0, 0.5), "calibrator": calibrator},
        {"window": 12, "train_prevalence": 0.5, "deploy_prevalence": 0.01},
    ):
        detector = rd.SlidingWindowDetector(network, **options)
        again = same(detector, tmp_path)
        for one, other in zip(detector.risk_map(scene), again.risk_map(scene), strict=True):
            np.testing.assert_array_equal(one.risk, other.risk)
        assert again.save(tmp_path / "n").read_bytes() == (tmp_path / "m").read_bytes()
    with pytest.raises(InputError, match="be one of riskdec's; got a Sequential"):
        rd.SlidingWindowDetector(torch.nn.Sequential(network.parts_.network), 12).save(tmp_path / "m")


def test_a_calibrator_of_scans_is_applied_before_the_prevalences() -> None:
    scores = RNG.normal(size=80)
    calibrator = rd.PlattCalibrator(input="logit").fit(scores, RNG.random(80) < 1 / (1 + np.exp(-scores)))
    scene = RNG.random((24, 24))
    (plain,) = rd.SlidingWindowDetector(Bright(), 8).risk_map(scene)
    (found,) = rd.SlidingWindowDetector(
        Bright(), 8, calibrator=calibrator, train_prevalence=0.3, deploy_prevalence=0.01
    ).risk_map(scene)
    log_odds = np.log(plain.risk / (1 - plain.risk)).ravel()
    expected = rd.adjust_prevalence(calibrator.predict_risk(log_odds), train=0.3, target=0.01)
    np.testing.assert_allclose(found.risk.ravel(), expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("calibrator", "error", "message"),
    [
        (rd.TemperatureCalibrator, NotFittedError, "fitted"),
        (lambda input: rd.PlattCalibrator(), InputError, 'have input="logit"'),
        (lambda input: "platt", InputError, "be a calibrator of one risk; got a str"),
    ],
)
def test_a_calibrator_of_something_else_is_refused(calibrator: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        rd.SlidingWindowDetector(Bright(), 8, calibrator=calibrator(input="logit"))


def test_sums_from_two_places_meet_in_files(tmp_path: Path) -> None:
    risk = RNG.random(300).round(2)
    parts = [rd.CalibrationSums.from_rows(Y[k::2], risk[k::2]) for k in range(2)]
    paths = [part.save(tmp_path / f"{k}.riskdec") for k, part in enumerate(parts)]
    together = rd.load(paths[0]) + rd.load(paths[1])
    direct = rd.CalibrationSums.from_rows(Y, risk)
    assert together.diagnose(n_resamples=99, rng=0).brier == direct.diagnose(n_resamples=99, rng=0).brier
    scores = rd.ScoreSums.from_rows(risk, np.array(["no", "yes"])[Y], event="yes")
    again = same(scores, tmp_path)
    assert again.event == "yes"
    np.testing.assert_array_equal((again + scores).n_rows, 2 * scores.n_rows)


def change(value: Any, path: Path, **fields: Any) -> Path:
    """Save, replace fields of the state, and seal the file again."""
    found = read_model(value.save(path))
    found.header["state"]["v"] |= fields
    return write_model(path, kind=found.kind, header=found.header, arrays=found.arrays)


def test_fields_that_break_their_rule_are_refused(tmp_path: Path) -> None:
    proba = RNG.dirichlet([1, 1, 1], 300)
    codes = (proba.cumsum(axis=1) < RNG.random((300, 1))).sum(axis=1)
    offsets = rd.recall_offsets(codes, proba)
    certificate = rd.certify_cost(Y, rd.decide(RNG.random(300), COSTS), max_cost=2)
    ladder = rd.choose_update(Y, RNG.random(300))
    for value, fields, message in (
        (offsets, {"n": -1}, "n must be a whole number"),
        (offsets, {"method": "magic"}, "method must be one of"),
        (offsets, {"classes": {"$": "tuple", "v": [0, 0, 1]}}, "two different ones at least"),
        (offsets, {"classes": {"$": "tuple", "v": [0, 1]}}, "entries along 'K'"),
        (offsets, {"costs": None}, "costs must be a CostMatrix"),
        (offsets, {"findings": {"$": "tuple", "v": [3]}}, "findings must be a Finding"),
        (certificate, {"certified": False}, "follow from upper and max_cost"),
        (certificate, {"upper": True}, "upper must be a number"),
        (ladder, {"chosen": "refit"}, "be one of the rungs"),
        (ladder, {"n_groups": "x"}, "n_groups must be a whole number"),
    ):
        path = change(value, tmp_path / "m", **fields)
        with pytest.raises(ModelFileError, match=message):
            rd.load(path)


def test_a_field_that_came_later_has_its_default(tmp_path: Path) -> None:
    scenes = read_scans()
    found = read_model(scenes.save(tmp_path / "m"))
    del found.header["state"]["v"]["refused"]
    assert rd.load(write_model(tmp_path / "m", kind=found.kind, header=found.header, arrays=found.arrays)).refused == ()
    del found.header["state"]["v"]["ignore"]
    with pytest.raises(ModelFileError, match="a SceneScans of"):
        rd.load(write_model(tmp_path / "m", kind=found.kind, header=found.header, arrays=found.arrays))


def read_scans() -> rd.SceneScans:
    """Scan three small scenes."""
    from riskdec.datasets import make_scene

    scenes = []
    for row in (8, 12, 20):
        image = RNG.uniform(0, 0.3, (40, 40))
        image[row : row + 8, 16:24] += 0.6
        scenes.append(make_scene(image, [(row + 4.0, 20.0)]))
    return rd.scan_scenes(rd.SlidingWindowDetector(Bright(), 8, stride=4), scenes)
