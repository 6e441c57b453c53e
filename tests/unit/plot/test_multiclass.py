"""The drawing of many outcomes has a panel for each, and tells apart what is off."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from riskdec.diagnostics import MulticlassCalibrationReport, diagnose
from riskdec.diagnostics.apparent import as_apparent
from riskdec.plot import draw
from riskdec.plot.style import INK, VERMILION


def softmax(logits: np.ndarray) -> np.ndarray:
    odds = np.exp(logits)
    return odds / odds.sum(axis=1, keepdims=True)


@pytest.fixture(scope="module")
def report() -> MulticlassCalibrationReport:
    rng = np.random.default_rng(8)
    logits = rng.normal(0, 1, (800, 4))
    logits[:, 3] -= 1
    truth = softmax(logits)
    y = (rng.random(800)[:, None] > truth.cumsum(axis=1)[:, :-1]).sum(axis=1)
    # The first two are exchanged half-way, the others are right.
    said = truth.copy()
    said[:, 0], said[:, 1] = truth[:, 0] ** 2, truth[:, 1] + truth[:, 0] - truth[:, 0] ** 2
    return diagnose(np.array(list("abcd"))[y], said, n_resamples=50, rng=0)


def test_each_outcome_has_a_panel_named_and_coloured(report: MulticlassCalibrationReport) -> None:
    figure = draw(report)
    assert isinstance(figure, Figure)
    panels = [ax for ax in figure.axes if ax.axison]
    assert [ax.get_title(loc="left") for ax in panels] == ["a", "b", "c", "d", "likeliest outcome"]
    for panel, outcome in zip(panels, report.outcomes, strict=False):
        color = to_hex(panel._left_title.get_color())
        assert color == (VERMILION if outcome.p_adjusted < 0.05 else INK)
        assert f"slope {outcome.report.slope.estimate:.2g}" in panel.texts[0].get_text()
    assert to_hex(panels[0]._left_title.get_color()) == VERMILION
    assert to_hex(panels[3]._left_title.get_color()) == INK


def test_curves_can_be_drawn_into_given_axes(report: MulticlassCalibrationReport) -> None:
    ax = Figure().subplots()
    assert draw(report, ax) is ax
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list("abcd")


def test_apparent_report_is_drawn_without_bands(report: MulticlassCalibrationReport) -> None:
    figure = draw(as_apparent(report, "Training rows."))
    assert "apparent" in figure.get_suptitle()
    assert not [c for ax in figure.axes for c in ax.collections]


def test_of_many_outcomes_the_worst_are_drawn() -> None:
    rng = np.random.default_rng(1)
    proba = rng.dirichlet(np.ones(15), 400)
    y = (rng.random(400)[:, None] > proba.cumsum(axis=1)[:, :-1]).sum(axis=1)
    y[:15] = np.arange(15)
    report = diagnose(y, proba, n_resamples=5, rng=0)
    figure = draw(report)
    assert len([ax for ax in figure.axes if ax.axison]) == 12
    assert "the 11 that are off most" in figure.get_suptitle()
