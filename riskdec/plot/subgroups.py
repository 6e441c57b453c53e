"""Drawings of subgroups and of clusters: forest plots of calibration in the large and slope."""

from __future__ import annotations

from math import isnan

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from riskdec._base.table import count, number
from riskdec.diagnostics import CalibrationHeterogeneity, SubgroupReport
from riskdec.diagnostics.groups.cluster_estimates import ClusterCalibration
from riskdec.diagnostics.groups.random_effects import RandomEffects
from riskdec.diagnostics.groups.subgroup_report import SubgroupCalibration
from riskdec.plot.dispatch import draw
from riskdec.plot.forest import ForestLine, draw_forest, draw_panel
from riskdec.plot.style import style

_PANELS = (("calibration in the large", 0.0), ("slope", 1.0))
_LEVEL = 0.05


@draw.register
def draw_subgroups(report: SubgroupReport, ax: Axes | None = None) -> Axes | Figure:
    """Draw calibration in the large and slope of each subgroup below those of all rows.

    Parameters
    ----------
    report : SubgroupReport
        The answer to draw. What Holm's correction leaves as wrong is red.
    ax : matplotlib Axes, optional
        Where to draw calibration in the large alone.

    Returns
    -------
    Axes or Figure
        `ax`, or the new Figure of two panels.
    """
    overall = report.overall
    whole = ForestLine(
        name="all rows", sizes=_events(overall.n_events), estimates=(overall.citl, overall.slope), look="whole"
    )
    lines = (whole, *(_subgroup_line(group) for group in report.subgroups))
    off = sum(group.p_adjusted < _LEVEL for group in report.subgroups)
    title = f"Calibration in {len(report.subgroups)} subgroups; not calibrated after Holm's correction (red): {off}"
    return _draw(lines, ax, title)


@draw.register
def draw_heterogeneity(answer: CalibrationHeterogeneity, ax: Axes | None = None) -> Axes | Figure:
    """Draw calibration in the large and slope of each cluster, their mean, and the interval of a new cluster.

    Parameters
    ----------
    answer : CalibrationHeterogeneity
        The answer to draw; clusters in the order of calibration in the large.
    ax : matplotlib Axes, optional
        Where to draw calibration in the large alone.

    Returns
    -------
    Axes or Figure
        `ax`, or the new Figure of two panels.
    """
    clusters = sorted(answer.clusters, key=lambda one: (isnan(one.citl.estimate), one.citl.estimate))
    lines = [_cluster_line(cluster) for cluster in clusters]
    effects = (answer.citl, answer.slope)
    means = tuple(None if one is None else one.mean for one in effects)
    ahead = tuple(None if one is None else one.prediction for one in effects)
    missing = "not assessable"
    lines.append(ForestLine(name="mean over clusters", sizes="", estimates=means, look="whole", missing=missing))
    lines.append(ForestLine(name="a new cluster", sizes="", estimates=ahead, look="range", missing=missing))
    title = f"Calibration across {count(answer.n_clusters)} clusters; between them: {_taus(answer.citl, answer.slope)}"
    return _draw(tuple(lines), ax, title)


def _draw(lines: tuple[ForestLine, ...], ax: Axes | None, title: str) -> Axes | Figure:
    with style():
        if ax is None:
            return draw_forest(lines, _PANELS, title=title)
        label, right = _PANELS[0]
        draw_panel(ax, lines, 0, label=label, right=right, is_first=True)
        return ax


def _subgroup_line(group: SubgroupCalibration) -> ForestLine:
    report = group.report
    return ForestLine(
        name=f"{group.by}: {group.name}",
        sizes=_events(group.n_events),
        estimates=(None, None) if report is None else (report.citl, report.slope),
        off=group.p_adjusted < _LEVEL,
        missing="not assessable",
    )


def _cluster_line(cluster: ClusterCalibration) -> ForestLine:
    return ForestLine(
        name=cluster.name,
        sizes=_events(cluster.n_events),
        estimates=(cluster.citl, cluster.slope),
        missing="not assessable",
    )


def _events(n_events: int) -> str:
    return f"{count(n_events)} event" + ("" if n_events == 1 else "s")


def _taus(citl: RandomEffects | None, slope: RandomEffects | None) -> str:
    named = (("citl", citl), ("slope", slope))
    parts = [f"sd of {name} {number(one.tau.estimate, 2)}" for name, one in named if one is not None]
    return ", ".join(parts) or "not assessable"
