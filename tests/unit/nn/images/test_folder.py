"""A folder of image files: labels from sub-folders, damaged files counted, bombs refused."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

torch = pytest.importorskip("torch")
Image = pytest.importorskip("PIL.Image")

from riskdec import CNNRiskModel
from riskdec.errors import IncompleteRowsWarning, InputError
from riskdec.nn.images.folder import FolderImages

if TYPE_CHECKING:
    from pathlib import Path

QUICK = {"max_epochs": 2, "batch_size": 16, "precision": "float32", "random_state": 0}


@pytest.fixture
def folder(tmp_path: Path, marked_images) -> Path:
    images, y = marked_images
    for k in range(60):
        place = tmp_path / "images" / ("ill" if y[k] else "well")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(images[k]).save(place / f"{k:03}.png")
    return tmp_path / "images"


def truncate(path: Path) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])


def write_bomb(path: Path, width: int, height: int) -> None:
    """Write the head of a PNG of a huge image, and hardly any data."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = b""
    for kind, data in ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")):
        chunks += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)


def test_folder_gives_what_the_array_gives(folder, marked_images):
    images, y = marked_images
    source = FolderImages(folder, image_size=None)
    order = np.array([int(path.stem) for path in source.paths])
    assert source.labels.tolist() == np.where(y[order] == 1, "ill", "well").tolist()
    from_files = CNNRiskModel(**QUICK, event="ill").fit(folder)
    from_array = CNNRiskModel(**QUICK, event="ill").fit(images[order], source.labels)
    np.testing.assert_array_equal(from_files.predict_proba(folder), from_array.predict_proba(images[order]))


def test_model_of_a_folder_finds_the_outcomes_there(folder):
    model = CNNRiskModel(**QUICK, event="ill").fit(folder)
    assert model.diagnose(folder, n_resamples=20).n == 60


def test_truncated_file_is_left_out_of_the_fit_and_counted(folder):
    truncate(next(folder.rglob("*.png")))
    with pytest.warns(IncompleteRowsWarning, match=r"RD610.* 1 of 60 images cannot be read \(\d+\.png is the first\)"):
        model = CNNRiskModel(**QUICK, event="ill").fit(folder)
    assert model.history_.n_train + model.history_.n_held_out == 59
    assert "RD610" in {f.code for f in model.findings_}


def test_truncated_file_has_no_risk_and_is_deferred(folder):
    model = CNNRiskModel(**QUICK, event="ill").fit(folder)
    truncate(model_path := sorted(folder.rglob("*.png"))[3])
    place = FolderImages(folder, image_size=None).paths.index(model_path)
    with pytest.warns(IncompleteRowsWarning, match="RD610"):
        risk = model.predict_risk(folder)
    assert np.flatnonzero(np.isnan(risk)).tolist() == [place]
    costs = {"false_positive": 1, "false_negative": 1, "defer": 0.4}
    with pytest.warns(IncompleteRowsWarning, match="RD610"):
        decisions = model.decide(folder, costs=costs)
    assert decisions.action[place] == "defer"


def test_many_unreadable_files_are_refused(folder):
    for path in sorted(folder.rglob("*.png"))[::10]:
        truncate(path)
    with pytest.raises(InputError, match="hold readable images"):
        CNNRiskModel(**QUICK).fit(folder)


@pytest.mark.parametrize("side", [9_000, 50_000], ids=["ours", "pillow's"])
def test_decompression_bomb_is_refused_before_it_is_decoded(folder, side):
    write_bomb(folder / "well" / "bomb.png", side, side)
    with pytest.raises(InputError, match=r"at most 64000000 pixels.*bomb\.png"):
        CNNRiskModel(**QUICK).fit(folder)


def test_other_sizes_are_refused_or_brought_to_one(folder):
    Image.fromarray(np.zeros((9, 9), dtype=np.uint8)).save(folder / "well" / "999.png")
    with pytest.raises(InputError, match=r"size of the first \(8x8\); got 9x9 in 999\.png.*image_size"):
        CNNRiskModel(**QUICK).fit(folder)
    model = CNNRiskModel(**QUICK, image_size=(8, 8)).fit(folder)
    assert model.predict_proba(folder).shape == (61, 2)


def test_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="hold image files"):
        CNNRiskModel().fit(tmp_path)
