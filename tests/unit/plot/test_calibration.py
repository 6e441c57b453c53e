"""The drawing of a report is its curve with the headline numbers beside it, also where numbers do not exist."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from riskdec.diagnostics import CalibrationReport, diagnose
from riskdec.plot import draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@pytest.fixture(scope="module")
def report() -> CalibrationReport:
    rng = np.random.default_rng(3)
    risk = rng.beta(1, 12, 3000)
    return diagnose(rng.random(3000) < risk, risk, n_resamples=50, rng=0)


def words(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_headline_numbers_stand_beside_the_curve(report: CalibrationReport) -> None:
    numbers = words(draw(report).axes[-1])
    assert f"{report.citl.estimate:.3g}" in numbers
    assert f"{report.slope.low:.3g} to {report.slope.high:.3g}" in numbers
    assert f"{100 * report.ici.estimate:.2f} %" in numbers
    assert f"by chance alone {100 * report.ici.null_mean:.2f} %" in numbers
    assert f"observed {100 * report.prevalence:.2f} %" in numbers
    assert f"{report.n_events} with the event" in numbers


def test_headline_numbers_do_not_overlap(report: CalibrationReport) -> None:
    figure = draw(report)
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[-1].texts]
    assert all(after.y1 <= before.y0 + 1 for before, after in pairwise(boxes))
    assert max(box.x1 for box in boxes) <= figure.bbox.x1
    assert min(box.y0 for box in boxes) >= 0


def test_levels_of_calibration_stand_below_the_numbers(report: CalibrationReport) -> None:
    texts = words(draw(report).axes[-1])
    for level in report.levels[:-1]:
        assert f"{level.name}: {level.verdict}" in texts
    assert not any(text.startswith("strong") for text in texts)


def test_cuts_of_the_costs_are_drawn_where_they_are_and_named() -> None:
    rng = np.random.default_rng(3)
    risk = rng.random(800)
    costs = {"false_positive": 1, "false_negative": 1, "defer": 0.2}
    report = diagnose(rng.random(800) < risk, risk, costs=costs, n_resamples=20, rng=0)
    ax = draw(report).axes[0]
    assert report.decision is not None
    assert report.decision.thresholds == pytest.approx((0.2, 0.8))
    upright = [line.get_xdata()[0] for line in ax.lines if line.get_xdata()[0] == line.get_xdata()[-1]]
    assert [x for x in upright if x in report.decision.thresholds] == list(report.decision.thresholds)
    names = {text.get_text(): text for text in ax.texts if text.get_text().startswith("your cut")}
    assert set(names) == {"your cut 20 %", "your cut 80 %"}
    # Names keep to the corners that the curve leaves free.
    assert names["your cut 20 %"].get_position()[1] > 0.5 > names["your cut 80 %"].get_position()[1]


def test_curve_of_the_report_is_drawn(report: CalibrationReport) -> None:
    main = draw(report).axes[0]
    (line,) = [line for line in main.lines if line.get_label() == "_curve"]
    assert set(line.get_ydata()) <= set(report.curve.event_rate)


def test_given_axes_hold_the_curve_alone(report: CalibrationReport) -> None:
    left, right = Figure().subplots(1, 2)
    assert draw(report, right) is right
    assert right.has_data()
    assert not left.has_data()
    assert not left.texts


N = 60
ODD: dict[str, dict[str, Any]] = {
    "no event": {"y_true": np.zeros(N, bool), "y_proba": np.linspace(0.001, 0.05, N)},
    "events only": {"y_true": np.ones(N, bool), "y_proba": np.linspace(0.9, 0.999, N)},
    "one distinct risk": {"y_true": np.arange(N) % 10 == 0, "y_proba": np.full(N, 0.1)},
    "certain risks": {"y_true": np.arange(N) % 2 == 0, "y_proba": (np.arange(N) % 2 == 0).astype(float)},
    "certain and wrong": {"y_true": np.arange(N) % 2 == 0, "y_proba": np.where(np.arange(N) < 5, 0, 0.5)},
    "one row": {"y_true": [1], "y_proba": [0.3]},
    "groups": {"y_true": np.arange(N) % 4 == 0, "y_proba": np.linspace(0.1, 0.5, N), "groups": np.arange(N) // 3},
}


@pytest.mark.parametrize("case", ODD)
def test_reports_in_which_numbers_are_missing_can_be_drawn(case: str) -> None:
    figure = draw(diagnose(**ODD[case], n_resamples=20, rng=0))
    figure.draw_without_rendering()
    assert not any("nan" in text for text in words(figure.axes[-1]))
