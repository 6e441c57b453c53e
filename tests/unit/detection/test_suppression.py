"""Regions: peaks take the windows around them, the highest first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskdec import RiskMap
from riskdec.detection import WindowGrid
from riskdec.detection.suppression import find_regions


def make_map(risk, *, image_shape=None, window=(8, 8), stride=4, scale=1.0):
    risk = np.asarray(risk, dtype=float)
    if image_shape is None:
        image_shape = tuple((n - 1) * stride + side for n, side in zip(risk.shape, window, strict=True))
    grid = WindowGrid(image_shape, window, stride, scale)
    assert grid.shape == risk.shape
    return RiskMap(
        risk=risk,
        row_centres=grid.row_centres,
        column_centres=grid.column_centres,
        window=window,
        stride=stride,
        scale=scale,
        image_shape=image_shape,
        evaluation="crops",
        train_prevalence=None,
        deploy_prevalence=None,
    )


def test_two_peaks_take_their_neighbours():
    risk = np.zeros((1, 9))
    risk[0] = [0.1, 0.6, 0.2, 0, 0, 0.3, 0.5, 0, 0]
    regions = find_regions([make_map(risk)], separation=0.5, min_risk=0.01)
    assert regions.cell.tolist() == [[0, 1], [0, 6]]
    np.testing.assert_allclose(regions.peak, [0.6, 0.5])
    np.testing.assert_allclose(regions.risk, [1 - 0.9 * 0.4 * 0.8, 1 - 0.7 * 0.5])
    np.testing.assert_allclose(regions.expected, [0.9, 0.8])


def test_wider_separation_makes_one_region_of_two():
    risk = np.array([[0.1, 0.6, 0.2, 0.1, 0.5, 0.3, 0]])
    regions = find_regions([make_map(risk)], separation=3.0, min_risk=0.01)
    assert regions.cell.tolist() == [[0, 1]]
    assert regions.expected[0] == pytest.approx(1.8)


def test_window_of_another_scale_at_the_same_place_joins_the_region():
    fine = np.zeros((7, 7))
    fine[3, 3] = 0.4
    coarse = np.zeros((3, 3))
    coarse[1, 1] = 0.7
    maps = [make_map(fine), make_map(coarse, image_shape=(32, 32), scale=0.5)]
    regions = find_regions(maps, separation=0.5, min_risk=0.01)
    assert regions.level.tolist() == [1]
    assert regions.risk[0] == pytest.approx(1 - 0.6 * 0.3)


def test_region_is_not_lost_because_each_of_its_windows_is_below_the_least_risk():
    risk = np.full((3, 3), 0.03)
    regions = find_regions([make_map(risk)], separation=0.5, min_risk=0.1)
    assert regions.risk.size == 1
    assert regions.peak[0] < 0.1 <= regions.risk[0]


def test_maps_without_risk_have_no_regions():
    regions = find_regions([make_map(np.zeros((3, 4)))], separation=0.5, min_risk=0.0)
    assert regions.cell.shape == (0, 2)
    assert find_regions([make_map(np.empty((0, 0)), image_shape=(4, 4))], separation=0.5, min_risk=0.0).risk.size == 0


def test_certain_window_makes_a_certain_region():
    risk = np.zeros((3, 3))
    risk[1, 1] = 1.0
    assert find_regions([make_map(risk)], separation=0.5, min_risk=0.5).risk.tolist() == [1.0]


@given(seed=st.integers(0, 10_000), separation=st.sampled_from([0.3, 0.5, 1.0]))
def test_regions_share_no_window_and_peaks_are_apart(seed, separation):
    rng = np.random.default_rng(seed)
    maps = [make_map(rng.random((9, 11)) ** 6), make_map(rng.random((4, 5)) ** 6, image_shape=(40, 48), scale=0.5)]
    regions = find_regions(maps, separation=separation, min_risk=0.0)
    assert regions.expected.sum() <= sum(one.expected_objects for one in maps) + 1e-9
    assert (np.diff(regions.peak) <= 0).all()
    assert (regions.risk <= np.minimum(regions.expected, 1) + 1e-12).all()
    assert (regions.risk >= regions.peak - 1e-12).all()
    for k, one in enumerate(maps):
        cells = regions.cell[regions.level == k]
        apart = np.abs(cells[:, None] - cells[None]).max(axis=-1) * one.stride
        np.fill_diagonal(apart, 10**6)
        if len(cells) > 1:
            assert apart.min() > separation * one.window[0] - 1e-6


def test_regions_of_a_single_map_equal_a_plain_loop(rng):
    risk = rng.random((12, 13)) ** 8
    one = make_map(risk)
    free = np.ones(risk.shape, dtype=bool)
    expected = []
    padded = np.pad(risk, 1)
    for place in np.argsort(-risk, axis=None, kind="stable"):
        i, j = divmod(int(place), 13)
        if not free[i, j] or padded[i : i + 3, j : j + 3].max() > risk[i, j]:
            continue
        none = 1.0
        for a in range(12):
            for b in range(13):
                if free[a, b] and max(abs(a - i), abs(b - j)) * 4 <= 0.5 * 8:
                    none *= 1 - risk[a, b]
                    free[a, b] = False
        expected.append(1 - none)
    found = find_regions([one], separation=0.5, min_risk=0.0)
    np.testing.assert_allclose(found.risk, expected)
