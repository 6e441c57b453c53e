"""Resized images, a tile at a time."""

import numpy as np
import pytest

from riskdec.detection.pyramid import ScaledImage


@pytest.mark.parametrize("shape", [(40, 31), (20, 16), (13, 47), (100, 77)])
def test_tiles_are_cut_out_of_the_resized_image(shape, rng):
    image = ScaledImage(rng.normal(size=(40, 31, 2)), shape)
    whole = image.take(slice(0, shape[0]), slice(0, shape[1]))
    assert whole.shape == (*shape, 2)
    for top, left in ((0, 0), (3, 5), (shape[0] - 8, shape[1] - 9)):
        tile = image.take(slice(top, top + 8), slice(left, left + 9))
        np.testing.assert_allclose(tile, whole[top : top + 8, left : left + 9], atol=1e-6)


def test_own_size_leaves_pixels_and_their_type_as_they_are():
    pixels = np.arange(60, dtype=np.uint8).reshape(6, 10, 1)
    tile = ScaledImage(pixels, (6, 10)).take(slice(1, 4), slice(2, 9))
    assert tile.dtype == np.uint8
    np.testing.assert_array_equal(tile, pixels[1:4, 2:9])


@pytest.mark.parametrize("factor", [0.25, 0.5, 2.0])
def test_ramp_stays_the_same_ramp_in_pixels_of_the_image(factor):
    # Linear interpolation and symmetric smoothing keep straight lines: the value at a place stays what it was.
    centres = np.arange(64) + 0.5
    image = ScaledImage((3 * centres[:, None] + 2 * centres)[..., None], (int(64 * factor), int(64 * factor)))
    size = int(64 * factor)
    places = (np.arange(size) + 0.5) / factor
    inner = slice(size // 4, -(size // 4))
    found = image.take(slice(0, size), slice(0, size))[inner, inner, 0]
    np.testing.assert_allclose(found, 3 * places[inner, None] + 2 * places[inner], rtol=1e-4)


def test_shrinking_averages_what_no_longer_fits():
    checkers = np.indices((64, 64)).sum(axis=0) % 2
    small = ScaledImage(checkers[..., None].astype(float), (16, 16)).take(slice(2, 14), slice(2, 14))
    np.testing.assert_allclose(small, 0.5, atol=0.02)
