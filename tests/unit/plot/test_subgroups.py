"""Forest plots: a line for each group, what is wrong in red, what is not assessable in words."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from scipy.special import expit, logit

from riskdec.diagnostics import (
    CalibrationHeterogeneity,
    SubgroupReport,
    calibration_heterogeneity,
    diagnose_subgroups,
)
from riskdec.plot import draw
from riskdec.plot.style import VERMILION


def draw_rows(k: int, size: int = 150) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    place = np.repeat(np.arange(k), size)
    risk = expit(rng.normal(0, 1, k * size))
    y = (rng.random(k * size) < expit(logit(risk) + np.where(place == 1, 1.5, 0.0))).astype(int)
    return y, risk, place


@pytest.fixture(scope="module")
def report() -> SubgroupReport:
    y, risk, place = draw_rows(3)
    names = np.array(["fine", "wrong", "fine too"])[place]
    names[:12] = "tiny"
    return diagnose_subgroups(y, risk, by={"place": names}, n_resamples=20, rng=0)


@pytest.fixture(scope="module")
def clusters() -> CalibrationHeterogeneity:
    y, risk, place = draw_rows(6)
    return calibration_heterogeneity(y, risk, groups=place)


def test_each_subgroup_has_a_line_below_that_of_all_rows(report: SubgroupReport) -> None:
    figure = draw(report)
    assert isinstance(figure, Figure)
    left, right = figure.axes
    labels = [tick.get_text().split("   ")[0] for tick in left.get_yticklabels()]
    assert labels == ["all rows", "place: fine", "place: fine too", "place: tiny", "place: wrong"]
    colors = [to_hex(tick.get_color()) for tick in left.get_yticklabels()]
    assert [color == VERMILION for color in colors] == [False, False, False, False, True]
    words = [text.get_text() for text in left.texts]
    assert words[3] == "not assessable"
    wrong = report.subgroups[-1].report.citl
    assert words[4] == f"{wrong.estimate:.2f} ({wrong.low:.2f} to {wrong.high:.2f})"
    assert right.get_xlabel() == "slope (1 is right)"


def test_points_lie_where_the_estimates_are(report: SubgroupReport) -> None:
    left = draw(report).axes[0]
    points = {(line.get_xdata()[0], line.get_ydata()[0]) for line in left.lines if len(line.get_xdata()) == 1}
    assert (report.subgroups[-1].report.citl.estimate, 4) in points
    assert (report.overall.citl.estimate, 0) in points
    low, high = left.get_xlim()
    assert low < report.subgroups[-1].report.citl.estimate < high


def test_clusters_are_sorted_and_end_with_mean_and_prediction(clusters: CalibrationHeterogeneity) -> None:
    left = draw(clusters).axes[0]
    labels = [tick.get_text().strip() for tick in left.get_yticklabels()]
    assert labels[-2:] == ["mean over clusters", "a new cluster"]
    assert labels[-3].startswith("1 ")
    bar = [line for line in left.lines if line.get_linewidth() == 5.0]
    assert clusters.citl is not None
    assert bar[0].get_xdata()[1] == pytest.approx(min(clusters.citl.prediction.high, left.get_xlim()[1]))


def test_calibration_in_the_large_can_be_drawn_into_given_axes(clusters: CalibrationHeterogeneity) -> None:
    ax = Figure().subplots()
    assert draw(clusters, ax) is ax
    assert ax.get_xlabel() == "calibration in the large (0 is right)"


def test_very_many_clusters_are_drawn_without_names() -> None:
    y, risk, place = draw_rows(60, size=30)
    figure = draw(calibration_heterogeneity(y, risk, groups=place))
    assert not figure.axes[0].get_yticks().size
    assert figure.get_size_inches()[1] < 9
