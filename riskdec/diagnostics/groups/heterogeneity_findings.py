"""What a comparison of clusters says in words."""

from __future__ import annotations

from math import exp, isnan
from typing import TYPE_CHECKING

from riskdec._base.findings import Finding, sort_findings
from riskdec._base.table import interval, number, p_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.result import Estimate
    from riskdec._base.typing import Severity
    from riskdec.diagnostics.groups.cluster_estimates import ClusterCalibration
    from riskdec.diagnostics.groups.random_effects import RandomEffects

# Fewer clusters say little about the spread between them.
_FEW_CLUSTERS = 10
# A shift of the log-odds, and a departure of a slope from 1, that change risks by about a tenth.
_NOTICEABLE = 0.1
_SHOWN = 6
# Of normal clusters one in 400 stands so far from the others.
_FAR = 3.0


def about_clusters(
    clusters: Sequence[ClusterCalibration], citl: RandomEffects | None, slope: RandomEffects | None
) -> tuple[Finding, ...]:
    """Say what holds on average over clusters, how they differ, and what a new one may see."""
    findings = [
        *_mean("calibration in the large", "RD201", citl, 0.0),
        *_mean("the slope", "RD202", slope, 1.0),
        *_spread(citl, slope),
        *_influence(clusters, citl),
        *_left_out(clusters),
        *_few(citl),
    ]
    return sort_findings(findings)


def _mean(what: str, code: str, effects: RandomEffects | None, right: float) -> list[Finding]:
    if effects is None or effects.mean.low <= right <= effects.mean.high:
        return []
    severity: Severity = "issue" if abs(effects.mean.estimate - right) >= _NOTICEABLE else "caution"
    sentence = f"On average over clusters {what} is {_phrase(effects.mean)}; {number(right)} is right."
    return [Finding(code=code, severity=severity, sentence=sentence, todo="Recalibrate, on clusters of the same kind.")]


def _spread(citl: RandomEffects | None, slope: RandomEffects | None) -> list[Finding]:
    if citl is None:
        return []
    ahead = ""
    if not isnan(citl.prediction.low):
        ahead = (
            f" In a new cluster of this kind calibration in the large is expected between "
            f"{number(citl.prediction.low, 3)} and {number(citl.prediction.high, 3)}, odds wrong by a factor between "
            f"{number(exp(citl.prediction.low), 3)} and {number(exp(citl.prediction.high), 3)}."
        )
    differs = [
        f"{name} (standard deviation {_phrase(effects.tau)}, p = {p_value(effects.p_value)})"
        for name, effects in (("calibration in the large", citl), ("slope", slope))
        if effects is not None and effects.p_value < 0.05
    ]
    if differs:
        sentence = f"Clusters differ beyond chance in {' and in '.join(differs)}.{ahead}"
        severity: Severity = "issue" if citl.tau.estimate >= _NOTICEABLE else "caution"
        todo = "An intercept for each cluster repairs the average there; a new cluster needs rows of its own first."
        return [Finding(code="RD227", severity=severity, sentence=sentence, todo=todo)]
    sentence = f"No difference between clusters beyond chance was found (tau {_phrase(citl.tau)}).{ahead}"
    return [Finding(code="RD227", severity="good", sentence=sentence)]


def _influence(clusters: Sequence[ClusterCalibration], citl: RandomEffects | None) -> list[Finding]:
    told = [cluster for cluster in clusters if abs(cluster.distance) >= _FAR]
    if citl is None or citl.n_groups < 4 or not told:
        return []
    most = max(told, key=lambda cluster: abs(cluster.distance))
    sentence = (
        f"{most.name} stands apart from the other clusters ({number(abs(most.distance), 3)} standard deviations): "
        f"without it the mean of calibration in the large is {number(most.citl_without, 3)} instead of "
        f"{number(citl.mean.estimate, 3)}."
    )
    return [Finding(code="RD227", severity="caution", sentence=sentence, todo="Look at this cluster by itself.")]


def _left_out(clusters: Sequence[ClusterCalibration]) -> list[Finding]:
    small = [cluster.name for cluster in clusters if isnan(cluster.citl.estimate)]
    if not small:
        return []
    shown = ", ".join(small[:_SHOWN]) + (", ..." if len(small) > _SHOWN else "")
    sentence = (
        f"{len(small)} of {len(clusters)} clusters expect too few events or non-events and are left out: {shown}."
    )
    todo = "That they are small may be no accident: do not conclude about them from the others."
    return [Finding(code="RD226", severity="caution", sentence=sentence, todo=todo)]


def _few(citl: RandomEffects | None) -> list[Finding]:
    if citl is None:
        sentence = "Fewer than two clusters can be assessed: differences between them are not assessable."
        return [Finding(code="RD207", severity="not applicable", sentence=sentence)]
    if citl.n_groups >= _FEW_CLUSTERS:
        return []
    sentence = f"{citl.n_groups} clusters say little about the spread between clusters: read its interval."
    return [Finding(code="RD227", severity="caution", sentence=sentence)]


def _phrase(estimate: Estimate) -> str:
    return f"{number(estimate.estimate, 3)}, {interval(estimate.low, estimate.high, 3)}"
