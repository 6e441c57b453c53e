"""The door of thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.checks import check_numbers, refuse, refuse_rows

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray


def check_thresholds(thresholds: object) -> FloatArray:
    """Give ascending risks strictly between 0 and 1; 0.01 to 0.99 where there are none."""
    if thresholds is None:
        return np.arange(1, 100) / 100
    threshold = np.array(check_numbers(thresholds, name="thresholds"))
    outside = (threshold <= 0) | (threshold >= 1)
    if outside.any():
        cure = "At 0 and 1 one of the two errors costs nothing, and net benefit has no unit."
        raise refuse_rows("thresholds", "lie strictly between 0 and 1", threshold, outside, cure)
    if threshold.size == 0 or (np.diff(threshold) <= 0).any():
        got = "none" if threshold.size == 0 else "others"
        raise refuse("thresholds", "be ascending, each one once", got, "np.unique sorts them.")
    return threshold
