"""One object of every kind that has model files, with rows to ask it about."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import riskdec as rd
from riskdec.datasets import make_scene

if TYPE_CHECKING:
    from collections.abc import Callable

_COSTS = {"false_positive": 1, "false_negative": 4, "defer": 0.3}
# The first rows are asked about; they are kept beside the files, so there are few.
_ASKED = 6


class Sample(NamedTuple):
    """An object that can be saved, and what it is asked."""

    value: Any
    rows: Any


def make_samples() -> dict[str, Sample]:
    """Fit one object of each kind on two hundred made-up rows; the keys are the kinds as files name them.

    Those that hold networks are left out where torch is not installed.
    """
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"dose": rng.normal(size=200).round(3), "ward": rng.choice(["a", "b"], 200)})
    y = (rng.random(200) < 1 / (1 + np.exp(0.5 - X["dose"]))).astype(int).to_numpy()
    risk, proba = rng.random(200).round(2).clip(0.01, 0.99), rng.dirichlet([1, 1, 1], 200).round(3) + 0.001
    proba /= proba.sum(axis=1, keepdims=True)
    codes = (proba.cumsum(axis=1) < rng.random((200, 1))).sum(axis=1)
    happened = (rng.random(200) < risk).astype(int)
    found = {**_models(X, y), **_calibrators(risk, happened, proba, codes), **_rules(risk, happened)}
    found |= {**_updates(risk, happened), **_class_rules(proba, codes), **_scene_answers()}
    return found if find_spec("torch") is None else {**found, **_networks()}


def ask(value: Any, rows: Any) -> list[Any]:
    """Ask an object about rows: for probabilities or actions, and what only holds figures for these."""
    for kinds, answer in _QUESTIONS:
        if isinstance(value, kinds):
            found: list[Any] = np.asarray(answer(value, rows)).tolist()
            return found
    message = f"nothing to ask a {type(value).__name__}"
    raise TypeError(message)


_QUESTIONS: tuple[tuple[tuple[type, ...], Callable[[Any, Any], Any]], ...] = (
    ((rd.Policy, rd.DecisionClassifier), lambda value, rows: value.decide(rows).action),
    ((rd.DeferralCertificate, rd.DecisionOffsets, rd.RecallFloors), lambda value, rows: value.apply(rows).action),
    ((rd.UpdatingLadder,), lambda value, rows: value.apply(rows)),
    ((rd.PrevalenceEstimate,), lambda value, rows: value.adjust(rows)),
    ((rd.SlidingWindowDetector,), lambda value, rows: value.risk_map(rows)[0].risk),
    ((rd.ScoreSums,), lambda value, rows: rd.PlattCalibrator().fit_sums(value).predict_proba(rows)),
    ((rd.CalibrationSums,), lambda value, _: [value.n, value.n_events, value.diagnose(n_resamples=99, rng=0).brier]),
    ((rd.CostCertificate,), lambda value, _: [value.mean_cost, value.upper, value.n]),
    ((rd.AlarmCertificate,), lambda value, _: [value.threshold, value.recall, value.n_scenes]),
    ((rd.SceneScans,), lambda value, rows: rd.calibrate_scans(value).predict_proba(rows)),
    ((object,), lambda value, rows: value.predict_proba(rows)),
)


def _models(X: pd.DataFrame, y: np.ndarray) -> dict[str, Sample]:
    dose = X[["dose"]]
    by_formula = rd.LogisticRiskModel.from_formula("sick ~ rcs(dose, 4) + ward", X.assign(sick=y))
    halves = [rd.LogisticRiskModel().fit(dose + shift, y) for shift in (0.0, 0.1, -0.1)]
    calibrated = rd.CalibratedRiskModel(rd.LogisticRiskModel(), method="platt", cv=3)
    costs = rd.CostMatrix.binary(false_positive=1, false_negative=4, defer=0.3)
    deciding = rd.DecisionClassifier(rd.TabularRiskModel(event=1), costs)
    return {
        "LogisticRiskModel": Sample(by_formula, X[:_ASKED]),
        "TabularRiskModel": Sample(rd.TabularRiskModel(event=1).fit(X, y), X[:_ASKED]),
        "PooledRiskModel": Sample(rd.pool_imputations(halves), dose[:_ASKED]),
        "CalibratedRiskModel": Sample(calibrated.fit(dose, y), dose[:_ASKED]),
        "DecisionClassifier": Sample(deciding.fit(X, y), X[:_ASKED]),
    }


def _calibrators(risk: np.ndarray, y: np.ndarray, proba: np.ndarray, codes: np.ndarray) -> dict[str, Sample]:
    two = (
        rd.PlattCalibrator(),
        rd.BetaCalibrator(),
        rd.IsotonicCalibrator(),
        rd.CentredIsotonicCalibrator(),
        rd.SplineCalibrator(),
        rd.VennAbersCalibrator(),
    )
    many = (
        rd.TemperatureCalibrator(),
        rd.VectorScalingCalibrator(),
        rd.DirichletCalibrator(),
        rd.OneVsRestCalibrator(rd.PlattCalibrator()),
    )
    folds = rd.CrossVennAbersCalibrator().fit(risk, y, folds=np.arange(len(y)) % 3)
    found = {type(one).__name__: Sample(one.fit(risk, y), risk[:_ASKED]) for one in two}
    found |= {type(one).__name__: Sample(one.fit(proba, codes), proba[:_ASKED]) for one in many}
    return {**found, "CrossVennAbersCalibrator": Sample(folds, risk[:_ASKED])}


def _rules(risk: np.ndarray, y: np.ndarray) -> dict[str, Sample]:
    decisions = rd.decide(risk, _COSTS)
    certificate = rd.certify_deferral(y, risk, max_error=0.4)
    return {
        "Policy": Sample(decisions.policy(), risk[:_ASKED]),
        "DeferralCertificate": Sample(certificate, risk[:_ASKED]),
        "CostCertificate": Sample(rd.certify_cost(y, decisions, max_cost=0.9), risk[:_ASKED]),
    }


def _updates(risk: np.ndarray, y: np.ndarray) -> dict[str, Sample]:
    drifted = (np.random.default_rng(1).random(200) < risk**2).astype(int)
    estimate = rd.estimate_prevalence(risk**2, y_true_calibration=y, y_proba_calibration=risk)
    return {
        "UpdatingLadder": Sample(rd.choose_update(drifted, risk), risk[:_ASKED]),
        "PrevalenceEstimate": Sample(estimate, risk[:_ASKED]),
        "ScoreSums": Sample(rd.ScoreSums.from_rows(risk, y), risk[:_ASKED]),
        "CalibrationSums": Sample(rd.CalibrationSums.from_rows(y, risk), risk[:_ASKED]),
    }


def _class_rules(proba: np.ndarray, codes: np.ndarray) -> dict[str, Sample]:
    names = np.array(["no", "some", "much"])[codes]
    by_recall = rd.recall_offsets(names, proba)
    floors = rd.recall_floors(names, proba, floors={"much": 0.8})
    return {"DecisionOffsets": Sample(by_recall, proba[:_ASKED]), "RecallFloors": Sample(floors, proba[:_ASKED])}


class _Bright:
    """The brighter a window, the likelier."""

    def predict_risk(self, windows: np.ndarray) -> np.ndarray:
        """Give a risk for each window."""
        risk: np.ndarray = 1 / (1 + np.exp(4 - 8 * windows.mean(axis=(1, 2))))
        return risk


def _scene_answers() -> dict[str, Sample]:
    rng = np.random.default_rng(2)
    scenes = []
    for _ in range(30):
        image, row, column = rng.uniform(0, 0.3, (40, 40)), *rng.integers(8, 24, 2)
        image[row : row + 8, column : column + 8] += rng.uniform(0.2, 0.7)
        scenes.append(make_scene(image, [(row + 4.0, column + 4.0)]))
    scans = rd.scan_scenes(rd.SlidingWindowDetector(_Bright(), 8, stride=4), scenes)
    alarms = rd.certify_alarms(scans, max_false_alarms=1, max_share=0.3)
    rows = np.linspace(-3, 3, _ASKED)
    return {"SceneScans": Sample(scans.part(0, 3), rows), "AlarmCertificate": Sample(alarms, rows)}


def _networks() -> dict[str, Sample]:
    rng = np.random.default_rng(3)
    images, y = rng.integers(0, 120, (120, 12, 12)).astype(np.uint8), rng.integers(0, 2, 120)
    images[rng.random(120) < 0.2 + 0.6 * y, 3:9, 3:9] += 60
    model = rd.CNNRiskModel(architecture="valid", max_epochs=2, batch_size=32, precision="float32", random_state=0)
    model.fit(images, y)
    log_odds = rng.normal(size=60)
    calibrator = rd.PlattCalibrator(input="logit").fit(log_odds, rng.random(60) < 1 / (1 + np.exp(-log_odds)))
    detector = rd.SlidingWindowDetector(
        model, 12, stride=4, train_prevalence=0.5, deploy_prevalence=0.01, calibrator=calibrator
    )
    scene = rng.integers(0, 120, (28, 32)).astype(np.uint8)
    return {"CNNRiskModel": Sample(model, images[:2]), "SlidingWindowDetector": Sample(detector, scene)}
