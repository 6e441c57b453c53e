"""The drawing of a distortion shows what happened beside what the weights predict, and what undoing leaves."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from riskdec import Distortion, weighting_distortion
from riskdec.plot import draw


def distort(seed: int, shift: float) -> Distortion:
    rng = np.random.default_rng(seed)
    eta = rng.normal(shift, 1, 4000)
    y = rng.random(4000) < 1 / (1 + np.exp(-eta))
    return weighting_distortion(y, 1 / (1 + np.exp(-eta - np.log(8))), weight_ratio=8)


@pytest.mark.parametrize("shift", [-1.0, -4.0], ids=["plain axes", "logit axes"])
def test_observed_and_predicted_curves_are_drawn_twice(shift: float) -> None:
    found = distort(0, shift)
    left, right = draw(found).axes
    by_name = {line.get_label(): line for line in left.lines}
    np.testing.assert_array_equal(by_name["observed event rate"].get_ydata(), found.curve_observed)
    np.testing.assert_array_equal(by_name["predicted by weights of ratio 8"].get_ydata(), found.curve_predicted)
    undone = next(line for line in right.lines if line.get_label().startswith("undone"))
    np.testing.assert_array_equal(undone.get_xdata(), found.curve_predicted)
    assert left.get_xlim() == left.get_ylim() == right.get_xlim()


def test_given_axes_hold_the_risks_as_given() -> None:
    ax = Figure().add_subplot()
    assert distort(1, -1.0).plot(ax) is ax


def test_without_a_curve_the_drawing_says_so() -> None:
    found = weighting_distortion([0, 1] * 40, [0.4] * 80, weight_ratio=3)
    assert any("no curve for these rows" in text.get_text() for text in draw(found).axes[0].texts)
