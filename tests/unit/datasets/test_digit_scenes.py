"""Scenes of real digits: pools that never mix, truth that is where the ink is, and the same bits for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from riskdec.datasets import DigitScenes, make_scene
from riskdec.errors import InputError

DIGITS = load_digits().target


@pytest.fixture(scope="module")
def small() -> DigitScenes:
    return DigitScenes(side=256, seed=4)


def test_pools_share_no_digit_image(small) -> None:
    parts = [set(small.images_in(pool).tolist()) for pool in ("train", "calibration", "test")]
    assert sum(map(len, parts)) == len(set.union(*parts)) == len(DIGITS)
    assert [round(len(part) / len(DIGITS), 2) for part in parts] == [0.45, 0.28, 0.27]
    assert set(small.images_in("held out").tolist()) == parts[1] | parts[2]


@pytest.mark.parametrize("pool", ["train", "test", "held out"])
def test_objects_are_targets_of_their_pool(small, pool) -> None:
    for scene in small.scenes(pool, 20):
        assert (DIGITS[scene.sources] == 3).all()
        assert set(scene.sources.tolist()) <= set(small.images_in(pool).tolist())


def test_ink_is_at_the_centres_and_apart(small) -> None:
    scene = small.make("train", 0, n_targets=6)
    places = scene.centres.astype(int)
    ink = [scene.image[row - 6 : row + 6, column - 6 : column + 6].max() for row, column in places]
    assert min(ink) > 0.5
    assert np.median(scene.image) < 0.3
    assert scene.image.dtype == np.float32
    distance = np.abs(scene.centres[:, None] - scene.centres[None]).max(axis=2)
    assert distance[~np.eye(6, dtype=bool)].min() >= 14


def test_a_scene_is_a_function_of_seed_pool_and_number(small) -> None:
    again = DigitScenes(side=256, seed=4)
    one, same = small.scenes("test", 8)[5], again.scenes("test", 3, first=3)[2]
    assert np.array_equal(one.image, same.image)
    assert np.array_equal(one.centres, same.centres)
    assert not np.array_equal(one.image, small.scenes("test", 8)[4].image)
    assert not np.array_equal(one.image, DigitScenes(side=256, seed=5).make("test", 5).image)
    assert [len(small.scenes("test", 8)[2:6]), small.scenes("test", 8)[2:6][1].n_objects] == [
        4,
        small.make("test", 3).n_objects,
    ]


def test_one_size_is_the_scene_without_sizes_and_says_how_large_its_objects_are(small) -> None:
    scene = small.make("train", 3, n_targets=4)
    assert scene.sizes.tolist() == [16.0] * 4
    twice = DigitScenes(side=256, seed=4, sizes=[1.0, 1.0]).make("train", 3, n_targets=4)
    np.testing.assert_array_equal(scene.image, twice.image)
    np.testing.assert_array_equal(scene.centres, twice.centres)


def test_targets_of_several_sizes_are_where_and_as_large_as_it_says() -> None:
    scenes = DigitScenes(side=384, sizes=(1.0, 2.0, 3.0), seed=5).scenes("train", 12, n_targets=8)
    sizes = np.concatenate([scene.sizes for scene in scenes])
    values, counts = np.unique(sizes, return_counts=True)
    assert values.tolist() == [16, 32, 48]
    assert counts.min() > 96 / 3 - 4 * np.sqrt(96 * 2 / 9)
    for scene in scenes:
        distance = np.abs(scene.centres[:, None] - scene.centres[None]).max(axis=2)
        apart = 14 / 16 * (scene.sizes[:, None] + scene.sizes) / 2
        assert (distance + 999 * np.eye(8) >= apart).all()
    # The height of what is inked in a box is its side, less the border that all drawings have.
    heights = {side: [] for side in (16, 32, 48)}
    for scene in scenes:
        for (row, column), side in zip(scene.centres, scene.sizes.astype(int), strict=True):
            top, left = int(row - side / 2), int(column - side / 2)
            box = scene.image[top : top + side, left : left + side]
            assert box.shape == (side, side)
            inked = np.flatnonzero(box[:, side // 4 : -side // 4].max(axis=1) > 0.45)
            heights[side].append((inked[-1] - inked[0] + 1) / side)
    medians = [np.median(one) for one in heights.values()]
    assert medians == pytest.approx([medians[0]] * 3, abs=0.1)
    assert 0.5 < medians[0] < 1


@pytest.mark.parametrize(("rarity", "mean"), [("1:5,000", 3.0), ("1:14,000", 1.0)])
def test_mean_number_of_targets_is_that_of_the_rarity(rarity, mean) -> None:
    scenes = DigitScenes(rarity=rarity, side=512, seed=1)
    assert scenes.objects_per_scene == mean
    counts = [scene.n_objects for scene in scenes.scenes("held out", 60)]
    assert np.mean(counts) == pytest.approx(mean, abs=4 * np.sqrt(mean / 60))


def test_other_digit_images_can_be_given() -> None:
    pixels = np.kron(load_digits().images[:400], np.ones((1, 2, 2))) * 15
    scenes = DigitScenes(side=128, images=pixels, digits=DIGITS[:400], target=8, seed=0)
    scene = scenes.make("train", 1, n_targets=2)
    assert (DIGITS[scene.sources] == 8).all()
    assert 0.5 < scene.image.max() < 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rarity": "1:100"}, "rarity must"),
        ({"side": 20}, "side must"),
        ({"target": 11}, "target must"),
        ({"shares": (0.5, 0.2, 0.2)}, "shares must"),
        ({"sizes": ()}, "sizes must"),
        ({"sizes": (1.0, 0.1)}, "each size must"),
        ({"side": 100, "sizes": (1.0, 2.0)}, "side must be a whole number of at least 128"),
        ({"images": -np.ones((3, 8, 8)), "digits": [1, 2, 3]}, "images must"),
    ],
)
def test_digit_scenes_refuse_what_makes_no_scene(options, words) -> None:
    with pytest.raises(InputError, match=words):
        DigitScenes(**options)


def test_scenes_too_full_and_pools_unknown_are_refused(small) -> None:
    with pytest.raises(InputError, match="pool must"):
        small.scenes("validation", 2)
    with pytest.raises(InputError, match="n_targets must fit"):
        DigitScenes(side=64).make("train", 0, n_targets=60)


def test_scene_of_the_users_own_is_checked() -> None:
    assert make_scene(np.zeros((20, 30, 3)), []).n_objects == 0
    with pytest.raises(InputError, match="centres must lie in the image"):
        make_scene(np.zeros((20, 30)), [(3.0, 30.0)])
    with pytest.raises(InputError, match="image must have shape"):
        make_scene(np.zeros(20), [])
    assert make_scene(np.zeros((20, 30)), [(3.0, 4.0)], sizes=[5]).sizes.tolist() == [5.0]
    with pytest.raises(InputError, match="sizes must be above 0; got 0"):
        make_scene(np.zeros((20, 30)), [(3.0, 4.0), (5.0, 6.0)], sizes=[5, 0])
    with pytest.raises(InputError, match="sizes must have one entry"):
        make_scene(np.zeros((20, 30)), [(3.0, 4.0)], sizes=[5, 6])
    with pytest.raises(InputError, match="a row and a column"):
        make_scene(np.zeros((20, 30)), [[1.0, 2.0, 3.0]])
