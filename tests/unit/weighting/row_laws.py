"""Comparison of two answers number by number, and rows with weights to ask for them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit


class Weighted(NamedTuple):
    """Rows, outcomes, whole weights (zeros among them), groups, and each row as often as it counts."""

    X: np.ndarray
    y: np.ndarray
    times: np.ndarray
    groups: np.ndarray
    written: np.ndarray


def draw_weighted(seed: int, n: int, n_classes: int = 2) -> Weighted:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 2))
    if n_classes == 2:
        y = (rng.random(n) < expit(X[:, 0] - 1.2)).astype(int)
    else:
        y = rng.choice(n_classes, n, p=np.array([6.0, 3.0, 1.5]) / 10.5)
        X = X + 1.2 * (y[:, None] == np.arange(2))
    times = rng.integers(0, 4, n)
    return Weighted(X, y, times, np.arange(n) // 3, np.repeat(np.arange(n), times))


def differences(one: Any, other: Any, *, leave: tuple[str, ...] = (), rtol: float = 1e-6) -> list[str]:
    """Name the places at which two answers, as plain data, differ by more than rounding."""
    found: list[str] = []
    _compare("", one.to_dict(), other.to_dict(), leave, rtol, found)
    return found


def _compare(place: str, one: Any, other: Any, leave: tuple[str, ...], rtol: float, found: list[str]) -> None:
    if place.endswith(leave) and leave:
        return
    if isinstance(one, dict) and isinstance(other, dict) and set(one) == set(other):
        for name in one:
            _compare(f"{place}/{name}", one[name], other[name], leave, rtol, found)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            _compare(f"{place}/{number}", left, right, leave, rtol, found)
    elif isinstance(one, float) and isinstance(other, float | int):
        if not np.isclose(one, other, rtol=rtol, atol=1e-8, equal_nan=True):
            found.append(f"{place}: {one} against {other}")
    elif one != other:
        found.append(f"{place}: {one} against {other}")
