"""The steps of an isotonic fit: what isotonic and centred isotonic calibration have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.findings import Finding
from riskdec._base.table import Table, count, number, percent
from riskdec.scores.isotonic import pool_blocks

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.scores.sums import ForecastSums

_ROUNDING = 1e-12


class RisingSteps(NamedTuple):
    """Blocks of neighbouring scores that share one event rate; rates rise from block to block.

    Attributes
    ----------
    first, last : ndarray of shape (k,)
        Lowest and highest score of each block.
    level : ndarray of shape (k,)
        Its event rate.
    rows : ndarray of shape (k,)
        Its number of rows; under importance weights, as many of equal weight as would be as informative.
    """

    first: FloatArray
    last: FloatArray
    level: FloatArray
    rows: FloatArray


def fit_steps(sums: ForecastSums) -> RisingSteps:
    """Fit the rising step function closest to the outcomes."""
    blocks, events, weight = pool_blocks(sums.events, sums.weight)
    if (weight != np.floor(weight)).any():
        # Sums of such weights are rounded, and two blocks of one rate may seem to rise by the last bit.
        level = events / weight
        rises = np.flatnonzero(np.append(True, level[1:] > level[:-1] * (1 + _ROUNDING)))
        events, weight = np.add.reduceat(events, rises), np.add.reduceat(weight, rises)
        blocks = np.append(blocks[rises], blocks[-1])
    start, end = blocks[:-1], blocks[1:] - 1
    squared = np.add.reduceat(sums.squared_weight, start)
    return RisingSteps(sums.risk[start], sums.risk[end], events / weight, weight**2 / squared)


def say_of_steps(steps: RisingSteps) -> tuple[Finding, ...]:
    """Say where the steps promise certainty."""
    low, high = steps.level[0] == 0, steps.level[-1] == 1
    if not (low or high):
        return ()
    certain = []
    if low:
        certain.append(f"exactly 0 up to {number(steps.last[0])} ({count(steps.rows[0])} rows without an event)")
    if high:
        certain.append(f"exactly 1 from {number(steps.first[-1])} on ({count(steps.rows[-1])} rows that all had it)")
    sentence = f"The calibrated risk is {' and '.join(certain)}: one row to the contrary makes the log score infinite."
    todo = "Where risks are judged by the log score, take the merged risks of VennAbersCalibrator."
    return (Finding(code="RD504", severity="caution", sentence=sentence, todo=todo),)


def steps_table(title: str, steps: RisingSteps, n_rows: int, findings: tuple[Finding, ...]) -> Table:
    """Give the number of steps and how far they reach, and the findings below."""
    rows = (
        ("rows", count(n_rows)),
        ("steps", count(len(steps.level))),
        ("lowest risk", percent(float(steps.level[0]), 2)),
        ("highest risk", percent(float(steps.level[-1]), 2)),
    )
    return Table(title=title, rows=rows, notes=tuple(map(str, findings)))
