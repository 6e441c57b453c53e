"""One window for each object, none for what lies beyond, and an ignore band on request."""

from __future__ import annotations

import numpy as np
import pytest

from riskdec.detection.labelling import label_windows
from riskdec.detection.windows import WindowGrid

GRID = WindowGrid((128, 96), (16, 16), 4)


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
