"""Arrays and Datasets as sources of images, and what one pass over them finds."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from riskdec import CNNRiskModel
from riskdec.errors import InputError
from riskdec.nn.images.ahead import ahead
from riskdec.nn.images.arrays import open_array
from riskdec.nn.images.scan import channel_statistics, scan_images

QUICK = {"max_epochs": 1, "batch_size": 32, "precision": "float32", "random_state": 0}


class Pairs(torch.utils.data.Dataset):
    def __init__(self, images, y):
        self.images, self.y = images, y

    def __len__(self):
        return len(self.images)

    def __getitem__(self, place):
        return torch.from_numpy(self.images[place])[None], int(self.y[place])


class Stream(torch.utils.data.IterableDataset):
    def __iter__(self):
        return iter([])


def test_dataset_gives_what_the_array_gives(marked_images):
    images, y = marked_images
    by_dataset = CNNRiskModel(**QUICK).fit(Pairs(images, y))
    by_array = CNNRiskModel(**QUICK).fit(images, y)
    np.testing.assert_array_equal(by_dataset.predict_proba(Pairs(images, y)), by_array.predict_proba(images))


def test_dataset_that_cannot_be_indexed_is_refused():
    with pytest.raises(InputError, match="Dataset that can be indexed"):
        CNNRiskModel().fit(Stream(), [0, 1])


def test_array_without_outcomes_is_refused(marked_images):
    with pytest.raises(InputError, match="y must be given"):
        CNNRiskModel(**QUICK).fit(marked_images[0])


@pytest.mark.parametrize("dtype", [np.uint8, np.float64, np.float32, np.int16])
def test_statistics_are_those_of_the_chosen_images(rng, dtype):
    images = rng.integers(0, 255, (300, 5, 4, 3)).astype(dtype)
    places = np.arange(0, 300, 7)
    mean, scale = channel_statistics(scan_images(open_array(images)), places, n_pixels=20)
    np.testing.assert_allclose(mean, images[places].astype(float).mean(axis=(0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(scale, images[places].astype(float).std(axis=(0, 1, 2)), rtol=1e-6)


def test_constant_channel_has_scale_one():
    images = np.full((10, 4, 4), 7, dtype=np.uint8)
    mean, scale = channel_statistics(scan_images(open_array(images)), np.arange(10), n_pixels=16)
    assert (mean.tolist(), scale.tolist()) == ([7.0], [1.0])


def test_unit_of_the_pixels_changes_nothing(marked_images):
    images, y = marked_images
    whole = CNNRiskModel(**QUICK).fit(images, y).predict_proba(images)
    share = CNNRiskModel(**QUICK).fit(images / 256, y).predict_proba(images / 256)
    np.testing.assert_allclose(whole, share, atol=1e-5)


def test_memory_map_stays_on_disk(marked_images, tmp_path):
    images, y = marked_images
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    model = CNNRiskModel(**QUICK).fit(mapped, y)
    np.testing.assert_array_equal(
        model.predict_proba(mapped), CNNRiskModel(**QUICK).fit(images, y).predict_proba(images)
    )


@pytest.mark.parametrize("in_background", [True, False])
def test_items_come_in_order_and_errors_where_they_arise(in_background):
    def items():
        yield from range(3)
        message = "the fourth"
        raise RuntimeError(message)

    seen = []
    with pytest.raises(RuntimeError, match="the fourth"):
        seen.extend(ahead(items(), in_background=in_background))
    assert seen == [0, 1, 2]
