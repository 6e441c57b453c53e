"""A network in a model file: sizes are held against the weights before memory is taken, and weights are numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import riskdec as rd
from riskdec._base.modelfile import read_model, write_model
from riskdec.errors import ModelFileError

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec._base.modelfile import ModelFile


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> ModelFile:
    rng = np.random.default_rng(4)
    images, y = rng.integers(0, 120, (90, 12, 12)).astype(np.uint8), np.arange(90) % 2
    images[rng.random(90) < 0.2 + 0.6 * y, 3:9, 3:9] += 60
    model = rd.CNNRiskModel(architecture="valid", max_epochs=1, precision="float32", random_state=0).fit(images, y)
    return read_model(model.save(tmp_path_factory.mktemp("files") / "m"))


def seal(saved: ModelFile, path: Path, network: dict[str, Any], arrays: dict[str, Any]) -> Path:
    """Write the same file with other arguments of the network and other arrays."""
    header = json.loads(json.dumps(saved.header))
    header["network"] |= network
    return write_model(path, kind=saved.kind, header=header, arrays={**saved.arrays, **arrays})


@pytest.mark.parametrize("name", ["small", "valid", "resnet"])
@pytest.mark.parametrize(
    "network", [{"image_size": [10**6, 10**6]}, {"image_size": [12, 2**62]}, {"in_channels": 2**40}]
)
def test_a_network_larger_than_its_file_is_refused_at_once(
    saved: ModelFile, tmp_path: Path, name: str, network: dict[str, Any]
) -> None:
    with pytest.raises(ModelFileError, match="must fit its arguments|of a size that can be"):
        rd.load(seal(saved, tmp_path / "m", {"name": name, **network}, {}))


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e308])
def test_weights_that_are_no_numbers_are_refused(saved: ModelFile, tmp_path: Path, value: float) -> None:
    for name, array in saved.arrays.items():
        if name.startswith("network|body") and name.endswith("weight"):
            path = seal(saved, tmp_path / "m", {}, {name: np.full(array.shape, value)})
            with pytest.raises(ModelFileError, match="must be finite; got NaN or inf"):
                rd.load(path)


def test_the_size_of_an_image_alone_takes_no_memory(saved: ModelFile, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    images, y = rng.integers(0, 120, (40, 12, 12)).astype(np.uint8), np.arange(40) % 2
    images[rng.random(40) < 0.2 + 0.6 * y, 3:9, 3:9] += 60
    # A residual network ends in a mean over the image, so that its weights fit images of every size.
    model = rd.CNNRiskModel(architecture="resnet", calibration=None, max_epochs=1, precision="float32", random_state=0)
    found = read_model(model.fit(images, y).save(tmp_path / "m"))
    again = rd.load(seal(found, tmp_path / "m", {"image_size": [10**6, 10**6]}, {}))
    with pytest.raises(rd.errors.InputError):
        again.predict_proba(images)
