"""Phrases that several findings share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.table import interval, number, percent

if TYPE_CHECKING:
    from riskdec._base.result import Estimate

# Standard errors nearer to each other than this are of one size to a reader.
_SAME_SIZE = 0.005


def shown(estimate: Estimate) -> str:
    """Write an estimate with its interval."""
    return f"{number(estimate.estimate, 3)} ({interval(estimate.low, estimate.high, 3)})"


def part(value: float) -> str:
    """Write a part of a whole as a percentage, which may be below 0; what rounds to nothing has no sign.

    >>> part(0.998), part(-0.0004), part(-0.033)
    ('99.8 %', '0.0 %', '-3.3 %')
    """
    return percent(round(value, 3) + 0.0)


def factor(middle: float) -> str:
    """Say how wrong standard errors are that have to be multiplied by a factor.

    >>> factor(1.53), factor(0.5), factor(1.0004)
    ('1.53 times too small', '2 times too large', 'of about the right size')
    """
    if abs(middle - 1) < _SAME_SIZE:
        return "of about the right size"
    return f"{number(middle, 3)} times too small" if middle > 1 else f"{number(1 / middle, 3)} times too large"


def excludes(estimate: Estimate, value: float) -> bool:
    """Tell whether an interval lies on one side of a value."""
    return estimate.low > value or estimate.high < value
