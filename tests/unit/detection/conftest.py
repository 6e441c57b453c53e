"""A model of windows that needs no torch: the brighter, the likelier."""

from __future__ import annotations

import numpy as np
import pytest


class Bright:
    """Risk from the mean of a window, and how often it was asked."""

    def __init__(self, intercept: float = -4.0, slope: float = 8.0) -> None:
        self.intercept = intercept
        self.slope = slope
        self.shapes: list[tuple[int, ...]] = []

    def predict_risk(self, X: np.ndarray) -> np.ndarray:
        self.shapes.append(X.shape)
        means = X.reshape(len(X), -1).astype(float).mean(axis=1)
        return 1 / (1 + np.exp(-self.intercept - self.slope * means))


@pytest.fixture
def bright() -> Bright:
    return Bright()


@pytest.fixture
def scene(rng: np.random.Generator) -> np.ndarray:
    """Dark noise of 40 x 52 pixels with a bright square of 8 pixels at (8, 20)."""
    pixels = rng.uniform(0, 0.1, (40, 52))
    pixels[8:16, 20:28] = 1.0
    return pixels
