"""Reliability curves: the event rate observed at each predicted risk, with a band and the risks' histogram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from riskdec._base.findings import Finding, findings_table
from riskdec._base.result import Framed
from riskdec._base.table import Table, count, interval, number, percent

if TYPE_CHECKING:
    from riskdec._base.typing import BoolArray, FloatArray, WeightKind
    from riskdec.diagnostics.curves.bands import Band
    from riskdec.scores.sums import ForecastSums

Method = Literal["isotonic", "lowess", "spline", "binned"]
BandName = Literal["consistency", "pointwise", "simultaneous"]
Scale = Literal["probability", "logit"]

N_BINS = 40
# Below this prevalence, and above its mirror image, curves are looked at on the logit scale.
_RARE = 0.1
# Bins of a logit histogram do not reach beyond this risk and its mirror image.
_OUTERMOST = 1e-6
_SHOWN_QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True, slots=True)
class ReliabilityCurve(Framed):
    """The event rate observed at each predicted risk.

    Above 4,096 distinct forecasts neighbours are pooled to so many points of equal weight: each then stands at the mean
    risk of its rows, with the mean of the exact curve and the outermost limits over them.

    `frame` gives risk, event_rate, low, high, weight, events and rows, one row per point.

    Attributes
    ----------
    method : {"isotonic", "lowess", "spline", "binned"}
        Rising step function (CORP), locally weighted lines, spline of the logit by likelihood, or rates in bins.
    description : str
        The same with its settings, such as the number of knots or of bins.
    band : {"consistency", "pointwise", "simultaneous"} or None
        Where the curve would lie if the risks were right; an interval for the true rate at each risk; a band that holds
        the whole true curve.
    confidence_level : float
        Level of the band.
    risk : ndarray of shape (m,)
        Distinct forecasts, or the mean forecast of each bin; ascending.
    event_rate : ndarray of shape (m,)
        The curve.
    low, high : ndarray of shape (m,) or None
        The band.
    weight, events : ndarray of shape (m,)
        Weight of all rows, and of the rows with the event, at each point.
    rows : ndarray of shape (m,) or None
        Number of rows (of equal weight) that the rate at each point rests on: those of its block or bin; None for
        smooth curves.
    n, n_events : int
        Rows, and rows with the event.
    weight_kind : {"frequency", "importance"}
        What the weights mean.
    scale : {"probability", "logit"}
        The scale to look at: logit where less than a tenth of the rows, or more than nine tenths, hold the event.
    bin_edges : ndarray of shape (k + 1,)
        Edges of a histogram of the risks, equally spaced on `scale`, given as probabilities. Risks beyond the
        outermost edges, such as 0 and 1 on the logit scale, are counted in the outermost bins.
    bin_events, bin_nonevents : ndarray of shape (k,)
        Weight of the rows with and without the event in each bin.
    findings : tuple of Finding
        What the band says beyond itself, such as that no rising curve fits into it.
    """

    method: Method
    description: str
    band: BandName | None
    confidence_level: float
    risk: FloatArray
    event_rate: FloatArray
    low: FloatArray | None
    high: FloatArray | None
    weight: FloatArray
    events: FloatArray
    rows: FloatArray | None
    n: int
    n_events: int
    weight_kind: WeightKind
    scale: Scale
    bin_edges: FloatArray
    bin_events: FloatArray
    bin_nonevents: FloatArray
    findings: tuple[Finding, ...] = ()

    @property
    def is_uninformative(self) -> BoolArray | None:
        """Where an interval is wider than both risk and rate, or wider than both of their complements.

        None without a band, and for the consistency band, which is no interval.
        """
        if self.low is None or self.high is None or self.band == "consistency":
            return None
        of_event, of_other = np.maximum(self.risk, self.event_rate), 1 - np.minimum(self.risk, self.event_rate)
        uninformative: BoolArray = self.high - self.low > np.minimum(of_event, of_other)
        return uninformative

    def _headline(self) -> str:
        band = "no band" if self.band is None else f"{self.band} band"
        return f"{self.method}, {band}, {len(self.risk)} points, n={self.n}"

    def summary(self) -> Table:
        """Give the curve at quantiles of the predicted risk, or in each bin."""
        if self.method == "binned":
            places = list(range(len(self.risk)))
            first = [str(place + 1) for place in places]
        else:
            up_to = np.cumsum(self.weight) / self.weight.sum()
            last = len(self.risk) - 1
            places = [min(int(np.searchsorted(up_to, share)), last) for share in _SHOWN_QUANTILES]
            first = [percent(share, 0) for share in _SHOWN_QUANTILES]
        header = ["bin" if self.method == "binned" else "rows up to here", "risk", "event rate"]
        if self.rows is not None:
            header.append("from rows")
        if self.band is not None:
            header.append(f"{100 * self.confidence_level:g} % {self.band} band")
        title = f"Reliability curve ({self.description}): {count(self.n)} rows, {count(self.n_events)} events"
        rows = tuple((name, *self._row(at)) for name, at in zip(first, places, strict=True))
        sections = (findings_table(self.findings),) if self.findings else ()
        return Table(title=title, header=tuple(header), rows=rows, notes=self._notes(), sections=sections)

    def _row(self, at: int) -> tuple[str, ...]:
        row = [number(self.risk[at], 3), number(self.event_rate[at], 3)]
        if self.rows is not None:
            row.append(count(round(float(self.rows[at]), 1)))
        if self.low is not None and self.high is not None:
            pale = self.is_uninformative
            row.append(interval(self.low[at], self.high[at], 3) + ("" if pale is None or not pale[at] else " *"))
        return tuple(row)

    def _notes(self) -> tuple[str, ...]:
        pale = self.is_uninformative
        if pale is None or not pale.any():
            return ()
        return ("* Uninformative: the interval is wider than risk and event rate, or than both of their complements.",)

    def _columns(self) -> dict[str, Any]:
        nothing = np.full(len(self.risk), np.nan)
        return {
            "risk": self.risk,
            "event_rate": self.event_rate,
            "low": nothing if self.low is None else self.low,
            "high": nothing if self.high is None else self.high,
            "weight": self.weight,
            "events": self.events,
            "rows": nothing if self.rows is None else self.rows,
        }

    def to_dict(self) -> dict[str, Any]:
        """Give all fields as plain numbers, text and lists."""
        return self._plain_fields("findings") | {"findings": [finding.to_dict() for finding in self.findings]}


class CurvePoints(NamedTuple):
    """What one method says at each point, before the rest of a curve is put around it."""

    description: str
    risk: FloatArray
    event_rate: FloatArray
    band: Band | None
    weight: FloatArray
    events: FloatArray
    rows: FloatArray | None


def finish_curve(
    sums: ForecastSums,
    found: CurvePoints,
    *,
    method: Method,
    band: BandName | None,
    confidence_level: float,
    weight_kind: WeightKind,
) -> ReliabilityCurve:
    """Put histograms, scale and findings around the points of a curve."""
    scale: Scale = "probability" if _RARE <= sums.prevalence <= 1 - _RARE else "logit"
    edges = _bin_edges(sums.risk, scale)
    inside = np.clip(sums.risk, edges[0], edges[-1])
    return ReliabilityCurve(
        method=method,
        description=found.description,
        band=band,
        confidence_level=confidence_level,
        risk=found.risk,
        event_rate=found.event_rate,
        low=None if found.band is None else found.band.low,
        high=None if found.band is None else found.band.high,
        weight=found.weight,
        events=found.events,
        rows=found.rows,
        n=sums.n,
        n_events=sums.n_events,
        weight_kind=weight_kind,
        scale=scale,
        bin_edges=edges,
        bin_events=np.histogram(inside, edges, weights=sums.events)[0],
        bin_nonevents=np.histogram(inside, edges, weights=sums.nonevents)[0],
        findings=() if found.band is None or method != "isotonic" else _crossings(found),
    )


def _crossings(found: CurvePoints) -> tuple[Finding, ...]:
    """Tell of a band whose lower limit lies above its upper one: no rising curve fits into it."""
    band = found.band
    if band is None or not (band.low > band.high).any():
        return ()
    crossed = found.risk[band.low > band.high]
    sentence = (
        f"Between the risks {number(crossed[0], 3)} and {number(crossed[-1], 3)} no rising curve fits into the band: "
        "there the event rate falls as the risk rises."
    )
    todo = "Look at a curve that may fall (method='lowess' or 'spline'); a monotone recalibration cannot repair this."
    return (Finding(code="RD212", severity="issue", sentence=sentence, todo=todo),)


def _bin_edges(risk: FloatArray, scale: Scale) -> FloatArray:
    from scipy.special import expit, logit

    inner = risk[(risk > 0) & (risk < 1)]
    if scale == "probability" or not len(inner):
        return np.linspace(0, 1, N_BINS + 1)
    low, high = logit(np.clip(inner[[0, -1]], _OUTERMOST, 1 - _OUTERMOST))
    if high - low < 1e-6:
        low, high = low - 0.5, high + 0.5
    return np.asarray(expit(np.linspace(low, high, N_BINS + 1)), dtype=np.float64)
