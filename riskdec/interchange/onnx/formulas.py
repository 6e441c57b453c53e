"""The formulas that models share, in operators for which runtimes compute in double precision.

onnxruntime has no double kernels for Softplus and Asinh, and ONNX has no log1p: they are written out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Literal

    from riskdec._base.typing import FloatArray
    from riskdec.interchange.onnx.graph import Value


def exp(x: Value) -> Value:
    """Give ``exp(x)``."""
    return x.graph.add("Exp", x)


def log(x: Value) -> Value:
    """Give ``log(x)``."""
    return x.graph.add("Log", x)


def absolute(x: Value) -> Value:
    """Give ``|x|``."""
    return x.graph.add("Abs", x)


def sqrt(x: Value) -> Value:
    """Give the square root."""
    return x.graph.add("Sqrt", x)


def at_least(x: Value, limit: FloatArray | float) -> Value:
    """Give ``max(x, limit)``."""
    return x.graph.add("Max", x, x.graph.constant(limit))


def at_most(x: Value, limit: FloatArray | float) -> Value:
    """Give ``min(x, limit)``."""
    return x.graph.add("Min", x, x.graph.constant(limit))


def where(condition: Value, yes: Value | FloatArray | float, no: Value | FloatArray | float) -> Value:
    """Choose entry by entry."""
    graph = condition.graph
    chosen = [graph.constant(part) if isinstance(part, float | np.ndarray) else part for part in (yes, no)]
    return graph.add("Where", condition, *chosen)


def is_nan(x: Value) -> Value:
    """Tell where a number is missing."""
    return x.graph.add("IsNaN", x)


def is_infinite(x: Value) -> Value:
    """Tell where a number is infinite."""
    return x.graph.add("IsInf", x)


def any_in_row(flags: Value) -> Value:
    """Tell which rows hold a true value: shape (n, 1)."""
    numbers = flags.graph.cast(flags, "DOUBLE")
    return flags.graph.add("ReduceMax", numbers, axes=[1], keepdims=1) > 0.0


def row_sums(x: Value) -> Value:
    """Give the sum of each row: shape (n, 1)."""
    return x.graph.add("ReduceSum", x, x.graph.constant(np.array([1])), keepdims=1)


def beside(parts: list[Value]) -> Value:
    """Put values of shape (n, p_j) beside each other: shape (n, sum p_j)."""
    return parts[0] if len(parts) == 1 else parts[0].graph.add("Concat", *parts, axis=1)


def log1p(x: Value) -> Value:
    """Give ``log(1 + x)`` with all its digits.

    ``log(u) x / (u - 1)`` with ``u`` the rounded ``1 + x``: what rounding takes from ``u``, the quotient gives back
    (Goldberg 1991, theorem 4).
    """
    rounded = x + 1.0
    return where(rounded.equals(1.0), x, log(rounded) * (x / (rounded - 1.0)))


def softplus(x: Value) -> Value:
    """Give ``log(1 + exp(x))`` without overflow."""
    return at_least(x, 0.0) + log1p(exp(-absolute(x)))


def asinh(x: Value) -> Value:
    """Give the inverse hyperbolic sine; from 1e8 on it is ``log(2 |x|)`` to the last digit."""
    size = absolute(x)
    small = at_most(size, 1e8)
    square = small * small
    near = log1p(small + square / (sqrt(square + 1.0) + 1.0))
    value = where(size > 1e8, log(size) + float(np.log(2.0)), near)
    return x.graph.add("Sign", x) * value


def risk_of(log_odds: Value) -> Value:
    """Give ``1 / (1 + exp(-x))`` with all its digits in both tails."""
    small = exp(-absolute(log_odds))
    return where(log_odds >= 0.0, 1.0, small) / (small + 1.0)


def both_risks(log_odds: Value) -> Value:
    """Give the probabilities of both classes from log-odds of the second, shape (n, 1): shape (n, 2)."""
    return beside([risk_of(-log_odds), risk_of(log_odds)])


def softmax(logits: Value) -> Value:
    """Give probabilities of K classes: shape (n, K)."""
    return logits.graph.add("Softmax", logits, axis=1)


def log_softmax(logits: Value) -> Value:
    """Give logarithms of probabilities of K classes: shape (n, K)."""
    return logits.graph.add("LogSoftmax", logits, axis=1)


def count_passed(score: Value, places: FloatArray, *, side: Literal["left", "right"]) -> Value:
    """Count the ascending places below each score ("left"), or not above it ("right"): shape (n, 1), int64.

    Bisection with one comparison for each power of two, as ``numpy.searchsorted``; a score that is nan passes none.
    """
    graph, n_steps = score.graph, len(places).bit_length()
    count = graph.cast(score * 0.0 > 0.0, "INT64")
    if not n_steps:
        return count
    # Places after the last are never passed.
    padded = np.full(2**n_steps - 1, np.nan)
    padded[: len(places)] = places
    table = graph.constant(padded)
    for step in (2**k for k in reversed(range(n_steps))):
        place = graph.add("Gather", table, count + (step - 1), axis=0)
        passed = graph.add("Greater" if side == "left" else "GreaterOrEqual", score, place)
        count = count + graph.cast(passed, "INT64") * step
    return count


def look_up(table: FloatArray, places: Value) -> Value:
    """Give the entries of a table at places, in the shape of the places and of an entry."""
    return places.graph.add("Gather", places.graph.constant(table), places, axis=0)


def interpolate(score: Value, knots: FloatArray, levels: FloatArray) -> Value:
    """Give the broken line through the knots, constant beyond them, as ``numpy.interp`` does: shape (n, 1)."""
    with np.errstate(over="ignore", divide="ignore"):
        slopes = np.diff(levels) / np.diff(knots)
    # Between knots so close that the slope overflows there is hardly a number: a step.
    slopes = np.concatenate([[0.0], np.where(np.isfinite(slopes), slopes, 0.0), [0.0]])
    place = count_passed(score, knots, side="right")
    start = look_up(np.append(knots[:1], knots), place)
    # Outside the knots the slope is 0, which an infinite distance would turn into no number.
    inside = at_most(at_least(score, knots[0]), knots[-1])
    return look_up(slopes, place) * (inside - start) + look_up(np.append(levels[:1], levels), place)


def spline_columns(x: Value, knots: FloatArray) -> Value:
    """Give the columns of restricted cubic splines: those of `spline_basis`.

    Parameters
    ----------
    x : Value of shape (n, c)
        Numbers.
    knots : ndarray of shape (c, k)
        Knots of each column; without any, x stays as it is.

    Returns
    -------
    Value of shape (n, c (k - 1))
        The columns of the first spline, then those of the second.
    """
    n_columns, n_knots = knots.shape
    if not n_knots:
        return x
    first, bends, before, last = knots[:, 0], knots[:, :-2], knots[:, -2], knots[:, -1]
    inner = at_most(x, last)
    bend = _cube(at_least(inner - before, 0.0)) / (last - before)
    # From here on the last axis is that of the columns that one number gives.
    to_last = last[:, np.newaxis] - bends
    cubic = _cube(at_least(_deeper(inner) - bends, 0.0)) - _deeper(bend) * to_last
    beyond = _deeper(at_least(x - last, 0.0)) * (3 * to_last * (before[:, np.newaxis] - bends))
    curved = (cubic + beyond) / ((last - first) ** 2)[:, np.newaxis]
    columns = x.graph.add("Concat", _deeper(x), curved, axis=2)
    # 0 keeps the number of rows, none included.
    return x.graph.add("Reshape", columns, x.graph.constant(np.array([0, n_columns * (n_knots - 1)])))


def _deeper(x: Value) -> Value:
    return x.graph.add("Unsqueeze", x, x.graph.constant(np.array([2])))


def _cube(x: Value) -> Value:
    return x * x * x
