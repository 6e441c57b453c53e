"""The public reliability curve: checks, then one curve with one band."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskdec._base.checks import check_integer, check_level, check_option, check_rng, refuse
from riskdec._base.frames import frame_kind
from riskdec.diagnostics.curves import IsotonicStatistic, LowessStatistic, make_curve
from riskdec.diagnostics.draws import cluster_rows, resample
from riskdec.scores.forecasts import check_forecasts
from riskdec.scores.sums import sum_by_forecast

if TYPE_CHECKING:
    from riskdec._base.typing import ArrayLike, RngLike, WeightKind
    from riskdec.diagnostics.curves import BandName, Method, ReliabilityCurve
    from riskdec.diagnostics.draws import MakeStatistic
    from riskdec.scores.forecasts import Forecasts


def reliability_curve(
    y_true: ArrayLike,
    y_proba: ArrayLike,
    *,
    method: Method = "isotonic",
    band: BandName | None = "consistency",
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
    method : {"isotonic", "lowess"}
        Rising step function (CORP), or locally weighted lines over two thirds of the rows, as rms draws them.
    band : {"consistency", "pointwise", "simultaneous"} or None
        "consistency": where the curve would lie at each risk if every risk were right. "pointwise": an interval for
        the true rate at each risk, at levels 0.90, 0.95 and 0.99; it assumes a rising curve without jumps, and
        independent rows. "simultaneous": holds the whole true curve at once for every number of rows, if that rises;
        wide; for counts of independent rows only. The last two belong to the isotonic curve.
    sample_weight : array-like of shape (n,), optional
        Non-negative row weights.
    weight_kind : {"frequency", "importance"}
        Whether a weight counts rows (whole numbers) or makes one row more or less important.
    groups : array-like of shape (n,), optional
        Group of each row, where rows of a group depend on each other: the consistency band then moves the residuals of
        a group together.
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
    check_option(method, ("isotonic", "lowess"), name="method")
    check_option(band, ("consistency", "pointwise", "simultaneous", None), name="band")
    given = check_forecasts(
        y_true, y_proba, sample_weight=sample_weight, weight_kind=weight_kind, groups=groups, event=event
    )
    level = check_level(confidence_level)
    n_resamples = check_integer(n_resamples, name="n_resamples", low=1)
    generator = check_rng(rng)
    _check_band(band, method, given)
    sums = sum_by_forecast(given.risk, given.is_event, given.weight, kind=given.weight_kind)
    statistic: MakeStatistic = IsotonicStatistic if method == "isotonic" else LowessStatistic
    draws = resample(
        sums,
        (statistic,),
        () if given.groups is None else (statistic,),
        clusters=cluster_rows(given),
        n_resamples=n_resamples if band == "consistency" else 0,
        rng=generator,
    )
    # The isotonic statistic leads with the miscalibration.
    skipped = 1 if method == "isotonic" else 0
    levels = [drawn[:, skipped:] for drawn in (*draws.null.values(), *draws.noise.values())]
    return make_curve(
        sums,
        levels,
        method=method,
        band=band,
        confidence_level=level,
        weight_kind=given.weight_kind,
        frame_kind=frame_kind(y_true, y_proba),
    )


def _check_band(band: BandName | None, method: Method, given: Forecasts) -> None:
    if band in (None, "consistency"):
        return
    cure = "Use band='consistency' or band=None."
    if method != "isotonic":
        raise refuse("band", f"be 'consistency' or None for method={method!r}", repr(band), cure)
    if given.groups is not None:
        raise refuse("band", "be 'consistency' or None when rows come in groups", repr(band), cure)
    if band == "simultaneous" and given.weight_kind == "importance":
        rule = "not be 'simultaneous' with importance weights, because it counts rows"
        raise refuse("band", rule, repr(band), "Use band='consistency' or band='pointwise'.")
