from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from riskdec import calibration_heterogeneity, calibration_slope
from riskdec.diagnostics.groups.random_effects import leave_one_out, random_effects
from riskdec.errors import InputError


def draw(rng: np.random.Generator, k: int = 12, size: int = 400, tau: float = 0.5) -> tuple[np.ndarray, ...]:
    place = np.repeat(np.arange(k), size)
    risk = expit(rng.normal(-0.5, 1, k * size))
    shift = rng.normal(0, tau, k)[place] if tau else 0.0
    return (rng.random(k * size) < expit(logit(risk) + shift)).astype(int), risk, place


def test_clusters_are_near_their_maximum_likelihood_estimates(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng, k=3, size=2000)
    answer = calibration_heterogeneity(y, risk, groups=place)
    for k, cluster in enumerate(answer.clusters):
        alone = calibration_slope(y[place == k], risk[place == k])
        assert cluster.citl.estimate == pytest.approx(alone.citl.estimate, abs=0.005)
        assert cluster.slope.estimate == pytest.approx(alone.slope.estimate, abs=0.01)
        assert cluster.citl.high - cluster.citl.low == pytest.approx(alone.citl.high - alone.citl.low, rel=0.02)


def test_pooling_is_random_effects_of_the_clusters(rng: np.random.Generator) -> None:
    answer = calibration_heterogeneity(*draw(rng)[:2], groups=draw(rng)[2])
    values = np.array([cluster.citl.estimate for cluster in answer.clusters])
    variance = np.array([((c.citl.high - c.citl.low) / 2 / 1.959963984540054) ** 2 for c in answer.clusters])
    wanted = random_effects(values, variance, confidence_level=0.95)
    assert answer.citl is not None
    assert answer.citl.to_dict()["mean"] == pytest.approx(wanted.to_dict()["mean"])
    assert [c.citl_without for c in answer.clusters] == pytest.approx(leave_one_out(values, variance)[0].tolist())


def test_spread_is_found_where_there_is_some(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng)
    answer = calibration_heterogeneity(y, risk, groups=place)
    assert answer.citl is not None
    assert answer.citl.tau.low < 0.5 < answer.citl.tau.high
    finding = next(f for f in answer.findings if f.code == "RD227")
    assert finding.severity == "issue"
    assert "In a new cluster of this kind" in finding.sentence
    alike = calibration_heterogeneity(*draw(rng, tau=0.0)[:2], groups=place)
    assert alike.citl is not None
    assert alike.citl.tau.low == 0


def test_a_cluster_without_events_is_not_left_out(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng, k=4, size=100, tau=0)
    y[place == 2] = 0
    answer = calibration_heterogeneity(y, risk, groups=place)
    assert answer.clusters[2].n_events == 0
    # Firth's likelihood adds about half an event: log(0.5 / expected).
    assert -6 < answer.clusters[2].citl.estimate < -3
    assert answer.citl is not None
    assert answer.citl.n_groups == 4


def test_clusters_that_expect_too_little_are_named(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng, k=4, size=100, tau=0)
    keep = (place != 3) | (np.arange(400) % 25 == 0)
    answer = calibration_heterogeneity(y[keep], risk[keep], groups=place[keep])
    assert math.isnan(answer.clusters[3].citl.estimate)
    assert math.isnan(answer.clusters[3].citl_without)
    assert any(f.code == "RD226" and f.sentence.endswith("left out: 3.") for f in answer.findings)
    assert "not assessable" in str(answer.summary())
    json.dumps(answer.to_dict(), allow_nan=False)


def test_one_odd_cluster_is_named(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng, k=6, size=300, tau=0)
    y[place == 5] = rng.random(300) < 0.9
    answer = calibration_heterogeneity(y, risk, groups=place)
    assert any("5 stands apart from the other clusters" in f.sentence for f in answer.findings)


def test_weights_count_rows(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng, k=3, size=100)
    weight = rng.integers(0, 3, 300)
    weighted = calibration_heterogeneity(y, risk, groups=place, sample_weight=weight)
    repeated = calibration_heterogeneity(np.repeat(y, weight), np.repeat(risk, weight), groups=np.repeat(place, weight))
    pd.testing.assert_frame_equal(weighted.frame(), repeated.frame(), rtol=1e-8)


def test_order_and_names_of_clusters_change_nothing(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng, k=4, size=100)
    order = rng.permutation(400)
    names = np.array(["d", "c", "b", "a"])[place]
    here = calibration_heterogeneity(y, risk, groups=place)
    there = calibration_heterogeneity(y[order], risk[order], groups=names[order])
    assert [cluster.name for cluster in there.clusters] == ["a", "b", "c", "d"]
    assert here.citl is not None
    assert there.citl is not None
    assert there.citl.to_dict()["mean"] == pytest.approx(here.citl.to_dict()["mean"])


def test_few_clusters_say_so(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng, k=2, size=100)
    answer = calibration_heterogeneity(y, risk, groups=place)
    assert answer.citl is not None
    assert math.isnan(answer.citl.prediction.low)
    assert any("say little about the spread" in f.sentence for f in answer.findings)
    tiny = calibration_heterogeneity(y[:103], risk[:103], groups=place[:103])
    assert tiny.citl is None
    assert "too few to compare" in repr(tiny)


def test_bad_input_is_refused(rng: np.random.Generator) -> None:
    y, risk, place = draw(rng, k=2, size=50)
    with pytest.raises(InputError, match="groups must name the cluster of each row; got None"):
        calibration_heterogeneity(y, risk, groups=None)
    with pytest.raises(InputError, match="groups must hold at least two groups"):
        calibration_heterogeneity(y, risk, groups=np.zeros(100))
    with pytest.raises(InputError, match="y_proba must lie strictly between 0 and 1; got 1 of 100 risks"):
        calibration_heterogeneity(y, np.r_[0.0, risk[1:]], groups=place)
    with pytest.raises(InputError, match="sample_weight must be whole numbers"):
        calibration_heterogeneity(y, risk, groups=place, sample_weight=np.full(100, 0.5))
