"""Figures and probability axes: linear, or on the logit scale where risks are small."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from scipy.special import expit, logit

from riskdec.plot.style import SMALL

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from riskdec._base.typing import FloatArray, IntArray

Scale = Literal["probability", "logit"]

# A logit axis has no place for 0 and 1. It ends where the numbers end, and never beyond these.
_OUTERMOST = 1e-4
# Space beyond the outermost number, on the logit scale: about a step from 10 % to 15 %.
_ROOM = 0.45

# Candidates for ticks, the most telling first; each stands for itself and for its mirror image.
_ROUND = (0.5, 0.1, 0.01, 0.001, 0.0001, 0.05, 0.2, 0.02, 0.005, 0.002, 0.35, 0.0005, 0.0002, 1e-5, 1e-6, 1e-7)


class ProbabilityAxis(NamedTuple):
    """What two axes share so that the diagonal stays a diagonal.

    Attributes
    ----------
    scale : {"probability", "logit"}
        Linear or logit.
    low, high : float
        Its ends; on a logit axis smaller and larger probabilities are drawn at the ends.
    """

    scale: Scale
    low: float = 0.0
    high: float = 1.0


def new_figure(width: float, height: float) -> Figure:
    """Make a figure that belongs to nobody's window, sized in inches (one inch is 96 pixels of a page)."""
    return Figure(figsize=(width, height), layout="constrained")


def probability_axis(scale: Scale, values: FloatArray) -> ProbabilityAxis:
    """Choose an axis that shows all the probabilities, those of exactly 0 and 1 at its ends."""
    if scale == "probability":
        return ProbabilityAxis(scale)
    inner = values[(values > 0) & (values < 1)]
    smallest, largest = (inner.min(), inner.max()) if inner.size else (0.5, 0.5)
    low, high = float(expit(logit(smallest) - _ROOM)), float(expit(logit(largest) + _ROOM))
    return ProbabilityAxis(scale, max(low, _OUTERMOST), min(high, 1 - _OUTERMOST))


def set_probability_axis(
    ax: Axes,
    which: Literal["x", "y"],
    spec: ProbabilityAxis,
    values: FloatArray | None = None,
    *,
    n_ticks: int = 13,
) -> None:
    """Give one axis its scale, its limits and ticks in percent.

    Parameters
    ----------
    ax : matplotlib Axes
        The axes to set up.
    which : {"x", "y"}
        Which of its two axes.
    spec : ProbabilityAxis
        Scale and ends.
    values : ndarray, optional
        What is drawn along this axis: an end at which other probabilities are drawn is labelled with them.
    n_ticks : int
        As many labels have room beside each other.
    """
    axis = ax.xaxis if which == "x" else ax.yaxis
    set_scale, set_limits = (ax.set_xscale, ax.set_xlim) if which == "x" else (ax.set_yscale, ax.set_ylim)
    if spec.scale == "logit":
        set_scale("function", functions=(partial(_forward, low=spec.low, high=spec.high), _backward))
    set_limits(spec.low, spec.high)
    drawn = np.empty(0) if values is None else values
    at_low = _end_label(drawn[drawn < spec.low], 0, "≤", spec.low)
    at_high = _end_label(drawn[drawn > spec.high], 1, "≥", spec.high)
    ticks = choose_ticks(spec, at_low, at_high, n_ticks=n_ticks)
    axis.set_ticks(list(ticks), labels=list(ticks.values()))
    axis.set_ticks([], minor=True)
    ax.tick_params(axis=which, labelsize=SMALL)


def choose_ticks(spec: ProbabilityAxis, at_low: str = "", at_high: str = "", *, n_ticks: int = 13) -> dict[float, str]:
    """Choose round probabilities inside the axis, and its ends where these have a label of their own.

    Examples
    --------
    >>> choose_ticks(ProbabilityAxis("logit", 0.004, 0.3), at_low="0 %")
    {0.004: '0 %', 0.01: '1 %', 0.02: '2 %', 0.05: '5 %', 0.1: '10 %', 0.2: '20 %'}
    """
    if spec.scale == "probability":
        return {step / 5: f"{20 * step} %" for step in range(6)}
    labels = {p: label for p, label in ((spec.low, at_low), (spec.high, at_high)) if label}
    apart = (logit(spec.high) - logit(spec.low)) / n_ticks
    # A label such as "≤ 0.01 %" is half as wide again as others.
    room = {p: apart * (1.5 if label[0] in "≤≥" else 1.0) for p, label in labels.items()}
    for tick in (p for small in _ROUND for p in (small, 1 - small)):
        far = all(abs(logit(tick) - logit(other)) >= room.get(other, apart) for other in labels)
        if spec.low <= tick <= spec.high and far:
            labels[tick] = percent_label(tick)
    return dict(sorted(labels.items()))


def percent_label(probability: float) -> str:
    """Write a probability for a tick: as many digits as it needs.

    >>> percent_label(0.0005), percent_label(0.2), percent_label(0.999)
    ('0.05 %', '20 %', '99.9 %')
    """
    return f"{100 * probability:.6g} %"


def axis_position(probability: FloatArray, spec: ProbabilityAxis) -> FloatArray:
    """Give positions that are evenly spaced to the eye: the probability itself or its logit inside the axis."""
    return probability if spec.scale == "probability" else _forward(probability, low=spec.low, high=spec.high)


def axis_grid(spec: ProbabilityAxis, size: int = 400) -> FloatArray:
    """Give probabilities that are evenly spaced to the eye, from end to end of the axis."""
    if spec.scale == "probability":
        return np.linspace(spec.low, spec.high, size)
    grid = _backward(np.linspace(logit(spec.low), logit(spec.high), size))
    grid[[0, -1]] = spec.low, spec.high
    return grid


def thin(x: FloatArray, spec: ProbabilityAxis, most: int = 500) -> IntArray:
    """Give the places of about `most` points, evenly over the axis, the first and the last among them.

    A drawing is a few hundred pixels wide: a million distinct forecasts would only make the file large.
    """
    if x.shape[0] <= most:
        return np.arange(x.shape[0])
    position = axis_position(x, spec)
    wanted = np.linspace(position[0], position[-1], most)
    inside = np.searchsorted(position, wanted)
    return np.unique(np.concatenate([[0], np.minimum(inside, x.shape[0] - 1), [x.shape[0] - 1]]))


def _end_label(beyond: FloatArray, limit: float, sign: str, end: float) -> str:
    if not beyond.size:
        return ""
    if (beyond == limit).all():
        return percent_label(limit)
    # Two digits of the distance to the limit, so that 99.99 % is not rounded to all.
    apart = float(f"{abs(end - limit):.2g}")
    return f"{sign} {percent_label(abs(limit - apart))}"


def _forward(probability: FloatArray, *, low: float, high: float) -> FloatArray:
    return np.asarray(logit(np.clip(probability, low, high)))


def _backward(position: FloatArray) -> FloatArray:
    return np.asarray(expit(position))
