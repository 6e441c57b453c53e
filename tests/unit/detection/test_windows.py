"""Where windows lie, and that each object has one of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskdec import window_prevalence
from riskdec.detection import WindowGrid
from riskdec.errors import InputError


@given(
    image=st.tuples(st.integers(20, 90), st.integers(20, 90)),
    window=st.tuples(st.integers(4, 20), st.integers(4, 20)),
    stride=st.integers(1, 7),
    scale=st.sampled_from([1.0, 0.5, 0.7, 1.5]),
)
def test_cells_hold_the_centres_of_their_windows_and_do_not_overlap(image, window, stride, scale):
    grid = WindowGrid(image, window, stride, scale)
    rows, columns = grid.shape
    if not rows or not columns:
        return
    centres = np.stack(np.meshgrid(grid.row_centres, grid.column_centres, indexing="ij"), axis=-1).reshape(-1, 2)
    own = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"), axis=-1).reshape(-1, 2)
    np.testing.assert_array_equal(grid.cell_of(centres), own)
    # A little less than half a stride away it is still this window; the cell is half-open.
    step = np.array(grid.pixel) * stride
    np.testing.assert_array_equal(grid.cell_of(centres - 0.499 * step), own)
    np.testing.assert_array_equal(grid.cell_of(centres + 0.499 * step), own)
    boxes = grid.boxes(own)
    np.testing.assert_allclose((boxes[:, :2] + boxes[:, 2:]) / 2, centres)
    assert boxes[:, 2].max() <= image[0] + 1e-9
    assert boxes[:, 3].max() <= image[1] + 1e-9


def test_each_object_has_one_window_or_lies_at_the_border(rng):
    grid = WindowGrid((64, 80), (16, 12), 4)
    objects = rng.uniform(0, [64, 80], (500, 2))
    cells = grid.cell_of(objects)
    inside = (cells >= 0).all(axis=1)
    assert (cells[~inside] == -1).all()
    near = np.abs(grid.row_centres[cells[inside, 0]] - objects[inside, 0])
    assert near.max() <= 2
    middle = (objects >= [8, 6]).all(axis=1) & (objects < [56, 74]).all(axis=1)
    assert inside[middle].all()


def test_scene_smaller_than_a_window_has_none():
    assert WindowGrid((10, 40), (16, 16), 4).n == 0
    assert WindowGrid((32, 32), (16, 16), 4, 0.4).shape == (0, 0)


def test_window_prevalence_is_objects_over_windows_of_all_scales():
    assert window_prevalence((512, 512), 16, 4, 3) == 3 / 125**2
    both = window_prevalence((512, 512, 3), (16, 16), 4, 3, scales=(1.0, 0.5))
    assert both == 3 / (125**2 + 61**2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (((8, 8), 16, 4, 1), r"fewer than the windows of a scene \(0\)"),
        (((64, 64), 16, 4, 0), "objects_per_scene must be a number above 0"),
        (((64, 64), 16, 0, 1), "stride must be a whole number of at least 1"),
        (((64, 64), (16, 16, 1), 4, 1), "window must be a height and a width"),
        (((64,), 16, 4, 1), "image_shape must be a height and a width"),
        (((64, 64), True, 4, 1), "window must be a height and a width"),
    ],
)
def test_impossible_plans_are_refused(arguments, words):
    with pytest.raises(InputError, match=words):
        window_prevalence(*arguments)


@pytest.mark.parametrize("scales", [(), (1.0, 1.0), (0.0,), "1", (np.nan,)])
def test_scales_that_are_none_are_refused(scales):
    with pytest.raises(InputError, match="scale"):
        window_prevalence((64, 64), 16, 4, 1, scales=scales)
