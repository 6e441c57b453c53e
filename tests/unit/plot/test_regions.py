"""The drawing of regions shows the costs that were given and the cuts that follow from them."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from riskdec.decisions import CostMatrix, Regions
from riskdec.plot import draw
from riskdec.plot.regions import action_colors

# One 15th of a miss and 0.6 for deferring: 15 p = 0.6 at 4 %, 1 - p = 0.6 at 40 %.
COSTS = CostMatrix.binary(false_positive=1, false_negative=15, defer=0.6)


def strips(regions: Regions) -> list[tuple[float, float, str]]:
    """Ends and colour of each coloured piece below the costs."""
    ax = draw(regions)
    pieces = [piece for piece in ax.collections if isinstance(piece, PolyCollection)]
    ends = [piece.get_paths()[0].vertices[:, 0] for piece in pieces]
    return [(x.min(), x.max(), piece.get_facecolor()[0].tolist()) for x, piece in zip(ends, pieces, strict=True)]


def test_strip_changes_colour_at_the_cuts() -> None:
    drawn = strips(COSTS.regions())
    assert [high for _, high, _ in drawn][:-1] == pytest.approx([0.04, 0.4])
    assert [low for low, _, _ in drawn][1:] == pytest.approx([0.04, 0.4])
    assert len({tuple(color) for *_, color in drawn}) == 3


def test_cuts_are_labelled() -> None:
    texts = {text.get_text() for text in draw(COSTS.regions()).texts}
    assert {"4 %", "40 %"} <= texts


@pytest.mark.parametrize("action", ["negative", "positive", "defer"])
def test_line_of_an_action_is_its_expected_cost(action: str) -> None:
    (line,) = [line for line in draw(COSTS.regions()).lines if line.get_label() == f"_cost of {action}"]
    risk = line.get_xdata()
    expected = {"negative": 15 * risk, "positive": 1 - risk, "defer": np.full(risk.shape, 0.6)}[action]
    np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-12)


def test_thick_lines_are_the_lower_envelope() -> None:
    thick = [line for line in draw(COSTS.regions()).lines if line.get_linewidth() > 3]
    risk = np.concatenate([line.get_xdata() for line in thick])
    cost = np.concatenate([line.get_ydata() for line in thick])
    np.testing.assert_allclose(cost, np.minimum(np.minimum(15 * risk, 1 - risk), 0.6), rtol=1e-12)


def test_axis_is_linear_unless_a_cut_is_near_zero_or_one() -> None:
    assert draw(COSTS.regions()).get_xscale() == "function"
    middle = CostMatrix.binary(false_positive=1, false_negative=2)
    assert draw(middle.regions()).get_xlim() == (0, 1)


def test_tiny_cuts_lie_inside_the_axis() -> None:
    costs = CostMatrix.binary(false_positive=1, false_negative=1e6, defer=0.5)
    regions = costs.regions()
    low, high = draw(regions).get_xlim()
    assert low < regions.thresholds[0] < regions.thresholds[-1] < high


@pytest.mark.filterwarnings("ignore:RD301")
def test_one_action_for_all_risks_can_be_drawn() -> None:
    costs = CostMatrix([[0, 1], [1, 2]], outcomes=("no", "yes"), actions=("wait", "act"))
    assert len(strips(costs.regions())) == 1


def test_gains_can_be_drawn() -> None:
    costs = CostMatrix([[0, 5], [0, -50]], outcomes=("stays", "leaves"), actions=("nothing", "offer"))
    ax = draw(costs.regions())
    lowest = min(line.get_ydata().min() for line in ax.lines if line.get_linewidth() > 3)
    assert ax.get_ylim()[0] < lowest < -10
    assert ax.get_xlabel() == "risk of leaves"


def test_deferring_has_one_colour_whatever_its_name_and_place() -> None:
    other = CostMatrix([[0.5, 0, 1], [0.5, 9, 0]], outcomes=("a", "b"), actions=("ask", "no", "yes"), defer="ask")
    assert action_colors(other)["ask"] == action_colors(COSTS)["defer"]
    assert action_colors(other)["no"] == action_colors(COSTS)["negative"]


def test_given_axes_are_used_and_others_stay_empty() -> None:
    left, right = Figure().subplots(1, 2)
    assert draw(COSTS.regions(), right) is right
    assert right.lines
    assert not left.has_data()
    assert not left.texts
