"""Isotonic and Venn-Abers calibration against scikit-learn and the package venn-abers."""

from __future__ import annotations

import importlib.util
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from riskdec import CrossVennAbersCalibrator, IsotonicCalibrator, VennAbersCalibrator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

SIZES = [(60, 1), (500, 2), (4000, 9)]


def data(n: int, digits: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give scores rounded to so many digits, outcomes, and new scores among, between and outside them."""
    rng = np.random.default_rng(n)
    z = rng.normal(-1, 1.4, n)
    p = expit(z).round(digits)
    y = (rng.random(n) < expit(0.3 + 0.6 * z)).astype(int)
    ends = [0, p.min() / 2, (1 + p.max()) / 2, 1]
    return p, y, np.concatenate([ends, rng.random(300), p[:200], np.nextafter(p[:20], 1)])


@pytest.fixture
def venn_abers() -> Iterator[ModuleType]:
    if importlib.util.find_spec("venn_abers") is None:
        pytest.skip("venn-abers is not installed")
    # It switches numpy's warnings off where it is imported, and divides by zero; both end with the test.
    with np.errstate(), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        peer = importlib.import_module("venn_abers.venn_abers")
        with np.errstate(divide="ignore", invalid="ignore"):
            yield peer


@pytest.mark.parametrize(("n", "digits"), SIZES)
@pytest.mark.parametrize("weighted", ["plain", "counts", "importance"])
def test_isotonic_calibration_predicts_as_scikit_learn(n: int, digits: int, weighted: str) -> None:
    p, y, new = data(n, digits)
    rng = np.random.default_rng(0)
    weight = {"plain": None, "counts": rng.integers(1, 5, n), "importance": rng.gamma(2, 1, n)}[weighted]
    kind = "importance" if weighted == "importance" else "frequency"
    ours = IsotonicCalibrator(weight_kind=kind).fit(p, y, weight)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(p, y, sample_weight=weight)
    np.testing.assert_allclose(ours.predict_risk(new), theirs.predict(new), atol=1e-12)
    np.testing.assert_allclose(ours.predict_risk(p), theirs.predict(p), atol=1e-12)


def test_isotonic_calibration_of_logits_predicts_as_scikit_learn() -> None:
    rng = np.random.default_rng(5)
    z = rng.normal(-1, 3, 3000).round(2)
    y = rng.random(3000) < expit(z / 2)
    new = np.concatenate([[-50.0, 50.0], rng.normal(-1, 5, 1000)])
    ours = IsotonicCalibrator(input="logit").fit(z, y)
    theirs = IsotonicRegression(out_of_bounds="clip").fit(z, y)
    np.testing.assert_allclose(ours.predict_risk(new), theirs.predict(new), atol=1e-12)


@pytest.mark.parametrize(("n", "digits"), SIZES)
def test_venn_abers_risks_are_isotonic_fits_of_scikit_learn_with_the_row_added(n: int, digits: int) -> None:
    p, y, new = data(n, digits)
    new = new[::40]
    found = VennAbersCalibrator().fit(p, y).predict_interval(new)
    for outcome in (0, 1):
        fits = [IsotonicRegression().fit(np.append(p, at), np.append(y, outcome)) for at in new]
        wanted = [float(one.predict([at])[0]) for one, at in zip(fits, new, strict=True)]
        np.testing.assert_allclose(found[:, outcome], wanted, atol=1e-12)


@pytest.mark.parametrize(("n", "digits"), SIZES)
def test_venn_abers_calibration_equals_the_package(venn_abers: ModuleType, n: int, digits: int) -> None:
    p, y, new = data(n, digits)
    ours = VennAbersCalibrator().fit(p, y)
    peer = venn_abers.VennAbers()
    peer.fit(np.column_stack([1 - p, p]), y)
    merged, both = peer.predict_proba(np.column_stack([1 - new, new]))
    np.testing.assert_allclose(ours.predict_interval(new), both, atol=1e-12)
    np.testing.assert_allclose(ours.predict_proba(new), merged, atol=1e-12)


def test_cross_venn_abers_calibration_merges_as_the_package(venn_abers: ModuleType) -> None:
    p, y, new = data(4000, 9)
    folds = np.random.default_rng(2).integers(0, 5, 4000)
    ours = CrossVennAbersCalibrator().fit(p, y, folds=folds)
    low, high = [], []
    for k in range(5):
        here = folds == k
        fitted = venn_abers.calc_p0p1(np.column_stack([1 - p[here], p[here]]), y[here])
        _, both = venn_abers.calc_probs(*fitted, np.column_stack([1 - new, new]))
        low.append(both[:, 0])
        high.append(both[:, 1])
    event = venn_abers.geo_mean(np.column_stack(high))
    other = venn_abers.geo_mean(1 - np.column_stack(low))
    np.testing.assert_allclose(ours.predict_risk(new), event / (event + other), atol=1e-12)


def top_label(shared_data: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_parquet(shared_data / name)
    return table["confidence"].to_numpy(), (table["true_label"] == table["pred_label"]).to_numpy().astype(int)


def outcome_of(shared_data: Path, k: int) -> tuple[np.ndarray, np.ndarray]:
    stored = np.load(shared_data / "cifar10_test_probs.npz")
    return stored["lenet5"][:, k].astype(float), (stored["y"] == k).astype(int)


@pytest.fixture(params=["conf_cifar10_densenet40.parquet", "conf_cifar10_resnet110.parquet", 3, 5])
def network(request: pytest.FixtureRequest, shared_data: Path) -> tuple[np.ndarray, np.ndarray]:
    given = request.param
    return top_label(shared_data, given) if isinstance(given, str) else outcome_of(shared_data, given)


def test_isotonic_calibration_of_networks_predicts_as_scikit_learn(network: tuple[np.ndarray, np.ndarray]) -> None:
    p, y = network
    half = len(p) // 2
    ours = IsotonicCalibrator().fit(p[:half], y[:half]).predict_risk(p[half:])
    theirs = IsotonicRegression(out_of_bounds="clip").fit(p[:half], y[:half]).predict(p[half:])
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_venn_abers_calibration_of_networks_equals_the_package(
    venn_abers: ModuleType, network: tuple[np.ndarray, np.ndarray]
) -> None:
    p, y = network
    half = len(p) // 2
    fitted = venn_abers.calc_p0p1(np.column_stack([1 - p[:half], p[:half]]), y[:half])
    merged, both = venn_abers.calc_probs(*fitted, np.column_stack([1 - p[half:], p[half:]]))
    ours = VennAbersCalibrator().fit(p[:half], y[:half])
    np.testing.assert_allclose(ours.predict_interval(p[half:]), both, atol=1e-12)
    np.testing.assert_allclose(ours.predict_proba(p[half:]), merged, atol=1e-12)
