"""The drawing of a comparison shows the shift of the risks and how little else happened."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from riskdec.plot import draw

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from riskdec.weighting import CoefficientShift, WeightingComparison

# 97.5 % point of the normal distribution, from a table.
Z = 1.959964


def forest(comparison: WeightingComparison) -> Axes:
    return draw(comparison).axes[3]


def states(comparison: WeightingComparison) -> Axes:
    return draw(comparison).axes[2]


def test_every_curve_is_drawn_on_one_axis(comparison: WeightingComparison) -> None:
    ax = draw(comparison).axes[0]
    drawn = [line for line in ax.lines if line.get_label() == "_curve"]
    for line, (_, curve) in zip(drawn, comparison.curves, strict=True):
        assert set(line.get_xdata()) <= set(curve.risk)
        assert set(line.get_ydata()) <= set(curve.event_rate)
        assert line.get_xdata()[[0, -1]].tolist() == curve.risk[[0, -1]].tolist()
    # A colour for each scheme, thick as fitted and thin undone.
    assert len({line.get_color() for line in drawn}) == 2
    thick = [line.get_linewidth() for line in ax.lines if line.get_label() in ("natural", "thin: undone")]
    assert thick[0] > thick[1]
    assert ax.get_xlim() == ax.get_ylim()


def test_curves_and_band_are_named_above(comparison: WeightingComparison) -> None:
    (legend,) = draw(comparison).subfigs[0].legends
    names = [text.get_text() for text in legend.get_texts()]
    assert names == ["none", "natural", "thin: undone", "95 % consistency band of none"]


def test_mean_risks_stand_beside_the_observed_rate(comparison: WeightingComparison) -> None:
    ax = draw(comparison).axes[1]
    observed, *others = ax.lines
    assert set(observed.get_xdata()) == {comparison.rows[0].observed_rate}
    dots = [line.get_xdata()[0] for line in others if line.get_marker() == "o"]
    shown = [comparison.rows[0], *(row for row in comparison.rows if row.name in ("natural", "natural, undone"))]
    assert dots == [row.mean_risk for row in shown]
    texts = {text.get_text() for text in ax.texts}
    assert texts >= {f"{100 * row.mean_risk:.1f} %" for row in shown}
    assert texts >= {"none", "natural", "undone", f"observed {100 * observed.get_xdata()[0]:.1f} %"}


def test_mean_risks_are_not_crossed_by_the_observed_rate(comparison: WeightingComparison) -> None:
    ax = draw(comparison).axes[1]
    shares = [text for text in ax.texts if text.get_weight() == "bold"]
    assert len(shares) == len(comparison.curves) == 3
    for text in shares:
        assert text.get_bbox_patch().get_facecolor() == (1, 1, 1, 1)
        assert text.get_zorder() > max(line.get_zorder() for line in ax.lines)


def test_each_state_stands_at_what_it_loses_with_its_interval(comparison: WeightingComparison) -> None:
    ax = states(comparison)
    rows = [row for row in comparison.rows if row.scheme != "none"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["natural", "undone", "recentred", "recalibrated"]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in dots] == [row.brier_difference.estimate for row in rows]
    bars = [line for line in ax.lines if line.get_marker() != "o" and len(set(line.get_ydata())) == 1]
    ends = [(row.brier_difference.low, row.brier_difference.high) for row in rows]
    assert [tuple(line.get_xdata()) for line in bars] == ends
    assert "Brier score minus that without weights" in ax.get_xlabel()
    # Numbers beside the dots have the decimals of the largest one, and no powers of ten.
    texts = [text.get_text() for text in ax.texts]
    assert not [text for text in texts if "e" in text]
    assert float(texts[0]) == np.round(rows[0].brier_difference.estimate, len(texts[0].partition(".")[2]))


def test_coefficients_are_measured_in_standard_errors_of_the_unweighted_fit(
    comparison: WeightingComparison, make_shift: Callable[[str, float], CoefficientShift]
) -> None:
    shifts = (make_shift("Intercept", 2.2), make_shift("age", 0.1), make_shift("sex", -0.04))
    ax = forest(replace(comparison, coefficients=shifts))
    assert [text.get_text() for text in ax.get_yticklabels()] == ["age", "sex"]
    plain, robust, naive = (c.get_segments() for c in ax.collections if isinstance(c, LineCollection))
    for segments, centre, half in ((plain, (0, 0), Z), (robust, (0.5, -0.2), Z * 1.25), (naive, (0.5, -0.2), Z * 0.5)):
        ends = np.array(segments)[:, :, 0]
        np.testing.assert_allclose(ends.mean(axis=1), centre, atol=1e-12)
        np.testing.assert_allclose(np.ptp(ends, axis=1), 2 * half, rtol=1e-6)


def test_coefficients_of_the_first_scheme_alone_are_drawn(
    comparison: WeightingComparison, make_shift: Callable[[str, float], CoefficientShift]
) -> None:
    shifts = (make_shift("age", 0.1), replace(make_shift("age", 0.3), scheme="balanced"))
    ax = forest(replace(comparison, coefficients=shifts))
    assert [text.get_text() for text in ax.get_yticklabels()] == ["age"]
    assert ax.get_title(loc="left") == "coefficients, natural"


def test_many_coefficients_are_cut_to_those_that_moved_most(
    comparison: WeightingComparison, make_shift: Callable[[str, float], CoefficientShift]
) -> None:
    shifts = tuple(make_shift(f"x{i}", 0.01 * i * (-1) ** i) for i in range(40))
    ax = forest(replace(comparison, coefficients=shifts))
    assert [text.get_text() for text in ax.get_yticklabels()] == [f"x{i}" for i in range(28, 40)]
    assert ax.get_title(loc="left") == "coefficients, natural: the 12 of 40 that moved most"


def test_a_model_without_coefficients_has_three_panels(comparison: WeightingComparison) -> None:
    assert len(draw(replace(comparison, coefficients=())).axes) == 3


def test_names_that_look_like_mathematics_stay_names(
    comparison: WeightingComparison, make_shift: Callable[[str, float], CoefficientShift]
) -> None:
    shifts = (make_shift("$\\frac{1}$", 0.1), make_shift("$$", 0.1))
    figure = draw(replace(comparison, coefficients=shifts))
    assert [text.get_parse_math() for text in figure.axes[3].get_yticklabels()] == [False, False]
    figure.draw_without_rendering()


def test_more_fits_than_colours_can_be_drawn(comparison: WeightingComparison) -> None:
    many = replace(comparison, rows=comparison.rows * 3, curves=comparison.curves * 3)
    draw(many).draw_without_rendering()


def test_given_axes_hold_the_curves_alone(comparison: WeightingComparison) -> None:
    left, right = Figure().subplots(1, 2)
    assert draw(comparison, right) is right
    assert len([line for line in right.lines if line.get_label() == "_curve"]) == 3
    assert not left.has_data()
    assert not left.texts


def test_of_many_curves_the_lines_have_no_dots(comparison: WeightingComparison) -> None:
    many = replace(comparison, curves=comparison.curves[:1] + 5 * comparison.curves[1:])
    assert len(many.curves) > 10
    dotted = [any(line.get_marker() == "o" for line in draw(one).axes[0].lines) for one in (comparison, many)]
    assert dotted == [True, False]
