"""Phrases that several findings share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.table import interval, number

if TYPE_CHECKING:
    from riskdec._base.result import Estimate


def shown(estimate: Estimate) -> str:
    """Write an estimate with its interval."""
    return f"{number(estimate.estimate, 3)} ({interval(estimate.low, estimate.high, 3)})"


def excludes(estimate: Estimate, value: float) -> bool:
    """Tell whether an interval lies on one side of a value."""
    return estimate.low > value or estimate.high < value
