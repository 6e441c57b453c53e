"""Pictures of risk maps and of detections: every box at its place, every risk in its cell."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from riskdec.detection.answer import make_preview
from riskdec.detection.deciding import detect_on_maps
from riskdec.plot import draw
from tests.unit.detection.test_suppression import make_map

COSTS = {"false_positive": 1, "false_negative": 9, "defer": 0.5}


def risks():
    risk = np.full((9, 12), 1e-5)
    risk[1, 1], risk[4, 9], risk[7, 4] = 0.9, 0.2, 0.01
    return risk


def detected():
    return detect_on_maps([make_map(risks())], COSTS, min_risk=None, separation=0.5)


def boxes_of(ax):
    found = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    return {(box.get_x(), box.get_y(), box.get_width(), box.get_height()) for box in found}


def test_every_region_has_its_box_and_the_legend_counts_them():
    found = detected()
    ax = found.plot()
    expected = {(left, top, right - left, bottom - top) for top, left, bottom, right in found.boxes.tolist()}
    assert boxes_of(ax) == expected
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["clear: 1", "alarm: 1", "defer: 1"]
    assert ax.get_ylim() == (40, 0)
    # Only what is acted on bears its risk.
    assert [text.get_text() for text in ax.texts] == ["90 %", "20 %"]


@pytest.mark.parametrize("shape", [(40, 52), (40, 52, 3)])
def test_overlay_shows_the_scene_behind_the_boxes(shape, rng):
    ax = detected().plot(image=rng.integers(0, 256, shape).astype(np.uint8))
    assert len(ax.images) == 1
    assert list(ax.images[0].get_extent()) == [0, 52, 40, 0]
    assert len(boxes_of(ax)) == 3


def test_drawing_into_axes_of_the_caller_stays_there():
    ax = draw(make_map(risks()))
    assert detected().plot(ax) is ax
    assert len(ax.images) == 1


def test_risk_map_shows_each_window_at_its_cell():
    one = make_map(risks())
    ax = one.plot()
    (shown,) = ax.images
    np.testing.assert_array_equal(shown.get_array(), one.risk)
    assert list(shown.get_extent()) == [2, 50, 38, 2]
    assert ax.get_title(loc="left") == "1.11 objects expected"


@pytest.mark.parametrize("risk", [np.zeros((3, 4)), np.ones((3, 4)), np.full((1, 1), 1e-12)])
def test_risk_maps_of_one_value_are_drawn(risk):
    make_map(risk).plot().figure.canvas.draw()


def test_map_without_windows_is_an_empty_frame():
    ax = make_map(np.empty((0, 0)), image_shape=(4, 4)).plot()
    assert not ax.images


def test_preview_thins_out_large_scenes_and_keeps_bytes_as_they_are(rng):
    pixels = rng.integers(0, 256, (3000, 100)).astype(np.uint8)
    preview = make_preview(pixels)
    assert preview.shape == (1000, 34)
    np.testing.assert_array_equal(preview, pixels[::3, ::3])
    assert make_preview(np.zeros((5, 5, 2))).shape == (5, 5)


def test_many_regions_are_drawn_without_labels_beyond_the_first(rng):
    risk = np.zeros((31, 31))
    risk[::4, ::4] = rng.uniform(0.6, 0.9, (8, 8))
    found = detect_on_maps([make_map(risk)], COSTS, min_risk=None, separation=0.5)
    ax = found.plot()
    assert len(boxes_of(ax)) == 64
    assert len(ax.texts) == 25
