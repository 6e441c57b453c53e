"""Risks of exactly 0 or 1: what they say about shift and slope, which is nothing, or that neither exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums


def has_logits(sums: ForecastSums) -> bool:
    """Say whether every risk has a logit."""
    return bool(sums.risk[0] > 0 and sums.risk[-1] < 1)


def wrong_certainties(sums: ForecastSums) -> float:
    """Give the weight of rows with the event and risk 0, or without it and risk 1."""
    return float(sums.events[sums.risk == 0].sum() + sums.nonevents[sums.risk == 1].sum())


def can_be_recalibrated(sums: ForecastSums) -> bool:
    """Say whether shift and slope have a likelihood: no certainty proved wrong, and not all risks are certainties."""
    return bool(((sums.risk > 0) & (sums.risk < 1)).any()) and not wrong_certainties(sums)


def without_certainties(sums: ForecastSums, given: Forecasts) -> tuple[ForecastSums, Forecasts]:
    """Leave out the risks of exactly 0 and 1.

    A certainty that came true has likelihood 1 at every shift and every positive slope, so without it every estimate,
    interval and likelihood ratio stays the same.
    """
    if has_logits(sums):
        return sums, given
    first, after = np.searchsorted(sums.risk, 0, side="right"), np.searchsorted(sums.risk, 1)
    return sums.part(int(first), int(after)), _single_rows(given)


def _single_rows(given: Forecasts) -> Forecasts:
    if given.groups is None:
        return given
    kept = (given.risk > 0) & (given.risk < 1)
    return given._replace(
        is_event=given.is_event[kept],
        risk=given.risk[kept],
        weight=None if given.weight is None else given.weight[kept],
        groups=np.unique(given.groups[kept], return_inverse=True)[1].astype(np.intp, copy=False),
    )
