"""One object of every kind that has model files, with rows to ask it about."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import riskdec as rd

# The first rows are asked about; they are kept beside the files, so there are few.
_ASKED = 6


class Sample(NamedTuple):
    """An object that can be saved, and what it is asked."""

    value: Any
    rows: Any


def make_samples() -> dict[str, Sample]:
    """Fit one object of each kind on two hundred made-up rows; the keys are the kinds as files name them."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"dose": rng.normal(size=200).round(3), "ward": rng.choice(["a", "b"], 200)})
    y = (rng.random(200) < 1 / (1 + np.exp(0.5 - X["dose"]))).astype(int).to_numpy()
    risk, proba = rng.random(200).round(2).clip(0.01, 0.99), rng.dirichlet([1, 1, 1], 200).round(3) + 0.001
    proba /= proba.sum(axis=1, keepdims=True)
    codes = (proba.cumsum(axis=1) < rng.random((200, 1))).sum(axis=1)
    happened = (rng.random(200) < risk).astype(int)
    return {**_models(X, y), **_calibrators(risk, happened, proba, codes), **_rules(risk, happened)}


def ask(value: Any, rows: Any) -> list[Any]:
    """Ask an object about rows: probabilities of a model or a calibrator, actions of a policy or a certificate."""
    if isinstance(value, rd.Policy):
        return list(value.decide(rows).action)
    if isinstance(value, rd.DeferralCertificate):
        return list(value.apply(rows).action)
    answer: list[Any] = np.asarray(value.predict_proba(rows)).tolist()
    return answer


def _models(X: pd.DataFrame, y: np.ndarray) -> dict[str, Sample]:
    dose = X[["dose"]]
    by_formula = rd.LogisticRiskModel.from_formula("sick ~ rcs(dose, 4) + ward", X.assign(sick=y))
    halves = [rd.LogisticRiskModel().fit(dose + shift, y) for shift in (0.0, 0.1, -0.1)]
    calibrated = rd.CalibratedRiskModel(rd.LogisticRiskModel(), method="platt", cv=3)
    return {
        "LogisticRiskModel": Sample(by_formula, X[:_ASKED]),
        "TabularRiskModel": Sample(rd.TabularRiskModel(event=1).fit(X, y), X[:_ASKED]),
        "PooledRiskModel": Sample(rd.pool_imputations(halves), dose[:_ASKED]),
        "CalibratedRiskModel": Sample(calibrated.fit(dose, y), dose[:_ASKED]),
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
    policy = rd.decide(risk, {"false_positive": 1, "false_negative": 4, "defer": 0.3}).policy()
    certificate = rd.certify_deferral(y, risk, max_error=0.4)
    return {"Policy": Sample(policy, risk[:_ASKED]), "DeferralCertificate": Sample(certificate, risk[:_ASKED])}
