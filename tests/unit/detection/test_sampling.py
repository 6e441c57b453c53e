"""Windows drawn at recorded rates: all objects, unbiased negatives, the right pixels; and the rates of mining."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from riskdec import HardNegatives, SlidingWindowDetector, WindowSampler, window_prevalence
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


@pytest.fixture(scope="module")
def two_sizes():
    return DigitScenes(side=256, sizes=(1.0, 2.0), seed=2).scenes("train", 6, n_targets=5)


def test_windows_of_several_scales_are_those_that_the_detector_sees(two_sizes, bright) -> None:
    sampler = WindowSampler(16, scales=(1.0, 0.5))
    colour = make_scene(np.stack([two_sizes[0].image] * 2, axis=-1), two_sizes[0].centres, sizes=two_sizes[0].sizes)
    for scene in (two_sizes[0], colour):
        every = sampler.sample([scene], keep_rates=1.0, rng=0)
        detector = SlidingWindowDetector(bright, 16, stride=4, scales=(1.0, 0.5))
        risk = np.concatenate([one.risk.ravel() for one in detector.risk_map(scene.image)])
        np.testing.assert_allclose(bright.predict_risk(every.images), risk, rtol=1e-4)
        assert every.n_windows == len(risk) == 61**2 + 29**2


def test_objects_of_all_sizes_are_kept_and_the_prior_counts_all_windows(two_sizes) -> None:
    sample = WindowSampler(16, scales=(1.0, 0.5)).sample(two_sizes, keep_rates=0.001, rng=0)
    assert sample.n_objects + sample.n_out_of_reach == 30
    assert sample.n_objects == sample.is_object.sum() >= 29
    share = window_prevalence((256, 256), 16, 4, sample.n_objects / 6, scales=(1.0, 0.5))
    assert sample.prevalence == pytest.approx(share)
    # In its window an object of either size covers the middle, and leaves the corners.
    assert 0 < sum(int((scene.sizes > 16).sum()) for scene in two_sizes) < 30
    objects = sample.images[sample.is_object]
    assert objects[:, 4:12, 4:12].max(axis=(1, 2)).min() > 0.4
    assert np.median(objects[:, 4:12, 4:12].mean(axis=(1, 2)) / objects.mean(axis=(1, 2))) > 1.4


def test_mining_gives_rates_for_every_scale(two_sizes, bright) -> None:
    pilot = SlidingWindowDetector(bright, 16, stride=4, scales=(1.0, 0.5))
    rates = HardNegatives(pilot, 0.001)
    assert [one.shape for one in rates(two_sizes[0].image)] == [(61, 61), (29, 29)]
    sample = WindowSampler(16, scales=(1.0, 0.5)).sample(two_sizes, keep_rates=rates, rng=3)
    np.testing.assert_allclose(sample.keep_rate, np.clip(3 * bright.predict_risk(sample.images), 0.0005, 1), rtol=1e-4)
    weight = 1 / sample.keep_rate[~sample.is_object]
    error = np.sqrt((weight**2 - weight).sum())
    assert weight.sum() == pytest.approx(sample.n_windows - sample.n_objects, abs=4 * error)
    with pytest.raises(InputError, match=r"rates at each of 1 scale\(s\); got rates at 2"):
        WindowSampler(16).sample(two_sizes, keep_rates=rates)


def test_scenes_without_sizes_are_sampled_at_one_scale_only(scenes) -> None:
    nameless = [make_scene(scene.image, scene.centres) for scene in scenes]
    sampled = [WindowSampler(16, object_size=3.0).sample(some, rng=0) for some in (scenes, nameless)]
    np.testing.assert_array_equal(sampled[0].images, sampled[1].images)
    with pytest.raises(InputError, match=r"the sampler must look at one scale.*sizes=\.\.\."):
        WindowSampler(16, scales=(1.0, 0.5)).sample(nameless)


def test_scale_at_which_a_scene_is_smaller_than_a_window_has_none() -> None:
    scene = make_scene(np.ones((30, 30)), [(15.0, 15.0), (14.0, 9.0)], sizes=[16, 40])
    sample = WindowSampler(16, scales=(1.0, 0.5)).sample([scene], keep_rates=1.0, rng=0)
    assert (sample.n_windows, sample.n_objects, sample.n_out_of_reach) == (16, 1, 1)
