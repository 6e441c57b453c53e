"""Pooling of adjacent violators as a compiled loop; where numba is absent it is plain (and slow) Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

try:
    from numba import njit
except ImportError:
    njit = None

if TYPE_CHECKING:
    from collections.abc import Callable

    from riskdec._base.typing import FloatArray, IntArray

Loop = TypeVar("Loop", bound="Callable[..., Any]")


def _compiled(loop: Loop) -> Loop:
    if njit is None:
        return loop
    try:
        function: Loop = njit(nogil=True, cache=True)(loop)
    except RuntimeError:
        # Nowhere to keep what was compiled: it lives as long as the process.
        function = njit(nogil=True)(loop)
    return function


@_compiled
def _join_back(last: int, block_events: FloatArray, block_weight: FloatArray) -> int:
    while last > 0 and block_events[last - 1] * block_weight[last] >= block_events[last] * block_weight[last - 1]:
        block_events[last - 1] += block_events[last]
        block_weight[last - 1] += block_weight[last]
        last -= 1
    return last


@_compiled
def pool(
    events: FloatArray, weight: FloatArray, start: IntArray, block_events: FloatArray, block_weight: FloatArray
) -> int:
    """Write where the blocks start, and the events and weight of each; give their number.

    A block joins the one before it, and that the one before, as long as the rates do not rise. Rates are compared by
    products, which are exact for counts.
    """
    last = 0
    start[0], block_events[0], mass = 0, events[0], weight[0]
    for i in range(1, len(events)):
        if events[i] == 0:
            # It joins whatever the block before it is; forecasts without events are many, and cost one addition each.
            mass += weight[i]
            continue
        block_weight[last] = mass
        last = _join_back(last, block_events, block_weight) + 1
        start[last], block_events[last], mass = i, events[i], weight[i]
    block_weight[last] = mass
    return _join_back(last, block_events, block_weight) + 1
