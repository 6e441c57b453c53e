"""Scenes whose windows are drawn from their own risks, so that the truth about a detector is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import expit

from riskdec.datasets.scene import Scene
from riskdec.detection.risk_map import RiskMap
from riskdec.detection.windows import WindowGrid

if TYPE_CHECKING:
    from collections.abc import Callable

Drawn = tuple[list[tuple[RiskMap]], list[Scene]]


def map_of(risk: np.ndarray, *, window: int = 16, stride: int = 4) -> RiskMap:
    """Put risks of shape (rows, columns) on a map."""
    rows, columns = risk.shape
    shape = ((rows - 1) * stride + window, (columns - 1) * stride + window)
    grid = WindowGrid(shape, (window, window), stride)
    return RiskMap(
        risk=np.asarray(risk, dtype=float),
        row_centres=grid.row_centres,
        column_centres=grid.column_centres,
        window=(window, window),
        stride=stride,
        scale=1.0,
        image_shape=shape,
        evaluation="dense",
        train_prevalence=None,
        deploy_prevalence=None,
    )


def draw_scenes(
    n: int, *, said: Callable[[np.ndarray], np.ndarray] = lambda z: z, side: int = 24, seed: int = 0
) -> Drawn:
    """Draw scenes of side x side windows; the detector says `said` of the true log odds."""
    rng = np.random.default_rng(seed)
    maps, scenes = [], []
    for _ in range(n):
        z = rng.normal(-7, 2.2, (side, side))
        one = map_of(expit(said(z)))
        cells = np.argwhere(rng.random(z.shape) < expit(z))
        centres = np.stack([one.row_centres[cells[:, 0]], one.column_centres[cells[:, 1]]], axis=1)
        sources = rng.integers(0, 30, len(cells))
        scenes.append(Scene(image=np.zeros(one.image_shape), centres=centres.reshape(-1, 2), sources=sources))
        maps.append((one,))
    return maps, scenes


@pytest.fixture
def risk_map_of() -> Callable[..., RiskMap]:
    return map_of


@pytest.fixture
def drawn_scenes() -> Callable[..., Drawn]:
    return draw_scenes


@pytest.fixture
def scene_of() -> Callable[..., Scene]:
    def make(one: RiskMap, *cells: tuple[int, int], sources: list[int] | None = None) -> Scene:
        centres = [(one.row_centres[row], one.column_centres[column]) for row, column in cells]
        places = np.array(centres, dtype=float).reshape(-1, 2)
        return Scene(
            image=np.zeros(one.image_shape), centres=places, sources=None if sources is None else np.array(sources)
        )

    return make
