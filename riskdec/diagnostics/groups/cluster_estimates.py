"""Calibration in the large and slope of each cluster, and their random effects."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isnan, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.result import Estimate, jsonable
from riskdec.diagnostics.groups.random_effects import RandomEffects, leave_one_out, random_effects
from riskdec.likelihood import fit_firth
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import FloatArray
    from riskdec.likelihood import LogitFit
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

# Fewer expected events or non-events leave a standard error that cannot be trusted.
LEAST_FOR_CITL = 5
LEAST_FOR_SLOPE = 10


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ClusterCalibration:
    """One cluster.

    Attributes
    ----------
    name : str
        Its label.
    n, n_events : int
        Rows, and rows with the event.
    expected : float
        Number of events that the risks expect.
    mean_risk, prevalence : float
        Mean predicted risk and observed event rate.
    citl, slope : Estimate
        Calibration in the large and slope by Firth's likelihood; nan where too few events or non-events are expected.
    citl_without : float
        Mean calibration in the large of all other clusters; nan where this one is left out anyway.
    distance : float
        How far calibration in the large stands from that mean, in standard deviations of the difference.
    """

    name: str
    n: int
    n_events: int
    expected: float
    mean_risk: float
    prevalence: float
    citl: Estimate
    slope: Estimate
    citl_without: float = nan
    distance: float = nan

    def __repr__(self) -> str:
        return f"<ClusterCalibration: {self.name}, n={self.n}, citl {self.citl!r}>"

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers and text; what does not exist is None."""
        names = ("name", "n", "n_events", "expected", "mean_risk", "prevalence", "citl_without", "distance")
        plain: dict[str, Any] = jsonable({name: getattr(self, name) for name in names})
        return plain | {"citl": self.citl.to_dict(), "slope": self.slope.to_dict()}


def estimate_clusters(
    given: Forecasts, names: Sequence[str], *, confidence_level: float
) -> tuple[tuple[ClusterCalibration, ...], RandomEffects | None, RandomEffects | None]:
    """Estimate each cluster and pool what was estimated.

    Parameters
    ----------
    given : Forecasts
        Rows with groups; their weights are counts.
    names : sequence of str
        Name of each group.
    confidence_level : float
        Level of all intervals.

    Returns
    -------
    clusters : tuple of ClusterCalibration
    citl, slope : RandomEffects or None
    """
    order = np.argsort(given.groups, kind="stable") if given.groups is not None else np.arange(len(given.risk))
    sizes = np.bincount(np.zeros(len(order), np.intp) if given.groups is None else given.groups)
    places = np.split(order, np.cumsum(sizes)[:-1])
    clusters = [_cluster(name, _sums(given, rows), confidence_level) for name, rows in zip(names, places, strict=True)]
    citl, slope = (_pool(clusters, part, confidence_level) for part in ("citl", "slope"))
    return _leave_one_out(clusters, confidence_level), citl, slope


def _sums(given: Forecasts, rows: Any) -> ForecastSums:
    weight = None if given.weight is None else given.weight[rows]
    return sum_by_forecast(given.risk[rows], given.is_event[rows], weight)


def _cluster(name: str, sums: ForecastSums, confidence_level: float) -> ClusterCalibration:
    expected = float((sums.weight * sums.risk).sum())
    rarer = min(expected, sums.n - expected)
    missing = Estimate(estimate=nan, low=nan, high=nan, confidence_level=confidence_level)
    both = np.concatenate([sums.events, sums.nonevents])
    seen = both > 0
    logit = np.tile(np.log(sums.risk) - np.log1p(-sums.risk), 2)[seen]
    y, weight = np.repeat([1.0, 0.0], len(sums.risk))[seen], both[seen]
    citl = slope = missing
    if rarer >= LEAST_FOR_CITL:
        citl = _estimate(fit_firth(np.empty((len(y), 0)), y, weight=weight, offset=logit), 0, confidence_level)
    if rarer >= LEAST_FOR_SLOPE and len(sums.risk) > 2:
        slope = _estimate(fit_firth(logit[:, None], y, weight=weight), 1, confidence_level)
    return ClusterCalibration(
        name=name,
        n=sums.n,
        n_events=sums.n_events,
        expected=expected,
        mean_risk=sums.mean_risk,
        prevalence=sums.prevalence,
        citl=citl,
        slope=slope,
    )


def _estimate(fit: LogitFit, place: int, confidence_level: float) -> Estimate:
    value = float(fit.coef[place]) if fit.converged and not fit.aliases else nan
    margin = _quantile(confidence_level) * float(np.sqrt(fit.covariance[place, place]))
    margin = nan if isnan(value) else margin
    return Estimate(estimate=value, low=value - margin, high=value + margin, confidence_level=confidence_level)


def _known(clusters: Sequence[ClusterCalibration], part: str, level: float) -> tuple[FloatArray, FloatArray]:
    found: list[Estimate] = [getattr(cluster, part) for cluster in clusters]
    found = [estimate for estimate in found if not isnan(estimate.estimate)]
    half = np.array([(estimate.high - estimate.low) / 2 for estimate in found])
    return np.array([estimate.estimate for estimate in found]), (half / _quantile(level)) ** 2


def _pool(clusters: Sequence[ClusterCalibration], part: str, level: float) -> RandomEffects | None:
    values, variances = _known(clusters, part, level)
    return random_effects(values, variances, confidence_level=level) if len(values) > 1 else None


def _leave_one_out(clusters: Sequence[ClusterCalibration], level: float) -> tuple[ClusterCalibration, ...]:
    values, variances = _known(clusters, "citl", level)
    if len(values) < 2:
        return tuple(clusters)
    told = zip(*(part.tolist() for part in leave_one_out(values, variances)), strict=True)
    return tuple(cluster if isnan(cluster.citl.estimate) else _told(cluster, *next(told)) for cluster in clusters)


def _told(cluster: ClusterCalibration, without: float, distance: float) -> ClusterCalibration:
    return replace(cluster, citl_without=without, distance=distance)


def _quantile(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri((1 + level) / 2))
