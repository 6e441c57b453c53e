"""Windows drawn at recorded rates: all objects, unbiased negatives, the right pixels; and the rates of mining."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from riskdec import HardNegatives, WindowSampler
from riskdec.datasets import DigitScenes, make_scene
from riskdec.detection.mining import keep_rates_from_risk
from riskdec.errors import InputError


@pytest.fixture(scope="module")
def scenes():
    return DigitScenes(side=256, seed=2).scenes("train", 8, n_targets=5)


def test_all_objects_are_kept_and_the_prior_is_exact(scenes) -> None:
    sample = WindowSampler(16).sample(scenes, keep_rates=0.001, rng=0)
    assert sample.n_objects == sample.is_object.sum() == 40
    assert sample.n_windows == 8 * 61**2
    assert sample.prevalence == 40 / (8 * 61**2)
    assert sample.n_out_of_reach == 0
    assert (sample.keep_rate == 0.001).all()
    assert np.allclose(sample.offset, -np.log(0.001))
    assert "objects, all kept" in str(sample)


def test_rates_stand_for_all_negatives_whatever_the_rule(scenes) -> None:
    def by_brightness(image: np.ndarray) -> np.ndarray:
        windows = np.lib.stride_tricks.sliding_window_view(image, (16, 16))[::4, ::4]
        return np.clip(windows.max(axis=(2, 3)) ** 2, 0.02, 1)

    sample = WindowSampler(16).sample(scenes, keep_rates=by_brightness, rng=1)
    weight = 1 / sample.keep_rate[~sample.is_object]
    # Variance of a sum of 1 / a over negatives kept at the rate a.
    error = np.sqrt((weight**2 - weight).sum())
    assert weight.sum() == pytest.approx(sample.n_windows - sample.n_objects, abs=4 * error)
    assert sample.keep_rate.min() < 0.1 < sample.keep_rate.max()


def test_windows_are_the_pixels_around_their_object() -> None:
    image = np.arange(64 * 64, dtype=float).reshape(64, 64)
    sample = WindowSampler(16).sample([make_scene(image, [(20.0, 32.0)])], keep_rates=1e-9, rng=0)
    assert sample.images.shape == (1, 16, 16)
    assert np.array_equal(sample.images[0], image[12:28, 24:40])
    colour = np.stack([image, -image, image + 1], axis=-1)
    sample = WindowSampler(16).sample([make_scene(colour, [(20.0, 32.0)])], keep_rates=1e-9, rng=0)
    assert np.array_equal(sample.images[0], colour[12:28, 24:40])


def test_ignore_band_is_in_neither_sample_nor_prior(scenes) -> None:
    sampler = WindowSampler(16, ignore=8)
    all_kept = sampler.sample(scenes[:1], keep_rates=1.0, rng=0)
    assert all_kept.n_windows == len(all_kept.is_object)
    assert all_kept.n_windows < 61**2 - 5 * 15
    assert all_kept.n_objects == 5


def test_same_seed_draws_the_same_windows(scenes) -> None:
    first, again, other = (WindowSampler(16).sample(scenes, keep_rates=0.01, rng=seed) for seed in (0, 0, 1))
    assert np.array_equal(first.images, again.images)
    assert len(first.images) != len(other.images) or not np.array_equal(first.images, other.images)


@pytest.mark.parametrize("rate", [0.0, 1.5])
def test_rates_that_cannot_be_undone_are_refused(scenes, rate) -> None:
    with pytest.raises(InputError, match="keep_rates must lie"):
        WindowSampler(16).sample(scenes, keep_rates=rate)


def test_scenes_that_cannot_be_sampled_are_refused(scenes) -> None:
    with pytest.raises(InputError, match="one rate per window"):
        WindowSampler(16).sample(scenes, keep_rates=lambda _: np.ones((2, 2)))
    with pytest.raises(InputError, match="hold an object"):
        WindowSampler(16).sample([make_scene(np.zeros((40, 40)), [])])
    with pytest.raises(InputError, match="at least as large"):
        WindowSampler(16).sample([make_scene(np.zeros((10, 40)), [])])


def test_mining_keeps_what_the_pilot_suspects() -> None:
    pilot = SimpleNamespace(risk_map=lambda image: [SimpleNamespace(risk=image)])
    rates = HardNegatives(pilot, 0.001, factor=2, floor=0.5)(np.array([[0.0, 1e-4, 0.01, 0.8]]))
    assert rates.tolist() == [[0.0005, 0.0005, 0.02, 1.0]]
    assert keep_rates_from_risk(np.array([0.0]), 0.5, floor=4.0).tolist() == [1.0]


def test_mining_refuses_several_scales() -> None:
    pilot = SimpleNamespace(risk_map=lambda image: [image, image])
    with pytest.raises(InputError, match="one scale"):
        HardNegatives(pilot, 0.001)(np.zeros((1, 1)))
