"""Profile-likelihood limits of one prevalence, the fall scaled by what dependence and labelled rows add."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from riskdec.calibration.prevalence.mixture import Mixture, fit_mixture

if TYPE_CHECKING:
    from riskdec._base.typing import FloatArray

# Log-odds at which a share counts as 0 or 1: beside it no row would change a digit.
_FARTHEST = 600.0
_START_AT_END = 30.0
_IMPOSSIBLE = 1e150


def profile_limits(
    ratio: FloatArray, weight: FloatArray, best: Mixture, place: int, drop: float
) -> tuple[float, float]:
    """Give the two values of a share at which the profile lies `drop` below its top; 0 and 1 where it never does."""
    profile = _Profile(ratio, weight, best, place)
    return profile.crossing(0.0, np.sqrt(drop)), profile.crossing(1.0, np.sqrt(drop))


class _Profile:
    """The likelihood with one share held, maximised over the others, which are a mixture of K - 1."""

    def __init__(self, ratio: FloatArray, weight: FloatArray, best: Mixture, place: int) -> None:
        self._one, self._others = ratio[:, [place]], np.delete(ratio, place, axis=1)
        self._weight, self._top = weight, best.log_likelihood
        self._share = float(best.shares[place])
        rest = np.delete(best.shares, place)
        self._rest = rest / rest.sum() if rest.sum() > 0 else np.full(len(rest), 1 / len(rest))

    def depth(self, share: float, remainder: float) -> float:
        """Give the root of the fall from the top: nearly a straight line in the log-odds."""
        mixed = share * self._one + remainder * self._others
        if (mixed.max(axis=1) == 0).any():
            return _IMPOSSIBLE
        start = self._rest if (mixed @ self._rest > 0).all() else None
        fitted = fit_mixture(mixed, self._weight, start)
        self._rest = fitted.shares
        return float(min(np.sqrt(max(self._top - fitted.log_likelihood, 0.0)), _IMPOSSIBLE))

    def crossing(self, end: float, limit: float) -> float:
        """Give the share between the best one and an end at which the depth is the limit."""
        from scipy.optimize import brentq
        from scipy.special import expit

        if self._share == end or self.depth(end, 1 - end) <= limit:
            return end

        def excess(log_odds: float) -> float:
            return self.depth(float(expit(log_odds)), float(expit(-log_odds))) - limit

        inside = _log_odds(self._share)
        outside = inside + (1.0 if end else -1.0)
        while excess(outside) <= 0:
            if abs(outside) >= _FARTHEST:
                return end
            inside, outside = outside, outside + 2 * (outside - inside)
        return float(expit(brentq(excess, inside, outside, xtol=1e-9, rtol=1e-12)))


def _log_odds(share: float) -> float:
    if share in (0.0, 1.0):
        return _START_AT_END if share else -_START_AT_END
    return float(np.log(share) - np.log1p(-share))
