"""One window for each object, at one of the scales, none for what lies beyond, and an ignore band on request."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.datasets import make_scene
from riskdec.detection.labelling import check_sizes, label_scales, label_windows, nearest_scale
from riskdec.detection.windows import WindowGrid
from riskdec.errors import InputError

GRID = WindowGrid((128, 96), (16, 16), 4)
SCALES = (1.0, 0.5, 2.0)
GRIDS = [WindowGrid((128, 96), (16, 16), 4, scale) for scale in SCALES]


def test_every_object_inside_has_exactly_one_window() -> None:
    rng = np.random.default_rng(0)
    for centre in rng.uniform([6, 6], [122, 90], (300, 2)):
        labels = label_windows(GRID, centre[None])
        assert labels.is_object.sum() == 1
        row, column = labels.cell[0]
        assert labels.is_object[row, column]
        # Half-open: never more than half a stride away along an axis.
        away = centre - [GRID.row_centres[row], GRID.column_centres[column]]
        assert (away >= -2).all()
        assert (away < 2).all()


def test_object_beyond_the_cells_has_none() -> None:
    labels = label_windows(GRID, np.array([[5.9, 50.0], [50.0, 90.1], [50.0, 50.0]]))
    assert labels.cell[:, 0].tolist() == [-1, -1, 11]
    assert labels.is_object.sum() == 1


def test_second_object_of_a_cell_has_none_of_its_own() -> None:
    labels = label_windows(GRID, np.array([[50.0, 50.0], [50.5, 50.5]]))
    assert labels.is_object.sum() == 1
    assert labels.cell[1].tolist() == [-1, -1]


@pytest.mark.parametrize(("ignore", "left_out"), [(0, 0), (4.0, 8), (8.0, 24)])
def test_ignore_band_is_a_square_without_the_window_itself(ignore, left_out) -> None:
    labels = label_windows(GRID, np.array([[48.0, 52.0]]), ignore=ignore)
    assert labels.ignored.sum() == left_out
    assert not (labels.ignored & labels.is_object).any()


def scene_of(centres, sizes):
    return make_scene(np.zeros((128, 96)), centres, sizes=sizes)


def test_every_object_has_one_window_among_those_of_all_scales(rng) -> None:
    # Within reach at every scale: the largest windows are 32 pixels wide, and 8 apart.
    centres, sizes = rng.uniform([16, 16], [112, 80], (200, 2)), 2.0 ** rng.uniform(1, 8, 200)
    for centre, size in zip(centres, sizes, strict=True):
        labels = label_scales(GRIDS, scene_of([centre], [size]))
        assert sum(int(one.is_object.sum()) for one in labels) == 1
        (level,) = (place for place, one in enumerate(labels) if one.is_object.any())
        row, column = labels[level].cell[0]
        assert labels[level].is_object[row, column]
        # At no other scale is the object nearer to 16 pixels, as a ratio.
        ratios = [max(size * scale / 16, 16 / (size * scale)) for scale in SCALES]
        assert ratios[level] == pytest.approx(min(ratios))
        away = centre - [GRIDS[level].row_centres[row], GRIDS[level].column_centres[column]]
        assert np.abs(away).max() <= 2 / SCALES[level]


def test_objects_are_shared_out_among_scales_and_labelled_there_as_at_one(rng) -> None:
    centres, sizes = rng.uniform([0, 0], [128, 96], (40, 2)), 2.0 ** rng.uniform(2, 7, 40)
    level = nearest_scale(sizes, SCALES, 16.0)
    labels = label_scales(GRIDS, scene_of(centres, sizes), ignore=3.0)
    for place, (grid, truth) in enumerate(zip(GRIDS, labels, strict=True)):
        alone = label_windows(grid, centres[level == place])
        np.testing.assert_array_equal(truth.is_object, alone.is_object)
        np.testing.assert_array_equal(truth.cell[level == place], alone.cell)
        assert (truth.cell[level != place] == -1).all()
        # The band is around every object, at every scale.
        np.testing.assert_array_equal(truth.ignored, near_band(grid, centres) & ~truth.is_object)


def near_band(grid, centres):
    """Tell by a loop which windows have their centre within 3 pixels of an object, along both axes."""
    return np.array(
        [
            [any(abs(r - row) <= 3 and abs(c - column) <= 3 for row, column in centres) for c in grid.column_centres]
            for r in grid.row_centres
        ]
    )


def test_scale_goes_by_the_ratio_of_sizes_alone(rng) -> None:
    sizes = 2.0 ** rng.uniform(2, 8, 100)
    found = nearest_scale(sizes, SCALES, 20.0)
    np.testing.assert_array_equal(found, nearest_scale(sizes * 4, SCALES, 80.0))
    np.testing.assert_array_equal(found, nearest_scale(sizes, [scale * 4 for scale in SCALES], 80.0))
    assert set(found.tolist()) == {0, 1, 2}
    # A window as wide as the object by default, of the mean side where it is no square.
    grids = [WindowGrid((128, 96), (8, 32), 4, scale) for scale in SCALES]
    for default, given in zip(
        label_scales(grids, scene_of([(60.0, 40.0)], [24.0])),
        label_scales(grids, scene_of([(60.0, 40.0)], [24.0]), object_size=16.0),
        strict=True,
    ):
        np.testing.assert_array_equal(default.is_object, given.is_object)


@pytest.mark.parametrize("sizes", [None, [1.0, 900.0]])
def test_at_one_scale_sizes_are_not_looked_at(sizes) -> None:
    centres = [(50.0, 50.0), (20.0, 30.0)]
    (found,) = label_scales(GRIDS[1:2], scene_of(centres, sizes), ignore=8.0, object_size=3.0)
    alone = label_windows(GRIDS[1], np.array(centres), ignore=8.0)
    for name in ("is_object", "ignored", "cell"):
        np.testing.assert_array_equal(getattr(found, name), getattr(alone, name))


def test_several_scales_need_sizes_where_there_are_objects() -> None:
    check_sizes(scene_of([(50.0, 50.0)], None), 1, name="the detector")
    check_sizes(scene_of([(50.0, 50.0)], [16.0]), 3, name="the detector")
    check_sizes(scene_of([], None), 3, name="the detector")
    with pytest.raises(InputError, match=r"the detector must look at one scale.*got 3 scales.*sizes=\.\.\."):
        check_sizes(scene_of([(50.0, 50.0)], None), 3, name="the detector")
