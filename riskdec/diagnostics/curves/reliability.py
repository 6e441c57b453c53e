"""The public reliability curve: checks, then one curve with one band."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riskdec._base.checks import check_integer, check_level, check_option, check_rng, refuse
from riskdec._base.frames import frame_kind
from riskdec._base.result import with_frame_kind
from riskdec.diagnostics.curves.bands import consistency_band
from riskdec.diagnostics.curves.binned_curve import N_BINS, BinnedStatistic, bin_risks, binned_band
from riskdec.diagnostics.curves.curves import CurvePoints, finish_curve
from riskdec.diagnostics.curves.isotonic_curve import IsotonicStatistic, make_curve
from riskdec.diagnostics.curves.lowess import LowessStatistic
from riskdec.diagnostics.curves.spline_curve import SplineStatistic, fit_spline, spline_band
from riskdec.diagnostics.draws import MAX_POINTS, cluster_rows, pool_neighbours, resample
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from collections.abc import Sequence

    from riskdec._base.typing import ArrayLike, FloatArray, RngLike, WeightKind
    from riskdec.diagnostics.curves.binned_curve import IntervalName
    from riskdec.diagnostics.curves.curves import BandName, Method, ReliabilityCurve
    from riskdec.diagnostics.draws import MakeStatistic
    from riskdec.scores.forecasts import Forecasts
    from riskdec.scores.sums import ForecastSums

_METHODS: tuple[Method, ...] = ("isotonic", "lowess", "spline", "binned")
_BANDS: tuple[BandName | None, ...] = ("consistency", "pointwise", "simultaneous", None)
# Which bands a method has; all of them have one under calibration.
_MORE_BANDS: dict[Method, tuple[BandName, ...]] = {
    "isotonic": ("pointwise", "simultaneous"),
    "lowess": (),
    "spline": ("pointwise",),
    "binned": ("pointwise", "simultaneous"),
}


class _Wanted(NamedTuple):
    method: Method
    band: BandName | None
    level: float
    n_resamples: int
    n_bins: int
    interval: IntervalName
    rng: np.random.Generator


def reliability_curve(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    method: Method = "isotonic",
    band: BandName | None = "consistency",
    n_bins: int | None = None,
    interval: IntervalName | None = None,
    sample_weight: ArrayLike | None = None,
    weight_kind: WeightKind = "frequency",
    groups: ArrayLike | None = None,
    event: object = None,
    confidence_level: float = 0.95,
    n_resamples: int = 200,
    rng: RngLike = None,
) -> ReliabilityCurve:
    """Estimate the event rate at each predicted risk, with a band.

    Parameters
    ----------
    y_true : array-like of shape (n,)
        Observed outcomes, two labels at most.
    y_proba : array-like of shape (n,) or (n, 2)
        Risk of the event, not fitted on these rows.
    method : {"isotonic", "lowess", "spline", "binned"}
        "isotonic": rising step function (CORP), nothing to choose. "lowess": locally weighted lines over two thirds of
        the rows, as rms draws them. "spline": logistic regression on a restricted cubic spline of the logit with four
        knots, by likelihood. "binned": event rates in bins of about equal numbers of rows, for those who insist.
    band : {"consistency", "pointwise", "simultaneous"} or None
        "consistency": where the curve would lie at each risk if every risk were right; every method has it.
        "pointwise": an interval for the true rate at each risk. Isotonic: at levels 0.90, 0.95 and 0.99; it assumes a
        rising curve without jumps. Spline: Wald on the logit scale, robust with importance weights and groups, without
        allowance for smoothing bias. Binned: an interval for the mean true rate of each bin.
        "simultaneous": holds the whole true curve at once, whatever the number of rows. Isotonic: if that rises; wide.
        Binned: all bins at once. All but the spline's need independent rows, and those that count events (binned,
        simultaneous) have no meaning with importance weights: they are then refused.
    n_bins : int, optional
        Number of bins of "binned", 10 by default; equal risks stay together, so ties may leave fewer.
    interval : {"clopper-pearson", "wilson"}, optional
        Interval of "binned": exact, the default, or narrower and right on average.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers) or makes one row more or less important.
    groups : array-like of shape (n,), optional
        Group of each row, where rows of a group depend on each other: the consistency band then moves the residuals of
        a group together, and the spline's intervals are cluster-robust.
    event : object, optional
        The label whose probability is the risk; 1 or True by default.
    confidence_level : float
        Level of the band.
    n_resamples : int
        Number of draws behind the consistency band.
    rng : int, Generator or None
        Seed or generator of the draws.

    Returns
    -------
    ReliabilityCurve

    Raises
    ------
    InputError
        For invalid outcomes, risks or weights, and for a band that has no meaning for these data.

    References
    ----------
    Dimitriadis T, Gneiting T, Jordan AI (2021). Stable reliability diagrams for probabilistic classifiers. PNAS
    118(8). doi:10.1073/pnas.2016191118

    Examples
    --------
    >>> curve = reliability_curve([0, 1, 0, 1], [0.1, 0.3, 0.4, 0.9], rng=0)
    >>> curve.event_rate
    array([0. , 0.5, 0.5, 1. ])
    """
    check_option(method, _METHODS, name="method")
    check_option(band, _BANDS, name="band")
    given = check_forecasts(
        y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event
    )
    _check_band(band, method, given)
    wanted = _Wanted(
        method=method,
        band=band,
        level=check_level(confidence_level),
        n_resamples=check_integer(n_resamples, name="n_resamples", low=1),
        n_bins=_check_bins(n_bins, method),
        interval=_check_interval(interval, method, band),
        rng=check_rng(rng),
    )
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    curve = _isotonic(sums, given, wanted) if method == "isotonic" else _other(sums, given, wanted)
    return with_frame_kind(curve, frame_kind(y_true, y_proba))


def _isotonic(sums: ForecastSums, given: Forecasts, wanted: _Wanted) -> ReliabilityCurve:
    # The isotonic statistic leads with the miscalibration.
    levels = [drawn[:, 1:] for drawn in _draw(sums, given, wanted, IsotonicStatistic)]
    return make_curve(
        sums,
        levels,
        band=wanted.band,
        confidence_level=wanted.level,
        weight_kind=given.weight_kind,
    )


def _other(sums: ForecastSums, given: Forecasts, wanted: _Wanted) -> ReliabilityCurve:
    make_points = {"lowess": _lowess, "spline": _spline, "binned": _binned}[wanted.method]
    return finish_curve(
        sums,
        make_points(sums, given, wanted),
        method=wanted.method,
        band=wanted.band,
        confidence_level=wanted.level,
        weight_kind=given.weight_kind,
    )


def _lowess(sums: ForecastSums, given: Forecasts, wanted: _Wanted) -> CurvePoints:
    levels = _draw(sums, given, wanted, LowessStatistic)
    points = pool_neighbours(sums, MAX_POINTS)
    band = consistency_band(levels, wanted.level) if wanted.band == "consistency" else None
    rate = levels[0][0].copy()
    return CurvePoints("lowess, span 2/3", points.risk, rate, band, points.weight, points.events, None)


def _spline(sums: ForecastSums, given: Forecasts, wanted: _Wanted) -> CurvePoints:
    fitted = fit_spline(sums, given)
    points = pool_neighbours(sums, MAX_POINTS)
    band = None
    if wanted.band == "consistency":
        drawn = _draw(sums, given, wanted, partial(SplineStatistic, knots=fitted.knots))
        band = consistency_band(drawn, wanted.level)
    elif wanted.band == "pointwise":
        band = spline_band(fitted, sums, wanted.level)
    return CurvePoints(fitted.description, points.risk, fitted.rate, band, points.weight, points.events, None)


def _binned(sums: ForecastSums, given: Forecasts, wanted: _Wanted) -> CurvePoints:
    bins = bin_risks(sums, wanted.n_bins)
    band = None
    if wanted.band == "consistency":
        drawn = _draw(sums, given, wanted, partial(BinnedStatistic, n_bins=wanted.n_bins))
        band = consistency_band(drawn, wanted.level)
    elif wanted.band is not None:
        band = binned_band(bins, wanted.interval, wanted.level, simultaneous=wanted.band == "simultaneous")
    n_used = len(bins.risk)
    ties = "" if n_used == wanted.n_bins else f" ({wanted.n_bins} asked for)"
    words = f"{n_used} bin{'s' if n_used > 1 else ''}{ties}"
    rows = bins.weight if given.weight_kind == "frequency" else None
    return CurvePoints(words, bins.risk, bins.events / bins.weight, band, bins.weight, bins.events, rows)


def _draw(sums: ForecastSums, given: Forecasts, wanted: _Wanted, statistic: MakeStatistic) -> Sequence[FloatArray]:
    """Give sets of curves of drawn outcomes, the observed one at place 0 of each; it alone without such a band."""
    draws = resample(
        sums,
        (statistic,),
        () if given.groups is None else (statistic,),
        clusters=cluster_rows(given),
        n_resamples=wanted.n_resamples if wanted.band == "consistency" else 0,
        rng=wanted.rng,
    )
    drawn = (*draws.null.values(), *draws.noise.values())
    return [np.vstack([draws.observed[statistic], curves[1:]]) for curves in drawn]


def _check_band(band: BandName | None, method: Method, given: Forecasts) -> None:
    if band in (None, "consistency"):
        return
    cure = "Use band='consistency' or band=None."
    if band not in _MORE_BANDS[method]:
        raise refuse("band", f"be {_known_bands(method)} for method={method!r}", repr(band), cure)
    if given.groups is not None and method != "spline":
        rule = "be 'consistency' or None when rows come in groups, because it takes rows for independent"
        raise refuse("band", rule, repr(band), cure + " method='spline' has a cluster-robust pointwise band.")
    if given.weight_kind == "importance" and (band == "simultaneous" or method == "binned"):
        rule = f"not be {band!r} with importance weights, because it counts rows"
        raise refuse("band", rule, repr(band), "Use band='consistency', or method='spline' with band='pointwise'.")


def _known_bands(method: Method) -> str:
    known = ["'consistency'", *map(repr, _MORE_BANDS[method])]
    return f"{', '.join(known)} or None"


def _check_bins(n_bins: int | None, method: Method) -> int:
    if n_bins is not None and method != "binned":
        raise refuse("n_bins", f"be left out for method={method!r}", repr(n_bins), "Only method='binned' has bins.")
    return N_BINS if n_bins is None else check_integer(n_bins, name="n_bins", low=1)


def _check_interval(interval: IntervalName | None, method: Method, band: BandName | None) -> IntervalName:
    if interval is None:
        return "clopper-pearson"
    check_option(interval, ("clopper-pearson", "wilson"), name="interval")
    if method != "binned" or band not in ("pointwise", "simultaneous"):
        rule = "be left out unless method='binned' has a pointwise or simultaneous band"
        raise refuse("interval", rule, repr(interval))
    return interval
