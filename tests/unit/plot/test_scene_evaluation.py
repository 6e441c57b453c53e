"""Drawings of evaluations on scenes show the numbers that the answers hold."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskdec import evaluate_scenes
from riskdec.datasets.scene import Scene
from riskdec.detection.risk_map import RiskMap
from riskdec.detection.windows import WindowGrid
from riskdec.plot import draw, draw_before_after


@pytest.fixture(scope="module")
def evaluation():
    rng = np.random.default_rng(0)
    grid = WindowGrid((108, 108), (16, 16), 4)
    maps, scenes = [], []
    for _ in range(12):
        risk = rng.beta(0.05, 4, grid.shape)
        cells = np.argwhere(rng.random(grid.shape) < risk)
        centres = np.stack([grid.row_centres[cells[:, 0]], grid.column_centres[cells[:, 1]]], axis=1)
        scenes.append(Scene(image=np.zeros((108, 108)), centres=centres))
        one = RiskMap(
            risk=risk,
            row_centres=grid.row_centres,
            column_centres=grid.column_centres,
            window=grid.window,
            stride=4,
            scale=1.0,
            image_shape=grid.image_shape,
            evaluation="dense",
            train_prevalence=None,
            deploy_prevalence=None,
        )
        maps.append((one,))
    return evaluate_scenes(maps, scenes, n_resamples=30)


def test_both_panels_show_the_stored_numbers(evaluation) -> None:
    figure = draw(evaluation)
    assert isinstance(figure, Figure)
    left, right = figure.axes
    curve = left.lines[0]
    assert set(curve.get_ydata()) <= set(evaluation.froc.recall)
    assert curve.get_ydata()[-1] == evaluation.froc.recall.max()
    points = right.lines[1]
    assert set(points.get_ydata()) <= set(evaluation.calibration.rate)
    assert left.get_xlabel() == "false alarms per scene"


def test_one_panel_goes_where_it_is_wanted(evaluation) -> None:
    ax = Figure().add_subplot()
    assert draw(evaluation, ax) is ax
    assert isinstance(ax, Axes)
    assert len(ax.figure.axes) == 1


def test_two_evaluations_share_a_figure(evaluation) -> None:
    figure = draw_before_after(evaluation, evaluation, names=("before", "after"))
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["before", "after"]
