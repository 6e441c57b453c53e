"""Time two ways of doing one job in turn, in one process, and report the ratio with its spread."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Comparison(NamedTuple):
    """Seconds of ours and of the peer's, pair by pair, and what was reached in them."""

    job: str
    peer: str
    ours: list[float]
    theirs: list[float]
    note: str = ""

    def line(self) -> str:
        """Give one line: medians, and the median ratio with its range."""
        ratios = sorted(b / a for a, b in zip(self.ours, self.theirs, strict=True))
        ours, theirs = statistics.median(self.ours), statistics.median(self.theirs)
        spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
        return (
            f"{self.job:<44} {1e3 * ours:>10.2f} ms  {self.peer:<34} {1e3 * theirs:>10.2f} ms"
            f"  {statistics.median(ratios):>6.2f} times as fast ({spread})  {self.note}".rstrip()
        )


def interleave(
    job: str, peer: str, ours: Callable[[], object], theirs: Callable[[], object], *, pairs: int
) -> Comparison:
    """Run ours and theirs in turn, after one run of each that is not counted."""
    ours()
    theirs()
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(pairs):
        for kept, call in zip(seconds, (ours, theirs), strict=True):
            start = time.perf_counter()
            call()
            kept.append(time.perf_counter() - start)
    return Comparison(job, peer, *seconds)
