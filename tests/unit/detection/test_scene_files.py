"""Scenes in files: found, decoded, or refused by name."""

import numpy as np
import pytest
from PIL import Image

from riskdec.detection.scene_files import find_scenes, read_scene
from riskdec.errors import InputError


@pytest.fixture
def gray(rng, tmp_path):
    path = tmp_path / "gray.png"
    Image.fromarray(rng.integers(0, 256, (20, 30)).astype(np.uint8)).save(path)
    return path


def test_scene_is_read_as_it_was_written(gray):
    pixels = read_scene(gray, n_channels=1)
    assert pixels.shape == (20, 30, 1)
    assert pixels.dtype == np.uint8
    with Image.open(gray) as opened:
        np.testing.assert_array_equal(pixels[..., 0], np.asarray(opened))


def test_folder_gives_its_images_by_name(gray, tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    other = tmp_path / "a.PNG"
    other.write_bytes(gray.read_bytes())
    assert find_scenes([tmp_path]) == [other, gray]
    assert find_scenes([gray]) == [gray]


def test_what_cannot_be_found_is_named(tmp_path):
    with pytest.raises(InputError, match="must hold image files"):
        find_scenes([tmp_path])
    with pytest.raises(InputError, match="got nothing of this name"):
        find_scenes([tmp_path / "absent.png"])


def test_damaged_files_are_refused(gray, tmp_path):
    cut = tmp_path / "cut.png"
    cut.write_bytes(gray.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"cut\.png must be a whole image; got image file is truncated"):
        read_scene(cut, n_channels=1)
    cut.write_bytes(b"no image at all")
    with pytest.raises(InputError, match=r"cut\.png must be an image that can be read"):
        read_scene(cut, n_channels=1)


def test_colour_and_gray_are_not_mixed(gray, tmp_path):
    with pytest.raises(InputError, match=r"gray\.png must be in colour, as the training images; got gray"):
        read_scene(gray, n_channels=3)
    colour = tmp_path / "colour.png"
    Image.fromarray(np.zeros((8, 8, 3), dtype=np.uint8)).save(colour)
    with pytest.raises(InputError, match=r"colour\.png must be gray"):
        read_scene(colour, n_channels=1)
    assert read_scene(colour, n_channels=3).shape == (8, 8, 3)


def test_deep_pixels_are_refused_and_not_cut_off(tmp_path):
    deep = tmp_path / "deep.png"
    Image.fromarray(np.full((8, 8), 40_000, dtype=np.uint16)).save(deep)
    with pytest.raises(InputError, match=r"deep\.png must have 8 bits per pixel; got pixels of the kind 'I;16'"):
        read_scene(deep, n_channels=1)


def test_huge_images_are_refused_before_they_are_decoded(tmp_path):
    bomb = tmp_path / "bomb.png"
    Image.new("1", (9000, 9000)).save(bomb)
    assert bomb.stat().st_size < 20_000
    with pytest.raises(InputError, match=r"bomb\.png must have at most 64,000,000 pixels; got 81,000,000"):
        read_scene(bomb, n_channels=1)
