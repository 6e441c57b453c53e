"""Logits that stay on disk: read a block at a time, with the same answer to the bit."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest

from riskdec import TemperatureCalibrator, VectorScalingCalibrator

if TYPE_CHECKING:
    from pathlib import Path

    from riskdec.calibration import Calibrator

N, K = 160_000, 24


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, np.ndarray]:
    """Give the file of the logits, and what happened."""
    rng = np.random.default_rng(8)
    path = tmp_path_factory.mktemp("logits") / "logits.npy"
    z = rng.normal(0, 1.5, (N, K))
    np.save(path, 2 * z)
    return path, (z + rng.gumbel(size=z.shape)).argmax(axis=1)


@pytest.mark.parametrize("kind", [TemperatureCalibrator, VectorScalingCalibrator])
def test_mapped_files_are_fitted_as_arrays_and_never_loaded(
    kind: type[Calibrator], stored: tuple[Path, np.ndarray]
) -> None:
    path, y = stored
    mapped = np.load(path, mmap_mode="r")
    # Blocks are of one size, one for each core; what grows are a few numbers for each row, of which the logits are K.
    room = room_taken(kind, mapped, y)
    assert room < 0.7 * mapped.nbytes, room
    fitted, whole = (kind(input="logit").fit(z, y) for z in (mapped, np.load(path)))
    np.testing.assert_array_equal(fitted.predict_proba(mapped[:50]), whole.predict_proba(mapped[:50]))


def room_taken(kind: type[Calibrator], z: np.ndarray, y: np.ndarray) -> int:
    """Give the most bytes that a fit held at a time."""
    kind(input="logit").fit(z[:500], y[:500])  # what is imported late is imported
    tracemalloc.start()
    try:
        kind(input="logit").fit(z, y)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
