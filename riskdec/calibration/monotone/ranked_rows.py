"""Rows in the order of their scores, and whether that order tells events from other rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec._base.table import number
from riskdec.calibration.saying import say_no_signal
from riskdec.scores.ranking import rank_probability
from riskdec.scores.sums import sum_by_forecast, sum_cells

if TYPE_CHECKING:
    from collections.abc import Iterable

    from riskdec._base.findings import Finding
    from riskdec.calibration.door import ScoredRows
    from riskdec.scores.sums import ForecastSums


def sum_rows(rows: ScoredRows) -> ForecastSums:
    """Sum rows, or cells of rows, that share their score."""
    if rows.importance is None:
        return sum_by_forecast(rows.score, rows.is_event, rows.frequency)
    each = np.ones(len(rows.score)) if rows.frequency is None else rows.frequency
    return sum_cells(rows.score, rows.importance, each, each * rows.is_event)


def say_unranked(parts: Iterable[ForecastSums]) -> tuple[Finding, ...]:
    """Say that events do not have the higher scores, where that holds in all parts of the rows."""
    area = max(rank_probability(sums.events, sums.weight) for sums in parts)
    if area > 0.5:
        return ()
    why = (
        "rows with the event do not have higher scores than the others (area under the ROC curve "
        f"{number(area, 3)}), and a map that cannot fall has nothing to follow."
    )
    return (say_no_signal(why, turned="Is it the score of the other class?"),)
