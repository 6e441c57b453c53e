"""The drawing of a curve shows the numbers of the curve, all of them, where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import StepPatch

from riskdec import reliability_curve
from riskdec.plot import draw, draw_reliability

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from riskdec.diagnostics import ReliabilityCurve

    Make = Callable[..., ReliabilityCurve]


def line(ax: Axes, label: str) -> Line2D:
    """The one line with this label; an underscore keeps it out of legends."""
    (found,) = [artist for artist in ax.lines if artist.get_label() == f"_{label}"]
    return found


def test_line_is_event_rate_over_risk(make_curve: Make) -> None:
    curve = make_curve()
    drawn = line(draw_reliability(curve).axes[0], "curve")
    np.testing.assert_array_equal(drawn.get_xdata(), curve.risk)
    np.testing.assert_array_equal(drawn.get_ydata(), curve.event_rate)


def test_line_is_thick_where_neighbours_were_pooled(make_curve: Make) -> None:
    ax = draw_reliability(make_curve()).axes[0]
    thin, thick = ax.lines[1:]
    assert thick.get_linewidth() > thin.get_linewidth()
    x, y = thick.get_xdata(), thick.get_ydata()
    pieces = {(a, b, rate) for a, b, rate in zip(x[::3], x[1::3], y[::3], strict=True)}
    assert pieces == {(0.01, 0.01, 0.0), (0.02, 0.05, 0.03), (0.1, 0.1, 0.2), (0.4, 0.4, 1.0)}
    assert np.isnan(x[2::3]).all()


def test_diagonal_goes_from_corner_to_corner(make_curve: Make) -> None:
    ax = draw_reliability(make_curve()).axes[0]
    diagonal = line(ax, "diagonal")
    np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())
    assert tuple(diagonal.get_xdata()) == ax.get_xlim() == ax.get_ylim()


def test_band_has_the_limits_of_the_curve_and_a_name_in_words(make_curve: Make) -> None:
    curve = make_curve(confidence_level=0.9)
    figure = draw_reliability(curve)
    (band,) = [c for c in figure.axes[0].collections if isinstance(c, PolyCollection)]
    corners = {tuple(corner) for corner in band.get_paths()[0].vertices}
    assert corners >= set(zip(curve.risk, curve.low, strict=True)) | set(zip(curve.risk, curve.high, strict=True))
    assert band.get_label() == "90 % consistency band: where the curve would lie if the risks were right"


@pytest.mark.parametrize("band", ["consistency", "simultaneous", "pointwise"])
def test_each_kind_of_band_is_named(make_curve: Make, band: str) -> None:
    (legend,) = draw_reliability(make_curve(band=band)).legends
    assert legend.get_texts()[0].get_text().startswith(f"95 % {band}")


def test_parts_of_a_band_that_say_little_are_pale(make_curve: Make) -> None:
    wide = {"low": np.array([0, 0.005, 0.02, 0.15, 0.3]), "high": np.array([0.05, 0.04, 0.05, 0.25, 1.0])}
    curve = make_curve(band="pointwise", **wide)
    assert curve.is_uninformative is not None
    assert curve.is_uninformative.tolist() == [True, True, False, False, True]
    blue, pale = (c for c in draw_reliability(curve).axes[0].collections if isinstance(c, PolyCollection))
    assert {x for path in blue.get_paths() for x, _ in path.vertices} == {0.05, 0.1}
    assert {x for path in pale.get_paths() for x, _ in path.vertices} == {0.01, 0.02, 0.05, 0.1, 0.4}
    assert str(pale.get_label()).startswith("pale: ")
    # Where the consistency band is wide, it still says where the curve would lie.
    assert len(draw_reliability(make_curve(**wide)).axes[0].collections) == 1


@pytest.mark.parametrize(
    ("band", "words"), [("consistency", "consistency intervals"), ("pointwise", "intervals: each")]
)
def test_bins_are_points_with_intervals(make_curve: Make, band: str, words: str) -> None:
    curve = make_curve(method="binned", description="5 bins", band=band)
    figure = draw_reliability(curve)
    (lines,) = [c for c in figure.axes[0].collections if isinstance(c, LineCollection)]
    ends = [tuple(map(tuple, segment)) for segment in lines.get_segments()]
    wanted = zip(curve.risk, curve.low, curve.high, strict=True)  # type: ignore[arg-type]
    assert ends == [((x, low), (x, high)) for x, low, high in wanted]
    dots = figure.axes[0].lines[-1]
    assert (dots.get_linestyle(), dots.get_marker()) == ("None", "o")
    np.testing.assert_array_equal(dots.get_ydata(), curve.event_rate)
    assert words in figure.legends[0].get_texts()[0].get_text()
    assert figure.legends[0].get_texts()[-1].get_text() == "observed rate (5 bins)"
    # Bins stand at their means; the axis takes in all risks.
    assert figure.axes[0].get_xlim()[1] >= 0.5


def test_spline_intervals_say_what_they_leave_out(make_curve: Make) -> None:
    figure = draw_reliability(make_curve(method="spline", description="a spline", band="pointwise"))
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert any("without allowance for smoothing bias" in text for text in texts)


def test_no_band_is_drawn_where_there_is_none(make_curve: Make) -> None:
    figure = draw_reliability(make_curve(band=None, low=None, high=None))
    assert not figure.axes[0].collections
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["observed rate (isotonic, CORP)"]


def test_histograms_hold_the_counts_and_say_the_totals(make_curve: Make) -> None:
    curve = make_curve()
    for ax, counts, label in zip(
        draw_reliability(curve).axes[1:],
        (curve.bin_events, curve.bin_nonevents),
        ("16\nevents", "134\nnon-events"),
        strict=True,
    ):
        (steps,) = [patch for patch in ax.patches if isinstance(patch, StepPatch)]
        np.testing.assert_array_equal(steps.get_data().values, counts)
        np.testing.assert_array_equal(steps.get_data().edges, curve.bin_edges)
        assert ax.get_ylabel() == label


def test_panels_share_the_risk_axis(make_curve: Make) -> None:
    figure = draw_reliability(make_curve())
    assert len({ax.get_xlim() for ax in figure.axes}) == 1
    figure.draw_without_rendering()
    assert np.ptp([ax.get_position().x0 for ax in figure.axes]) == pytest.approx(0)
    assert np.ptp([ax.get_position().x1 for ax in figure.axes]) == pytest.approx(0)


def test_rates_of_zero_and_one_lie_on_the_labelled_edges_of_a_logit_axis(make_curve: Make) -> None:
    figure = draw_reliability(make_curve())
    ax = figure.axes[0]
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert (labels[0], labels[-1]) == ("0 %", "100 %")
    drawn = line(ax, "curve")
    assert not drawn.get_clip_on()
    heights = ax.transData.transform(np.column_stack([drawn.get_xdata(), drawn.get_ydata()]))[:, 1]
    box = ax.get_window_extent()
    assert heights[0] == pytest.approx(box.y0)
    assert heights[-1] == pytest.approx(box.y1)


def test_linear_axis_runs_from_zero_to_one(make_curve: Make) -> None:
    ax = draw_reliability(make_curve(scale="probability")).axes[0]
    assert ax.get_xlim() == ax.get_ylim() == (0, 1)


def test_smooth_curve_ends_at_the_axes(make_curve: Make) -> None:
    rates = np.array([-0.1, 0.0, 0.2, 0.5, 1.1])
    curve = make_curve(method="lowess", description="lowess", scale="probability", event_rate=rates)
    drawn = draw_reliability(curve).axes[0].lines[-1]
    np.testing.assert_array_equal(drawn.get_ydata(), rates)
    assert drawn.get_clip_on()
    assert drawn.get_label() == "observed rate (lowess)"


def test_one_distinct_forecast_is_a_dot(make_curve: Make) -> None:
    one = {
        "risk": np.array([0.3]),
        "event_rate": np.array([0.25]),
        "weight": np.array([4.0]),
        "events": np.array([1.0]),
    }
    figure = draw_reliability(make_curve(**one, band=None, low=None, high=None, n=4, n_events=1, scale="probability"))
    dot = figure.axes[0].lines[-1]
    assert dot.get_marker() == "o"
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (0.3, 0.25)
    assert figure.axes[1].get_ylabel() == "1\nevent"


@pytest.mark.parametrize("rate", [0.0, 1.0])
@pytest.mark.parametrize("scale", ["logit", "probability"])
def test_curve_without_a_single_event_or_non_event_can_be_drawn(make_curve: Make, rate: float, scale: str) -> None:
    flat = {"event_rate": np.full(5, rate), "low": np.full(5, rate), "high": np.full(5, rate)}
    figure = draw_reliability(make_curve(**flat, n_events=round(150 * rate), scale=scale))
    figure.draw_without_rendering()
    np.testing.assert_array_equal(line(figure.axes[0], "curve").get_ydata(), flat["event_rate"])


def test_a_million_forecasts_are_thinned_to_what_can_be_seen(make_curve: Make, rng: np.random.Generator) -> None:
    risk = np.unique(rng.beta(1, 20, 200_000))
    many = {"risk": risk, "event_rate": risk, "low": risk, "high": risk, "weight": risk, "events": risk}
    drawn = line(draw_reliability(make_curve(**many)).axes[0], "curve")
    assert drawn.get_xdata().size < 600
    assert (drawn.get_xdata()[0], drawn.get_xdata()[-1]) == (risk[0], risk[-1])


def test_given_axes_are_used_and_others_stay_empty(make_curve: Make) -> None:
    left, right = Figure().subplots(1, 2)
    assert draw(make_curve(), right) is right
    assert right.lines
    assert not left.has_data()
    assert not left.texts
    assert right.get_legend() is not None


def test_risks_beyond_the_axis_are_counted_in_its_outermost_bins() -> None:
    rng = np.random.default_rng(0)
    risk = np.concatenate([rng.beta(8, 1, 500), np.full(500, 1 - 1e-7)])
    curve = reliability_curve(rng.random(1_000) < risk, risk, band=None)
    figure = curve.plot().figure
    events = figure.axes[1].patches[0].get_data()
    heights = events[0]
    assert heights.sum() == curve.n_events
    low, high = figure.axes[1].get_xlim()
    assert low <= events[1][0]
    assert events[1][-1] <= high
    assert heights[-1] >= 500
