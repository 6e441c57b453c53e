"""Small images whose outcome can be seen, and one thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def marked_images(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Noise of 8x8 pixels (uint8); images of the event have a brighter diagonal, most of the time."""
    y = (rng.random(300) < 0.4).astype(int)
    bright = 60 * (rng.random(300) < 0.2 + 0.6 * y)
    images = rng.normal(100, 25, (300, 8, 8)) + bright[:, None, None] * np.eye(8)
    return images.clip(0, 255).astype(np.uint8), y
