"""`calibration_heterogeneity`: how much calibration differs from place to place, and what a new place may see."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np

from riskdec._base.checks import check_level, refuse
from riskdec._base.findings import findings_table
from riskdec._base.frames import frame_kind
from riskdec._base.result import Framed, Report, jsonable
from riskdec._base.table import Table, count, number, p_value, percent
from riskdec.diagnostics.groups.cluster_estimates import ClusterCalibration, estimate_clusters
from riskdec.diagnostics.groups.heterogeneity_findings import about_clusters
from riskdec.diagnostics.slopes.slope import limits_text, value_text
from riskdec.scores.forecasts import check_forecasts

if TYPE_CHECKING:
    from riskdec._base.findings import Finding
    from riskdec._base.typing import ArrayLike
    from riskdec.diagnostics.groups.random_effects import RandomEffects


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class CalibrationHeterogeneity(Framed, Report):
    """How calibration differs between clusters.

    `frame` gives one row per cluster: counts, means, citl, slope, and the mean citl without it.

    Attributes
    ----------
    n, n_clusters : int
        Rows and clusters.
    event : str
        The label that means the event.
    clusters : tuple of ClusterCalibration
        In the order of their labels.
    citl, slope : RandomEffects or None
        Mean over clusters, spread between them, and the interval for a new cluster; None with fewer than two
        clusters that can be assessed.
    findings : tuple of Finding
        What all this means, most serious first in the summary.
    confidence_level : float
        Level of all intervals.
    """

    n: int
    n_clusters: int
    event: str
    clusters: tuple[ClusterCalibration, ...]
    citl: RandomEffects | None
    slope: RandomEffects | None
    findings: tuple[Finding, ...]
    confidence_level: float

    def _headline(self) -> str:
        if self.citl is None:
            return f"n={self.n}, {self.n_clusters} clusters, too few to compare"
        tau = number(self.citl.tau.estimate, 3)
        return f"n={self.n}, {self.n_clusters} clusters, citl {number(self.citl.mean.estimate, 3)}, tau {tau}"

    def summary(self) -> Table:
        """Give the random-effects figures, one line per cluster, and the findings as tables."""
        level = f"{100 * self.confidence_level:g} % interval"
        rows = tuple(_cluster_row(cluster) for cluster in self.clusters)
        header = ("", "rows", "events", "predicted", "observed", "citl", level, "slope", level, "citl without it")
        each = Table(
            title="Clusters",
            header=header,
            rows=rows,
            notes=("Firth estimates, which exist for every cluster; the last column leaves the cluster out.",),
        )
        return Table(
            title=f"Calibration across {count(self.n_clusters)} clusters (label {self.event})",
            header=("", "mean over clusters", level, "between clusters: sd", level, "a new cluster", "p (alike)"),
            rows=tuple(
                _effects_row(name, effects)
                for name, effects in (("citl", self.citl), ("slope", self.slope))
                if effects is not None
            ),
            notes=("Mean: Hartung-Knapp. A new cluster: prediction interval of its true value.",),
            sections=(each, findings_table(self.findings)),
        )

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {"cluster": [cluster.name for cluster in self.clusters]}
        for name in ("n", "n_events", "expected", "mean_risk", "prevalence"):
            columns[name] = np.array([getattr(cluster, name) for cluster in self.clusters])
        for name in ("citl", "slope"):
            for part in ("estimate", "low", "high"):
                values = [getattr(getattr(cluster, name), part) for cluster in self.clusters]
                columns[name if part == "estimate" else f"{name}_{part}"] = np.array(values)
        columns["citl_without"] = np.array([cluster.citl_without for cluster in self.clusters])
        return columns

    def to_dict(self) -> dict[str, Any]:
        """Give every figure as plain numbers and text; what does not exist is None."""
        return {
            "n": self.n,
            "n_clusters": self.n_clusters,
            "event": self.event,
            "clusters": [cluster.to_dict() for cluster in self.clusters],
            "citl": None if self.citl is None else self.citl.to_dict(),
            "slope": None if self.slope is None else self.slope.to_dict(),
            "findings": [finding.to_dict() for finding in self.findings],
            "confidence_level": jsonable(self.confidence_level),
        }


def calibration_heterogeneity(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    groups: ArrayLike,
    sample_weight: ArrayLike | None = None,
    event: object = None,
    confidence_level: float = 0.95,
) -> CalibrationHeterogeneity:
    """Say how much the calibration of risks differs between clusters such as hospitals, and what a new one may see.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels at most.
    y_proba : array-like of shape (n,) or (n, 2)
        Risk of the event, not fitted on these rows, strictly between 0 and 1.
    groups : array-like of shape (n,)
        The cluster of each row: places, of which these are a sample. Rows of one cluster are taken as independent
        given the cluster. For named subgroups about which you ask one by one use `diagnose_subgroups`.
    sample_weight : array-like of shape (n,), optional
        How many rows each row stands for: whole numbers.
    event : object, optional
        The label whose probability is the risk; 1 or True by default.
    confidence_level : float
        Level of all intervals.

    Returns
    -------
    CalibrationHeterogeneity
        Calibration in the large and slope of each cluster, their mean, their spread, the prediction interval of a new
        cluster, and the mean without each cluster.

    Raises
    ------
    InputError
        As `diagnose`; for one cluster only, and for risks of exactly 0 or 1.

    Notes
    -----
    Two steps. In each cluster calibration in the large and slope by Firth's likelihood, which is finite without events
    too: clusters are left out for few *expected* events or non-events (5 for calibration in the large, 10 for the
    slope), never for what was seen. Then random effects: Paule-Mandel, Hartung-Knapp, and a prediction interval with
    k - 2 degrees of freedom. Steep slopes have large standard errors and count for less, so the mean slope is a little
    low: about 0.98 instead of 1 in 30 clusters of 100 events each.

    References
    ----------
    Riley RD, Ensor J, Snell KIE, Debray TPA, Altman DG, Moons KGM, Collins GS (2016). External validation of clinical
    prediction models using big datasets from e-health records or IPD meta-analysis. BMJ 353:i3140.

    Examples
    --------
    >>> y, risk, ward = [0, 1, 0, 1, 1] * 60, [0.2, 0.3, 0.5, 0.6, 0.8] * 60, ["a", "b", "c"] * 100
    >>> calibration_heterogeneity(y, risk, groups=ward)
    <CalibrationHeterogeneity: n=300, 3 clusters, citl 0.588, tau 0>
    """
    if groups is None:
        raise refuse("groups", "name the cluster of each row", "None")
    given = check_forecasts(y_true, y_proba, sample_weight=sample_weight, groups=groups, event=event)
    certain = (given.risk == 0) | (given.risk == 1)
    if certain.any():
        got = f"{int(certain.sum())} of {len(certain)} risks of exactly 0 or 1, which have no logit"
        raise refuse("y_proba", "lie strictly between 0 and 1", got, "Clip them yourself and state the value.")
    level = check_level(confidence_level)
    names = np.unique(np.asarray(groups)[_kept(sample_weight, len(np.asarray(groups)))])
    clusters, citl, slope = estimate_clusters(given, [str(name) for name in names.tolist()], confidence_level=level)
    return CalibrationHeterogeneity(
        n=sum(cluster.n for cluster in clusters),
        n_clusters=len(clusters),
        event=str(given.event),
        clusters=clusters,
        citl=citl,
        slope=slope,
        findings=about_clusters(clusters, citl, slope),
        confidence_level=level,
        frame_kind=frame_kind(y_true, y_proba, groups),
    )


def _kept(sample_weight: object, n: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.ones(n, bool) if sample_weight is None else np.broadcast_to(np.asarray(sample_weight) > 0, n)


def _effects_row(name: str, effects: RandomEffects) -> tuple[str, ...]:
    ahead = "not assessable" if isnan(effects.prediction.low) else limits_text(effects.prediction)
    return (
        f"{name} ({effects.n_groups} clusters)",
        value_text(effects.mean),
        limits_text(effects.mean),
        number(effects.tau.estimate, 3),
        limits_text(effects.tau),
        ahead,
        p_value(effects.p_value),
    )


def _cluster_row(cluster: ClusterCalibration) -> tuple[str, ...]:
    without = "" if isnan(cluster.citl_without) else number(cluster.citl_without, 3)
    return (
        cluster.name,
        count(cluster.n),
        count(cluster.n_events),
        percent(cluster.mean_risk),
        percent(cluster.prevalence),
        value_text(cluster.citl),
        limits_text(cluster.citl),
        value_text(cluster.slope),
        limits_text(cluster.slope),
        without,
    )
