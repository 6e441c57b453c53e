"""Progress of long work: one line on a terminal, and whoever else listens."""

from __future__ import annotations

import sys
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")


class Listener(Protocol):
    """Somebody who is told of each item of a loop."""

    def follow(self, items: Iterable[T], *, label: str, total: int, are_fits: bool) -> Iterator[T]:
        """Yield the items, and note when work on each begins and ends."""


# Who listens to the work at hand: a fit that was given scikit-learn's callbacks.
LISTENER: ContextVar[Listener | None] = ContextVar("riskdec_listener", default=None)

_QUIET_SECONDS = 1.0
# Writing to a terminal after each of many short steps would slow them down.
_SECONDS_BETWEEN = 0.1


def progress(items: Iterable[T], *, label: str, total: int, are_fits: bool = False) -> Iterator[T]:
    """Yield the items and keep one line on the terminal up to date.

    Short work stays silent: the line appears after a second, and changes at most ten times a second. Nothing is
    written where standard error is not a terminal. The line is removed at the end, also after Ctrl-C.

    Parameters
    ----------
    items : iterable
        What is worked on.
    label : str
        What is being done, for example ``"bootstrap refits"``.
    total : int
        How many items there are.
    are_fits : bool
        Whether each item is the fit of another estimator, which may be told of by itself.

    Yields
    ------
    item
        Each item, unchanged.
    """
    stream = sys.stderr
    visible = stream.isatty()
    start = time.monotonic()
    shown = False
    last = start
    listener = LISTENER.get()
    followed = items if listener is None else listener.follow(items, label=label, total=total, are_fits=are_fits)
    try:
        for done, item in enumerate(followed):
            now = time.monotonic()
            elapsed = now - start
            if visible and elapsed > _QUIET_SECONDS and now - last >= _SECONDS_BETWEEN:
                last = now
                left = elapsed / max(done, 1) * (total - done)
                stream.write(f"\r{label}: {done} of {total}, about {left:.0f} s left ")
                stream.flush()
                shown = True
            yield item
    finally:
        if shown:
            stream.write("\r" + " " * (len(label) + 50) + "\r")
            stream.flush()
