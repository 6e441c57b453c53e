"""Calibrators, policies and certificates come back from their files as they went in; damage is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import riskdec as rd
from riskdec._base.modelfile import read_model, write_model
from riskdec.calibration.kinds import CALIBRATORS
from riskdec.errors import ModelFileError, NotFittedError

if TYPE_CHECKING:
    from pathlib import Path

RNG = np.random.default_rng(14)
RISK = RNG.random(400).round(2).clip(0.01, 0.99)
Y = (RNG.random(400) < RISK).astype(int)
PROBA = RNG.dirichlet([2, 1, 1], 400)
CODES = np.array([RNG.choice(3, p=row) for row in PROBA])

BINARY = [
    rd.PlattCalibrator(),
    rd.PlattCalibrator(weight_kind="importance", smooth_targets=True),
    rd.BetaCalibrator(),
    rd.IsotonicCalibrator(),
    rd.CentredIsotonicCalibrator(),
    rd.VennAbersCalibrator(),
    rd.CrossVennAbersCalibrator(),
    rd.SplineCalibrator(),
    rd.TemperatureCalibrator(),
]
MANY = [
    rd.TemperatureCalibrator(),
    rd.VectorScalingCalibrator(),
    rd.DirichletCalibrator(),
    rd.OneVsRestCalibrator(rd.BetaCalibrator()),
]


def name_of(calibrator: Any) -> str:
    return type(calibrator).__name__


def check_same(calibrator: Any, scores: np.ndarray, path: Path) -> None:
    again = rd.load(calibrator.save(path))
    assert type(again) is type(calibrator)
    np.testing.assert_array_equal(again.predict_proba(scores), calibrator.predict_proba(scores))
    assert str(again.summary()) == str(calibrator.summary())
    assert again.findings_ == calibrator.findings_
    assert again.classes_.tolist() == calibrator.classes_.tolist()
    before = path.read_bytes()
    assert again.save(path).read_bytes() == before


@pytest.mark.parametrize("calibrator", BINARY, ids=name_of)
def test_calibrators_of_two_outcomes_come_back_bit_for_bit(calibrator: Any, tmp_path: Path) -> None:
    check_same(calibrator.fit(RISK, Y), RISK, tmp_path / "c.riskdec")
    named = type(calibrator)(event="bad").fit(RISK, np.where(Y == 1, "bad", "good"))
    check_same(named, RISK, tmp_path / "c.riskdec")


@pytest.mark.parametrize("calibrator", MANY, ids=name_of)
def test_calibrators_of_many_outcomes_come_back_bit_for_bit(calibrator: Any, tmp_path: Path) -> None:
    check_same(calibrator.fit(PROBA, np.array(["a", "b", "c"])[CODES]), PROBA, tmp_path / "c.riskdec")


def test_every_calibrator_has_been_tried() -> None:
    assert {name_of(one) for one in (*BINARY, *MANY)} == set(CALIBRATORS)


def test_an_unfitted_calibrator_has_nothing_to_save(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        rd.PlattCalibrator().save(tmp_path / "c.riskdec")


@pytest.mark.parametrize("calibrator", BINARY, ids=name_of)
def test_states_that_do_not_fit_are_refused_or_harmless(calibrator: Any, tmp_path: Path) -> None:
    # The checksum is right in each of these files: what is inside is not.
    path = calibrator.fit(RISK, Y).save(tmp_path / "c.riskdec")
    found = read_model(path)
    rng = np.random.default_rng(1)
    refused = 0
    for _ in range(60):
        header, arrays = json.loads(json.dumps(found.header)), dict(found.arrays)
        name = rng.choice(sorted(arrays))
        if rng.random() < 0.5:
            arrays[name] = arrays[name][:-1] if arrays[name].ndim else arrays[name]
        else:
            spoil(header["state"], rng)
        write_model(path, kind=found.kind, header=header, arrays=arrays)
        try:
            proba = rd.load(path).predict_proba(RISK[:5])
        except ModelFileError:
            refused += 1
        else:
            assert np.isfinite(proba).all()
    assert refused > 5


def spoil(state: Any, rng: np.random.Generator) -> None:
    """Change one entry somewhere in a packed state."""
    while True:
        keys = list(state) if isinstance(state, dict) else list(range(len(state)))
        if not keys:
            return
        key = keys[rng.integers(len(keys))]
        if isinstance(state[key], dict | list) and rng.random() < 0.8:
            state = state[key]
            continue
        state[key] = [None, -1, "x", {"$": "tuple", "v": []}, 1e300][rng.integers(5)]
        return


def test_policies_and_certificates_are_kept_in_files_too(tmp_path: Path) -> None:
    decisions = rd.decide(RISK, {"false_positive": 1, "false_negative": 5, "defer": 0.3})
    policy = decisions.policy()
    again = rd.load(policy.save(tmp_path / "policy.riskdec"))
    assert again.to_json() == policy.to_json()
    certificate = rd.certify_deferral(Y, RISK, max_error=0.2)
    same = rd.load(certificate.save(tmp_path / "zone.riskdec"))
    assert same.to_json() == certificate.to_json()


def test_a_file_of_another_kind_than_it_says_is_refused(tmp_path: Path) -> None:
    path = rd.PlattCalibrator().fit(RISK, Y).save(tmp_path / "c.riskdec")
    found = read_model(path)
    write_model(path, kind="BetaCalibrator", header=found.header, arrays=found.arrays)
    with pytest.raises(ModelFileError, match="PlattCalibrator in a file of the kind BetaCalibrator"):
        rd.load(path)
