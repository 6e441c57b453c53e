"""The closed test: from the lowest rung up, the first that the highest does not improve significantly."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec.calibration.updating.rungs import LINE, NONE, SHIFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec.calibration.updating.rungs import RungFit


class AgainstHighest(NamedTuple):
    """Test of one rung against the highest.

    Attributes
    ----------
    statistic : float
        Likelihood ratio, or Wald's statistic; nan for the highest rung itself.
    df : int
        Coefficients that the rung holds fixed and the highest does not.
    p_value : float
        By the chi-square law; with groups by F.
    """

    statistic: float
    df: int
    p_value: float


def against_highest(fits: Sequence[RungFit], *, by_likelihood: bool, n_groups: int | None) -> list[AgainstHighest]:
    """Test every rung against the last one."""
    from scipy.special import chdtrc, fdtrc

    highest = fits[-1]
    tests = []
    for fit in fits[:-1]:
        df = highest.n_parameters - fit.n_parameters
        if df == 0:
            # The columns hold nothing that the risks do not: the two models are one.
            tests.append(AgainstHighest(0.0, 0, 1.0))
            continue
        statistic = max(0.0, 2 * (highest.log_likelihood - fit.log_likelihood))
        if not by_likelihood:
            statistic = _wald(fit, highest)
        tail = chdtrc(df, statistic) if n_groups is None else fdtrc(df, n_groups - 1, statistic / df)
        tests.append(AgainstHighest(statistic, df, float(tail)))
    return [*tests, AgainstHighest(float("nan"), 0, float("nan"))]


def first_adequate(tests: Sequence[AgainstHighest], significance: float) -> int:
    """Give the place of the lowest rung that the highest does not improve significantly."""
    return next((place for place, test in enumerate(tests[:-1]) if test.p_value > significance), len(tests) - 1)


def _wald(fit: RungFit, highest: RungFit) -> float:
    """Test in the highest model the coefficients that a rung holds fixed."""
    fixed = {NONE: 0, SHIFT: 1, LINE: 2}[fit.name]
    places = [place for place in range(fixed, len(highest.coef)) if place not in highest.aliases]
    as_given = np.zeros(len(highest.coef))
    if len(as_given) > 1:
        as_given[1] = 1.0
    off = (highest.coef - as_given)[places]
    return float(off @ np.linalg.solve(highest.covariance[np.ix_(places, places)], off))
