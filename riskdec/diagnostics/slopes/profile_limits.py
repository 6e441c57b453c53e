"""Profile-likelihood limits of calibration in the large, intercept and slope, from sums per distinct forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logit

from riskdec.diagnostics.draws import pool_neighbours
from riskdec.diagnostics.slopes.many_fits import OneDesign

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray
    from riskdec.scores.sums import ForecastSums

# How close the signed root comes to its target; one unit is about one standard error.
_CLOSE = 1e-9
_STEPS = 50
# Distinct forecasts looked at; above so many, neighbours are pooled.
_POINTS = 65_536


class ProfileLimits:
    """The likelihood of the slope model, ready for profiles.

    Above 65,536 distinct forecasts neighbours are pooled: limits move by less than 1e-5 standard errors.
    """

    __slots__ = ("_design", "_moments")

    def __init__(self, sums: ForecastSums) -> None:
        pooled = pool_neighbours(sums, _POINTS)
        self._design = OneDesign(np.column_stack([np.ones(len(pooled.risk)), logit(pooled.risk)]), pooled.weight)
        self._moments = self._design.moments(pooled.events)

    def limits(self, best: FloatArray, place: int, *, standard_error: float, drop: float) -> tuple[float, float]:
        """Give the two values of a coefficient at which the profile lies `drop` below its top.

        Parameters
        ----------
        best : ndarray of shape (1,) or (2,)
            Estimates: the shift, the slope held at 1; or intercept and slope.
        place : int
            Place of the coefficient among them.
        standard_error : float
            About how far the limits are away.
        drop : float
            Half of the quantile that the likelihood ratio is compared with.

        Notes
        -----
        Newton's method on the signed root ``r(b) = sign(b - b_max) sqrt(2 (top - profile(b)))``, which is nearly a
        straight line; ``r' = |slope of the profile| / |r|``. Limits are sought where ``|r| = sqrt(2 drop)``.
        """
        free = tuple(range(len(best)))
        best = np.append(best, 1.0)[:2]
        moments = np.tile(self._moments, (2, 1))
        # The sums may be pooled: distances are taken from the top of the same sums.
        summit = self._design.maximise(moments[:1], best, free)
        others = tuple(j for j in free if j != place)
        target = np.sqrt(2 * drop) * np.array([-1.0, 1.0])
        coef = np.tile(summit.coef, (2, 1))
        coef[:, place] += target * standard_error
        for _ in range(_STEPS):
            here = self._design.maximise(moments, coef, others)
            root = np.sign(target) * np.sqrt(2 * np.maximum(summit.log_likelihood - here.log_likelihood, 0))
            if (np.abs(root - target) <= _CLOSE).all():
                low, high = best[place] + (coef[:, place] - summit.coef[0, place])
                return float(low), float(high)
            slope = np.abs(self._design.score(here.coef, moments)[:, place])
            move = (target - root) * np.abs(root) / slope
            longest = np.abs(target) * standard_error
            coef = here.coef
            coef[:, place] += np.clip(move, -longest, longest)
        # Where risks hardly differ, or rows are counted by the billion, the digits of the likelihood run out first.
        return float("nan"), float("nan")
