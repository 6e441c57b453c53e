"""Certified thresholds: against closed forms, and against the sequence of tests written out."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import binom, poisson

from riskdec.decisions.certificates.betting import upper_mean
from riskdec.detection.evaluation.certificates import (
    certify_alarms,
    critical_risks,
    cut_by_betting,
    cut_by_poisson,
    cut_by_share,
)
from riskdec.detection.evaluation.scans import scan_scenes
from riskdec.errors import InputError


def counts_from(scene: np.ndarray, risk: np.ndarray, cut: float, n: int) -> np.ndarray:
    return np.bincount(scene[risk >= cut], minlength=n)


def sequence(risk: np.ndarray, passes) -> float:
    """Test the observed risks from strict to lax, and give the last that passes; inf if none does."""
    cut = np.inf
    for one in -np.unique(-risk):
        if not passes(one):
            return cut
        cut = one
    return 0.0


@pytest.fixture
def alarms() -> tuple[np.ndarray, np.ndarray, int]:
    rng = np.random.default_rng(3)
    counts = rng.poisson(rng.choice([1.0, 2.0, 6.0], 60))
    # Two digits: many ties.
    return np.repeat(np.arange(60), counts), rng.random(counts.sum()).round(2), 60


def test_share_of_scenes_is_the_sequence_of_binomial_tests(alarms) -> None:
    scene, risk, n = alarms
    cut, plug_in = cut_by_share(critical_risks(scene, risk, n, 1), 0.2, 0.1)

    def passes(one: float) -> bool:
        return bool(binom.cdf((counts_from(scene, risk, one, n) > 1).sum(), n, 0.2) <= 0.1)

    expected = sequence(risk, passes)
    assert (counts_from(scene, risk, cut, n) == counts_from(scene, risk, expected, n)).all()
    assert (counts_from(scene, risk, plug_in, n) > 1).mean() <= 0.2
    assert plug_in < cut


def test_poisson_mean_is_the_sequence_of_poisson_tests(alarms) -> None:
    scene, risk, n = alarms
    cut, plug_in = cut_by_poisson(risk, n, 0.8, 0.1)
    expected = sequence(risk, lambda one: bool(poisson.cdf((risk >= one).sum(), n * 0.8) <= 0.1))
    assert (risk >= cut).sum() == (risk >= expected).sum()
    assert (risk >= plug_in).sum() <= 0.8 * n
    assert (counts_from(scene, risk, cut, n)).sum() < (counts_from(scene, risk, plug_in, n)).sum()


def test_capped_mean_is_the_sequence_of_bets(alarms) -> None:
    scene, risk, n = alarms
    cut, plug_in = cut_by_betting(scene, risk, n, 0.8, cap=4, delta=0.1)

    def passes(one: float) -> bool:
        values, often = np.unique(np.minimum(counts_from(scene, risk, one, n), 4), return_counts=True)
        return upper_mean(values.astype(float), often.astype(float), 0.0, 4.0, 0.1) <= 0.8

    expected = sequence(risk, passes)
    capped = np.minimum(counts_from(scene, risk, cut, n), 4)
    assert (capped == np.minimum(counts_from(scene, risk, expected, n), 4)).all()
    assert np.minimum(counts_from(scene, risk, plug_in, n), 4).mean() <= 0.8


def test_critical_risk_is_that_of_the_first_alarm_too_many() -> None:
    scene, risk = np.array([0, 0, 0, 2, 2]), np.array([0.2, 0.9, 0.5, 0.4, 0.3])
    assert critical_risks(scene, risk, 3, 1).tolist() == [0.5, -np.inf, 0.3]
    assert critical_risks(scene, risk, 3, 0).tolist() == [0.9, -np.inf, 0.4]


def test_scenes_without_false_alarms_certify_every_threshold() -> None:
    cut, plug_in = cut_by_share(np.full(100, -np.inf), 0.1, 0.1)
    assert cut == plug_in == 0.0
    assert cut_by_poisson(np.empty(0), 100, 1, 0.1) == (0.0, 0.0)
    assert cut_by_betting(np.empty(0, int), np.empty(0), 100, 1, cap=5, delta=0.1) == (0.0, 0.0)


def test_too_few_scenes_certify_nothing(drawn_scenes) -> None:
    # 0.9 ** 21 > 0.1: not even scenes without an error would do.
    found = certify_alarms(scan_scenes(*drawn_scenes(21)))
    assert np.isinf(found.threshold)
    assert found.recall == 0
    assert "too few" in found.promise
    assert found.to_dict()["threshold"] is None


@pytest.mark.parametrize(
    ("statement", "cap"), [("share of scenes", None), ("mean, Poisson", None), ("mean, capped", 6)]
)
def test_certified_threshold_is_stricter_than_the_plug_in(drawn_scenes, statement, cap) -> None:
    scans = scan_scenes(*drawn_scenes(80))
    found = certify_alarms(scans, statement=statement, cap=cap)
    assert found.threshold > found.plug_in_threshold
    assert found.recall <= found.plug_in_recall
    assert found.is_kept_by(scans)
    assert "With probability 90 %" in found.promise
    assert "plug-in" in str(found.summary())
    json.dumps(found.to_dict())
    assert repr(found).startswith("<AlarmCertificate: alarms from")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_share": 1.0}, "max_share must"),
        ({"max_false_alarms": 0.5}, "whole number"),
        ({"statement": "mean"}, "statement must"),
        ({"statement": "mean, capped"}, "cap must"),
        ({"statement": "mean, capped", "cap": 1}, "cap must be above"),
        ({"cap": 3}, "cap must be given with"),
        ({"confidence_level": 90}, "confidence_level must"),
    ],
)
def test_certificate_refuses_limits_that_are_none(drawn_scenes, options, words) -> None:
    with pytest.raises(InputError, match=words):
        certify_alarms(scan_scenes(*drawn_scenes(3)), **options)
